"""TrueIncome and its Spousal version through the stages of a contract's life: before issue to after its end."""

import pytest

from tests.support.story import number
from tests.support.true_income_story import HALF_CENT, TERMS, Tale, elect, pay, withdraw
from valuation import true_income as ti
from valuation import true_income_endings as endings
from valuation.clock import day_of
from valuation.contract import NEW_CORE
from valuation.highest_daily_7 import ENDED, NONE, PAYING, POST, PRE
from valuation.true_income import NEW_TRUE_INCOME, NO_TRUE_INCOME_DAY, TrueIncome
from valuation.true_income_endings import LIFE_INCOME, UNDECIDED, WITHDRAWAL_BENEFIT

PLANS = pytest.mark.parametrize("plan", ["TI", "TIS"])
CENT = 0.005
DAY = day_of(number("2008-07-01"), number("2009-03-01"), number("2009-03-02"))


def issued(plan: str, choice: float = UNDECIDED) -> Tale:
    """100,000 on 1 July 2008."""
    return Tale("2008-07-01", 100_000.0, plan=plan, choice=choice)


def drawing(plan: str, choice: float = UNDECIDED) -> Tale:
    """The same with a first withdrawal of 1,000 at a Protected Withdrawal Value of 120,000: amounts 6,000 and 8,400."""
    return issued(plan, choice).on("2009-03-02", 120_000.0, withdraw(1_000.0))


def nothing_left(income: TrueIncome) -> bool:
    """Only the dates of a benefit are left."""
    kept = ("plan", "stage", "effective", "first_withdrawal", "ended")
    return all(value == 0.0 for name, value in income._asdict().items() if name not in kept)


@PLANS
class TestBeforeIssue:
    def test_nothing_happens_to_no_benefit(self, plan: str) -> None:
        terms = TERMS[("TI", "TIS").index(plan)]
        life = issued(plan).life
        facts = ti.true_income_day(NEW_TRUE_INCOME, terms, life, DAY)
        assert facts == NO_TRUE_INCOME_DAY
        income = ti.grow(NEW_TRUE_INCOME, terms, facts, 0.0)
        income = ti.roll_year(income, facts, DAY, 0.0)
        income = ti.pay_in(ti.set_auto_step_up(income, True), terms, facts, 10_000.0)
        assert income == NEW_TRUE_INCOME
        assert income.stage == NONE
        assert not ti.may_step_up(income, facts, 100_000.0, DAY.today)
        assert ti.asset_charge(income) == 0.0


@PLANS
class TestIssueDay:
    def test_values(self, plan: str) -> None:
        income = issued(plan).income
        assert income.stage == PRE
        assert income.plan == ("TI", "TIS").index(plan)
        assert income.accumulated == 100_000.0
        assert income.annual == income.withdrawal_annual == income.protected == income.anniversary_high == 0.0
        assert ti.asset_charge(income) == (0.006, 0.0075)[int(income.plan)]

    def test_a_withdrawal_on_that_day_is_the_first(self, plan: str) -> None:
        tale = Tale("2008-07-01", 100_000.0, plan=None)
        tale.on("2008-07-02", None, elect(plan), withdraw(1_000.0))
        assert tale.income.annual == pytest.approx(5_000.0, abs=1e-9)
        assert tale.income.remaining == pytest.approx(4_000.0, abs=1e-9)
        assert tale.income.first_withdrawal == number("2008-07-02")
        assert tale.income.step_up_from == number("2009-07-02")


@PLANS
class TestAccumulating:
    def test_a_year(self, plan: str) -> None:
        income = issued(plan).on("2009-07-01", 90_000.0).income
        assert income.stage == PRE
        assert income.accumulated == pytest.approx(105_000.0, abs=1e-6)
        assert income.anniversary_high == 90_000.0
        assert income.annual == 0.0

    def test_a_payment(self, plan: str) -> None:
        income = issued(plan).on("2008-08-01", None, pay(10_000.0)).income
        assert income.accumulated == pytest.approx(100_000.0 * 1.05 ** (31.0 / 365.0) + 10_000.0, abs=1e-6)


@PLANS
class TestFirstWithdrawal:
    def test_amounts(self, plan: str) -> None:
        income = drawing(plan).income
        assert income.stage == POST
        assert income.annual == pytest.approx(6_000.0, abs=1e-9)
        assert income.remaining == pytest.approx(5_000.0, abs=1e-9)
        assert income.withdrawal_annual == pytest.approx(8_400.0 if plan == "TI" else 0.0, abs=1e-9)
        assert income.protected == pytest.approx(119_000.0 if plan == "TI" else 0.0, abs=1e-9)
        assert income.taken == 1_000.0

    def test_growth_stops(self, plan: str) -> None:
        tale = drawing(plan)
        legs = tale.income.accumulated, tale.income.anniversary_high
        tale.on("2009-07-01", 150_000.0)
        assert (tale.income.accumulated, tale.income.anniversary_high) == legs
        assert tale.income.annual == pytest.approx(6_000.0, abs=1e-9)


