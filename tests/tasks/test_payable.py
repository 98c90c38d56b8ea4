"""Contracts after their own days in a reserve or hedge run: amounts payable, never projected."""

from datetime import date
from types import SimpleNamespace
from typing import Any

import pyarrow as pa
import pytest

from tasks import payable
from tests.support.block_story import request
from tests.support.settled_story import SettledStory
from valuation.portfolio import in_force
from valuation.schema import SCHEMAS


@pytest.fixture(scope="module")
def snapshot() -> pa.Table:
    """An annuity, a Beneficiary's account and a contract in force."""
    stories = (
        SettledStory(birth="1948-01-15").on("2011-07-01", 100_000.0, request("ANNUITIZATION")),
        SettledStory().on("2009-05-01", 80_000.0, request("DEATH", event_date=date(2009, 4, 1), option="FIVE_YEARS")),
        SettledStory(),
    )
    rows = [story.row | {"contract_id": f"C-{k}"} for k, story in enumerate(stories)]
    return pa.Table.from_pylist(rows, SCHEMAS["snapshot"])


@pytest.fixture
def started(snapshot: pa.Table, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setattr(payable, "frozen_table", lambda storage, inputs, name: snapshot)
    return SimpleNamespace(storage=None, inputs=SimpleNamespace(inputs=()))


def test_only_the_contract_in_force_is_projected(snapshot: pa.Table) -> None:
    assert in_force(snapshot)["contract_id"].to_pylist() == ["C-2"]


def test_the_amounts_payable(started: Any) -> None:
    """100,000 applied less the first payment; pitfall: the Account Value of an annuity is zero."""
    found = payable.payable(started)
    assert 95_000.0 < found[payable.ANNUITIES] < 100_000.0
    assert found[payable.ACCOUNTS] == pytest.approx(100_000.0)


def test_the_check_names_them(started: Any) -> None:
    check = payable.carried(started)
    assert (check.passed, check.value) == (True, 2.0)
    assert "100,000.00 USD" in check.message


def test_an_annuity_without_its_value_fails_the_check(snapshot: pa.Table, started: Any, monkeypatch: Any) -> None:
    place = snapshot.column_names.index("payments_value")
    lost = snapshot.set_column(place, "payments_value", pa.nulls(3, pa.float64()))
    monkeypatch.setattr(payable, "frozen_table", lambda storage, inputs, name: lost)
    assert not payable.carried(started).passed
