"""An Owner's statement: opening, transactions, payments, charges, closing, by hand and against the published ledger.

The contract holds 60,000 USD in one and 40,000 USD in another Sub-account from 1 July 2008; Unit Prices of 10 rise by 10% on
15 August and stand still otherwise.
"""

from datetime import date, datetime
from functools import cache
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from tasks.explain import PriceHistory
from tasks.report import rendered
from tasks.statement import Segment, Statement, StatementError, period, statement_of
from tasks.statement_page import csv_text, html_page, pages, text, title
from tests.support.block_story import ALLOCATION
from valuation.arrays import CHARGE_CLASSES, SLOTS
from valuation.block import value_block
from valuation.schema import SCHEMAS
from valuation.sessions import day_number, valuation_days
from valuation.statements import ADDITIONAL, AT_ONCE, QUARTERLY

BEFORE, LAST, RISE = date(2008, 6, 30), date(2008, 10, 31), date(2008, 8, 15)
QUARTER = (date(2008, 7, 1), date(2008, 9, 30))
AUGUST = (date(2008, 8, 1), date(2008, 8, 31))


def request(number: int, day: date, kind: str, **given: Any) -> dict[str, Any]:
    row = dict.fromkeys(SCHEMAS["transactions"].names) | {"transaction_id": f"S-{number}", "contract_id": "S"}
    return row | {"kind": kind, "received": datetime(day.year, day.month, day.day, 10)} | given


def tables() -> tuple[pa.Table, pa.Table]:
    born = date(1938, 1, 15)
    row = dict.fromkeys(SCHEMAS["contracts"].names) | {
        "contract_id": "S", "series": "B", "issue_date": date(2008, 7, 1), "tax_type": "NQ", "entity_owned": False,
        "owner_birth_date": born, "owner_sex": "F", "annuitant_birth_date": born, "annuitant_sex": "F",
    }  # fmt: skip
    asked = [
        request(0, date(2008, 7, 1), "ISSUE", amount=100_000.0, allocation=ALLOCATION),
        request(1, date(2008, 8, 20), "WITHDRAWAL", amount=20_000.0, basis="gross"),
        request(2, date(2008, 9, 3), "PURCHASE_PAYMENT", amount=5_000.0),
    ]
    return pa.Table.from_pylist([row], SCHEMAS["contracts"]), pa.Table.from_pylist(asked, SCHEMAS["transactions"])


def refusal(day: str) -> dict[str, Any]:
    record = f'{{"received": "{day} 10:00:00"}}'
    return {"contract_id": "S", "transaction_id": "S-9", "rule": "WD-2", "message": "S: too small", "record": record}


@cache
def segments(cut: date | None = None) -> tuple[Segment, ...]:
    """The run to the end of October, or two of them, the second going on from the snapshot of ``cut``."""
    contract, asked = tables()
    days = valuation_days(BEFORE, LAST)
    prices = np.full((len(days), len(CHARGE_CLASSES), len(SLOTS)), 10.0)
    prices[np.searchsorted(days, day_number(RISE)) :] *= 1.1
    ends = [len(days)] if cut is None else [int(np.searchsorted(days, day_number(cut))) + 1, len(days)]
    found, begin, opening = [], 0, None
    for k, end in enumerate(ends):
        history = PriceHistory(days[begin:end], prices[begin:end])
        done = value_block(contract, asked, opening, *history)
        refused = [refusal("2008-08-29"), refusal("2008-10-02")] if k == len(ends) - 1 else []
        found.append(Segment(f"run-{k}", contract, asked, opening, history, done.ledger, refused))
        begin, opening = end - 1, done.snapshot
    return tuple(found)


def told(first: date, last: date, cut: date | None = None, charge: float | None = None) -> Statement:
    return statement_of(list(segments(cut)), first, last, charge)


class TestQuarter:
    """By hand: 100,000 + 10,000 of growth - 20,000 + 5,000 = 95,000 USD; 10,000 of the withdrawal are free of charge."""

    def test_account_value(self) -> None:
        quarter = told(*QUARTER)
        assert quarter.before is None
        assert quarter.value(quarter.after) == pytest.approx(95_000.0, abs=1e-6)
        assert quarter.by_kind == pytest.approx(
            {"PURCHASE_PAYMENT": 105_000.0, "INVESTMENT": 10_000.0, "WITHDRAWAL": -20_000.0}, abs=1e-6
        )

    def test_payment_and_charge(self) -> None:
        """7% of the 10,000 beyond the Free Withdrawal amount; before 59 1/2 is past, the gain of 10,000 comes first."""
        quarter = told(*QUARTER)
        (paid,), (tax,) = quarter.payments, quarter.taxes
        assert (paid["gross"], paid["charge"], paid["paid"]) == pytest.approx((20_000.0, 700.0, 19_300.0))
        assert tax["taxable"] == pytest.approx(10_000.0)

    def test_a_whole_quarter_is_regular_and_free(self) -> None:
        assert (told(*QUARTER).kind, told(*QUARTER).charge) == (QUARTERLY, 0.0)


