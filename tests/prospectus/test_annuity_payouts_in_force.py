"""Annuity options through the daily valuation: payments on their dates, deaths, refusals, the annuities of the benefits."""

from datetime import date

import pytest

from tests.support.block_story import request, withdraw
from tests.support.settled_story import SettledStory
from valuation.annuity_rates import life_rate, load_rate_bases

CENT = 0.005
DATES = ["2011-07-01", "2011-10-03", "2012-01-03", "2012-04-02"]


def annuitise(**given: object) -> tuple[str, dict[str, object]]:
    return request("ANNUITIZATION", **given)


def fixed(years: int = 10, frequency: str = "QUARTERLY", **story: str) -> SettledStory:
    number = years * {"QUARTERLY": 4, "ANNUAL": 1}[frequency]
    asked = annuitise(option="FIXED_PERIOD", number_of_payments=number, frequency=frequency)
    return SettledStory(birth="1948-01-15", **story).on("2011-07-01", 100_000.0, asked)


def for_life(**given: object) -> SettledStory:
    return SettledStory(birth="1948-01-15").on("2011-07-01", 100_000.0, annuitise(**given))


class TestOption1:
    """ANN-5 (prospectus 3374-3384)."""

    PAYMENT = 100_000.0 / sum(1.04 ** (-k / 4.0) for k in range(40))

    def test_payments_on_their_dates(self) -> None:
        story = fixed().on("2012-05-01")
        assert story.paid("ANNUITY_PAYMENT") == [(day, pytest.approx(self.PAYMENT, abs=CENT)) for day in DATES]
        assert (story.row["status"], story.row["settlement"]) == ("ANNUITY", "FIXED_PERIOD")
        assert story.row["account_value"] == story.row["death_benefit"] == story.row["surrender_value"] == 0.0
        story.same_in_one_run()

    def test_pitfall_the_first_payment_is_made_at_once(self) -> None:
        """In arrears a payment would be 1% larger."""
        in_arrears = 100_000.0 / sum(1.04 ** (-k / 4.0) for k in range(1, 41))
        assert fixed().paid("ANNUITY_PAYMENT")[0][1] == pytest.approx(in_arrears / 1.04**0.25, abs=2 * CENT)

    def test_what_is_due_on_a_closed_day_stays_in_its_year(self) -> None:
        """TXN-5 (prospectus 7561-7572): 31 December 2011 is a Saturday, 29 January 2012 a Sunday."""
        asked = annuitise(option="FIXED_PERIOD", number_of_payments=120)
        story = SettledStory(birth="1948-01-15").on("2011-08-31", 100_000.0, asked).on("2012-03-01")
        days = [day for day, _ in story.paid("ANNUITY_PAYMENT")]
        assert days == [
            "2011-08-31",
            "2011-09-30",
            "2011-10-31",
            "2011-11-30",
            "2011-12-30",
            "2012-01-31",
            "2012-02-29",
        ]

    def test_the_last_payment_ends_it(self) -> None:
        story = fixed(5, "ANNUAL").on("2015-07-01")
        assert len(story.paid("ANNUITY_PAYMENT")) == 5
        assert (story.row["status"], story.row["settlement"], story.row["payments_value"]) == ("ANNUITISED", None, None)
        story.on("2016-07-05", None, withdraw(100.0))
        assert story.reasons == [801]
        assert len(story.paid("ANNUITY_PAYMENT")) == 5
        story.same_in_one_run()

    def test_value_of_what_follows(self) -> None:
        """39 payments, the first in three months, at the interest of the rate."""
        worth = sum(self.PAYMENT * 1.04 ** (-k / 4.0) for k in range(1, 40))
        assert fixed().row["payments_value"] == pytest.approx(worth, rel=1e-3)

    def test_death_and_the_beneficiary_waits_or_is_paid_at_once(self) -> None:
        died = {"event_date": date(2012, 4, 20)}
        waits = fixed().on("2012-05-01", None, request("DEATH", **died)).on("2012-07-02")
        assert len(waits.paid("ANNUITY_PAYMENT")) == 5
        at_once = fixed().on("2012-05-01", None, request("DEATH", option="LUMP_SUM", **died))
        last = at_once.paid("ANNUITY_PAYMENT")[-1]
        months = 3 * (date(2012, 7, 1) - date(2012, 5, 1)).days / (date(2012, 7, 1) - date(2012, 4, 1)).days
        worth = sum(round(self.PAYMENT, 2) * 1.04 ** (-(months + 3 * k) / 12.0) for k in range(36))
        assert last == ("2012-05-01", pytest.approx(worth, abs=2 * CENT))
        assert at_once.row["status"] == "ANNUITISED"
        for story in (waits, at_once):
            story.same_in_one_run()

    @pytest.mark.parametrize("years", [0, 26])
    def test_too_long_or_none(self, years: int) -> None:
        assert fixed(years).reasons == [550]

    def test_not_beyond_life_expectancy(self) -> None:
        """At 73 it is between 14 and 19 years."""
        for years, reasons in ((14, []), (19, [550])):
            asked = annuitise(option="FIXED_PERIOD", number_of_payments=12 * years)
            story = SettledStory(birth="1938-01-15").on("2011-07-01", 100_000.0, asked)
            assert story.reasons == reasons
            assert story.row["status"] == ("ACTIVE" if reasons else "ANNUITY")


