"""A Beneficiary's choices through the daily valuation: the Annuity that goes on for him, and annuities after a death."""

from datetime import date

import numpy as np
import pyarrow as pa
import pytest

from tests.support.block_story import elect, pay, request, withdraw
from tests.support.settled_story import SettledStory
from valuation.annuity_rates import life_expectancy, life_rate, load_rate_bases
from valuation.arrays import CHARGE_CLASSES, SLOTS
from valuation.block import value_block
from valuation.schema import SCHEMAS
from valuation.sessions import valuation_days
from valuation.units import unit_prices

CENT = 0.005
SON = {"person_birth_date": date(1975, 3, 1), "person_sex": "F"}
DIED, PROVED = date(2009, 4, 1), "2009-05-01"


def death(option: str | None = "FIVE_YEARS", **given: object) -> tuple[str, dict[str, object]]:
    return request("DEATH", **({"event_date": DIED, "option": option} | given))


def continued(
    tax_type: str = "NQ", account: float = 80_000.0, plan: str | None = None, **given: object
) -> SettledStory:
    return SettledStory(tax_type, plan).on(PROVED, account, death(**given))


def years_left(year: int, birth: int = 1975) -> float:
    """Life expectancy of a woman at the age she reaches in a year, by today's table."""
    return life_expectancy(load_rate_bases()["current"], "F", year - birth, year)


class TestBegins:
    """BCO-1, BCO-2 (prospectus 7340-7362, 7375-7376)."""

    @pytest.mark.parametrize("account", [80_000.0, 120_000.0])
    def test_with_the_death_benefit_as_account_value(self, account: float) -> None:
        row = continued(account=account).row
        assert row["account_value"] == pytest.approx(max(account, 100_000.0), abs=1e-6)
        assert (row["status"], row["settlement"], row["death_benefit"], row["cdsc"]) == (
            "CONTINUED",
            "FIVE_YEARS",
            0.0,
            0.0,
        )

    def test_nothing_is_paid(self) -> None:
        story = continued()
        assert story.paid("DEATH") == [(PROVED, 0.0)]
        assert story.results[-1].tax_amounts["taxable"].to_pylist() == [0.0]

    def test_benefits_end(self) -> None:
        row = continued("IRA", plan="HD7").row
        assert (row["benefit_stage"], row["bond_value"], row["protected_withdrawal_value_today"]) == ("ENDED", 0.0, 0.0)

    def test_one_sum_without_a_choice(self) -> None:
        story = continued(option=None)
        assert (story.paid("DEATH"), story.row["status"]) == ([(PROVED, 100_000.0)], "DEATH")

    @pytest.mark.parametrize("row", [0, 3, len(CHARGE_CLASSES) - 1])
    def test_a_year_without_growth_costs_one_per_cent(self, row: int) -> None:
        """Pitfall: with the Insurance Charge, or one of a benefit, 98,850 or 98,250 would be left."""
        story = continued()
        days = valuation_days(date(2009, 5, 1), date(2010, 4, 30))
        ones = np.ones((len(days), len(SLOTS)))
        prices = unit_prices(ones, np.zeros_like(ones), days, CHARGE_CLASSES)
        opening = story.row
        factor = opening["units"][0]["unit_price"] / prices[0, -1, 0]
        opening["units"] = [held | {"units": held["units"] * factor} for held in opening["units"]]
        none = pa.Table.from_pylist([], SCHEMAS["transactions"])
        table = pa.Table.from_pylist([opening], SCHEMAS["snapshot"])
        done = value_block(story.contract, none, table, days, prices)
        left = done.snapshot["account_value"][0].as_py()
        naive = 100_000.0 * (1.0 - CHARGE_CLASSES[row]) ** (364.0 / 365.0)
        assert (left == pytest.approx(naive, abs=1.0)) == (row == len(CHARGE_CLASSES) - 1)


