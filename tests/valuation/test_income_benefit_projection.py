"""The Guaranteed Minimum Income Benefit in a projection: when payments begin, when a death stops them, at what rates."""

import itertools
from types import SimpleNamespace

import numpy as np
import pytest

from valuation import guaranteed_minimum_rates, living
from valuation.annuity_rates import joint_rate, life_rate, load_rate_bases
from valuation.assumptions import load_assumptions
from valuation.clock import day_of, months_after, ordinal
from valuation.compile import kernel
from valuation.contract import Life
from valuation.guaranteed_minimum_income import NEW_PROTECTED_INCOME, elect, end
from valuation.guaranteed_minimum_rates import CURRENT, SETBACK, SPECIAL, option_1_rate, option_2_rate
from valuation.living.guaranteed_minimum_income import dated
from valuation.living.kinds import KINDS, PLAN_NAMES
from valuation.optional_death_benefits import NO_DEATH_BENEFIT_DAY
from valuation.projected import LIVING, OUT, Room
from valuation.projection import _begin_some, _benefit_facts
from valuation.records import Facts
from valuation.schedule import CHOOSE, EXERCISE, LAW, PAY
from valuation.terms import load_terms
from valuation.terms.benefits import load_gmib_terms

TERMS = load_gmib_terms()
ISSUE, AS_OF = ordinal(2008, 7, 1), ordinal(2008, 10, 31)
NAMES = {SPECIAL: "income_benefit", CURRENT: "current"}


def person(birth: int, annuity_date: int, qualified: int = 0) -> Life:
    return Life(ISSUE, birth, birth, 0, annuity_date, 0, qualified)


class TestRates:
    """GMIB-11: the law's rates are those of the published method, at every age, sex and year."""

    @pytest.mark.parametrize(
        "basis, sex, age", list(itertools.product((SPECIAL, CURRENT), (0, 1), (60, 75, 82, 95, 110)))
    )
    def test_option_1(self, basis: int, sex: int, age: int) -> None:
        for year, years in ((2009, 0), (2015, 7), (2031, 12)):
            expected = life_rate(load_rate_bases()[NAMES[basis]], "MF"[sex], age, year, years)
            assert option_1_rate(basis, sex, age, year, years) == pytest.approx(expected, rel=1e-12)

    @pytest.mark.parametrize("basis, sex, other", list(itertools.product((SPECIAL, CURRENT), (0, 1), (62, 79, 90))))
    def test_option_2(self, basis: int, sex: int, other: int) -> None:
        for year, years in ((2015, 7), (2031, 12)):
            expected = joint_rate(load_rate_bases()[NAMES[basis]], ("MF"[sex], "MF"[1 - sex]), (78, other), year, years)
            found = option_2_rate(basis, sex, 78, 1 - sex, other, year, years, 120, 0.5)
            assert found == pytest.approx(expected, rel=1e-10)

    def test_compiled(self) -> None:
        out = np.zeros(2)
        _both(out)
        assert out[0] == option_1_rate(SPECIAL, 0, 82, 2015, 7)
        assert out[1] == pytest.approx(option_2_rate(CURRENT, 0, 82, 1, 79, 2015, 7, 120, 0.5), rel=1e-14)


@kernel
def _both(out):  # type: ignore[no-untyped-def]
    out[0] = option_1_rate(SPECIAL, 0, 82, 2015, 7)
    out[1] = option_2_rate(CURRENT, 0, 82, 1, 79, 2015, 7, 120, 0.5)


