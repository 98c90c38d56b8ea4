"""Fixed Rate Options and Enhanced Dollar Cost Averaging in the daily valuation: through `value_block`, table to table."""

from datetime import date

import pytest

from tests.support.fixed_money_block import (
    ENHANCED,
    HELD,
    IN_SUBS,
    ONE_YEAR,
    SUBS,
    FixedMoneyBlock,
    every,
    pay,
    request,
    shares,
    transfer,
)
from valuation.declared_rates import DeclaredRate, declare
from valuation.failures import Reason

CENT = 0.005
HALF = {SUBS[0]: 0.5, ONE_YEAR: 0.5}


def half() -> FixedMoneyBlock:
    """50,000 in the one-year option at 3% and 1% more for a payment, 50,000 in a Sub-account."""
    return FixedMoneyBlock(parts=HALF)


def withdraw(amount: float) -> tuple[str, dict[str, object]]:
    return request("WITHDRAWAL", amount=amount, basis="gross")


def conserved(story: FixedMoneyBlock) -> None:
    """Opening + ledger = closing, of the options and of every Sub-account, over the whole life."""
    sums: dict[str, float] = {}
    for row in story.ledger():
        sums[row["sub_account"]] = sums.get(row["sub_account"], 0.0) + row["amount"]
    closing = {part["sub_account"]: part["value"] for part in story.row["units"]}
    for name, amount in sums.items():
        assert amount == pytest.approx(closing.get(name, 0.0), abs=1e-6), name


class TestOneYearOption:
    """FIX-1 to FIX-4."""

    def test_every_allocation_has_a_period_and_rate_of_its_own(self) -> None:
        story = half().on("2007-08-01", pay(10_000.0, allocation=shares({ONE_YEAR: 1.0})))
        story.on("2008-01-15", pay(1_000.0), transfer(5_000.0, SUBS[0], ONE_YEAR))
        assert [row[::2] for row in story.periods] == [
            ("2007-07-02", 0.04), ("2007-08-01", 0.04), ("2008-01-15", 0.025), ("2008-01-15", 0.02),
        ]  # fmt: skip
        assert [row[1] for row in story.periods[2:]] == [pytest.approx(500.0), pytest.approx(5_000.0)]

    def test_interest_by_calendar_days(self) -> None:
        story = half().on("2008-06-30")
        assert story.held == pytest.approx(50_000.0 * 1.04 ** (364 / 365), abs=CENT)
        earned = sum(row["amount"] for row in story.ledger("FIXED_INTEREST"))
        assert story.held - 50_000.0 == pytest.approx(earned, abs=1e-6)
        assert {row["rule"] for row in story.ledger("FIXED_INTEREST")} == {"FIX-2"}

    def test_it_renews_at_the_rate_declared_then_without_the_additional_one(self) -> None:
        story = half().on("2009-06-30")
        first, second = 1.04 ** (366 / 365), 1.02 ** (363 / 365)
        assert story.held == pytest.approx(50_000.0 * first * second, abs=CENT)
        assert every(story.periods)[2:] == (0.02, True)

    @pytest.mark.parametrize(
        "day, reasons",
        [
            ("2008-07-01", [Reason.FIXED_NOT_OPEN]),
            ("2008-07-02", []),
            ("2008-08-01", []),
            ("2008-08-04", [Reason.FIXED_NOT_OPEN]),
        ],
    )
    def test_out_in_the_thirty_days_after_a_period_only(self, day: str, reasons: list[int]) -> None:
        story = half().on(day, transfer(10_000.0, ONE_YEAR, SUBS[1]))
        assert story.reasons == reasons
        moved = [amount for _, amount in story.out("TRANSFER")]
        assert moved == ([] if reasons else [pytest.approx(10_000.0)])
        conserved(story)

    def test_a_transfer_in_counts_and_one_out_does_not(self) -> None:
        story = half().on("2008-01-15", transfer(5_000.0, SUBS[0], ONE_YEAR))
        assert story.row["transfers_this_year"] == 1
        story.on("2008-07-10", transfer(5_000.0, ONE_YEAR, SUBS[0]))
        assert story.row["transfers_this_year"] == 0

    def test_more_than_is_there(self) -> None:
        story = half().on("2008-07-10", transfer(60_000.0, ONE_YEAR, SUBS[0]), transfer(60_000.0, SUBS[0], ONE_YEAR))
        assert story.reasons == [Reason.TRANSFER_TOO_LARGE, Reason.TRANSFER_TOO_LARGE]

    def test_the_maintenance_fee_is_of_the_sub_accounts(self) -> None:
        """35 USD, at most 2% of the Sub-accounts: 20 of 1,000, and nothing of an Annuity that has none."""
        one = FixedMoneyBlock(amount=10_000.0, parts={SUBS[0]: 0.1, ONE_YEAR: 0.9}).on("2008-07-02")
        assert -sum(row["amount"] for row in one.ledger("MAINTENANCE_FEE")) == pytest.approx(20.0)
        assert one.out("MAINTENANCE_FEE") == []
        assert FixedMoneyBlock(amount=10_000.0, parts={ONE_YEAR: 1.0}).on("2008-07-02").ledger("MAINTENANCE_FEE") == []

    def test_a_longevity_credit_goes_by_the_instructions(self) -> None:
        """0.40% of the payment on the tenth anniversary, to the options in the percentages of payments."""
        rates = declare([DeclaredRate(date(1995, 1, 2), "ONE_YEAR", 12, 0.03, 0.01)])
        story = FixedMoneyBlock("1998-06-01", parts={SUBS[0]: 0.75, ONE_YEAR: 0.25}, series="X", rates=rates)
        story.on("2008-06-02")
        rows = {row["sub_account"]: row["amount"] for row in story.ledger("LONGEVITY_CREDIT")}
        assert rows == {SUBS[0]: pytest.approx(300.0), HELD: pytest.approx(100.0)}
        found = [row[1:] for row in story.periods if not row[3]]
        assert found == [(pytest.approx(100.0), 0.03, False)]


