"""Tax amounts (TAX-1 to TAX-12, RMD-2, RMD-3), by the derived vectors D-TAX-1 to D-TAX-3 and the sentences of the text."""

import pytest

from tests.support.story import number
from valuation.taxes import (
    DIRECT_ROLLOVER,
    NON_PERIODIC,
    NONRESIDENT,
    ROLLOVER,
    OldMoney,
    Position,
    all_income,
    annuity_payment,
    assignment_split,
    beyond_old_income,
    contributions_first,
    death_benefit_split,
    deferral_limit,
    entity_income,
    equal_payments_through,
    exclusion_ratio,
    gain,
    gain_first,
    gift_income,
    invested_after,
    ira_contribution_limit,
    is_immediate,
    is_old_money,
    is_qualified,
    is_young,
    minimum_distribution,
    missed_penalty,
    old_money_first,
    one_contract,
    penalty,
    required_beginning_date,
    retroactive_penalty,
    sep_contribution_limit,
    withholding,
)
from valuation.terms.benefits import load_tax_terms

TERMS = load_tax_terms()
CENT = 0.005
BIRTH, REACHED = number("1948-10-31"), number("2008-04-30")


class TestDTax1:
    """D-TAX-1: non-qualified, Account Value 120,000, cost basis 100,000, withdrawal 30,000."""

    position = Position(120_000.0, 100_000.0)

    def test_gain_first(self) -> None:
        split = gain_first(30_000.0, self.position)
        assert split.taxable == pytest.approx(20_000.00, abs=CENT)
        assert split.returned == pytest.approx(10_000.00, abs=CENT)
        assert invested_after(100_000.0, 0.0, split.returned) == pytest.approx(90_000.00, abs=CENT)

    def test_withholding_and_penalty(self) -> None:
        taxable = gain_first(30_000.0, self.position).taxable
        assert withholding(TERMS, taxable, NON_PERIODIC, False) == pytest.approx(2_000.00, abs=CENT)
        assert penalty(TERMS, taxable, BIRTH, REACHED - 1, False) == pytest.approx(2_000.00, abs=CENT)

    def test_less_than_the_gain_is_all_taxable(self) -> None:
        assert gain_first(15_000.0, self.position) == (15_000.0, 0.0, 0.0)

    def test_no_gain_returns_the_investment(self) -> None:
        assert gain_first(30_000.0, Position(90_000.0, 100_000.0)) == (0.0, 30_000.0, 0.0)

    def test_after_the_investment_everything_is_taxable(self) -> None:
        """Guaranteed payments go on although the Account Value is zero."""
        assert gain_first(5_000.0, Position(0.0, 3_000.0)) == (2_000.0, 3_000.0, 0.0)
        assert gain_first(5_000.0, Position(0.0, 0.0)) == (5_000.0, 0.0, 0.0)


class TestDTax2:
    """D-TAX-2: payments 100,000, total expected payments 192,000, annuity payment 800."""

    ratio = exclusion_ratio(100_000.0, 192_000.0)

    def test_first_payment(self) -> None:
        split = annuity_payment(800.0, self.ratio, 100_000.0)
        assert split.returned == pytest.approx(416.67, abs=CENT)
        assert split.taxable == pytest.approx(383.33, abs=CENT)

    @pytest.mark.parametrize("digits", [2, 12])
    def test_240_payments_recover_the_basis(self, digits: int) -> None:
        invested, count = 100_000.0, 0
        while invested > 1e-6:
            returned = round(annuity_payment(800.0, self.ratio, invested).returned, digits)
            invested, count = invested_after(invested, 0.0, returned), count + 1
        assert count == 240
        assert annuity_payment(800.0, self.ratio, 0.0) == (800.0, 0.0, 0.0)

    def test_an_investment_above_the_expected_payments_excludes_all(self) -> None:
        assert annuity_payment(800.0, exclusion_ratio(200_000.0, 192_000.0), 200_000.0).taxable == 0.0

    def test_nothing_expected(self) -> None:
        assert exclusion_ratio(100_000.0, 0.0) == 0.0


