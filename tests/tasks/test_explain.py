"""The day of a contract explained: the printed examples of the prospectus, and the day of a transfer by hand."""

from datetime import date
from typing import Any

import pytest

from tasks.explain import ExplainError, PriceHistory, explain_contract
from tests.support.explained import DAYS, days, history, tables
from valuation.block import value_block
from valuation.telling import iso, source_of

CENT = 0.005
COVERED = [name for name in DAYS if name not in ("change", "medical", "free look")]
"""Days on which the benefit is in force."""


def step(day: str, title: str) -> dict[str, Any]:
    """The one step of a day whose title begins so."""
    names = ("title", "happened", "note", "rules", "lines", "figures")
    found = [dict(zip(names, one, strict=True)) for one in days()[day]["steps"] if one[0].startswith(title)]
    assert len(found) == 1, [one[0] for one in days()[day]["steps"]]
    return found[0]


def after(one: dict[str, Any], name: str) -> float:
    return next(float(figure[2]) for figure in one["figures"] if figure[0] == name)


def before(one: dict[str, Any], name: str) -> float:
    return next(float(figure[1]) for figure in one["figures"] if figure[0] == name)


class TestFirstWithdrawal:
    """E-HD7-1 (prospectus 5767-5785): Protected Withdrawal Value $120,000, $2,500 withdrawn."""

    def test_annual_income_amount(self) -> None:
        assert after(step("first withdrawal", "First withdrawal"), "Annual Income Amount") == pytest.approx(
            6_000.0, abs=CENT
        )

    def test_the_withdrawal_is_no_excess(self) -> None:
        one = step("first withdrawal", "No Excess Income")
        assert after(one, "remaining this Annuity Year") == pytest.approx(3_500.0, abs=CENT)

    def test_the_withdrawal_is_within_the_free_amount(self) -> None:
        one = step("first withdrawal", "Withdrawal")
        assert after(one, "Free Withdrawal amount left") == pytest.approx(10_500.0, abs=CENT)  # 10% of 105,000
        assert after(one, "Contingent Deferred Sales Charge") == 0.0
        assert after(one, "paid to the Owner") == pytest.approx(2_500.0, abs=CENT)

    def test_rule_and_lines_are_cited(self) -> None:
        one = step("first withdrawal", "First withdrawal")
        assert "HD7-5" in one["rules"]
        assert "5682-5687" in one["lines"]
        assert "HD7-5, ATF-11, prospectus 5654-5658, 5682-5687" in days()["first withdrawal"]["text"]


class TestExcessWithdrawal:
    """E-HD7-2 (prospectus 5787-5814): $5,000 at Account Value $110,000, $3,500 still available."""

    def test_split(self) -> None:
        one = step("excess", "Excess Income")
        assert after(one, "available without excess") == pytest.approx(3_500.0, abs=CENT)
        assert after(one, "Excess Income") == pytest.approx(1_500.0, abs=CENT)
        assert after(one, "Account Value left before the excess") == pytest.approx(106_500.0, abs=CENT)

    def test_annual_income_amount(self) -> None:
        one = step("excess", "Excess Income")
        assert before(one, "Annual Income Amount") == pytest.approx(6_000.0, abs=CENT)
        assert after(one, "Annual Income Amount") == pytest.approx(5_915.49, abs=CENT)

    def test_text_shows_before_and_after(self) -> None:
        line = next(x for x in days()["excess"]["text"].splitlines() if x.split()[:3] == ["Annual", "Income", "Amount"])
        assert line.split()[3:] == ["6,000.00", "->", "5,915.49"]


