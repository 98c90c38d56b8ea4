"""Annuitization: dates, options and payments; D- are derived vectors, figures to the cent."""

from datetime import date
from itertools import pairwise

import numpy as np
import pytest

from tests.support.protected import number
from valuation import annuity_options as ann
from valuation.annuity_date import latest_annuity_date
from valuation.annuity_options import FIXED_PERIOD, INTEREST, JOINT, LIFE, LUMP_SUM, Payout
from valuation.annuity_rates import fixed_period_rate
from valuation.clock import months_after
from valuation.sessions import scheduled_days, valuation_days
from valuation.terms import load_annuity_date_terms
from valuation.terms.benefits import load_annuity_option_terms

TERMS = load_annuity_option_terms()
START = number("2012-03-01")
CENT = 0.005


class TestEarliestDate:
    """ANN-1 (prospectus 1190, 3372): not in the first three Annuity Years."""

    @pytest.mark.parametrize("issue, earliest", [("2008-07-01", "2011-07-01"), ("2008-02-29", "2011-02-28")])
    def test_third_anniversary(self, issue: str, earliest: str) -> None:
        assert ann.earliest_annuity_date(TERMS, number(issue)) == number(earliest)


class TestDAnn2:
    """D-ANN-2: the latest Annuity Date (prospectus 561-564, 3350-3361)."""

    @pytest.mark.parametrize(
        "owner, annuitant, qualified, latest",
        [
            ("1938-03-01", "1950-01-15", False, "2033-03-01"),
            ("1938-03-15", "1950-01-15", False, "2033-04-01"),
            ("1950-01-15", "1938-03-15", False, "2033-04-01"),
            ("1938-03-15", "1938-03-15", True, "2030-04-01"),
            ("1920-01-01", "1938-03-15", True, "2030-04-01"),
            ("1938-12-15", "1938-12-15", False, "2034-01-01"),
        ],
    )
    def test_date(self, owner: str, annuitant: str, qualified: bool, latest: str) -> None:
        terms = load_annuity_date_terms()
        assert latest_annuity_date(terms, number(owner), number(annuitant), qualified) == number(latest)


class TestAmountApplied:
    """ANN-3 (prospectus 2420-2436, 2516-2521)."""

    @pytest.mark.parametrize(
        "account, tax, applied", [(90_000.0, 0.0, 90_000.0), (90_000.0, 3_150.0, 86_850.0), (100.0, 200.0, 0.0)]
    )
    def test_less_the_tax_charge(self, account: float, tax: float, applied: float) -> None:
        assert ann.amount_applied(account, tax) == applied

    def test_todays_rate_or_the_guaranteed_one(self) -> None:
        assert ann.option_payment(90_000.0, 0.005, 0.006) == pytest.approx(540.0)
        assert ann.option_payment(90_000.0, 0.005, 0.004) == pytest.approx(450.0)


class TestChoice:
    """ANN-4 to ANN-7 (prospectus 3374-3426)."""

    @pytest.mark.parametrize(
        "option, years, expectancy, charge, qualified, allowed",
        [
            (FIXED_PERIOD, 25.0, 30.0, 0.0, False, True),
            (FIXED_PERIOD, 25.5, 30.0, 0.0, False, False),
            (FIXED_PERIOD, 20.0, 19.5, 0.0, False, False),
            (FIXED_PERIOD, 4.0, 19.5, 0.0, False, True),
            (FIXED_PERIOD, 4.0, 19.5, 350.0, False, False),
            (FIXED_PERIOD, 5.0, 19.5, 350.0, False, True),
            (FIXED_PERIOD, 0.0, 19.5, 0.0, False, False),
            (LIFE, 0.0, 2.0, 350.0, True, True),
            (INTEREST, 0.0, 19.5, 0.0, False, True),
            (INTEREST, 0.0, 19.5, 350.0, False, False),
            (INTEREST, 0.0, 19.5, 0.0, True, False),
            (JOINT, 0.0, 19.5, 0.0, False, False),
        ],
    )
    def test_option(
        self, option: int, years: float, expectancy: float, charge: float, qualified: bool, allowed: bool
    ) -> None:
        assert ann.may_choose(TERMS, option, years, expectancy, charge, qualified) == allowed

    def test_default(self) -> None:
        assert ann.default_option(False) == LIFE
        assert ann.default_option(True) == LUMP_SUM


