"""TrueIncome - Highest Daily in the daily valuation: its life through `value_block`, from table to table."""

from datetime import date

import pytest

from tests.support.block_story import RATE, BlockStory, pay, request, withdraw
from tests.support.highest_daily_story import HighestDailyStory
from valuation.failures import Reason
from valuation.living import first_plan, kinds
from valuation.living.kinds import KINDS
from valuation.terms.benefits import load_highest_daily_terms

CENT = 0.005
TERMS = load_highest_daily_terms()
ACCOUNT = "Benefit Fixed Rate Account"


def held(issue: str = "2008-07-01", plan: str | None = "HD", birth: str = "1938-01-15") -> BlockStory:
    """An unmarried Owner's 100,000."""
    return BlockStory(issue, plan, birth=birth, spouse_birth=None)


def fallen() -> BlockStory:
    """100,000 that fall to 80,000 on 1 August 2008: the formula of Appendix D moves money."""
    return held().on("2008-08-01", 80_000.0)


def drawing() -> BlockStory:
    """A first withdrawal of 1,000 at a Total Protected Withdrawal Value of 120,000."""
    return held().on("2009-03-02", 120_000.0, withdraw(1_000.0))


class TestBeginning:
    def test_plans_count_from_the_first_of_their_kind(self) -> None:
        for place, kind in enumerate(KINDS):
            assert first_plan(kind.blank) == kinds.first_plan(place)

    def test_at_issue(self) -> None:
        story = held()
        assert (story.row["benefit"], story.row["benefit_stage"]) == ("HD", "PRE")
        assert story.row["protected_withdrawal_value_today"] == 100_000.0
        assert story.benefit["enhanced"] == 200_000.0

    def test_later(self) -> None:
        story = held(plan=None).on("2008-12-31", 90_000.0, request("ELECTION", benefit="HD"))
        assert story.row["effective_date"].isoformat() == "2008-12-31"
        assert story.benefit["protected"] == pytest.approx(90_000.0, abs=CENT)

    def test_under_55_it_is_refused(self) -> None:
        story = held(birth="1953-07-02")
        assert story.reasons == [Reason.ELECTION_AGE]
        assert story.row["benefit"] == "NONE"

    @pytest.mark.parametrize("plan, reasons", [("COMBINATION", []), ("HDV", [Reason.DEATH_BENEFIT_EXCLUDED])])
    def test_beside_which_death_benefit(self, plan: str, reasons: list[int]) -> None:
        story = held(plan=plan).on("2008-08-01", None, request("ELECTION", benefit="HD"))
        assert story.reasons == reasons

    def test_no_second_time(self) -> None:
        story = held().on("2008-12-31", None, request("BENEFIT_TERMINATION"))
        assert story.row["benefit_stage"] == "ENDED"
        story.on("2009-06-30")
        assert (story.row["benefit"], story.row["benefit_stage"]) == ("HD", "ENDED")
        story.on("2009-07-01", None, request("ELECTION", benefit="HD"))
        assert story.reasons == [Reason.NO_SECOND_ELECTION]

    def test_another_benefit_after_it(self) -> None:
        story = held().on("2008-12-31", None, request("BENEFIT_TERMINATION"))
        story.on("2009-07-01", None, request("ELECTION", benefit="HD7"))
        assert (story.row["benefit"], story.row["benefit_stage"]) == ("HD7", "PRE")


class TestGrowth:
    def test_five_percent_a_year_over_calendar_days(self) -> None:
        story = held().on("2009-07-01")
        assert story.benefit["protected"] == pytest.approx(105_000.0, abs=CENT)

    def test_a_higher_account_value_takes_its_place(self) -> None:
        assert held().on("2009-03-02", 120_000.0).benefit["protected"] == pytest.approx(120_000.0)


