"""The Guaranteed Minimum Income Benefit through tables: a run in parts is the run, and every day can be explained."""

from typing import Any

import pytest

from tests.support.explained_income_benefit import DAYS, SPLIT, days_told
from valuation.annuity_rates import joint_rate, life_rate, load_rate_bases
from valuation.failures import Reason

CENT = 0.005


def step(day: str, title: str) -> dict[str, Any]:
    """The one step of a day whose title begins so."""
    names = ("title", "happened", "note", "rules", "lines", "figures")
    found = [dict(zip(names, one, strict=True)) for one in days_told()[day]["steps"] if one[0].startswith(title)]
    assert len(found) == 1, [one[0] for one in days_told()[day]["steps"]]
    return found[0]


def after(one: dict[str, Any], name: str) -> float:
    return next(float(figure[2]) for figure in one["figures"] if figure[0] == name)


def test_a_run_in_parts_is_the_run() -> None:
    parts = days_told()["parts"]
    assert [parts[day][0]["benefit_stage"] for day in SPLIT] == ["PRE"] * len(SPLIT)
    assert parts[max(parts)] == days_told()["whole"]


def test_the_ledger_is_the_account_value() -> None:
    assert days_told()["whole"][0]["account_value"] == 0.0
    assert days_told()["ledger"] == pytest.approx(0.0, abs=1e-6)


def test_refusals() -> None:
    assert days_told()["refusals"] == [Reason.NOT_TERMINABLE, Reason.STEP_UP_NOT_DUE]


@pytest.mark.parametrize("day", DAYS)
def test_every_day_can_be_explained(day: str) -> None:
    assert "equal to the last bit" in " ".join(days_told()[day]["text"].split())


def test_election_says_so() -> None:
    assert step("issue", "Election of GMIB")["happened"]
    assert step("issue", "Election of the Death Benefit")["happened"]
    assert days_told()["issue"]["after"]["benefit"] == "GMIB"


def test_the_death_benefit_beside_it_is_told() -> None:
    assert step("ordinary", "Death Benefit: Daily Value")["happened"]
    assert step("above the limit", "Death Benefit: after the withdrawal")["happened"]
    assert days_told()["annuity"]["after"]["death_benefit_plan"] == "ENDED"


def test_withdrawals() -> None:
    assert step("withdrawal", "Within the limit")["happened"]
    above = step("above the limit", "Above the limit")
    assert "GMIB-7" in above["rules"]
    assert after(above, "Remaining Limit, dollar for dollar") == 0.0


def test_anniversary() -> None:
    charge = step("anniversary and step-up", "Charge of the Annuity Year")
    assert after(charge, "charge") == pytest.approx(
        0.005 * after(charge, "average Protected Income Value of the year"), abs=CENT
    )
    limit = step("anniversary and step-up", "Annuity Year: limit")
    stepped = step("anniversary and step-up", "Step up")
    assert stepped["happened"]
    assert after(stepped, "Protected Income Value") > after(limit, "limit, dollar for dollar") / 0.05


def test_refusals_are_told() -> None:
    assert "STEP_UP_NOT_DUE" in step("refused step-up", "Step up")["note"]
    assert "NOT_TERMINABLE" in step("termination", "Termination")["note"]


def test_payments() -> None:
    """7 years after the step-up; the Joint Annuitant goes on in the certain period after the Annuitant's death."""
    special, current = (
        joint_rate(load_rate_bases()[name], ("M", "F"), (82, 75), 2015, 7) for name in ("income_benefit", "current")
    )
    assert special < current < life_rate(load_rate_bases()["current"], "M", 82, 2015)
    before, paid = (
        days_told()["annuity"],
        [p["paid"] for p in days_told()["payments"] if p["kind"] == "GUARANTEED_PAYMENT"],
    )
    value = after(step("annuity", "Protected Income Value"), "Protected Income Value")
    assert before["after"]["benefit_stage"] == "PAYOUT"
    assert paid[0] >= special * value - CENT
    assert paid == [paid[0]] * 3
    assert step("second payment", "Annuity payment")["happened"]
    assert not step("between", "Annuity payment")["happened"]
    assert "the Annuitant has died" in step("after it", "Annuity payment")["note"]
