"""Changes of Owner, Annuitant and Beneficiary: the text has no worked example; every case follows a sentence of it.

A contract of 100,000 issued on 1 May 2008 to an Owner who is the Annuitant, born on 15 January 1938.
"""

import numpy as np
import pytest

from tests.support.story import Event, Story, number, pay, without_charges
from valuation.changes import annuitant_refusal, with_annuitant
from valuation.contract import ACTIVE, DIED, PAYOUT
from valuation.events import (
    AN_ENTITY,
    CO_OWNER_REMOVED,
    CUSTODIAN,
    DECLINED,
    ENTITY_TO_ENTITY,
    IRREVOCABLE,
    NO_CHOICE,
    SAME_TAXPAYER,
    SUCCESSION,
)
from valuation.failures import Reason
from valuation.highest_daily_7 import ENDED, PRE

ISSUE, BORN, YOUNG, LATER = "2008-05-01", "1938-01-15", "1970-02-01", "2008-09-02"
SPOUSE = "1940-03-03"
CENT = 0.005


def hold(plan: str | None = "HD7", **given: object) -> Story:
    spouse = SPOUSE if plan == "SHD7" else None
    return Story(ISSUE, birth=BORN, plan=plan, spouse_birth=spouse, **given)  # type: ignore[arg-type]


def owner(birth: str | None, ground: int = NO_CHOICE, decision: int = 0) -> Event:
    return Event("OWNER_CHANGE", choice=ground, target=decision, date=number(birth) if birth else AN_ENTITY)


def annuitant(birth: str, ground: int = NO_CHOICE) -> Event:
    return Event("ANNUITANT_CHANGE", choice=ground, date=number(birth))


def death(day: str) -> Event:
    return Event("DEATH", date=number(day))


class TestHighestDaily7:
    """HD7-14 (prospectus 6006-6011)."""

    def test_a_new_owner_cancels_and_owes_the_accrued_fee(self) -> None:
        story = hold().on(LATER, None, owner(YOUNG))
        assert story.income.stage == ENDED
        days = number(LATER) - number("2008-08-01")  # the quarter's fee was taken on 1 August
        grown = 100_000.0 * 1.07 ** ((number(LATER) - number(ISSUE)) / 365.0)
        paid = -story.ledger("BENEFIT_FEE")
        quarter = 0.0015 * 100_000.0 * 1.07 ** (92 / 365.0)
        at_start = 100_000.0 * 1.07 ** ((number(LATER) - 1 - number(ISSUE)) / 365.0)
        assert paid == pytest.approx(quarter + 0.006 * at_start * days / 365.0, abs=2 * CENT)
        assert at_start < grown

    @pytest.mark.parametrize(
        "ground, birth, entity",
        [
            (SAME_TAXPAYER, YOUNG, False),
            (CUSTODIAN, None, False),
            (CUSTODIAN, BORN, True),
            (ENTITY_TO_ENTITY, None, True),
        ],
    )
    def test_the_three_exceptions(self, ground: int, birth: str | None, entity: bool) -> None:
        story = hold(entity=entity, qualified=True).on(LATER, None, owner(birth, ground))
        assert story.refusals == []
        assert story.income.stage == PRE

    def test_a_ground_that_does_not_fit_is_refused(self) -> None:
        other = hold(None).on(LATER, None, owner(YOUNG))
        other.on("2008-09-03", None, owner(YOUNG, CUSTODIAN), owner(None, ENTITY_TO_ENTITY), owner(YOUNG, IRREVOCABLE))
        assert other.refusals == [Reason.GROUND_NOT_MET] * 3

    def test_a_new_annuitant_cancels(self) -> None:
        assert hold().on(LATER, None, annuitant(YOUNG)).income.stage == ENDED

    def test_the_death_of_the_annuitant_owes_no_fee(self) -> None:
        story = hold().on(LATER, None, annuitant(YOUNG, SUCCESSION))
        assert story.income.stage == ENDED
        assert -story.ledger("BENEFIT_FEE") == pytest.approx(0.0015 * 100_000.0 * 1.07 ** (92 / 365.0), abs=CENT)

    def test_the_benefit_can_come_back_only_when_owner_and_annuitant_are_one(self) -> None:
        story = hold().on(LATER, None, owner(YOUNG)).on("2009-05-01", None, Event("ELECTION", choice=0))
        assert story.refusals == [Reason.OWNER_NOT_ANNUITANT]


