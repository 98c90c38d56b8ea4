"""Both benefits through the stages of a contract's life: before issue to after its end."""

import pytest

from tests.support.story import Event, Story, number, pay, withdraw, without_charges
from valuation import highest_daily_7 as hd7
from valuation.contract import (
    ACTIVE,
    ADDED,
    ANNUITISED,
    BENEFIT_FEES,
    CHARGED,
    DIED,
    GUARANTEED_PAID,
    PAID,
    PAYOUT,
    PENDING,
    RECEIVED,
    SURRENDERED,
)
from valuation.terms import load_terms

PLANS = pytest.mark.parametrize("plan", ["HD7", "SHD7"])
FREE = without_charges()
CENT = 0.005
TEN_YEARS = 1.07 ** (3_652.0 / 365.0)


def issued(plan: str, terms: object = FREE, **more: object) -> Story:
    """100,000 on 1 July 2008; the older life is 70, the youngest 65."""
    births = {"birth": "1943-01-15"} if plan == "HD7" else {"birth": "1938-01-15", "spouse_birth": "1943-01-15"}
    return Story("2008-07-01", plan=plan, terms=terms, **births, **more)  # type: ignore[arg-type]


def drawing(plan: str, terms: object = FREE) -> Story:
    """The same with a first withdrawal of 1,000 at a Protected Withdrawal Value of 120,000."""
    return issued(plan, terms).on("2009-03-02", 120_000.0, withdraw(1_000.0))


def exhausted(plan: str) -> Story:
    """The Account Value used up by a withdrawal within the income: 3,000 of the 5,000 that remain."""
    return drawing(plan).on("2009-05-01", 3_000.0, withdraw(5_000.0))


@PLANS
class TestBeforeIssue:
    def test_nothing_is_there(self, plan: str) -> None:
        story = issued(plan, start="2008-06-25")
        before = story.past[:-1]
        assert len(before) == 6
        assert all(past.core.status == PENDING for past in before)
        assert all(sum(past.account) == 0.0 and past.cash.sum() == 0.0 for past in before)
        assert all(past.income.stage == hd7.NONE for past in before)


@PLANS
class TestIssueDay:
    def test_values(self, plan: str) -> None:
        story = issued(plan)
        assert story.core.status == ACTIVE
        assert story.income.stage == hd7.PRE
        assert story.income.plan == ("HD7", "SHD7").index(plan)
        assert story.cash[RECEIVED] == 100_000.0
        assert story.protected == pytest.approx(100_000.0, abs=1e-9)
        assert story.income.enhanced == pytest.approx(200_000.0, abs=1e-9)

    def test_a_withdrawal_on_that_day_is_the_first(self, plan: str) -> None:
        births = {"birth": "1943-01-15", "spouse_birth": "1943-01-15"}
        story = Story("2008-07-01", terms=FREE, **births)  # type: ignore[arg-type]
        story.on("2008-07-02", None, Event("ELECTION", choice=("HD7", "SHD7").index(plan)), withdraw(1_000.0))
        assert story.income.annual == pytest.approx(5_000.0, abs=1e-9)
        assert story.income.first_withdrawal == number("2008-07-02")


@PLANS
class TestAccumulating:
    def test_a_year(self, plan: str) -> None:
        story = issued(plan).on("2009-07-01", 90_000.0)
        assert story.income.stage == hd7.PRE
        assert story.protected == pytest.approx(107_000.0, abs=1e-6)
        assert story.income.annual == 0.0

    def test_a_payment(self, plan: str) -> None:
        story = issued(plan).on("2008-08-01", None, pay(10_000.0))
        assert story.protected == pytest.approx(100_000.0 * 1.07 ** (31.0 / 365.0) + 10_000.0, abs=1e-6)
        assert story.income.principal == pytest.approx(110_000.0, abs=1e-9)


@PLANS
class TestFirstWithdrawal:
    def test_values(self, plan: str) -> None:
        income = drawing(plan).income
        assert income.stage == hd7.POST
        assert income.annual == pytest.approx(6_000.0, abs=CENT)
        assert income.remaining == pytest.approx(5_000.0, abs=CENT)
        assert income.protected == pytest.approx(119_000.0, abs=CENT)