@PLANS
class TestIncome:
    def test_years_of_income_leave_it_whole_without_carrying_over(self, plan: str) -> None:
        tale = drawing(plan)
        for year in range(2009, 2012):
            tale.on(f"{year}-07-01", 90_000.0, withdraw(6_000.0))
            assert tale.income.remaining == pytest.approx(0.0, abs=1e-9)
            assert tale.income.taken == 6_000.0
        tale.on("2012-07-01", 80_000.0, withdraw(1_500.0)).on("2013-07-01", 80_000.0)
        assert tale.income.annual == pytest.approx(6_000.0, abs=1e-9)
        assert tale.income.remaining == pytest.approx(6_000.0, abs=1e-9)
        assert tale.income.taken == 0.0
        if plan == "TI":
            assert tale.income.protected == pytest.approx(120_000.0 - 1_000.0 - 18_000.0 - 1_500.0, abs=1e-6)


@PLANS
class TestTenthAnniversary:
    """TI-2, TI-3: growth and anniversaries of ten years from the effective date."""

    def test_growth_ends_on_it(self, plan: str) -> None:
        tale = issued(plan).on("2018-07-01", 90_000.0)
        assert tale.income.accumulated == pytest.approx(100_000.0 * 1.05**10, abs=1e-6)
        assert tale.on("2020-07-01").income.accumulated == pytest.approx(100_000.0 * 1.05**10, abs=1e-6)

    def test_on_a_closed_day_it_grows_to_its_own_date(self, plan: str) -> None:
        tale = issued(plan).on("2018-06-29").leap("2018-07-05")
        assert tale.income.accumulated == pytest.approx(100_000.0 * 1.05**10, abs=1e-6)

    def test_the_tenth_anniversary_counts_and_the_eleventh_does_not(self, plan: str) -> None:
        tale = issued(plan).on("2018-07-01", 200_000.0)
        assert tale.income.anniversary_high == 200_000.0
        assert tale.on("2019-07-01", 250_000.0).income.anniversary_high == 200_000.0

    def test_later_payments_are_still_added(self, plan: str) -> None:
        tale = issued(plan).on("2018-07-01", 200_000.0).on("2018-07-02", 200_000.0, pay(5_000.0))
        assert tale.income.anniversary_high == 205_000.0
        assert tale.income.accumulated == pytest.approx(100_000.0 * 1.05**10 + 5_000.0, abs=1e-6)


