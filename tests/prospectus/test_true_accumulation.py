"""Worked examples of "TrueAccumulation - Highest Daily", one class per example; figures as printed, to the cent.

E- are printed figures, without charges as the prospectus assumes; DV- follow from the rules.
"""

from functools import cache

import pytest

from tests.support.ladder import CANCEL, DIE, ELECT, Act, Ladder, flat, pay, withdraw
from tests.support.story import number
from valuation import true_accumulation as tahd
from valuation.contract import NEW_CORE
from valuation.terms import load_terms
from valuation.terms.benefits import load_accumulation_terms

TERMS = load_accumulation_terms()
CENT = 0.005


def first_example() -> Ladder:
    """Issue and effective date 13 October 2008, $250,000; $10,000 withdrawn on 29 November 2008."""
    return Ladder("2008-10-13", 250_000.0).on("2008-11-29", None, withdraw(10_000.0))


def second_example() -> Ladder:
    """The same; $10,000 withdrawn on 18 December 2008 at an Account Value of $180,000."""
    return first_example().on("2008-12-18", 180_000.0, withdraw(10_000.0))


class TestEFee1:
    """E-FEE-1 (prospectus 868-869): total annual charge by series, now and at most."""

    elected = Ladder("2008-10-13").state

    @pytest.mark.parametrize("series, now, most", [(0, "1.50%", "1.90%"), (1, "1.85%", "2.25%"), (2, "1.90%", "2.30%")])
    def test_total(self, series: int, now: str, most: str) -> None:
        insurance = load_terms(True).charges.insurance_charge[series]
        assert f"{tahd.annual_charge(self.elected, TERMS, insurance):.2%}" == now
        assert f"{insurance + TERMS.maximum_charge:.2%}" == most

    def test_only_while_the_benefit_lasts(self) -> None:
        assert tahd.annual_charge(tahd.NEW_ACCUMULATION, TERMS, 0.0115) == 0.0115
        assert tahd.annual_charge(tahd.end(self.elected, number("2009-01-02")), TERMS, 0.0115) == 0.0115


class TestETahd0:
    """E-TAHD-0 (prospectus 3570-3573): elected 1 January 2009; the guarantee of the third benefit anniversary."""

    @staticmethod
    @cache
    def story() -> Ladder:
        story = Ladder("2009-01-01").on("2010-06-15", 150_000.0).on("2010-06-16", 120_000.0)
        return story.on("2012-01-01", 110_000.0)

    def test_it_is_created_on_the_third_benefit_anniversary(self) -> None:
        assert len(self.story().outstanding()) == 4
        assert self.story().at("2011-12-31").state.guarantee_3 == 0.0
        assert self.story().at("2012-01-01").state.guarantee_3 > 0.0

    def test_it_is_the_highest_account_value_since_the_election(self) -> None:
        assert self.story().outstanding()[2022] == 150_000.0

    def test_it_matures_ten_years_later(self) -> None:
        assert self.story().maturity_dates() == ["2019-01-01", "2020-01-01", "2021-01-01", "2022-01-01"]

    def test_the_earlier_ones_know_the_values_up_to_their_own_anniversary(self) -> None:
        assert self.story().outstanding() == {2019: 100_000.0, 2020: 100_000.0, 2021: 150_000.0, 2022: 150_000.0}

    def test_the_account_value_of_the_anniversary_itself_counts(self) -> None:
        story = Ladder("2009-01-01").on("2010-01-01", 130_000.0)
        assert story.outstanding() == {2019: 100_000.0, 2020: 130_000.0}


class TestETahd1:
    """E-TAHD-1 (prospectus 3594-3599): guarantees of $100,000 and $120,000, a Purchase Payment of $30,000.

    X-4: on the printed date, 30 March 2009, the second would not yet exist; here it is paid a year later.
    """

    @staticmethod
    @cache
    def story() -> Ladder:
        story = Ladder("2009-01-01").on("2010-01-01", 120_000.0)
        assert story.outstanding() == {2019: 100_000.0, 2020: 120_000.0}
        return story.on("2010-03-30", 90_000.0, pay(30_000.0))

    def test_initial_guarantee(self) -> None:
        assert self.story().outstanding()[2019] == 130_000.0

    def test_second_guarantee(self) -> None:
        assert self.story().outstanding()[2020] == 150_000.0

    def test_maturity_dates(self) -> None:
        assert self.story().maturity_dates() == ["2019-01-01", "2020-01-01"]

    def test_highest_daily_account_value(self) -> None:
        assert self.story().state.highest == 150_000.0


