"""Worked examples of the fee tables and of the Contingent Deferred Sales Charge, one class per example.

EX- are printed figures; D- follow from the rules.
"""

from functools import cache

import numpy as np
import pytest

from tests.support.story import Event, Story, number, pay, withdraw, without_charges
from valuation.charges import maintenance_fee, surrender_charge_rate
from valuation.contract import CHARGED, OTHER_FEES, PAID, SURRENDERED
from valuation.failures import Reason
from valuation.restrictions import IN_WRITING
from valuation.terms import load_terms

TERMS = load_terms(True)
CENT = 0.005


class TestExFee:
    """EX-FEE (prospectus 810-898, 5990-5991, 6655-6656): totals of the fee tables that concern coded benefits."""

    def test_insurance_charge_is_its_two_parts(self) -> None:
        expense_risk, administration = np.array([0.0100, 0.0135, 0.0140]), 0.0015
        np.testing.assert_allclose(TERMS.charges.insurance_charge, expense_risk + administration, atol=1e-15)
        assert [f"{c:.2%}" for c in TERMS.charges.insurance_charge] == ["1.15%", "1.50%", "1.55%"]

    def test_quarterly_fees(self) -> None:
        assert [f"{plan.quarterly_fee:.4%}" for plan in TERMS.income] == ["0.1500%", "0.1875%"]

    def test_quarterly_fees_are_a_fourth_of_the_annual_charge(self) -> None:
        assert [plan.yearly_fee / 4.0 for plan in TERMS.income] == [plan.quarterly_fee for plan in TERMS.income]


class TestSchedule:
    """CDSC-1 (prospectus 737-762): the whole table, in percent."""

    printed = (
        (7.0, 6.0, 5.0, 4.0, 3.0, 2.0, 1.0, 0.0, 0.0, 0.0),
        (7.0, 7.0, 6.0, 5.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0),
        (9.0, 8.5, 8.0, 7.0, 6.0, 5.0, 4.0, 3.0, 2.0, 0.0),
    )

    @pytest.mark.parametrize("series", [0, 1, 2])
    def test_every_year(self, series: int) -> None:
        found = [surrender_charge_rate(TERMS.charges, series, number("2008-06-02"), number(f"{2008 + k}-06-02"))
                 for k in range(13)]  # fmt: skip
        assert found == pytest.approx([p / 100.0 for p in self.printed[series]] + [0.0] * 3, abs=1e-15)


class TestDCdsc1:
    """D-CDSC-1: a payment of 2008-06-02; the day before an anniversary belongs to the next CDSC Year."""

    @pytest.mark.parametrize(
        "day, expected",
        [
            ("2008-06-02", 0.07),
            ("2009-05-31", 0.07),
            ("2009-06-01", 0.06),
            ("2009-06-02", 0.06),
            ("2015-05-31", 0.01),
            ("2015-06-01", 0.0),
        ],
    )
    def test_rate(self, day: str, expected: float) -> None:
        assert surrender_charge_rate(TERMS.charges, 0, number("2008-06-02"), number(day)) == expected


def thirty_thousand(net: bool) -> Story:
    return Story("2008-06-02", terms=TERMS).leap("2009-01-15", 110_000.0, withdraw(30_000.0, net))


class TestDCdsc2:
    """D-CDSC-2: B Series, 100,000 paid, Account Value 110,000, gross withdrawal 30,000 in the first year."""

    @staticmethod
    @cache
    def story() -> Story:
        return thirty_thousand(net=False)

    def test_charge(self) -> None:
        assert self.story().cash[CHARGED] == pytest.approx(1_400.00, abs=1e-9)

    def test_paid(self) -> None:
        assert self.story().cash[PAID] == pytest.approx(28_600.00, abs=1e-9)
        assert self.story().payments[-1][1:] == pytest.approx((30_000.0, 1_400.0, 28_600.0), abs=1e-9)

    def test_account_value_after(self) -> None:
        assert self.story().account_value == pytest.approx(80_000.00, abs=CENT)

    def test_payments_left(self) -> None:
        assert 100_000.0 - self.story().core.paid_out == pytest.approx(80_000.00, abs=1e-9)