class TestSpousal:
    """SHD7-6 (prospectus 6688-6695), SHD7-7."""

    def test_no_new_owner(self) -> None:
        story = hold("SHD7").on(LATER, None, owner(YOUNG), owner(YOUNG, SAME_TAXPAYER), owner(None, CUSTODIAN))
        assert story.refusals == [Reason.OWNER_LOCKED] * 3
        assert story.income.stage == PRE
        assert story.life.owner_birth == number(BORN)

    def test_the_co_owner_may_leave(self) -> None:
        story = hold("SHD7", owner_birth=None).on(LATER, None, owner(BORN, CO_OWNER_REMOVED))
        assert story.refusals == []
        assert story.income.stage == PRE
        assert story.income.lives == 2.0

    def test_a_new_annuitant_no_longer_meets_the_requirements(self) -> None:
        assert hold("SHD7").on(LATER, None, annuitant(YOUNG)).income.stage == ENDED

    def test_the_other_designated_life_succeeds(self) -> None:
        story = hold("SHD7").on(LATER, None, annuitant(SPOUSE, SUCCESSION))
        assert story.income.stage == PRE
        assert story.income.lives == 1.0
        assert (story.life.annuitant_birth, story.life.spouse_birth) == (number(SPOUSE), number(BORN))
        assert story.life.annuitant_since == 0

    def test_a_new_beneficiary_changes_nothing(self) -> None:
        story = hold("SHD7").on(LATER, None, Event("BENEFICIARY_CHANGE"))
        assert story.refusals == []
        assert story.income.stage == PRE


class TestDesignations:
    """PUR-7 (prospectus 2632-2651)."""

    def test_no_new_owner_after_a_death(self) -> None:
        assert hold(None).on(LATER, None, owner(YOUNG, SUCCESSION)).refusals == [Reason.OWNER_AFTER_DEATH]

    def test_an_entity_without_qualification_keeps_its_annuitant(self) -> None:
        story = hold(None, entity=True).on(LATER, None, annuitant(YOUNG))
        assert story.refusals == [Reason.ANNUITANT_LOCKED]
        assert hold(None, entity=True, qualified=True).on(LATER, None, annuitant(YOUNG)).refusals == []

    def test_no_new_annuitant_once_payments_run(self) -> None:
        story = hold().on("2011-05-02", None, Event("ANNUITIZATION", choice=1)).on("2011-05-03", None, annuitant(YOUNG))
        assert story.core.status == PAYOUT
        assert story.refusals == [Reason.IN_PAYOUT]

    def test_an_irrevocable_beneficiary_stays(self) -> None:
        story = hold(None).on(LATER, None, Event("BENEFICIARY_CHANGE", choice=IRREVOCABLE))
        story.on("2008-09-03", None, Event("BENEFICIARY_CHANGE"))
        assert story.refusals == [Reason.BENEFICIARY_LOCKED]

    def test_the_company_may_decline(self) -> None:
        story = hold().on(LATER, None, owner(YOUNG, NO_CHOICE, DECLINED))
        assert story.refusals == [Reason.CHANGE_NOT_ACCEPTED]
        assert story.income.stage == PRE

    def test_nothing_moves_without_a_benefit(self) -> None:
        story = hold(None, terms=without_charges()).on(LATER, None, owner(YOUNG), annuitant(YOUNG))
        assert story.account_value == pytest.approx(100_000.0, abs=1e-9)
        assert story.core.status == ACTIVE


class TestAges:
    """The ages asked after a change are those of the new persons."""

    def test_last_payment(self) -> None:
        story = hold(None).on("2024-01-12", None, pay(1_000.0)).on("2024-01-16", None, pay(1_000.0))
        assert story.refusals == [Reason.PAYMENT_TOO_LATE]  # 86 on 15 January 2024
        assert story.on("2024-01-17", None, owner(YOUNG), pay(1_000.0)).refusals == [Reason.PAYMENT_TOO_LATE]

    def test_purchase_credit(self) -> None:
        story = hold(None, series="X").on("2019-02-01", None, pay(1_000.0))
        assert story.layers.credit[1] == pytest.approx(30.0)  # Owner of 81
        assert story.on("2019-02-04", None, owner(YOUNG), pay(1_000.0)).layers.credit[2] == pytest.approx(60.0)

    def test_latest_annuity_date(self) -> None:
        story = hold(None).on(LATER, None, owner(YOUNG))
        assert story.life.annuity_date == number("2033-02-01")  # the Annuitant, born 1938-01-15, is older
        assert story.on("2008-09-03", None, annuitant(YOUNG)).life.annuity_date == number("2065-02-01")

    def test_a_person_too_old(self) -> None:
        story = hold(None).on(LATER, None, owner("1913-08-01"))
        assert story.refusals == [Reason.PERSON_TOO_OLD]
        assert story.life.owner_birth == number(BORN)

    def test_an_entity_counts_by_its_annuitant(self) -> None:
        story = hold(None).on(LATER, None, owner(YOUNG)).on("2008-09-03", None, owner(None))
        assert (story.life.entity, story.life.owner_birth) == (1, number(BORN))


