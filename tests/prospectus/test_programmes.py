"""Programmes: systematic withdrawals, 72(t) payments, distributions, Dollar Cost Averaging, rebalancing, by the calendar."""

from datetime import date
from typing import Any

import pyarrow as pa
import pytest

from tests.support.programme_runs import (
    A,
    B,
    C,
    asked,
    contract,
    moved,
    paid,
    programme,
    run,
    shares,
    state,
    transactions,
)
from tests.support.story import number
from valuation.block import DayResult
from valuation.distributions import (
    equal_payments_through,
    first_distribution_year,
    required_distribution,
    uniform_lifetime,
)
from valuation.programme_schedule import scheduled_day_of
from valuation.programme_state import AVERAGING, DISTRIBUTIONS, EQUAL, SYSTEMATIC
from valuation.sessions import day_date
from valuation.taxes import required_beginning_date
from valuation.terms import load_terms
from valuation.terms.benefits import load_tax_terms

TERMS = load_terms(True).programmes
NEW_YEAR, YEAR = date(2010, 12, 31), date(2011, 12, 30)


def days(result: DayResult) -> list[date]:
    return [day for day, _ in paid(result)]


@pytest.mark.parametrize(
    ("row", "nominal", "processed"),
    [
        (DISTRIBUTIONS, "2011-12-31", date(2011, 12, 30)),
        (AVERAGING, "2011-12-31", date(2012, 1, 3)),
        (EQUAL, "2008-12-25", date(2008, 12, 26)),
        (AVERAGING, "2008-03-21", date(2008, 3, 24)),
        (SYSTEMATIC, "2010-07-04", date(2010, 7, 6)),
        (DISTRIBUTIONS, "2016-12-31", date(2016, 12, 30)),
        (DISTRIBUTIONS, "2016-01-01", date(2016, 1, 4)),
    ],
)
def test_d_txn_1(row: int, nominal: str, processed: date) -> None:
    assert day_date(scheduled_day_of(number(nominal), row)) == processed


@pytest.mark.parametrize(
    ("birth", "year", "beginning"),
    [
        ("1948-10-31", 2019, date(2020, 4, 1)),
        ("1938-03-15", 2008, date(2009, 4, 1)),
        ("1938-09-15", 2009, date(2010, 4, 1)),
    ],
)
def test_d_tax_3_required_beginning_date(birth: str, year: int, beginning: date) -> None:
    assert first_distribution_year(TERMS, number(birth)) == year
    assert day_date(required_beginning_date(load_tax_terms(), number(birth), 0)) == beginning


def test_d_tax_3_equal_payments_go_on_to_59_and_a_half_or_five_years() -> None:
    """Born on 31 October 1948: 59 1/2 on 30 April 2008."""
    born = number("1948-10-31")
    assert day_date(equal_payments_through(TERMS, born, number("1999-06-01"))) == date(2008, 4, 30)
    assert day_date(equal_payments_through(TERMS, born, number("2005-06-01"))) == date(2010, 6, 1)


