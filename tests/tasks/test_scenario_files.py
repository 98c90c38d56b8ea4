"""Scenario sets of others: files in, set kept with its provenance, tiles out."""

import json
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from flows import cli
from infra.storage import Storage
from tasks.market import market_of
from tasks.scenario_files import UnknownSet, files_by_index, import_set, stored_model
from tasks.scenarios import set_of
from tests.support.scenario_files import EQUITY_FILES, monthly_factors, write
from valuation.scenarios.grid import months
from valuation.scenarios.growth import FileProblem
from valuation.scenarios.sets import build_tile, scenario_set
from valuation.sessions import day_number, valuation_days

AS_OF = day_number(date(2008, 10, 31))
DAYS = np.asarray(valuation_days(date(2008, 11, 1), date(2010, 10, 29)))
FACTORS = monthly_factors(48, 24)
NAMES = (*EQUITY_FILES, "bonds", "rate_0.25")


@pytest.fixture
def storage(tmp_path: Path) -> Storage:
    return Storage((tmp_path / "store").as_uri())


@pytest.fixture
def files(tmp_path: Path) -> dict[str, str]:
    return write(tmp_path, FACTORS, NAMES)


def test_a_set_is_kept_with_its_files_checks_and_moments(storage, files):
    kept = import_set(storage, "academy", files, layout="period")
    record, model = stored_model(storage, "academy", Path("scratch"))
    assert record == kept
    assert (record.scenarios, record.months, record.accepted) == (48, 24, "")
    assert dict(zip(record.names, [one.name for one in record.files], strict=True)) == {
        name: f"{name}.csv" for name in NAMES
    }
    assert all(
        storage.read_bytes(one.key, one.sha256) == Path(files[n]).read_bytes()
        for n, one in zip(NAMES, record.files, strict=True)
    )
    assert [row.check for row in record.checks] == ["calibration"] * 6
    assert model.kind == "real_world"


def test_tiles_come_back_whatever_their_size(storage, files):
    import_set(storage, "academy", files, layout="period")
    _, model = stored_model(storage, "academy", Path("scratch"))
    wholes = []
    for lanes in (48, 16):
        one = set_of("real_world", model, DAYS, AS_OF, 48, lanes, 7)
        assert not one.spec.antithetic
        tiles = [build_tile(one.spec, model, DAYS, k) for k in range(one.spec.n_tile)]
        wholes.append(np.concatenate(tiles, axis=2))
    assert np.array_equal(*wholes)
    wealth = wholes[0][:, 0].prod(axis=0)
    assert wealth == pytest.approx(FACTORS["large_equity"].prod(axis=1), rel=1e-9)


def test_another_seed_moves_days_and_not_months(storage, files):
    import_set(storage, "academy", files, layout="period")
    _, model = stored_model(storage, "academy", Path("scratch"))
    one, two = (model.tile(DAYS, AS_OF, seed, range(8), False)[:, 0] for seed in (1, 2))
    assert not np.allclose(one, two, rtol=1e-6)
    assert one.prod(axis=0) == pytest.approx(two.prod(axis=0), rel=1e-9)


def test_the_name_of_the_set_follows_its_contents(storage, files, tmp_path):
    names = set()
    for name, changes in (("a", {}), ("b", {"inside": "geometric"}), ("c", {"pick": 24})):
        record = import_set(storage, name, files, layout="period", **changes)
        _, model = stored_model(storage, name, tmp_path)
        names.add(set_of("x", model, DAYS, AS_OF, record.scenarios, 8, 7).spec.hash)
    import_set(storage, "d", files, layout="period")
    names.add(set_of("x", stored_model(storage, "d", tmp_path)[1], DAYS, AS_OF, 48, 8, 7).spec.hash)
    assert len(names) == 3


def test_a_name_is_given_once(storage, files):
    first = import_set(storage, "academy", files, layout="period")
    assert import_set(storage, "academy", files, layout="period") == first
    with pytest.raises(FileProblem, match="academy is there with other contents; choose another --name"):
        import_set(storage, "academy", files, layout="period", pick=10)
    assert stored_model(storage, "academy", Path("scratch"))[0] == first


def test_a_set_that_fails_a_check_needs_a_reason_which_stays(storage, tmp_path):
    calm = {name: np.tile(values[:, :13], (4, 1)) for name, values in FACTORS.items()}
    calm["large_equity"] **= 0.2
    files = write(tmp_path, calm, NAMES)
    with pytest.raises(FileProblem, match=r"(?s)of 6 checks of the set calm fail:.*large_equity.*--accept REASON"):
        import_set(storage, "calm", files, layout="period")
    record = import_set(storage, "calm", files, layout="period", accept="a study of low volatility")
    assert record.accepted == "a study of low volatility"
    assert record.failed
    written = json.loads(storage.read_bytes("scenario_sets/calm/set.json"))
    assert written["accepted"] == "a study of low volatility"
    days = np.asarray(valuation_days(date(2008, 11, 1), date(2009, 10, 30)))
    assert set_of("x", stored_model(storage, "calm", tmp_path)[1], days, AS_OF, 192, 8, 7).accepted


