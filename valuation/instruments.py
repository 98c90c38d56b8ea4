"""Hedge instruments: terms from a data file, sensitivities from revaluation.

One contract long.  Units of the Greeks, the same for liability and instruments:

delta   USD per +1% of an index (100 x delta is the dollar exposure to the index)
rho     USD per +1 basis point of a key rate of the continuously compounded zero curve
vega    USD per +1 point (0.01) of implied volatility of an index, all maturities together
"""

import math
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources
from typing import Any, NamedTuple, Protocol

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]

HEDGED_INDICES = ("large_equity", "small_equity", "international_equity")
KEY_RATES = (1, 2, 3, 5, 7, 10, 20, 30)
KINDS = {
    "index_future": ("index", "multiplier"),
    "index_put": ("index", "multiplier", "maturity", "dividend_yield"),
    "treasury_future": ("multiplier", "maturity", "delivery", "coupon"),
    "par_swap": ("multiplier", "maturity"),
}
NOTIONAL_COUPON = 0.06
"""Yield at which conversion factors of Treasury futures are struck."""


class GreekKey(NamedTuple):
    """A sensitivity and what it is to: greek "delta", "rho" or "vega"; bucket an index or a key rate in years."""

    greek: str
    bucket: str


GREEKS = (
    *(GreekKey("delta", index) for index in HEDGED_INDICES),
    *(GreekKey("rho", str(years)) for years in KEY_RATES),
    *(GreekKey("vega", index) for index in HEDGED_INDICES),
)
"""Order of Greeks in every array of this package."""


class Curve(Protocol):
    """What a zero curve must offer; times in years, rates and bumps as fractions."""

    def discount(self, t: npt.ArrayLike) -> Array:
        """Discount factors at ``t``."""

    def bumped(self, tenor: int, size: float) -> "Curve":
        """The curve with ``size`` added to one key rate."""


class HedgeDataError(ValueError):
    """Hedge data that cannot be used; the message names the file, the entry, the value and what is allowed."""


@dataclass(frozen=True)
class Instrument:
    """One contract of an instrument.

    multiplier       USD per index point; notional in USD for rates
    index            index of an equity instrument, else ""
    maturity         years: of an option or swap from today, of a deliverable bond from delivery
    delivery         years to delivery of a future on a bond
    coupon           of the deliverable bond, fraction per year, semiannual
    dividend_yield   continuous, fraction per year
    cost             of a trade of one contract, USD
    """

    name: str
    kind: str
    multiplier: float
    cost: float
    index: str = ""
    maturity: float = 0.0
    delivery: float = 0.0
    coupon: float = 0.0
    dividend_yield: float = 0.0


class InstrumentSet(NamedTuple):
    """The instruments of an edition and, by index, reference levels in index points."""

    edition: str
    instruments: tuple[Instrument, ...]
    levels: dict[str, float]


def load_instruments(edition: str = "2008") -> InstrumentSet:
    """The instruments of `data/hedge_instruments_<edition>.toml`.  Raises HedgeDataError for an entry that cannot be used."""
    file = f"hedge_instruments_{edition}.toml"
    data = read_hedge_file(file)
    instruments = tuple(_instrument(file, entry) for entry in data["instrument"])
    names = [i.name for i in instruments]
    if len(set(names)) < len(names):
        raise HedgeDataError(f"{file}: two instruments have one name in {names}; names must differ: rename one")
    levels = {index: float(entry["value"]) for index, entry in data["levels"].items()}
    return InstrumentSet(data["edition"], instruments, levels)


def read_hedge_file(file: str) -> dict[str, Any]:
    """The content of a TOML file of the package's data; HedgeDataError if there is none."""
    path = resources.files("valuation") / "data" / file
    if not path.is_file():
        raise HedgeDataError(f"{file} does not exist in the package's data: choose another edition or add the file")
    return tomllib.loads(path.read_text(encoding="utf-8"))


def _instrument(file: str, entry: dict[str, Any]) -> Instrument:
    name, kind = entry.get("name"), entry.get("kind", "")
    if kind not in KINDS:
        raise HedgeDataError(f"{file}: {name!r} has kind {kind!r}; allowed are {list(KINDS)}: correct the kind")
    wanted = {"name", "kind", "cost", "source", "choice", *KINDS[kind]}
    if set(entry) != wanted:
        raise HedgeDataError(
            f"{file}: {name!r} has entries {sorted(entry)}; a {kind} has {sorted(wanted)}: correct them"
        )
    terms = {k: v for k, v in entry.items() if k not in ("source", "choice")}
    if not terms["cost"] > 0.0 or not terms["multiplier"] > 0.0:
        raise HedgeDataError(
            f"{file}: {name!r} has cost {terms['cost']} and multiplier {terms['multiplier']}; both must be positive"
        )
    if terms.get("index", HEDGED_INDICES[0]) not in HEDGED_INDICES:
        raise HedgeDataError(f"{file}: {name!r} has index {terms['index']!r}; allowed are {HEDGED_INDICES}: correct it")
    if not float(2.0 * terms.get("maturity", 0.5)).is_integer():
        raise HedgeDataError(f"{file}: {name!r} has maturity {terms['maturity']}; allowed are half years: correct it")
    return Instrument(**terms)


