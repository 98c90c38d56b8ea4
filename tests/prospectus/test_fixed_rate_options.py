"""The one-year Fixed Rate Option (prospectus 2240-2267, 2391-2405, 2475-2510) and the delay of its payment (supplement 11)."""

from datetime import date

import pytest

from tests.support.fixed_story import HALF_CENT, FixedStory
from tests.support.story import number
from valuation.benefit_fixed_rate_account import fixed_value
from valuation.charges import maintenance_fee
from valuation.declared_rates import BENEFIT_FIXED, ENHANCED, ONE_YEAR, SUB_ACCOUNT, DeclaredRate
from valuation.failures import Reason
from valuation.fixed_rate_options import (
    CAPACITY,
    Deferral,
    allocate,
    credit_interest,
    deferral,
    is_counted,
    is_open,
    no_periods,
    open_value,
    systematic_limit,
    take,
    transfer_in_refusal,
    transfer_out,
    transfer_out_refusal,
)
from valuation.terms import load_terms
from valuation.terms.investments import load_fixed_rate_terms

CENT = 0.005
TERMS = load_fixed_rate_terms()
RATES = [
    DeclaredRate(date(2008, 1, 1), "ONE_YEAR", 12, 0.03, additional_rate=0.01),
    DeclaredRate(date(2008, 10, 1), "ONE_YEAR", 12, 0.025),
    DeclaredRate(date(2009, 9, 1), "ONE_YEAR", 12, 0.02, additional_rate=0.01),
]


def story(issue: str = "2008-09-02", sub: float = 50_000.0) -> FixedStory:
    return FixedStory(issue, RATES, sub=sub)


class TestPeriods:
    """FIX-1: every allocation has its own year and its own rate."""

    def test_two_allocations(self) -> None:
        tale = story().on("2008-09-02", ("PAY", 10_000.0)).on("2008-10-01", ("IN", 5_000.0))
        assert [(day, rate) for day, _, rate, _ in tale.rows()] == [("2008-09-02", 0.04), ("2008-10-01", 0.025)]
        tale.on("2008-10-31")
        expected = 10_000.0 * 1.04 ** (59.0 / 365.0) + 5_000.0 * 1.025 ** (30.0 / 365.0)
        assert tale.fixed == pytest.approx(expected, abs=1e-8)

    def test_the_additional_rate_is_for_payments_only(self) -> None:
        tale = story().on("2008-09-02", ("PAY", 10_000.0), ("IN", 10_000.0))
        assert [(amount, rate) for _, amount, rate, _ in tale.rows()] == [(10_000.0, 0.03), (10_000.0, 0.04)]

    def test_the_additional_rate_is_for_the_first_year_only(self) -> None:
        tale = story().on("2008-09-02", ("PAY", 10_000.0)).on("2009-09-02")
        assert tale.rows() == [("2009-09-02", pytest.approx(10_400.0, abs=1e-8), 0.02, 1)]
        tale.on("2010-09-02")
        assert tale.fixed == pytest.approx(10_400.0 * 1.02, abs=1e-8)

    def test_amounts_of_one_day_and_rate_are_one_period(self) -> None:
        tale = story().on("2008-09-02", ("PAY", 10_000.0), ("PAY", 500.0))
        assert tale.rows() == [("2008-09-02", 10_500.0, 0.04, 0)]

    def test_the_contract_has_a_least_rate(self) -> None:
        tale = story()
        tale.terms = TERMS._replace(minimum_rate=0.035)
        tale.on("2008-09-02", ("PAY", 1_000.0), ("IN", 1_000.0))
        assert [rate for _, _, rate, _ in tale.rows()] == [0.035, pytest.approx(0.045)]

    def test_no_charge_lowers_the_rate(self) -> None:
        """FIX-4 (prospectus 2475-2478, 2503-2505): a year at 4% is 4%."""
        tale = story().on("2008-09-02", ("PAY", 10_000.0)).on("2009-09-01")
        assert tale.fixed == pytest.approx(10_000.0 * 1.04 ** (364.0 / 365.0), abs=1e-8)


