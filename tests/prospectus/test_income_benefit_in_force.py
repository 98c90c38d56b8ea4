"""The Guaranteed Minimum Income Benefit in whole days of a contract: requests, the charge, annuity payments, endings."""

import pytest

from tests.support.story import Event, Story, number, pay, withdraw
from valuation import guaranteed_minimum_income as gmi
from valuation.annuity_rates import joint_rate, life_rate, load_rate_bases
from valuation.contract import (
    ACTIVE,
    BENEFIT_FEES,
    DIED,
    EXHAUSTED,
    GUARANTEED_PAID,
    OTHER_FEES,
    PAID,
    PAYOUT,
    SURRENDERED,
)
from valuation.events import JOINT_DIED, SUCCESSION
from valuation.failures import Reason
from valuation.living import NO_JOINT
from valuation.living.kinds import PLAN_NAMES

CENT = 0.005
GMIB = PLAN_NAMES.index("GMIB")
STEP_UP = Event("STEP_UP")
ANNUITY = Event("ANNUITIZATION", choice=GMIB, target=NO_JOINT)


def issued(**more: object) -> Story:
    """100,000 on 1 July 2008; the Annuitant is 63."""
    return Story("2008-07-01", plan="GMIB", **({"birth": "1945-01-15"} | more))  # type: ignore[arg-type]


def seventh(**more: object) -> Story:
    """The seventh anniversary at an Account Value of 60,000; the years of charges before it are left out."""
    story = issued(**more).leap("2015-06-30", 60_000.0)
    return story.with_income(accrued=0.0).leap("2015-07-01", 60_000.0)


class TestElection:
    """EL-2 (prospectus 3849-3853, 4148-4151): on the Issue Date, an Annuitant of at most 75, any Owner."""

    def test_an_owner_who_is_not_the_annuitant(self) -> None:
        assert issued(owner_birth="1970-02-01").income.stage == gmi.ACTIVE

    def test_too_old(self) -> None:
        story = issued(birth="1932-06-30", owner_birth="1970-02-01")
        assert story.income.stage == gmi.NONE
        assert story.refusals == [Reason.ELECTION_AGE]

    def test_not_after_the_issue_date(self) -> None:
        story = issued(birth="1932-06-30", owner_birth="1970-02-01")
        story.on("2008-07-02", None, Event("ELECTION", choice=GMIB))
        assert story.refusals[1:] == [Reason.ELECTION_AT_ISSUE]

    def test_the_owner_cannot_end_it(self) -> None:
        story = issued().on("2008-08-01", None, Event("BENEFIT_TERMINATION"))
        assert story.income.stage == gmi.ACTIVE
        assert story.refusals == [Reason.NOT_TERMINABLE]

    def test_nor_elect_another(self) -> None:
        story = issued().on("2009-07-01", None, Event("ELECTION", choice=0))
        assert story.refusals == [Reason.BENEFIT_IN_FORCE]


class TestRequests:
    def test_step_up_then_payment_then_withdrawal(self) -> None:
        """GMIB-9, GMIB-5, GMIB-6 in the order of the day: 150,000; 151,000; 149,000."""
        story = issued().on("2009-03-02", 150_000.0, withdraw(2_000.0), pay(1_000.0), STEP_UP)
        assert story.income.value == pytest.approx(149_000.0, abs=1e-6)
        assert story.income.maximum == pytest.approx(300_000.0, abs=1e-6)

    def test_step_up_is_refused_below_the_value(self) -> None:
        story = issued().on("2009-03-02", 101_000.0, STEP_UP)
        assert story.refusals == [Reason.STEP_UP_NOT_DUE]
        assert story.income.steps == 0.0

    def test_another_benefit_has_no_such_request(self) -> None:
        story = Story("2008-07-01", plan="HD7").on("2009-03-02", 150_000.0, STEP_UP)
        assert story.refusals == [Reason.NO_STEP_UP]

    def test_without_a_benefit(self) -> None:
        story = Story("2008-07-01").on("2009-03-02", 150_000.0, STEP_UP)
        assert story.refusals == [Reason.NO_STEP_UP]

    def test_a_withdrawal_must_leave_the_least_surrender_value(self) -> None:
        """Decision 11: not waived, not even within the dollar-for-dollar limit."""
        story = issued().on("2009-03-02", 6_000.0, withdraw(4_500.0))
        assert story.refusals == [Reason.TOO_LITTLE_LEFT]
        assert story.account_value == pytest.approx(6_000.0)


