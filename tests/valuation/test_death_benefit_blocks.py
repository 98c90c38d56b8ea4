"""The optional Death Benefits in the daily valuation: what is paid is what the pure rules say on the same Account Values."""

from datetime import date
from typing import Any

import pyarrow as pa
import pytest

from tests.support.death_blocks import BIRTH, OLD, Move, owner, requests, told, valued
from tests.support.programme_runs import Asked, asked, moved, state
from valuation.block import DayResult
from valuation.failures import Reason

CENT = 0.006
MOVES = (
    Move(date(2010, 9, 1), -4_000.0),
    Move(date(2011, 3, 1), 20_000.0),
    Move(date(2011, 8, 1), -6_000.0),
    Move(date(2011, 8, 2), -12_000.0),
    Move(date(2014, 2, 3), -7_000.0),
    Move(date(2016, 7, 1), -3_000.0),
)
DIED, PROVED = date(2017, 3, 20), date(2017, 5, 15)
LAST = date(2017, 5, 31)


def death(died: date = DIED, proved: date = PROVED, kind: str = "DEATH") -> Asked:
    return asked(kind, proved, event_date=died)


def reasons(result: DayResult) -> list[int]:
    return [int(code) for code in result.refusals["reason_code"].to_pylist()]


def fields(result: DayResult) -> dict[str, float]:
    return {part["field"]: part["value"] for part in state(result)["death_benefit_fields"]}


def claim(result: DayResult) -> float:
    """What was paid on death, USD."""
    rows = [row for row in result.payments.to_pylist() if row["kind"] == "DEATH"]
    assert len(rows) == 1
    return float(rows[0]["paid"])


class TestClaim:
    """DB-5, DB-12, DB-17, DB-20: anniversaries, payments, withdrawals within and above the limit, Target Date, death."""

    @pytest.mark.parametrize("plan", ["COMBINATION", "HDV"])
    @pytest.mark.parametrize("birth", [BIRTH, OLD], ids=["before the Target Date", "after it"])
    @pytest.mark.parametrize("died", [PROVED, DIED], ids=["proved at once", "proved later"])
    def test_paid_is_what_the_rules_say(self, plan: str, birth: date, died: date) -> None:
        result = valued(requests(*MOVES, plan=plan, more=(death(died),)), LAST, owner(birth))
        story = told(plan, PROVED, *MOVES, birth=birth, died=died)
        paid = story.claim(str(died))
        assert reasons(result) == []
        assert claim(result) == pytest.approx(paid.payable, abs=CENT)
        assert paid.payable > story.account + 1_000.0, "the guarantee must decide"
        assert paid.payable > paid.basic + 1_000.0

    @pytest.mark.parametrize("plan", ["COMBINATION", "HDV"])
    def test_values_of_the_snapshot(self, plan: str) -> None:
        last = date(2016, 12, 30)
        result, story = valued(requests(*MOVES, plan=plan), last), told(plan, last, *MOVES)
        found = fields(result)
        for name in ("roll_up", "limit", "highest", "carried", "target"):
            assert found[name] == pytest.approx(getattr(story.benefit, name), rel=1e-9), name
        assert state(result)["death_benefit_plan"] == plan
        assert state(result)["death_benefit"] == pytest.approx(story.claim(str(last)).payable, abs=CENT)

    def test_a_death_learnt_of_later_stops_the_values_on_its_date(self) -> None:
        """The Roll-Up of the date of death, not that of the day of due proof 56 days later."""
        late = claim(valued(requests(plan="COMBINATION", more=(death(),)), LAST))
        at_once = claim(valued(requests(plan="COMBINATION", more=(death(PROVED),)), LAST))
        assert at_once / late == pytest.approx(1.05 ** (56.0 / 365.0), rel=1e-6)

    def test_the_account_value_moves_until_due_proof(self) -> None:
        died, proved = date(2010, 1, 6), date(2011, 2, 1)
        result = valued(requests(plan="HDV", more=(death(died, proved),)), date(2011, 2, 1))
        assert fields(valued(requests(plan="HDV"), date(2011, 2, 1)))["highest"] > 1.3 * 150_000.0
        story = told("HDV", proved, died=died)
        assert story.benefit.highest < 1.02 * 150_000.0
        assert claim(result) == pytest.approx(max(story.account, story.benefit.highest), abs=CENT)

    def test_an_opening_state_after_the_date_of_death_keeps_what_it_had(self) -> None:
        """Its day did not know of the death: 11 days of growth are in it, the 45 days after it are not."""
        rows = requests(plan="COMBINATION", more=(death(),))
        whole, parts = claim(valued(rows, LAST)), claim(valued(rows, LAST, cut=date(2017, 3, 31)))
        assert parts / whole == pytest.approx(1.05 ** (11.0 / 365.0), rel=1e-6)

    def test_withdrawals_after_the_death_are_proportional(self) -> None:
        moves = (*MOVES, Move(date(2017, 4, 10), -5_000.0), Move(date(2017, 4, 20), 10_000.0))
        result = valued(requests(*moves, plan="COMBINATION", more=(death(),)), LAST)
        assert claim(result) == pytest.approx(
            told("COMBINATION", PROVED, *moves, died=DIED).claim(str(DIED)).payable, abs=CENT
        )

    def test_conservation(self) -> None:
        """Nothing is left, and every dollar of the claim beyond the Account Value is the insurer's."""
        result = valued(requests(*MOVES, plan="COMBINATION", more=(death(),)), LAST)
        paid, guaranteed = (int(result.totals[:, k].sum()) / 65536.0 for k in (8, 12))
        taken = sum(-one.amount for one in MOVES if one.amount < 0.0)
        account = told("COMBINATION", PROVED, *MOVES, died=DIED).account
        assert paid == pytest.approx(taken - _charges(result) + account, abs=CENT)
        assert paid + guaranteed == pytest.approx(taken - _charges(result) + claim(result), abs=CENT)
        assert state(result)["status"] == "DEATH"
        assert state(result)["units"] == []


