"""The rules of the Fixed Rate Options and of elections take part in kernels: compiled they give what they give in Python."""

from datetime import date

import numpy as np
import pytest

from valuation import declared_rates as rates
from valuation import eligibility
from valuation import enhanced_dollar_cost_averaging as edca
from valuation import fixed_rate_options as one_year
from valuation import investment_options as options
from valuation.clock import day_of
from valuation.compile import kernel
from valuation.contract import Array, Life
from valuation.death_benefit_choices import LIVING_BENEFITS
from valuation.optional_death_benefits import NEW_OPTIONAL_DEATH_BENEFIT, OptionalDeathBenefit
from valuation.terms import ChargeTerms, load_terms
from valuation.terms.investments import ElectionTerms, FixedRateTerms, load_election_terms, load_fixed_rate_terms

START = 14_000
LIFE = Life(START, START - 60 * 366, START - 60 * 366, START - 60 * 366, 30_000, 0)
RATES = rates.declare(
    [
        rates.DeclaredRate(date(2008, 1, 1), "ONE_YEAR", 12, 0.03, 0.01),
        rates.DeclaredRate(date(2008, 1, 1), "ENHANCED", 6, 0.05),
    ]
)


def options_story(
    periods: one_year.RatePeriods, terms: FixedRateTerms, declared: rates.DeclaredRates, out: Array
) -> None:
    """Both Fixed Rate Options over 600 days, with a withdrawal, a renewal and a transfer out."""
    rate = rates.credited_rate(terms, declared, rates.ONE_YEAR, 12, True, START)
    one_year.allocate(periods, 1_000.0, rate, START)
    rate = rates.credited_rate(terms, declared, rates.ENHANCED, 6, True, START)
    option = edca.allocate(1_200.0, rate, 6, START + 10, START)
    for today in range(START + 1, START + 600):
        one_year.credit_interest(periods, terms, today - 1, today, 0.02)
        option = edca.grow(option, today - 1, today)
        option, moved = edca.transfer(option, 1.0, today)
        out[0] += moved
        if today == START + 50:
            option = edca.take(option, terms, 50.0, 0.005, today)
            out[1] = edca.transfer_all_refusal(option, 10.0, 0.005)
        if today == START + 380:
            out[2] = one_year.open_value(periods, terms, today)
            out[3] = one_year.transfer_out(periods, terms, 100.0, today)
    out[4] = one_year.take(periods, 100.0)
    out[5] = one_year.transfer_out_refusal(periods, terms, 10.0, 0.005, START + 600)
    out[6] = edca.allocation_refusal(terms, rates.is_offered(declared, rates.ENHANCED, 6, START), 6, True)
    out[7] = one_year.transfer_in_refusal(terms, False, 5.0)
    out[8] = one_year.deferral(terms, 100.0, 0.03, START, START + 40).interest
    for k in range(periods.layers.used[0]):
        out[9] += periods.layers.amount[k]


def elections_story(
    terms: ElectionTerms,
    charges: ChargeTerms,
    life: Life,
    held: eligibility.Holdings,
    past: eligibility.Elections,
    offer: eligibility.Offer,
    benefit: OptionalDeathBenefit,
    every: tuple[options.Option, ...],
    weights: Array,
    out: Array,
) -> None:
    """The reason of every living benefit, of a death benefit and of allocation instructions; a charge class."""
    day = day_of(life.issue, life.issue - 1, life.issue)
    named = eligibility.known_designations(life)
    for living in range(1, 8):
        out[living] = eligibility.living_refusal(terms, offer, living, life, named, past, held, day, False)
    out[8] = eligibility.death_benefit_refusal(terms, offer, 2, benefit, life, past, held, day)
    out[9] = eligibility.daily_charge(terms, charges, 0, 3, 1)
    out[0] = options.instructions_refusal(terms.eligibility, 3, 0, every, weights)


compiled_story = kernel(elections_story)


@pytest.mark.slow
def test_options() -> None:
    plain, compiled = np.zeros(10), np.zeros(10)
    options_story(one_year.no_periods(), load_fixed_rate_terms(), RATES, plain)
    kernel(options_story)(one_year.no_periods(), load_fixed_rate_terms(), RATES, compiled)
    np.testing.assert_allclose(compiled, plain, rtol=1e-13)
    assert plain[[1, 5, 6, 7]].tolist() == [722.0, 720.0, 0.0, 421.0]


@pytest.mark.slow
@pytest.mark.parametrize("fixed", [0.0, 50.0])
def test_elections(fixed: float) -> None:
    terms = load_election_terms()
    every = tuple(options.investment_options().values())
    weights = np.array([float(one.kind == rates.ONE_YEAR) for one in every])
    start = NEW_OPTIONAL_DEATH_BENEFIT._replace(start=float(START))
    held = eligibility.Holdings(100.0, 0.0, fixed)
    plain, compiled = np.zeros(10), np.zeros(10)
    rest = (held, eligibility.Elections(), eligibility.Offer(), start, every, weights)
    elections_story(terms, load_terms(True).charges, LIFE, *rest, plain)
    compiled_story(terms, load_terms(True).charges, LIFE, *rest, compiled)
    assert compiled.tolist() == plain.tolist()
    held_fixed = 529.0 if fixed else 0.0
    assert plain[[0, LIVING_BENEFITS.index("TAHD"), LIVING_BENEFITS.index("GMIB"), 8]].tolist() == [
        420.0,
        held_fixed,
        0.0,
        held_fixed,
    ]
