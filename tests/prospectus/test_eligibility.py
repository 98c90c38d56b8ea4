"""Who may elect which living or death benefit, and beside what: EL-1 to EL-10, ELE-1 to ELE-3, with the reason told."""

from itertools import product

import pytest

from tests.support.story import number
from valuation.clock import Day, day_of, months_after
from valuation.contract import Life
from valuation.death_benefit_choices import LIVING_BENEFITS, may_elect
from valuation.eligibility import (
    CUSTODIAL_ACCOUNT,
    GMIB,
    HD,
    HD7,
    NOT_AN_OWNER,
    OTHER,
    SECOND_NAMED,
    SHD7,
    SPOUSE,
    SPOUSES_EQUALLY,
    TAHD,
    TI,
    TIS,
    Designations,
    Elections,
    Holdings,
    Offer,
    age_refusal,
    daily_charge,
    death_benefit_refusal,
    designation_refusal,
    holding_refusal,
    known_designations,
    living_refusal,
    waiting_refusal,
)
from valuation.failures import Reason
from valuation.living import WAIT_DAYS
from valuation.optional_death_benefits import (
    COMBINATION,
    HIGHEST_DAILY,
    NEW_OPTIONAL_DEATH_BENEFIT,
    NONE,
    OptionalDeathBenefit,
)
from valuation.terms import load_terms
from valuation.terms.investments import load_election_terms

TERMS = load_election_terms()
ISSUE = number("2008-05-01")
LIVING = range(1, len(LIVING_BENEFITS))
LIFETIME = (TI, TIS, HD, HD7, SHD7)
COUPLE = Designations(spouses=1, beneficiary=SPOUSE)
MONEY = Holdings(100_000.0, 0.0, 0.0)
PLANS = (NONE, COMBINATION, HIGHEST_DAILY)


def aged(years: float, spouse: float = 0.0, owner: float = 0.0, today: int = ISSUE, series: int = 0) -> Life:
    """Persons of these ages today; the Owner is the Annuitant unless given."""
    annuitant = months_after(today, -round(12 * years))
    other = months_after(today, -round(12 * spouse)) if spouse else 0
    return Life(
        ISSUE, months_after(today, -round(12 * owner)) if owner else annuitant, annuitant, other, 40_000, series
    )


def when(day: str) -> Day:
    today = number(day)
    return day_of(ISSUE, today - 1, today)


def refusal(benefit: int, day: str = "2008-05-01", **changes: object) -> int:
    """Why a couple of 65 may not elect; whatever is named is otherwise."""
    found = {
        "offer": Offer(),
        "life": aged(65, spouse=65),
        "named": COUPLE,
        "past": Elections(),
        "held": MONEY,
        "waived": False,
    } | changes
    return int(
        living_refusal(
            TERMS,
            found["offer"],
            benefit,
            found["life"],
            found["named"],
            found["past"],
            found["held"],
            when(day),
            found["waived"],
        )
    )


def optional(plan: int = NONE) -> OptionalDeathBenefit:
    return NEW_OPTIONAL_DEATH_BENEFIT._replace(plan=float(plan), start=float(ISSUE))