class TestCharge:
    """GMIB-13, decision 14 (prospectus 4172-4186): in arrears, before the maintenance fee and the comparison."""

    AVERAGE = sum(100_000.0 * 1.05 ** (d / 365.0) for d in range(365)) / 365.0

    def test_it_is_the_average_of_the_year(self) -> None:
        story = issued().on("2009-07-01")
        assert story.cash[BENEFIT_FEES] == pytest.approx(0.005 * self.AVERAGE, abs=CENT)
        assert story.ledger("BENEFIT_FEE") == pytest.approx(-story.cash[BENEFIT_FEES], abs=1e-9)

    def test_the_maintenance_fee_is_of_what_it_leaves(self) -> None:
        """2% of 1,200 less the charge of 512.50; taken first it would be 2% of 1,200."""
        story = issued().on("2009-07-01", 1_200.0)
        left = 1_200.0 - story.cash[BENEFIT_FEES]
        assert story.cash[OTHER_FEES] == pytest.approx(0.02 * left, abs=CENT)
        assert story.cash[OTHER_FEES] < 0.02 * 1_200.0 - 5.0
        assert story.ledger("MAINTENANCE_FEE") == pytest.approx(-story.cash[OTHER_FEES], abs=1e-9)

    def test_it_can_use_up_the_account_value_and_end_the_contract(self) -> None:
        """Decision 8, A-47: what is there is taken, and nothing more is paid."""
        story = issued().on("2009-07-01", 400.0)
        assert story.cash[BENEFIT_FEES] == pytest.approx(400.0)
        assert story.core.status == EXHAUSTED
        assert story.cash[GUARANTEED_PAID] == 0.0
        assert story.income.value == 0.0

    def test_days_before_a_closed_anniversary_belong_to_the_old_year(self) -> None:
        story = issued().on("2009-06-30").leap("2009-07-03")
        assert story.cash[BENEFIT_FEES] == pytest.approx(0.005 * self.AVERAGE, abs=CENT)
        after = sum(100_000.0 * 1.05 ** (1.0 + d / 365.0) for d in range(2))
        assert story.income.accrued == pytest.approx(0.005 * after, abs=1e-6)