class TestOption2:
    """ANN-6 (prospectus 3386-3401)."""

    PAYMENT = 100_000.0 * max(
        life_rate(load_rate_bases()[name], "F", 63, 2011) for name in ("guaranteed", "current")
    )  # fmt: skip

    @pytest.mark.parametrize("given", [{}, {"option": "LIFE"}])
    def test_is_what_is_paid_without_a_choice(self, given: dict[str, object]) -> None:
        story = for_life(**given).on("2011-09-01")
        assert story.paid("ANNUITY_PAYMENT") == [
            (day, pytest.approx(self.PAYMENT, abs=CENT)) for day in ("2011-07-01", "2011-08-01", "2011-09-01")
        ]
        story.same_in_one_run()

    def test_death_within_ten_years(self) -> None:
        """The rest of the ten years at once, unless we were told that its payments go on."""
        story = for_life().on("2012-06-15", None, request("DEATH", event_date=date(2012, 6, 10)))
        months = (date(2012, 7, 1) - date(2012, 6, 15)).days / 30
        worth = sum(round(self.PAYMENT, 2) * 1.04 ** (-(months + k) / 12.0) for k in range(108))
        assert story.paid("ANNUITY_PAYMENT")[-1] == ("2012-06-15", pytest.approx(worth, abs=2 * CENT))
        assert story.row["status"] == "ANNUITISED"
        told = for_life().on("2012-06-15", None, request("DEATH", option="FIXED_PERIOD", event_date=date(2012, 6, 10)))
        told.on("2021-12-31")
        assert (len(told.paid("ANNUITY_PAYMENT")), told.row["status"]) == (120, "ANNUITISED")
        told.same_in_one_run()

    def test_after_ten_years_payments_end_with_the_life(self) -> None:
        story = for_life(frequency="ANNUAL").on("2023-07-03")
        assert len(story.paid("ANNUITY_PAYMENT")) == 13
        story.on("2024-08-01", None, request("DEATH", event_date=date(2024, 7, 20))).on("2026-07-06")
        assert (len(story.paid("ANNUITY_PAYMENT")), story.row["status"]) == (14, "ANNUITISED")

    def test_pitfall_a_death_before_the_notice_stops_what_was_due_after_it(self) -> None:
        """By the day of the notice alone, the payment of 1 July 2024 would be made to a dead life."""
        story = for_life(frequency="ANNUAL").on("2024-06-28")
        story.on("2024-07-01", None, request("DEATH", event_date=date(2024, 6, 29)))
        assert len(story.paid("ANNUITY_PAYMENT")) == 13

    def test_nothing_else_can_be_asked(self) -> None:
        """ANN-8 (prospectus 3167-3169, 3433-3438)."""
        story = for_life().on("2012-01-10", None, withdraw(1_000.0), request("SURRENDER"))
        assert story.reasons == [807, 807]

    def test_not_in_the_first_three_years(self) -> None:
        story = SettledStory(birth="1948-01-15").on("2011-06-30", None, annuitise())
        assert (story.reasons, story.row["status"]) == ([803], "ACTIVE")

    def test_where_the_law_prohibits_it_one_sum(self) -> None:
        story = for_life(option="LUMP_SUM")
        assert story.paid("ANNUITISATION") == [("2011-07-01", pytest.approx(100_000.0))]
        assert story.row["status"] == "ANNUITISED"


