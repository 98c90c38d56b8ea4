"""REP-1, REP-2 (prospectus 8357-8380, 8756-8758): what is confirmed when, which statements are regular, what others cost."""

from datetime import date

import pytest

from valuation.journal import LEDGER_KINDS
from valuation.statements import (
    ADDITIONAL,
    ANNUAL,
    AT_ONCE,
    NO_TRANSACTION,
    QUARTERLY,
    WITH_QUARTER,
    confirmation,
    report_charge,
    statement_kind,
)


class TestConfirmations:
    @pytest.mark.parametrize("kind", ["PURCHASE_PAYMENT", "TRANSFER", "SURRENDER", "FORMULA_TRANSFER"])
    def test_each_transaction_at_once(self, kind: str) -> None:
        assert confirmation(kind, True) == confirmation(kind, False) == AT_ONCE

    @pytest.mark.parametrize("kind", ["MAINTENANCE_FEE", "DOLLAR_COST_AVERAGING", "AUTOMATIC_REBALANCING"])
    def test_what_is_scheduled_with_the_quarter(self, kind: str) -> None:
        assert confirmation(kind, True) == confirmation(kind, False) == WITH_QUARTER

    def test_a_withdrawal_is_scheduled_unless_asked_for(self) -> None:
        assert confirmation("WITHDRAWAL", True) == AT_ONCE
        assert confirmation("WITHDRAWAL", False) == WITH_QUARTER

    def test_results_are_no_transactions(self) -> None:
        untold = [kind for kind, _ in LEDGER_KINDS if confirmation(kind, True) == NO_TRANSACTION]
        assert untold == ["INVESTMENT", "INTEREST", "CHARGE_CLASS"]


class TestPeriods:
    @pytest.mark.parametrize(
        "first, last",
        [
            (date(2008, 1, 1), date(2008, 3, 31)),
            (date(2008, 4, 1), date(2008, 6, 30)),
            (date(2008, 7, 1), date(2008, 9, 30)),
            (date(2008, 10, 1), date(2008, 12, 31)),
        ],
    )
    def test_a_quarter_only_with_transactions(self, first: date, last: date) -> None:
        assert statement_kind(first, last, 1) == QUARTERLY
        assert statement_kind(first, last, 0) == ADDITIONAL

    def test_a_year_in_any_case(self) -> None:
        assert statement_kind(date(2008, 1, 1), date(2008, 12, 31), 0) == ANNUAL

    @pytest.mark.parametrize(
        "first, last",
        [
            (date(2008, 1, 1), date(2009, 12, 31)),
            (date(2008, 1, 2), date(2008, 12, 31)),
            (date(2008, 1, 1), date(2008, 3, 30)),
            (date(2008, 4, 1), date(2008, 6, 29)),
            (date(2008, 2, 1), date(2008, 4, 30)),
            (date(2007, 10, 1), date(2008, 12, 31)),
            (date(2008, 10, 1), date(2009, 12, 31)),
            (date(2008, 7, 1), date(2008, 8, 31)),
        ],
    )
    def test_anything_else_is_additional(self, first: date, last: date) -> None:
        assert statement_kind(first, last, 5) == ADDITIONAL


class TestCharge:
    def test_regular_statements_are_free(self) -> None:
        assert [report_charge(kind) for kind in (QUARTERLY, ANNUAL)] == [0.0, 0.0]
        assert report_charge(ANNUAL, 20.0) == 0.0

    def test_up_to_fifty_for_each_other(self) -> None:
        assert report_charge(ADDITIONAL) == 50.0
        assert report_charge(ADDITIONAL, 0.0) == 0.0
        assert report_charge(ADDITIONAL, 12.5) == 12.5

    @pytest.mark.parametrize("wanted", [50.01, -0.01])
    def test_more_is_refused(self, wanted: float) -> None:
        with pytest.raises(ValueError, match=r"allowed is 0 to 50 USD \(REP-2\)"):
            report_charge(ADDITIONAL, wanted)