class TestETahd2:
    """E-TAHD-2 (prospectus 3632-3655): $10,000 of a dollar-for-dollar limit of $12,500."""

    @staticmethod
    @cache
    def story() -> Ladder:
        return first_example()

    def test_limit_at_the_start(self) -> None:
        start = self.story().past[0].state
        assert (start.guarantee_0, start.corridor, start.remaining) == (250_000.0, 12_500.0, 12_500.0)

    def test_initial_guarantee(self) -> None:
        assert self.story().state.guarantee_0 == pytest.approx(240_000.0, abs=CENT)

    def test_remaining_limit(self) -> None:
        assert self.story().state.remaining == pytest.approx(2_500.0, abs=CENT)
        assert tahd.income_available(self.story().state, NEW_CORE, False) == self.story().state.remaining


class TestETahd3:
    """E-TAHD-3 (prospectus 3657-3675): $10,000 more, of which $2,500 are within the limit, at $180,000."""

    @staticmethod
    @cache
    def story() -> Ladder:
        return second_example()

    def test_first_reduced_by_the_remaining_limit(self) -> None:
        within = tahd.withdraw(first_example().state, 2_500.0, 2_500.0, 180_000.0, CENT)
        assert within.guarantee_0 == pytest.approx(237_500.0, abs=CENT)

    def test_ratio_of_a_to_b(self) -> None:
        a, b = 10_000.0 - 2_500.0, self.story().past[-1].opening - 2_500.0
        assert (a, b) == (7_500.0, 177_500.0)
        assert self.story().state.guarantee_0 == pytest.approx(237_500.0 * (1.0 - a / b), abs=1e-9)

    def test_initial_guarantee(self) -> None:
        assert self.story().state.guarantee_0 == pytest.approx(227_464.79, abs=CENT)

    def test_remaining_limit(self) -> None:
        assert self.story().state.remaining == 0.0

    def test_remaining_limit_to_the_end_of_the_benefit_year(self) -> None:
        assert second_example().on("2009-10-12").state.remaining == 0.0


class TestDvTahd1:
    """DV-TAHD-1: corridor of later benefit years after E-TAHD-3."""

    def test_corridor(self) -> None:
        assert second_example().state.corridor == pytest.approx(11_971.83, abs=CENT)

    @pytest.mark.parametrize("day", ["2009-10-13", "2010-10-13"])
    def test_each_benefit_anniversary_gives_it_back(self, day: str) -> None:
        story = second_example().on("2009-10-13", None, withdraw(1_000.0)).on(day)
        expected = 10_971.83 if day == "2009-10-13" else 11_971.83
        assert story.state.remaining == pytest.approx(expected, abs=CENT)


class TestDvTahd2:
    """DV-TAHD-2: a highest daily Account Value of 262,000 before E-TAHD-2 and E-TAHD-3."""

    def test_after_both(self) -> None:
        story = (
            Ladder("2008-10-13", 250_000.0).on("2008-10-14", 262_000.0).on("2008-11-29", 250_000.0, withdraw(10_000.0))
        )
        story.on("2008-12-18", 180_000.0, withdraw(10_000.0))
        assert story.state.highest == pytest.approx(238_957.75, abs=CENT)
        assert story.state.guarantee_0 == pytest.approx(227_464.79, abs=CENT)


class TestDvTahd5:
    """DV-TAHD-5: a guarantee of 227,464.79 matures at an Account Value of 215,000."""

    @staticmethod
    @cache
    def story() -> Ladder:
        return second_example().leap("2018-10-12", 215_000.0).on("2018-10-13", 215_000.0)

    def test_amount_added(self) -> None:
        assert self.story().past[-1].added == pytest.approx(12_464.79, abs=1e-9)

    def test_account_value(self) -> None:
        assert self.story().total == pytest.approx(227_464.79, abs=1e-6)

    def test_the_guarantee_is_gone_and_its_place_taken(self) -> None:
        assert self.story().maturity_dates()[-1] == "2028-10-13"
        assert 2018 not in self.story().outstanding()

    def test_nothing_is_added_where_the_account_value_is_as_high(self) -> None:
        story = second_example().leap("2018-10-12", 215_000.0).on("2018-10-13", 227_464.80)
        assert story.past[-1].added == 0.0

    def test_nothing_is_added_on_the_day_before(self) -> None:
        assert self.story().at("2018-10-12").added == 0.0


