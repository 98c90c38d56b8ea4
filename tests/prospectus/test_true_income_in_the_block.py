"""TrueIncome and its Spousal version through the daily valuation: stages of life, charge classes, requests, restarts."""

from datetime import date

import numpy as np
import pyarrow as pa
import pytest

from tests.support.block_story import FIRST_PRICES, BlockStory, elect, pay, request, withdraw
from valuation.arrays import CHARGE_CLASSES, SLOTS
from valuation.block import value_block
from valuation.charge_classes import charge_row
from valuation.schema import SCHEMAS
from valuation.sessions import valuation_days
from valuation.units import unit_prices

PLANS = pytest.mark.parametrize("plan", ["TI", "TIS"])
ROW = {"TI": charge_row(0, 0.0060), "TIS": charge_row(0, 0.0075)}
CENT = 0.005


def drawing(plan: str, **more: str) -> BlockStory:
    """A first withdrawal of 1,000 at a Protected Withdrawal Value of 120,000: amounts 6,000 and 8,400."""
    return BlockStory(plan=plan, **more).on("2009-03-02", 120_000.0, withdraw(1_000.0))


def exhausted(plan: str) -> BlockStory:
    """The Account Value used up by a withdrawal within the income: 3,000 of the 5,000 that remain."""
    return drawing(plan).on("2009-05-01", 3_000.0, withdraw(3_000.0))


class TestChargeClasses:
    """UNIT-6, UNIT-7, LB-FEE-3, LB-FEE-4 (prospectus 7470-7479, 7586-7598, 874-878)."""

    def test_series_with_each_benefit(self) -> None:
        for series, totals in enumerate(((0.0115, 0.0175, 0.0190), (0.0150, 0.0210, 0.0225), (0.0155, 0.0215, 0.0230))):
            assert tuple(CHARGE_CLASSES[charge_row(series, charge)] for charge in (0.0, 0.006, 0.0075)) == totals

    @PLANS
    def test_the_value_is_the_same_on_the_day_the_class_changes(self, plan: str) -> None:
        story = BlockStory(plan=plan)
        assert story.row["account_value"] == pytest.approx(100_000.0, abs=1e-9)
        assert {held["unit_price"] for held in story.row["units"]} == {FIRST_PRICES[ROW[plan], 0]}
        assert sum(held["units"] for held in story.row["units"]) == pytest.approx(
            100_000.0 / FIRST_PRICES[ROW[plan], 0]
        )
        story.on("2009-05-11", 90_000.0, request("BENEFIT_TERMINATION"))
        assert story.row["account_value"] == pytest.approx(90_000.0, abs=1e-9)
        assert sum(held["units"] for held in story.row["units"]) == pytest.approx(10_000.0, abs=1e-9)
        assert all(row["amount"] == 0.0 for row in story.ledger("CHARGE_CLASS"))

    @pytest.mark.parametrize(("plan", "kept"), [("TI", 1.0 - 0.0175), ("TIS", 1.0 - 0.0190), (None, 1.0 - 0.0115)])
    def test_a_year_without_growth_costs_both_charges(self, plan: str | None, kept: float) -> None:
        """A benefit priced by the series alone would leave 98,850."""
        story = BlockStory(plan=plan)
        days = valuation_days(date(2008, 7, 1), date(2009, 6, 30))  # the next day takes the Annual Maintenance Fee
        ones = np.ones((len(days), len(SLOTS)))
        prices = unit_prices(ones, np.zeros_like(ones), days, CHARGE_CLASSES)
        none = pa.Table.from_pylist([], SCHEMAS["transactions"])
        done = value_block(story.contract, none, _priced(story, prices[0]), days, prices)
        assert done.snapshot["account_value"][0].as_py() == pytest.approx(100_000.0 * kept ** (364.0 / 365.0), abs=1.0)

    def test_an_election_after_issue_is_charged_from_the_next_day(self) -> None:
        story = BlockStory(plan=None).on("2008-09-02", 100_000.0, elect("TI"))
        assert [row["date"] for row in story.ledger("CHARGE_CLASS")] == [date(2008, 9, 2)] * 2
        assert story.benefit["effective"] == (date(2008, 9, 2) - date(1970, 1, 1)).days