class TestDAnn1:
    """D-ANN-1: 60 remaining payments of 1,000, next one in a month, 3%."""

    def test_commuted_lump_sum(self) -> None:
        assert ann.commuted_value(1_000.0, 60, 1.0, 1, 0.03) == pytest.approx(55_708.11, abs=CENT)

    def test_as_a_death_on_a_payment_date(self) -> None:
        payout = ann.begin_fixed(TERMS, 1_000.0, 10.0, 1, 0.03, START)
        today = number("2017-02-01")
        payout, paid = ann.pay(payout, today)
        assert paid == 60_000.0
        payout, at_once = ann.annuitant_dies(payout, today, True)
        assert at_once == pytest.approx(55_708.11, abs=CENT)
        assert not ann.owed(payout)


class TestOption1:
    """ANN-5 (prospectus 3374-3384)."""

    @staticmethod
    def payout(step: int = 1, rate: float = 0.04) -> Payout:
        payment = 100_000.0 * fixed_period_rate(rate, 10.0, step)
        return ann.begin_fixed(TERMS, payment, 10.0, step, rate, START)

    @pytest.mark.parametrize("step, number_", [(1, 120), (3, 40), (6, 20), (12, 10)])
    def test_number_of_payments(self, step: int, number_: int) -> None:
        payout, paid = ann.pay(self.payout(step), number("2090-01-01"))
        assert payout.made == number_
        assert paid == pytest.approx(number_ * payout.payment, rel=1e-12)
        assert not ann.owed(payout)

    def test_the_first_payment_falls_on_the_annuity_date(self) -> None:
        assert ann.payments_due(self.payout(), START - 1) == 0
        assert ann.payments_due(self.payout(), START) == 1
        assert ann.payments_due(self.payout(), number("2012-03-31")) == 1
        assert ann.payments_due(self.payout(), number("2012-04-01")) == 2

    def test_the_last_one_a_month_before_the_period_ends(self) -> None:
        payout, _ = ann.pay(self.payout(), number("2022-01-31"))
        assert payout.made == 119
        payout, _ = ann.pay(payout, number("2022-02-01"))
        assert payout.made == 120

    def test_payments_continue_after_a_death(self) -> None:
        payout, _ = ann.pay(self.payout(), number("2013-02-28"))
        payout, at_once = ann.annuitant_dies(payout, number("2013-02-28"), False)
        assert at_once == 0.0
        assert ann.pay(payout, number("2090-01-01"))[0].made == 120

    def test_between_two_payments_the_sum_is_worth_more(self) -> None:
        payout, _ = ann.pay(self.payout(), number("2013-02-01"))
        sums = [ann.annuitant_dies(payout, number(day), True)[1] for day in ("2013-02-01", "2013-02-15", "2013-02-28")]
        assert sums == sorted(sums)
        assert sums[2] < sums[0] * 1.04 ** (1.0 / 12.0)

    def test_interest_is_at_least_three_percent(self) -> None:
        assert self.payout(rate=0.01).interest == 0.03
        assert self.payout(rate=0.04).interest == 0.04


class TestOption2:
    """ANN-6 (prospectus 3386-3397)."""

    def test_for_life(self) -> None:
        payout = ann.begin_life(TERMS, 600.0, 1, 0.03, True, START)
        payout, paid = ann.pay(payout, number("2052-02-29"))
        assert (payout.made, paid) == (480, 480 * 600.0)
        payout, at_once = ann.annuitant_dies(payout, number("2052-02-29"), True)
        assert at_once == 0.0
        assert not ann.owed(payout)

    def test_death_before_ten_years_pays_the_rest_in_one_sum(self) -> None:
        payout, _ = ann.pay(ann.begin_life(TERMS, 600.0, 1, 0.03, True, START), number("2017-02-01"))
        payout, at_once = ann.annuitant_dies(payout, number("2017-02-01"), True)
        assert at_once == pytest.approx(0.6 * 55_708.11, abs=CENT)
        assert ann.pay(payout, number("2030-01-01"))[1] == 0.0

    def test_or_goes_on_if_we_were_told_so(self) -> None:
        payout, _ = ann.pay(ann.begin_life(TERMS, 600.0, 1, 0.03, True, START), number("2017-02-01"))
        payout, at_once = ann.annuitant_dies(payout, number("2017-02-01"), False)
        assert at_once == 0.0
        assert ann.pay(payout, number("2030-01-01"))[1] == 60 * 600.0

    @pytest.mark.parametrize("step, certain", [(1, 120), (3, 40), (12, 10)])
    def test_ten_years_worth_of_payments(self, step: int, certain: int) -> None:
        assert ann.begin_life(TERMS, 600.0, step, 0.03, True, START).certain == certain


