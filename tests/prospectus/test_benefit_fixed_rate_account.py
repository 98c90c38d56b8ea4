"""The Benefit Fixed Rate Account: layers, last in, first out, and their renewal; what Appendix D moves in and out of it."""

from functools import cache
from itertools import pairwise

import numpy as np
import pytest

from tests.support.highest_daily_story import HighestDailyStory
from tests.support.story import number
from valuation.asset_transfer import transfer_amount
from valuation.benefit_fixed_rate_account import (
    FixedLayers,
    credit_interest,
    fixed_part,
    fixed_value,
    interest,
    move,
    no_layers,
    put,
    reduced_rate,
    take,
)
from valuation.highest_daily import transfer_terms
from valuation.terms.benefits import load_highest_daily_terms

CENT = 0.005
TERMS = load_highest_daily_terms()


def rows(layers: FixedLayers) -> list[tuple[int, float, float]]:
    used = int(layers.used[0])
    return list(
        zip(layers.day[:used].tolist(), layers.amount[:used].tolist(), layers.rate[:used].tolist(), strict=True)
    )


def after(layers: FixedLayers, first: str, last: str, rate: float, step: int = 1) -> float:
    """Interest from one day to another, every ``step`` days a Valuation Day."""
    earned = 0.0
    days = [*range(number(first), number(last), step), number(last)]
    for prior, today in pairwise(days):
        earned += credit_interest(layers, 12.0, prior, today, rate)
    return earned


class TestDvHd2:
    """DV-HD-2: 10,000 at 4.00% on 2 September 2008, 5,000 at 3.50% on 1 October; 7,000 out on 31 October."""

    @staticmethod
    @cache
    def before() -> list[tuple[int, float, float]]:
        return rows(TestDvHd2.layers())

    @staticmethod
    def layers() -> FixedLayers:
        layers = no_layers()
        put(layers, 10_000.0, 0.04, number("2008-09-02"))
        after(layers, "2008-09-02", "2008-10-01", 0.035)
        put(layers, 5_000.0, 0.035, number("2008-10-01"))
        after(layers, "2008-10-01", "2008-10-31", 0.05)
        return layers

    def test_each_layer_earns_its_own_rate(self) -> None:
        assert self.before()[0][1] == pytest.approx(10_000.0 * 1.04 ** (59.0 / 365.0), abs=1e-8)
        assert self.before()[1][1] == pytest.approx(5_014.16, abs=CENT)

    def test_the_latest_layer_goes_first(self) -> None:
        layers = self.layers()
        assert take(layers, 7_000.0) == pytest.approx(7_000.0, abs=1e-9)
        assert layers.used[0] == 1
        assert self.before()[0][1] - layers.amount[0] == pytest.approx(1_985.84, abs=CENT)

    def test_what_is_left(self) -> None:
        layers = self.layers()
        move(layers, -7_000.0, 0.05, number("2008-10-31"))
        assert fixed_value(layers) == pytest.approx(8_077.76, abs=CENT)
        assert layers.rate[0] == 0.04

    def test_first_in_first_out_would_leave_another_rate(self) -> None:
        layers = self.layers()
        take(layers, 7_000.0)
        after(layers, "2008-10-31", "2008-11-30", 0.05)
        other = (10_000.0 * 1.04 ** (59.0 / 365.0) - 7_000.0) * 1.04 ** (30.0 / 365.0)
        other += 5_014.16 * 1.035 ** (30.0 / 365.0)
        assert fixed_value(layers) - other > 1.0