def _charges(result: DayResult) -> float:
    return float(sum(row["charge"] for row in result.payments.to_pylist() if row["kind"] == "WITHDRAWAL"))


class TestTwoWindows:
    """A snapshot holds all there is to know."""

    @pytest.mark.parametrize("plan", ["COMBINATION", "HDV", None])
    @pytest.mark.parametrize("cut", [date(2010, 1, 4), date(2011, 8, 1), date(2014, 1, 3), date(2016, 6, 30)])
    def test_are_one(self, plan: str | None, cut: date) -> None:
        rows, last = requests(*MOVES, plan=plan), date(2016, 12, 30)
        assert valued(rows, last, cut=cut).snapshot.equals(valued(rows, last).snapshot)

    def test_of_the_series_with_credits(self) -> None:
        rows, last, holder = requests(*MOVES, plan="COMBINATION"), date(2012, 3, 1), owner(series="X")
        whole = valued(rows, last, holder)
        assert valued(rows, last, holder, date(2011, 5, 2)).snapshot.equals(whole.snapshot)
        assert [payment["carried"] > 1.0 for payment in state(whole)["purchase_payments"]] == [False, True]


class TestLateCredits:
    def test_the_claim_of_the_x_series_leaves_them_out(self) -> None:
        """DB-15: 20,000 on 1 March 2011 with its credit; death within and after twelve months of it."""
        rows = {
            died: valued(requests(*MOVES, plan="COMBINATION", more=(death(died, died),)), died, owner(series="X"))
            for died in (date(2012, 2, 29), date(2012, 3, 5))
        }
        credit = state(rows[date(2012, 3, 5)])["purchase_payments"][1]["credit"]
        assert credit > 800.0
        less, more = (claim(result) for result in rows.values())
        assert more - less == pytest.approx(credit, rel=0.2)

    def test_a_medical_surrender_takes_its_share_of_them_back_once(self) -> None:
        """Half of the account leaves, so half of the late credit's growth is still to be taken back, and no less."""
        day = date(2010, 6, 1)
        half = asked("MEDICAL_SURRENDER", day, amount=80_000.0, ground="FATAL_ILLNESS", event_date=date(2010, 3, 1))
        before = valued(requests(plan="COMBINATION"), date(2010, 5, 28), owner(series="X"))
        result = valued(requests(plan="COMBINATION", more=(half,)), day, owner(series="X"))
        was, now = state(before)["purchase_payments"][0], state(result)["purchase_payments"][0]
        share = 1.0 - now["credit"] / was["credit"]
        late = now["credit"] / now["carried"] * fields(result)["carried"]
        growth = 1.05 ** (148.0 / 365.0)
        assert 0.3 < share < 0.7
        assert late == pytest.approx(was["credit"] * growth * (1.0 - share), rel=1e-9)