class TestAccountValueExhausted:
    """TI-12, C-24 (prospectus 4494-4523): what has been taken in the Annuity Year decides what goes on."""

    def test_both_payable_the_choice_of_life_income(self) -> None:
        tale = drawing("TI", LIFE_INCOME).on("2009-05-01", 3_000.0, withdraw(3_000.0))
        assert tale.income.stage == PAYING
        assert tale.income.paying == LIFE_INCOME
        assert [paid for _, paid in tale.paid] == [2_000.0]
        tale.on("2012-07-01")
        assert tale.paid[1:] == [(number(f"{year}-07-01"), 6_000.0) for year in range(2009, 2013)]
        assert tale.income.stage == PAYING

    def test_both_payable_the_choice_of_the_withdrawal_benefit(self) -> None:
        """119,000 less 3,000: what remains of 8,400 at once, then 8,400 a year, the rest of it last."""
        tale = drawing("TI", WITHDRAWAL_BENEFIT).on("2009-05-01", 3_000.0, withdraw(3_000.0))
        assert tale.paid == [(number("2009-05-01"), pytest.approx(4_400.0))]
        tale.on("2030-07-01")
        amounts = [paid for _, paid in tale.paid[1:]]
        assert amounts[:-1] == [8_400.0] * 13
        assert amounts[-1] == pytest.approx(111_600.0 - 13 * 8_400.0, abs=CENT)
        assert sum(paid for _, paid in tale.paid) == pytest.approx(116_000.0, abs=CENT)
        assert tale.income.stage == ENDED
        assert tale.income.ended == number("2022-07-01")

    def test_less_than_half_a_cent_is_not_paid(self) -> None:
        tale = drawing("TI", WITHDRAWAL_BENEFIT).have(protected=4_000.004, withdrawal_remaining=0.0)
        tale.on("2009-05-01", 0.0).on("2009-07-01")
        assert tale.paid == [(number("2009-07-01"), 4_000.0)]
        assert tale.income.stage == ENDED

    def test_no_choice_yet_then_the_choice(self) -> None:
        tale = drawing("TI").on("2009-05-01", 3_000.0, withdraw(3_000.0)).on("2009-06-01")
        assert tale.income.paying == UNDECIDED
        assert tale.paid == []
        tale.income = endings.choose(tale.income, float(WITHDRAWAL_BENEFIT))
        tale.on("2009-06-02")
        assert tale.paid == [(number("2009-06-02"), pytest.approx(4_400.0))]

    def test_a_choice_stands(self) -> None:
        tale = drawing("TI", LIFE_INCOME).on("2009-05-01", 3_000.0, withdraw(3_000.0))
        assert endings.choose(tale.income, float(WITHDRAWAL_BENEFIT)).paying == LIFE_INCOME

    def test_without_a_choice_it_is_life_income(self) -> None:
        tale = drawing("TI").on("2009-05-01", 3_000.0, withdraw(3_000.0)).on("2010-07-01")
        assert tale.income.paying == LIFE_INCOME
        assert [day for day, _ in tale.paid] == [number("2009-07-01"), number("2010-07-01")]
        assert [paid for _, paid in tale.paid] == [pytest.approx(8_000.0), pytest.approx(6_000.0)]

    def test_above_the_income_and_within_the_withdrawal_amount(self) -> None:
        tale = drawing("TI", LIFE_INCOME).on("2009-05-01", 7_000.0, withdraw(7_000.0))
        assert tale.income.taken == 8_000.0
        assert tale.income.annual == 0.0
        assert tale.income.paying == WITHDRAWAL_BENEFIT
        assert [paid for _, paid in tale.paid] == [pytest.approx(400.0)]

    def test_above_both_it_ends(self) -> None:
        tale = drawing("TI").on("2009-05-01", 8_000.0, withdraw(8_000.0))
        assert tale.income.stage == ENDED
        assert tale.paid == []
        assert tale.on("2012-07-01").paid == []

    def test_exactly_the_withdrawal_amount_is_within(self) -> None:
        tale = drawing("TI").on("2009-05-01", 7_400.0, withdraw(7_400.0)).on("2010-07-01")
        assert [paid for _, paid in tale.paid] == [8_400.0, 8_400.0]

    def test_the_value_used_up_leaves_life_income(self) -> None:
        tale = drawing("TI").have(protected=2_500.0).on("2009-05-01", 3_000.0, withdraw(3_000.0))
        assert tale.income.paying == LIFE_INCOME
        assert tale.income.withdrawal_annual == 0.0
        assert [paid for _, paid in tale.paid] == [pytest.approx(2_000.0)]

    @PLANS
    def test_by_the_market_before_any_withdrawal(self, plan: str) -> None:
        tale = issued(plan, LIFE_INCOME).on("2010-07-01", 100_000.0).on("2010-08-02", 0.0)
        assert tale.income.annual == pytest.approx(0.05 * 100_000.0 * 1.05 ** (2.0 + 32.0 / 365.0), abs=1e-6)
        assert tale.paid == [(number("2010-08-02"), pytest.approx(tale.income.annual, abs=CENT))]

    @PLANS
    def test_by_the_market_after_an_excess_of_the_year(self, plan: str) -> None:
        tale = drawing(plan, LIFE_INCOME).on("2009-05-01", 100_000.0, withdraw(20_000.0)).on("2009-05-04", 0.0)
        assert tale.income.stage == PAYING
        assert tale.paid == []
        assert tale.on("2009-07-01").paid == [(number("2009-07-01"), pytest.approx(tale.income.annual, abs=CENT))]

    def test_on_the_anniversary_the_new_year_is_paid_once(self) -> None:
        tale = drawing("TI", LIFE_INCOME).on("2009-07-01", 0.0)
        assert [paid for _, paid in tale.paid] == [6_000.0]

    def test_spousal_within_the_income(self) -> None:
        """TIS-6 (prospectus 4830-4845)."""
        tale = drawing("TIS").on("2009-05-01", 3_000.0, withdraw(3_000.0)).on("2010-07-01")
        assert [paid for _, paid in tale.paid] == [pytest.approx(2_000.0), 6_000.0, 6_000.0]

    def test_spousal_above_the_income_ends(self) -> None:
        tale = drawing("TIS").on("2009-05-01", 5_100.0, withdraw(5_100.0))
        assert tale.income.stage == ENDED
        assert tale.paid == []

    @PLANS
    def test_a_required_distribution_ends_nothing(self, plan: str) -> None:
        tale = drawing(plan, LIFE_INCOME).require(12_000.0)
        tale.on("2009-05-01", 11_000.0, withdraw(11_000.0, required=True))
        assert tale.income.paying == LIFE_INCOME
        assert tale.income.annual == pytest.approx(6_000.0, abs=1e-9)
        assert tale.on("2009-07-01").paid == [(number("2009-07-01"), 6_000.0)]

    @PLANS
    def test_no_payment_and_no_charge_afterwards(self, plan: str) -> None:
        tale = drawing(plan, LIFE_INCOME).on("2009-05-01", 3_000.0, withdraw(3_000.0))
        facts = tale.facts(DAY)
        assert ti.asset_charge(tale.income) == 0.0
        assert ti.pay_in(tale.income, tale.terms, facts, 10_000.0) == tale.income
        assert ti.roll_year(tale.income, facts, DAY._replace(anniversary=DAY.today), 1e6) == tale.income