@PLANS
class TestIncome:
    def test_the_full_amount_every_year_leaves_the_income_alone(self, plan: str) -> None:
        story = drawing(plan)
        for year in range(2009, 2019):
            story.leap(f"{year}-07-01", 80_000.0, Event("INCOME", 1.0))
            assert story.cash[PAID] == pytest.approx(6_000.0, abs=CENT)
        assert story.income.annual == pytest.approx(6_000.0, abs=CENT)
        assert story.income.protected == pytest.approx(119_000.0 - 60_000.0, abs=0.1)

    def test_no_roll_up_any_more(self, plan: str) -> None:
        assert drawing(plan).on("2009-06-30", 90_000.0).income.protected == pytest.approx(119_000.0, abs=CENT)


@PLANS
class TestAccountValueExhausted:
    def test_the_rest_of_the_year_is_paid_at_once(self, plan: str) -> None:
        story = exhausted(plan)
        assert story.core.status == PAYOUT
        assert story.account_value == 0.0
        assert story.cash[PAID] == pytest.approx(3_000.0, abs=CENT)
        assert story.cash[GUARANTEED_PAID] == pytest.approx(2_000.0, abs=CENT)

    def test_the_income_is_paid_on_every_anniversary(self, plan: str) -> None:
        story = exhausted(plan).on("2011-07-01")
        paid = [past.day for past in story.past if past.cash[GUARANTEED_PAID] > 5_000.0]
        assert paid == [number("2009-07-01"), number("2010-07-01"), number("2011-07-01")]
        assert story.cash[GUARANTEED_PAID] == pytest.approx(6_000.0, abs=CENT)

    def test_no_payment_is_accepted_and_nothing_is_charged(self, plan: str) -> None:
        story = exhausted(plan)
        story.terms = load_terms(True)
        story.on("2010-06-01", None, pay(10_000.0), withdraw(1_000.0))
        assert story.refusals == [802, 802]
        assert all(past.cash[BENEFIT_FEES] == 0.0 for past in story.past)

    def test_deaths_stop_it(self, plan: str) -> None:
        story = exhausted(plan).on("2009-06-01", None, Event("DEATH", date=number("2009-05-30")))
        if plan == "SHD7":
            assert story.core.status == PAYOUT
            assert story.on("2009-07-01").cash[GUARANTEED_PAID] == pytest.approx(6_000.0, abs=CENT)
            story.on("2010-01-04", None, Event("DEATH", date=number("2010-01-02")))
        assert story.core.status == DIED
        assert story.income.stage == hd7.ENDED
        assert story.on("2011-07-01").cash.sum() == 0.0


@PLANS
class TestAnnuitisation:
    def test_the_account_value_is_applied(self, plan: str) -> None:
        story = drawing(plan).leap("2011-07-01").leap("2012-03-01", 90_000.0, Event("ANNUITIZATION"))
        assert story.core.status == ANNUITISED
        assert story.cash[PAID] == pytest.approx(90_000.0, abs=CENT)
        assert story.income.stage == hd7.ENDED

    def test_the_accrued_fee_is_taken(self, plan: str) -> None:
        story = drawing(plan, load_terms(True)).leap("2011-07-01", 90_000.0)
        story.leap("2011-08-01", 90_000.0, Event("ANNUITIZATION"))
        rate = 0.0060 if plan == "HD7" else 0.0075
        assert story.cash[BENEFIT_FEES] == pytest.approx(
            rate * story.past[-2].income.protected * 31.0 / 365.0, abs=CENT
        )

    def test_the_income_as_annuity_payments(self, plan: str) -> None:
        story = (
            drawing(plan).leap("2011-07-01", 80_000.0).leap("2012-03-01", 80_000.0, Event("ANNUITIZATION", choice=0))
        )
        assert story.core.status == PAYOUT
        assert story.account_value == 0.0
        assert story.leap("2012-07-02").cash[GUARANTEED_PAID] == pytest.approx(6_000.0, abs=CENT)

    def test_without_a_withdrawal_it_is_as_if_the_first_came_on_that_day(self, plan: str) -> None:
        story = issued(plan).leap("2011-07-01", 80_000.0, Event("ANNUITIZATION", choice=0))
        assert story.income.annual == pytest.approx(0.05 * 100_000.0 * 1.07 ** (1_095.0 / 365.0), abs=CENT)


