"""What ``highwater explain`` tells of an optional Death Benefit; every day told is checked against the daily valuation."""

from datetime import date
from functools import cache

import pytest

from tasks.explain import Explanation, PriceHistory, explain_contract
from tests.support.death_blocks import Move, market, owner, requests, valued
from tests.support.programme_runs import asked
from valuation.telling import Step

TAKEN = Move(date(2010, 9, 1), -9_000.0)


@cache
def explained(plan: str, on: date, series: str = "B", kind: str = "DEATH") -> Explanation:
    """A contract that takes 9,000 and ends by death on 2 March 2011, proved on 14 March."""
    more = [asked(kind, date(2011, 3, 14), event_date=date(2011, 3, 2))]
    more.append(asked("BENEFIT_TERMINATION", date(2011, 1, 4), benefit=plan))
    rows = requests(TAKEN, plan=plan, more=tuple(more))
    return explain_contract(owner(series=series), rows, PriceHistory(*market(on)), on)


def step(told: Explanation, title: str) -> Step:
    return next(one for one in told.steps if one.title == title or (":" in title and one.title.startswith(title)))


def figures(told: Explanation, title: str) -> dict[str, float]:
    return {one.name: one.after for one in step(told, title).figures}


def test_the_election() -> None:
    told = explained("COMBINATION", date(2010, 1, 4))
    assert step(told, "Election of the Death Benefit COMBINATION").happened
    found = figures(told, "Election of the Death Benefit COMBINATION")
    assert found["5% Roll-Up"] == found["Highest Anniversary Value"] == 150_000.0
    assert found["left of the year's dollar-for-dollar limit"] == 7_500.0


def test_the_values_of_an_ordinary_day() -> None:
    told = explained("COMBINATION", date(2010, 1, 5))
    found = figures(told, "Death Benefit: values of the day")
    assert found["5% Roll-Up"] == pytest.approx(150_000.0 * 1.05 ** (1.0 / 365.0), abs=1e-6)
    assert "DB-7" in step(told, "Death Benefit: values of the day").rules


def test_an_anniversary() -> None:
    told = explained("COMBINATION", date(2011, 1, 4))
    assert "Anniversary Value" in step(told, "Death Benefit: values of the day").note
    assert "DEATH_BENEFIT_TIME" in step(told, "Termination of the Death Benefit").note


def test_a_withdrawal() -> None:
    told = explained("COMBINATION", date(2010, 9, 1))
    assert step(told, "Death Benefit: after the withdrawal").note.startswith("7,500.00 of it")
    assert figures(told, "Death Benefit: after")["left of the year's dollar-for-dollar limit"] == 0.0


def test_the_daily_value() -> None:
    told = explained("HDV", date(2010, 3, 2))
    found = figures(told, "Death Benefit: Daily Value")
    assert found["Highest Daily Value"] >= found["Account Value"] > 0.0


def test_the_day_of_due_proof_is_that_of_one_run() -> None:
    """The replay to the day before knows of the death as the run did, so the claim is the same to the last bit."""
    on = date(2011, 3, 14)
    told = explained("COMBINATION", on)
    rows = requests(TAKEN, plan="COMBINATION", more=(asked("DEATH", on, event_date=date(2011, 3, 2)),))
    assert valued(rows, on).snapshot.to_pylist()[0] == told.after


@pytest.mark.parametrize("kind", ["DEATH", "SPOUSAL_CONTINUATION"])
@pytest.mark.parametrize("plan, series", [("COMBINATION", "B"), ("COMBINATION", "X"), ("HDV", "L")])
def test_the_claim(plan: str, series: str, kind: str) -> None:
    told = explained(plan, date(2011, 3, 14), series, kind)
    found = figures(told, kind.replace("_", " ").capitalize())
    assert {"basic Death Benefit", "5% Roll-Up", "Highest Anniversary Value"} <= found.keys() or plan == "HDV"
    assert told.after is not None
    best = max(found[name] for name in found if name.startswith(("basic", "5%", "Highest")))
    given = found["paid"] if kind == "DEATH" else told.after["account_value"]
    assert given == pytest.approx(best, abs=0.006)
