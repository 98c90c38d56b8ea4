"""Readings of the tax amounts that give another number."""

import pytest

from tests.support.story import number
from valuation import journal as rows
from valuation.beneficiary_payments import IRA, NON_QUALIFIED
from valuation.tax_amounts import NOT_GIVEN, Distribution, Payee, distribution_tax
from valuation.taxes import Position, annuity_payment, exclusion_ratio, gain_first
from valuation.terms.benefits import load_tax_terms

TERMS = load_tax_terms()
DAY = number("2010-06-01")
OLD, YOUNG = number("1945-01-15"), number("1965-01-15")


def payee(tax_type: int = NON_QUALIFIED, birth: int = OLD, ratio: float = NOT_GIVEN) -> Payee:
    return Payee(tax_type, ratio, NOT_GIVEN, number("2008-05-01"), (birth, birth), 0)


def paid(kind: int, received: float, account: float) -> Distribution:
    return Distribution(DAY, kind, received, account)


def test_tax2_the_charge_does_not_reduce_the_gain() -> None:
    """A-TAX-1: 120,000 with a charge of 7,000 on surrender; the gain is 20,000, not that of the Surrender Value."""
    found = distribution_tax(TERMS, payee(), paid(rows.WITHDRAWAL, 30_000.0, 120_000.0), 100_000.0)
    assert found.taxable == pytest.approx(20_000.0)
    other = gain_first(30_000.0, Position(113_000.0, 100_000.0))
    assert other.taxable == pytest.approx(13_000.0)


def test_tax2_what_the_charge_keeps_is_not_received() -> None:
    """A-TAX-1: gross 30,000, charge 1,400: the charge is neither income nor a return of the investment."""
    found = distribution_tax(TERMS, payee(), paid(rows.WITHDRAWAL, 28_600.0, 120_000.0), 100_000.0)
    assert (found.taxable, found.returned, found.left) == pytest.approx((20_000.0, 8_600.0, 91_400.0))
    other = gain_first(30_000.0, Position(120_000.0, 100_000.0))
    assert other.returned == pytest.approx(10_000.0)


def test_tax2_gain_comes_first_not_in_proportion() -> None:
    found = gain_first(30_000.0, Position(120_000.0, 100_000.0))
    assert found.taxable == pytest.approx(20_000.0)
    other = 30_000.0 * 20_000.0 / 120_000.0
    assert other == pytest.approx(5_000.0)


def test_tax8_withholding_is_of_the_taxable_part() -> None:
    found = distribution_tax(TERMS, payee(), paid(rows.WITHDRAWAL, 30_000.0, 120_000.0), 100_000.0)
    assert found.withheld == pytest.approx(2_000.0)
    other = TERMS.withholding_rate * 30_000.0
    assert other == pytest.approx(3_000.0)


def test_tax7_the_penalty_is_of_the_taxable_part_and_not_withheld() -> None:
    found = distribution_tax(TERMS, payee(birth=YOUNG), paid(rows.WITHDRAWAL, 30_000.0, 120_000.0), 1e5)
    assert found.penalty == pytest.approx(2_000.0)
    assert found.received == pytest.approx(found.taxable + found.returned)


def test_tax7_death_spares_the_penalty_whatever_the_age() -> None:
    found = distribution_tax(TERMS, payee(birth=YOUNG), paid(rows.DEATH, 130_000.0, 90_000.0), 100_000.0)
    assert found.penalty == 0.0


def test_tax9_the_benefit_is_compared_with_the_basis_not_the_account_value() -> None:
    """Account Value 90,000, Death Benefit 130,000, basis 100,000: gain by Account Value would be none."""
    found = distribution_tax(TERMS, payee(), paid(rows.DEATH, 130_000.0, 90_000.0), 100_000.0)
    assert (found.taxable, found.returned) == pytest.approx((30_000.0, 100_000.0))
    other = gain_first(90_000.0, Position(90_000.0, 100_000.0))
    assert other.taxable == 0.0


def test_tax1_payments_into_an_ira_are_no_basis() -> None:
    found = distribution_tax(TERMS, payee(IRA), paid(rows.WITHDRAWAL, 30_000.0, 120_000.0), 0.0)
    assert (found.taxable, found.returned, found.rule) == (30_000.0, 0.0, "TAX-1, TAX-8")


def test_tax5_the_ratio_is_fixed_when_payments_begin() -> None:
    """Measured again on what is left, the investment would never be recovered."""
    ratio = exclusion_ratio(100_000.0, 192_000.0)
    assert annuity_payment(800.0, ratio, 50_000.0).returned == pytest.approx(416.67, abs=0.005)
    other = annuity_payment(800.0, exclusion_ratio(50_000.0, 192_000.0), 50_000.0).returned
    assert other == pytest.approx(208.33, abs=0.005)


def test_tax5_a_guaranteed_payment_is_an_annuity_payment_once_its_ratio_is_given() -> None:
    ratio = exclusion_ratio(100_000.0, 192_000.0)
    one = paid(rows.GUARANTEED, 9_600.0, 0.0)
    found = distribution_tax(TERMS, payee(ratio=ratio), one, 100_000.0)
    assert (found.taxable, found.returned) == pytest.approx((4_600.0, 5_000.0))
    other = distribution_tax(TERMS, payee(), one, 100_000.0)
    assert (other.taxable, other.returned) == (0.0, 9_600.0)