class TestBenefitFixedRateAccount:
    def test_the_formula_fills_it(self) -> None:
        """31 days: I = 5% of the grown value; a of the second month is 15.30 in the table of Appendix D."""
        story = fallen()
        transfers = [row for done in story.results for row in done.transfers.to_pylist()]
        assert len(transfers) == 1
        one = transfers[0]
        assert one["income_basis"] == pytest.approx(0.05 * 100_000.0 * 1.05 ** (31 / 365), abs=1e-6)
        left = 80_000.0 - one["amount"]
        assert (one["target_value"] - one["amount"]) / left == pytest.approx(0.80, abs=1e-6)
        assert story.row["bond_value"] == pytest.approx(one["amount"], abs=1e-6)
        units = {part["sub_account"]: part for part in story.row["units"]}
        assert units[ACCOUNT]["unit_price"] == 1.0

    def test_interest_of_every_calendar_day(self) -> None:
        story = fallen()
        before = story.row["bond_value"]
        story.on("2008-08-29")
        assert story.row["bond_value"] == pytest.approx(before * (1.0 + RATE) ** (28 / 365), rel=1e-12)
        earned = sum(row["amount"] for row in story.ledger("INTEREST"))
        assert earned == pytest.approx(story.row["bond_value"] - before, abs=1e-6)
        assert {row["sub_account"] for row in story.ledger("INTEREST")} == {ACCOUNT}

    def test_money_goes_back_by_the_allocation_instructions(self) -> None:
        story = fallen().on("2009-02-02", 140_000.0)
        assert story.row["bond_value"] == 0.0
        back = [
            row for row in story.ledger("FORMULA_TRANSFER") if row["amount"] > 0.0 and row["sub_account"] != ACCOUNT
        ]
        assert back[0]["amount"] / back[1]["amount"] == pytest.approx(1.5)

    def test_a_withdrawal_takes_its_part(self) -> None:
        story = fallen()
        share = story.row["bond_value"] / story.row["account_value"]
        story.on("2008-08-04", 80_000.0, withdraw(2_000.0))
        taken = {row["sub_account"]: -row["amount"] for row in story.ledger("WITHDRAWAL")}
        assert sum(taken.values()) == pytest.approx(2_000.0, abs=CENT)
        assert taken[ACCOUNT] == pytest.approx(2_000.0 * share, rel=1e-3)

    def test_nobody_may_transfer_from_it(self) -> None:
        """Intake refuses its name; see `Reason.BENEFIT_ONLY_SUB_ACCOUNT`."""
        assert fallen().on("2008-08-04", None, pay(5_000.0)).row["bond_value"] > 0.0

    def test_all_of_it_stays_until_a_payment_comes(self) -> None:
        """ATF-9 (prospectus 5528-5540): without Permitted Sub-accounts the formula does nothing."""
        story = held().on("2008-08-01", 60_000.0).on("2008-08-29")
        assert story.row["bond_value"] == story.row["account_value"]
        story.on("2008-09-02", None, pay(90_000.0))
        days = [row["date"].isoformat() for done in story.results for row in done.transfers.to_pylist()]
        assert days == ["2008-08-01", "2008-09-02"]
        assert story.row["bond_value"] < story.row["account_value"]

    def test_the_maintenance_fee_spares_it(self) -> None:
        """README decision 14: the fee comes from the Sub-accounts, and its 2% is of them."""
        story = fallen().on("2009-06-30").on("2009-07-01", 80_000.0)
        fees = story.ledger("MAINTENANCE_FEE")
        assert sum(row["amount"] for row in fees) == pytest.approx(-35.0, abs=CENT)
        assert ACCOUNT not in {row["sub_account"] for row in fees}
        all_in = held().on("2008-08-01", 60_000.0).on("2009-07-01")
        assert all_in.ledger("MAINTENANCE_FEE") == []

    def test_at_the_end_of_the_benefit_it_is_emptied_with_its_interest(self) -> None:
        story = fallen()
        before = story.row["bond_value"]
        story.on("2008-08-04", None, request("BENEFIT_TERMINATION"))
        assert story.row["bond_value"] == 0.0
        moved = [row["amount"] for row in story.ledger("BENEFIT_END") if row["sub_account"] == ACCOUNT]
        assert moved == [pytest.approx(-before * (1.0 + RATE) ** (3 / 365))]


