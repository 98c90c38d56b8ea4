"""Single rules of withdrawals, charges, credits, the basic Death Benefit and the transfer formula, each figure by hand.

Three Purchase Payments of 10,000, 20,000 and 5,000 USD bear 2%, 5% and no charge.
"""

import pytest

from tests.support.story import empty_layers, number
from valuation.asset_transfer import Trigger, is_due, target_value, transfer_amount, trigger
from valuation.charges import (
    Split,
    maintenance_fee,
    payment_left,
    settle_rates,
    split_gross,
    split_net,
    surrender_charge,
    tax_charge,
    transfer_fee,
)
from valuation.clock import day_of
from valuation.contract import NEW_CORE, Layers, Life
from valuation.credits import LateCredits, is_late, late_credits, longevity_credit, payments_credited
from valuation.death_benefit import basic_death_benefit, is_suspended
from valuation.terms import load_terms
from valuation.withdrawals import after_withdrawal, distribution_due, free_withdrawal_left

TERMS = load_terms(True)
BORN, ISSUE = number("1940-01-15"), number("2008-05-01")


def paid() -> Layers:
    layers = empty_layers(4)
    layers.used[0] = 3
    layers.amount[:3] = 10_000.0, 20_000.0, 5_000.0
    layers.rate[:3] = 0.02, 0.05, 0.0
    return layers


def about(numbers: tuple[float, ...]) -> object:
    return pytest.approx(numbers, abs=1e-9)


class TestSplitGross:
    """CDSC-4, CDSC-5, RMD-4 (prospectus 2367-2372, 3147-3162)."""

    @pytest.mark.parametrize(
        "paid_out, free, exempt, amount, split",
        [
            (0.0, 0.0, 0.0, 12_000.0, Split(12_000.0, 200.0 + 100.0, 12_000.0)),
            (4_000.0, 3_000.0, 0.0, 12_000.0, Split(12_000.0, 120.0 + 150.0, 9_000.0)),
            (4_000.0, 3_000.0, 8_000.0, 22_000.0, Split(22_000.0, 20.0 + 650.0, 19_000.0)),
            (4_000.0, 3_000.0, 2_000.0, 22_000.0, Split(22_000.0, 120.0 + 650.0, 19_000.0)),
            (14_000.0, 0.0, 0.0, 18_000.0, Split(18_000.0, 800.0, 18_000.0)),
            (4_000.0, 3_000.0, 0.0, 30_000.0, Split(30_000.0, 120.0 + 1_000.0, 27_000.0)),
            (4_000.0, 3_000.0, 0.0, 40_000.0, Split(40_000.0, 120.0 + 1_000.0, 31_000.0)),
            (0.0, 3_000.0, 0.0, 2_000.0, Split(2_000.0, 0.0, 0.0)),
        ],
    )
    def test_split(self, paid_out: float, free: float, exempt: float, amount: float, split: Split) -> None:
        assert split_gross(paid(), paid_out, free, exempt, amount) == about(split)


class TestSplitNet:
    """CDSC-6 (prospectus 3159-3164): 98 of 100 arrive from the first payment, 95 from the second, 100 from the third."""

    @pytest.mark.parametrize(
        "paid_out, free, exempt, amount, split",
        [
            (0.0, 0.0, 0.0, 4_900.0, Split(5_000.0, 100.0, 5_000.0)),
            (4_000.0, 3_000.0, 0.0, 18_380.0, Split(19_000.0, 120.0 + 500.0, 16_000.0)),
            (4_000.0, 3_000.0, 8_000.0, 18_480.0, Split(19_000.0, 20.0 + 500.0, 16_000.0)),
            (4_000.0, 3_000.0, 2_000.0, 18_380.0, Split(19_000.0, 120.0 + 500.0, 16_000.0)),
            (14_000.0, 0.0, 0.0, 15_700.0, Split(16_500.0, 800.0, 16_500.0)),
            (0.0, 3_000.0, 0.0, 2_000.0, Split(2_000.0, 0.0, 0.0)),
        ],
    )
    def test_split(self, paid_out: float, free: float, exempt: float, amount: float, split: Split) -> None:
        assert split_net(paid(), paid_out, free, exempt, amount) == about(split)