class TestRenewal:
    """HD-17 (prospectus 5510-5520): a rate for one year, then a new layer at the new rate."""

    def test_a_year_earns_the_rate_of_its_first_day(self) -> None:
        layers = no_layers()
        put(layers, 10_000.0, 0.04, number("2008-09-02"))
        earned = after(layers, "2008-09-02", "2009-09-02", 0.01)
        assert earned == pytest.approx(400.0, abs=1e-8)
        assert rows(layers) == [(number("2009-09-02"), pytest.approx(10_400.0, abs=1e-8), 0.01)]

    def test_the_next_year_earns_the_rate_of_the_anniversary(self) -> None:
        layers = no_layers()
        put(layers, 10_000.0, 0.04, number("2008-09-02"))
        after(layers, "2008-09-02", "2009-09-02", 0.01)
        after(layers, "2009-09-02", "2010-09-02", 0.07)
        assert fixed_value(layers) == pytest.approx(10_400.0 * 1.01, abs=1e-8)

    def test_a_closed_anniversary_earns_the_old_rate_to_it_and_then_the_rate_of_the_processing_day(self) -> None:
        layers = no_layers()
        put(layers, 10_000.0, 0.04, number("2008-09-05"))
        after(layers, "2008-09-05", "2009-09-04", 0.02)
        credit_interest(layers, 12.0, number("2009-09-04"), number("2009-09-08"), 0.03)
        assert rows(layers)[0][0] == number("2009-09-05")
        assert fixed_value(layers) == pytest.approx(10_400.0 * 1.03 ** (3.0 / 365.0), abs=1e-8)

    def test_a_renewed_layer_is_the_last_in(self) -> None:
        layers = no_layers()
        put(layers, 10_000.0, 0.04, number("2008-09-02"))
        after(layers, "2008-09-02", "2009-03-02", 0.03)
        put(layers, 5_000.0, 0.03, number("2009-03-02"))
        after(layers, "2009-03-02", "2009-09-02", 0.01)
        assert [row[0] for row in rows(layers)] == [number("2009-03-02"), number("2009-09-02")]
        take(layers, 10_400.0)
        assert rows(layers)[0][1] == pytest.approx(5_000.0 * 1.03 ** (184.0 / 365.0), abs=1e-6)
        assert layers.used[0] == 1

    def test_the_last_day_of_february(self) -> None:
        layers = no_layers()
        put(layers, 1_000.0, 0.04, number("2008-02-28"))
        put(layers, 1_000.0, 0.04, number("2008-02-29"))
        after(layers, "2008-02-29", "2009-03-01", 0.03)
        assert [row[0] for row in rows(layers)] == [number("2009-02-28")]

    def test_closed_days_earn_too(self) -> None:
        weekly, daily = no_layers(), no_layers()
        for layers, step in ((weekly, 7), (daily, 1)):
            put(layers, 10_000.0, 0.04, number("2008-09-02"))
            after(layers, "2008-09-02", "2009-08-25", 0.02, step)
        assert fixed_value(weekly) == pytest.approx(fixed_value(daily), abs=1e-8)
        assert interest(0.04, 365.0) == pytest.approx(1.04, abs=1e-15)

    def test_a_layer_every_day_for_years_fits(self) -> None:
        layers = no_layers()
        for today in range(number("2007-01-01"), number("2010-01-01")):
            credit_interest(layers, 12.0, today - 1, today, 0.0)
            put(layers, 1.0, 0.0, today)
        assert layers.used[0] in (365, 366)
        assert fixed_value(layers) == pytest.approx(1_096.0, abs=1e-9)


class TestShares:
    """HD-12, HD-17, A-37: what is spread goes to and comes from this account in proportion."""

    @pytest.mark.parametrize("amount, permitted, fixed, part", [(1_000.0, 300.0, 100.0, 250.0), (5.0, 0.0, 0.0, 0.0)])
    def test_part(self, amount: float, permitted: float, fixed: float, part: float) -> None:
        assert fixed_part(amount, permitted, fixed) == pytest.approx(part, abs=1e-12)

    def test_nothing_more_than_there_is_can_be_taken(self) -> None:
        layers = no_layers()
        put(layers, 100.0, 0.02, 0)
        assert take(layers, 150.0) == 100.0
        assert take(layers, 10.0) == 0.0
        assert rows(layers) == []

    def test_nothing_put_in_is_no_layer(self) -> None:
        layers = no_layers()
        put(layers, 0.0, 0.02, 0)
        assert layers.used[0] == 0

    def test_two_amounts_of_one_day_are_one_layer(self) -> None:
        layers = no_layers()
        put(layers, 100.0, 0.02, 7)
        put(layers, 50.0, 0.02, 7)
        assert rows(layers) == [(7, 150.0, 0.02)]

    def test_the_rate_is_lower_by_the_charge(self) -> None:
        """LB-FEE-5 (prospectus 5445-5448)."""
        assert reduced_rate(0.04, TERMS.yearly_charge) == pytest.approx(0.034, abs=1e-15)
        assert reduced_rate(0.001, TERMS.yearly_charge) == 0.0