class TestMaturity:
    """TI-13, TIS-7 (prospectus 4524-4561, 4846-4869): annuity payments begin."""

    @staticmethod
    def annuitised(tale: Tale, option: int) -> TrueIncome:
        day = day_of(tale.life.issue, tale.today - 1, tale.today)
        return endings.annuitise(tale.income, tale.facts(day), tale.account, tale.today, option)

    @PLANS
    def test_account_value_applied(self, plan: str) -> None:
        income = self.annuitised(drawing(plan), endings.APPLY_ACCOUNT_VALUE)
        assert income.stage == ENDED

    @PLANS
    def test_life_income(self, plan: str) -> None:
        tale = drawing(plan)
        tale.income = self.annuitised(tale, endings.PAY_LIFE_INCOME)
        tale.on("2010-07-01")
        assert [paid for _, paid in tale.paid] == [5_000.0, 6_000.0, 6_000.0]
        assert [day for day, _ in tale.paid][1:] == [number("2009-07-01"), number("2010-07-01")]

    def test_withdrawal_benefit(self) -> None:
        tale = drawing("TI").have(protected=20_000.0)
        tale.income = self.annuitised(tale, endings.PAY_WITHDRAWAL_BENEFIT)
        tale.on("2013-07-01")
        assert [paid for _, paid in tale.paid] == [pytest.approx(7_400.0), 8_400.0, pytest.approx(4_200.0)]
        assert tale.income.stage == ENDED

    def test_no_benefit_without_its_amount(self) -> None:
        assert self.annuitised(drawing("TI").have(annual=0.0), endings.PAY_LIFE_INCOME).stage == ENDED
        assert self.annuitised(drawing("TIS"), endings.PAY_WITHDRAWAL_BENEFIT).stage == ENDED

    @PLANS
    def test_without_any_withdrawal_it_is_valued_as_if_the_first_were_today(self, plan: str) -> None:
        tale = issued(plan).on("2010-07-01", 90_000.0)
        income = self.annuitised(tale, endings.PAY_LIFE_INCOME)
        assert income.annual == pytest.approx(0.05 * 110_250.0, abs=1e-6)
        assert income.withdrawal_annual == pytest.approx(0.07 * 110_250.0 if plan == "TI" else 0.0, abs=1e-6)

    def test_without_an_election(self) -> None:
        income = drawing("TI").income
        assert endings.default_form(income, TERMS[0]) == (1.0, 5.0)
        assert endings.default_payment(income, 80_000.0, 0.0600, 0.0590) == pytest.approx(100_000.0 * 0.0590, abs=1e-9)
        assert endings.default_payment(income, 120_000.0, 0.06, 0.0590) == pytest.approx(120_000.0 * 0.0590, abs=1e-9)

    def test_without_an_election_two_lives_or_the_one_that_remains(self) -> None:
        income = drawing("TIS").income
        assert endings.default_form(income, TERMS[1]) == (2.0, 5.0)
        assert endings.default_form(endings.settle_death(income, True, True, DAY.today), TERMS[1]) == (1.0, 5.0)


