"""Laws of the tax amounts: the parts are the whole, nothing is negative, the investment returns once and no more."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.story import number
from valuation import journal as rows
from valuation.beneficiary_payments import IRA, NON_QUALIFIED, ROTH_IRA, SEP_IRA
from valuation.tax_amounts import NOT_GIVEN, Distribution, Payee, distribution_tax
from valuation.taxes import OldMoney, Position, annuity_payment, gain_first, invested_after, old_money_first
from valuation.terms.benefits import load_tax_terms

TERMS = load_tax_terms()
CENTS = st.integers(0, 100_000_000).map(lambda cents: cents / 100.0)
DAYS = st.integers(number("2008-05-01"), number("2040-05-01"))
BIRTHS = st.integers(number("1920-01-01"), number("1990-12-31"))
KINDS = st.sampled_from(
    [rows.WITHDRAWAL, rows.SURRENDER, rows.DEATH, rows.ANNUITISATION, rows.GUARANTEED, rows.MEDICAL, rows.FREE_LOOK]
)


@given(CENTS, CENTS, CENTS)
def test_parts_of_a_withdrawal(received: float, account: float, invested: float) -> None:
    split = gain_first(received, Position(account, invested))
    assert min(split) >= 0.0
    assert sum(split) == pytest.approx(received, abs=1e-9)
    assert split.returned <= invested
    assert split.taxable >= min(received, max(0.0, account - invested)) - 1e-9


@given(CENTS, CENTS, CENTS, CENTS, CENTS)
def test_old_money_defers_income_and_never_adds_any(
    received: float, account: float, invested: float, payments: float, income: float
) -> None:
    position = Position(account, invested)
    old = old_money_first(received, position, OldMoney(payments, income))
    assert min(old) >= 0.0
    assert sum(old) == pytest.approx(received, abs=1e-9)
    assert old.taxable <= gain_first(received, position).taxable + 1e-9
    assert old.returned <= invested + 1e-9


@given(
    st.lists(st.tuples(KINDS, CENTS, CENTS, DAYS), max_size=12),
    st.sampled_from([NON_QUALIFIED, IRA, ROTH_IRA, SEP_IRA]),
    st.one_of(st.just(NOT_GIVEN), st.floats(0.0, 1.0)),
    BIRTHS,
    CENTS,
)
def test_distributions_of_a_contract(
    paid: list[tuple[int, float, float, int]], tax_type: int, ratio: float, birth: int, invested: float
) -> None:
    payee = Payee(tax_type, ratio, NOT_GIVEN, number("2008-05-01"), (birth, birth), 0)
    left, returned = invested, 0.0
    for kind, received, account, day in paid:
        found = distribution_tax(TERMS, payee, Distribution(day, kind, received, account), left)
        parts = (found.taxable, found.returned, found.excluded)
        assert min(*parts, found.penalty, found.left, found.gain) >= 0.0
        assert sum(parts) == pytest.approx(0.0 if kind == rows.ANNUITISATION else received, abs=1e-7)
        assert found.penalty <= TERMS.penalty_rate * found.taxable + 0.005 + 1e-7
        assert math.isnan(found.withheld) == (kind == rows.GUARANTEED)
        assert found.left <= left
        returned, left = returned + found.returned, found.left
    assert returned <= invested + 1e-6
    assert left == pytest.approx(invested - returned, abs=1e-6)


@given(CENTS, st.floats(0.0, 1.0), CENTS)
def test_parts_of_an_annuity_payment(payment: float, ratio: float, invested: float) -> None:
    split = annuity_payment(payment, ratio, invested)
    assert min(split) >= 0.0
    assert sum(split) == pytest.approx(payment, abs=1e-9)
    assert invested_after(invested, 0.0, split.returned) <= invested


@given(CENTS, CENTS, CENTS, st.integers(0, 10_000))
def test_a_withdrawal_in_two_parts_is_taxed_as_in_one(received: float, account: float, invested: float, k: int) -> None:
    received = min(received, account)
    first = received * k / 10_000.0
    one = gain_first(received, Position(account, invested))
    a = gain_first(first, Position(account, invested))
    b = gain_first(received - first, Position(account - first, invested - a.returned))
    assert a.taxable + b.taxable == pytest.approx(one.taxable, abs=1e-6)