class TestSystematicWithdrawals:
    """SYS-1, SYS-2 (prospectus 3187-3206)."""

    def test_monthly_dates_move_to_the_next_valuation_day_and_come_back(self) -> None:
        flat = programme("SYSTEMATIC_WITHDRAWAL", date(2010, 1, 5), date(2010, 1, 31), amount=250.0)
        found = run(transactions(flat), date(2010, 6, 30))
        expected = [date(2010, 2, 1), date(2010, 3, 1), date(2010, 3, 31), date(2010, 4, 30), date(2010, 6, 1)]
        assert paid(found) == [(day, 250.0) for day in [*expected, date(2010, 6, 30)]]
        assert state(found)["account_value"] == pytest.approx(98_500.0)

    @pytest.mark.parametrize(
        ("frequency", "months"), [("QUARTERLY", (2, 5, 8, 11)), ("SEMI_ANNUAL", (2, 8)), ("ANNUAL", (2,))]
    )
    def test_frequencies(self, frequency: str, months: tuple[int, ...]) -> None:
        first = date(2010, 2, 10)
        flat = programme("SYSTEMATIC_WITHDRAWAL", date(2010, 1, 5), first, amount=100.0, frequency=frequency)
        assert days(run(transactions(flat), NEW_YEAR)) == [date(2010, m, 10) for m in months]

    @pytest.mark.parametrize("basis", ["gross", "net"])
    def test_it_is_paid_and_charged_as_a_partial_withdrawal(self, basis: str) -> None:
        """12,000 is more than the Free Withdrawal amount of 10,000: what is above it bears the charge."""
        flat = programme("SYSTEMATIC_WITHDRAWAL", date(2010, 1, 5), date(2010, 3, 10), amount=12_000.0, basis=basis)
        single = asked("WITHDRAWAL", date(2010, 3, 10), amount=12_000.0, basis=basis)
        scheduled = run(transactions(flat), date(2010, 3, 31))
        requested = run(transactions(single), date(2010, 3, 31))
        assert scheduled.payments.equals(requested.payments)
        assert scheduled.payments["charge"][0].as_py() > 100.0

    def test_earnings_only(self) -> None:
        """1% of 100,000 is earned in the first month, nothing in the second, 2% of the 100,000 left in the third."""
        earnings = programme("SYSTEMATIC_WITHDRAWAL", date(2010, 1, 5), date(2010, 2, 10), measure="EARNINGS")
        moves = {date(2010, 1, 20): {"A": 1.01}, date(2010, 3, 15): {"A": 1.02}}
        found = run(transactions(earnings), date(2010, 4, 30), moves)
        assert paid(found) == [(date(2010, 2, 10), 1_000.0), (date(2010, 4, 12), 2_000.0)]

    def test_earnings_below_100_wait_for_the_next_date(self) -> None:
        earnings = programme("SYSTEMATIC_WITHDRAWAL", date(2010, 1, 5), date(2010, 2, 10), measure="EARNINGS")
        moves = {date(2010, 1, 20): {"A": 1.0006}, date(2010, 2, 20): {"A": 1.0009}}
        first = run(transactions(earnings), date(2010, 2, 26), moves)
        assert paid(first) == []
        assert state(first)["programmes"][0]["postponed"] == 60.0
        assert paid(run(transactions(earnings), date(2010, 3, 31), moves)) == [(date(2010, 3, 10), 150.05)]

    def test_a_payment_and_a_withdrawal_are_no_earnings(self) -> None:
        earnings = programme("SYSTEMATIC_WITHDRAWAL", date(2010, 1, 5), date(2010, 2, 10), measure="EARNINGS")
        more = asked("PURCHASE_PAYMENT", date(2010, 1, 12), amount=5_000.0)
        out = asked("WITHDRAWAL", date(2010, 1, 13), amount=2_000.0, basis="gross")
        found = run(transactions(earnings, more, out), date(2010, 2, 26), {date(2010, 2, 1): {"A": 1.01}})
        assert paid(found)[1:] == [(date(2010, 2, 10), 1_030.0)]

    def test_shares_of_the_annual_income_amount(self) -> None:
        """5% of 100,000 under Highest Daily 7 at 73, in twelve parts."""
        income = programme("SYSTEMATIC_WITHDRAWAL", date(2010, 1, 5), date(2010, 1, 11), measure="INCOME")
        found = run(transactions(income, plan="HD7"), date(2010, 3, 31))
        annual = state(found)["annual_income_amount"]
        assert annual > 4_900.0
        assert [amount for _, amount in paid(found)] == [pytest.approx(annual / 12.0, abs=0.005)] * 3

    def test_a_flat_amount_below_100_is_refused(self) -> None:
        flat = programme("SYSTEMATIC_WITHDRAWAL", date(2010, 1, 5), date(2010, 2, 10), amount=99.99)
        found = run(transactions(flat), date(2010, 3, 31))
        assert (paid(found), state(found)["programmes"]) == ([], [])
        assert found.refusals["reason_code"].to_pylist() == [606]

    def test_a_number_of_payments(self) -> None:
        flat = programme(
            "SYSTEMATIC_WITHDRAWAL", date(2010, 1, 5), date(2010, 2, 10), amount=200.0, number_of_payments=2
        )
        found = run(transactions(flat), date(2010, 6, 30))
        assert days(found) == [date(2010, 2, 10), date(2010, 3, 10)]
        assert state(found)["programmes"] == []

    def test_one_that_would_leave_too_little_is_refused_by_name_and_date(self) -> None:
        """The second 1,000 would leave less than a Surrender Value of 1,000, the charge and the fee taken off (WD-3)."""
        flat = programme("SYSTEMATIC_WITHDRAWAL", date(2010, 1, 5), date(2010, 1, 11), amount=1_000.0)
        found = run(transactions(flat, amount=3_000.0), date(2010, 3, 31))
        assert paid(found) == [(date(2010, 1, 11), 1_000.0)]
        assert found.refusals["reason_code"].to_pylist() == [601, 601]
        assert found.missed["transaction_id"].to_pylist() == ["P-1-1@2010-02-11", "P-1-1@2010-03-11"]
        assert found.missed["kind"].to_pylist() == ["SYSTEMATIC_WITHDRAWAL"] * 2


