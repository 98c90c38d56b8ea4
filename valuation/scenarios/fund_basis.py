"""Fund basis risk as an option: Sub-accounts that do not follow their mix of indices exactly.

Each Sub-account has besides its mix an idiosyncratic ratio every Valuation Day,

    exp(s sqrt(dt) Z - s^2 dt / 2),   s its stated volatility, dt years of calendar days over 365,

independent of the indices, of rates and of the other Sub-accounts, with mean 1: expected returns do not change and
discounted values stay martingales.  The ratios are further rows of the tile, one a Sub-account in the order of the
arrays; of a Sub-account without volatility they are 1.
"""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from valuation.arrays import SLOTS
from valuation.funds import load_subaccounts
from valuation.scenarios.grid import FloatArray, IntArray, year_fractions
from valuation.scenarios.random import Stream, normals
from valuation.scenarios.sets import ScenarioModel

HIGHEST = 0.5
"""Volatility above which the setting is taken for percent."""


@dataclass(frozen=True)
class FundBasisModel:
    """A model whose tiles also hold the idiosyncratic ratios of the Sub-accounts."""

    model: ScenarioModel
    volatility: tuple[float, ...]  # (n_sub,) per square root of a year, in the order of SLOTS

    def __post_init__(self) -> None:
        if len(self.volatility) != len(SLOTS) or not all(0.0 <= s <= HIGHEST for s in self.volatility):
            raise ValueError(
                f"fund basis volatility {self.volatility}: allowed are {len(SLOTS)} numbers from 0 to {HIGHEST}, one a "
                "Sub-account; give fractions per square root of a year, as 0.03"
            )

    @property
    def kind(self) -> str:
        """Name of the measure: that of the model."""
        return self.model.kind

    def parameters(self, days: IntArray, previous_day: int) -> dict[str, Any]:
        """Everything the paths depend on besides the draws."""
        return self.model.parameters(days, previous_day) | {"fund_basis": list(self.volatility)}

    def tile(self, days: IntArray, previous_day: int, seed: int, scenarios: range, antithetic: bool) -> FloatArray:
        """The tile (n_day, 6 + n_sub, n_lane) of the scenarios of those numbers."""
        tile = self.model.tile(days, previous_day, seed, scenarios, antithetic)
        draws = normals(seed, Stream.FUND_BASIS_DAYS, scenarios, len(SLOTS), len(days), antithetic=antithetic)
        dt = year_fractions(days, previous_day)[:, None, None]
        s = np.array(self.volatility)[None, :, None]
        return np.concatenate([tile, np.exp(s * np.sqrt(dt) * draws - 0.5 * s * s * dt)], axis=1)


def with_fund_basis(model: ScenarioModel, volatility: float) -> ScenarioModel:
    """``model`` with one volatility for every Sub-account but the bond Sub-account and the money market; 0: as it is."""
    if volatility == 0.0:
        return model
    if not math.isfinite(volatility):
        raise ValueError(f"fund basis volatility {volatility}: allowed is a number from 0 to {HIGHEST}")
    by_name = {one.name: one for one in load_subaccounts()}
    still = [by_name[name].benefit_only or by_name[name].money_market for name in SLOTS]
    return FundBasisModel(model, tuple(0.0 if one else float(volatility) for one in still))
