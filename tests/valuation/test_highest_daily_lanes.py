"""TrueIncome - Highest Daily in lanes: the ordinary day of many scenarios is the rule of one."""

import numpy as np
import pytest

from valuation import highest_daily as law
from valuation import living
from valuation.account import Account
from valuation.highest_daily import NEW_HIGHEST_DAILY, HighestDaily, change_highest_daily
from valuation.highest_daily_7 import NEW_INCOME, POST, PRE
from valuation.living import DRAW, FREEZE, GROW, HOLD
from valuation.living.kinds import KINDS, terms_of
from valuation.terms import load_terms

KIND = next(kind for kind in KINDS if kind.name == "highest_daily")
TERMS = terms_of(KIND, load_terms(False))
PERMITTED = np.array([100_000.0, 60_000.0, 20_000.0, 120_000.0, 0.0, 0.0])
FIXED = np.array([0.0, 10_000.0, 70_000.0, 30_000.0, 80_000.0, 0.0])
CHARGE = 4e-5


def states(stage: int) -> list[HighestDaily]:
    """One state a lane."""
    one = change_highest_daily(
        NEW_HIGHEST_DAILY, stage=float(stage), effective=14_000.0, lives=1.0, protected=101_000.0, highest_daily=5_100.0,
        total_annual=6_000.0, quarter_high=104_000.0, enhanced=200_000.0, once=1.0,
    )  # fmt: skip
    return [change_highest_daily(one, quarter_high=90_000.0 + 4_000.0 * k) for k in range(len(PERMITTED))]


@pytest.mark.parametrize("mode, stage", [(GROW, PRE), (FREEZE, PRE), (DRAW, POST)])
def test_a_lane_is_the_rule(mode: int, stage: int) -> None:
    before = states(stage)
    rows = np.array([list(state) for state in before]).T
    facts = living.ordinary_facts(KIND.blank, TERMS.income[0], mode, 14.9, 3.0)
    charged, hit = np.zeros(len(before)), np.zeros(len(before), np.int64)
    moved = living.ordinary_day(
        KIND.blank, mode, rows, facts, TERMS, CHARGE, PERMITTED.copy(), FIXED.copy(), charged, hit
    )
    assert moved == hit.sum() > 0
    for i, state in enumerate(before):
        account = Account(PERMITTED[i], FIXED[i])
        whole = account.permitted + account.bond
        if whole > 0.0:
            after = law.grow(state, TERMS.income[0], facts, whole)
            np.testing.assert_array_equal(rows[:, i], np.array(after))
            order = living.transfer_order(after, facts, TERMS, account, whole)
            assert hit[i] == (order.amount != 0.0)
            assert hit[i] == living.transfer_due(after, facts, TERMS, account, whole)
        else:
            np.testing.assert_array_equal(rows[:, i], np.array(state))


def test_daily_charges_are_those_of_the_sub_accounts() -> None:
    """LB-FEE-5: the Benefit Fixed Rate Account bears none; a bond Sub-account bears them."""
    charged, hit = np.zeros(6), np.zeros(6, np.int64)
    facts = living.ordinary_facts(KIND.blank, TERMS.income[0], HOLD, 0.0, 1.0)
    rows = np.zeros((len(NEW_HIGHEST_DAILY), 6))
    living.ordinary_day(KIND.blank, HOLD, rows, facts, TERMS, CHARGE, PERMITTED, FIXED, charged, hit)
    np.testing.assert_array_equal(charged, PERMITTED * CHARGE)
    assert living.charged(NEW_HIGHEST_DAILY, Account(70.0, 30.0)) == 70.0
    assert living.charged(NEW_INCOME, Account(70.0, 30.0)) == 100.0


def test_interest_of_ordinary_days() -> None:
    facts = living.ordinary_facts(KIND.blank, TERMS.income[0], DRAW, 14.9, 3.0)
    assert living.account_growth(facts) == pytest.approx((1.0 + TERMS.income[0].declared_rate) ** (3.0 / 365.0))
    assert living.account_growth(living.credited(facts)) == 1.0
    assert living.account_growth(living.no_benefit_day(NEW_INCOME)) == 1.0


def test_income_now_has_the_enhanced_value_after_the_tenth_anniversary() -> None:
    facts = living.ordinary_facts(KIND.blank, TERMS.income[0], FREEZE, 14.9, 1.0)
    state = states(PRE)[0]
    assert living.income_now(state, facts, 90_000.0) == pytest.approx(10_000.0)