class TestWhatEndsThem:
    """PUR-7 (prospectus 2632-2637), and the Owner's own word."""

    FLAT = programme("SYSTEMATIC_WITHDRAWAL", date(2010, 1, 5), date(2010, 2, 10), amount=250.0)
    AVERAGE = programme(
        "DOLLAR_COST_AVERAGING", date(2010, 1, 5), date(2010, 2, 10), amount=100.0, source_sub_account=A,
        allocation=shares(B=1.0),
    )  # fmt: skip

    def test_the_owner_ends_one(self) -> None:
        end = asked("PROGRAMME_END", date(2010, 3, 10), programme="SYSTEMATIC_WITHDRAWAL")
        found = run(transactions(self.FLAT, self.AVERAGE, end), date(2010, 4, 30))
        assert days(found) == [date(2010, 2, 10)]
        assert len(moved(found, "DOLLAR_COST_AVERAGING")) == 6
        assert [one["programme"] for one in state(found)["programmes"]] == ["DOLLAR_COST_AVERAGING"]

    def test_the_owner_ends_all(self) -> None:
        end = asked("PROGRAMME_END", date(2010, 3, 1))
        found = run(transactions(self.FLAT, self.AVERAGE, end), date(2010, 4, 30))
        assert (days(found), len(moved(found, "DOLLAR_COST_AVERAGING"))) == ([date(2010, 2, 10)], 2)

    def test_there_is_nothing_to_end(self) -> None:
        found = run(transactions(asked("PROGRAMME_END", date(2010, 3, 1))), date(2010, 3, 31))
        assert found.refusals["reason_code"].to_pylist() == [806]

    def test_a_new_owner_ends_all(self) -> None:
        change = asked("OWNER_CHANGE", date(2010, 3, 1), person_birth_date=date(1950, 1, 1), person_sex="M")
        found = run(transactions(self.FLAT, self.AVERAGE, change), date(2010, 4, 30))
        assert (days(found), state(found)["programmes"]) == ([date(2010, 2, 10)], [])

    def test_a_change_that_is_declined_ends_none(self) -> None:
        change = asked(
            "OWNER_CHANGE", date(2010, 3, 1), person_birth_date=date(1950, 1, 1), person_sex="M", approved=False
        )
        assert len(days(run(transactions(self.FLAT, change), date(2010, 4, 30)))) == 3

    def test_a_spouse_who_continues_ends_all(self) -> None:
        death = asked("SPOUSAL_CONTINUATION", date(2010, 3, 1), event_date=date(2010, 2, 20))
        found = run(transactions(self.FLAT, death), date(2010, 4, 30))
        assert (days(found), state(found)["status"]) == ([date(2010, 2, 10)], "ACTIVE")

    def test_the_end_of_the_contract_refuses_nothing(self) -> None:
        found = run(transactions(self.FLAT, self.AVERAGE, asked("SURRENDER", date(2010, 3, 1))), date(2010, 6, 30))
        assert (found.refusals.num_rows, len(days(found))) == (0, 2)

    def test_a_new_one_of_its_kind_takes_its_place(self) -> None:
        more = programme("SYSTEMATIC_WITHDRAWAL", date(2010, 3, 1), date(2010, 3, 5), amount=400.0)
        found = run(transactions(self.FLAT, more), date(2010, 4, 30))
        assert [amount for _, amount in paid(found)] == [250.0, 400.0, 400.0]


class TestEqualPayments:
    """SEPP-1 (prospectus 3208-3229, 7718-7722)."""

    def test_what_exceeds_the_free_amount_bears_the_charge(self) -> None:
        rate = load_terms(True).charges.surrender_charge[0][0]
        fixed = programme("EQUAL_PAYMENTS", date(2010, 1, 5), date(2010, 6, 10), amount=12_000.0, frequency="ANNUAL")
        (row,) = run(transactions(fixed), NEW_YEAR).payments.to_pylist()
        assert (row["gross"], row["charge"]) == (12_000.0, pytest.approx(2_000.0 * rate))

    def test_they_stay_in_their_calendar_year(self) -> None:
        """31 December 2011 is a Saturday; the Valuation Day after it is one of 2012."""
        fixed = programme("EQUAL_PAYMENTS", date(2010, 1, 5), date(2010, 12, 31), amount=500.0, frequency="ANNUAL")
        assert days(run(transactions(fixed), date(2012, 1, 31))) == [date(2010, 12, 31), date(2011, 12, 30)]

    def test_least_payment(self) -> None:
        fixed = programme("EQUAL_PAYMENTS", date(2010, 1, 5), date(2010, 2, 10), amount=99.0)
        assert run(transactions(fixed), date(2010, 2, 26)).refusals["reason_code"].to_pylist() == [607]


