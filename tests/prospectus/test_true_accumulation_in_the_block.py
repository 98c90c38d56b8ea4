"""TrueAccumulation - Highest Daily through the daily valuation: stages, ladder, bond Sub-account, charge class, restarts."""

from datetime import date
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from tasks.explain import Explanation, PriceHistory, explain_contract
from tests.support.block_story import FIRST_PRICES, BlockStory, elect, pay, request, withdraw
from valuation.arrays import CHARGE_CLASSES, SLOTS
from valuation.block import value_block
from valuation.charge_classes import charge_row
from valuation.failures import Reason
from valuation.schema import SCHEMAS
from valuation.sessions import valuation_days
from valuation.terms import load_terms
from valuation.units import unit_prices

CENT = 0.005
BOND = SLOTS[-1]


def held(**more: Any) -> BlockStory:
    """A contract of 100,000 that elects the benefit on 1 July 2008."""
    return BlockStory("2008-07-01", "TAHD", **more)


def fallen() -> BlockStory:
    """After a fall to 90,000: the present value of 100,000 in 2018 asks for bonds."""
    return held().on("2009-03-02", 75_000.0)


def total(story: BlockStory) -> float:
    return float(story.row["account_value"])


class TestChargeClass:
    """LB-FEE-1, UNIT-6, UNIT-7 (prospectus 868-869, 3828-3835, 7470-7479)."""

    def test_the_same_sum_is_one_class(self) -> None:
        """Series B with the benefit, and series L without, pay 1.50%."""
        insurance = load_terms(True).charges.insurance_charge
        assert [CHARGE_CLASSES[charge_row(s, 0.0)] for s in range(3)] == list(insurance)
        assert [CHARGE_CLASSES[charge_row(s, 0.0035)] for s in range(3)] == [0.0150, 0.0185, 0.0190]
        assert charge_row(0, 0.0035) == charge_row(1, 0.0)
        assert len(set(CHARGE_CLASSES)) == len(CHARGE_CLASSES)

    @pytest.mark.parametrize(("plan", "kept"), [("TAHD", 1.0 - 0.0150), (None, 1.0 - 0.0115)])
    def test_a_year_without_growth(self, plan: str | None, kept: float) -> None:
        story = BlockStory("2008-07-01", plan)
        days = valuation_days(date(2008, 7, 1), date(2009, 6, 30))
        ones = np.ones((len(days), len(SLOTS)))
        prices = unit_prices(ones, np.zeros_like(ones), days, CHARGE_CLASSES)
        row = story.row
        factor = row["units"][0]["unit_price"] / prices[0, 0, 0]
        row["units"] = [part | {"units": part["units"] * factor} for part in row["units"]]
        opening = pa.Table.from_pylist([row], SCHEMAS["snapshot"])
        done = value_block(story.contract, pa.Table.from_pylist([], SCHEMAS["transactions"]), opening, days, prices)
        assert done.snapshot["account_value"][0].as_py() == pytest.approx(100_000.0 * kept ** (364.0 / 365.0), abs=1.0)

    def test_units_change_as_the_benefit_begins_and_ends_and_the_value_does_not(self) -> None:
        story = held()
        with_benefit = FIRST_PRICES[charge_row(0, 0.0035), 0]
        assert {part["unit_price"] for part in story.row["units"]} == {with_benefit}
        story.on("2008-09-02", None, request("BENEFIT_TERMINATION"))
        assert {part["unit_price"] for part in story.row["units"]} == {FIRST_PRICES[0, 0]}
        assert total(story) == pytest.approx(100_000.0, abs=1e-9)
        assert all(row["amount"] == 0.0 for row in story.ledger("CHARGE_CLASS"))


