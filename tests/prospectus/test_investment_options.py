"""What may be allocated where with each benefit: the chart of Sub-accounts (prospectus 1248-1273), the safe accounts."""

import numpy as np
import pytest

from valuation.death_benefit_choices import LIVING_BENEFITS
from valuation.eligibility import GMIB, HD, HD7, SHD7, TAHD, TI, TIS
from valuation.failures import Reason
from valuation.funds import load_subaccounts
from valuation.investment_options import (
    FIXED_NAMES,
    allocation_refusal,
    instructions_refusal,
    investment_options,
    is_reached_by_formula,
    may_be_held,
    permitted_options,
    permitted_table,
)
from valuation.optional_death_benefits import COMBINATION, HIGHEST_DAILY, NONE
from valuation.terms.investments import load_election_terms

RULES = load_election_terms().eligibility
OPTIONS = investment_options()
TEN = (
    "AST Advanced Strategies",
    "AST American Century Strategic Allocation",
    "AST Balanced Asset Allocation",
    "AST Capital Growth Asset Allocation",
    "AST Conservative Asset Allocation",
    "AST First Trust Balanced Target",
    "AST First Trust Capital Appreciation Target",
    "AST Preservation Asset Allocation",
    "AST T. Rowe Price Asset Allocation",
    "AST UBS Dynamic Alpha",
)
"""Prospectus 1256-1267."""
BONDS = ("AST Bond Portfolio 2015", "AST Bond Portfolio 2018", "AST Bond Portfolio 2019")
GRADE = "AST Investment Grade Bond"
ONE_YEAR, ENHANCED, BENEFIT_FIXED = FIXED_NAMES
OPEN = tuple(one.name for one in load_subaccounts() if not one.benefit_only)


class TestChart:
    """INV-2, INV-3: what the Owner may choose."""

    @pytest.mark.parametrize("living", ["TI", "TIS", "HD", "HD7", "SHD7"])
    def test_ten_with_the_restricted_benefits(self, living: str) -> None:
        assert permitted_options(living) == TEN

    @pytest.mark.parametrize("living", ["NONE", "GMIB", "TI"])
    def test_ten_with_the_highest_daily_value(self, living: str) -> None:
        assert permitted_options(living, HIGHEST_DAILY) == TEN

    def test_all_sub_accounts_with_true_accumulation_and_nothing_fixed(self) -> None:
        assert permitted_options("TAHD") == OPEN == permitted_options("TAHD", COMBINATION)
        assert len(OPEN) == 43

    @pytest.mark.parametrize("living, death", [("NONE", NONE), ("NONE", COMBINATION), ("GMIB", NONE), ("GMIB", 1)])
    def test_all_and_the_fixed_rate_options(self, living: str, death: int) -> None:
        assert permitted_options(living, death) == (*OPEN, ONE_YEAR, ENHANCED)

    def test_an_ended_death_benefit_restricts_nothing(self) -> None:
        assert permitted_options("NONE", 3) == permitted_options("NONE")


class TestSafeAccounts:
    """INV-4, LB-INV-3: the formula alone moves money in and out."""

    @pytest.mark.parametrize("name", [*BONDS, GRADE, BENEFIT_FIXED])
    def test_never_for_the_owner(self, name: str) -> None:
        found = {allocation_refusal(RULES, living, 0, OPTIONS[name]) for living in range(8)}
        assert found == {Reason.BENEFIT_ONLY_SUB_ACCOUNT}

    @pytest.mark.parametrize(
        "name, benefits",
        [*((bond, {TAHD}) for bond in BONDS), (GRADE, {HD7, SHD7}), (BENEFIT_FIXED, {HD}), ("AST High Yield", set())],
    )
    def test_whose_they_are(self, name: str, benefits: set[int]) -> None:
        assert {living for living in range(8) if is_reached_by_formula(living, OPTIONS[name])} == benefits

    def test_held_by_the_formula(self) -> None:
        assert may_be_held(RULES, HD7, 0, OPTIONS[GRADE])
        assert not may_be_held(RULES, HD, 0, OPTIONS[GRADE])
        assert not may_be_held(RULES, 0, 0, OPTIONS[GRADE])


class TestInstructions:
    """PUR-6: allocation of a Purchase Payment."""

    @pytest.mark.parametrize(
        "living, death, names, reason",
        [
            (0, 0, ("AST High Yield", ONE_YEAR, ENHANCED), 0),
            (GMIB, COMBINATION, ("AST High Yield", ONE_YEAR), 0),
            (TAHD, 0, ("AST High Yield",), 0),
            (TAHD, 0, ("AST High Yield", ENHANCED), Reason.FIXED_NOT_PERMITTED),
            (HD, 0, (TEN[0], ONE_YEAR), Reason.FIXED_NOT_PERMITTED),
            (TI, 0, (TEN[0], "AST High Yield"), Reason.SUB_ACCOUNT_NOT_PERMITTED),
            (TIS, 0, TEN, 0),
            (HD7, 0, (TEN[0], GRADE), Reason.BENEFIT_ONLY_SUB_ACCOUNT),
            (0, HIGHEST_DAILY, ("AST Money Market",), Reason.SUB_ACCOUNT_NOT_PERMITTED),
        ],
    )
    def test_reasons(self, living: int, death: int, names: tuple[str, ...], reason: int) -> None:
        weights = np.array([float(name in names) / len(names) for name in OPTIONS])
        assert instructions_refusal(RULES, living, death, tuple(OPTIONS.values()), weights) == reason


def test_the_table_says_the_same() -> None:
    table, names = permitted_table(), list(OPTIONS)
    assert table.shape == (8, 4, 50)
    for living, key in enumerate(LIVING_BENEFITS):
        held = {name for k, name in enumerate(names) if table[living, NONE, k]}
        assert held >= set(permitted_options(key))
        assert all(OPTIONS[name].formula >> living & 1 for name in held - set(permitted_options(key)))
    assert table[0, NONE].sum() == 45
    assert table[HD7, NONE].sum() == 11
    assert table[TAHD, NONE].sum() == 46