class TestAnnuityPayments:
    """GMIB-10 to GMIB-12, GMIB-14 (prospectus 4028-4090, 4186-4193)."""

    SPECIAL = life_rate(load_rate_bases()["income_benefit"], "M", 70, 2015, 7)
    VALUE = 100_000.0 * 1.05**7

    def test_the_seventh_anniversary(self) -> None:
        story = seventh().on("2015-07-02", None, ANNUITY)
        grown = self.VALUE * 1.05 ** (1.0 / 365.0)
        assert story.core.status == PAYOUT
        assert story.income.payment == pytest.approx(self.SPECIAL * grown, abs=CENT)
        assert story.cash[GUARANTEED_PAID] == story.income.payment
        assert story.account_value == 0.0
        assert story.payments[-1].paid == story.income.payment

    def test_the_account_value_at_current_rates_if_that_is_more(self) -> None:
        current = life_rate(load_rate_bases()["current"], "M", 70, 2015)
        story = issued().leap("2015-06-30", 200_000.0).with_income(accrued=0.0).leap("2015-07-01", 200_000.0, ANNUITY)
        left = 200_000.0 - story.cash[BENEFIT_FEES]
        assert story.income.payment == pytest.approx(current * left, abs=CENT)

    def test_too_early(self) -> None:
        story = issued().leap("2014-07-01", 60_000.0, ANNUITY)
        assert story.refusals == [Reason.BENEFIT_ANNUITY_NOT_DUE]
        assert story.core.status == ACTIVE

    @pytest.mark.parametrize("day, status", [("2015-07-31", PAYOUT), ("2015-08-01", ACTIVE)])
    def test_within_30_days(self, day: str, status: int) -> None:
        assert seventh().leap(day, 60_000.0, ANNUITY).core.status == status

    def test_without_the_benefits_name_the_account_value_is_annuitised(self) -> None:
        story = seventh().on("2015-07-02", None, Event("ANNUITIZATION"))
        assert story.cash[PAID] == pytest.approx(story.past[-1].opening - story.cash[BENEFIT_FEES], abs=CENT)
        assert story.cash[BENEFIT_FEES] > 0.0

    def test_a_payment_a_month_on_its_date(self) -> None:
        story = seventh().on("2015-07-02", None, ANNUITY).on("2016-07-01")
        paid = [past.day for past in story.past if past.cash[GUARANTEED_PAID] > 0.0]
        dates = ["2015-07-02", "2015-08-02", "2015-09-02", "2015-10-02", "2015-11-02", "2015-12-02"]
        dates += ["2016-01-02", "2016-02-02", "2016-03-02", "2016-04-02", "2016-05-02", "2016-06-02"]
        assert paid == [number(day) for day in dates]

    def test_not_into_the_next_calendar_year(self) -> None:
        """TXN-5 (prospectus 7561-7572): 31 December 2016 is a Saturday; it is paid on Friday."""
        story = seventh().leap("2015-07-31", 60_000.0, ANNUITY).leap("2016-12-29").leap("2016-12-30")
        assert story.income.made == 18.0
        assert story.leap("2017-01-03").income.made == 18.0

    def test_the_certain_period_goes_to_the_beneficiary(self) -> None:
        story = seventh().on("2015-07-02", None, ANNUITY).leap("2017-03-01", None, Event("DEATH"))
        assert story.core.status == PAYOUT
        story.leap("2025-06-02")
        assert (story.income.made, story.core.status) == (120.0, EXHAUSTED)
        assert sum(past.cash[GUARANTEED_PAID] for past in story.past) == pytest.approx(
            120 * story.past[-3].income.payment, abs=1e-6
        )

    def test_a_later_death_ends_it_at_once(self) -> None:
        story = seventh().on("2015-07-02", None, ANNUITY).leap("2026-03-02").leap("2026-03-05", None, Event("DEATH"))
        assert story.core.status == DIED
        assert story.leap("2026-04-02").cash[GUARANTEED_PAID] == 0.0

    def test_joint_lives(self) -> None:
        """GMIB-12 (prospectus 4074-4090): half to a surviving Joint Annuitant after the certain period."""
        both = Event("ANNUITIZATION", choice=GMIB, source=1, target=number("1947-03-01"))
        story = seventh().leap("2015-07-03", 60_000.0, both)
        rate = joint_rate(load_rate_bases()["income_benefit"], ("M", "F"), (70, 68), 2015, 7)
        payment = story.income.payment
        assert payment == pytest.approx(rate * self.VALUE * 1.05 ** (2.0 / 365.0), abs=CENT)
        story.leap("2020-03-05", None, Event("DEATH")).leap("2025-06-05").leap("2025-07-05")
        assert story.cash[GUARANTEED_PAID] == pytest.approx(payment / 2.0, abs=CENT)
        story.leap("2025-07-20", None, Event("DEATH", choice=JOINT_DIED))
        assert story.core.status == DIED

    def test_the_joint_annuitant_dies_first(self) -> None:
        both = Event("ANNUITIZATION", choice=GMIB, source=1, target=number("1947-03-01"))
        story = seventh().leap("2015-07-03", 60_000.0, both)
        story.leap("2020-03-05", None, Event("DEATH", choice=JOINT_DIED)).leap("2025-07-04").leap("2025-08-05")
        assert story.cash[GUARANTEED_PAID] == story.income.payment
        assert story.leap("2025-08-06", None, Event("DEATH")).core.status == DIED

    def test_nothing_else_can_be_asked(self) -> None:
        story = seventh().on("2015-07-02", None, ANNUITY).on("2015-07-03", None, withdraw(100.0))
        assert story.refusals == [Reason.IN_PAYOUT]