class TestWhenPaymentsBegin:
    """GMIB-10: the last anniversary before the latest Annuity Date, or the one of age 95 (92)."""

    def test_before_the_latest_annuity_date(self) -> None:
        life = person(ordinal(1945, 1, 15), ordinal(2040, 2, 1))
        rows = dated(TERMS, elect(TERMS, life, 100_000.0, ISSUE), life, AS_OF)
        assert months_after(*rows[0][:2]) == ordinal(2039, 7, 1)
        assert rows[0][2:] == (0, LAW | EXERCISE)
        assert rows[1] == (ordinal(2039, 7, 1), 1, 0, LAW | PAY)
        assert rows[2] == (ISSUE, 12, ordinal(2015, 6, 30), LAW | CHOOSE)

    def test_closed_anniversary(self) -> None:
        life = person(ordinal(1944, 1, 15), ordinal(2039, 2, 1))
        assert months_after(*dated(TERMS, elect(TERMS, life, 1.0, ISSUE), life, AS_OF)[0][:2]) == ordinal(2038, 7, 1)
        sunday = person(ordinal(1943, 1, 15), ordinal(2038, 2, 1))  # 1 July 2037 is a Wednesday
        assert dated(TERMS, elect(TERMS, sunday, 1.0, ISSUE), sunday, AS_OF)[1][0] == ordinal(2037, 7, 1)
        saturday = person(ordinal(1934, 1, 15), ordinal(2029, 2, 1))  # 1 July 2028 is one
        assert dated(TERMS, elect(TERMS, saturday, 1.0, ISSUE), saturday, AS_OF)[1][0] == ordinal(2028, 7, 3)

    def test_not_while_the_wait_lasts(self) -> None:
        life = person(ordinal(1945, 1, 15), ordinal(2015, 6, 30))
        assert dated(TERMS, elect(TERMS, life, 100_000.0, ISSUE), life, AS_OF) == []

    def test_nothing_without_the_benefit(self) -> None:
        life = person(ordinal(1945, 1, 15), ordinal(2040, 2, 1))
        assert dated(TERMS, NEW_PROTECTED_INCOME, life, AS_OF) == []

    def test_payments_that_run(self) -> None:
        life = person(ordinal(1945, 1, 15), ordinal(2040, 2, 1))
        paying = NEW_PROTECTED_INCOME._replace(
            stage=float(living.PAYING), ended=float(ordinal(2008, 8, 4)), payment=500.0
        )
        assert dated(TERMS, paying, life, AS_OF) == [(ordinal(2008, 8, 4), 1, 0, LAW | PAY)]


class TestDeath:
    """GMIB-12: what is certain is paid; deaths before count at its end, none is lost."""

    def test_in_force_after_the_certain_period_is_survival(self) -> None:
        ends = np.linspace(0.002, 0.02, 200)
        begins = months_after(AS_OF, 5)
        state = NEW_PROTECTED_INCOME._replace(stage=float(living.PAYING), ended=float(begins), certain=120.0)
        in_force, seen = 1.0, []
        for month in range(5, 200):
            in_force *= 1.0 - living.stops_by_death(state, ends[month], ends, AS_OF, month)
            seen.append(in_force)
        assert seen[:118] == [1.0] * 118
        assert seen[119:] == pytest.approx(np.cumprod(1.0 - ends[5:])[119:], rel=1e-12)

    def test_payments_that_ran_at_the_start(self) -> None:
        ends = np.full(100, 0.01)
        begins = months_after(AS_OF, -60)
        state = NEW_PROTECTED_INCOME._replace(stage=float(living.PAYING), ended=float(begins), certain=120.0)
        gone = [living.stops_by_death(state, 0.01, ends, AS_OF, month) for month in range(100)]
        assert gone[:58] == [0.0] * 58
        assert 1.0 - gone[58] == pytest.approx(0.99**59, rel=1e-12)
        assert gone[59:] == [0.01] * 41

    def test_without_payments_every_death_counts(self) -> None:
        assert living.stops_by_death(NEW_PROTECTED_INCOME, 0.01, np.zeros(3), AS_OF, 1) == 0.01


