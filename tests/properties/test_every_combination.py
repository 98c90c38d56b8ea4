"""The identities of the law for every living benefit beside every Death Benefit, over random histories of whole days."""

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.support.combinations import EXCLUDED, PAIRS, Pair, Together, guaranteed
from tests.support.story import N_SLOT, Event, Past, number, pay, withdraw
from valuation.contract import ACTIVE, ADDED, BENEFIT_FEES, CHARGED, GUARANTEED_PAID, OTHER_FEES, PAID, PAYOUT, RECEIVED
from valuation.events import AUTO_STEP_UP, FATAL_ILLNESS, NO_CHOICE, SAME_TAXPAYER, SUCCESSION
from valuation.failures import Reason
from valuation.journal import LEDGER_KINDS, mark
from valuation.terms import Terms, load_terms

ISSUE = "2008-07-01"
LIMITS = settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True)
OUTFLOWS = (
    "WITHDRAWAL", "RMD_WITHDRAWAL", "INCOME", "BENEFIT_TERMINATION", "MEDICAL_SURRENDER", "OWNER_CHANGE",
    "SPOUSAL_CONTINUATION", "SURRENDER", "DEATH", "ANNUITIZATION",
)  # fmt: skip
DIED = -10
"""Stands for a date of death so many days before due proof."""
PAIR = st.sampled_from(PAIRS)
SERIES = st.sampled_from("BLX")

Row = tuple[int, tuple[float, ...], tuple[Event, ...]]


def amounts(low: float, high: float) -> st.SearchStrategy[float]:
    """Whole cents."""
    return st.integers(round(100 * low), round(100 * high)).map(lambda cents: cents / 100.0)


PAYMENTS = amounts(100.0, 30_000.0).map(pay)
WITHDRAWALS = st.one_of(
    st.builds(withdraw, amounts(100.0, 40_000.0), st.booleans()),
    st.floats(0.1, 1.0).map(lambda share: Event("INCOME", share)),
)
OTHERS = st.one_of(
    amounts(500.0, 9_000.0).map(lambda amount: Event("RMD_NOTICE", amount)),
    amounts(100.0, 9_000.0).map(lambda amount: Event("RMD_WITHDRAWAL", amount)),
    st.just(Event("STEP_UP")),
    st.just(Event("STEP_UP", choice=AUTO_STEP_UP)),
    st.builds(lambda w: Event("ALLOCATION", weights=(w, 1.0 - w, 0.0)), st.floats(0.0, 1.0)),
)
SELDOM = st.one_of(
    st.just(Event("BENEFIT_TERMINATION")),
    st.just(Event("OWNER_CHANGE", choice=SAME_TAXPAYER, date=number("1940-01-15"))),
    amounts(500.0, 20_000.0).map(lambda amount: Event("MEDICAL_SURRENDER", amount, FATAL_ILLNESS, date=number(ISSUE))),
)
TRANSFERS = st.builds(
    lambda a, s, t: Event("TRANSFER", a, source=s, target=t), amounts(10.0, 20_000.0), st.integers(0, 1),
    st.integers(0, 1),
)  # fmt: skip
OFTEN = st.one_of(PAYMENTS, WITHDRAWALS, WITHDRAWALS, OTHERS, TRANSFERS)
ANYTHING = st.one_of(*[OFTEN] * 15, SELDOM)
LAST = st.sampled_from(
    [
        (),
        (Event("SPOUSAL_CONTINUATION", date=DIED),),
        (Event("DEATH", date=DIED),),
        (Event("SURRENDER"),),
        (Event("ANNUITIZATION"),),
        (Event("ANNUITIZATION", choice=0),),
        (Event("MEDICAL_SURRENDER", choice=FATAL_ILLNESS, date=number(ISSUE)),),
        (Event("FREE_LOOK", date=number(ISSUE)),),
    ]
)
"""What may end the contract; it goes on for some days after it."""