class TestOption3:
    """ANN-7 (prospectus 3403-3414)."""

    def test_interest_is_paid_every_month(self) -> None:
        payout = ann.begin_interest(TERMS, 100_000.0, 1, 0.03, START)
        payout, paid = ann.pay_interest(payout, number("2012-03-30"), number("2012-04-02"))
        assert paid == pytest.approx(100_000.0 * (1.03 ** (31.0 / 365.0) - 1.0), abs=1e-6)
        assert payout.principal == 100_000.0
        assert ann.pay_interest(payout, number("2012-04-02"), number("2012-04-30"))[1] == 0.0

    def test_interest_of_a_year_is_the_rate(self) -> None:
        payout = ann.begin_interest(TERMS, 100_000.0, 12, 0.05, START)
        assert ann.pay_interest(payout, START, number("2013-03-01"))[1] == pytest.approx(5_000.0, abs=1e-6)

    def test_interest_accrues(self) -> None:
        payout = ann.begin_interest(TERMS, 100_000.0, 0, 0.03, START)
        assert ann.pay_interest(payout, START, number("2014-03-01"))[1] == 0.0
        held = ann.credit_interest(payout, number("2014-03-01"))
        assert held.principal + held.earned == pytest.approx(106_090.0, abs=1e-6)

    def test_at_least_three_percent(self) -> None:
        assert ann.begin_interest(TERMS, 1.0, 0, 0.01, START).interest == 0.03

    def test_part_of_it_can_be_withdrawn_interest_first(self) -> None:
        payout, paid = ann.withdraw_held(
            ann.begin_interest(TERMS, 100_000.0, 0, 0.03, START), number("2013-03-01"), 5_000.0
        )
        assert paid == 5_000.0
        assert (payout.principal, payout.earned) == (pytest.approx(98_000.0, abs=1e-6), pytest.approx(0.0, abs=1e-9))
        payout, paid = ann.withdraw_held(payout, number("2013-03-01"), 1e9)
        assert paid == pytest.approx(98_000.0, abs=1e-6)
        assert not ann.owed(payout)

    def test_a_death_pays_what_is_held(self) -> None:
        payout, paid = ann.annuitant_dies(
            ann.begin_interest(TERMS, 100_000.0, 0, 0.03, START), number("2013-03-01"), True
        )
        assert paid == pytest.approx(103_000.0, abs=1e-6)
        assert not ann.owed(payout)

    def test_no_annuity_payment_belongs_to_it(self) -> None:
        payout = ann.begin_interest(TERMS, 100_000.0, 1, 0.03, START)
        assert ann.pay(payout, number("2020-01-01"))[1] == 0.0
        assert ann.owed(payout)


class TestClosedDays:
    """TXN-5 (prospectus 7561-7572): annuity payments do not move into the next calendar year."""

    @pytest.mark.parametrize(
        "today, following, through",
        [
            ("2011-12-30", "2012-01-03", "2011-12-31"),
            ("2010-12-31", "2011-01-03", "2010-12-31"),
            ("2008-12-26", "2008-12-29", "2008-12-26"),
            ("2012-04-02", "2012-04-03", "2012-04-02"),
        ],
    )
    def test_last_date_paid(self, today: str, following: str, through: str) -> None:
        assert ann.paid_through(number(today), number(following)) == number(through)

    def test_every_payment_is_made_on_the_day_of_the_calendar(self) -> None:
        """Ten years of payments due on the last day of the month, against the calendar's own rule."""
        start = number("2010-12-31")
        nominal = np.array([months_after(start, k) for k in range(120)])
        sessions = valuation_days(date(2010, 12, 31), date(2021, 1, 29))
        payout = ann.begin_fixed(TERMS, 1.0, 10.0, 1, 0.03, start)
        made: list[int] = []
        for today, following in pairwise(sessions.tolist()):
            payout, paid = ann.pay(payout, ann.paid_through(today, following))
            made += [today] * round(paid)
        assert made == scheduled_days(nominal, may_go_back=True).tolist()
