"""The projection of a small block and of chosen contracts, without Prefect."""

from datetime import date
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from tasks.explain import ExplainError
from tasks.explain_path import explain_path
from tasks.explain_text import text
from tasks.projection import RequestError
from tasks.publish import PublishedRun
from tasks.summary_runs import outcome_pages
from tests.support.pipeline import THROUGH, Lab, contents
from valuation.projected import MEASURES

pytestmark = pytest.mark.slow
SCENARIO = 5
CHOSEN = 3


@pytest.fixture(scope="module")
def lab(tmp_path_factory: Any) -> Any:
    """The day, its reserve, and three projections: the block risk neutral and real world, chosen contracts in detail."""
    lab: Any = Lab(tmp_path_factory.mktemp("projection"))
    snapshot = lab.opened(lab.daily()).table("snapshot", ["contract_id", "benefit_stage", "bond_value"])
    snapshot = snapshot.filter(pc.greater(snapshot["bond_value"], 0.0))
    lab.chosen = tuple(snapshot["contract_id"].to_pylist()[:CHOSEN])
    lab.block = lab.opened(lab.project())
    lab.outcome = lab.project(contracts=lab.chosen, by_year=True, paths=(SCENARIO, 0))
    lab.detail = lab.opened(lab.outcome)
    lab.real = lab.opened(lab.project(basis="real_world"))
    return lab


def picked(run: PublishedRun, dataset: str, **wanted: Any) -> pa.Table:
    table = run.table(dataset)
    for name, value in wanted.items():
        table = table.filter(pc.equal(table[name], value))
    return table


class TestBlock:
    def test_every_check_passes(self, lab: Any) -> None:
        for run in (lab.block, lab.detail, lab.real):
            assert len(run.manifest.checks) > 4
            assert not run.manifest.failed

    def test_the_guarantee_is_worth_what_the_reserve_says(self, lab: Any) -> None:
        """The same scenarios and assumptions: the same bits."""
        reserve = lab.opened(lab.reserve())
        mine = {(r["contract_id"], r["measure"]): r for r in lab.block.table("projection_seriatim").to_pylist()}
        for row in picked(reserve, "reserve_seriatim", basis="risk_neutral").to_pylist():
            own = mine[row["contract_id"], row["measure"]]
            assert (own["value"], own["standard_error"]) == (row["value"], row["standard_error"])

    def test_years_sum_to_the_present_value(self, lab: Any) -> None:
        summary = {r["measure"]: r["value"] for r in lab.real.table("projection_summary").to_pylist()}
        flows = lab.real.table("projection_cash_flows").group_by("measure").aggregate([("present_value", "sum")])
        for row in flows.to_pylist():
            assert row["present_value_sum"] == pytest.approx(summary[row["measure"]], abs=1e-6)

    def test_cash_is_worth_less_later_where_rates_are_positive(self, lab: Any) -> None:
        for row in picked(lab.block, "projection_cash_flows", measure="asset_charges").to_pylist():
            assert 0.0 < row["present_value"] < row["cash_flow"]
            assert 0.0 < row["present_value_error"] < row["present_value"]

    def test_every_contract_is_somewhere_every_year_and_nobody_comes_back(self, lab: Any) -> None:
        rows = lab.block.table("projection_decrements").to_pandas()
        contracts = lab.block.manifest.control_totals["contracts"]
        assert rows.groupby("year")["contracts"].sum().to_numpy() == pytest.approx(contracts, abs=1e-6)
        for cause, mine in rows.groupby("cause"):
            assert (np.diff(mine["contracts"]) * (-1.0 if cause == "still_in_force" else 1.0) >= 0.0).all(), cause
        first = rows[rows["year"] == 1].set_index("cause")["contracts"]
        assert first["death"] > 0.0
        assert first["surrender"] > 0.0

    def test_any_partitioning_gives_the_same_bits(self, lab: Any, tmp_path: Any) -> None:
        other = Lab(tmp_path, contracts_per_partition=4)
        other.daily()
        assert contents(other.opened(other.project())) == contents(lab.block)