def instrument_exposures(
    instruments: tuple[Instrument, ...], curve: Curve, levels: Mapping[str, float], volatilities: Mapping[str, float]
) -> Array:
    """(n_instrument, n_greek) Greeks of one contract of each instrument, columns in the order of `GREEKS`.

    curve          zero curve of the day
    levels         index points by index
    volatilities   implied volatility by index at the maturity of the options, fraction

    Central differences of the instrument's value, strike and fixed rate held: 1% of the level, 1 basis point of a key
    rate, 1 point of volatility.
    """
    bumps = [(curve.bumped(t, 1e-4), curve.bumped(t, -1e-4)) for t in KEY_RATES]
    exposures = np.zeros((len(instruments), len(GREEKS)))
    for row, instrument in zip(exposures, instruments, strict=True):
        level = volatility = 0.0
        if instrument.index:
            level, volatility = _market(instrument, levels), _market(instrument, volatilities)
        fixed = _fixed_term(instrument, curve, level)
        for column, (greek, bucket) in enumerate(GREEKS):
            if greek == "rho":
                markets = [(bumped, level, volatility) for bumped in bumps[KEY_RATES.index(int(bucket))]]
            elif bucket != instrument.index:
                continue
            elif greek == "delta":
                markets = [(curve, factor * level, volatility) for factor in (1.01, 0.99)]
            else:
                markets = [(curve, level, volatility + point) for point in (0.01, -0.01)]
            up, down = (_value(instrument, fixed, *market) for market in markets)
            row[column] = (up - down) / 2.0
    return exposures


def instrument_values(
    instruments: tuple[Instrument, ...], curve: Curve, levels: Mapping[str, float], volatilities: Mapping[str, float]
) -> Array:
    """(n_instrument,) value of one contract of each instrument made today, USD; of a future its notional value.

    Arguments as in `instrument_exposures`.
    """
    values = np.zeros(len(instruments))
    for k, instrument in enumerate(instruments):
        level = volatility = 0.0
        if instrument.index:
            level, volatility = _market(instrument, levels), _market(instrument, volatilities)
        values[k] = _value(instrument, _fixed_term(instrument, curve, level), curve, level, volatility)
    return values


def _market(instrument: Instrument, quotes: Mapping[str, float]) -> float:
    quote = quotes.get(instrument.index)
    if quote is None or not quote > 0.0:
        raise HedgeDataError(
            f"{instrument.name} needs a positive level and volatility of {instrument.index}; found {quote} in {dict(quotes)}: "
            "supply the market of the day"
        )
    return float(quote)


def par_rate(curve: Curve, maturity: float) -> float:
    """Semiannual rate at which a swap of ``maturity`` years is worth nothing, fraction per year."""
    paid = curve.discount(np.arange(1, round(2 * maturity) + 1) / 2.0)
    return float(2.0 * (1.0 - paid[-1]) / paid.sum())


def conversion_factor(coupon: float, maturity: float) -> float:
    """Price per 1 of a bond of whole half years at a yield of 6% compounded twice a year."""
    n, half = round(2 * maturity), 1.0 + NOTIONAL_COUPON / 2.0
    return coupon / 2.0 * (1.0 - half**-n) / (half - 1.0) + half**-n


def _fixed_term(instrument: Instrument, curve: Curve, level: float) -> float:
    """What a contract fixes when it is made: the rate of a swap, the strike of an option."""
    return par_rate(curve, instrument.maturity) if instrument.kind == "par_swap" else level


def _value(instrument: Instrument, fixed: float, curve: Curve, level: float, volatility: float) -> float:
    """Value of one contract, USD; of a future the notional value, of which only changes are paid."""
    if instrument.kind == "index_future":
        return instrument.multiplier * level
    if instrument.kind == "index_put":
        bond = float(curve.discount(np.array([instrument.maturity]))[0])
        stock = level * math.exp(-instrument.dividend_yield * instrument.maturity)
        return instrument.multiplier * black_put(stock, fixed * bond, volatility * math.sqrt(instrument.maturity))
    halves = np.arange(1, round(2 * instrument.maturity) + 1) / 2.0
    if instrument.kind == "par_swap":
        paid = curve.discount(halves)
        return float(instrument.multiplier * (fixed / 2.0 * paid.sum() + paid[-1] - 1.0))
    to_delivery = curve.discount(np.append(0.0, halves) + instrument.delivery)
    forward = (instrument.coupon / 2.0 * to_delivery[1:].sum() + to_delivery[-1]) / to_delivery[0]
    return float(instrument.multiplier * forward / conversion_factor(instrument.coupon, instrument.maturity))


def black_put(stock: float, strike: float, deviation: float) -> float:
    """Put on an asset of present value ``stock`` with a strike of present value ``strike``; deviation = vol x sqrt(T).

    Source: Black, "The pricing of commodity contracts", Journal of Financial Economics 3 (1976).
    """
    d1 = math.log(stock / strike) / deviation + deviation / 2.0
    return strike * _normal_tail(d1 - deviation) - stock * _normal_tail(d1)


def _normal_tail(d: float) -> float:
    """Probability that a standard normal is above ``d``."""
    return math.erfc(d / math.sqrt(2.0)) / 2.0