class TestStages:
    def test_before_issue_nothing_is_there(self) -> None:
        story = held()
        days = valuation_days(date(2008, 6, 2), date(2008, 6, 30))
        prices = np.repeat(FIRST_PRICES[None], len(days), axis=0)
        done = value_block(
            story.contract, pa.Table.from_pylist(story.requests, SCHEMAS["transactions"]), None, days, prices
        )
        assert done.snapshot.num_rows == 0

    def test_issue_day(self) -> None:
        story = held()
        assert (story.row["benefit"], story.row["benefit_stage"]) == ("TAHD", "PRE")
        assert story.benefit["guarantee_0"] == story.benefit["highest"] == 100_000.0
        assert (story.benefit["corridor"], story.benefit["remaining"]) == (5_000.0, 5_000.0)
        assert story.row["protected_withdrawal_value_today"] == 100_000.0
        assert story.row["bond_value"] == 0.0

    def test_elected_after_issue_by_an_owner_who_is_not_the_annuitant(self) -> None:
        story = BlockStory("2008-07-01", None).on("2008-09-02", 110_000.0, elect("TAHD"))
        assert story.benefit["guarantee_0"] == pytest.approx(110_000.0, abs=CENT)
        assert story.benefit["effective"] == (date(2008, 9, 2) - date(1970, 1, 1)).days

    def test_ladder_over_a_closed_anniversary(self) -> None:
        """3 July 2009 is closed: the guarantee of 2009 is the highest value up to the day before it."""
        story = BlockStory("2008-07-03", "TAHD").on("2009-06-01", 120_000.0)
        story.on("2009-07-06", 130_000.0)
        assert story.benefit["guarantee_1"] == pytest.approx(120_000.0, abs=CENT)
        assert story.benefit["highest"] == pytest.approx(130_000.0, abs=CENT)

    def test_payment(self) -> None:
        story = held().on("2008-09-02", None, pay(30_000.0))
        assert story.benefit["guarantee_0"] == story.benefit["highest"] == pytest.approx(130_000.0, abs=CENT)
        assert story.benefit["corridor"] == pytest.approx(6_500.0, abs=CENT)

    def test_withdrawals_of_the_printed_example(self) -> None:
        """E-TAHD-2, E-TAHD-3 (prospectus 3632-3675), with prices that stand still in between."""
        story = BlockStory("2008-10-14", "TAHD", 250_000.0).on("2008-11-28", 250_000.0, withdraw(10_000.0))
        assert story.benefit["guarantee_0"] == pytest.approx(240_000.0, abs=CENT)
        assert story.benefit["remaining"] == pytest.approx(2_500.0, abs=CENT)
        story.on("2008-12-18", 180_000.0, withdraw(10_000.0))
        assert story.benefit["guarantee_0"] == pytest.approx(227_464.79, abs=CENT)
        assert story.benefit["remaining"] == 0.0
        assert story.benefit["corridor"] == pytest.approx(11_971.83, abs=CENT)

    def test_the_formula_moves_money_in_and_out(self) -> None:
        story = fallen()
        assert story.row["bond_value"] > 0.0
        assert story.benefit["bond_year"] == 2018.0
        last = story.results[-1].transfers.to_pylist()[-1]
        permitted = total(story) - story.row["bond_value"]
        assert (last["target_value"] - story.row["bond_value"]) / permitted == pytest.approx(0.82, abs=1e-6)
        assert last["income_basis"] == 100_000.0
        story.on("2009-03-03", 140_000.0)
        assert story.row["bond_value"] == 0.0

    def test_maturity_makes_up_the_guarantee_and_frees_the_bonds(self) -> None:
        story = fallen().on("2018-06-29", 60_000.0)
        assert story.benefit["bond_year"] == 2018.0
        story.on("2018-07-02", 50_000.0)
        assert total(story) == pytest.approx(100_000.0 - 0.0, abs=CENT)
        released = [row for row in story.ledger("MATURITY") if row["sub_account"] == BOND]
        assert len(released) == 1
        assert story.benefit["guarantee_0"] == pytest.approx(story.benefit["highest"], abs=CENT)
        assert story.benefit["bond_year"] in (0.0, 2019.0)

    def test_nothing_is_added_above_the_guarantee(self) -> None:
        story = held().on("2018-07-02", 400_000.0)
        assert sum(row["amount"] for row in story.ledger("MATURITY")) == pytest.approx(0.0, abs=1e-6)
        assert total(story) == pytest.approx(400_000.0, abs=CENT)

    def test_cancelled_the_bonds_go_by_instructions(self) -> None:
        story = fallen().on("2009-05-11", None, request("BENEFIT_TERMINATION"))
        assert story.row["benefit_stage"] == "ENDED"
        assert story.row["bond_value"] == 0.0
        assert sum(row["amount"] for row in story.ledger("BENEFIT_END")) == pytest.approx(0.0, abs=1e-6)
        assert story.benefit["guarantee_0"] == story.benefit["highest"] == 0.0

    def test_elected_again_on_an_anniversary_only(self) -> None:
        """Without the 90 days that the lifetime benefits ask for."""
        story = held().on("2009-06-15", None, request("BENEFIT_TERMINATION")).on("2009-06-16", None, elect("TAHD"))
        assert story.reasons == [Reason.ELECTION_ON_ANNIVERSARY]
        story.on("2009-07-01", 90_000.0, elect("TAHD"))
        assert story.row["benefit_stage"] == "PRE"
        assert story.benefit["guarantee_0"] == pytest.approx(90_000.0 - 35.0, abs=CENT)  # the Annual Maintenance Fee

    def test_too_old(self) -> None:
        story = BlockStory("2008-07-01", None, birth="1923-06-30").on("2008-08-01", None, elect("TAHD"))
        assert story.reasons == [Reason.ELECTION_AGE]

    def test_beside_the_highest_daily_value_death_benefit(self) -> None:
        """ELE-1 (prospectus 3532-3534)."""
        story = BlockStory("2008-07-01", "HDV").on("2009-07-01", None, elect("TAHD"))
        assert story.reasons == [Reason.DEATH_BENEFIT_EXCLUDED]

    def test_no_income_and_no_waiver_of_the_least_value(self) -> None:
        story = held().on("2009-05-01", 4_000.0, request("INCOME", amount=1.0), withdraw(3_000.0))
        assert total(story) == pytest.approx(4_000.0, abs=CENT)
        assert story.reasons == [Reason.TOO_LITTLE_LEFT]

    def test_exhausted_it_ends_with_the_contract_and_nothing_is_paid(self) -> None:
        story = held().on("2009-05-01", 3_000.0, request("RMD_NOTICE", amount=3_000.0))
        story.on("2009-05-04", 3_000.0, request("RMD_WITHDRAWAL", amount=3_000.0))
        assert (story.row["status"], story.row["benefit_stage"]) == ("EXHAUSTED", "ENDED")
        story.on("2010-08-02", None)
        assert story.paid("GUARANTEED_PAYMENT") == []

    def test_death_ends_it(self) -> None:
        story = fallen().on("2009-04-01", None, request("DEATH", event_date=date(2009, 3, 30)))
        assert (story.row["status"], story.row["benefit_stage"]) == ("DEATH", "ENDED")

    def test_a_spouse_who_continues_keeps_the_guarantees(self) -> None:
        """TAHD-13: H follows the new Account Value by the next day's comparison only."""
        story = fallen().on("2009-04-01", None, request("SPOUSAL_CONTINUATION", event_date=date(2009, 3, 30)))
        assert (story.row["status"], story.row["benefit_stage"]) == ("ACTIVE", "PRE")
        assert story.benefit["guarantee_0"] == story.benefit["highest"] == 100_000.0
        assert total(story) == pytest.approx(100_000.0, abs=CENT)

    def test_it_ends_on_the_last_anniversary_before_the_latest_annuity_date(self) -> None:
        """Born 15 January 1930: an IRA's latest Annuity Date 1 February 2022, last benefit anniversary 1 July 2021."""
        story = held(birth="1930-01-15").on("2021-06-30", 60_000.0)
        assert story.row["benefit_stage"] == "PRE"
        before = story.row["bond_value"]
        story.on("2021-07-01", 60_000.0)
        assert (story.row["benefit_stage"], story.row["bond_value"]) == ("ENDED", 0.0)
        assert before > 0.0
        story.on("2022-02-01", None)
        assert story.row["status"] == "ANNUITY"