class TestSuspension:
    """DB-24 (prospectus 7412-7421), A-DB-9: two years without the guarantee from the day the deceased became Owner."""

    @staticmethod
    def paid(changed: str, died: str, *, event: Event | None = None, proof: str | None = None) -> float:
        story = hold(None, terms=without_charges()).leap(changed, None, event or owner(YOUNG))
        story.leap(proof or died, 60_000.0, death(died))
        assert story.core.status == DIED
        return story.payments[-1].paid

    def test_within_two_years_the_account_value(self) -> None:
        assert self.paid(LATER, "2010-09-01") == pytest.approx(60_000.0, abs=CENT)

    def test_after_two_years_as_if_owner_since_issue(self) -> None:
        assert self.paid(LATER, "2010-09-02") == pytest.approx(100_000.0, abs=CENT)

    def test_the_day_of_death_decides_not_the_proof(self) -> None:
        assert self.paid(LATER, "2010-09-01", proof="2010-12-01") == pytest.approx(60_000.0, abs=CENT)

    def test_sixty_days_of_grace(self) -> None:
        assert self.paid("2008-06-30", "2008-12-01") == pytest.approx(100_000.0, abs=CENT)
        assert self.paid("2008-07-01", "2008-12-01") == pytest.approx(60_000.0, abs=CENT)

    def test_an_annuitant_who_becomes_owner_was_one_of_the_two(self) -> None:
        story = hold(None, owner_birth=YOUNG, terms=without_charges()).leap(LATER, None, owner(BORN))
        assert story.leap("2008-12-01", 60_000.0, death("2008-12-01")).payments[-1].paid == pytest.approx(100_000.0)

    def test_a_new_annuitant_does_not_suspend_while_a_person_owns(self) -> None:
        assert self.paid(LATER, "2008-12-01", event=annuitant(YOUNG)) == pytest.approx(100_000.0, abs=CENT)

    def test_a_new_annuitant_of_an_entity_suspends(self) -> None:
        story = hold(None, entity=True, qualified=True, terms=without_charges()).leap(LATER, None, annuitant(YOUNG))
        assert story.leap("2008-12-01", 60_000.0, death("2008-12-01")).payments[-1].paid == pytest.approx(60_000.0)

    def test_a_spouse_who_continues_is_owner_by_death(self) -> None:
        story = hold(None, terms=without_charges()).leap(LATER, None, owner(YOUNG))
        story.leap("2008-12-01", 60_000.0, Event("SPOUSAL_CONTINUATION", date=number("2008-12-01")))
        assert story.account_value == pytest.approx(60_000.0, abs=CENT)
        assert story.leap("2009-01-05", 50_000.0, death("2009-01-05")).payments[-1].paid == pytest.approx(60_000.0)

    def test_late_credits_are_left_out(self) -> None:
        story = hold(None, series="X", terms=without_charges()).leap(LATER, None, owner(YOUNG))
        story.leap("2008-12-01", 60_000.0, death("2008-12-01"))
        assert story.payments[-1].paid == pytest.approx(54_000.0, abs=CENT)  # credit 6,000 of May


def test_only_free_annuitants_change() -> None:
    """The refusal is a matter of persons alone; a successor counts as Annuitant since issue."""
    story = hold(None)
    assert annuitant_refusal(story.life, NO_CHOICE) == 0
    assert annuitant_refusal(story.life, SAME_TAXPAYER) == Reason.GROUND_NOT_MET
    after = with_annuitant(story.terms, story.life, SUCCESSION, number(YOUNG), 1, number("2012-05-01"))
    assert after.annuitant_since == 0
    np.testing.assert_array_equal(np.array(after)[[0, 1, 3, 5]], np.array(story.life)[[0, 1, 3, 5]])