class TestPayments:
    """WD-1, CDSC, DB-2, SUR-1, ANN-1."""

    def test_a_withdrawal_comes_from_all_options_in_proportion(self) -> None:
        story = half().on("2007-09-04", pay(20_000.0)).on("2007-10-01")
        subs, periods = story.subs, story.periods
        story.on("2007-10-02", withdraw(6_000.0))
        share, night = 6_000.0 / (story.row["account_value"] + 6_000.0), 1.04 ** (1 / 365)
        assert story.subs == pytest.approx(subs * (1.0 - share))
        kept = [now[1] / (before[1] * night) for now, before in zip(story.periods, periods, strict=True)]
        assert kept == [pytest.approx(1.0 - share)] * 2
        assert story.out("WITHDRAWAL") == [("2007-10-02", pytest.approx(story.held / (1.0 - share) * share))]
        conserved(story)

    def test_all_of_it_is_paid(self) -> None:
        for kind, when, given in (
            ("SURRENDER", "2008-03-03", {}),
            ("DEATH", "2008-03-03", {"event_date": date(2008, 2, 20)}),
            ("ANNUITIZATION", "2010-07-06", {}),
        ):
            story = half().on("2008-02-29").on(when, request(kind, **given))
            assert story.row["account_value"] == 0.0, kind
            assert story.held == 0.0
            conserved(story)

    def test_death_pays_the_interest_too(self) -> None:
        story = half().on("2008-03-03", request("DEATH", event_date=date(2008, 2, 20)))
        paid = [row["paid"] for done in story.results for row in done.payments.to_pylist()]
        assert paid == [pytest.approx(50_000.0 + 50_000.0 * 1.04 ** (245 / 365), abs=CENT)]

    def test_a_spouse_who_continues_has_it_too(self) -> None:
        story = half().on("2007-12-31", factor=0.5)
        story.on("2008-03-03", request("SPOUSAL_CONTINUATION", event_date=date(2008, 2, 20)))
        added = {row["sub_account"]: row["amount"] for row in story.ledger("SPOUSAL_CONTINUATION")}
        assert added[HELD] == pytest.approx(added[SUBS[0]])
        assert story.row["account_value"] == pytest.approx(100_000.0, abs=CENT)
        assert [row[::2] for row in story.periods] == [("2007-07-02", 0.04), ("2008-03-03", 0.02)]
        conserved(story)