class TestBeforeTheElection:
    def test_nothing_is_there(self) -> None:
        story = Ladder("2009-01-01", elected=False).on("2010-01-01", 150_000.0, pay(1_000.0), withdraw(500.0))
        assert all(past.state.stage == tahd.NONE for past in story.past)
        assert set(tahd.guarantees(story.state)) == {0.0}
        assert story.state.highest == 0.0

    @pytest.mark.parametrize("birth, expected", [("1924-01-01", False), ("1924-01-02", True)])
    def test_oldest_age(self, birth: str, expected: bool) -> None:
        """EL-1: 84 or younger on the date of election (prospectus 3781-3783)."""
        story = Ladder("2009-01-01", birth=birth)
        assert (story.state.stage == tahd.IN_FORCE) is expected

    def test_the_oldest_of_owner_and_annuitant_decides(self) -> None:
        life = Ladder("2009-01-01").life
        old, today = number("1920-01-01"), number("2009-01-01")
        assert tahd.may_elect(TERMS, life, today)
        assert not tahd.may_elect(TERMS, life._replace(owner_birth=old), today)
        assert not tahd.may_elect(TERMS, life._replace(annuitant_birth=old), today)

    def test_no_fixed_allocation(self) -> None:
        """LB-INV-2 (prospectus 3802-3809)."""
        assert tahd.is_permitted(0.0)
        assert not tahd.is_permitted(0.01)


class TestEffectiveDate:
    @staticmethod
    @cache
    def story() -> Ladder:
        story = Ladder("2008-03-05", elected=False).on("2009-01-07", 80_000.0)
        return story.on("2009-01-08", 90_000.0, pay(10_000.0), ELECT)

    def test_after_issue_the_account_value_of_that_day_is_the_guarantee(self) -> None:
        assert self.story().outstanding() == {2019: 100_000.0}
        assert self.story().maturity_dates() == ["2019-01-08"]
        assert self.story().state.highest == 100_000.0

    def test_corridor(self) -> None:
        assert (self.story().state.corridor, self.story().state.remaining) == (5_000.0, 5_000.0)

    def test_at_issue(self) -> None:
        assert Ladder("2009-01-08").state == self.story().state

    @pytest.mark.parametrize("rate, moves", [(0.0163, True), (0.0165, False)])
    def test_the_formula_runs_on_that_day(self, rate: float, moves: bool) -> None:
        """ATF-19: with nothing in bonds r = (1 + d)^-10, above 85% only below about 1.64%."""
        story = Ladder("2009-01-08", terms=TERMS, discounting=flat(rate))
        assert bool(story.bond > 0.0) is moves
        assert story.state.bond_year == (2019.0 if moves else 0.0)


class TestLadder:
    """TAHD-7 to TAHD-9 (prospectus 3557-3589) over thirteen benefit years, the 29th of February as effective date."""

    @staticmethod
    @cache
    def story() -> Ladder:
        story = Ladder("2008-02-29", terms=TERMS, discounting=flat(0.05))
        for year in range(2009, 2022):
            story.leap(f"{year}-02-27").leap(f"{year}-02-28", 100_000.0 + 1_000.0 * (year - 2008)).leap(f"{year}-03-01")
        return story

    def test_ten_guarantees_at_most(self) -> None:
        assert len(self.story().outstanding()) == 10
        assert self.story().at("2017-02-28").state.guarantee_9 == pytest.approx(109_000.0)
        assert self.story().at("2018-02-27").state.guarantee_0 == pytest.approx(100_000.0)
        assert self.story().at("2018-02-28").state.guarantee_0 == pytest.approx(110_000.0)

    def test_maturity_dates_count_from_the_effective_date(self) -> None:
        dates = self.story().maturity_dates()
        assert dates[:2] == ["2022-02-28", "2023-02-28"]
        assert "2024-02-29" in dates
        assert dates[-1] == "2031-02-28"

    def test_amounts(self) -> None:
        expected = {year: 100_000.0 + 1_000.0 * (year - 2018) for year in range(2022, 2032)}
        assert self.story().outstanding() == pytest.approx(expected)