def _priced(story: BlockStory, prices: np.ndarray) -> pa.Table:
    """The story's snapshot with Units that are worth as much at other prices of its class."""
    row = story.row
    factor = row["units"][0]["unit_price"] / prices[0, 0]
    row["units"] = [held | {"units": held["units"] * factor} for held in row["units"]]
    return pa.Table.from_pylist([row], SCHEMAS["snapshot"])


@PLANS
class TestStages:
    def test_before_issue_nothing_is_there(self, plan: str) -> None:
        story = BlockStory(plan=plan)
        days = valuation_days(date(2008, 6, 2), date(2008, 6, 30))
        prices = np.repeat(FIRST_PRICES[None], len(days), axis=0)
        asked = pa.Table.from_pylist(story.requests, SCHEMAS["transactions"])
        done = value_block(story.contract, asked, None, days, prices)
        assert done.snapshot.num_rows == done.ledger.num_rows == 0

    def test_issue_day(self, plan: str) -> None:
        row = BlockStory(plan=plan).row
        assert (row["benefit"], row["benefit_stage"]) == (plan, "PRE")
        assert row["protected_withdrawal_value_today"] == pytest.approx(100_000.0, abs=1e-9)
        assert row["annual_income_amount"] == 0.0
        assert row["designated_lives"] == (1 if plan == "TI" else 2)

    def test_accumulating_over_closed_days_and_a_leap_year(self, plan: str) -> None:
        story = BlockStory("2007-07-02", plan=plan).on("2008-07-02", 90_000.0)
        assert story.row["protected_withdrawal_value_today"] == pytest.approx(105_000.0, abs=1e-6)
        story.on("2009-07-02", 130_000.0).on("2009-07-06", 100_000.0, pay(10_000.0))
        assert story.benefit["anniversary_high"] == pytest.approx(140_000.0, abs=1e-6)
        assert story.row["protected_withdrawal_value_today"] == pytest.approx(140_000.0, abs=1e-6)

    def test_first_withdrawal(self, plan: str) -> None:
        row = drawing(plan).row
        assert row["benefit_stage"] == "POST"
        assert row["annual_income_amount"] == pytest.approx(6_000.0, abs=CENT)
        assert row["remaining_income"] == pytest.approx(5_000.0, abs=CENT)

    def test_income_of_every_year_leaves_the_amount_alone(self, plan: str) -> None:
        story = drawing(plan)
        for year in (2009, 2010, 2011):
            story.on(f"{year}-08-03", 80_000.0, request("INCOME", amount=1.0))
        assert [paid for _, paid in story.paid("WITHDRAWAL")] == pytest.approx([1_000.0] + [6_000.0] * 3, abs=CENT)
        assert story.row["annual_income_amount"] == pytest.approx(6_000.0, abs=CENT)

    def test_exhausted_and_nothing_is_charged_any_more(self, plan: str) -> None:
        story = exhausted(plan)
        assert story.row["status"] == "PAYOUT"
        assert story.row["account_value"] == 0.0
        story.on("2010-06-01", None, pay(10_000.0), request("STEP_UP"))
        assert story.reasons == [802, 802]

    def test_ten_years_of_growth(self, plan: str) -> None:
        story = BlockStory(plan=plan).on("2018-07-02", 50_000.0).on("2020-07-01", 50_000.0)
        assert story.row["protected_withdrawal_value_today"] == pytest.approx(100_000.0 * 1.05**10, abs=1e-6)

    def test_annuitised(self, plan: str) -> None:
        story = drawing(plan).on("2011-08-01", 80_000.0, request("ANNUITIZATION"))
        assert (story.row["status"], story.row["benefit_stage"]) == ("ANNUITY", "ENDED")
        applied = story.results[-1].payments.to_pylist()[0]
        assert (applied["kind"], applied["paid"]) == ("ANNUITISATION", 0.0)
        assert applied["gross"] == pytest.approx(80_000.0, abs=CENT)

    def test_death(self, plan: str) -> None:
        story = drawing(plan).on("2009-05-11", 60_000.0, request("DEATH", event_date=date(2009, 5, 4)))
        assert (story.row["status"], story.row["benefit_stage"]) == ("DEATH", "ENDED")

    def test_a_continuing_spouse(self, plan: str) -> None:
        """TI-14, TIS-9: the Spousal version goes on; TrueIncome can be elected anew at once, with no 90 days to wait."""
        story = drawing(plan).on("2009-05-11", 60_000.0, request("SPOUSAL_CONTINUATION", event_date=date(2009, 5, 4)))
        assert story.row["status"] == "ACTIVE"
        assert story.row["benefit_stage"] == ("POST" if plan == "TIS" else "NONE")
        if plan == "TI":
            story.on("2009-05-12", None, elect("TI"))
            assert (story.row["benefit_stage"], story.reasons) == ("PRE", [])

    def test_terminated_by_the_owner(self, plan: str) -> None:
        story = drawing(plan).on("2009-05-11", 60_000.0, request("BENEFIT_TERMINATION"))
        assert (story.row["status"], story.row["benefit_stage"]) == ("ACTIVE", "ENDED")
        assert story.row["account_value"] == pytest.approx(60_000.0, abs=1e-9)
        story.on("2009-07-01", None, elect(plan))
        assert story.reasons == [505]  # 51 days: too early
        story.on("2010-07-01", None, elect(plan))
        assert story.row["benefit_stage"] == "PRE"

    def test_surrendered(self, plan: str) -> None:
        story = drawing(plan).on("2009-05-11", 90_000.0, request("SURRENDER"))
        assert (story.row["status"], story.row["benefit_stage"]) == ("SURRENDERED", "ENDED")
        assert story.on("2009-06-01", None, request("STEP_UP")).reasons == [801]
        assert (story.row["benefit"], story.row["benefit_stage"]) == (plan, "ENDED")