class TestStepUp:
    """E-HD7-3 (prospectus 5821-5891): 5% of 119,000 is above 5,915.49 on the anniversary, 1 December."""

    def test_annual_income_amount(self) -> None:
        one = step("step-up", "Annuity Year")
        assert one["happened"]
        assert after(one, "Annual Income Amount") == pytest.approx(5_950.0, abs=CENT)
        assert after(one, "highest quarterly value") == pytest.approx(119_000.0, abs=CENT)

    def test_no_step_up_on_another_day_says_when(self) -> None:
        assert step("after", "Annuity Year")["note"] == "no step-up: no Annuity Anniversary today; next 2009-12-01"

    def test_before_the_first_withdrawal_there_is_nothing_to_step_up(self) -> None:
        assert not step("ordinary", "Annuity Year")["happened"]

    def test_quarterly_value(self) -> None:
        one = step("quarter", "Quarterly value")
        assert one["happened"]
        # 118,000 of 1 June, less 3,500, in the proportion the excess left; 112,000 of 1 September is lower
        assert after(one, "highest quarterly value") == pytest.approx(
            (118_000 - 3_500) * (1 - 1_500 / 106_500), abs=CENT
        )


class TestChange:
    """HD7-14, DB-24 (prospectus 6006-6011, 7412-7421): a new Owner ends the benefit and suspends the guarantee."""

    def test_new_owner(self) -> None:
        one = step("change", "Owner change")
        assert one["happened"]
        assert one["note"].startswith(
            "the living benefit ends, its accrued fee is taken; the Owner whose age counts is"
        )
        assert one["note"].endswith("the guarantee of the Death Benefit is suspended for two years")
        assert "HD7-14" in one["rules"]
        row = days()["change"]["after"]
        assert (row["owner_birth_date"], row["owner_sex"]) == ("1970-02-01", "M")
        assert (row["annuitant_birth_date"], row["annuitant_sex"]) == ("1938-01-15", "F")
        assert (row["benefit_stage"], row["owner_since_date"]) == ("ENDED", "2008-12-04")
        assert row["death_benefit"] == pytest.approx(row["account_value"])

    def test_declined(self) -> None:
        one = step("declined", "Annuitant change")
        assert one["note"] == "refused, nothing changes: 305 CHANGE_NOT_ACCEPTED (PUR-7)"
        assert days()["declined"]["after"]["benefit_stage"] == "POST"


class TestOtherEndings:
    """SUR-3, FL-2: no charge on either; the contract of the story has no credit to take back."""

    def test_medically_related_surrender(self) -> None:
        one = step("medical", "Medical surrender")
        assert one["happened"]
        assert (after(one, "kept by the insurer"), after(one, "paid")) == pytest.approx((0.0, 5_000.0), abs=CENT)
        assert "SUR-3" in one["rules"]
        assert days()["medical"]["after"]["payments_closed_date"] == "2008-12-08"

    def test_free_look(self) -> None:
        one = step("free look", "Free look")
        assert after(one, "paid") == pytest.approx(before(one, "Account Value"), abs=CENT)
        assert "FL-2" in one["rules"] or "FL-1" in one["rules"]
        assert days()["free look"]["after"]["status"] == "SURRENDERED"


class TestTransfer:
    """The formula by hand: L = 5% of P times a, r = (L - B) / V, T = (L - B - 80% V) / 20%."""

    @pytest.mark.parametrize("day", ["first withdrawal", "excess", "step-up"])
    def test_amount(self, day: str) -> None:
        one = step(day, "Asset transfer formula")
        target = round(0.05 * after(one, "Income Basis P") * after(one, 'factor "a"') + 1e-9, 2)
        permitted, bond = before(one, "Permitted Sub-accounts V"), before(one, "bond Sub-account B")
        ratio = (target - bond) / permitted
        assert after(one, "Target Value L") == pytest.approx(target, abs=0.011)
        assert before(one, "Target Ratio r = (L - B) / V") == pytest.approx(ratio, abs=1e-6)
        amount = after(one, "transfer into the bond Sub-account")
        if 0.77 <= ratio <= 0.83:
            assert amount == 0.0
            assert "lies between 77% and 83%" in one["note"]
        elif ratio > 0.83:
            assert amount == pytest.approx(min(permitted, (target - bond - 0.8 * permitted) / 0.2), abs=0.011)
        else:
            assert amount == pytest.approx(-min(bond, -(target - bond - 0.8 * permitted) / 0.2), abs=0.011)

    def test_some_day_has_a_transfer_and_some_day_has_none(self) -> None:
        happened = {name: step(name, "Asset transfer formula")["happened"] for name in COVERED}
        assert set(happened.values()) == {True, False}

    def test_transfer_keeps_the_account_value(self) -> None:
        for name in COVERED:
            one = step(name, "Asset transfer formula")
            for part in (before, after):
                whole = part(one, "Permitted Sub-accounts V") + part(one, "bond Sub-account B")
                assert whole == pytest.approx(days()[name]["after"]["account_value"], abs=1e-6)