class TestFees:
    """BCO-3, A-FEE-5 (prospectus 831-835, 7356-7359)."""

    @pytest.mark.parametrize("account, fee", [(24_000.0, 30.0), (1_000.0, 20.0), (25_000.0, 0.0)])
    def test_on_the_anniversary(self, account: float, fee: float) -> None:
        story = continued().on("2009-07-01", account)
        assert -sum(row["amount"] for row in story.ledger("BENEFICIARY_FEE")) == pytest.approx(fee, abs=1e-9)
        assert story.row["account_value"] == pytest.approx(account - fee)

    def test_pitfall_an_owner_would_pay_another(self) -> None:
        """FEE-5: 35, or 2%, below 100,000."""
        assert SettledStory().on("2009-07-01", 24_000.0).ledger("MAINTENANCE_FEE")
        assert not continued().on("2009-07-01", 24_000.0).ledger("MAINTENANCE_FEE")

    @pytest.mark.parametrize(
        "day, paid", [("2009-07-31", 24_000.0), ("2009-08-03", 23_940.0), ("2009-06-15", 23_970.0)]
    )
    def test_a_surrender(self, day: str, paid: float) -> None:
        """Within thirty days the fee is given back and none is taken; later a second one is."""
        story = continued().on("2009-06-12", 24_000.0).on(day, None, request("SURRENDER"))
        assert story.paid("BENEFICIARY_WITHDRAWAL") == [(day, pytest.approx(paid, abs=CENT))]
        assert (story.row["status"], story.row["account_value"]) == ("DEATH", 0.0)
        story.same_in_one_run()


class TestWithdrawals:
    """BCO-5 (prospectus 7377-7381)."""

    def test_without_a_charge_and_without_a_minimum(self) -> None:
        """Pitfall: the Owner's would bear a charge, and be 100 at least."""
        story = continued().on("2009-06-01", None, withdraw(60_000.0)).on("2009-06-02", None, withdraw(50.0))
        rows = [row for done in story.results for row in done.payments.to_pylist()][1:]
        assert [(row["gross"], row["charge"], row["paid"]) for row in rows] == [
            (60_000.0, 0.0, 60_000.0), (50.0, 0.0, 50.0),
        ]  # fmt: skip
        assert story.row["account_value"] == pytest.approx(39_950.0)
        assert story.row["surrender_value"] == pytest.approx(39_950.0)
        assert story.reasons == []
        story.same_in_one_run()

    def test_all_of_it_ends_it(self) -> None:
        story = continued().on("2009-06-01", None, withdraw(200_000.0)).on("2009-06-02", None, withdraw(50.0))
        assert (story.paid("BENEFICIARY_WITHDRAWAL"), story.row["status"]) == ([("2009-06-01", 100_000.0)], "DEATH")
        assert story.reasons == [801]

    @pytest.mark.parametrize("successor", [False, True])
    def test_death_of_the_beneficiary(self, successor: bool) -> None:
        again = request("DEATH", event_date=date(2010, 1, 11))
        story = continued(ground="SUCCESSION" if successor else None).on("2010-02-01", 90_000.0, again)
        paid = story.paid("BENEFICIARY_DISTRIBUTION")
        assert paid == ([] if successor else [("2010-02-01", pytest.approx(90_000.0, abs=CENT))])
        assert story.row["status"] == ("CONTINUED" if successor else "DEATH")
        story.on("2010-03-01", None, again)
        assert story.row["status"] == "DEATH"

    def test_nothing_else(self) -> None:
        """BCO-4 (prospectus 7363-7374)."""
        story = continued("IRA").on("2009-06-01", None, pay(1_000.0), elect("HD7"), request("STEP_UP"))
        assert story.reasons == [808] * 3
        assert story.row["account_value"] == pytest.approx(100_000.0)

    def test_tax_amounts(self) -> None:
        """Gain first, and no penalty after a death although the Owner was young."""
        story = (
            SettledStory(birth="1970-01-15").on(PROVED, 130_000.0, death()).on("2009-06-01", None, withdraw(40_000.0))
        )
        row = story.results[-1].tax_amounts.to_pylist()[0]
        assert (row["kind"], row["taxable"], row["penalty"]) == ("BENEFICIARY_WITHDRAWAL", 30_000.0, 0.0)
        assert row["account_value"] == pytest.approx(130_000.0)