class TestAfterTheAccountValue:
    """TI-12, TIS-6 (prospectus 4494-4523, 4830-4845)."""

    def test_life_income_chosen(self) -> None:
        story = exhausted("TI").on("2009-05-11", None, request("PAYMENT_CHOICE", ground="LIFE_INCOME"))
        story.on("2010-07-01")
        expected = [("2009-05-11", 2_000.0), ("2009-07-01", 6_000.0), ("2010-07-01", 6_000.0)]
        assert story.paid("GUARANTEED_PAYMENT") == [(day, pytest.approx(paid, abs=CENT)) for day, paid in expected]

    def test_withdrawal_benefit_chosen_once(self) -> None:
        """116,000 of Protected Withdrawal Value: 4,400 at once, 8,400 a year, and the rest with the last payment."""
        story = exhausted("TI").on("2009-05-11", None, request("PAYMENT_CHOICE", ground="WITHDRAWAL_BENEFIT"))
        story.on("2009-05-12", None, request("PAYMENT_CHOICE", ground="LIFE_INCOME"))
        assert story.reasons == [531]
        story.on("2024-07-01")
        paid = [amount for _, amount in story.paid("GUARANTEED_PAYMENT")]
        assert paid[:2] == pytest.approx([4_400.0, 8_400.0], abs=CENT)
        assert sum(paid) == pytest.approx(116_000.0, abs=CENT)
        assert (story.row["status"], story.row["benefit_stage"]) == ("EXHAUSTED", "ENDED")

    def test_without_a_choice_it_is_life_income_on_the_next_anniversary(self) -> None:
        story = exhausted("TI").on("2009-06-30")
        assert story.paid("GUARANTEED_PAYMENT") == []
        assert story.on("2009-07-01").paid("GUARANTEED_PAYMENT") == [("2009-07-01", pytest.approx(8_000.0, abs=CENT))]

    def test_the_spousal_version_leaves_no_choice(self) -> None:
        story = exhausted("TIS").on("2009-05-11", None, request("PAYMENT_CHOICE", ground="WITHDRAWAL_BENEFIT"))
        assert story.reasons == [531]
        assert story.paid("GUARANTEED_PAYMENT") == [("2009-05-01", pytest.approx(2_000.0, abs=CENT))]

    def test_more_than_the_income_leaves_the_withdrawal_benefit(self) -> None:
        """1,000 and 6,500 lie between 6,000 and 8,400: 900 are left of the year's Annual Withdrawal Amount."""
        story = drawing("TI").on("2009-05-01", 6_500.0, withdraw(6_500.0))
        assert story.paid("GUARANTEED_PAYMENT") == [("2009-05-01", pytest.approx(900.0, abs=CENT))]
        assert story.benefit["paying"] == 2.0

    def test_the_spousal_version_needs_a_surrender_for_more_than_the_income(self) -> None:
        assert drawing("TIS").on("2009-05-01", 6_500.0, withdraw(6_500.0)).reasons == [601]

    @PLANS
    def test_deaths_stop_the_payments(self, plan: str) -> None:
        story = exhausted(plan).on("2009-06-01", None, request("DEATH", event_date=date(2009, 5, 29)))
        if plan == "TIS":
            assert story.row["status"] == "PAYOUT"
            story.on("2010-01-04", None, request("DEATH", event_date=date(2010, 1, 4)))
        assert (story.row["status"], story.row["benefit_stage"]) == ("DEATH", "ENDED")


