"""How a Beneficiary takes the Death Benefit: PAY-1, PAY-2 and BCO-1 to BCO-6, by their dates and amounts."""

import pytest

from tests.support.story import number
from valuation.beneficiary_payments import (
    IRA,
    NON_QUALIFIED,
    OTHER_PLAN,
    ROTH_IRA,
    SEP_IRA,
    Continuation,
    PaymentDates,
    assess,
    change_continuation,
    continuation_fee,
    continuation_transfer_fee,
    continue_annuity,
    is_designated,
    lump_sum_at_death,
    may_continue,
    new_year,
    non_qualified_dates,
    qualified_dates,
    settlement_charge,
    surrender_fee,
    transfer,
    withdrawal,
)
from valuation.clock import NEVER
from valuation.terms import load_terms
from valuation.terms.benefits import load_beneficiary_terms
from valuation.units import daily_charge, rebased_units

TERMS = load_beneficiary_terms()
BIRTH = "1938-09-15"
REQUIRED = "2010-04-01"
"""April 1 after the year in which a life born on 15 September 1938 reaches 70 1/2 (D-TAX-3)."""


class TestPay1:
    """PAY-1 (prospectus 7249-7269, 7861-7879): five years, or over a life beginning within one year."""

    @staticmethod
    def dates(death: str, natural: bool = True, spouse: bool = False) -> PaymentDates:
        return non_qualified_dates(TERMS, number(death), number("2020-01-01"), natural, spouse)

    def test_before_the_annuity_date(self) -> None:
        found = self.dates("2010-06-15")
        assert found == (number("2015-06-15"), number("2011-06-15"), False, False)

    def test_29_february(self) -> None:
        assert self.dates("2012-02-29")[:2] == (number("2017-02-28"), number("2013-02-28"))

    def test_an_entity_takes_no_payments_over_a_life(self) -> None:
        assert self.dates("2010-06-15", natural=False) == (number("2015-06-15"), 0, False, False)

    def test_a_spouse_may_go_on_as_owner(self) -> None:
        assert self.dates("2010-06-15", spouse=True).continues

    @pytest.mark.parametrize("death, as_rapidly", [("2019-12-31", False), ("2020-01-01", True)])
    def test_from_the_annuity_date_on_at_least_as_rapidly(self, death: str, as_rapidly: bool) -> None:
        found = self.dates(death)
        assert found.as_rapidly is as_rapidly
        assert (found.whole == NEVER) is as_rapidly


class TestPay2:
    """PAY-2 (prospectus 7279-7334, 8162-8218): by the ends of calendar years."""

    @staticmethod
    def dates(death: str, designated: bool = True, spouse: bool = False, tax_type: int = IRA) -> PaymentDates:
        return qualified_dates(TERMS, number(death), number(BIRTH), number(REQUIRED), designated, spouse, tax_type)

    @pytest.mark.parametrize("death", ["2008-01-01", "2008-06-15", "2008-12-31"])
    def test_designated(self, death: str) -> None:
        assert self.dates(death) == (number("2013-12-31"), number("2009-12-31"), False, False)

    def test_spouse_waits_for_seventy_and_a_half(self) -> None:
        """15 March 2009: the later of 31 December 2007 and 31 December 2009."""
        assert self.dates("2006-06-15", spouse=True) == (number("2011-12-31"), number("2009-12-31"), False, True)

    def test_spouse_of_an_older_decedent(self) -> None:
        assert self.dates("2011-06-15", spouse=True).begin == number("2012-12-31")

    def test_seventy_and_a_half_may_be_a_calendar_year_after_seventy(self) -> None:
        """Born on 30 June 1938: 30 December 2008; on 1 July: 1 January 2009."""
        found = [
            qualified_dates(TERMS, number("2006-06-15"), number(birth), number(REQUIRED), True, True, IRA).begin
            for birth in ("1938-06-30", "1938-07-01")
        ]
        assert found == [number("2008-12-31"), number("2009-12-31")]

    def test_nobody_designated_before_the_required_beginning_date(self) -> None:
        assert self.dates("2010-03-31", designated=False) == (number("2015-12-31"), 0, False, False)

    def test_nobody_designated_after_it(self) -> None:
        assert self.dates("2010-04-02", designated=False) == (NEVER, 0, True, False)

    def test_a_roth_ira_counts_as_before_it(self) -> None:
        assert self.dates("2012-04-02", designated=False, tax_type=ROTH_IRA).whole == number("2017-12-31")

    @pytest.mark.parametrize(
        "named, all_qualify, divided, expected",
        [
            (True, True, None, True),
            (True, False, "2009-12-31", True),
            (True, False, "2010-01-01", False),
            (True, False, None, False),
            (False, True, None, False),
        ],
    )
    def test_designated_beneficiary(self, named: bool, all_qualify: bool, divided: str | None, expected: bool) -> None:
        day = number(divided) if divided else NEVER
        assert is_designated(TERMS, named, all_qualify, number("2008-06-15"), day) is expected