class TestElection:
    """DB-4, DB-22, ELE-1, ELE-2: granted or refused with its reason, and a refusal changes nothing."""

    @staticmethod
    def plan_of(result: DayResult) -> str:
        return str(state(result)["death_benefit_plan"])

    def of(self, *more: Asked, plan: str | None = None, last: date = date(2010, 2, 1), **holder: Any) -> DayResult:
        return valued(requests(plan=plan, more=more), last, owner(holder.pop("birth", BIRTH), **holder))

    @pytest.mark.parametrize("plan", ["COMBINATION", "HDV"])
    def test_by_the_application_or_the_same_day(self, plan: str) -> None:
        later = asked("ELECTION", date(2010, 1, 4), benefit=plan)
        assert self.plan_of(self.of(plan=plan)) == self.plan_of(self.of(later)) == plan

    @pytest.mark.parametrize("plan", ["COMBINATION", "HDV"])
    def test_age(self, plan: str) -> None:
        result = self.of(plan=plan, birth=date(1930, 1, 4))
        assert (self.plan_of(result), reasons(result)) == ("NONE", [int(Reason.DEATH_BENEFIT_AGE)])
        assert self.plan_of(self.of(plan=plan, birth=date(1930, 1, 5))) == plan

    def test_not_the_next_day(self) -> None:
        result = self.of(asked("ELECTION", date(2010, 1, 5), benefit="HDV"))
        assert (self.plan_of(result), reasons(result)) == ("NONE", [int(Reason.DEATH_BENEFIT_TIME)])

    def test_one_only(self) -> None:
        result = self.of(asked("ELECTION", date(2010, 1, 4), benefit="HDV"), plan="COMBINATION")
        assert (self.plan_of(result), reasons(result)) == ("COMBINATION", [int(Reason.DEATH_BENEFIT_IN_FORCE)])

    def test_the_highest_daily_value_excludes_highest_daily_7_and_is_excluded(self) -> None:
        second = {
            "HDV": asked("ELECTION", date(2010, 1, 4), benefit="HDV"),
            "HD7": asked("ELECTION", date(2010, 2, 1), benefit="HD7"),
        }
        excluded = [int(Reason.DEATH_BENEFIT_EXCLUDED)]
        living_first, death_first = self.of(second["HDV"], plan="HD7"), self.of(second["HD7"], plan="HDV")
        assert reasons(living_first) == reasons(death_first) == excluded
        assert (state(living_first)["benefit"], self.plan_of(living_first)) == ("HD7", "NONE")
        assert (state(death_first)["benefit_stage"], self.plan_of(death_first)) == ("NONE", "HDV")

    def test_the_combination_benefit_goes_with_highest_daily_7(self) -> None:
        result = self.of(asked("ELECTION", date(2010, 1, 4), benefit="HD7"), plan="COMBINATION")
        assert (state(result)["benefit"], self.plan_of(result), reasons(result)) == ("HD7", "COMBINATION", [])

    def test_no_spousal_benefit_beside_it(self) -> None:
        spouse = {"spouse_birth_date": date(1946, 3, 1), "spouse_sex": "M"}
        first = self.of(asked("ELECTION", date(2010, 2, 1), benefit="SHD7"), plan="COMBINATION", **spouse)
        second = self.of(asked("ELECTION", date(2010, 1, 4), benefit="COMBINATION"), plan="SHD7", **spouse)
        assert reasons(first) == reasons(second) == [int(Reason.DEATH_BENEFIT_EXCLUDED)]
        assert (state(first)["benefit_stage"], state(second)["benefit"]) == ("NONE", "SHD7")

    @pytest.mark.parametrize("series", ["B", "X"])
    def test_no_termination_of_b_and_x(self, series: str) -> None:
        end = asked("BENEFIT_TERMINATION", date(2015, 1, 5), benefit="COMBINATION")
        result = self.of(end, plan="COMBINATION", last=date(2015, 1, 5), series=series)
        assert (self.plan_of(result), reasons(result)) == ("COMBINATION", [int(Reason.DEATH_BENEFIT_TIME)])

    @pytest.mark.parametrize(
        "day, ended", [(date(2014, 1, 6), False), (date(2015, 1, 5), True), (date(2015, 1, 6), False)]
    )
    def test_termination_of_l(self, day: date, ended: bool) -> None:
        """4 January 2014 and 2015 are a Saturday and a Sunday: processed on the Monday."""
        end, again = asked("BENEFIT_TERMINATION", day, benefit="HDV"), asked("ELECTION", day, benefit="COMBINATION")
        result = self.of(end, again, plan="HDV", last=day, series="L")
        assert self.plan_of(result) == ("ENDED" if ended else "HDV")
        assert reasons(result)[-1] == int(Reason.DEATH_BENEFIT_IN_FORCE)
        assert len(reasons(result)) == (1 if ended else 2)
        if ended:
            assert fields(result)["highest"] == fields(result)["roll_up"] == 0.0

    @pytest.mark.parametrize(
        "day, granted", [(date(2014, 1, 6), False), (date(2015, 1, 5), True), (date(2020, 1, 6), True)]
    )
    def test_late_election_of_l(self, day: date, granted: bool) -> None:
        result = self.of(asked("ELECTION", day, benefit="COMBINATION"), last=day, series="L")
        assert self.plan_of(result) == ("COMBINATION" if granted else "NONE")
        if granted:
            days = (day - date(day.year, 1, 4)).days
            assert fields(result)["roll_up"] == pytest.approx(
                150_000.0 * 1.05 ** (day.year - 2010 + days / 365.0), rel=1e-9
            )

    def test_a_withdrawal_on_the_issue_date_is_within_the_limit(self) -> None:
        result = self.of(
            asked("WITHDRAWAL", date(2010, 1, 4), amount=5_000.0, basis="gross"),
            plan="COMBINATION",
            last=date(2010, 1, 4),
        )
        assert fields(result)["roll_up"] == pytest.approx(145_000.0, abs=1e-6)
        assert fields(result)["limit"] == pytest.approx(2_500.0, abs=1e-6)


