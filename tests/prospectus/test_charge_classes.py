"""Charge classes (UNIT-6, UNIT-7): daily charges of living benefits and of optional Death Benefits in the Unit Price."""

from datetime import date
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from tests.support.block_story import RATE, BlockStory, elect, request, withdraw
from valuation.arrays import CHARGE_CLASSES, SLOTS
from valuation.block import DayResult, value_block
from valuation.charge_classes import BENEFIT_CHARGES, INSURANCE_CHARGES, charge_row
from valuation.schema import SCHEMAS
from valuation.sessions import valuation_days
from valuation.units import unit_prices

TOTALS = {
    "B": (1.15, 1.50, 1.65, 1.75, 1.90, 2.00, 2.25),
    "L": (1.50, 1.85, 2.00, 2.10, 2.25, 2.35, 2.60),
    "X": (1.55, 1.90, 2.05, 2.15, 2.30, 2.40, 2.65),
}
"""D-ELE-1: percent per year of every permitted combination (prospectus 862-905, 7236-7242)."""

HELD = [
    pytest.param(None, None, 1.15, id="nothing"),
    pytest.param("HDV", None, 1.65, id="HDV"),
    pytest.param("COMBINATION", None, 1.65, id="COMBINATION"),
    pytest.param("COMBINATION", "HD7", 1.65, id="COMBINATION, HD7"),
    pytest.param(None, "HD", 1.75, id="HD"),
    pytest.param("COMBINATION", "TAHD", 2.00, id="COMBINATION, TAHD"),
    pytest.param("COMBINATION", "HD", 2.25, id="COMBINATION, HD"),
    pytest.param("HDV", "TI", 2.25, id="HDV, TI"),
]


def holding(death: str | None, living: str | None, series: str = "B", **more: Any) -> BlockStory:
    """A contract of 100,000 with a Death Benefit from the issue and a living benefit from the day after."""
    story = BlockStory(plan=death, series=series, spouse_birth=None, **more)
    return story if living is None else story.on("2008-07-02", None, elect(living))


def later(story: BlockStory, last: date) -> DayResult:
    """The story's contract through Valuation Days on which the Portfolios stand still and every class is charged."""
    days = valuation_days(story.today, last)
    ones = np.ones((len(days), len(SLOTS)))
    prices = unit_prices(ones, np.zeros_like(ones), days, CHARGE_CLASSES)
    row = story.row
    factor = row["units"][0]["unit_price"] / prices[0, 0, 0]
    row["units"] = [
        held if held["unit_price"] == 1.0 else held | {"units": held["units"] * factor} for held in row["units"]
    ]
    opening = pa.Table.from_pylist([row], SCHEMAS["snapshot"])
    return value_block(story.contract, pa.Table.from_pylist([], SCHEMAS["transactions"]), opening, days, prices)


def prices_of(story: BlockStory) -> set[float]:
    return {held["unit_price"] for held in story.row["units"]}


class TestClasses:
    """UNIT-6, LB-FEE-8, DB-23 (prospectus 862-905, 7470-7479)."""

    @pytest.mark.parametrize("place, series", list(enumerate("BLX")))
    def test_every_permitted_total_is_a_class(self, place: int, series: str) -> None:
        found = {CHARGE_CLASSES[charge_row(place, charge)] for charge in BENEFIT_CHARGES}
        assert sorted(found) == pytest.approx([total / 100.0 for total in TOTALS[series]], abs=1e-9)

    def test_no_other_class_is_priced(self) -> None:
        """Beside them that of an Annuity that goes on for a Beneficiary (BCO-2, prospectus 840-845)."""
        totals = {total for one in TOTALS.values() for total in one} | {1.00}
        assert sorted(CHARGE_CLASSES) == pytest.approx(sorted(total / 100.0 for total in totals), abs=1e-9)

    def test_series_alone_come_first(self) -> None:
        assert CHARGE_CLASSES[:3] == INSURANCE_CHARGES