class TestDCdsc3:
    """D-CDSC-3: the same, 30,000 net; the charge is itself charged."""

    @staticmethod
    @cache
    def story() -> Story:
        return thirty_thousand(net=True)

    def test_deducted(self) -> None:
        assert self.story().payments[-1].gross == pytest.approx(31_505.38, abs=1e-9)
        assert 110_000.0 - self.story().account_value == pytest.approx(31_505.38, abs=CENT)

    def test_charge(self) -> None:
        assert self.story().cash[CHARGED] == pytest.approx(1_505.38, abs=1e-9)

    def test_the_owner_gets_what_was_asked(self) -> None:
        assert self.story().cash[PAID] == pytest.approx(30_000.00, abs=1e-9)

    def test_payments_left(self) -> None:
        assert 100_000.0 - self.story().core.paid_out == pytest.approx(78_494.62, abs=CENT)


class TestDSur1:
    """D-SUR-1: full surrender after D-CDSC-2 on 2009-03-16 at Account Value 70,000; no free amount."""

    @staticmethod
    @cache
    def story() -> Story:
        return thirty_thousand(net=False).leap("2009-03-16", 70_000.0, Event("SURRENDER"))

    def test_charge(self) -> None:
        assert self.story().cash[CHARGED] == pytest.approx(5_600.00, abs=1e-6)

    def test_maintenance_fee(self) -> None:
        assert self.story().cash[OTHER_FEES] == pytest.approx(35.00, abs=1e-9)

    def test_surrender_value(self) -> None:
        assert self.story().cash[PAID] == pytest.approx(64_365.00, abs=1e-9)

    def test_the_contract_has_ended(self) -> None:
        assert self.story().core.status == SURRENDERED
        assert self.story().account_value == 0.0


def two_payments(net: bool) -> Story:
    story = Story("2008-01-15", 40_000.0, series="L", terms=TERMS).leap("2010-03-01", None, pay(60_000.0))
    return story.leap("2011-02-01", 150_000.0, withdraw(70_000.0, net))


class TestDCdsc4:
    """D-CDSC-4: L Series, 40,000 in Year 4 and 60,000 in Year 1, withdrawal 70,000."""

    def test_gross(self) -> None:
        story = two_payments(net=False)
        assert story.cash[CHARGED] == pytest.approx(3_400.00, abs=1e-9)
        assert story.cash[PAID] == pytest.approx(66_600.00, abs=1e-9)

    def test_net(self) -> None:
        story = two_payments(net=True)
        assert story.payments[-1].gross == pytest.approx(73_655.91, abs=1e-9)
        assert story.cash[CHARGED] == pytest.approx(3_655.91, abs=1e-9)
        assert story.cash[PAID] == pytest.approx(70_000.00, abs=1e-9)


class TestDCdsc5:
    """D-CDSC-5: B Series, 20,000 paid, Account Value 50,000, withdrawal 40,000: free, payments, other value."""

    @staticmethod
    def story(net: bool) -> Story:
        return Story("2008-06-02", 20_000.0, terms=TERMS).leap("2009-01-15", 50_000.0, withdraw(40_000.0, net))

    def test_gross(self) -> None:
        story = self.story(net=False)
        assert story.core.paid_out == pytest.approx(20_000.0, abs=1e-9)
        assert story.cash[CHARGED] == pytest.approx(1_400.00, abs=1e-9)
        assert story.cash[PAID] == pytest.approx(38_600.00, abs=1e-9)

    def test_net(self) -> None:
        story = self.story(net=True)
        assert story.payments[-1].gross == pytest.approx(41_400.00, abs=1e-9)
        assert story.cash[CHARGED] == pytest.approx(1_400.00, abs=1e-9)


class TestDSur2:
    """D-SUR-2: X Series, 50,000 paid with a credit of 3,000, surrender in Year 2 at Account Value 40,000."""

    @staticmethod
    @cache
    def story() -> Story:
        story = Story("2008-06-02", 50_000.0, series="X", terms=TERMS)
        return story.leap("2009-06-02", None).leap("2009-09-01", 40_000.0, Event("SURRENDER"))

    def test_charge_on_the_payment(self) -> None:
        assert self.story().cash[CHARGED] == pytest.approx(4_250.00, abs=1e-6)

    def test_maintenance_fee(self) -> None:
        assert self.story().cash[OTHER_FEES] == pytest.approx(35.00, abs=1e-9)

    def test_surrender_value(self) -> None:
        assert self.story().cash[PAID] == pytest.approx(35_715.00, abs=1e-9)