class TestLivingBenefitBeside:
    def test_the_anniversary_value_is_after_the_fee_of_the_benefit_quarter(self) -> None:
        """Step 5 before step 7 of the day (README decision 3)."""
        day = date(2011, 1, 4)
        rows = requests(plan="COMBINATION", more=(asked("ELECTION", date(2010, 1, 4), benefit="HD7"),))
        result = valued(rows, day)
        fees = [amount for on, _, amount in moved(result, "BENEFIT_FEE") if on == day]
        assert sum(fees) < -100.0
        assert fields(result)["highest"] == pytest.approx(state(result)["account_value"], abs=1e-6)

    def test_it_ends_on_the_annuity_date_also_where_the_income_goes_on(self) -> None:
        take = asked("WITHDRAWAL", date(2010, 6, 1), amount=2_000.0, basis="gross")
        for plan, status in (("HD7", "PAYOUT"), (None, "ANNUITY")):
            more = (take, asked("ANNUITIZATION", date(2013, 6, 3), benefit=plan))
            if plan:
                more = (asked("ELECTION", date(2010, 1, 4), benefit="HD7"), *more)
            result = valued(requests(plan="COMBINATION", more=more), date(2013, 6, 3))
            assert (state(result)["status"], state(result)["death_benefit_plan"]) == (status, "ENDED")
            assert state(result)["death_benefit"] == 0.0