class TestAYear:
    """DB-23, LB-FEE-5: what 100,000 in Portfolios that stand still have become."""

    @pytest.mark.parametrize("death, living, percent", HELD)
    def test_costs_the_total_annual_charge(self, death: str | None, living: str | None, percent: float) -> None:
        story = holding(death, living)
        done = later(story, date(2008, 9, 30))  # before any fee of a benefit quarter
        elapsed = (date(2008, 9, 30) - story.today).days
        kept = 100_000.0 * (1.0 - percent / 100.0) ** (elapsed / 365.0)
        assert done.snapshot["account_value"][0].as_py() == pytest.approx(kept, abs=1e-4)

    def test_the_highest_daily_value_costs_half_a_percent_more(self) -> None:
        """A Unit Price by the series alone would leave both the same."""
        last = date(2009, 6, 30)
        with_it, without = (
            later(holding(plan, None), last).snapshot["account_value"][0].as_py() for plan in ("HDV", None)
        )
        share = (1.0 - 0.0165) ** (364.0 / 365.0) / (1.0 - 0.0115) ** (364.0 / 365.0)
        assert with_it / without == pytest.approx(share, rel=1e-12)

    def test_the_benefit_fixed_rate_account_bears_none(self) -> None:
        """Its declared rate is after the reduction for the charge (prospectus 5445-5448)."""
        story = holding(None, "HD").on("2008-08-01", 60_000.0)
        own = story.row["bond_value"]
        assert own > 0.0
        done = later(story, date(2008, 8, 15))
        assert done.snapshot["bond_value"][0].as_py() == pytest.approx(own * (1.0 + RATE) ** (14.0 / 365.0), abs=1e-6)


class TestRebasing:
    """UNIT-7, A-UNIT-6 (prospectus 7586-7598)."""

    def test_the_election_at_issue(self) -> None:
        story = holding("HDV", None)
        assert prices_of(story) == {story.prices[charge_row(0, 0.005), 0]}
        assert story.row["account_value"] == pytest.approx(100_000.0, abs=1e-9)

    def test_a_living_benefit_that_ends_leaves_the_death_benefit_charged(self) -> None:
        story = holding("COMBINATION", "HD")
        assert prices_of(story) == {story.prices[charge_row(0, 0.011), 0]}
        story.on("2008-09-02", 90_000.0, request("BENEFIT_TERMINATION"))
        assert prices_of(story) == {story.prices[charge_row(0, 0.005), 0]}
        assert story.row["account_value"] == pytest.approx(90_000.0, abs=1e-9)

    def test_a_death_benefit_that_ends_stops_paying(self) -> None:
        """Series L on its fifth Annuity Anniversary; the living benefit's charge goes on."""
        story = holding("COMBINATION", "HD", "L", birth="1948-01-15").on("2013-06-28", 150_000.0)
        assert prices_of(story) == {story.prices[charge_row(1, 0.011), 0]}
        story.on("2013-07-01", 150_000.0, request("BENEFIT_TERMINATION", benefit="COMBINATION"))
        assert story.row["death_benefit_plan"] == "ENDED"
        assert prices_of(story) == {story.prices[charge_row(1, 0.006), 0]}
        assert story.row["account_value"] == pytest.approx(150_000.0, abs=1e-9)

    def test_a_spouse_too_old_for_it_pays_for_none(self) -> None:
        """Where the benefit does not go on (A-DB-18), neither does its charge."""
        story = BlockStory(plan="COMBINATION", birth="1945-01-15", spouse_birth="1927-06-30")
        story.on("2009-04-01", None, request("SPOUSAL_CONTINUATION", event_date=date(2009, 3, 30)))
        assert story.row["status"] == "ACTIVE"
        assert prices_of(story) == {story.prices[0, 0]}

    def test_opening_value_and_ledger_give_the_closing_value(self) -> None:
        story = holding("COMBINATION", "HD").on("2009-03-02", 80_000.0, withdraw(1_000.0))
        story.on("2009-06-15", 90_000.0, request("BENEFIT_TERMINATION"))
        classes = story.ledger("CHARGE_CLASS")
        assert {row["date"] for row in classes} == {date(2008, 7, 1), date(2008, 7, 2), date(2009, 6, 15)}
        assert sum(row["amount"] for row in classes) == 0.0
        assert sum(row["amount"] for row in story.ledger()) == pytest.approx(story.row["account_value"], abs=1e-6)
        units: dict[str, float] = {}
        for row in story.ledger():
            units[row["sub_account"]] = units.get(row["sub_account"], 0.0) + row["units"]
        for held in story.row["units"]:
            assert units[held["sub_account"]] == pytest.approx(held["units"], abs=1e-9)