class TestRenewal:
    """FIX-3, A-FIX-2, README decision 13: what is not moved keeps on from the end of its year."""

    def test_a_year_that_ends_on_a_closed_day(self) -> None:
        """5 September 2009 is a Saturday and Monday is Labor Day: the new rate is that of 8 September, from the 5th."""
        rates = [*RATES, DeclaredRate(date(2009, 9, 8), "ONE_YEAR", 12, 0.05)]
        tale = FixedStory("2008-09-05", rates).on("2008-09-05", ("PAY", 10_000.0)).on("2009-09-08")
        assert tale.rows() == [("2009-09-05", pytest.approx(10_400.0 * 1.05 ** (3.0 / 365.0), abs=1e-8), 0.05, 1)]

    def test_a_part_that_leaves_on_the_twentieth_day_has_earned_the_new_rate(self) -> None:
        tale = story(sub=0.0).on("2008-09-02", ("PAY", 10_000.0)).on("2009-09-22")
        whole = 10_400.0 * 1.02 ** (20.0 / 365.0)
        assert tale.fixed == pytest.approx(whole, abs=1e-8)
        tale.on("2009-09-22", ("OUT", 4_000.0)).on("2009-10-02")
        assert tale.fixed == pytest.approx((whole - 4_000.0) * 1.02 ** (10.0 / 365.0), abs=1e-8)
        assert tale.rows()[0][0] == "2009-09-02"

    def test_renewed_periods_of_one_date_become_one(self) -> None:
        tale = story().on("2008-09-02", ("PAY", 10_000.0), ("IN", 10_000.0)).on("2009-09-02")
        assert tale.rows() == [("2009-09-02", pytest.approx(10_400.0 + 10_300.0, abs=1e-8), 0.02, 1)]

    def test_it_renews_where_the_option_has_ceased(self) -> None:
        rates = [*RATES, DeclaredRate(date(2009, 1, 1), "ONE_YEAR", 12, 0.015, offered=False)]
        tale = FixedStory("2008-08-29", rates, sub=1_000.0).on("2008-08-29", ("PAY", 10_000.0))
        tale.on("2009-08-31", ("PAY", 100.0), ("IN", 100.0))
        assert tale.refusals == [Reason.FIXED_NOT_OFFERED] * 2
        assert [row[2] for row in tale.rows()] == [0.015]

    def test_the_thirtieth_and_the_thirty_first_day(self) -> None:
        start = number("2009-09-02")
        assert [is_open(TERMS, start, 1, start + k) for k in (-1, 0, 30, 31)] == [False, True, True, False]
        assert not is_open(TERMS, start, 0, start + 5)

    def test_the_window_comes_again_every_year(self) -> None:
        tale = story().on("2008-09-02", ("PAY", 10_000.0))
        opened = [
            day
            for day in (
                "2008-09-10",
                "2009-09-01",
                "2009-09-02",
                "2009-10-02",
                "2009-10-05",
                "2010-09-02",
                "2010-10-04",
            )
            if tale.on(day).open > 0.0
        ]
        assert opened == ["2009-09-02", "2009-10-02", "2010-09-02"]