class TestChosen:
    def test_a_contract_alone_is_what_it_is_in_the_block(self, lab: Any) -> None:
        assert set(lab.detail.table("projection_seriatim")["contract_id"].to_pylist()) == set(lab.chosen)
        for one in lab.chosen:
            alone = picked(lab.detail, "projection_seriatim", contract_id=one)
            assert alone.equals(picked(lab.block, "projection_seriatim", contract_id=one))

    def test_years_of_every_scenario_sum_to_the_measure(self, lab: Any) -> None:
        years = lab.detail.table("projection_yearly")
        whole = years.group_by(["scenario", "measure"]).aggregate([("present_value", "sum")]).to_pylist()
        totals = {(row["scenario"], row["measure"]): row["present_value_sum"] for row in whole}
        for row in lab.detail.table("projection_scenario").to_pylist():
            if row["measure"] in MEASURES:  # the others are made of them
                assert totals[row["scenario"], row["measure"]] == row["value"]  # whole units of 2^-16 USD: exact

    def test_the_path_passes_through_the_states_of_the_projection_bit_for_bit(self, lab: Any) -> None:
        same = ("account_value", "bond_value", "in_force", "periodic_value", "annual_income_amount", "status")
        for one in lab.chosen:
            for scenario in (0, SCENARIO):
                days = picked(lab.detail, "projection_path", contract_id=one, scenario=scenario)
                path = {row["date"]: row for row in days.to_pylist()}
                states = picked(lab.detail, "projection_states", contract_id=one, scenario=scenario).to_pylist()
                assert len(states) == 3
                for state in states:
                    assert [path[state["year_end"]][name] for name in same] == [state[name] for name in same]

    def test_the_path_s_cash_is_worth_the_measures(self, lab: Any) -> None:
        one = lab.chosen[0]
        path = picked(lab.detail, "projection_path", contract_id=one, scenario=SCENARIO).to_pandas()
        weight = np.concatenate([[1.0], path["in_force"][:-1]]) * path["discount"]
        years = picked(lab.detail, "projection_yearly", contract_id=one, scenario=SCENARIO).to_pandas()
        for name, rows in years.groupby("measure"):
            assert (path[name] * weight).sum() == pytest.approx(rows["present_value"].sum(), abs=1e-3)

    def test_units_times_prices_are_the_account_value_and_transfers_move_bonds(self, lab: Any) -> None:
        rows = picked(lab.detail, "projection_path", scenario=SCENARIO).to_pylist()
        for row in rows[::50]:
            assert sum(unit["value"] for unit in row["units"]) == pytest.approx(row["account_value"], rel=1e-12)
        moved = [row["transfer"] for row in rows if row["transfer"] != 0.0]
        assert moved
        assert all(abs(amount) > 0.01 for amount in moved)

    def test_pages_name_what_was_found(self, lab: Any) -> None:
        pages = outcome_pages(lab.storage, lab.outcome)
        said = " ".join(page.title for page in pages)
        assert "projected cash flows" in said
        assert f"{lab.chosen[0]} in scenario {SCENARIO}" in said
        assert len(next(page for page in pages if page.title.startswith("projected cash")).rows) == 3


class TestExplain:
    @pytest.mark.parametrize("on", ["2008-09-02", "2009-03-31", "2011-08-29"])
    def test_a_day_of_a_scenario_is_told_as_projected(self, lab: Any, on: str) -> None:
        one, day, scratch = lab.chosen[1], date.fromisoformat(on), lab.settings.scratch
        told = explain_path(lab.storage, one, day, SCENARIO, lab.outcome.run_id, scratch)
        [row] = picked(lab.detail, "projection_path", contract_id=one, scenario=SCENARIO, date=day).to_pylist()
        assert told.after is not None
        for name in ("account_value", "bond_value", "surrender_value", "death_benefit", "periodic_value"):
            assert told.after[name] == row[name]
        said = text(told)
        assert f"risk neutral scenario {SCENARIO} from {THROUGH}, assumptions best_2008" in said
        assert "The day told and the day projected are equal to the last bit" in said

    def test_the_last_projection_is_taken_without_a_run(self, lab: Any) -> None:
        told = explain_path(lab.storage, lab.chosen[0], date(2008, 9, 2), 3, None, lab.settings.scratch)
        assert told.run_id == lab.real.manifest.run_id

    def test_what_is_not_there_is_named(self, lab: Any) -> None:
        run, scratch = lab.outcome.run_id, lab.settings.scratch
        for contract, on, scenario, message in (
            ("VA999", "2009-03-31", 0, "VA999 has no future"),
            (lab.chosen[0], "2009-03-29", 0, "2009-03-29 cannot be explained: it is not a Valuation Day"),
            (lab.chosen[0], "2009-03-31", 16, "allowed are 0 to 15"),
        ):
            with pytest.raises(ExplainError, match=message):
                explain_path(lab.storage, contract, date.fromisoformat(on), scenario, run, scratch)


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ({"basis": "wishful"}, "'wishful' is no basis; allowed are risk_neutral, real_world"),
        ({"paths": (1,)}, "none is chosen"),
        ({"contracts": ("VA999",)}, "VA999 is not in force"),
        ({"contracts": ("VA0000001",), "paths": (16,)}, "scenario 16 is not in the set; allowed are 0 to 15"),
    ],
)
def test_a_request_that_cannot_be_is_refused(lab: Any, asked: dict[str, Any], message: str) -> None:
    with pytest.raises(RequestError, match=message):
        lab.project(**asked)