class TestEnhanced:
    """FIX-5 to FIX-7."""

    def story(self) -> FixedMoneyBlock:
        return FixedMoneyBlock("2008-06-02", 12_000.0, enhanced_amount=12_000.0, number_of_payments=6)

    def test_the_schedule_of_the_worked_example(self) -> None:
        """D-FIX-1."""
        story = self.story().on("2008-12-31")
        assert [(day, round(amount, 2)) for day, amount in story.out("ENHANCED_TRANSFER")] == [
            ("2008-06-13", 2_000.0), ("2008-07-14", 2_000.0), ("2008-08-13", 2_000.0),
            ("2008-09-15", 2_000.0), ("2008-10-13", 2_000.0), ("2008-11-13", 2_086.08),
        ]  # fmt: skip
        assert (story.held, story.row["transfers_this_year"], story.row["enhanced_programmes"]) == (0.0, 0, [])
        assert story.row["fixed_rate_declared"] is None
        conserved(story)

    def test_the_sub_accounts_are_those_of_the_instructions(self) -> None:
        story = self.story().on("2008-06-13")
        moved = {row["sub_account"]: row["amount"] for row in story.ledger("ENHANCED_TRANSFER")}
        assert (moved[SUBS[0]], moved[SUBS[1]]) == (pytest.approx(1_200.0), pytest.approx(800.0))
        assert story.out("ENHANCED_TRANSFER") == [("2008-06-13", pytest.approx(2_000.0))]
        story.on("2008-06-16", request("ALLOCATION", allocation=shares({SUBS[1]: 1.0}))).on("2008-07-14")
        last = {row["sub_account"] for row in story.ledger("ENHANCED_TRANSFER") if str(row["date"]) == "2008-07-14"}
        assert last == {HELD, SUBS[1]}

    def test_a_part_of_a_payment_and_of_its_credit(self) -> None:
        story = FixedMoneyBlock(parts=HALF, series="X", enhanced_amount=20_000.0, number_of_payments=12)
        credit = sum(row["amount"] for row in story.ledger("PURCHASE_CREDIT"))
        assert credit > 0.0
        assert every(story.row["enhanced_programmes"])["value"] == pytest.approx(20_000.0 + 0.2 * credit)
        assert every(story.periods)[1] == pytest.approx(40_000.0 + 0.4 * credit)

    def test_a_withdrawal_spreads_the_rest_anew(self) -> None:
        story = self.story().on("2008-06-20")
        before = every(story.row["enhanced_programmes"])
        story.on("2008-06-23", withdraw(1_000.0))
        after = every(story.row["enhanced_programmes"])
        assert before["periodic"] == 2_000.0
        assert after["periodic"] == pytest.approx(after["value"] / 5)
        assert after["value"] == pytest.approx(before["value"] * (1.0 - 1_000.0 / 12_000.0), rel=1e-3)

    def test_one_transfer_of_the_whole_is_free(self) -> None:
        story = self.story().on("2008-07-01", transfer(3_000.0, ENHANCED, SUBS[1]))
        assert story.reasons == [Reason.ENHANCED_IN_WHOLE]
        story.on("2008-07-02", transfer(None, ENHANCED, SUBS[1]))
        assert (story.held, story.row["transfers_this_year"]) == (0.0, 0)
        assert story.on("2008-08-01").out("ENHANCED_TRANSFER") == [("2008-06-13", 2_000.0)]
        conserved(story)

    def test_it_may_go_on_to_the_one_year_option(self) -> None:
        story = self.story().on("2008-07-02", transfer(None, ENHANCED, ONE_YEAR))
        assert [row[::2] for row in story.periods] == [("2008-07-02", 0.02)]
        conserved(story)

    def test_a_new_owner_ends_it(self) -> None:
        born = date(1950, 5, 5)
        story = self.story().on(
            "2008-07-02", request("OWNER_CHANGE", person_birth_date=born, person_sex="M", approved=True)
        )
        assert story.reasons == []
        assert story.held == 0.0
        rows = {str(row["date"]) for row in story.ledger("ENHANCED_TRANSFER")}
        assert rows == {"2008-06-13", "2008-07-02"}
        conserved(story)

    def test_several_at_once(self) -> None:
        story = self.story().on("2008-07-14", pay(6_000.0, enhanced_amount=6_000.0, number_of_payments=12))
        assert len(story.row["enhanced_programmes"]) == 2
        assert dict(story.out("ENHANCED_TRANSFER"))["2008-07-14"] == pytest.approx(2_500.0)