class TestCharges:
    """CDSC-1, CDSC-7, FEE-4 to FEE-6, FEE-9."""

    @pytest.mark.parametrize("paid_out, charge", [(0.0, 1_200.0), (4_000.0, 1_120.0), (14_000.0, 800.0), (3e4, 0.0)])
    def test_full_surrender(self, paid_out: float, charge: float) -> None:
        assert surrender_charge(paid(), paid_out) == pytest.approx(charge, abs=1e-9)

    def test_what_is_left_of_a_payment(self) -> None:
        assert payment_left(10_000.0, 4_000.0) == (0.0, 6_000.0)
        assert payment_left(10_000.0, 14_000.0) == (4_000.0, 0.0)

    def test_rates_of_every_payment(self) -> None:
        """B Series on 2 June 2010: Year 3, Year 2 and Year 1."""
        layers = paid()
        layers.day[:3] = [number(day) for day in ("2008-06-02", "2009-06-02", "2010-06-02")]
        settle_rates(TERMS.charges, 0, layers, number("2010-06-02"))
        assert tuple(layers.rate) == (0.05, 0.06, 0.07, 0.0)

    @pytest.mark.parametrize(
        "account, sub_accounts, fee",
        [
            (99_999.99, 99_999.99, 35.0),
            (100_000.0, 100_000.0, 0.0),
            (100_000.01, 90_000.0, 0.0),
            (90_000.0, 1_000.0, 20.0),
            (90_000.0, 0.0, 0.0),
            (1_700.0, 1_700.0, 34.0),
            (1_800.0, 1_800.0, 35.0),
        ],
    )
    def test_maintenance_fee(self, account: float, sub_accounts: float, fee: float) -> None:
        assert maintenance_fee(TERMS.charges, account, sub_accounts) == pytest.approx(fee, abs=1e-9)

    def test_transfer_fee_from_the_twenty_first_on(self) -> None:
        assert [transfer_fee(TERMS.charges, k) for k in (1.0, 20.0, 21.0, 22.0)] == [0.0, 0.0, 10.0, 10.0]

    def test_tax_charge_of_the_jurisdiction_on_all_payments(self) -> None:
        terms = TERMS.jurisdictions._replace(tax_charge=(0.0, 0.02))
        life = Life(ISSUE, BORN, BORN, 0, 0, 0)
        assert tax_charge(terms, life._replace(jurisdiction=1), paid()) == pytest.approx(700.0, abs=1e-9)
        assert tax_charge(terms, life, paid()) == 0.0


class TestWithdrawals:
    """FW-1, FW-2, RMD-3, WD-4, DB-3."""

    @pytest.mark.parametrize(
        "start, taken, left",
        [
            (0.0, 0.0, 3_000.0),
            (4_000.0, 0.0, 2_600.0),
            (4_000.0, 600.0, 2_000.0),
            (14_000.0, 0.0, 1_600.0),
            (0.0, 3_001.0, 0.0),
        ],
    )
    def test_free_amount(self, start: float, taken: float, left: float) -> None:
        """10% of what still bears a charge at the start of the year, less what the year has taken."""
        core = NEW_CORE._replace(paid_out_start=start, withdrawn_year=taken)
        assert free_withdrawal_left(TERMS.withdrawals, core, paid()) == pytest.approx(left, abs=1e-9)

    @pytest.mark.parametrize("taken, due", [(0.0, 15_000.0), (4_000.0, 11_000.0), (15_000.0, 0.0), (20_000.0, 0.0)])
    def test_distribution(self, taken: float, due: float) -> None:
        assert distribution_due(NEW_CORE._replace(required=15_000.0, withdrawn_calendar=taken)) == due

    before = NEW_CORE._replace(
        basic=90_000.0, paid_out=5_000.0, withdrawn_year=1_000.0, withdrawn_total=7_000.0, withdrawn_calendar=2_000.0, kept=0.5
    )  # fmt: skip

    def test_a_fifth_of_the_account(self) -> None:
        after = after_withdrawal(self.before, 20_000.0, 15_000.0, 100_000.0)
        assert after.basic == pytest.approx(72_000.0, abs=1e-9)
        assert after.kept == pytest.approx(0.4, abs=1e-15)
        assert (after.paid_out, after.withdrawn_year) == (20_000.0, 21_000.0)
        assert (after.withdrawn_total, after.withdrawn_calendar) == (27_000.0, 22_000.0)

    @pytest.mark.parametrize("account", [20_000.0, 19_000.0])
    def test_the_whole_account(self, account: float) -> None:
        after = after_withdrawal(self.before, 20_000.0, 15_000.0, account)
        assert (after.basic, after.kept) == (0.0, 0.0)