class TestDFee1:
    """D-FEE-1, Owner's rows: Annual Maintenance Fee by Account Value."""

    @pytest.mark.parametrize(
        "account, expected", [(99_999.99, 35.0), (100_000.0, 0.0), (1_000.0, 20.0), (1_750.0, 35.0)]
    )
    def test_fee(self, account: float, expected: float) -> None:
        assert maintenance_fee(TERMS.charges, account, account) == expected

    @pytest.mark.parametrize("account, expected", [(99_999.99, 35.0), (1_000.0, 20.0)])
    def test_on_the_anniversary(self, account: float, expected: float) -> None:
        story = Story("2008-06-02", terms=TERMS).leap("2009-06-02", account)
        assert story.cash[OTHER_FEES] == pytest.approx(expected, abs=1e-9)
        assert story.account_value == pytest.approx(account - expected, abs=1e-6)

    def test_a_hundred_thousand_is_free_on_the_anniversary(self) -> None:
        assert Story("2008-06-02", terms=TERMS).leap("2009-06-02").cash[OTHER_FEES] == 0.0


class TestDTr2:
    """D-TR-2: 23 countable transfers in one Annuity Year, current and maximum scale."""

    @staticmethod
    def fees(fee: float, free: float) -> float:
        terms = TERMS._replace(charges=TERMS.charges._replace(transfer_fee=fee, free_transfers=free))
        story = Story("2008-06-02", terms=terms)
        for k in range(23):
            story.on(f"2008-07-{k + 1:02d}", None, Event("TRANSFER", 100.0, IN_WRITING, k % 2, 1 - k % 2))
        return float(sum(past.cash[OTHER_FEES] for past in story.past))

    def test_current_scale(self) -> None:
        assert self.fees(TERMS.charges.transfer_fee, TERMS.charges.free_transfers) == pytest.approx(30.00, abs=1e-9)

    def test_maximum_scale(self) -> None:
        assert self.fees(20.0, 8.0) == pytest.approx(300.00, abs=1e-9)

    def test_all_transfers_of_a_day_are_one(self) -> None:
        terms = TERMS._replace(charges=TERMS.charges._replace(free_transfers=0.0))
        moves = [Event("TRANSFER", 100.0, source=k % 2, target=1 - k % 2) for k in range(5)]
        assert Story("2008-06-02", terms=terms).on("2008-07-01", None, *moves).cash[OTHER_FEES] == 10.0

    def test_the_counter_starts_again_with_the_annuity_year(self) -> None:
        story = Story("2008-06-02", terms=without_charges())
        story.on("2009-06-01", None, Event("TRANSFER", 100.0, source=0, target=1))
        assert story.core.transfers == 1.0
        assert story.on("2009-06-02").core.transfers == 0.0


class TestTaxCharge:
    """FEE-9 (prospectus 2429-2436), A-FEE-8: a share of the payments, on full surrender and on annuitisation."""

    @staticmethod
    def taxed() -> Story:
        terms = without_charges()
        jurisdictions = terms.jurisdictions._replace(tax_charge=(0.0, 0.035))
        return Story("2008-05-01", 100_000.0, terms=terms._replace(jurisdictions=jurisdictions), jurisdiction=1)

    @pytest.mark.parametrize("kind, day", [("SURRENDER", "2009-02-02"), ("ANNUITIZATION", "2011-05-02")])
    def test_full_surrender_and_annuitisation(self, kind: str, day: str) -> None:
        story = self.taxed().leap(day, 80_000.0, Event(kind))
        assert story.payments[-1].paid == pytest.approx(76_500.0, abs=0.005)
        assert story.ledger("TAX_CHARGE") == pytest.approx(-3_500.0, abs=0.005)

    def test_nothing_on_a_withdrawal(self) -> None:
        assert self.taxed().leap("2009-02-02", 80_000.0, withdraw(5_000.0)).ledger("TAX_CHARGE") == 0.0

    def test_it_lowers_what_must_be_left(self) -> None:
        story = self.taxed().leap("2009-02-02", 80_000.0, withdraw(75_600.0))
        assert story.refusals == [Reason.TOO_LITTLE_LEFT]  # 4,400 less 3,500

    def test_no_jurisdiction_has_one_yet(self) -> None:
        assert set(load_terms(True).jurisdictions.tax_charge) == {0.0}