class TestTransfers:
    """BCO-6 (prospectus 7370-7372)."""

    def test_twenty_are_free(self) -> None:
        moves = {"amount": 100.0, "source_sub_account": SLOTS[0], "target_sub_account": SLOTS[1], "in_writing": True}
        story = continued()
        for k in range(21):
            story.on(str(valuation_days(date(2009, 5, 4), date(2009, 6, 12))[k].astype("datetime64[D]")), None,
                     request("TRANSFER", **moves))  # fmt: skip
        assert story.reasons == []
        assert -sum(row["amount"] for row in story.ledger("TRANSFER_FEE")) == pytest.approx(10.0)
        assert story.settlement["transfers"] == 21.0
        story.on("2009-07-02", None, request("TRANSFER", **moves))
        assert story.settlement["transfers"] == 1.0


class TestWithinFiveYears:
    """PAY-1, PAY-2 (prospectus 7263-7266, 7294-7297)."""

    @pytest.mark.parametrize("tax_type, last", [("NQ", "2014-04-01"), ("IRA", "2014-12-31")])
    def test_the_rest_is_paid_by_the_last_day(self, tax_type: str, last: str) -> None:
        story = continued(tax_type).on("2013-12-30", 50_000.0, withdraw(10_000.0)).on("2015-01-05")
        assert story.paid("BENEFICIARY_DISTRIBUTION") == [(last, pytest.approx(40_000.0, abs=CENT))]
        assert (story.row["status"], story.row["settlement"]) == ("DEATH", None)

    def test_pitfall_the_last_day_may_be_closed(self) -> None:
        """1 June 2014 is a Sunday: the day after would be too late."""
        story = SettledStory().on("2009-06-15", None, death(event_date=date(2009, 6, 1))).on("2014-06-03")
        assert [day for day, _ in story.paid("BENEFICIARY_DISTRIBUTION")] == ["2014-05-30"]

    def test_too_late(self) -> None:
        for day, reasons in (("2014-04-01", []), ("2014-04-02", [553])):
            assert SettledStory().on(day, None, death()).reasons == reasons