class TestIncome:
    def test_the_first_withdrawal_sets_both_incomes(self) -> None:
        story = drawing()
        assert story.benefit["total_annual"] == pytest.approx(6_000.0)
        assert story.benefit["highest_daily"] == pytest.approx(6_000.0)
        assert story.row["remaining_income"] == pytest.approx(5_000.0)
        assert story.row["annual_income_amount"] == pytest.approx(6_000.0)

    def test_excess_income_lowers_both(self) -> None:
        story = drawing().on("2009-04-01", 110_000.0, withdraw(6_000.0))
        kept = 1.0 - 1_000.0 / 105_000.0
        assert story.benefit["total_annual"] == pytest.approx(6_000.0 * kept)
        assert story.benefit["highest_daily"] == pytest.approx(6_000.0 * kept)
        assert story.row["remaining_income"] == 0.0

    def test_step_up_on_the_annuity_anniversary(self) -> None:
        story = drawing().on("2009-04-01", 150_000.0).on("2009-07-01", 130_000.0)
        assert story.benefit["total_annual"] == pytest.approx(7_500.0, abs=CENT)
        assert story.row["remaining_income"] == pytest.approx(7_500.0, abs=CENT)

    def test_a_payment_brings_five_percent_of_it(self) -> None:
        assert drawing().on("2009-04-01", None, pay(10_000.0)).benefit["total_annual"] == pytest.approx(6_500.0)


class TestTenthAnniversary:
    """1 July 2018 is a Sunday: the processing day is the 2nd."""

    def test_return_of_principal_goes_to_both_parts(self) -> None:
        story = held().on("2018-06-29", 90_000.0)
        share = story.row["bond_value"] / story.row["account_value"]
        assert 0.0 < share < 1.0
        story.on("2018-07-02", 90_000.0)
        rows = {row["sub_account"]: row["amount"] for row in story.ledger("RETURN_OF_PRINCIPAL")}
        assert sum(rows.values()) == pytest.approx(10_000.0 + 35.0, abs=CENT)  # after the Annual Maintenance Fee
        assert rows[ACCOUNT] == pytest.approx(10_035.0 * share, rel=1e-3)
        assert story.benefit["protected"] == pytest.approx(100_000.0 * 1.05 ** (3652 / 365), abs=CENT)
        assert story.row["protected_withdrawal_value_today"] == pytest.approx(200_000.0, abs=CENT)

    def test_a_withdrawal_requested_for_the_day_itself_forfeits_it(self) -> None:
        story = held(issue="2008-07-02").on("2018-07-02", 90_000.0, withdraw(1_000.0))
        assert story.ledger("RETURN_OF_PRINCIPAL") == []
        assert story.benefit["total_annual"] == pytest.approx(0.05 * 100_000.0 * 1.05 ** (3652 / 365), abs=CENT)

    def test_a_day_later_the_enhanced_value_counts(self) -> None:
        story = held(issue="2008-07-02").on("2018-07-02", 90_000.0).on("2018-07-03", None, withdraw(500.0))
        assert story.benefit["total_annual"] == pytest.approx(10_000.0, abs=CENT)
        assert story.benefit["highest_daily"] == pytest.approx(0.05 * 100_000.0 * 1.05 ** (3652 / 365), abs=CENT)