class TestOption3:
    """ANN-7 (prospectus 3403-3414)."""

    @staticmethod
    def held(frequency: str | None = None) -> SettledStory:
        asked = annuitise(option="INTEREST", frequency=frequency)
        return SettledStory(series="L", birth="1948-01-15").on("2013-07-01", 100_000.0, asked)

    def test_interest_accrues(self) -> None:
        story = self.held().on("2015-07-01")
        assert story.paid("ANNUITY_PAYMENT") == []
        assert story.row["payments_value"] == pytest.approx(100_000.0 * 1.04**2)
        story.on("2015-07-02", None, request("SURRENDER"))
        assert story.paid("ANNUITY_PAYMENT")[0][1] == pytest.approx(100_000.0 * 1.04 ** (2.0 + 1.0 / 365.0), abs=CENT)
        assert story.row["status"] == "ANNUITISED"
        story.same_in_one_run()

    def test_interest_is_paid_and_part_withdrawn(self) -> None:
        story = self.held("ANNUAL").on("2014-07-01").on("2014-07-02", None, withdraw(20_000.0)).on("2015-07-01")
        left = 100_000.0 * 1.04 ** (1.0 / 365.0) - 20_000.0
        assert [paid for _, paid in story.paid("ANNUITY_PAYMENT")] == pytest.approx(
            [4_000.0, 20_000.0, left * 1.04 ** (364.0 / 365.0) - left], abs=CENT
        )
        story.on("2015-07-02", None, withdraw(90_000.0))
        assert story.reasons == [602]
        story.same_in_one_run()

    def test_death_pays_what_is_held(self) -> None:
        story = self.held().on("2014-07-01", None, request("DEATH", event_date=date(2014, 6, 20)))
        assert story.paid("ANNUITY_PAYMENT") == [("2014-07-01", pytest.approx(104_000.0, abs=CENT))]

    def test_not_for_an_ira(self) -> None:
        story = SettledStory("IRA", series="L", birth="1948-01-15").on("2013-07-01", None, annuitise(option="INTEREST"))
        assert (story.reasons, story.row["status"]) == ([551], "ACTIVE")


class TestRestriction:
    """ANN-4 (prospectus 3421-3426): series B bears a charge in its fourth Annuity Year."""

    @pytest.mark.parametrize(
        "given, reasons",
        [
            ({"option": "FIXED_PERIOD", "number_of_payments": 48}, [552]),
            ({"option": "FIXED_PERIOD", "number_of_payments": 60}, []),
            ({"option": "INTEREST"}, [552]),
            ({"option": "FIVE_YEARS"}, [554]),
        ],
    )
    def test_while_a_charge_would_apply(self, given: dict[str, object], reasons: list[int]) -> None:
        assert for_life(**given).reasons == reasons

    def test_pitfall_the_charge_is_not_taken(self) -> None:
        """A-CDSC-5: a surrender would leave less than the 100,000 that are applied."""
        story = SettledStory(birth="1948-01-15").on("2011-06-30", 100_000.0)
        assert story.row["surrender_value"] <= 96_000.0
        assert fixed().results[-1].payments["gross"][0].as_py() == pytest.approx(100_000.0)