class TestRequiredDistributions:
    """RMD-2 to RMD-5 (prospectus 3232-3262, 8122-8153)."""

    def programme(self, **given: Any) -> Any:
        return programme("REQUIRED_DISTRIBUTIONS", date(2010, 6, 1), date(2010, 6, 30), **given)

    @pytest.mark.parametrize(("year", "factor"), [(2007, 26.5), (2011, 22.9), (2022, 15.2), (2060, 2.0)])
    def test_factor_by_the_age_attained_in_the_year(self, year: int, factor: float) -> None:
        assert uniform_lifetime(TERMS, number("1936-03-15"), year) == factor

    def test_amount(self) -> None:
        born = number("1936-03-15")
        assert required_distribution(TERMS, born, 2011, 98_000.0) == pytest.approx(4_279.48, abs=0.005)
        assert required_distribution(TERMS, born, 2005, 98_000.0) == 0.0

    def test_two_years_of_quarterly_payments(self) -> None:
        """2,000 of 2010 in three parts; of 2011, 98,000 / 22.9 in four; no charge on any."""
        found = run(transactions(self.programme(amount=2_000.0, frequency="QUARTERLY")), YEAR)
        assert paid(found) == [
            (date(2010, 6, 30), 666.67), (date(2010, 9, 30), 666.67), (date(2010, 12, 30), 666.66),
            (date(2011, 3, 30), 1_069.87), (date(2011, 6, 30), 1_069.87), (date(2011, 9, 30), 1_069.87),
            (date(2011, 12, 30), 1_069.87),
        ]  # fmt: skip
        assert set(found.payments["charge"].to_pylist()) == {0.0}
        assert state(found)["required_minimum_distribution"] == 4_279.48

    def test_other_withdrawals_of_the_year_count(self) -> None:
        """100,000 / 22.9 is 4,366.81, of which 3,000 was taken."""
        out = asked("WITHDRAWAL", date(2011, 5, 2), amount=3_000.0, basis="gross")
        found = run(transactions(self.programme(frequency="ANNUAL"), out), YEAR)
        assert paid(found) == [(date(2011, 5, 2), 3_000.0), (date(2011, 6, 30), 1_366.81)]

    def test_actuarial_value_of_the_benefits_counts(self) -> None:
        found = run(transactions(self.programme(frequency="ANNUAL", actuarial_value=10_000.0)), YEAR)
        assert paid(found) == [(date(2011, 6, 30), round(110_000.0 / 22.9, 2))]

    def test_a_notice_goes_before_the_amount_computed(self) -> None:
        notice = asked("RMD_NOTICE", date(2011, 2, 1), amount=5_000.0, event_date=date(2011, 2, 1))
        found = run(transactions(self.programme(frequency="ANNUAL"), notice), YEAR)
        assert paid(found) == [(date(2011, 6, 30), 5_000.0)]

    def test_monthly_payments_below_100_wait_but_not_into_the_next_year(self) -> None:
        """420 in seven parts of 60: two at a time, and the 60 left on the last date of the year."""
        found = run(transactions(self.programme(amount=420.0)), NEW_YEAR)
        assert paid(found) == [
            (date(2010, 7, 30), 120.0), (date(2010, 9, 30), 120.0), (date(2010, 11, 30), 120.0), (date(2010, 12, 30), 60.0)
        ]  # fmt: skip

    def test_quarterly_payments_have_no_minimum(self) -> None:
        found = run(transactions(self.programme(amount=180.0, frequency="QUARTERLY")), NEW_YEAR)
        assert [amount for _, amount in paid(found)] == [60.0] * 3

    def test_none_before_the_year_of_70_and_a_half(self) -> None:
        young = contract(owner_birth_date=date(1940, 9, 1), annuitant_birth_date=date(1940, 9, 1))
        found = run(transactions(self.programme(amount=500.0)), date(2010, 7, 30), owner=young)
        assert found.refusals["reason_code"].to_pylist() == [608]