def test_a_count_that_no_tile_divides_is_refused(storage, files, tmp_path):
    import_set(storage, "odd", files, layout="period", pick=46)
    _, model = stored_model(storage, "odd", tmp_path)
    with pytest.raises(ValueError, match=r"46 scenarios of real_world cannot be cut .* --pick 40"):
        set_of("real_world", model, DAYS, AS_OF, 46, 16, 7)


def test_an_unknown_set_is_named(storage):
    with pytest.raises(UnknownSet, match=r"no scenario set 'none' .*highwater scenarios import --name none"):
        stored_model(storage, "none", Path("scratch"))


@pytest.mark.parametrize(
    "words, said",
    [
        (["US.csv"], r"found 'US.csv'; allowed is index=FILE"),
        (["gold=G.csv"], "'gold' is no index"),
        (["cash=A.csv", "cash=B.csv"], "cash has two files, A.csv and B.csv"),
    ],
)
def test_words_that_name_no_file(words, said):
    with pytest.raises(FileProblem, match=said):
        files_by_index(words)


@pytest.mark.parametrize("changes", [{"layout": "daily"}, {"basis": "real"}, {"inside": "none"}])
def test_unknown_choices_are_named(storage, files, changes):
    with pytest.raises(FileProblem, match="allowed are"):
        import_set(storage, "x", files, **({"layout": "period"} | changes))


class TestRiskNeutral:
    """The system's own risk-neutral set, written as files by month and read in again."""

    market = market_of(date(2008, 10, 31))

    def files(self, folder):
        spec = scenario_set(self.market.risk_neutral, DAYS, AS_OF, 512, 512, 3)
        tile = build_tile(spec, self.market.risk_neutral, DAYS, 0)
        calendar = months(DAYS, AS_OF)
        ends = calendar.first + calendar.length - 1
        wealth = np.concatenate([np.ones((1, 5, 512)), np.cumprod(tile[:, :5], axis=0)[ends]])
        discount = np.concatenate([np.ones((1, 512)), tile[ends, 5]])
        earned = 2.0 * ((discount[:-1] / discount[1:]) ** 6.0 - 1.0)
        written = {name: wealth[:, row].T for row, name in enumerate((*EQUITY_FILES, "bonds"))}
        return write(folder, written | {"rate_0.25": np.vstack([earned, earned[-1:]]).T}, NAMES)

    def test_meets_the_curve_and_the_martingales_of_the_day(self, storage, tmp_path):
        files = self.files(tmp_path)
        record = import_set(storage, "own", files, layout="accumulated", basis="risk_neutral")
        assert record.checks
        assert not record.failed
        _, model = stored_model(storage, "own", tmp_path)
        one = set_of("risk_neutral", model, DAYS, AS_OF, 512, 128, 7, self.market.curve)
        assert one.per_sample == 1
        checks = one.checks(DAYS)
        for tile in range(one.spec.n_tile):
            checks.add(build_tile(one.spec, model, DAYS, tile))
        rows = checks.rows()
        assert all(row.passed for row in rows)
        assert {row.check for row in rows} == {"martingale", "zero_coupon"}
        assert "AST Balanced Asset Allocation" in {row.item for row in rows}

    def test_another_curve_is_noticed(self, storage, tmp_path):
        import_set(storage, "own", self.files(tmp_path), layout="accumulated", basis="risk_neutral")
        _, model = stored_model(storage, "own", tmp_path)
        one = set_of("risk_neutral", model, DAYS, AS_OF, 512, 128, 7, self.market.curve.shifted(0.01))
        checks = one.checks(DAYS)
        checks.add(build_tile(one.spec, model, DAYS, 0))
        assert {row.check for row in checks.rows() if not row.passed} == {"zero_coupon"}


def test_the_command_prints_what_it_kept(tmp_path, files, capsys):
    words = [f"{name}={path}" for name, path in files.items()]
    store = ["--store", str(tmp_path / "store"), "--quiet"]
    cli.app(["scenarios", "import", *words, "--name", "academy", "--layout", "period", *store])
    shown = capsys.readouterr().out
    assert "checks: 6 of 6 passed" in shown
    assert "highwater reserve --scenarios academy --horizon-years 2" in shown
    cli.app(["scenarios", "show", "academy", *store])
    assert "large_equity.csv" in capsys.readouterr().out