class TestContinuation:
    """BCO-1 to BCO-6 (prospectus 7340-7391)."""

    @staticmethod
    def begun(successor: bool = False) -> Continuation:
        return continue_annuity(number("2010-06-15"), successor)

    def test_who(self) -> None:
        assert [may_continue(t) for t in (NON_QUALIFIED, IRA, ROTH_IRA, SEP_IRA, OTHER_PLAN)] == [True] * 4 + [False]

    def test_settlement_service_charge(self) -> None:
        """BCO-2: 1.00% a year, less than any Insurance Charge, which it replaces."""
        assert settlement_charge(TERMS) == 0.01
        assert settlement_charge(TERMS) < min(load_terms(True).charges.insurance_charge)
        assert 1.0 - (1.0 - daily_charge(settlement_charge(TERMS), 1.0)) ** 365 == pytest.approx(0.01, abs=1e-13)

    def test_the_change_of_charge_leaves_the_death_benefit(self) -> None:
        """UNIT-7: Units of the class of 1.00% for a Death Benefit of 64,189.82 in the class of 1.65%."""
        units = rebased_units(64_189.82 / 16.79, 16.79, 17.31)
        assert units * 17.31 == pytest.approx(64_189.82, abs=1e-9)

    @pytest.mark.parametrize(
        "account, fee", [(24_999.99, 30.00), (25_000.0, 0.0), (1_000.0, 20.00), (1_500.0, 30.00), (0.0, 0.0)]
    )
    def test_maintenance_fee(self, account: float, fee: float) -> None:
        """D-FEE-1."""
        assert continuation_fee(TERMS, account) == pytest.approx(fee, abs=1e-9)

    @pytest.mark.parametrize("when, fee", [("2011-05-31", -30.0), ("2011-06-01", 30.0), ("2011-05-01", -30.0)])
    def test_a_fee_of_the_last_thirty_days_is_given_back(self, when: str, fee: float) -> None:
        """A-FEE-5."""
        state = assess(self.begun(), continuation_fee(TERMS, 10_000.0), number("2011-05-01"))
        assert surrender_fee(state, TERMS, 10_000.0, number(when)) == fee

    def test_fee_on_surrender_before_any_anniversary(self) -> None:
        assert surrender_fee(self.begun(), TERMS, 1_000.0, number("2010-07-01")) == 20.0
        assert surrender_fee(self.begun(), TERMS, 25_000.0, number("2010-07-01")) == 0.0

    def test_withdrawals_bear_no_charge(self) -> None:
        """BCO-5."""
        assert withdrawal(10_000.0, 4_000.0) == 4_000.0
        assert withdrawal(10_000.0, 40_000.0) == 10_000.0

    def test_the_21st_transfer_of_a_year(self) -> None:
        """BCO-6."""
        state, fees = self.begun(), []
        for _ in range(23):
            state = transfer(state)
            fees.append(continuation_transfer_fee(state, TERMS))
        assert fees == [0.0] * 20 + [10.0] * 3
        assert continuation_transfer_fee(transfer(new_year(state)), TERMS) == 0.0

    def test_death_of_the_beneficiary(self) -> None:
        """BCO-5."""
        assert lump_sum_at_death(self.begun(), 8_000.0) == 8_000.0
        assert lump_sum_at_death(change_continuation(self.begun(), successor=1.0), 8_000.0) == 0.0
        assert lump_sum_at_death(self.begun(successor=True), 8_000.0) == 0.0