@PLANS
class TestStepUps:
    """TI-10, TI-11, TIS-5 (prospectus 4270-4307, 4733-4768)."""

    def test_at_the_owners_request(self, plan: str) -> None:
        story = drawing(plan).on("2010-03-01", 150_000.0, request("STEP_UP"))
        assert story.reasons == [530]  # one day short of a year after the first withdrawal
        story.on("2010-03-02", 150_000.0, request("STEP_UP"), withdraw(500.0))
        assert story.row["annual_income_amount"] == pytest.approx(7_500.0, abs=CENT)
        assert story.row["remaining_income"] == pytest.approx(7_000.0, abs=CENT)
        assert story.on("2010-03-03", 200_000.0, request("STEP_UP")).reasons == [530, 530]

    def test_it_comes_before_a_payment_of_the_day(self, plan: str) -> None:
        story = drawing(plan).on("2010-03-02", 150_000.0, pay(10_000.0), request("STEP_UP"))
        assert story.row["annual_income_amount"] == pytest.approx(7_500.0 + 500.0, abs=CENT)

    def test_automatic_from_the_day_of_the_election(self, plan: str) -> None:
        auto = request("STEP_UP", ground="AUTO_STEP_UP")
        story = BlockStory(plan=None).on("2008-07-02", None, elect(plan), auto)
        story.on("2009-03-02", 120_000.0, withdraw(1_000.0)).on("2009-07-01", 150_000.0)
        assert story.row["annual_income_amount"] == pytest.approx(6_000.0, abs=CENT)  # less than a year
        story.on("2010-07-01", 150_000.0)
        assert story.row["annual_income_amount"] == pytest.approx(7_500.0, abs=CENT)
        story.on("2010-07-02", None, request("STEP_UP", ground="NO_AUTO_STEP_UP")).on("2011-07-01", 200_000.0)
        assert story.row["annual_income_amount"] == pytest.approx(7_500.0, abs=CENT)
        assert story.reasons == []

    def test_only_under_the_benefit(self, plan: str) -> None:
        for plan_in_force in (None, "HD7"):
            asked = [request("STEP_UP"), request("STEP_UP", ground="AUTO_STEP_UP")]
            story = BlockStory(plan=plan_in_force).on("2009-03-02", None, *asked)
            assert story.reasons == [530, 530]