class TestRestart:
    def test_a_run_in_two_parts_is_one_run(self) -> None:
        """Stops are snapshots: the stages above all restart; here the same days in one run, to the last bit."""
        parts = fallen().on("2009-07-01", 95_000.0, withdraw(2_000.0)).on("2009-09-01", 70_000.0)
        days = valuation_days(date(2008, 6, 30), date(2009, 9, 1))
        prices = np.repeat(FIRST_PRICES[None], len(days), axis=0)
        level = FIRST_PRICES
        known = dict(zip((date(2009, 3, 2), date(2009, 7, 1), date(2009, 9, 1)), parts.results[1:], strict=True))
        found = {(day - date(1970, 1, 1)).days: done for day, done in known.items()}
        for k, day in enumerate(days):
            if day in found:
                price = found[day].snapshot.to_pylist()[0]["units"][0]["unit_price"]
                level = FIRST_PRICES * (price / FIRST_PRICES[charge_row(0, 0.0035), 0])
            prices[k] = level
        asked = pa.Table.from_pylist(parts.requests, SCHEMAS["transactions"])
        whole = value_block(parts.contract, asked, None, days, prices).snapshot.to_pylist()[0]
        for name, value in parts.benefit.items():
            one = {part["field"]: part["value"] for part in whole["benefit_fields"]}[name]
            assert one == pytest.approx(value, rel=1e-12), name
        assert whole["account_value"] == pytest.approx(total(parts), rel=1e-12)

    def test_opening_value_and_ledger_give_the_closing_value(self) -> None:
        story = fallen()
        before = total(story)
        story.on("2018-07-02", 50_000.0, withdraw(1_000.0), pay(2_000.0))
        assert before + sum(row["amount"] for row in story.results[-1].ledger.to_pylist()) == pytest.approx(
            total(story), abs=1e-6
        )


