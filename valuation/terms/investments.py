"""Constants of the Fixed Rate Options and of who may hold and elect what, each read when it is asked for."""

from functools import cache
from typing import NamedTuple

from valuation.terms import IncomeTerms, load_terms
from valuation.terms.benefits import (
    AccumulationTerms,
    GmibTerms,
    HighestDailyTerms,
    OptionalDeathBenefitTerms,
    TrueIncomeTerms,
    load_accumulation_terms,
    load_gmib_terms,
    load_highest_daily_terms,
    load_optional_death_benefit_terms,
    load_true_income_terms,
)
from valuation.terms.reading import read_terms


class FixedRateTerms(NamedTuple):
    """One-year Fixed Rate Option and Enhanced Dollar Cost Averaging: terms/fixed_rate_options.toml."""

    guarantee_months: float  # of an allocation to the one-year option
    window_days: float  # after their end, in which money may be transferred out
    minimum_rate: float  # fraction per year, of the contract
    most_in: float  # USD of one transfer
    most_out: float  # USD of one transfer
    enhanced_transfers: tuple[float, ...]  # numbers of monthly transfers that may be chosen
    recalculated_interest: float  # fraction of the days to the next transfer whose interest a new amount includes
    deferral_months: float  # of a payment from a Fixed Account, at most
    deferral_free_days: float  # of it without interest


class EligibilityTerms(NamedTuple):
    """What excludes what: terms/eligibility.toml; by living benefit (8,), by optional Death Benefit (4,)."""

    lifetime: tuple[float, ...]  # 1 for a lifetime withdrawal benefit
    wait_days: float  # from its end to the anniversary of a new election
    restricted: tuple[float, ...]  # 1 if only the Permitted Sub-accounts may be chosen
    restricted_death: tuple[float, ...]
    fixed_rate: tuple[float, ...]  # 1 if Fixed Rate Options may be chosen
    fixed_rate_death: tuple[float, ...]


class ElectionTerms(NamedTuple):
    """All that an election asks: what excludes what, and the terms of every benefit, which hold its ages."""

    eligibility: EligibilityTerms
    accumulation: AccumulationTerms
    gmib: GmibTerms
    true_income: tuple[TrueIncomeTerms, TrueIncomeTerms]
    highest_daily: HighestDailyTerms
    income: tuple[IncomeTerms, IncomeTerms]  # Highest Daily 7, Spousal Highest Daily 7
    death: OptionalDeathBenefitTerms
    half_cent: float  # a value below this is none, USD


@cache
def load_fixed_rate_terms() -> FixedRateTerms:
    """Constants of the Fixed Rate Options."""
    return read_terms("fixed_rate_options", FixedRateTerms)


@cache
def load_election_terms() -> ElectionTerms:
    """Constants of elections and allocations."""
    terms = load_terms(True)
    return ElectionTerms(
        read_terms("eligibility", EligibilityTerms),
        load_accumulation_terms(),
        load_gmib_terms(),
        load_true_income_terms(),
        load_highest_daily_terms(),
        terms.income,
        load_optional_death_benefit_terms(),
        terms.withdrawals.half_cent,
    )