class TestTransfersOut:
    """FIX-3, TR-1, TR-2."""

    def test_refused_in_the_year_and_taken_in_the_window(self) -> None:
        tale = story(sub=0.0).on("2008-09-02", ("PAY", 10_000.0)).on("2008-12-01", ("OUT", 1_000.0))
        assert tale.refusals == [Reason.FIXED_NOT_OPEN]
        tale.on("2009-09-02", ("OUT", tale.fixed))
        assert tale.fixed > 0.0
        tale.on("2009-09-02", ("OUT", tale.fixed))
        assert (tale.fixed, tale.rows()) == (0.0, [])
        assert tale.sub == pytest.approx(10_400.0, abs=1e-8)

    def test_only_what_is_open_may_leave(self) -> None:
        tale = story().on("2008-09-02", ("PAY", 10_000.0)).on("2009-03-02", ("IN", 5_000.0)).on("2009-09-02")
        assert tale.open == pytest.approx(10_400.0, abs=1e-8)
        tale.on("2009-09-02", ("OUT", 12_000.0))
        assert tale.refusals == [Reason.FIXED_NOT_OPEN]
        tale.on("2009-09-02", ("OUT", 10_400.0))
        assert [row[0] for row in tale.rows()] == ["2009-03-02"]

    def test_two_open_periods_give_in_proportion(self) -> None:
        tale = story().on("2008-09-02", ("PAY", 10_000.0)).on("2008-09-12", ("IN", 5_000.0)).on("2009-09-14")
        before = [row[1] for row in tale.rows()]
        tale.on("2009-09-14", ("OUT", 0.25 * sum(before)))
        assert [row[1] for row in tale.rows()] == pytest.approx([0.75 * value for value in before], abs=1e-8)

    @pytest.mark.parametrize(
        "amount, most, reason",
        [
            (500.0, 400.0, Reason.FIXED_LIMIT),
            (500.0, 500.0, 0),
            (10_400.004, 1e9, 0),
            (10_401.0, 1e9, Reason.TRANSFER_TOO_LARGE),
        ],
    )
    def test_limits(self, amount: float, most: float, reason: int) -> None:
        periods = no_periods()
        allocate(periods, 10_000.0, 0.04, number("2008-09-02"))
        credit_interest(periods, TERMS, number("2008-09-03"), number("2009-09-02"), 0.02)
        allocate(periods, 10_000.0 * (1.04 - 1.04 ** (364.0 / 365.0)), 0.0, number("2008-09-02"))
        periods.renewed[:2] = 1
        periods.layers.day[:2] = number("2009-09-02")
        terms = TERMS._replace(most_out=most)
        assert transfer_out_refusal(periods, terms, amount, HALF_CENT, number("2009-09-02")) == reason

    def test_an_empty_option(self) -> None:
        periods = no_periods()
        assert transfer_out_refusal(periods, TERMS, 1.0, HALF_CENT, 14_000) == Reason.TRANSFER_FROM_EMPTY
        assert transfer_out(periods, TERMS, 1.0, 14_000) == 0.0
        assert take(periods, 1.0) == 0.0

    @pytest.mark.parametrize("offered, amount, reason", [(False, 1.0, 421), (True, 101.0, 721), (True, 100.0, 0)])
    def test_transfers_in(self, offered: bool, amount: float, reason: int) -> None:
        assert transfer_in_refusal(TERMS._replace(most_in=100.0), offered, amount) == reason

    def test_what_counts(self) -> None:
        assert [is_counted(kind) for kind in (SUB_ACCOUNT, ONE_YEAR, ENHANCED, BENEFIT_FIXED)] == [
            True,
            False,
            False,
            False,
        ]