class TestDeath:
    """TI-14, TIS-6, TIS-8, TIS-9 (prospectus 4608-4625, 4836-4841, 4898-4902, 4945-4954)."""

    def test_the_annuitants_death_ends_it(self) -> None:
        income = endings.settle_death(drawing("TI").income, False, False, DAY.today)
        assert income.stage == ENDED
        assert income.ended == DAY.today

    def test_a_spouse_who_continues_may_elect_at_once(self) -> None:
        assert endings.settle_death(drawing("TI").income, True, True, DAY.today) == NEW_TRUE_INCOME

    @pytest.mark.parametrize("choice", [LIFE_INCOME, WITHDRAWAL_BENEFIT])
    def test_payments_end_with_the_life(self, choice: int) -> None:
        tale = drawing("TI", choice).on("2009-05-01", 3_000.0, withdraw(3_000.0))
        tale.income = endings.settle_death(tale.income, True, True, tale.today)
        assert tale.income.stage == ENDED
        assert len(tale.on("2012-07-01").paid) == 1

    def test_spousal_goes_on_for_the_survivor(self) -> None:
        before = drawing("TIS").income
        income = endings.settle_death(before, True, True, DAY.today)
        assert income == before._replace(lives=1.0)
        assert ti.asset_charge(income) == 0.0075
        assert endings.settle_death(income, True, True, DAY.today).stage == ENDED

    @pytest.mark.parametrize("continued, spouses", [(False, True), (True, False)])
    def test_spousal_ends_where_it_is_not_continued_or_they_were_not_spouses(
        self, continued: bool, spouses: bool
    ) -> None:
        assert endings.settle_death(drawing("TIS").income, continued, spouses, DAY.today).stage == ENDED

    @pytest.mark.parametrize("spouses, stage", [(True, PAYING), (False, ENDED)])
    def test_spousal_payments_go_on_to_the_second_death(self, spouses: bool, stage: int) -> None:
        tale = drawing("TIS").on("2009-05-01", 3_000.0, withdraw(3_000.0))
        tale.income = endings.settle_death(tale.income, False, spouses, tale.today)
        assert tale.income.stage == stage
        assert endings.settle_death(tale.income, False, spouses, tale.today).stage == ENDED


class TestEnded:
    @PLANS
    def test_by_notice(self, plan: str) -> None:
        income = endings.end(drawing(plan).income, number("2009-05-01"))
        assert income.stage == ENDED
        assert income.ended == number("2009-05-01")
        assert nothing_left(income)
        assert ti.asset_charge(income) == 0.0

    @PLANS
    def test_nothing_happens_to_it_any_more(self, plan: str) -> None:
        income = endings.end(drawing(plan).income, number("2009-05-01"))
        core = NEW_CORE
        assert endings.exhaust(income, core, NO_TRUE_INCOME_DAY, DAY.today, 0.0, True, False, 0.0, HALF_CENT) == income
        assert endings.settle_death(income, True, True, DAY.today) == income
        assert endings.pay_guaranteed(income, DAY._replace(anniversary=DAY.today), 1.0, HALF_CENT) == (income, 0.0)
        assert endings.choose(income, 1.0) == income
        assert endings.annuitise(income, NO_TRUE_INCOME_DAY, 1e5, DAY.today, endings.PAY_LIFE_INCOME) == income

    @PLANS
    def test_with_nothing_left_it_ends_by_itself(self, plan: str) -> None:
        tale = drawing(plan)
        assert not endings.has_ended(tale.income)
        assert endings.has_ended(tale.income._replace(annual=0.0, protected=0.0))
        assert not endings.has_ended(issued(plan).income)

    def test_income_without_value_and_value_without_income_do_not_end(self) -> None:
        income = drawing("TI").income
        assert not endings.has_ended(income._replace(annual=0.0))
        assert not endings.has_ended(income._replace(protected=0.0))

    @pytest.mark.parametrize(
        "change, single, spousal",
        [
            (endings.TAXPAYER_CHANGED, endings.ENDS_BENEFIT, endings.NOT_PERMITTED),
            (endings.ANNUITANT_CHANGED, endings.ENDS_BENEFIT, endings.NOT_PERMITTED),
            (endings.CO_OWNER_REMOVED, endings.NO_EFFECT, endings.NO_EFFECT),
            (endings.OTHER_CHANGE, endings.NO_EFFECT, endings.NOT_PERMITTED),
        ],
    )
    def test_changes_of_designation(self, change: int, single: int, spousal: int) -> None:
        assert endings.answer_to_change(0.0, change) == single
        assert endings.answer_to_change(1.0, change) == spousal

    def test_a_new_election_starts_anew(self) -> None:
        tale = drawing("TI")
        tale.income = endings.end(tale.income, tale.today)
        tale.on("2010-07-01", 70_000.0, elect("TIS"))
        assert tale.income == ti.elect(1, TERMS[1], 70_000.0, number("2010-07-01"))