class TestDTax3:
    """D-TAX-3: half ages and the required beginning date."""

    @pytest.mark.parametrize(
        "birth, expected",
        [("1948-10-31", "2020-04-01"), ("1938-03-15", "2009-04-01"), ("1938-09-15", "2010-04-01")],
    )
    def test_required_beginning_date(self, birth: str, expected: str) -> None:
        assert required_beginning_date(TERMS, number(birth), 0) == number(expected)

    def test_59_and_a_half_on_the_last_day_of_april(self) -> None:
        assert is_young(TERMS, BIRTH, REACHED - 1)
        assert not is_young(TERMS, BIRTH, REACHED)
        assert penalty(TERMS, 20_000.0, BIRTH, REACHED, False) == 0.0

    def test_retirement_may_defer_it(self) -> None:
        born = number("1938-03-15")
        assert required_beginning_date(TERMS, born, number("2011-06-30")) == number("2012-04-01")
        assert required_beginning_date(TERMS, born, number("2001-06-30")) == number("2009-04-01")


class TestMinimumDistribution:
    """RMD-2, RMD-3: Account Value and the actuarial value of additional benefits of December 31, over the factor."""

    def test_additional_benefits_count(self) -> None:
        assert minimum_distribution(100_000.0, 9_600.0, 27.4, 0.0) == pytest.approx(4_000.0, abs=CENT)

    def test_earlier_withdrawals_count(self) -> None:
        assert minimum_distribution(100_000.0, 9_600.0, 27.4, 1_500.0) == pytest.approx(2_500.0, abs=CENT)
        assert minimum_distribution(100_000.0, 9_600.0, 27.4, 5_000.0) == 0.0

    def test_half_of_what_is_missed(self) -> None:
        assert missed_penalty(TERMS, 2_500.0) == pytest.approx(1_250.0)


class TestPenalty:
    """TAX-7: exceptions, and what undoes them."""

    def test_exceptions(self) -> None:
        assert penalty(TERMS, 20_000.0, number("1970-01-01"), REACHED, True) == 0.0

    def test_immediate_annuity(self) -> None:
        assert is_immediate(TERMS, number("2008-05-01"), number("2009-05-01"))
        assert not is_immediate(TERMS, number("2008-05-01"), number("2009-05-02"))

    @pytest.mark.parametrize(
        "birth, through",
        [("1948-10-31", "2012-06-02"), ("1952-01-15", "2012-06-02"), ("1960-01-15", "2019-07-15")],
    )
    def test_equal_payments_last_until_the_later_date(self, birth: str, through: str) -> None:
        assert equal_payments_through(TERMS, number(birth), number("2007-06-02")) == number(through)

    def test_a_change_before_that_makes_the_penalty_due(self) -> None:
        given = (TERMS, 30_000.0, number("1952-01-15"), number("2007-06-02"))
        assert retroactive_penalty(*given, number("2012-06-01")) == pytest.approx(3_000.0)
        assert retroactive_penalty(*given, number("2012-06-02")) == 0.0


class TestWithholding:
    """TAX-8: rates by kind of distribution."""

    @pytest.mark.parametrize(
        "kind, declined, expected",
        [
            (NON_PERIODIC, False, 1_000.0),
            (NON_PERIODIC, True, 0.0),
            (ROLLOVER, False, 2_000.0),
            (ROLLOVER, True, 2_000.0),
            (DIRECT_ROLLOVER, False, 0.0),
            (NONRESIDENT, False, 3_000.0),
            (NONRESIDENT, True, 3_000.0),
        ],
    )
    def test_of_10_000(self, kind: int, declined: bool, expected: float) -> None:
        assert withholding(TERMS, 10_000.0, kind, declined) == pytest.approx(expected)


class TestOldMoney:
    """TAX-6: payments made before August 14, 1982 to an annuity exchanged for this one."""

    old = OldMoney(40_000.0, 25_000.0)
    position = Position(120_000.0, 60_000.0)

    def test_old_payments_come_first(self) -> None:
        assert old_money_first(30_000.0, self.position, self.old) == (0.0, 30_000.0, 0.0)
        assert old_money_first(50_000.0, self.position, self.old) == (10_000.0, 40_000.0, 0.0)

    def test_then_gain_then_the_rest_of_the_investment(self) -> None:
        assert old_money_first(110_000.0, self.position, self.old) == (60_000.0, 50_000.0, 0.0)

    def test_its_income_bears_no_penalty(self) -> None:
        assert beyond_old_income(60_000.0, self.old) == pytest.approx(35_000.0)
        assert beyond_old_income(20_000.0, self.old) == 0.0

    def test_the_day(self) -> None:
        assert is_old_money(TERMS, number("1982-08-13"))
        assert not is_old_money(TERMS, number("1982-08-14"))