class TestClosedDays:
    """C-2, TAHD-7 and TAHD-9 (prospectus 3579-3581): an anniversary or maturity date on a closed day."""

    def test_a_maturing_guarantee_is_settled_on_the_next_valuation_day(self) -> None:
        story = Ladder("2009-01-01").leap("2018-12-31", 95_000.0).leap("2019-01-02", 90_000.0)
        assert story.past[-1].added == pytest.approx(10_000.0, abs=1e-9)
        assert story.at("2018-12-31").added == 0.0

    def test_the_dates_of_a_new_one_count_from_the_anniversary(self) -> None:
        story = Ladder("2009-01-01").leap("2009-12-31").leap("2010-01-04")
        assert story.maturity_dates() == ["2019-01-01", "2020-01-01"]

    def test_that_days_payments_and_withdrawals_apply_to_it(self) -> None:
        story = Ladder("2009-01-01").leap("2009-12-31").leap("2010-01-04", 105_000.0, pay(1_000.0), withdraw(500.0))
        assert story.outstanding() == {2019: 100_500.0, 2020: 100_500.0}
        assert story.state.highest == 105_500.0


class TestMaturity:
    """TAHD-9 and TAHD-10 (prospectus 3576-3589): what happens to the AST bond Sub-accounts."""

    @staticmethod
    def story(bond_year: float, bond: float = 30_000.0) -> Ladder:
        story = Ladder("2009-01-01").leap("2018-12-31", 90_000.0)
        story.permitted, story.bond = story.permitted - bond, bond
        return story.with_state(bond_year=bond_year)

    def test_its_own_sub_account_is_emptied(self) -> None:
        story = self.story(2019.0).on("2019-01-01")
        assert (story.bond, story.state.bond_year) == (0.0, 0.0)
        assert story.past[-1].released == pytest.approx(30_000.0, abs=1e-9)
        assert story.past[-1].added == pytest.approx(10_000.0, abs=1e-9)
        assert story.permitted == pytest.approx(100_000.0, abs=1e-9)

    def test_it_is_emptied_even_if_nothing_is_added(self) -> None:
        story = self.story(2019.0).on("2019-01-01", 140_000.0)
        assert (story.past[-1].added, story.bond) == (0.0, 0.0)

    def test_another_sub_account_is_left_and_gets_nothing(self) -> None:
        story = self.story(2023.0).on("2019-01-01")
        assert (story.bond, story.state.bond_year) == (30_000.0, 2023.0)
        assert story.permitted == pytest.approx(70_000.0, abs=1e-9)

    @pytest.mark.parametrize("bond_year, left", [(2019.0, 0.0), (2023.0, 2023.0), (0.0, 0.0)])
    def test_the_current_sub_account_afterwards(self, bond_year: float, left: float) -> None:
        story = self.story(bond_year)
        assert tahd.mature(story.state, story.facts(number("2019-01-01"))).bond_year == left

    def test_everything_in_the_bond_sub_account(self) -> None:
        story = self.story(2019.0, 90_000.0).on("2019-01-01")
        assert (story.permitted, story.bond) == (pytest.approx(100_000.0, abs=1e-9), 0.0)