@PLANS
class TestTenthAnniversary:
    def test_the_principal_is_returned(self, plan: str) -> None:
        story = issued(plan).leap("2018-06-29", 70_000.0).leap("2018-07-01", 70_000.0)
        assert story.cash[ADDED] == pytest.approx(30_000.0, abs=CENT)
        assert story.protected == pytest.approx(100_000.0 * TEN_YEARS, abs=1e-6)

    def test_no_growth_afterwards(self, plan: str) -> None:
        story = issued(plan).leap("2018-07-01", 70_000.0).on("2018-12-31", 70_000.0)
        assert story.protected == pytest.approx(max(200_000.0, 100_000.0 * TEN_YEARS), abs=1e-6)
        assert story.income.stage == hd7.PRE

    def test_it_is_added_once(self, plan: str) -> None:
        story = issued(plan).leap("2018-06-29", 70_000.0).leap("2018-07-02", 70_000.0).on("2018-08-01", 60_000.0)
        assert sum(past.cash[ADDED] for past in story.past) == pytest.approx(30_000.0, abs=CENT)


@PLANS
class TestDeath:
    def test_the_death_benefit_ends_everything(self, plan: str) -> None:
        story = drawing(plan, load_terms(True)).on("2009-05-01", 60_000.0, Event("DEATH", date=number("2009-04-20")))
        assert story.core.status == DIED
        assert story.income.stage == hd7.ENDED
        assert story.cash[BENEFIT_FEES] == 0.0
        assert story.payments[-1].paid == pytest.approx(100_000.0 * (1.0 - 1_000.0 / 120_000.0), abs=CENT)

    def test_a_continuing_spouse_keeps_only_the_spousal_benefit(self, plan: str) -> None:
        story = drawing(plan).on("2009-05-01", 60_000.0, Event("SPOUSAL_CONTINUATION", date=number("2009-04-20")))
        assert story.core.status == ACTIVE
        assert story.account_value == pytest.approx(100_000.0 * (1.0 - 1_000.0 / 120_000.0), abs=CENT)
        assert story.income.stage == (hd7.POST if plan == "SHD7" else hd7.ENDED)
        assert (story.account.bond == 0.0) or plan == "SHD7"


@PLANS
class TestEnded:
    def test_terminated_by_the_owner(self, plan: str) -> None:
        story = drawing(plan, load_terms(True)).on("2009-05-11", 60_000.0, Event("BENEFIT_TERMINATION"))
        rate = 0.0060 if plan == "HD7" else 0.0075
        before = story.past[-2].income
        days = number("2009-05-11") - before.last_fee
        assert story.core.status == ACTIVE
        assert story.income.stage == hd7.ENDED
        assert story.account.bond == 0.0
        assert story.cash[BENEFIT_FEES] == pytest.approx(rate * before.protected * days / 365.0, abs=CENT)
        assert story.on("2009-12-31", 20_000.0).cash[BENEFIT_FEES] == 0.0

    def test_surrendered(self, plan: str) -> None:
        story = drawing(plan, load_terms(True)).on("2009-05-11", 90_000.0, Event("SURRENDER"))
        assert story.core.status == SURRENDERED
        assert story.income.stage == hd7.ENDED
        assert story.cash[CHARGED] == pytest.approx(7_000.0, abs=CENT)
        assert story.account_value == 0.0

    def test_nothing_is_accepted_any_more(self, plan: str) -> None:
        story = drawing(plan).on("2009-05-11", 90_000.0, Event("SURRENDER"))
        before = story.contract
        story.on("2009-06-01", None, pay(10_000.0), withdraw(500.0), Event("DEATH", date=number("2009-05-30")))
        assert story.refusals == [801, 801, 801]
        assert story.contract == before