class TestEndings:
    def test_exhaustion_pays_the_rest_of_the_year_and_then_every_year(self) -> None:
        story = drawing().on("2009-04-01", 4_000.0, withdraw(4_000.0))
        assert story.row["status"] == "PAYOUT"
        story.on("2010-07-01")
        assert story.paid("GUARANTEED_PAYMENT") == [
            ("2009-04-01", 1_000.0), ("2009-07-01", 6_000.0), ("2010-07-01", 6_000.0),
        ]  # fmt: skip
        story.on("2010-09-01", None, request("DEATH", event_date=story.today))
        assert (story.row["status"], story.row["benefit_stage"]) == ("DEATH", "ENDED")

    def test_an_excess_that_empties_the_account_ends_the_contract(self) -> None:
        story = drawing().on("2009-04-01", 20_000.0, request("SURRENDER"))
        assert story.row["status"] == "SURRENDERED"
        assert story.row["benefit_stage"] == "ENDED"

    def test_the_income_as_annuity_payments(self) -> None:
        story = held().on("2012-03-01", 120_000.0, request("ANNUITIZATION", benefit="HD"))
        assert story.row["status"] == "PAYOUT"
        story.on("2012-07-02")
        assert story.paid("GUARANTEED_PAYMENT") == [("2012-07-02", pytest.approx(6_000.0, abs=CENT))]

    def test_death_pays_the_account_with_the_fixed_part(self) -> None:
        story = fallen()
        story.on("2008-08-04", None, request("DEATH", event_date=story.today))
        assert story.row["status"] == "DEATH"
        assert story.row["account_value"] == 0.0
        assert story.paid("DEATH") == [("2008-08-04", 100_000.0)]

    def test_a_spouse_who_continues_has_no_benefit(self) -> None:
        story = fallen()
        story.on("2008-08-04", None, request("SPOUSAL_CONTINUATION", event_date=story.today))
        assert (story.row["status"], story.row["benefit_stage"]) == ("ACTIVE", "ENDED")
        assert story.row["bond_value"] == 0.0

    @pytest.mark.parametrize(
        "given, stage",
        [
            ({"ground": "SAME_TAXPAYER", "person_birth_date": "1950-01-01", "person_sex": "M"}, "PRE"),
            ({"person_birth_date": "1950-01-01", "person_sex": "M"}, "ENDED"),
            ({}, "PRE"),
        ],
    )
    def test_a_change_of_owner(self, given: dict[str, str], stage: str) -> None:
        birth = given.get("person_birth_date")
        asked = given | {"person_birth_date": date.fromisoformat(birth) if birth else None}
        story = held().on("2008-09-02", None, request("OWNER_CHANGE", **asked))
        assert story.reasons == []
        assert story.row["benefit_stage"] == stage


class TestWhole:
    def test_opening_and_ledger_give_the_account(self) -> None:
        story = fallen().on("2008-08-04", 80_000.0, withdraw(2_000.0)).on("2009-07-01", 120_000.0, pay(7_000.0))
        story.on("2009-10-01", 100_000.0, withdraw(500.0)).on("2010-03-01", 95_000.0)
        assert story.row["account_value"] == pytest.approx(sum(row["amount"] for row in story.ledger()), abs=1e-6)

    def test_a_run_in_two_parts_is_one_run(self) -> None:
        whole = held().on("2008-12-31").on("2009-08-31", 80_000.0, withdraw(1_000.0))
        parts = held()
        for stop in ("2008-08-15", "2008-12-31", "2009-06-30"):
            parts.on(stop)
        parts.on("2009-08-31", 80_000.0, withdraw(1_000.0))
        assert parts.row == whole.row

    def test_it_is_what_the_pure_rules_tell(self) -> None:
        """The same story told by `tests.support.highest_daily_story`, which knows no driver; layers at one rate."""
        told = HighestDailyStory("2008-07-01", rate=RATE)
        block = held()
        for when, account, amount in (
            ("2008-08-01", 80_000.0, 0.0), ("2008-08-04", 78_000.0, 0.0), ("2009-02-02", 105_000.0, 0.0),
            ("2009-03-02", 100_000.0, 1_500.0), ("2009-04-01", 107_000.0, 500.0),
        ):  # fmt: skip
            told.leap(when, account, *([("TAKE", amount)] if amount else []))
            block.on(when, account, *([withdraw(amount)] if amount else []))
            assert block.row["bond_value"] == pytest.approx(told.fixed, abs=0.02)
            assert block.row["account_value"] == pytest.approx(told.account, abs=0.02)
            for name in ("protected", "total_annual", "highest_daily", "remaining"):
                assert block.benefit[name] == pytest.approx(getattr(told.income, name), abs=CENT)