class TestCredits:
    """CR-5, LC-1, LC-2, DB-19."""

    @staticmethod
    def credited() -> Layers:
        layers = paid()
        layers.day[:3] = [number(day) for day in ("2008-05-01", "2008-06-02", "2009-03-02")]
        layers.credit[:3] = 600.0, 1_200.0, 0.0
        layers.kept[:3] = 1.0, 0.8, 0.5
        return layers

    @pytest.mark.parametrize(
        "event, late",
        [
            ("2009-05-01", (True, True, False)),
            ("2009-05-02", (False, True, False)),
            ("2009-06-02", (False, True, False)),
            ("2009-06-03", (False, False, False)),
            ("2008-04-30", (True, True, False)),
        ],
    )
    def test_within_twelve_months(self, event: str, late: tuple[bool, ...]) -> None:
        layers = self.credited()
        assert tuple(is_late(TERMS.purchase, layers, k, number(event)) for k in range(3)) == late

    def test_sums(self) -> None:
        assert late_credits(TERMS.purchase, self.credited(), number("2009-05-01")) == LateCredits(
            1_800.0, 600.0 + 1_500.0
        )
        assert late_credits(TERMS.purchase, self.credited(), number("2009-05-02")) == LateCredits(1_200.0, 1_500.0)

    def test_a_credit_of_which_nothing_is_left(self) -> None:
        layers = self.credited()
        layers.kept[1] = 0.0
        assert late_credits(TERMS.purchase, layers, number("2009-05-01")) == LateCredits(1_800.0, 600.0)

    @pytest.mark.parametrize(
        "today, credited",
        [("2017-05-01", 0.0), ("2018-05-01", 30_000.0), ("2018-04-30", 0.0), ("2019-05-01", 35_000.0)],
    )
    def test_payments_in_for_more_than_nine_years(self, today: str, credited: float) -> None:
        """The third, of 2 March 2009, is nine years old on 2 March 2018; here it was paid a year later."""
        layers = self.credited()
        layers.day[2] = number("2009-06-02")
        life = Life(ISSUE, BORN, BORN, 0, 0, 2)
        day = day_of(ISSUE, number(today) - 1, number(today))
        assert payments_credited(TERMS.purchase, life, layers, day) == credited
        assert payments_credited(TERMS.purchase, life._replace(series=0), layers, day) == 0.0

    def test_exactly_nine_years_is_not_more(self) -> None:
        layers = self.credited()
        layers.day[2] = number("2009-05-01")
        life, day = Life(ISSUE, BORN, BORN, 0, 0, 2), day_of(ISSUE, number("2018-04-30"), number("2018-05-01"))
        assert payments_credited(TERMS.purchase, life, layers, day) == 30_000.0

    def test_a_share_of_what_is_not_withdrawn(self) -> None:
        core = NEW_CORE._replace(withdrawn_total=10_000.0)
        assert longevity_credit(TERMS.purchase, 35_000.0, core, 1.0) == pytest.approx(100.0, abs=1e-9)
        assert longevity_credit(TERMS.purchase, 9_000.0, core, 1.0) == 0.0
        assert longevity_credit(TERMS.purchase, 35_000.0, core, 0.0) == 0.0


