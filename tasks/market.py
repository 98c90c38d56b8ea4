"""The market of a valuation date, from the history of the package."""

from dataclasses import dataclass, replace
from datetime import date

from valuation.curve import TENOR_MONTHS, ZeroCurve
from valuation.market import load_market_history
from valuation.scenarios.academy_rates import START_TENORS, AcademyModel, academy_model
from valuation.scenarios.real_world import RealWorldModel, real_world_model
from valuation.scenarios.risk_neutral import RiskNeutralModel, risk_neutral_model
from valuation.scenarios.volatility import VolatilityTerms

_GUARANTEE_MONTHS = 120


@dataclass(frozen=True)
class Market:
    """What the projections take from the market of one day."""

    day: date
    curve: ZeroCurve
    implied_volatility: float  # VIX, fraction a year
    yields: tuple[float, ...]  # Treasury par yields at academy_rates.START_TENORS, fractions a year
    guarantee_rate: float  # 10-year Treasury par yield, at which Owners value guaranteed income, fraction a year

    volatility_terms: tuple[VolatilityTerms | None, ...] = ()  # quotes by maturity of each equity; (): none

    @property
    def risk_neutral(self) -> RiskNeutralModel:
        """The model that prices guarantees."""
        model = risk_neutral_model(self.curve, self.implied_volatility)
        return replace(model, volatility_terms=self.volatility_terms)

    @property
    def real_world(self) -> RealWorldModel:
        """The model of reserves, on the same rates."""
        return real_world_model(self.risk_neutral.rates)

    @property
    def academy(self) -> AcademyModel:
        """The model of reserves on the Academy's rates."""
        return academy_model(self.real_world, self.yields)


def market_of(day: date, volatility_terms: tuple[VolatilityTerms | None, ...] = ()) -> Market:
    """The market of a day, by the as-of rule of the history.

    ``volatility_terms``  implied volatilities by maturity of each equity, in the place of the model's; (): none
    """
    history = load_market_history()
    par = history.par_yields(day)
    rate = float(par.yields[TENOR_MONTHS.index(_GUARANTEE_MONTHS)])
    yields = tuple(float(par.yields[TENOR_MONTHS.index(round(12 * years))]) for years in START_TENORS)
    return Market(day, history.zero_curve(day), float(history.vix.on(day)), yields, rate, volatility_terms)