class TestMonth:
    """August alone: opens with 100,000 on 31 July, closes with 90,000."""

    def test_the_investment_result_is_that_of_the_month(self) -> None:
        august = told(*AUGUST)
        assert august.before is not None
        assert august.before["valuation_date"] == date(2008, 7, 31)
        assert august.value(august.before) == pytest.approx(100_000.0, abs=1e-6)
        assert august.by_kind == pytest.approx({"INVESTMENT": 10_000.0, "WITHDRAWAL": -20_000.0}, abs=1e-6)
        assert august.value(august.after) == pytest.approx(90_000.0, abs=1e-6)

    def test_after_the_rise_there_is_none(self) -> None:
        """The ledger's investment row spans 1 July to 20 August; the ten days of it after the rise have earned nothing."""
        late = told(date(2008, 8, 18), date(2008, 8, 31))
        assert late.by_kind.get("INVESTMENT", 0.0) == pytest.approx(0.0, abs=1e-6)
        assert late.value(late.before) == pytest.approx(110_000.0, abs=1e-6)

    def test_it_is_an_additional_report(self) -> None:
        assert (told(*AUGUST).kind, told(*AUGUST).charge) == (ADDITIONAL, 50.0)
        assert told(*AUGUST, charge=10.0).charge == 10.0

    def test_refused_requests_of_the_month_alone(self) -> None:
        assert [row["received"] for row in told(*AUGUST).refused] == ["2008-08-29"]

    def test_what_was_asked_for_is_confirmed_at_once(self) -> None:
        assert {row["confirmed"] for row in told(*AUGUST).changes if row["kind"] == "WITHDRAWAL"} == {AT_ONCE}


class TestRuns:
    def test_two_runs_tell_what_one_tells(self) -> None:
        one, two = told(*QUARTER), told(*QUARTER, cut=date(2008, 8, 29))
        assert two.runs == ("run-0", "run-1")
        assert two.by_kind == pytest.approx(one.by_kind, abs=1e-6)
        assert two.payments == one.payments
        assert two.value(two.after) == one.value(one.after)

    def test_a_ledger_that_says_otherwise_is_named(self) -> None:
        only = segments()[0]
        without = only._replace(ledger=only.ledger.slice(0, 2))
        with pytest.raises(StatementError, match=r"S: the published ledger of run run-0 says otherwise"):
            statement_of([without], *QUARTER)

    def test_days_without_a_valuation_day(self) -> None:
        with pytest.raises(StatementError, match="holds no Valuation Day after 2008-08-29"):
            told(date(2008, 8, 30), date(2008, 9, 1))


class TestPages:
    def test_the_tables_add_up_as_shown(self) -> None:
        rows = dict(pages(told(*QUARTER))[0].rows)
        shown = {name: float(cell.replace(",", "")) for name, cell in rows.items()}
        assert shown.pop("at the end") == pytest.approx(sum(shown.values()), abs=0.03) == 95_000.0

    def test_charges(self) -> None:
        found = next(page for page in pages(told(*AUGUST)) if page.title == "Charges of the period")
        assert found.rows == (
            ("Contingent Deferred Sales Charge", "700.00"),
            ("this additional report, billed to you (REP-2)", "50.00"),
        )

    def test_sub_accounts(self) -> None:
        found = next(page for page in pages(told(*AUGUST)) if page.title == "Sub-accounts")
        first = next(row for row in found.rows if row[0] == SLOTS[0])
        assert first[1:] == ("6,000.0000", "60,000.00", "4,909.0909", "11.00000", "54,000.00")

    def test_every_form_tells_the_closing_value_and_the_refusal(self) -> None:
        august = told(*AUGUST)
        for shown in (text(august), rendered(html_page(august))):
            assert title(august) in shown
            assert "90,000.00" in shown
            assert "S: too small" in shown
        assert title(august) == "Additional report of Annuity S, 2008-08-01 to 2008-08-31"

    def test_csv_has_every_row_unrounded(self) -> None:
        august = told(*AUGUST)
        lines = csv_text(august).splitlines()
        assert len(lines) == 1 + len(august.changes)
        total = sum(float(line.split(",")[-4]) for line in lines[1:])
        assert total == pytest.approx(-10_000.0, abs=1e-6)


@pytest.mark.parametrize("given", ["2008-08", "2008-08-01", "2008-08-31..2008-08-01", "2008-02-30..2008-03-01", "x..y"])
def test_what_is_no_period(given: str) -> None:
    with pytest.raises(StatementError, match="is no period; write its first and last day"):
        period(given)


def test_a_period() -> None:
    assert period("2008-08-01..2008-08-31") == AUGUST