class TestDeath:
    """DB-2, DB-15, DB-24 (prospectus 6932-6952, 7412-7421)."""

    late = LateCredits(3_000.0, 4_000.0)

    @pytest.mark.parametrize(
        "account, suspended, paid_out",
        [
            (95_000.0, False, 92_000.0),
            (80_000.0, False, 88_000.0),
            (80_000.0, True, 77_000.0),
            (2_000.0, True, 0.0),
        ],
    )
    def test_basic(self, account: float, suspended: bool, paid_out: float) -> None:
        """Half of every payment is kept: of late credits of 4,000 then, 2,000 are in the guarantee of 90,000."""
        core = NEW_CORE._replace(basic=90_000.0, kept=0.5)
        assert basic_death_benefit(core, self.late, account, suspended) == pytest.approx(paid_out, abs=1e-9)

    @pytest.mark.parametrize("death, suspended", [("2008-03-10", True), ("2010-03-09", True), ("2010-03-10", False)])
    def test_two_years_from_a_change(self, death: str, suspended: bool) -> None:
        owner = Life(ISSUE, BORN, BORN, 0, 0, 0, owner_since=number("2008-03-10"))
        entity = Life(ISSUE, BORN, BORN, 0, 0, 0, entity=1, annuitant_since=number("2008-03-10"))
        for life in (owner, entity):
            assert is_suspended(TERMS.designations, life, number(death)) == suspended
        other = Life(ISSUE, BORN, BORN, 0, 0, 0, entity=1, owner_since=number("2008-03-10"))
        assert not is_suspended(TERMS.designations, other, number(death))


class TestTransferFormula:
    """ATF-3, ATF-5 to ATF-8 (prospectus 10010-10040): 83% of 100,000 above, 77% below, back to 80%."""

    @pytest.mark.parametrize(
        "target, permitted, bond, test",
        [
            (110_000.0, 100_000.0, 20_000.0, Trigger(7_000.0, -13_000.0)),
            (95_000.0, 100_000.0, 20_000.0, Trigger(-8_000.0, 2_000.0)),
            (100_000.0, 100_000.0, 20_000.0, Trigger(-3_000.0, -3_000.0)),
            (75_000.0, 100_000.0, 0.0, Trigger(-8_000.0, 0.0)),
            (75_000.0, 0.0, 20_000.0, Trigger(0.0, 0.0)),
        ],
    )
    def test_trigger(self, target: float, permitted: float, bond: float, test: Trigger) -> None:
        assert trigger(TERMS.transfer, target, permitted, bond) == about(test)

    @pytest.mark.parametrize(
        "test, due",
        [((1.0, 0.0), 1), ((0.0, 1.0), 1), ((0.0, 0.0), 0), ((-1.0, -1.0), 0), ((0.5, -1.0), 1), ((-1.0, 0.5), 1)],
    )
    def test_due(self, test: tuple[float, float], due: int) -> None:
        assert is_due(Trigger(*test)) == due

    @pytest.mark.parametrize(
        "target, permitted, bond, amount",
        [
            (110_000.0, 100_000.0, 20_000.0, 50_000.0),
            (110_000.001, 100_000.0, 20_000.0, 50_000.01),
            (120_000.0, 100_000.0, 20_000.0, 100_000.0),
            (125_000.0, 100_000.0, 20_000.0, 100_000.0),
            (105_000.0, 100_000.0, 30_000.0, -25_000.0),
            (105_000.001, 100_000.0, 30_000.0, -25_000.0),
            (95_000.0, 100_000.0, 20_000.0, -20_000.0),
            (100_000.0, 100_000.0, 20_000.0, 0.0),
        ],
    )
    def test_amount(self, target: float, permitted: float, bond: float, amount: float) -> None:
        """(L - B - 0.8 V) / 0.2 in whole cents, half up; never more than there is."""
        assert transfer_amount(TERMS.transfer, target, permitted, bond, 1.0) == pytest.approx(amount, abs=1e-7)

    def test_without_cents(self) -> None:
        assert transfer_amount(TERMS.transfer, 110_000.001, 100_000.0, 20_000.0, 0.0) == pytest.approx(
            50_000.005, abs=1e-7
        )
        assert transfer_amount(TERMS.transfer, 105_000.001, 100_000.0, 30_000.0, 0.0) == pytest.approx(
            -24_999.995, abs=1e-7
        )

    def test_target_value(self) -> None:
        assert target_value(TERMS.transfer, 120_000.0, 15.34, 1.0) == pytest.approx(92_040.0, abs=1e-7)