class TestWithdrawals:
    """WD-1, A-WD-3, FIX-4: in proportion from all options and all periods, at any time of the year."""

    def test_in_proportion(self) -> None:
        tale = story(sub=20_000.0).on("2008-09-02", ("PAY", 10_000.0)).on("2008-10-01", ("IN", 5_000.0))
        tale.on("2008-12-01")
        before, sub, whole = [row[1] for row in tale.rows()], tale.sub, tale.account
        tale.on("2008-12-01", ("TAKE", 0.1 * whole))
        assert [row[1] for row in tale.rows()] == pytest.approx([0.9 * value for value in before], abs=1e-8)
        assert tale.sub == pytest.approx(0.9 * sub, abs=1e-8)
        assert tale.account == pytest.approx(0.9 * whole, abs=1e-8)

    def test_systematic_withdrawals_take_earnings(self) -> None:
        """SYS-1 (prospectus 3194-3197)."""
        tale = story().on("2008-09-02", ("PAY", 10_000.0)).on("2009-03-02")
        credited = tale.interest
        assert systematic_limit(credited, 0.0) == pytest.approx(10_000.0 * (1.04 ** (181.0 / 365.0) - 1.0), abs=1e-8)
        assert systematic_limit(credited, 150.0) == pytest.approx(credited - 150.0, abs=1e-12)
        assert systematic_limit(credited, 1_000.0) == 0.0

    def test_the_maintenance_fee_comes_from_sub_accounts_alone(self) -> None:
        """A-FEE-2, A-FEE-3: 2% of the 600 in Sub-accounts, not of 1,000; and no fee from 100,000 on in all."""
        charges = load_terms(True).charges
        assert maintenance_fee(charges, 1_000.0, 600.0) == 12.0
        assert maintenance_fee(charges, 100_000.0, 600.0) == 0.0
        assert maintenance_fee(charges, 1_000.0, 0.0) == 0.0


class TestLifeStages:
    """Before issue, issue day, in the year, renewed, exhausted, ended."""

    def test_before_issue_there_is_nothing(self) -> None:
        periods = no_periods()
        assert credit_interest(periods, TERMS, 14_000, 14_001, 0.03) == 0.0
        assert open_value(periods, TERMS, 14_001) == 0.0

    def test_on_the_issue_day_nothing_is_earned(self) -> None:
        tale = story(sub=0.0).on("2008-09-02", ("PAY", 10_000.0))
        assert (tale.account, tale.interest, tale.open) == (10_000.0, 0.0, 0.0)

    def test_a_free_look_finds_the_interest(self) -> None:
        tale = story(sub=0.0).on("2008-09-02", ("PAY", 10_000.0)).on("2008-09-12")
        assert tale.account == pytest.approx(10_000.0 * 1.04 ** (10.0 / 365.0), abs=1e-8)

    def test_ten_years_of_renewals(self) -> None:
        tale = story(sub=0.0).on("2008-09-02", ("PAY", 10_000.0)).on("2018-09-04")
        days = 9 * 365 + 2 + 2  # with those of February 2012 and 2016, and two since the last anniversary
        assert tale.fixed == pytest.approx(10_400.0 * 1.02 ** (days / 365.0), abs=1e-6)
        assert [row[0] for row in tale.rows()] == ["2018-09-02"]

    def test_all_withdrawn_leaves_no_period(self) -> None:
        tale = story().on("2008-09-02", ("PAY", 10_000.0)).on("2009-01-05")
        tale.on("2009-01-05", ("TAKE", tale.account))
        assert (tale.rows(), tale.account) == ([], pytest.approx(0.0, abs=1e-9))
        assert tale.on("2010-01-05").fixed == 0.0

    def test_periods_for_every_day_fit(self) -> None:
        periods = no_periods()
        for today in range(number("2007-01-01"), number("2009-03-01")):
            credit_interest(periods, TERMS, today - 1, today, 0.02)
            allocate(periods, 1.0, 0.03, today)
            allocate(periods, 1.0, 0.02, today)
        assert 1_095 <= periods.layers.used[0] <= CAPACITY
        assert fixed_value(periods.layers) > 2.0 * 790.0


class TestDelay:
    """SUP-3, A-SUP-2 (supplement 11): six months at most; after thirty days interest from the request."""

    @pytest.mark.parametrize("days, interest", [(0, 0.0), (30, 0.0), (31, 25.14), (184, 150.12)])
    def test_interest(self, days: int, interest: float) -> None:
        requested = number("2009-10-01")
        found = deferral(TERMS, 10_000.0, 0.03, requested, requested + days)
        assert found == Deferral(number("2010-04-01"), pytest.approx(interest, abs=CENT))