@pytest.mark.parametrize("reset", [ISSUE, ordinal(2013, 9, 2)])
def test_facts_in_the_lanes_know_the_last_step_up(reset: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """GMIB-9 (prospectus 3953-3955): special rates may ask for the years since it; the first lane's benefit has ended."""
    table = SETBACK.copy()
    table[SPECIAL, 1] = 10, 3  # a table that asks for them
    monkeypatch.setattr(guaranteed_minimum_rates, "SETBACK", table)
    life = person(ordinal(1938, 1, 15), ordinal(2033, 2, 1))
    day = day_of(ISSUE, ordinal(2020, 6, 30), ordinal(2020, 7, 1))
    terms = load_terms(False)._replace(income=(TERMS,))
    state = elect(TERMS, life, 100_000.0, ISSUE)._replace(reset=float(reset))
    lanes = np.array([end(state, day.prior), state]).T
    found = _benefit_facts(NEW_PROTECTED_INCOME, lanes, terms, life, day)
    assert found == living.benefit_day(state, terms, life, day)
    assert (found.special == 12.0 * option_1_rate(SPECIAL, 0, 82, 2020, 12)) == (reset == ISSUE)


class TestSomeBeginBefore:
    """R-5: the share of the table, by the value of the payments over the Account Value; settled at that value."""

    DAY = day_of(ISSUE, ordinal(2015, 6, 30), ordinal(2015, 7, 1))
    ANNUITY = 12.0

    def begun(self, ratio: float, basis: str, years: int = 7) -> tuple[float, float, float]:
        """Living claims, paid from the Account Value, and what stays in force, of one contract of 100,000."""
        life = person(ordinal(1938, 1, 15), ordinal(2033, 2, 1))
        day = self.DAY
        if years > 7:
            day = day_of(ISSUE, ordinal(2008 + years, 6, 30), ordinal(2008 + years, 7, 1))
        state = elect(TERMS, life, 100_000.0, ISSUE)
        terms = load_terms(False)._replace(income=(TERMS,))
        facts = Facts(terms, life, day, living.benefit_day(state, terms, life, day), NO_DEATH_BENEFIT_DAY)
        state = state._replace(value=ratio * 100_000.0 / (facts.income.special * self.ANNUITY))
        assumed = load_assumptions(basis).annuitization
        group = SimpleNamespace(
            blank=NEW_PROTECTED_INCOME, annuity=np.full((1, 200), self.ANNUITY), slots=np.array([[0, 1]]), held=np.ones(1, int),
            band_starts=np.array(assumed.band_starts), begins=np.array([assumed.later, assumed.first_year]),
        )  # fmt: skip
        lanes = SimpleNamespace(
            income=np.array(state)[None, :, None], units=np.array([[[10_000.0], [0.0]]]), core=np.ones((1, 11, 1)),
            worth=np.zeros((1, 9, 1)), in_force=np.full((1, 1), 0.8), begun=np.zeros((1, 1)), year=np.zeros(1, int),
            yearly=np.zeros((1, 2, 1), int),
        )  # fmt: skip
        chunk = SimpleNamespace(
            as_of=AS_OF, price=np.full((2, 1, 1), 10.0), discount=np.full((1, 1), 0.5), discount_shock=np.ones(1)
        )
        n = 1
        room = Room(np.zeros(n), np.zeros(n), np.zeros(n), np.zeros(n, int), np.zeros(n, int), np.zeros(0))
        _begin_some(group, lanes, chunk, facts, room, 0, 0)  # type: ignore[arg-type]
        assert lanes.yearly[0, 0, 0] / 65536 == pytest.approx(-lanes.worth[0, LIVING, 0], abs=1e-3)
        assert lanes.in_force[0, 0] + lanes.begun[0, 0] == pytest.approx(0.8, rel=1e-12)
        return float(lanes.worth[0, LIVING, 0]), float(lanes.worth[0, OUT, 0]), float(lanes.in_force[0, 0])

    @pytest.mark.parametrize(
        "ratio, years, share",
        [(0.99, 7, 0.0), (1.01, 7, 0.05), (1.3, 7, 0.10), (2.5, 7, 0.25), (1.01, 8, 0.025), (2.5, 9, 0.125)],
    )
    def test_the_table(self, ratio: float, years: int, share: float) -> None:
        claims, out, left = self.begun(ratio, "prudent_2024", years)
        assert left == pytest.approx(0.8 * (1.0 - share), rel=1e-12)
        assert out == pytest.approx(0.8 * 0.5 * share * 100_000.0, rel=1e-12)
        assert claims + out == pytest.approx(0.8 * 0.5 * share * ratio * 100_000.0, rel=1e-9)

    def test_nobody_before_the_wait_is_over(self) -> None:
        assert self.begun(1.5, "prudent_2024", 6 + 7)[2] < 0.8
        self.DAY = day_of(ISSUE, ordinal(2014, 6, 30), ordinal(2014, 7, 1))
        assert self.begun(1.5, "prudent_2024")[2] == 0.8

    def test_the_best_estimate_has_nobody_begin_early(self) -> None:
        assert self.begun(2.5, "best_2008") == (0.0, 0.0, 0.8)


@pytest.mark.parametrize("place", range(len(KINDS)), ids=[kind.name for kind in KINDS])
def test_a_kind_knows_its_place_among_the_plans(place: int) -> None:
    first, plans = living.first_plan(KINDS[place].blank), KINDS[place].plans
    assert PLAN_NAMES[first : first + len(plans)] == plans
