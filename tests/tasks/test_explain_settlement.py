"""What ``highwater explain`` tells of a contract after its own days; each day told is checked against the daily valuation."""

from datetime import date

import pytest

from tasks.explain import Explanation, PriceHistory, explain_contract
from tasks.explain_text import text
from tests.support.block_story import request, withdraw
from tests.support.settled_story import SettledStory
from valuation.telling import Step


def explained(story: SettledStory, on: date, carried: bool = False) -> Explanation:
    """From issue, or from the snapshot of the second stop."""
    if not carried:
        return explain_contract(story.contract, story.asked, PriceHistory(*story.market), on)
    days, prices = story.market
    snapshot = story.results[1].snapshot
    first = days.tolist().index(story.path[1][0][-1])
    return explain_contract(story.contract, story.asked, PriceHistory(days[first:], prices[first:]), on, snapshot)


def step(told: Explanation, title: str) -> Step:
    return next(one for one in told.steps if one.title.startswith(title))


@pytest.fixture(scope="module")
def annuity() -> SettledStory:
    asked = request("ANNUITIZATION", option="FIXED_PERIOD", number_of_payments=120)
    story = SettledStory(birth="1948-01-15").on("2011-07-01", 100_000.0, asked)
    return story.on(
        "2011-09-15", None, withdraw(500.0), request("DEATH", option="LUMP_SUM", event_date=date(2011, 9, 2))
    )


@pytest.fixture(scope="module")
def account() -> SettledStory:
    given = {"option": "LIFE_EXPECTANCY", "person_birth_date": date(1975, 3, 1), "person_sex": "F"}
    story = SettledStory("IRA").on("2009-05-01", 20_000.0, request("DEATH", event_date=date(2009, 4, 1), **given))
    return story.on("2009-07-01", 18_000.0, withdraw(1_000.0)).on("2010-12-31")


def test_the_day_it_begins_has_the_option_and_the_first_payment(annuity: SettledStory) -> None:
    told = explained(annuity, date(2011, 7, 1))
    assert any("status ANNUITY" in one.note for one in told.steps)
    paid = step(told, "Annuity payment")
    assert paid.happened
    assert "ANN-5" in paid.rules
    assert paid.lines
    assert {one.name: one.after for one in paid.figures}["payments made"] == 1.0
    assert "ANNUITY_PAYMENT" in text(told)


@pytest.mark.parametrize("carried", [False, True])
def test_a_payment_and_a_day_between(annuity: SettledStory, carried: bool) -> None:
    assert step(explained(annuity, date(2011, 8, 1), carried), "Annuity payment").happened
    between = step(explained(annuity, date(2011, 8, 2), carried), "Annuity payment")
    assert (between.happened, between.note) == (False, "next payment 2011-09-01")


def test_a_death_and_a_refusal(annuity: SettledStory) -> None:
    told = explained(annuity, date(2011, 9, 15), True)
    assert step(told, "Death of the Annuitant").note.startswith("paid in one sum")
    assert not step(told, "Request").happened
    assert "807 ANNUITY_BEGUN (ANN-8)" in text(told)


def test_the_account_begins(account: SettledStory) -> None:
    told = explained(account, date(2009, 5, 1))
    begun = step(told, "The Annuity goes on for the Beneficiary")
    assert "BCO-2" in begun.rules
    assert begun.figures[0].after == pytest.approx(100_000.0)


def test_fee_withdrawal_and_part(account: SettledStory) -> None:
    told = explained(account, date(2009, 7, 1), True)
    assert {one.name: one.after for one in step(told, "Maintenance fee").figures}["fee"] == 30.0
    assert step(told, "Withdrawal").happened
    part = step(explained(account, date(2010, 12, 31), True), "The Beneficiary's part")
    figures = {one.name: one.after for one in part.figures}
    assert figures["paid"] == pytest.approx(figures["value it is a part of"] / figures["years left"], abs=0.005)
    assert {"PAY-1", "PAY-2"} <= set(part.rules)