class TestAppendixD:
    """ATF-5 to ATF-9 (prospectus 9752-9781, 5528-5540)."""

    @pytest.mark.parametrize(
        "fixed, permitted, expected",
        [
            (0.0, 179_500.0, 29_500.0),
            (30_000.0, 140_000.0, 37_500.0),
            (80_000.0, 100_000.0, -52_500.0),
            (60_000.0, 150_000.0, -60_000.0),
            (5_000.0, 190_000.0, -5_000.0),
            (20_000.0, 0.0, 0.0),
        ],
    )
    def test_transfer(self, fixed: float, permitted: float, expected: float) -> None:
        """The positions of DV-HD7-8, whose formula is the same, and no Permitted Sub-account value."""
        moved = transfer_amount(transfer_terms(TERMS), 149_500.0, permitted, fixed, 1.0)
        assert moved == pytest.approx(expected, abs=1e-9)

    def test_x8_the_printed_transfer_out_has_no_cap(self) -> None:
        """Min(F, [L - F - V Ct]/(1 - Ct)) of a negative amount is that amount: 152,500 out of 60,000."""
        literal = min(60_000.0, (149_500.0 - 60_000.0 - 150_000.0 * 0.80) / 0.20)
        assert literal == pytest.approx(-152_500.0, abs=1e-6)
        assert transfer_amount(transfer_terms(TERMS), 149_500.0, 150_000.0, 60_000.0, 1.0) == -60_000.0

    def test_a_transfer_in_is_a_layer_at_the_rate_of_the_day(self) -> None:
        story = HighestDailyStory("2008-07-01", rate=0.031).on("2008-07-02", 92_300.0)
        assert rows(story.layers) == [(number("2008-07-02"), pytest.approx(14_351.40, abs=1e-9), 0.031)]

    def test_all_in_the_fixed_account_stays_until_a_payment(self) -> None:
        story = HighestDailyStory("2008-07-01", rate=0.03).on("2008-07-02", 70_000.0)
        assert story.permitted == 0.0
        story.on("2009-07-02")
        assert story.permitted == 0.0
        assert all(past.moved == 0.0 for past in story.past[2:])
        story.on("2009-07-03", None, ("PAY", 400_000.0))
        past = story.past[-1]
        assert past.moved < 0.0
        assert past.permitted > 400_000.0

    def test_a_withdrawal_comes_from_both_in_proportion_and_lifo_inside(self) -> None:
        story = HighestDailyStory("2008-07-01", rate=0.03).on("2008-07-02", 92_300.0)
        story.rate = 0.02
        story.on("2008-07-10", 85_000.0)
        assert story.layers.used[0] == 2
        newest, oldest = story.layers.amount[1], story.layers.amount[0]
        permitted, fixed, whole = story.permitted, story.fixed, story.account
        story.transfers = False
        story.leap("2008-07-10", None, ("TAKE", 5_000.0))
        assert story.permitted == pytest.approx(permitted - 5_000.0 * permitted / whole, abs=1e-6)
        assert story.layers.amount[1] == pytest.approx(newest - 5_000.0 * fixed / whole, abs=1e-6)
        assert story.layers.amount[0] == pytest.approx(oldest, abs=1e-6)


def test_interest_does_not_depend_on_where_the_layers_stand() -> None:
    """A ring of renewals in any order keeps the sum of what each layer earns alone."""
    dates = [number("2008-07-02") + k for k in (0, 3, 40, 41, 200, 364)]
    together, earned = no_layers(), 0.0
    for today in range(dates[0], dates[0] + 1_500):
        earned += credit_interest(together, 12.0, today - 1, today, 0.02 + 0.0001 * (today % 7))
        if today in dates:
            put(together, 100.0 + today % 11, 0.02 + 0.0001 * (today % 7), today)
    apart = 0.0
    for first in dates:
        layers = no_layers(1)
        put(layers, 100.0 + first % 11, 0.02 + 0.0001 * (first % 7), first)
        for today in range(first + 1, dates[0] + 1_500):
            credit_interest(layers, 12.0, today - 1, today, 0.02 + 0.0001 * (today % 7))
        apart += fixed_value(layers)
    assert fixed_value(together) == pytest.approx(apart, abs=1e-8)
    assert fixed_value(together) - earned == pytest.approx(sum(100.0 + day % 11 for day in dates), abs=1e-8)
    assert np.all(np.diff(together.day[: together.used[0]]) > 0)