class TestAges:
    """EL-1 to EL-7, one day before and on the birthday."""

    @pytest.mark.parametrize("benefit, years", [(TI, 45), (HD, 55), (HD7, 55)])
    def test_annuitant(self, benefit: int, years: int) -> None:
        old = aged(years)
        young = old._replace(owner_birth=old.owner_birth + 1, annuitant_birth=old.annuitant_birth + 1)
        assert age_refusal(TERMS, benefit, old, ISSUE) == 0
        expected = Reason.ELECTION_AGE_HD7 if benefit == HD7 else Reason.ELECTION_AGE
        assert age_refusal(TERMS, benefit, young, ISSUE) == expected

    @pytest.mark.parametrize("benefit, years", [(TIS, 55), (SHD7, 59.5)])
    def test_both_lives(self, benefit: int, years: float) -> None:
        both = aged(years, spouse=years)
        assert age_refusal(TERMS, benefit, both, ISSUE) == 0
        expected = Reason.ELECTION_AGE_SHD7 if benefit == SHD7 else Reason.ELECTION_AGE
        for young in (
            both._replace(annuitant_birth=both.annuitant_birth + 1),
            both._replace(spouse_birth=both.spouse_birth + 1),
        ):
            assert age_refusal(TERMS, benefit, young, ISSUE) == expected

    @pytest.mark.parametrize("benefit, years", [(TAHD, 84), (GMIB, 75)])
    def test_too_old(self, benefit: int, years: int) -> None:
        last = aged(years + 1)
        last = last._replace(owner_birth=last.owner_birth + 1, annuitant_birth=last.annuitant_birth + 1)
        assert age_refusal(TERMS, benefit, last, ISSUE) == 0
        assert age_refusal(TERMS, benefit, aged(years + 1), ISSUE) == Reason.ELECTION_AGE

    def test_whose_age(self) -> None:
        """TrueAccumulation asks for the oldest of Owner and Annuitant, GMIB for the Annuitant."""
        life = aged(60, owner=85)
        assert age_refusal(TERMS, TAHD, life, ISSUE) == Reason.ELECTION_AGE
        assert age_refusal(TERMS, GMIB, life, ISSUE) == 0
        assert age_refusal(TERMS, TAHD, aged(85, owner=60), ISSUE) == Reason.ELECTION_AGE


class TestDesignations:
    """EL-3 to EL-7 (prospectus 4202-4204, 4904-4921, 5351-5355, 6000-6004, 6665-6686)."""

    @pytest.mark.parametrize("benefit", [TI, HD, HD7])
    @pytest.mark.parametrize(
        "named, reason",
        [
            (Designations(), 0),
            (Designations(owners=0, annuitant_is=NOT_AN_OWNER), 0),
            (Designations(owners=0, annuitants=2, annuitant_is=NOT_AN_OWNER), Reason.OWNER_NOT_ANNUITANT),
            (Designations(annuitant_is=NOT_AN_OWNER), Reason.OWNER_NOT_ANNUITANT),
            (Designations(owners=2), Reason.OWNER_NOT_ANNUITANT),
        ],
    )
    def test_one_life(self, benefit: int, named: Designations, reason: int) -> None:
        assert designation_refusal(benefit, aged(65), named) == reason

    CUSTODIAN = Designations(0, 1, NOT_AN_OWNER, 1, CUSTODIAL_ACCOUNT, 1, 1)

    @pytest.mark.parametrize(
        "named, earlier, later",
        [
            (COUPLE, True, True),
            (COUPLE._replace(beneficiary=OTHER), False, False),
            (COUPLE._replace(beneficiary=SPOUSES_EQUALLY), False, False),
            (COUPLE._replace(spouses=0), False, False),
            (COUPLE._replace(owners=2), True, True),
            (COUPLE._replace(owners=2, annuitant_is=SECOND_NAMED), False, True),
            (COUPLE._replace(owners=2, annuitant_is=NOT_AN_OWNER), False, False),
            (COUPLE._replace(owners=2, beneficiary=SPOUSES_EQUALLY), False, True),
            (COUPLE._replace(owners=0, annuitant_is=NOT_AN_OWNER), False, False),
            (CUSTODIAN, False, True),
            (CUSTODIAN._replace(contingent_spouse=0), False, False),
            (CUSTODIAN._replace(beneficiary=SPOUSE), False, False),
            (CUSTODIAN._replace(custodial=0), False, False),
        ],
    )
    def test_two_lives(self, named: Designations, earlier: bool, later: bool) -> None:
        life = aged(65, spouse=65)
        for benefit, allowed in ((TIS, earlier), (SHD7, later)):
            expected = 0 if allowed else Reason.DESIGNATIONS_NOT_MET
            assert designation_refusal(benefit, life, named) == expected

    @pytest.mark.parametrize("benefit", [TIS, SHD7])
    def test_no_second_life(self, benefit: int) -> None:
        assert designation_refusal(benefit, aged(65), COUPLE) == Reason.NO_SPOUSE

    @pytest.mark.parametrize("benefit", LIFETIME)
    @pytest.mark.parametrize(
        "changes, one, two",
        [
            ({}, 0, 0),
            ({"spouse_birth": 0}, 0, Reason.NO_SPOUSE),
            ({"owner_birth": 1}, Reason.OWNER_NOT_ANNUITANT, Reason.OWNER_NOT_ANNUITANT),
            ({"entity": 1}, 0, Reason.DESIGNATIONS_NOT_MET),
            ({"entity": 1, "qualified": 1}, 0, 0),
        ],
    )
    def test_what_the_persons_tell(self, benefit: int, changes: dict[str, int], one: int, two: int) -> None:
        life = aged(65, spouse=65)._replace(**changes)
        expected = two if benefit in (TIS, SHD7) else one
        if changes == {"entity": 1, "qualified": 1} and benefit == TIS:
            expected = Reason.DESIGNATIONS_NOT_MET
        assert designation_refusal(benefit, life, known_designations(life)) == expected

    @pytest.mark.parametrize("benefit", [TAHD, GMIB])
    def test_any(self, benefit: int) -> None:
        assert designation_refusal(benefit, aged(65), Designations(2, 2, NOT_AN_OWNER)) == 0