class TestRefusal:
    def test_reason_and_nothing_changes(self) -> None:
        one = step("refusal", "Withdrawal")
        assert not one["happened"]
        assert one["note"] == "refused, nothing changes: 600 WITHDRAWAL_TOO_SMALL (WD-2)"
        assert "P-1-4: 600 WITHDRAWAL_TOO_SMALL (WD-2)" in days()["refusal"]["text"]


class TestGrowth:
    def test_ordinary_day_grows_by_calendar_days(self) -> None:
        one = step("ordinary", "Periodic Value")
        assert after(one, "growth factor") == pytest.approx(1.07 ** (3 / 365), rel=1e-12)  # 10 March 2008 is a Monday

    def test_election_begins_at_the_account_value(self) -> None:
        assert after(step("election", "Election of HD7"), "Periodic Value") == pytest.approx(110_000.0, abs=CENT)


def test_text_is_one_block_a_step_in_order() -> None:
    text = days()["excess"]["text"]
    places = [text.index(f"{'+' if one[1] else '-'} {one[0]}") for one in days()["excess"]["steps"]]
    assert places == sorted(places)
    assert "equal to the last bit" in text


def test_every_busy_day_of_a_block_is_told_as_the_law_does_it() -> None:
    """The program raises where one is not; here: that the days were busy."""
    seen = days()["sweep"]
    for title in (
        "Issue",
        "Withdrawal",
        "Purchase payment",
        "Asset transfer formula",
        "First withdrawal under the benefit",
    ):
        assert seen[title] > 0, seen


def test_a_telling_that_differs_from_the_law_is_not_shown() -> None:
    assert "differs from the daily valuation in units" in days()["forged"]


def test_a_day_that_is_none_is_refused_with_the_span() -> None:
    contract, transactions = tables()
    span = PriceHistory(history_days(), None)  # type: ignore[arg-type]
    with pytest.raises(ExplainError, match=r"2008-12-25 is not a Valuation Day .* from 2007-12-03 to 2008-12-31"):
        explain_contract(contract, transactions, span, date(2008, 12, 25))


def history_days() -> Any:
    from valuation.sessions import valuation_days

    return valuation_days(date(2007, 11, 30), date(2008, 12, 31))


@pytest.mark.slow
def test_uncompiled_and_compiled_law_give_the_same_bits() -> None:
    prices = history()
    contract, transactions = tables()
    last = int((date.fromisoformat(DAYS["after"]) - date(1970, 1, 1)).days)
    place = int((prices.days <= last).sum())
    row = value_block(contract, transactions, None, prices.days[:place], prices.prices[:place]).snapshot.to_pylist()[0]
    told = days()["after"]["after"]
    numbers = {name: value for name, value in row.items() if isinstance(value, float)}
    assert numbers == {name: told[name] for name in numbers}


def test_source_of_a_rule() -> None:
    def rule() -> None:
        """Something.  Source: HD7-6, C-14 (prospectus 5687-5701, 5787-5814)."""

    assert source_of(rule) == (("HD7-6", "C-14"), "5687-5701, 5787-5814")


def test_iso() -> None:
    assert iso(14_000) == "2008-05-01"


class TestTrueIncome:
    """The days of a contract with TrueIncome: told to the last bit, or `explain_contract` raises."""

    @pytest.mark.parametrize("plan", ["TI", "TIS"])
    def test_every_day_of_its_life(self, plan: str) -> None:
        steps = days()[plan]
        assert {"Charge class of the Unit Prices", "Step up", "First withdrawal under the benefit"} <= set(steps)
        assert {"Guaranteed payment", "Annuity Year: Auto Step-Up", "Excess Income"} <= {
            k for k, v in steps.items() if v
        }
        assert steps["Payment choice"] == 0  # refused while there is an Account Value
