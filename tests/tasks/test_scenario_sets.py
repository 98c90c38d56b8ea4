"""Which model becomes which scenario set: tiles, samples, checks."""

from datetime import date

import numpy as np
import pytest

from tasks.market import market_of
from tasks.scenarios import decisive, set_of
from valuation.scenarios.checks import RealWorldChecks, RiskNeutralChecks
from valuation.scenarios.fund_basis import with_fund_basis
from valuation.scenarios.imported import ImportedChecks
from valuation.scenarios.sampling import sampled
from valuation.scenarios.sets import build_tile
from valuation.sessions import day_number, valuation_days

DAY = date(2008, 10, 31)
AS_OF = day_number(DAY)
DAYS = np.asarray(valuation_days(date(2008, 11, 1), date(2009, 11, 2)))
MARKET = market_of(DAY)
CASES = {
    "default": (MARKET.risk_neutral, True, 2, RiskNeutralChecks),
    "independent": (sampled(MARKET.risk_neutral, "independent", False), False, 1, RiskNeutralChecks),
    "corrected": (sampled(MARKET.risk_neutral, "antithetic", True), True, 32, RiskNeutralChecks),
    "sobol": (sampled(MARKET.risk_neutral, "sobol", False), False, 32, RiskNeutralChecks),
    "fund basis": (with_fund_basis(MARKET.risk_neutral, 0.03), True, 2, RiskNeutralChecks),
    "both": (with_fund_basis(sampled(MARKET.risk_neutral, "sobol", True), 0.03), False, 32, RiskNeutralChecks),
    "real world": (MARKET.real_world, False, 1, RealWorldChecks),
    "academy": (MARKET.academy, False, 1, ImportedChecks),
}


@pytest.mark.parametrize("name", CASES)
def test_pairs_samples_and_checks(name):
    model, antithetic, per_sample, checks = CASES[name]
    one = set_of(name, model, DAYS, AS_OF, 96, 64, 5)
    assert (one.spec.antithetic, one.per_sample) == (antithetic, per_sample)
    assert one.spec.n_lane == (32 if per_sample == 32 else 48)
    found = one.checks(DAYS)
    assert type(found) is checks
    for tile in range(one.spec.n_tile):
        found.add(build_tile(one.spec, model, DAYS, tile))
    rows = decisive(one, found.rows())
    assert rows
    assert all(row.passed for row in rows)


def test_every_case_is_a_set_of_its_own():
    names = {set_of("x", model, DAYS, AS_OF, 96, 64, 5).spec.hash for model, *_ in CASES.values()}
    assert len(names) == len(CASES)


def test_blocks_that_do_not_fit_are_named():
    with pytest.raises(
        ValueError, match=r"the 48 scenarios of rn cannot be cut into tiles of 32 to 64; use multiples of 32"
    ):
        set_of("rn", CASES["sobol"][0], DAYS, AS_OF, 48, 64, 5)


def test_the_academys_rates_start_from_the_yields_of_the_day():
    assert MARKET.academy.start == MARKET.yields
    assert MARKET.yields == pytest.approx((0.0046, 0.0134, 0.0329, 0.0474))  # Treasury par yields of 2008-10-31