class TestSpousalAssumption:
    """SPO-1, A-DB-18: the Death Benefit is the new Account Value; the benefit is elected anew at the spouse's age."""

    @staticmethod
    def assumed(plan: str, spouse: date | None, last: date = PROVED) -> DayResult:
        rows = requests(*MOVES, plan=plan, more=(death(kind="SPOUSAL_CONTINUATION"),))
        sex = None if spouse is None else "M"
        return valued(rows, last, owner(spouse_birth_date=spouse, spouse_sex=sex))

    @pytest.mark.parametrize("plan", ["COMBINATION", "HDV"])
    def test_the_account_value_and_the_new_values(self, plan: str) -> None:
        result = self.assumed(plan, date(1950, 2, 1))
        claimed = told(plan, PROVED, *MOVES, died=DIED).claim(str(DIED)).payable
        found, row = fields(result), state(result)
        assert row["account_value"] == pytest.approx(claimed, abs=CENT)
        assert (
            found["highest"]
            == found["roll_up" if plan == "COMBINATION" else "highest"]
            == pytest.approx(claimed, abs=CENT)
        )
        assert found["death"] == 0.0
        assert (row["death_benefit_plan"], found["elected"]) == (plan, found["start"])
        assert found["target"] == _day("2031-01-04")

    def test_a_spouse_of_eighty_years_has_the_basic_one(self) -> None:
        assert state(self.assumed("COMBINATION", date(1937, 5, 16)))["death_benefit_plan"] == "COMBINATION"
        assert state(self.assumed("COMBINATION", date(1937, 5, 15)))["death_benefit_plan"] == "NONE"

    def test_the_values_run_on_for_the_spouse(self) -> None:
        last = date(2017, 6, 14)
        start = fields(self.assumed("COMBINATION", date(1950, 2, 1)))["roll_up"]
        later = fields(self.assumed("COMBINATION", date(1950, 2, 1), last))["roll_up"]
        assert later / start == pytest.approx(1.05 ** (30.0 / 365.0), rel=1e-9)


def _day(when: str) -> int:
    return (date.fromisoformat(when) - date(1970, 1, 1)).days


def test_a_new_older_owner_moves_the_target_date_at_once() -> None:
    """DB-14, A-DB-10: the Target Date of the new Owner is past, so the values stop today and a withdrawal is proportional."""
    day = date(2016, 3, 1)
    more = (
        asked("OWNER_CHANGE", day, person_birth_date=OLD, person_sex="F", approved=True, ground="SAME_TAXPAYER"),
        asked("WITHDRAWAL", day, amount=5_000.0, basis="gross"),
    )
    result = valued(requests(plan="COMBINATION", more=more), day)
    found, before = fields(result), fields(valued(requests(plan="COMBINATION"), day))
    assert reasons(result) == []
    assert found["target"] == _day(str(day))
    share = 5_000.0 / (state(result)["account_value"] + 5_000.0)
    assert found["roll_up"] == pytest.approx(before["roll_up"] * (1.0 - share), rel=1e-9)


def test_blocks_of_several_plans_stand_side_by_side() -> None:
    rows, owners = [], []
    for name, plan in (("P-1", "COMBINATION"), ("P-2", None), ("P-3", "HDV")):
        rows += [
            row | {"contract_id": name, "transaction_id": f"{name}-{k}"}
            for k, row in enumerate(requests(*MOVES, plan=plan, more=(death(),)).to_pylist())
        ]
        owners.append(owner(contract_id=name))
    schema = requests().schema
    together = valued(pa.Table.from_pylist(rows, schema), LAST, pa.concat_tables(owners))
    paid = {row["contract_id"]: row["paid"] for row in together.payments.to_pylist() if row["kind"] == "DEATH"}
    alone = {
        name: claim(valued(requests(*MOVES, plan=plan, more=(death(),)), LAST))
        for name, plan in (("P-1", "COMBINATION"), ("P-2", None), ("P-3", "HDV"))
    }
    assert paid == alone
    assert paid["P-2"] < min(paid["P-1"], paid["P-3"])