class TestEndings:
    """GMIB-14 to GMIB-16, decision 9 (prospectus 4132-4136, 4158-4170)."""

    @staticmethod
    def fee(days: int, year: float = 365.0) -> float:
        """Charge of the first ``days`` days."""
        return 0.005 * sum(100_000.0 * 1.05 ** (d / 365.0) for d in range(days)) / year

    def test_surrender(self) -> None:
        story = issued().on("2008-10-01", 90_000.0, Event("SURRENDER"))
        assert story.core.status == SURRENDERED
        assert story.cash[BENEFIT_FEES] == pytest.approx(self.fee(92), abs=CENT)

    def test_death_bears_the_charge_before_the_death_benefit(self) -> None:
        story = issued().on("2008-10-01", 120_000.0, Event("DEATH", date=number("2008-09-20")))
        assert story.core.status == DIED
        assert story.cash[BENEFIT_FEES] == pytest.approx(self.fee(92), abs=CENT)
        assert story.cash[PAID] == pytest.approx(120_000.0 - self.fee(92), abs=CENT)

    def test_a_continuing_spouse_keeps_it_without_a_charge(self) -> None:
        story = issued(spouse_birth="1947-06-30").on("2008-10-01", 90_000.0, Event("SPOUSAL_CONTINUATION"))
        assert story.income.stage == gmi.ACTIVE
        assert story.cash[BENEFIT_FEES] == 0.0
        assert story.account_value == pytest.approx(100_000.0, abs=CENT)
        assert story.income.value == pytest.approx(100_000.0 * 1.05 ** (92.0 / 365.0), rel=1e-12)

    def test_an_older_annuitant_ends_growth_sooner(self) -> None:
        change = Event("ANNUITANT_CHANGE", date=number("1938-03-01"))
        story = issued().on("2010-07-01", 90_000.0, change)
        assert story.income.stop == number("2018-07-01")
        assert story.income.value == pytest.approx(110_250.0, rel=1e-12)

    def test_one_of_76_ends_it_with_its_charge(self) -> None:
        story = issued().on("2008-10-01", 90_000.0, Event("ANNUITANT_CHANGE", date=number("1932-10-01")))
        assert story.income.stage == gmi.ENDED
        assert story.cash[BENEFIT_FEES] == pytest.approx(self.fee(92), abs=CENT)

    def test_also_when_he_succeeds_by_death(self) -> None:
        event = Event("ANNUITANT_CHANGE", choice=SUCCESSION, date=number("1932-10-01"))
        assert issued().on("2008-10-01", 90_000.0, event).cash[BENEFIT_FEES] > 0.0

    def test_on_an_anniversary_the_year_and_nothing_more(self) -> None:
        story = issued().on("2009-07-01", 90_000.0, Event("ANNUITANT_CHANGE", date=number("1932-10-01")))
        assert story.cash[BENEFIT_FEES] == pytest.approx(self.fee(365), abs=CENT)

    def test_a_new_owner_leaves_it_alone(self) -> None:
        story = issued().on("2008-10-01", 90_000.0, Event("OWNER_CHANGE", date=number("1970-02-01"), target=1))
        assert story.income.stage == gmi.ACTIVE
        assert story.life.owner_birth == number("1970-02-01")