class TestExplained:
    """Every day told is the day of the law: `explain_contract` compares them to the last bit."""

    @staticmethod
    def told(story: BlockStory, when: str, account: float | None, *asked: Any) -> Explanation:
        opening, start, before = story.snapshot, story.today, story.prices
        story.on(when, account, *asked)
        days = valuation_days(start, date.fromisoformat(when))
        prices = np.repeat(before[None], len(days), axis=0)
        prices[-1] = story.prices
        asked_table = pa.Table.from_pylist(story.requests, SCHEMAS["transactions"])
        return explain_contract(
            story.contract, asked_table, PriceHistory(days, prices), date.fromisoformat(when), opening
        )

    def steps(self, *given: Any) -> dict[str, Any]:
        return {step.title: step for step in self.told(*given).steps}

    def test_election(self) -> None:
        steps = self.steps(BlockStory("2008-07-01", None), "2008-07-02", None, elect("TAHD"))
        assert steps["Election of TAHD"].happened
        assert steps["Charge class of the Unit Prices"].happened

    def test_anniversary_and_transfer(self) -> None:
        steps = self.steps(held(), "2009-07-01", 70_000.0)
        assert steps["Benefit anniversary"].happened
        assert "TAHD-7" in steps["Benefit anniversary"].rules
        assert steps["Asset transfer formula"].happened

    def test_withdrawal_and_payment(self) -> None:
        steps = self.steps(held(), "2009-03-02", None, pay(1_000.0), withdraw(9_000.0))
        assert steps["Excess over the corridor"].happened

    def test_maturity(self) -> None:
        steps = self.steps(fallen().on("2018-06-29", 50_000.0), "2018-07-02", None)
        assert steps["Maturity of the guarantee of 2018"].happened
        assert steps["Bond Sub-account of the maturing guarantee"].happened

    def test_end(self) -> None:
        story = held(birth="1930-01-15").on("2021-06-30", 60_000.0)
        steps = self.steps(story, "2021-07-01", None)
        assert steps["End of the benefit"].happened
        assert steps["Charge class of the Unit Prices"].happened

    def test_cancellation_and_death(self) -> None:
        assert self.steps(fallen(), "2009-04-01", None, request("BENEFIT_TERMINATION"))["Termination of the benefit"]
        assert self.steps(fallen(), "2009-04-01", None, request("DEATH", event_date=date(2009, 3, 30)))["Death"]

    def test_exhaustion(self) -> None:
        story = held().on("2009-05-01", 3_000.0, request("RMD_NOTICE", amount=3_000.0))
        steps = self.steps(story, "2009-05-04", None, request("RMD_WITHDRAWAL", amount=3_000.0))
        assert steps["The Account Value is zero"].happened