class TestLatestAnnuityDate:
    """ANN-2, ANN-6 (prospectus 3398-3401): 1 January 2015 after the 92nd birthday, a holiday."""

    @staticmethod
    def reached(plan: str | None = None, account: float = 100_000.0, spouse: str | None = None) -> SettledStory:
        """The income begins with a withdrawal in 2010."""
        story = SettledStory("IRA", plan, birth="1922-12-15", spouse_birth=spouse)
        if plan:
            story.on("2010-03-01", 100_000.0, withdraw(1_000.0))
        return story.on("2014-12-31", account).on("2015-01-02")

    def test_option_2(self) -> None:
        story = self.reached()
        rate = max(life_rate(load_rate_bases()[name], "F", 92, 2015) for name in ("guaranteed", "current"))
        assert story.paid("ANNUITY_PAYMENT") == [("2015-01-02", pytest.approx(100_000.0 * rate, abs=CENT))]
        story.on("2015-02-02")
        assert [day for day, _ in story.paid("ANNUITY_PAYMENT")] == ["2015-01-02", "2015-02-02"]

    @pytest.mark.parametrize(("plan", "years"), [("HD7", 10), ("HD", 10), ("TI", 5)])
    @pytest.mark.parametrize("account", [100_000.0, 500.0])
    def test_the_annuity_of_the_benefit(self, plan: str, years: int, account: float) -> None:
        """HD7-13, HD-14, TI-13: the greater of Account Value and present value of the income, with payments certain."""
        story = self.reached(plan, account)
        annual = story.results[-2].snapshot["annual_income_amount"][0].as_py()
        bases = [load_rate_bases()[name] for name in ("guaranteed", "current")]
        given = {"sex": "F", "age": 92, "calendar_year": 2015, "step": 12}
        pure, form = (max(life_rate(b, certain_months=m, **given) for b in bases) for m in (0, 12 * years))
        applied = story.results[-1].payments["gross"][0].as_py()  # after a fee of the day, where one is due
        due = max(annual / pure, applied) * form
        assert story.paid("ANNUITY_PAYMENT") == [("2015-01-02", pytest.approx(due, abs=0.01))]
        assert (story.row["status"], story.row["benefit_stage"]) == ("ANNUITY", "ENDED")
        assert story.settlement["certain"] == years
        if account < 1_000.0:
            assert due > account  # pitfall: the Account Value alone would pay less than a tenth of it
        story.same_in_one_run()

    def test_two_lives_of_the_spousal_highest_daily_7(self) -> None:
        """SHD7-5: ten payments certain."""
        story = self.reached("SHD7", spouse="1925-06-30")
        assert (story.row["settlement"], story.settlement["certain"], story.settlement["share"]) == ("JOINT", 10.0, 1.0)
        assert story.settlement["payment"] < self.reached("HD7").settlement["payment"]

    def test_two_lives(self) -> None:
        """TIS-7: joint and survivor; the first death changes nothing."""
        story = self.reached("TIS", spouse="1925-06-30")
        paid = story.paid("ANNUITY_PAYMENT")[0][1]
        story.on("2016-01-15", None, request("DEATH", event_date=date(2016, 1, 5))).on("2017-01-03")
        assert [amount for _, amount in story.paid("ANNUITY_PAYMENT")] == [paid] * 3
        assert story.row["settlement"] == "JOINT"
        story.on("2017-02-01", None, request("DEATH", event_date=date(2017, 1, 20))).on("2021-01-05")
        assert (len(story.paid("ANNUITY_PAYMENT")), story.row["status"]) == (5, "ANNUITISED")


class TestWithdrawalAmount:
    """TI-13 (prospectus 4536-4544): amounts 6,000 and 8,400 of a Protected Withdrawal Value of 120,000."""

    @staticmethod
    def drawing(plan: str) -> SettledStory:
        story = SettledStory("IRA", plan).on("2009-03-02", 120_000.0, withdraw(1_000.0))
        return story.on("2011-08-01", 80_000.0, annuitise(benefit=plan, ground="WITHDRAWAL_BENEFIT"))

    def test_until_the_protected_withdrawal_value_is_used_up(self) -> None:
        story = self.drawing("TI")
        assert (story.row["status"], story.row["benefit_stage"]) == ("PAYOUT", "PAYOUT")
        story.on("2012-07-02").on("2027-07-02")
        paid = [amount for _, amount in story.paid("GUARANTEED_PAYMENT")]
        assert paid == pytest.approx([8_400.0] * 14 + [119_000.0 - 14 * 8_400.0], abs=CENT)
        assert story.row["status"] == "EXHAUSTED"

    def test_the_spousal_version_has_none(self) -> None:
        story = self.drawing("TIS")
        assert (story.reasons, story.row["status"]) == ([531], "ACTIVE")
