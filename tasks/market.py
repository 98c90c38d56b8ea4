"""The market of a valuation date, from the history of the package."""

from dataclasses import dataclass
from datetime import date

from valuation.curve import TENOR_MONTHS, ZeroCurve
from valuation.market import load_market_history
from valuation.scenarios.real_world import RealWorldModel, real_world_model
from valuation.scenarios.risk_neutral import RiskNeutralModel, risk_neutral_model

_GUARANTEE_MONTHS = 120


@dataclass(frozen=True)
class Market:
    """What the projections take from the market of one day."""

    day: date
    curve: ZeroCurve
    implied_volatility: float  # VIX, fraction a year
    guarantee_rate: float  # 10-year Treasury par yield, at which Owners value guaranteed income, fraction a year

    @property
    def risk_neutral(self) -> RiskNeutralModel:
        """The model that prices guarantees."""
        return risk_neutral_model(self.curve, self.implied_volatility)

    @property
    def real_world(self) -> RealWorldModel:
        """The model of reserves, on the same rates."""
        return real_world_model(self.risk_neutral.rates)


def market_of(day: date) -> Market:
    """The market of a day, by the as-of rule of the history."""
    history = load_market_history()
    par = history.par_yields(day)
    rate = float(par.yields[TENOR_MONTHS.index(_GUARANTEE_MONTHS)])
    return Market(day, history.zero_curve(day), float(history.vix.on(day)), rate)