class TestOverALifeExpectancy:
    """PAY-1, PAY-2 (prospectus 7267-7269, 7296-7302, 7322-7323)."""

    @pytest.mark.parametrize(
        "tax_type, first, second", [("NQ", "2010-04-01", "2011-04-01"), ("IRA", "2010-12-31", "2011-12-30")]
    )
    def test_parts(self, tax_type: str, first: str, second: str) -> None:
        """Non-qualified by the anniversaries of the death, of what the last part left; qualified by the ends of years."""
        story = continued(tax_type, option="LIFE_EXPECTANCY", **SON).on("2009-12-31", 90_000.0)
        story.on("2010-03-01", 95_000.0).on("2010-12-31").on("2012-01-20")
        years = years_left(2010)
        assert story.settlement["years"] == pytest.approx(years)
        one = (100_000.0 if tax_type == "NQ" else 90_000.0) / years
        left = 95_000.0 - one
        assert story.paid("BENEFICIARY_DISTRIBUTION") == [
            (first, pytest.approx(one, abs=CENT)), (second, pytest.approx(left / (years - 1.0), abs=CENT)),
        ]  # fmt: skip
        story.same_in_one_run()

    def test_withdrawals_count(self) -> None:
        story = continued("IRA", option="LIFE_EXPECTANCY", **SON).on("2010-06-01", None, withdraw(1_500.0))
        story.on("2010-12-31")
        due = 100_000.0 / years_left(2010)
        assert story.paid("BENEFICIARY_DISTRIBUTION") == [("2010-12-31", pytest.approx(due - 1_500.0, abs=CENT))]
        early = (
            continued("IRA", option="LIFE_EXPECTANCY", **SON).on("2009-11-02", None, withdraw(1_500.0)).on("2011-01-04")
        )
        due = 98_500.0 / years_left(2010)  # pitfall: what the value of 31 December lacks already is not counted again
        assert early.paid("BENEFICIARY_DISTRIBUTION") == [("2010-12-31", pytest.approx(due, abs=CENT))]
        more = (
            continued("IRA", option="LIFE_EXPECTANCY", **SON).on("2010-06-01", None, withdraw(9_000.0)).on("2011-01-04")
        )
        assert more.paid("BENEFICIARY_DISTRIBUTION") == []

    def test_an_old_beneficiary_empties_it(self) -> None:
        old = {"person_birth_date": date(1912, 3, 1), "person_sex": "M"}
        story = continued("IRA", option="LIFE_EXPECTANCY", **old).on("2015-01-06")
        paid = story.paid("BENEFICIARY_DISTRIBUTION")
        assert story.row["status"] == "DEATH"
        fees = -sum(row["amount"] for row in story.ledger("BENEFICIARY_FEE"))
        assert sum(amount for _, amount in paid) + fees == pytest.approx(100_000.0, abs=CENT)

    def test_too_late(self) -> None:
        for day, reasons in (("2010-04-01", []), ("2010-04-05", [553])):
            assert SettledStory().on(day, None, death("LIFE_EXPECTANCY", **SON)).reasons == reasons

    def test_a_spouse_may_wait_for_the_year_of_seventy_and_a_half(self) -> None:
        """The Owner was born in January 1948: 31 December 2018; anybody else until 31 December 2010."""
        for who, reasons in (("SPOUSE", []), ("PERSON", [553])):
            story = SettledStory("IRA", birth="1948-01-15")
            story.on("2011-02-01", None, death("LIFE_EXPECTANCY", beneficiary=who, **SON))
            assert story.reasons == reasons

    @pytest.mark.parametrize(
        "tax_type, option, reasons",
        [("NQ", "LIFE", [554]), ("NQ", "LIFE_EXPECTANCY", [554]), ("NQ", "FIVE_YEARS", []), ("NQ", "INTEREST", [554]),
         ("ROTH", "FIVE_YEARS", []), ("IRA", "FIVE_YEARS", [554]), ("IRA", "LIFE_EXPECTANCY", [])],
    )  # fmt: skip
    def test_one_who_is_no_natural_person(self, tax_type: str, option: str, reasons: list[int]) -> None:
        """The Owner died at 71 after his required beginning date, of which a Roth IRA knows none."""
        story = continued(tax_type, option=option, beneficiary="OTHER", **SON)
        assert story.reasons == reasons

    def test_at_least_as_rapidly_is_over_the_decedents_expectancy(self) -> None:
        story = continued("IRA", option="LIFE_EXPECTANCY", beneficiary="OTHER").on("2009-06-01")
        assert story.settlement["years"] == pytest.approx(years_left(2010, 1938))

    def test_before_the_required_beginning_date_there_are_five_years(self) -> None:
        for option, reasons in (("FIVE_YEARS", []), ("LIFE_EXPECTANCY", [554])):
            story = SettledStory("IRA", birth="1948-01-15")
            assert story.on(PROVED, None, death(option, beneficiary="OTHER", **SON)).reasons == reasons


class TestAnnuityAfterDeath:
    """PAY-1 (prospectus 7267-7277): the Beneficiary's own life."""

    def test_for_life(self) -> None:
        story = continued(option="LIFE", **SON).on("2009-07-01")
        rate = max(life_rate(load_rate_bases()[name], "F", 34, 2009) for name in ("guaranteed", "current"))
        assert story.paid("ANNUITY_PAYMENT") == [
            (day, pytest.approx(100_000.0 * rate, abs=CENT)) for day in ("2009-05-01", "2009-06-01", "2009-07-01")
        ]
        story.on("2009-07-10", None, request("DEATH", event_date=date(2009, 7, 3)))
        assert story.row["status"] == "DEATH"
        story.same_in_one_run()

    def test_whose_life_must_be_told(self) -> None:
        assert continued(option="LIFE").reasons == [311]

    def test_a_fixed_period_within_his_expectancy(self) -> None:
        """Pitfall: 24 years are beyond the Owner's expectancy at 71, not beyond the Beneficiary's at 34."""
        story = continued(option="FIXED_PERIOD", number_of_payments=24, frequency="ANNUAL", **SON)
        assert (story.reasons, story.row["settlement"]) == ([], "FIXED_PERIOD")
        assert story.settlement["certain"] == 24.0
