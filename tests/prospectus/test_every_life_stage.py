"""The stages of an Annuity's life with every living benefit beside every Death Benefit, in their order.

What each benefit does in a stage stands in its own tests; here is what no stage may lack, whichever benefits are held.
"""

import pytest

from tests.support.combinations import PAIRS, Pair, Together, guaranteed
from tests.support.story import Event, number, pay, withdraw, without_charges
from valuation import living
from valuation.contract import (
    ACTIVE,
    ANNUITISED,
    BENEFIT_FEES,
    DIED,
    EXHAUSTED,
    GUARANTEED_PAID,
    PAID,
    PAYOUT,
    PENDING,
    SURRENDERED,
)
from valuation.failures import Reason

ISSUE = "2008-07-01"
pytestmark = pytest.mark.parametrize(
    "pair", PAIRS, ids=lambda pair: f"{pair.living or 'no living benefit'}, {pair.death or 'basic'}"
)


def issued(pair: Pair, **more: str) -> Together:
    return Together(pair, ISSUE, without_charges(), **more)


def drawing(pair: Pair) -> Together:
    return issued(pair).leap("2009-03-02", 120_000.0, withdraw(1_000.0))


def amounts(story: Together) -> dict[str, float]:
    return guaranteed(story.core, story.income, story.death)


def test_before_issue_nothing_is_there(pair: Pair) -> None:
    story = issued(pair, start="2008-06-20")
    before = [past for past in story.past if past.day < number(ISSUE)]
    assert len(before) == 11
    assert all(past.core.status == PENDING and sum(past.account) == 0.0 for past in before)
    assert all(value == 0.0 for past in before for value in guaranteed(past.core, past.income).values())
    assert all(value == 0.0 for death in story.deaths[: len(before)] for value in guaranteed(death).values())


def test_issue_day_guarantees_the_payment(pair: Pair) -> None:
    story = issued(pair)
    assert story.core.status == ACTIVE
    assert story.account_value == pytest.approx(100_000.0, abs=1e-9)
    assert story.income.stage == (living.PRE if pair.living else living.NONE)
    found = {name: value for name, value in amounts(story).items() if value > 0.0}
    assert found["Core.basic"] == 100_000.0
    assert ("OptionalDeathBenefit.roll_up" in found) == (pair.death != "HDV")
    assert any(not name.startswith(("Core", "Optional")) for name in found) == bool(pair.living)


def test_accumulating_a_payment_counts_and_a_fall_takes_nothing(pair: Pair) -> None:
    story = issued(pair).leap("2008-10-01", 90_000.0)
    before = amounts(story)
    story.leap("2008-10-02", 90_000.0, pay(10_000.0)).leap("2008-12-01", 60_000.0)
    after = amounts(story)
    assert after["Core.basic"] == pytest.approx(110_000.0)
    assert all(after[name] >= value for name, value in before.items())
    assert story.account_value == pytest.approx(60_000.0, rel=5e-3)  # a benefit's own account earns interest


def test_the_first_withdrawal_fixes_the_income(pair: Pair) -> None:
    story = drawing(pair)
    assert story.refusals == []
    assert story.core.basic == pytest.approx(100_000.0 * (1.0 - 1_000.0 / 120_000.0))
    lifetime = bool(pair.living) and story.yearly_income > 0.0
    assert lifetime == (story.income.first_withdrawal == number("2009-03-02"))
    if lifetime:
        assert story.income.stage == living.POST
        assert living.remaining_income(story.income) == pytest.approx(story.yearly_income - 1_000.0)


def test_income_of_every_year_leaves_it_whole(pair: Pair) -> None:
    story = drawing(pair)
    yearly = story.yearly_income
    for year in range(2009, 2014):
        story.leap(f"{year}-09-01", story.account_value, Event("INCOME", 1.0))
        assert story.yearly_income == pytest.approx(yearly)
        assert story.cash[PAID] == pytest.approx(yearly, abs=0.006)


def test_account_value_exhausted_pays_for_life_or_ends(pair: Pair) -> None:
    story = drawing(pair)
    yearly = story.yearly_income
    story.leap("2009-04-01", 0.0)
    if yearly == 0.0:
        assert story.core.status == EXHAUSTED
        return
    assert story.core.status == PAYOUT
    paid = sum(story.leap(f"{year}-07-01").cash[GUARANTEED_PAID] for year in range(2009, 2012))
    assert paid >= 3 * yearly - 0.02


def test_the_tenth_anniversary_is_passed_without_loss(pair: Pair) -> None:
    story = issued(pair).leap("2018-06-30", 80_000.0)
    before = amounts(story)
    story.leap("2018-07-01", 80_000.0)
    charged = story.cash[BENEFIT_FEES]
    story.leap("2018-07-02")
    assert story.core.status == ACTIVE
    assert story.account_value + charged >= 80_000.0 - 1e-6
    assert all(value >= before[name] * (1.0 - 1e-12) for name, value in amounts(story).items())


def test_at_maturity_the_account_value_is_applied(pair: Pair) -> None:
    story = drawing(pair).leap("2012-03-01", 90_000.0, Event("ANNUITIZATION"))
    assert story.core.status == ANNUITISED
    assert story.account_value == 0.0
    assert story.payments[-1].paid + story.cash[BENEFIT_FEES] == pytest.approx(90_000.0, abs=0.006)
    assert living.yearly_income(story.income) == 0.0
    assert sum(guaranteed(story.death).values()) == 0.0


def test_death_pays_the_greatest_of_its_values(pair: Pair) -> None:
    story = issued(pair).leap("2009-03-02", 140_000.0).leap("2010-07-01", 130_000.0).leap("2010-09-01", 60_000.0)
    values = amounts(story)
    held = [values["Core.basic"], story.account_value]
    held += [values["OptionalDeathBenefit.roll_up"], values["OptionalDeathBenefit.highest"]] if pair.death else []
    story.leap("2010-09-02", 60_000.0, Event("DEATH", date=number("2010-09-01")))
    assert story.core.status == DIED
    assert story.payments[-1].paid == pytest.approx(max(held), abs=1.0)
    assert story.account_value == 0.0


def test_ended_nothing_is_accepted_any_more(pair: Pair) -> None:
    story = drawing(pair).leap("2010-01-04", 90_000.0, Event("SURRENDER"))
    assert story.core.status == SURRENDERED
    assert story.account_value == 0.0
    requests = (pay(1_000.0), withdraw(500.0), Event("INCOME", 1.0), Event("DEATH", date=number("2010-01-05")))
    story.leap("2010-01-05", None, *requests)
    assert story.refusals == [Reason.CONTRACT_ENDED] * 4
    assert not story.cash.any()