def rows(events: st.SearchStrategy[Event], most: int = 20, *, even: bool = False) -> st.SearchStrategy[list[Row]]:
    """Days apart, price ratios and events; ``even``: all Sub-accounts move alike."""
    ratio = st.floats(0.5, 1.4)
    ratios = ratio.map(lambda one: (one,) * N_SLOT) if even else st.tuples(ratio, ratio, st.floats(0.97, 1.04))
    day = st.tuples(st.integers(1, 400), ratios, st.lists(events, max_size=3).map(tuple))
    return st.lists(day, min_size=most // 2, max_size=most)


def told(
    pair: Pair, history: list[Row], terms: Terms, series: str = "B", last: tuple[Event, ...] | None = None
) -> Together:
    """The story of a contract through a history, and what ends it with three days more."""
    story = Together(pair, ISSUE, terms, series=series)
    days = np.cumsum([row[0] for row in history]) + number(ISSUE)
    story.days([(int(d), None, row[2]) for d, row in zip(days, history, strict=True)], [row[1] for row in history])
    if last is not None:
        end = story.prior + 30
        events = tuple(one._replace(date=end + DIED) if one.date == DIED else one for one in last)
        story.days([(end, None, events), *((end + k, None, ()) for k in (1, 2, 400))])
    return story


def cash_flow(past: Past, continued: bool) -> float:
    """What the day's cash says of the Account Value, USD; a spouse who assumes the Annuity gets what it lacks in it."""
    cash = past.cash
    added = cash[ADDED] + (cash[GUARANTEED_PAID] if continued else 0.0)
    return float(cash[RECEIVED] + added - cash[PAID] - cash[CHARGED] - cash[BENEFIT_FEES] - cash[OTHER_FEES])


def interest(story: Together) -> dict[int, float]:
    """Interest of the benefit's own account by day, USD."""
    code = [name for name, _ in LEDGER_KINDS].index("INTEREST")
    used = story.journal.used[0]
    keys, values = story.journal.ledger_keys[:used], story.journal.ledger_values[:used, 0]
    found: dict[int, float] = {}
    for key, amount in zip(keys, values, strict=True):
        if key[3] == code:
            found[int(key[2])] = found.get(int(key[2]), 0.0) + float(amount)
    return found


@LIMITS
@given(PAIR, rows(ANYTHING), SERIES, st.booleans(), LAST)
def test_opening_and_ledger_give_closing(
    pair: Pair, history: list[Row], series: str, cents: bool, last: tuple[Event, ...]
) -> None:
    """In every Sub-account over the history, and in the day's cash on every day."""
    story = told(pair, history, load_terms(cents), series, last)
    earned = interest(story)
    for k, past in enumerate(story.past):
        ending = last[0].kind if last and k == len(story.past) - 4 else ""
        flow = cash_flow(past, ending == "SPOUSAL_CONTINUATION") + earned.get(past.day, 0.0)
        if ending == "ANNUITIZATION" and past.core.status == PAYOUT != story.past[k - 1].core.status:
            flow -= next(one.charge for one in story.payments if one.kind == "ANNUITISATION")
        assert sum(past.account) == pytest.approx(past.opening + flow, abs=1e-6)
    for slot in range(N_SLOT):
        mark(story.journal, slot, story.book.units[slot], story.book.price[slot])
    used = story.journal.used[0]
    keys, values = story.journal.ledger_keys[:used], story.journal.ledger_values[:used]
    for slot in range(N_SLOT):
        mine = keys[:, 4] == slot
        held = story.book.units[slot]
        assert values[mine, 0].sum() == pytest.approx(held * story.book.price[slot], abs=1e-6)
        assert values[mine, 1].sum() == pytest.approx(held, abs=1e-7)


@LIMITS
@given(PAIR, rows(ANYTHING), SERIES, st.booleans(), LAST)
def test_everything_stays_a_number_and_nothing_is_negative(
    pair: Pair, history: list[Row], series: str, cents: bool, last: tuple[Event, ...]
) -> None:
    story = told(pair, history, load_terms(cents), series, last)
    assert (story.book.units >= 0.0).all()
    for past, death in zip(story.past, story.deaths, strict=True):
        assert np.isfinite([*past.core, *past.income, *death, *past.account, *past.cash]).all()
        assert min(past.account) >= 0.0
        assert min(past.cash) >= (-0.005 if cents else 0.0)  # half up: what is paid may be a part of a cent more
        assert min(guaranteed(past.core, past.income, death).values()) >= 0.0
        assert min(past.income) >= 0.0
        assert death.limit >= 0.0


@LIMITS
@given(PAIR, rows(ANYTHING), SERIES)
def test_guarantees_fall_only_by_withdrawals_and_the_end(pair: Pair, history: list[Row], series: str) -> None:
    story = told(pair, history, load_terms(True), series)
    asked = [(), *(row[2] for row in history)]
    for k in range(1, len(story.past)):
        before, after = story.past[k - 1], story.past[k]
        out = any(event.kind in OUTFLOWS for event in asked[k])
        if out or after.core.status != ACTIVE or before.income.stage != after.income.stage:
            continue
        then = guaranteed(before.core, before.income, story.deaths[k - 1])
        now = guaranteed(after.core, after.income, story.deaths[k])
        for name, amount in then.items():
            assert now[name] >= amount * (1.0 - 1e-12), name


@LIMITS
@given(PAIR, rows(st.one_of(PAYMENTS, WITHDRAWALS, TRANSFERS), even=True))
def test_the_owners_transfers_move_money_and_change_nothing_else(pair: Pair, history: list[Row]) -> None:
    """Where all Sub-accounts move alike, a contract with transfers equals the same contract without any."""
    terms = load_terms(False)
    terms = terms._replace(charges=terms.charges._replace(transfer_fee=0.0))
    without = [(gap, ratio, tuple(e for e in events if e.kind != "TRANSFER")) for gap, ratio, events in history]
    moved, still = told(pair, history, terms), told(pair, without, terms)
    for one, other in zip(moved.past, still.past, strict=True):
        assert sum(one.account) == pytest.approx(sum(other.account), rel=1e-9, abs=1e-6)
        np.testing.assert_allclose(one.income, other.income, rtol=1e-9, atol=1e-6)
    np.testing.assert_allclose(moved.deaths, still.deaths, rtol=1e-9, atol=1e-6)
    core = moved.core._replace(transfers=still.core.transfers, last_transfer=still.core.last_transfer)
    np.testing.assert_allclose(core, still.core, rtol=1e-9, atol=1e-6)


@LIMITS
@given(PAIR, rows(PAYMENTS, 12), st.floats(0.0, 1.0))
def test_income_within_the_yearly_amount_never_lowers_the_next(pair: Pair, history: list[Row], share: float) -> None:
    """Whatever is taken within the year's income, that of the next year is no lower, nor is what it is counted from."""
    story = Together(pair, ISSUE, load_terms(True)).leap("2008-08-01", None, withdraw(100.0))
    yearly, day = story.yearly_income, story.prior
    for gap, ratio, events in history:
        day += gap
        story.days([(day, None, (*events, Event("INCOME", share)))], [ratio])
        assert story.yearly_income >= yearly - 1e-9
        if story.core.status != ACTIVE:
            return
        yearly = story.yearly_income


@LIMITS
@given(PAIR, rows(st.one_of(PAYMENTS, WITHDRAWALS), 8), amounts(100.0, 4_000.0), amounts(100.0, 4_000.0))
def test_two_withdrawals_on_a_day_are_one(pair: Pair, history: list[Row], first: float, second: float) -> None:
    """Exactly, where half a cent of excess counts."""
    terms = load_terms(False)
    terms = terms._replace(withdrawals=terms.withdrawals._replace(half_cent=0.0))
    day = sum(row[0] for row in history) + number(ISSUE) + 1
    two, one = told(pair, history, terms), told(pair, history, terms)
    two.days([(day, None, (withdraw(first), withdraw(second)))])
    one.days([(day, None, (withdraw(first + second),))])
    if two.refusals != one.refusals:
        return
    for a, b in zip(two.contract, one.contract, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-9, atol=1e-7)
    np.testing.assert_allclose(two.account, one.account, rtol=1e-9, atol=1e-7)
    np.testing.assert_allclose(two.cash, one.cash, rtol=1e-9, atol=1e-7)


REFUSED = (
    (withdraw(99.99), Reason.WITHDRAWAL_TOO_SMALL),
    (withdraw(1e9), Reason.WITHDRAWAL_TOO_LARGE),
    (pay(99.0), Reason.PAYMENT_TOO_SMALL),
    (pay(1e6), Reason.LARGE_PAYMENT),
    (Event("OWNER_CHANGE", choice=SUCCESSION, date=number("1970-02-01")), Reason.OWNER_AFTER_DEATH),
    (Event("MEDICAL_SURRENDER", 500.0), Reason.MEDICAL_NOT_MET),
    (Event("TRANSFER", 100.0, source=0, target=0), Reason.TRANSFER_TO_ITSELF),
    (Event("TRANSFER", 100.0, source=0, target=N_SLOT - 1), Reason.BENEFIT_ONLY_SUB_ACCOUNT),
    (Event("TRANSFER", 1e9, source=0, target=1), Reason.TRANSFER_TOO_LARGE),
    (Event("PAYMENT_CHOICE", choice=NO_CHOICE), Reason.NO_PAYMENT_CHOICE),
)


@LIMITS
@given(PAIR, rows(st.one_of(PAYMENTS, WITHDRAWALS), 6), st.sampled_from(REFUSED))
def test_a_refused_request_changes_nothing(pair: Pair, history: list[Row], request: tuple[Event, Reason]) -> None:
    day = sum(row[0] for row in history) + number(ISSUE) + 1
    asked, quiet = told(pair, history, load_terms(True)), told(pair, history, load_terms(True))
    before = len(asked.refusals)
    asked.days([(day, None, (request[0],))])
    quiet.days([(day, None, ())])
    if quiet.core.status != ACTIVE:
        return
    nothing_there = request[1] == Reason.TRANSFER_TOO_LARGE and asked.book.units[0] == 0.0
    assert asked.refusals[before:] == [int(Reason.TRANSFER_FROM_EMPTY if nothing_there else request[1])]
    for one, other in zip(asked.contract, quiet.contract, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-14)  # on a day with a fee the sum of the Units may be a bit off
    assert asked.life == quiet.life
    assert asked.book.units.tolist() == quiet.book.units.tolist()
    assert asked.cash.tolist() == quiet.cash.tolist()
    assert asked.journal.used[0] == quiet.journal.used[0]
    assert asked.layers.used[0] == quiet.layers.used[0]


@pytest.mark.parametrize("pair", EXCLUDED, ids=lambda pair: f"{pair.living} and {pair.death}")
def test_benefits_that_exclude_each_other(pair: Pair) -> None:
    """ELE-1: the second is refused, and the contract is as if it had not been asked for."""
    alone, both = Together(Pair(pair.living, None)), Together(pair)
    assert both.refusals == [int(Reason.DEATH_BENEFIT_EXCLUDED)]
    assert both.contract == alone.contract
