"""The reserve on scenarios of others and on the options of its own: the figures move, the identities hold."""

import pytest

from tasks.scenario_files import import_set
from tests.support.pipeline import HORIZON, Lab
from tests.support.scenario_files import EQUITY_FILES, monthly_factors, write

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]

CHARGES = ("real_world", "asset_charges")
"""A figure of the real-world basis that no floor holds."""


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    lab = Lab(tmp_path_factory.mktemp("options"), contracts_per_partition=50)
    lab.daily()
    return lab


def summary(lab, outcome):
    found = lab.opened(outcome)
    assert found.manifest.checks
    assert not found.manifest.failed
    rows = found.table("reserve_summary").to_pylist()
    return found, {(row["basis"], row["measure"]): row for row in rows}


@pytest.fixture(scope="module")
def default(lab):
    return summary(lab, lab.reserve())[1]


def test_an_imported_set_takes_the_place_of_the_real_world_one(lab, default, tmp_path):
    files = write(tmp_path, monthly_factors(48, 12 * HORIZON), (*EQUITY_FILES, "bonds", "rate_0.25"))
    import_set(lab.storage, "academy", files, layout="period")
    found, got = summary(lab, lab.reserve(scenario_set="academy"))
    fair = ("risk_neutral", "fair_value_guarantee")
    assert got[fair] == default[fair]
    assert got[CHARGES]["value"] != default[CHARGES]["value"]
    scenarios = {row["scenario"] for row in found.table("reserve_scenario").to_pylist() if row["basis"] == "real_world"}
    assert scenarios == set(range(48))
    names = [one.name for one in found.manifest.inputs.inputs if one.dataset == "scenario_file"]
    assert names == [f"{name}.csv" for name in (*EQUITY_FILES, "bonds", "rate_0.25")]
    assert any(row["check"].startswith("real_world: calibration") for row in found.table("scenario_checks").to_pylist())


@pytest.mark.parametrize(
    "changes, moved",
    [
        ({"sampling": "sobol", "risk_neutral_scenarios": 64, "tile_lanes": 32}, "risk_neutral"),
        ({"martingale_correction": True, "risk_neutral_scenarios": 64, "tile_lanes": 32}, "risk_neutral"),
        ({"real_world_rates": "academy"}, "real_world"),
    ],
    ids=["sobol", "correction", "academy"],
)
def test_an_option_moves_its_own_basis_alone(lab, default, changes, moved):
    before = lab.settings
    try:
        lab.with_settings(contracts_per_partition=50, **changes)
        _, got = summary(lab, lab.reserve())
    finally:
        lab.settings = before
    keys = {"risk_neutral": ("risk_neutral", "fair_value_guarantee"), "real_world": CHARGES}
    for basis, key in keys.items():
        assert (got[key]["value"] == default[key]["value"]) == (basis != moved)
    assert got[keys["risk_neutral"]]["standard_error"] > 0.0


def test_fund_basis_risk_and_quotes_move_the_fair_value(lab, default, tmp_path):
    key, before = ("risk_neutral", "fair_value_guarantee"), lab.settings
    try:
        lab.with_settings(contracts_per_partition=50, fund_basis_volatility=0.05)
        _, got = summary(lab, lab.reserve())
    finally:
        lab.settings = before
    assert got[key]["value"] != default[key]["value"]
    path = tmp_path / "vols.csv"
    path.write_text("index,years,volatility\nlarge_equity,1,0.6\nlarge_equity,5,0.55\n")
    found, quoted = summary(lab, lab.reserve(volatilities=str(path)))
    assert quoted[key]["value"] != default[key]["value"]
    assert "volatilities" in {one.dataset for one in found.manifest.inputs.inputs}