class TestExclusions:
    """EL-8, EL-9, ELE-1, D-ELE-1."""

    @pytest.mark.parametrize("benefit", LIVING)
    def test_one_living_benefit_at_a_time(self, benefit: int) -> None:
        for other in LIVING:
            assert refusal(benefit, past=Elections(living=other)) == Reason.BENEFIT_IN_FORCE
        assert refusal(benefit) == 0

    def test_d_ele_1_seventeen_pairs(self) -> None:
        beside = [(0, plan) for plan in PLANS]
        beside += [(b, p) for b, p in product(LIVING, PLANS) if refusal(b, past=Elections(death=p)) == 0]
        assert len(beside) == 17
        assert [p for b, p in beside if b in (TIS, SHD7)] == [NONE, NONE]
        assert {b for b, p in beside if p == HIGHEST_DAILY} == {0, GMIB, TI}

    @pytest.mark.parametrize("benefit, plan", list(product(range(8), (COMBINATION, HIGHEST_DAILY))))
    def test_the_pairs_do_not_depend_on_which_came_first(self, benefit: int, plan: int) -> None:
        first = benefit == 0 or refusal(benefit, past=Elections(death=plan)) == 0
        second = death_benefit_refusal(
            TERMS, Offer(), plan, optional(), aged(65), Elections(living=benefit), MONEY, when("2008-05-01")
        )
        assert second == (0 if first else Reason.DEATH_BENEFIT_EXCLUDED)

    @pytest.mark.parametrize(
        "series, totals",
        [
            (0, [1.15, 1.5, 1.65, 1.75, 1.9, 2.0, 2.25]),
            (1, [1.5, 1.85, 2.0, 2.1, 2.25, 2.35, 2.6]),
            (2, [1.55, 1.9, 2.05, 2.15, 2.3, 2.4, 2.65]),
        ],
    )
    def test_d_ele_1_charge_classes(self, series: int, totals: list[float]) -> None:
        charges = load_terms(True).charges
        found = {
            round(100.0 * daily_charge(TERMS, charges, series, b, p), 6)
            for b, p in product(range(8), PLANS)
            if b == 0 or refusal(b, past=Elections(death=p)) == 0
        }
        assert sorted(found) == pytest.approx(totals, abs=1e-9)