class TestEnds:
    """TAHD-11 to TAHD-13 (prospectus 3785-3797)."""

    @staticmethod
    def story() -> Ladder:
        story = Ladder("2009-01-01").leap("2012-05-01", 120_000.0)
        story.permitted, story.bond = 70_000.0, 50_000.0
        return story.with_state(bond_year=2019.0)

    @pytest.mark.parametrize("act", [CANCEL, DIE])
    def test_bonds_are_released_and_nothing_is_left(self, act: Act) -> None:
        story = self.story().on("2012-05-02", None, act)
        assert (story.permitted, story.bond) == (120_000.0, 0.0)
        assert story.state == tahd.NEW_ACCUMULATION._replace(
            stage=float(tahd.ENDED), effective=float(number("2009-01-01")), ended=float(number("2012-05-02"))
        )
        assert story.leap("2019-01-01", 10_000.0).past[-1].added == 0.0

    def test_payments_and_withdrawals_afterwards_change_nothing(self) -> None:
        ended = self.story().on("2012-05-02", None, CANCEL)
        before = ended.state
        assert ended.on("2013-01-01", None, pay(5_000.0), withdraw(500.0)).state == before

    def test_a_spouse_who_continues_keeps_everything(self) -> None:
        story = self.story()
        before = story.state
        story.on("2012-05-02", None, Act("continue", 40_000.0))
        assert story.state == before
        assert story.on("2012-05-03").state == before._replace(highest=160_000.0)

    @pytest.mark.parametrize(
        "owner, annuitant, entity, continued, ends",
        [
            (True, False, False, False, True),
            (False, True, False, False, False),
            (False, True, True, False, True),
            (True, False, False, True, False),
        ],
    )
    def test_whose_death(self, owner: bool, annuitant: bool, entity: bool, continued: bool, ends: bool) -> None:
        assert tahd.ends_at_death(owner, annuitant, entity, continued) is ends

    def test_again_only_on_an_annuity_anniversary(self) -> None:
        """EL-1 (prospectus 3527-3531): on any other day the election is refused."""
        story = self.story().on("2012-05-02", None, CANCEL).on("2012-05-03", None, ELECT)
        assert story.state.stage == tahd.ENDED
        story.on("2013-01-01", 75_000.0, ELECT)
        assert story.state.stage == tahd.IN_FORCE
        assert story.outstanding() == {2023: 75_000.0}
        assert (story.state.highest, story.state.corridor) == (75_000.0, 3_750.0)

    def test_an_annuity_anniversary_on_a_closed_day(self) -> None:
        story = self.story().on("2012-05-02", None, CANCEL).leap("2012-12-31").leap("2013-01-02", 75_000.0, ELECT)
        assert story.maturity_dates() == ["2023-01-02"]

    def test_an_account_value_of_zero_ends_it_without_a_payment(self) -> None:
        story = self.story().on("2012-05-02", None, withdraw(120_000.0))
        assert (story.total, story.state.stage) == (0.0, tahd.ENDED)
        assert story.leap("2019-01-01").past[-1].added == 0.0


class TestLatestAnnuityDate:
    """TAHD-12 (prospectus 3791-3793): the end on the benefit anniversary before the latest Annuity Date."""

    @staticmethod
    @cache
    def story() -> Ladder:
        """The 16th benefit anniversary, 1 January 2025, precedes the latest Annuity Date of 1 February 2025."""
        story = Ladder("2009-01-01", annuity_date="2025-02-01")
        for year in range(2010, 2026):
            story.leap(f"{year - 1}-12-31", 95_000.0).leap(f"{year}-01-01", 95_000.0)
        return story

    def test_the_last_guarantee_matures_on_the_termination_date(self) -> None:
        assert self.story().at("2024-12-31").state.stage == tahd.IN_FORCE
        assert self.story().at("2015-01-01").state.guarantee_6 > 0.0
        assert self.story().at("2016-01-01").state.guarantee_7 == 0.0

    def test_what_matures_on_it_is_settled_first(self) -> None:
        last = self.story().at("2025-01-01")
        assert last.added == pytest.approx(5_000.0, abs=1e-9)
        assert last.state.stage == tahd.ENDED

    def test_an_anniversary_on_the_annuity_date_does_not_precede_it(self) -> None:
        effective = number("2009-01-01")
        assert tahd.termination_date(effective, number("2025-01-01")) == number("2024-01-01")
        assert tahd.termination_date(effective, number("2025-02-01")) == number("2025-01-01")

    def test_bonds_are_released(self) -> None:
        story = Ladder("2009-01-01", annuity_date="2012-02-01").leap("2011-12-31")
        story.permitted, story.bond = 60_000.0, 40_000.0
        story.with_state(bond_year=2019.0).on("2012-01-01")
        assert (story.permitted, story.bond, story.state.stage) == (100_000.0, 0.0, tahd.ENDED)