class TestOthers:
    """TAX-3, TAX-4, TAX-9, TAX-11: what counts together, and other events than a withdrawal."""

    def test_two_annuities_of_one_year(self) -> None:
        both = one_contract(Position(120_000.0, 100_000.0), Position(45_000.0, 50_000.0))
        assert gain(both) == pytest.approx(15_000.0)
        assert gain_first(20_000.0, both) == (15_000.0, 5_000.0, 0.0)

    def test_an_assignment_is_a_withdrawal(self) -> None:
        assert assignment_split(30_000.0, Position(120_000.0, 100_000.0)) == (20_000.0, 10_000.0, 0.0)

    def test_a_gift_taxes_the_gain(self) -> None:
        assert gift_income(Position(120_000.0, 100_000.0), False) == pytest.approx(20_000.0)
        assert gift_income(Position(120_000.0, 100_000.0), True) == 0.0

    def test_a_death_benefit_is_taxable_above_the_basis(self) -> None:
        assert death_benefit_split(130_000.0, 100_000.0) == (30_000.0, 100_000.0, 0.0)
        assert death_benefit_split(80_000.0, 100_000.0) == (0.0, 80_000.0, 0.0)

    def test_within_five_years_gain_is_first(self) -> None:
        first = gain_first(20_000.0, Position(130_000.0, 100_000.0))
        assert first == (20_000.0, 0.0, 0.0)

    def test_an_entity_is_taxed_each_year_on_the_increase(self) -> None:
        first = entity_income(Position(110_000.0, 100_000.0))
        assert first == pytest.approx(10_000.0)
        assert entity_income(Position(125_000.0, 100_000.0 + first)) == pytest.approx(15_000.0)


class TestQualified:
    """TAX-1, TAX-10: IRA and Roth IRA."""

    def test_an_ira_is_all_income(self) -> None:
        assert all_income(30_000.0) == (30_000.0, 0.0, 0.0)

    def test_a_roth_ira_returns_contributions_first(self) -> None:
        assert contributions_first(30_000.0, 20_000.0, False) == (10_000.0, 20_000.0, 0.0)
        assert contributions_first(30_000.0, 20_000.0, True) == (0.0, 20_000.0, 10_000.0)

    @pytest.mark.parametrize(
        "day, event, expected",
        [
            ("2012-12-31", False, False),
            ("2013-01-02", False, True),
            ("2012-12-31", True, False),
        ],
    )
    def test_five_tax_years(self, day: str, event: bool, expected: bool) -> None:
        assert is_qualified(TERMS, BIRTH, number(day), 2008, event) is expected

    def test_the_young_need_an_event(self) -> None:
        assert not is_qualified(TERMS, number("1980-01-01"), number("2014-01-02"), 2008, False)
        assert is_qualified(TERMS, number("1980-01-01"), number("2014-01-02"), 2008, True)


class TestLimits:
    """TAX-12: the limits printed."""

    @pytest.mark.parametrize("birth, most", [("1958-12-31", 6_000.0), ("1959-01-01", 5_000.0)])
    def test_ira(self, birth: str, most: float) -> None:
        assert ira_contribution_limit(TERMS, number(birth), 2008) == most

    @pytest.mark.parametrize("birth, most", [("1958-12-31", 20_500.0), ("1959-01-01", 15_500.0)])
    def test_deferrals(self, birth: str, most: float) -> None:
        assert deferral_limit(TERMS, number(birth), 2008) == most

    @pytest.mark.parametrize(
        "pay, year, most",
        [(100_000.0, 2008, 25_000.0), (1_000_000.0, 2008, 46_000.0), (1_000_000.0, 2007, 45_000.0)],
    )
    def test_sep(self, pay: float, year: int, most: float) -> None:
        assert sep_contribution_limit(TERMS, pay, year) == most

    def test_compensation_is_capped(self) -> None:
        wide = TERMS._replace(sep_limit=(1e9, 1e9))
        assert sep_contribution_limit(wide, 1_000_000.0, 2008) == pytest.approx(57_500.0)
        assert sep_contribution_limit(wide, 1_000_000.0, 2007) == pytest.approx(56_250.0)