class TestRefusals:
    @pytest.mark.parametrize(
        "given, reason",
        [
            ({"enhanced_amount": 5_000.0, "number_of_payments": 7}, Reason.ENHANCED_PERIOD),
            ({"enhanced_amount": 5_000.0}, Reason.ENHANCED_PERIOD),
            ({"enhanced_amount": 15_000.0, "number_of_payments": 6}, Reason.NOT_IN_GOOD_ORDER),
        ],
    )
    def test_enhanced_programmes(self, given: dict[str, object], reason: Reason) -> None:
        story = FixedMoneyBlock().on("2008-01-15", pay(10_000.0, **given))
        assert story.reasons == [reason]
        assert story.row["account_value"] == pytest.approx(100_000.0)

    def test_transfers_never_enter_the_enhanced_option(self) -> None:
        story = FixedMoneyBlock().on("2008-01-15", transfer(1_000.0, SUBS[0], ENHANCED))
        assert story.reasons == [Reason.ENHANCED_PAYMENT_ONLY]

    def test_without_declared_rates_nothing_is_offered(self) -> None:
        story = FixedMoneyBlock(rates=None).on(
            "2008-01-15",
            transfer(1_000.0, SUBS[0], ONE_YEAR),
            pay(1_000.0, allocation=shares({ONE_YEAR: 1.0})),
            request("ALLOCATION", allocation=shares(HALF)),
            pay(5_000.0, enhanced_amount=5_000.0, number_of_payments=6),
        )
        assert story.reasons == [Reason.FIXED_NOT_OFFERED] * 4

    def test_what_is_held_needs_declared_rates(self) -> None:
        story = half()
        story.rates = None
        with pytest.raises(ValueError, match="declared rates"):
            story.on("2008-01-15")

    def test_a_benefit_is_not_elected_while_they_are_held(self) -> None:
        story = half().on("2008-01-15", request("ELECTION", benefit="HD7"))
        assert story.reasons == [Reason.FIXED_RATE_HELD]
        assert story.row["benefit"] == "NONE"

    def test_once_they_are_left_it_is(self) -> None:
        story = half().on("2008-07-09", request("ALLOCATION", allocation=shares(IN_SUBS)))
        whole = round(story.held * 1.02 ** (1 / 365), 2)
        story.on("2008-07-10", transfer(whole, ONE_YEAR, SUBS[0]))
        assert (story.held, story.periods, story.row["fixed_rate_declared"]) == (0.0, [], None)
        story.on("2008-07-11", request("ELECTION", benefit="HD7"))
        assert (story.reasons, story.row["benefit"], story.row["benefit_stage"]) == ([], "HD7", "PRE")
        conserved(story)

    def test_they_are_left_and_a_benefit_elected_within_one_run(self) -> None:
        story = half().on("2008-07-09", request("ALLOCATION", allocation=shares(IN_SUBS)))
        whole = round(story.held * 1.02 ** (1 / 365), 2)
        story.on("2008-07-10", transfer(whole, ONE_YEAR, SUBS[0])).on("2008-07-11", request("ELECTION", benefit="HD7"))
        assert story.on("2008-08-01").whole().snapshot.equals(story.snapshot)

    @pytest.mark.parametrize("plan", ["HD7", "TI", "HD", "HDV"])
    def test_most_benefits_in_force_forbid_them(self, plan: str) -> None:
        story = FixedMoneyBlock(benefit=plan)
        assert story.reasons == []
        story.on(
            "2008-01-15",
            transfer(1_000.0, SUBS[0], ONE_YEAR),
            pay(1_000.0, allocation=shares({ONE_YEAR: 1.0})),
            request("ALLOCATION", allocation=shares(HALF)),
            pay(5_000.0, enhanced_amount=5_000.0, number_of_payments=6),
        )
        assert story.reasons == [Reason.FIXED_NOT_PERMITTED] * 4
        assert story.row["account_value"] == pytest.approx(100_000.0, rel=0.02)

    def test_no_record_holds_them_beside_the_guaranteed_minimum_income_benefit(self) -> None:
        story = FixedMoneyBlock(benefit="GMIB").on("2008-01-15", transfer(1_000.0, SUBS[0], ONE_YEAR))
        assert story.reasons == [Reason.FIXED_NOT_CARRIED]

    def test_a_benefit_elected_with_such_an_allocation(self) -> None:
        story = FixedMoneyBlock(parts=HALF, benefit="HD7")
        assert story.reasons == [Reason.FIXED_RATE_HELD]
        assert (story.row["benefit"], story.held) == ("NONE", 50_000.0)

    def test_the_combination_benefit_allows_them_and_the_daily_value_does_not(self) -> None:
        assert FixedMoneyBlock(parts=HALF, benefit="COMBINATION").row["death_benefit_plan"] == "COMBINATION"
        story = FixedMoneyBlock(parts=HALF, benefit="HDV")
        assert (story.reasons, story.row["death_benefit_plan"]) == ([Reason.FIXED_RATE_HELD], "NONE")

    def test_a_benefit_that_has_ended_is_remembered(self) -> None:
        story = FixedMoneyBlock(benefit="HD7").on("2007-12-03", request("BENEFIT_TERMINATION"))
        story.on("2008-01-15", transfer(10_000.0, SUBS[0], ONE_YEAR))
        assert story.reasons == []
        assert (story.row["benefit"], story.row["benefit_stage"]) == ("HD7", "ENDED")
        assert str(story.row["benefit_ended_date"]) == "2007-12-03"
        assert story.held == 10_000.0


class TestRuns:
    def life(self) -> FixedMoneyBlock:
        story = FixedMoneyBlock(parts=HALF, enhanced_amount=12_000.0, number_of_payments=6, series="X")
        story.on("2007-09-04", pay(20_000.0), factor=1.1).on("2007-11-01", withdraw(7_000.0), factor=0.9)
        story.on("2008-01-15", transfer(3_000.0, SUBS[0], ONE_YEAR), pay(2_000.0, allocation=shares({ONE_YEAR: 1.0})))
        story.on("2008-07-11", transfer(1_000.0, ONE_YEAR, SUBS[1]), factor=0.8).on("2008-10-01", withdraw(500.0))
        return story.on("2009-08-03", factor=1.3)

    def test_a_run_in_parts_is_one_run(self) -> None:
        story = self.life()
        assert story.reasons == []
        assert story.whole().snapshot.equals(story.snapshot)

    def test_everything_is_conserved(self) -> None:
        conserved(self.life())

    def test_the_snapshot_tells_the_rate_of_a_projection(self) -> None:
        assert half().row["fixed_rate_declared"] == 0.03
        assert half().on("2008-02-01").row["fixed_rate_declared"] == 0.02
