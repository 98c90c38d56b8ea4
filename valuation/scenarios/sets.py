"""A scenario set: what it is made of, its name, its tiles, and standard errors over its scenarios."""

import hashlib
import json
from dataclasses import asdict, dataclass
from typing import Any, Protocol

import numpy as np

from valuation.scenarios.grid import FloatArray, IntArray

GENERATOR = 1
"""Edition of the way draws become paths; to be raised when the same parameters and seed would give other paths."""


class ScenarioModel(Protocol):
    """A model that can make tiles."""

    @property
    def kind(self) -> str:
        """Name of the measure: risk_neutral or real_world."""
        ...

    def parameters(self, days: IntArray, previous_day: int) -> dict[str, Any]:
        """Everything the paths depend on besides the draws, as plain values."""
        ...

    def tile(self, days: IntArray, previous_day: int, seed: int, scenarios: range, antithetic: bool) -> FloatArray:
        """The tile (n_day, 6, n_lane) of the scenarios of those numbers."""
        ...


@dataclass(frozen=True)
class ScenarioSetSpec:
    """Everything that decides the contents of a scenario set; two equal specifications name the same bits."""

    kind: str  # risk_neutral | real_world
    valuation_date: int  # day number from which time, ratios and discount factors count
    n_scenario: int  # a multiple of n_lane
    n_lane: int  # scenarios in a tile
    n_day: int  # Valuation Days after the valuation date
    horizon: int  # day number of the last one
    days_hash: str  # of all of them
    seed: int
    antithetic: bool  # scenarios 2j and 2j + 1 have opposite draws
    model_hash: str  # of the model's parameters and market inputs
    generator: int = GENERATOR

    def __post_init__(self) -> None:
        if self.n_lane < 1 or self.n_scenario < 1 or self.n_scenario % self.n_lane:
            raise ValueError(
                f"{self.n_scenario} scenarios do not fill tiles of {self.n_lane}; use a whole multiple of it"
            )
        if self.antithetic and self.n_lane % 2:
            raise ValueError(f"antithetic pairs need an even number of scenarios in a tile, not {self.n_lane}")

    @property
    def hash(self) -> str:
        """Name of the set: SHA-256 of its canonical JSON."""
        return _digest(asdict(self))

    @property
    def n_tile(self) -> int:
        """Number of tiles."""
        return self.n_scenario // self.n_lane

    def scenarios(self, tile: int) -> range:
        """Scenario numbers of a tile."""
        if not 0 <= tile < self.n_tile:
            raise ValueError(f"tile {tile} is outside 0..{self.n_tile - 1}")
        return range(tile * self.n_lane, (tile + 1) * self.n_lane)


def scenario_set(
    model: ScenarioModel,
    days: IntArray,
    valuation_date: int,
    n_scenario: int,
    n_lane: int,
    seed: int,
    antithetic: bool | None = None,
) -> ScenarioSetSpec:
    """The specification of a set of ``model`` on the Valuation Days ``days``, all after ``valuation_date``.

    Antithetic pairs are on for risk-neutral sets, which serve means, and off for real-world sets, whose tail averages
    are judged by formulas for independent scenarios, unless said otherwise.
    """
    return ScenarioSetSpec(
        kind=model.kind,
        valuation_date=valuation_date,
        n_scenario=n_scenario,
        n_lane=n_lane,
        n_day=len(days),
        horizon=int(days[-1]),
        days_hash=_digest([int(day) for day in days]),
        seed=seed,
        antithetic=model.kind == "risk_neutral" if antithetic is None else antithetic,
        model_hash=_digest(model.parameters(days, valuation_date)),
    )


def build_tile(spec: ScenarioSetSpec, model: ScenarioModel, days: IntArray, tile: int) -> FloatArray:
    """Tile number ``tile`` of the set: (n_day, 6, n_lane).

    Raises ValueError if the model or the days are not those the specification was made from.
    """
    expected = scenario_set(
        model, days, spec.valuation_date, spec.n_scenario, spec.n_lane, spec.seed, antithetic=spec.antithetic
    )
    if expected != spec:
        wrong = [name for name, value in asdict(spec).items() if getattr(expected, name) != value]
        raise ValueError(
            f"scenario set {spec.hash[:12]}: model or days give another {', '.join(wrong)}; make a new set"
        )
    return model.tile(days, spec.valuation_date, spec.seed, spec.scenarios(tile), spec.antithetic)


def pairs(values: FloatArray) -> FloatArray:
    """Averages of antithetic pairs along the last axis, which holds scenarios in order: (..., n) to (..., n / 2)."""
    if values.shape[-1] % 2:
        raise ValueError(f"antithetic pairs need an even number of scenarios, not {values.shape[-1]}")
    return 0.5 * (values[..., 0::2] + values[..., 1::2])


def standard_error(values: FloatArray, antithetic: bool) -> FloatArray:
    """Standard error of the mean over the last axis; of an antithetic set from pair averages, which are independent."""
    independent = pairs(values) if antithetic else np.asarray(values)
    n = independent.shape[-1]
    if n < 2:
        raise ValueError(f"a standard error needs at least two independent values, not {n}")
    return np.asarray(independent.std(axis=-1, ddof=1) / np.sqrt(n))


def _digest(value: Any) -> str:
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return hashlib.sha256(text.encode()).hexdigest()