class TestDollarCostAveraging:
    """DCA-1, TR-2 (prospectus 2865-2871, 3007-3023)."""

    def programme(self, **given: Any) -> pa.Table:
        one = programme(
            "DOLLAR_COST_AVERAGING", date(2010, 1, 5), date(2010, 2, 10), source_sub_account=A,
            **{"allocation": shares(B=0.25, C=0.75)} | given,
        )  # fmt: skip
        return transactions(one)

    def test_flat_amount(self) -> None:
        found = run(self.programme(amount=1_000.0), date(2010, 3, 31))
        assert moved(found, "DOLLAR_COST_AVERAGING") == [
            (day, *row)
            for day in (date(2010, 2, 10), date(2010, 3, 10))
            for row in ((A, -250.0), (B, 250.0), (A, -750.0), (C, 750.0))
        ]

    def test_it_neither_counts_nor_costs(self) -> None:
        found = run(self.programme(amount=100.0, frequency="MONTHLY"), YEAR)
        assert state(found)["transfers_this_year"] == 0
        assert "TRANSFER_FEE" not in found.ledger["kind"].to_pylist()

    def test_principal_plus_earnings_in_equal_parts(self) -> None:
        """100,000 over 4 dates; the half that is left earns 10% before the third."""
        found = run(
            self.programme(measure="PRINCIPAL_AND_EARNINGS", number_of_payments=4, allocation=shares(B=1.0)),
            date(2010, 12, 31),
            {date(2010, 3, 20): {"A": 1.1}},
        )
        out = [amount for _, name, amount in moved(found, "DOLLAR_COST_AVERAGING") if name == A]
        assert out == [-25_000.0, -25_000.0, -27_500.0, -27_500.0]
        assert state(found)["programmes"] == []

    def test_earnings_only(self) -> None:
        found = run(
            self.programme(measure="EARNINGS", allocation=shares(B=1.0)),
            date(2010, 4, 30),
            {date(2010, 2, 1): {"A": 1.02}, date(2010, 2, 20): {"A": 0.9}, date(2010, 3, 20): {"A": 1.01}},
        )
        out = [(day, amount) for day, name, amount in moved(found, "DOLLAR_COST_AVERAGING") if name == A]
        assert out == [(date(2010, 2, 10), -2_000.0), (date(2010, 4, 12), -900.0)]

    def test_into_itself_is_refused(self) -> None:
        found = run(self.programme(amount=100.0, allocation=shares(A=0.5, B=0.5)), date(2010, 2, 26))
        assert found.refusals["reason_code"].to_pylist() == [702]


class TestAutomaticRebalancing:
    """AR-1 (prospectus 3029-3053)."""

    def test_overweighted_to_underweighted(self) -> None:
        """50,000 each; A doubles: 150,000 goes back to halves of 75,000 each, without a transfer that counts."""
        even = programme("AUTOMATIC_REBALANCING", date(2010, 1, 5), date(2010, 2, 10), allocation=shares(A=0.5, B=0.5))
        found = run(transactions(even, into=shares(A=0.5, B=0.5)), date(2010, 2, 26), {date(2010, 2, 1): {"A": 2.0}})
        assert moved(found, "AUTOMATIC_REBALANCING") == [
            (date(2010, 2, 10), A, -25_000.0),
            (date(2010, 2, 10), B, 25_000.0),
        ]
        assert state(found)["transfers_this_year"] == 0

    def test_a_sub_account_that_was_not_chosen_keeps_what_it_has(self) -> None:
        even = programme("AUTOMATIC_REBALANCING", date(2010, 1, 5), date(2010, 2, 10), allocation=shares(A=0.5, B=0.5))
        whole = shares(A=0.4, B=0.2, C=0.4)
        found = run(transactions(even, into=whole), date(2010, 2, 26))
        held = {row["sub_account"]: row["value"] for row in state(found)["units"]}
        assert held == {A: pytest.approx(30_000.0), B: pytest.approx(30_000.0), C: pytest.approx(40_000.0)}

    def test_nothing_moves_where_the_percentages_hold(self) -> None:
        even = programme("AUTOMATIC_REBALANCING", date(2010, 1, 5), date(2010, 2, 10), allocation=shares(A=0.5, B=0.5))
        found = run(transactions(even, into=shares(A=0.5, B=0.5)), date(2010, 2, 26))
        assert moved(found, "AUTOMATIC_REBALANCING") == []