class TestElection:
    """EL-3, EL-4, EL-8 (prospectus 4207-4208, 4660-4662)."""

    @pytest.mark.parametrize(
        ("plan", "birth", "spouse_birth", "reasons"),
        [
            ("TI", "1963-07-01", None, []),
            ("TI", "1963-07-02", None, [520]),
            ("TIS", "1953-07-01", "1953-07-01", []),
            ("TIS", "1953-07-01", "1953-07-02", [520]),
            ("TIS", "1953-07-02", "1953-07-01", [520]),
            ("TIS", "1953-07-01", None, [503]),
        ],
    )
    def test_ages(self, plan: str, birth: str, spouse_birth: str | None, reasons: list[int]) -> None:
        """45 years for one life, 55 for each of two, on the day."""
        story = BlockStory("2008-07-01", plan=plan, birth=birth, spouse_birth=spouse_birth)
        assert story.reasons == reasons
        assert story.row["benefit"] == ("NONE" if reasons else plan)

    @pytest.mark.parametrize(("first", "second"), [("TI", "HD7"), ("HD7", "TI"), ("TI", "TIS")])
    def test_one_at_a_time(self, first: str, second: str) -> None:
        story = BlockStory(plan=first).on("2008-09-02", None, elect(second))
        assert (story.row["benefit"], story.reasons) == (first, [504])

    def test_after_another_kind_has_ended(self) -> None:
        story = BlockStory(plan="HD7").on("2008-09-02", None, request("BENEFIT_TERMINATION"))
        story.on("2009-07-01", 80_000.0, elect("TI"))
        assert (story.row["benefit"], story.row["benefit_stage"], story.reasons) == ("TI", "PRE", [])
        assert story.row["units"][0]["unit_price"] == pytest.approx(story.prices[ROW["TI"], 0])


@PLANS
class TestLedger:
    def history(self, plan: str) -> BlockStory:
        story = drawing(plan, series="X").on("2009-07-06", 90_000.0, pay(12_000.0))
        story.on("2010-03-02", 130_000.0, request("STEP_UP"), withdraw(15_000.0))
        return story.on("2010-09-01", 95_000.0, request("BENEFIT_TERMINATION")).on("2011-07-01", 99_000.0)

    def test_opening_and_ledger_are_the_closing(self, plan: str) -> None:
        story = self.history(plan)
        held = {part["sub_account"]: part for part in story.row["units"]}
        for name, part in held.items():
            mine = [row for row in story.ledger() if row["sub_account"] == name]
            assert sum(row["amount"] for row in mine) == pytest.approx(part["value"], abs=1e-6)
            assert sum(row["units"] for row in mine) == pytest.approx(part["units"], abs=1e-8)

    def test_a_run_in_one_piece_is_the_same(self, plan: str) -> None:
        story = self.history(plan)
        days = valuation_days(date(2008, 6, 30), date(2011, 7, 1))
        asked = pa.Table.from_pylist(story.requests, SCHEMAS["transactions"])
        rows = {row["valuation_date"] for done in story.results for row in done.snapshot.to_pylist()}
        assert len(rows) == len(story.results) == 6
        prices = _path(story, days)
        whole = value_block(story.contract, asked, None, days, prices)
        split = 300
        half = value_block(story.contract, asked, None, days[: split + 1], prices[: split + 1])
        rest = value_block(story.contract, asked, half.snapshot, days[split:], prices[split:])
        assert rest.snapshot.to_pylist() == whole.snapshot.to_pylist()
        assert rest.refusals.num_rows + half.refusals.num_rows == whole.refusals.num_rows


def _path(story: BlockStory, days: np.ndarray) -> np.ndarray:
    """Unit Prices of every class that rise and fall by the same factors, less the charges."""
    wave = 10.0 * np.exp(0.2 * np.sin(np.arange(len(days)) / 40.0))
    navs = np.repeat(wave[:, None], len(SLOTS), axis=1)
    return unit_prices(navs, np.zeros_like(navs), days, CHARGE_CLASSES)
