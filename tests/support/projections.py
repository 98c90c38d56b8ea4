"""Small projections in markets and under assumptions of one's own choosing."""

import dataclasses
from datetime import date, datetime
from typing import Any

import numpy as np
import pyarrow as pa

from tasks.demo import FIRST_PRICE
from tasks.demo_block import demo_block
from valuation.arrays import CHARGE_CLASSES, SLOTS
from valuation.assumptions import Assumptions, load_assumptions
from valuation.block import value_block
from valuation.clock import months_after
from valuation.curve import flat
from valuation.funds import INDICES, fund_navs, index_returns, load_fund_map
from valuation.market import load_market_history
from valuation.portfolio import Portfolio, in_force, prepare_groups
from valuation.scenarios.risk_neutral import RiskNeutralModel, risk_neutral_model, simulate
from valuation.scenarios.risk_neutral import draw as draws
from valuation.schema import SCHEMAS
from valuation.sessions import day_date, day_number, on_or_after, valuation_days
from valuation.units import unit_prices

ISSUED, AS_OF, CRASH = date(2008, 7, 1), date(2008, 7, 31), date(2008, 10, 31)
PAYMENT = 50_000_000.0
"""So large that no fee for small accounts is ever due."""
BORN = date(1945, 3, 15)


def snapshot(payment: float = PAYMENT, benefit: str | None = None, series: str = "B", **person: Any) -> pa.Table:
    """One contract in one Sub-account, a month after issue, at Unit Prices that stood still."""
    contract = dict.fromkeys(SCHEMAS["contracts"].names) | {
        "contract_id": "C-1", "series": series, "issue_date": ISSUED, "tax_type": "NQ", "entity_owned": False,
        "owner_birth_date": BORN, "owner_sex": "F", "annuitant_birth_date": BORN, "annuitant_sex": "F",
    }  # fmt: skip
    issue = dict.fromkeys(SCHEMAS["transactions"].names) | {
        "transaction_id": "C-1-0", "contract_id": "C-1", "kind": "ISSUE", "amount": payment, "benefit": benefit,
        "approved": True, "received": datetime(ISSUED.year, ISSUED.month, ISSUED.day, 10),
        "allocation": [{"sub_account": SLOTS[0], "weight": 1.0}],
    }  # fmt: skip
    days = valuation_days(date(2008, 6, 30), AS_OF)
    tables = [
        pa.Table.from_pylist([row], SCHEMAS[name])
        for row, name in ((contract | person, "contracts"), (issue, "transactions"))
    ]
    return in_force(value_block(*tables, None, days, standing(len(days))).snapshot)


def standing(n_day: int) -> np.ndarray:
    """Unit Prices that stand still."""
    return np.full((n_day, len(CHARGE_CLASSES), len(SLOTS)), 10.0)


def days_for(years: int, as_of: date = AS_OF) -> np.ndarray:
    """Valuation Days of a projection, to the day on which its last year ends."""
    start = day_number(as_of)
    last = int(on_or_after(np.array([months_after(start, 12 * years)], dtype=np.int64))[0])
    return valuation_days(day_date(start + 1), day_date(last))


def quiet(surrenders: bool = False, withdrawals: bool = False) -> Assumptions:
    """Best estimates of mortality; nobody gives up or withdraws unless asked for, and nothing costs the insurer."""
    best = load_assumptions("best_2008")
    lapse, use = best.lapse, best.withdrawal
    if not surrenders:
        lapse = dataclasses.replace(lapse, base={series: (0.0,) for series in lapse.base})
    if not withdrawals:
        nobody = {tax: tuple(0.0 for _ in row) for tax, row in use.weights.items()}
        use = dataclasses.replace(use, weights=nobody, growth_end_share=0.0, minimum_distribution_share=0.0)
    return dataclasses.replace(
        best,
        lapse=lapse,
        withdrawal=use,
        expenses=dataclasses.replace(best.expenses, per_contract=0.0, account_value_rate=0.0),
        revenue_sharing=dataclasses.replace(best.revenue_sharing, rate=0.0),
    )


def prepared(held: pa.Table, grid: np.ndarray, assumptions: Assumptions, prices: np.ndarray | None = None) -> Portfolio:
    """Contracts ready to be projected from `AS_OF`."""
    opening = standing(1)[0] if prices is None else prices
    as_of = day_number(held["valuation_date"][0].as_py())
    return prepare_groups(held, assumptions, load_fund_map(), as_of, grid, 0.04, opening)


def in_one_index(portfolio: Portfolio, index: str = "large_equity") -> Portfolio:
    """The same contracts where every Sub-account is that index at the same expense: transfers then change nothing."""
    weights = np.zeros_like(portfolio.weights)
    weights[:, INDICES.index(index)] = 1.0
    expense = np.ascontiguousarray(np.broadcast_to(portfolio.expense[:, :1], portfolio.expense.shape))
    return portfolio._replace(weights=weights, expense=expense)


def free_of_charges(portfolio: Portfolio) -> Portfolio:
    """The same contracts without asset-based charges and Portfolio expenses."""
    groups = tuple(
        one._replace(charge=np.zeros_like(one.charge), charge_next=np.zeros_like(one.charge_next))
        for one in portfolio.groups
    )
    return portfolio._replace(groups=groups, expense=np.ones_like(portfolio.expense))


def market(volatility: float = 0.2, rate: float = 0.04, rate_volatility: float = 1e-9) -> RiskNeutralModel:
    """A flat curve and an equity volatility that stays what it is; rates hardly move unless asked to."""
    model = risk_neutral_model(flat(AS_OF, rate), volatility)
    return dataclasses.replace(model, long_run_volatility=volatility, rate_volatility=rate_volatility)


def simulated(model: RiskNeutralModel, grid: np.ndarray, lanes: int, seed: int = 1, as_of: date = AS_OF) -> np.ndarray:
    """A tile of antithetic scenarios."""
    return simulate(model, grid, day_number(as_of), draws(grid, seed, range(lanes), True))


def demonstration(contracts: int, years: int) -> Portfolio:
    """The first contracts of the demonstration block after the falls of 2008, with all their behaviour."""
    history, funds = index_returns(load_market_history()), load_fund_map()
    seen = (history.days >= day_number(FIRST_PRICE)) & (history.days <= day_number(CRASH))
    days = history.days[seen]
    navs = fund_navs(funds, history.ratios[seen], days)[:, [funds.position(name) for name in SLOTS]]
    prices = unit_prices(navs, np.zeros_like(navs), days, CHARGE_CLASSES)
    block = demo_block(contracts)
    held = in_force(value_block(block.contracts, block.transactions, None, days, prices).snapshot)
    return prepared(held, days_for(years, CRASH), load_assumptions("best_2008"), prices[-1])
