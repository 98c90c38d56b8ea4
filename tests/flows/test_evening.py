"""The evening of a Valuation Day: what is run, in which order, on which files; the flows themselves stand aside."""

from datetime import UTC, date, datetime
from types import SimpleNamespace
from typing import Any

import pytest

from flows import evening as module

FILES = {"contracts": ["{day}/c"], "transactions": ["{day}/t"], "prices": ["p"]}


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[tuple[Any, ...]]:
    calls: list[tuple[Any, ...]] = []
    for name in ("daily_valuation", "daily_hedge", "month_end_reserve"):
        monkeypatch.setattr(module, name, lambda *given, name=name: calls.append((name, *given)))
    monkeypatch.setattr(module, "step", lambda fn: lambda storage, day: calls.append((fn.__name__, day)))
    return calls


def test_a_month_s_end(asked: list[tuple[Any, ...]]) -> None:
    day = date(2008, 10, 31)
    state = module.evening.fn(**FILES, positions="{day}/held.csv", on=day)
    assert state.is_completed()
    assert asked == [
        ("daily_valuation", day, ["2008-10-31/c"], ["2008-10-31/t"], ["p"]),
        ("daily_hedge", day, "2008-10-31/held.csv"),
        ("month_end_reserve", day),
        ("write_report", day),
    ]


def test_any_other_day_has_no_reserve(asked: list[tuple[Any, ...]]) -> None:
    module.evening.fn(**FILES, on=date(2008, 10, 30))
    assert [name for name, *_ in asked] == ["daily_valuation", "daily_hedge", "write_report"]
    assert asked[1] == ("daily_hedge", date(2008, 10, 30), None)


@pytest.fixture
def scheduled(monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    run = SimpleNamespace(scheduled_start_time=None)
    monkeypatch.setattr(module, "flow_run", run)
    return run


def test_the_day_is_that_of_the_schedule(asked: list[tuple[Any, ...]], scheduled: SimpleNamespace) -> None:
    scheduled.scheduled_start_time = datetime(2024, 3, 27, 21, 30, tzinfo=UTC)
    module.evening.fn(**FILES)
    assert {day for _, day, *_ in asked} == {date(2024, 3, 27)}


def test_on_a_holiday_nothing_is_done(asked: list[tuple[Any, ...]], scheduled: SimpleNamespace) -> None:
    scheduled.scheduled_start_time = datetime(2024, 3, 29, 21, 30, tzinfo=UTC)  # Good Friday
    state = module.evening.fn(**FILES)
    assert state.message == "2024-03-29 is no Valuation Day: nothing to do"
    assert asked == []
