"""Index levels and implied volatilities of a day, for the hedge instruments."""

import math
from collections.abc import Mapping
from datetime import date

import numpy as np

from valuation.funds import INDICES, index_returns, load_index_rules
from valuation.instruments import HEDGED_INDICES, Instrument
from valuation.market import MarketHistory
from valuation.scenarios.risk_neutral import RiskNeutralModel
from valuation.sessions import day_number


def index_levels(
    history: MarketHistory, reference: Mapping[str, float], reference_day: date, day: date
) -> dict[str, float]:
    """Level of every hedged index on ``day``, index points.

    reference       levels of ``reference_day``

    Large equity is the market's own close.  The others move from their reference as the made index histories do, without
    the dividends that those reinvest.
    """
    levels = {HEDGED_INDICES[0]: float(history.sp500.on(day))}
    made = index_returns(history)
    logs = np.cumsum(np.log(made.ratios), axis=0)
    now, then = (int(np.searchsorted(made.days, day_number(one), side="right")) - 1 for one in (day, reference_day))
    years = float(made.days[now] - made.days[then]) / 365.0
    for name in HEDGED_INDICES[1:]:
        k = INDICES.index(name)
        growth = float(logs[now, k] - logs[then, k]) - years * math.log1p(load_index_rules().dividend_yield[k])
        levels[name] = reference[name] * math.exp(growth)
    return levels


def implied_volatilities(model: RiskNeutralModel, instruments: tuple[Instrument, ...]) -> dict[str, float]:
    """Volatility of every hedged index over the life of its option, fraction per square root of a year."""
    maturity = {one.index: one.maturity for one in instruments if one.kind == "index_put"}
    found = {}
    for name in HEDGED_INDICES:
        years = maturity.get(name, 1.0)
        found[name] = math.sqrt(float(model.total_variance(name, np.array([years]))[0]) / years)
    return found