class TestTime:
    """EL-1, EL-2, EL-10 (prospectus 3527-3531, 4148-4151, 4597-4601, 5368-5372, 6017-6034, 6701-6711)."""

    def test_gmib_on_the_issue_date_only(self) -> None:
        assert refusal(GMIB) == 0
        assert refusal(GMIB, "2009-05-01") == Reason.ELECTION_AT_ISSUE

    @pytest.mark.parametrize("benefit", LIFETIME)
    @pytest.mark.parametrize(
        "ended, day, allowed",
        [
            ("2009-01-31", "2009-05-01", True),
            ("2009-02-01", "2009-05-01", False),
            ("2009-02-01", "2010-05-01", True),
            ("2008-06-02", "2009-04-30", False),
            ("2008-06-02", "2009-05-02", False),
        ],
    )
    def test_an_anniversary_ninety_days_later(self, benefit: int, ended: str, day: str, allowed: bool) -> None:
        past = Elections(lifetime_ended=number(ended))
        assert refusal(benefit, day, past=past) == (0 if allowed else Reason.REELECTION_TOO_EARLY)
        assert refusal(benefit, day, past=past, waived=True) == 0

    def test_an_anniversary_on_a_closed_day_counts_by_its_own_date(self) -> None:
        """1 May 2010 is a Saturday, processed on Monday: 90 days before it is 31 January, not 2 February."""
        monday = day_of(ISSUE, number("2010-04-30"), number("2010-05-03"))
        for ended, reason in (("2010-01-31", 0), ("2010-02-01", Reason.REELECTION_TOO_EARLY)):
            past = Elections(lifetime_ended=number(ended))
            assert waiting_refusal(TERMS, HD7, past, monday, False) == reason

    @pytest.mark.parametrize("waived", [False, True])
    def test_highest_daily_never_again(self, waived: bool) -> None:
        past = Elections(lifetime_ended=number("2008-06-02"), highest_daily_before=1)
        assert refusal(HD, "2010-05-01", past=past, waived=waived) == Reason.NO_SECOND_ELECTION
        for other in (TI, TIS, HD7, SHD7):
            assert refusal(other, "2010-05-01", past=past) == 0

    def test_true_accumulation_again_on_any_anniversary(self) -> None:
        past = Elections(accumulation_before=1)
        assert refusal(TAHD, "2009-04-30", past=past) == Reason.ELECTION_ON_ANNIVERSARY
        assert refusal(TAHD, "2009-05-01", past=past) == 0
        assert refusal(HD7, "2009-04-30", past=past) == 0

    def test_true_accumulation_does_not_wait_for_a_lifetime_benefit(self) -> None:
        assert refusal(TAHD, "2009-04-30", past=Elections(lifetime_ended=number("2009-04-29"))) == 0

    def test_both_drivers_wait_as_long(self) -> None:
        assert TERMS.eligibility.wait_days == WAIT_DAYS


class TestMoney:
    """LB-INV-1 to LB-INV-3, INV-2, INV-3, A-INV-3."""

    @pytest.mark.parametrize("benefit", LIVING)
    def test_other_sub_accounts(self, benefit: int) -> None:
        found = refusal(benefit, held=Holdings(99_000.0, 1_000.0, 0.0))
        assert found == (Reason.NOT_ALL_PERMITTED if benefit in LIFETIME else 0)

    @pytest.mark.parametrize("benefit", LIVING)
    def test_fixed_rate_options(self, benefit: int) -> None:
        found = refusal(benefit, held=Holdings(99_000.0, 0.0, 1_000.0))
        assert found == (0 if benefit == GMIB else Reason.FIXED_RATE_HELD)

    def test_with_the_highest_daily_value_death_benefit(self) -> None:
        for living in (0, GMIB, TI):
            found = holding_refusal(TERMS, living, HIGHEST_DAILY, Holdings(1.0, 1.0, 0.0))
            assert found == Reason.NOT_ALL_PERMITTED
            found = holding_refusal(TERMS, living, HIGHEST_DAILY, Holdings(1.0, 0.0, 1.0))
            assert found == Reason.FIXED_RATE_HELD
        assert holding_refusal(TERMS, GMIB, COMBINATION, Holdings(1.0, 1.0, 1.0)) == 0

    def test_half_a_cent_is_nothing(self) -> None:
        assert holding_refusal(TERMS, HD7, NONE, Holdings(100.0, 0.0049, 0.0049)) == 0

    def test_nothing_to_guarantee(self) -> None:
        assert holding_refusal(TERMS, HD7, NONE, Holdings(0.0, 0.0, 0.0)) == Reason.NO_VALUE_TO_GUARANTEE


class TestFirmsAndStates:
    """ELE-3 (prospectus 112-123)."""

    def test_not_offered(self) -> None:
        offer = Offer(living=tuple(float(k != HD7) for k in range(8)))
        assert refusal(HD7, offer=offer) == Reason.NOT_OFFERED
        assert refusal(HD, offer=offer) == 0

    @pytest.mark.parametrize("oldest, reason", [(64.0, Reason.NOT_OFFERED), (65.0, 0)])
    def test_a_lower_age(self, oldest: float, reason: int) -> None:
        offer = Offer(oldest=(oldest,) * 8, oldest_death=(oldest,) * 4)
        assert refusal(TAHD, offer=offer) == reason
        found = death_benefit_refusal(
            TERMS, offer, COMBINATION, optional(), aged(65), Elections(), MONEY, when("2008-05-01")
        )
        assert found == reason


class TestOptionalDeathBenefits:
    """ELE-1, ELE-2, DB-4."""

    @pytest.mark.parametrize("series", range(3))
    @pytest.mark.parametrize("plan", [COMBINATION, HIGHEST_DAILY])
    def test_the_reason_agrees_with_the_rule(self, series: int, plan: int) -> None:
        days = ("2008-05-01", "2008-05-02", "2012-05-01", "2013-05-01", "2018-05-01", "2019-05-01")
        outcomes = set()
        for living, age, before, day in product((0, GMIB, HD7, SHD7), (60, 80), range(4), days):
            life, today, past = aged(age, series=series), when(day), Elections(living=living)
            found = death_benefit_refusal(TERMS, Offer(), plan, optional(before), life, past, MONEY, today)
            allowed = may_elect(optional(before), plan, TERMS.death, life, living, today)
            assert (found == 0) == bool(allowed), (living, age, before, day)
            outcomes.add(found == 0)
        assert outcomes == {True, False}

    @pytest.mark.parametrize(
        "plan, series, day, reason",
        [
            (COMBINATION, 1, "2012-05-01", Reason.DEATH_BENEFIT_TIME),
            (COMBINATION, 1, "2013-05-01", 0),
            (COMBINATION, 1, "2018-05-01", 0),
            (COMBINATION, 1, "2019-05-01", Reason.DEATH_BENEFIT_TIME),
            (COMBINATION, 0, "2013-05-01", Reason.DEATH_BENEFIT_TIME),
            (HIGHEST_DAILY, 1, "2013-05-01", Reason.DEATH_BENEFIT_TIME),
        ],
    )
    def test_the_l_series_may_choose_later(self, plan: int, series: int, day: str, reason: int) -> None:
        life = aged(60, series=series)
        assert death_benefit_refusal(TERMS, Offer(), plan, optional(), life, Elections(), MONEY, when(day)) == reason

    def test_reasons(self) -> None:
        day, life = when("2008-05-01"), aged(80)
        old = death_benefit_refusal(TERMS, Offer(), COMBINATION, optional(), life, Elections(), MONEY, day)
        other = optional(HIGHEST_DAILY)
        two = death_benefit_refusal(TERMS, Offer(), COMBINATION, other, aged(60), Elections(), MONEY, day)
        offer = Offer(death=(1.0, 0.0, 1.0, 1.0))
        none = death_benefit_refusal(TERMS, offer, COMBINATION, optional(), aged(60), Elections(), MONEY, day)
        held = Holdings(1.0, 1.0, 0.0)
        where = death_benefit_refusal(TERMS, Offer(), HIGHEST_DAILY, optional(), aged(60), Elections(), held, day)
        assert [old, two, none, where] == [
            Reason.DEATH_BENEFIT_AGE,
            Reason.DEATH_BENEFIT_IN_FORCE,
            Reason.NOT_OFFERED,
            Reason.NOT_ALL_PERMITTED,
        ]


class TestLifeStages:
    """Issue day, later, after an end, at an age too high, with nothing left."""

    def test_issue_day_and_later(self) -> None:
        assert [refusal(b) for b in LIVING] == [0] * 7
        assert [refusal(b, "2008-11-17") for b in LIVING if b != GMIB] == [0] * 6

    def test_a_benefit_that_follows_another(self) -> None:
        """Highest Daily ended on 3 March 2009: Highest Daily 7 on 1 May 2010, TrueAccumulation at once."""
        past = Elections(lifetime_ended=number("2009-03-03"), highest_daily_before=1)
        days = ("2009-03-04", "2009-05-01", "2010-04-30", "2010-05-01")
        early = Reason.REELECTION_TOO_EARLY
        assert [refusal(HD7, day, past=past) for day in days] == [early, early, early, 0]
        assert [refusal(TAHD, day, past=past) for day in days] == [0] * 4

    def test_with_no_account_value(self) -> None:
        assert {refusal(b, held=Holdings(0.0, 0.0, 0.0)) for b in LIVING} == {Reason.NO_VALUE_TO_GUARANTEE}
