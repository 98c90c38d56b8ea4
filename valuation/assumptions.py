"""Assumption sets: what the contract does not fix (mortality, lapse, use of withdrawals, expenses, revenue sharing).

A set is one TOML file, `data/assumptions_<name>.toml`; every entry has value, unit and source.  `load_assumptions`
reads a set once into frozen, checked types; `valuation.decrements` computes from them.
"""

import csv
import functools
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources
from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]

SERIES = ("B", "L", "X")
LAST_AGE = 120
N_BAND = 8


class AssumptionError(ValueError):
    """An assumption set that cannot be used; the message names the set, the entry, the value and what is allowed."""


@dataclass(frozen=True)
class MortalityBasis:
    """A mortality table, its projection and its multiples.

    table, improvement   by sex "M", "F": (121,) by age; annual death probability; annual rate of improvement
    first_age            first age of the table
    base_year            calendar year of the table
    last_year            last calendar year of improvement, None without end
    factor               (121,) multiple of the death probability by age
    """

    table: Mapping[str, Array]
    improvement: Mapping[str, Array]
    first_age: int
    base_year: int
    last_year: int | None
    factor: Array


@dataclass(frozen=True)
class LapseAssumptions:
    """Full surrenders.

    base              by series: annual rates by contract year, the last repeats
    charge_years      by series: contract years with a CDSC on the initial Purchase Payment
    band_starts       (7,) first guarantee value / Account Value of bands 2 to 8
    bands             (3, 8) annual rates: charge period, first year after, later; None where lapse has no bands
    slope, trigger, floor, ceiling   multiple min(ceiling, max(floor, 1 - slope (ratio - trigger)))
    weight_living_benefit, weight_other   multiple of the guarantee value in the ratio
    withdrawing_factor   multiple of lapse in a year with a withdrawal under a living benefit
    """

    base: Mapping[str, tuple[float, ...]]
    charge_years: Mapping[str, int]
    band_starts: tuple[float, ...]
    bands: Array | None
    slope: float
    trigger: float
    floor: float
    ceiling: float
    weight_living_benefit: float
    weight_other: float
    withdrawing_factor: float


@dataclass(frozen=True)
class WithdrawalAssumptions:
    """First withdrawal and use of the Annual Income Amount.

    start_ages          attained ages at which first withdrawals are taken, years, increasing
    weights             by "nonqualified", "qualified": share of contracts per start age; 1 - sum never withdraws
    growth_end_share    share of those still to withdraw who do so at the age after the guaranteed growth ends
    minimum_distribution_share, minimum_distribution_age   the same for qualified contracts at that age
    income_share        fraction of the Annual Income Amount taken each Annuity Year while Account Value lasts
    payments_per_year   withdrawals per Annuity Year
    seed                names the draw of cohorts
    """

    start_ages: tuple[int, ...]
    weights: Mapping[str, tuple[float, ...]]
    growth_end_share: float
    minimum_distribution_share: float
    minimum_distribution_age: int
    income_share: float
    payments_per_year: int
    seed: int


@dataclass(frozen=True)
class ExpenseAssumptions:
    """Maintenance expense: USD per contract in the first projection year, its growth a year, fraction of AV a year."""

    per_contract: float
    growth: float
    account_value_rate: float


@dataclass(frozen=True)
class RevenueAssumptions:
    """Revenue sharing: fraction of Sub-account assets a year; fraction recognised by projection year, last repeats."""

    rate: float
    recognised: tuple[float, ...]


@dataclass(frozen=True)
class AnnuitizationAssumptions:
    """Share of contracts that begin annuity payments under a benefit at an anniversary that allows them.

    band_starts         (n,) first value of the payments / Account Value of bands 2 and following
    first_year, later   (n + 1,) shares of the bands, at the first such anniversary and at the others
    """

    band_starts: tuple[float, ...]
    first_year: tuple[float, ...]
    later: tuple[float, ...]


@dataclass(frozen=True)
class Assumptions:
    """One assumption set.

    mortality_living_benefit, mortality_other   contracts with and without a living benefit
    mortality_guarantee   basis of guarantee values (GAPV): the table, improvement to a fixed year, no multiples
    """

    name: str
    edition: str
    mortality_living_benefit: MortalityBasis
    mortality_other: MortalityBasis
    mortality_guarantee: MortalityBasis
    lapse: LapseAssumptions
    withdrawal: WithdrawalAssumptions
    expenses: ExpenseAssumptions
    revenue_sharing: RevenueAssumptions
    annuitization: AnnuitizationAssumptions


class _Section:
    """One table of the file; hands out checked values and remembers what was read."""

    def __init__(self, name: str, path: str, entries: dict[str, Any]):
        self.name, self.path, self.entries, self.read = name, path, entries, set[str]()

    def value(self, key: str) -> Any:
        entry = self.entries.get(key)
        if not (
            isinstance(entry, dict) and set(entry) == {"value", "unit", "source"} and all(map(str, entry.values()))
        ):
            raise AssumptionError(
                f"assumption set {self.name}: entry {self.path}.{key} is {entry!r}; "
                "each entry needs value, unit and source, none of them empty: complete it in the TOML file"
            )
        self.read.add(key)
        return entry["value"]

    def number(self, key: str, low: float = 0.0, high: float = 1.0) -> float:
        return self.checked(key, self.value(key), low, high)

    def numbers(self, key: str, low: float = 0.0, high: float = 1.0) -> tuple[float, ...]:
        values = self.value(key)
        if not (isinstance(values, list) and values):
            raise self.error(key, values, "a list of numbers, not empty")
        return tuple(self.checked(key, v, low, high) for v in values)

    def checked(self, key: str, value: Any, low: float, high: float) -> float:
        if isinstance(value, bool) or not isinstance(value, int | float) or not low <= value <= high:
            raise self.error(key, value, f"a number from {low} to {high}")
        return float(value)

    def error(self, key: str, value: Any, allowed: str) -> AssumptionError:
        return AssumptionError(
            f"assumption set {self.name}: {self.path}.{key} is {value!r}; allowed is {allowed}: correct the TOML file"
        )

    def done(self) -> None:
        """Every entry must have been read: a misspelt name is never passed over."""
        unknown = sorted(set(self.entries) - self.read)
        if unknown:
            raise AssumptionError(
                f"assumption set {self.name}: unknown entries {unknown} in [{self.path}]; known are "
                f"{sorted(self.read)}: correct the name or remove the entry"
            )


def _section(name: str, data: dict[str, Any], path: str) -> _Section:
    """The table ``path`` of the file, without the tables below it."""
    table: Any = data
    for key in path.split("."):
        table = table.get(key) if isinstance(table, dict) else None
    if not isinstance(table, dict):
        raise AssumptionError(f"assumption set {name}: the table [{path}] is missing: add it to the TOML file")
    return _Section(name, path, {k: v for k, v in table.items() if f"{path}.{k}" != "lapse.dynamic"})


@functools.cache
def mortality_tables() -> dict[str, Array]:
    """Columns of the mortality file by name: (121,) by age, nan outside a table's range."""
    text = (resources.files("valuation") / "data" / "mortality" / "soa_tables.csv").read_text()
    rows = list(csv.DictReader(text.splitlines()))
    return {
        column: np.array([float(row[column]) if row[column] else np.nan for row in rows])
        for column in rows[0]
        if column != "age"
    }


@functools.cache
def mortality_table(name: str) -> MortalityBasis:
    """A published table as it is, without improvement or multiples; above its last age nobody lives."""
    tables = mortality_tables()
    known = sorted(column[:-2] for column in tables if column.endswith("_m") and column != "g2_m")
    if name not in known:
        raise AssumptionError(f"mortality table {name!r} does not exist; known are {known}: choose one of them")
    table = {"M": tables[f"{name}_m"].copy(), "F": tables[f"{name}_f"].copy()}
    level, none = np.ones(LAST_AGE + 1), np.zeros(LAST_AGE + 1)
    for array in (*_closed(table).values(), level, none):
        array.flags.writeable = False
    return MortalityBasis(table, {"M": none, "F": none}, _first_age(table), 0, 0, level)


def _first_age(table: Mapping[str, Array]) -> int:
    """First age of a table."""
    return max(int(np.flatnonzero(~np.isnan(q))[0]) for q in table.values())


def _closed(table: dict[str, Array]) -> dict[str, Array]:
    """The table with a sure death after its last age, changed in place."""
    first_age = _first_age(table)
    for q in table.values():
        q[np.isnan(q) & (np.arange(LAST_AGE + 1) > first_age)] = 1.0
    return table


def _columns(section: _Section, key: str) -> dict[str, Array]:
    name, tables = section.value(key), mortality_tables()
    if f"{name}_m" not in tables or f"{name}_f" not in tables:
        known = sorted(column[:-2] for column in tables if column.endswith("_m"))
        raise section.error(key, name, f"one of {known}")
    return {"M": tables[f"{name}_m"].copy(), "F": tables[f"{name}_f"].copy()}


def _bases(section: _Section) -> tuple[MortalityBasis, MortalityBasis, MortalityBasis]:
    table, improvement = _columns(section, "table"), _columns(section, "improvement")
    first_age = _first_age(_closed(table))
    for scale in improvement.values():
        np.nan_to_num(scale, copy=False)
    base_year = int(section.number("base_year", 1900, 2100))
    guarantee_year = int(section.number("guarantee_last_improvement_year", 1900, 2200))
    factors = []
    for key in ("factor_living_benefit", "factor_other"):
        points = np.array(section.value(key), dtype=np.float64)
        if points.ndim != 2 or points.shape[1] != 2 or np.any(np.diff(points[:, 0]) <= 0) or np.any(points[:, 1] <= 0):
            raise section.error(key, points.tolist(), "a list of [age, factor], ages increasing, factors positive")
        factors.append(np.interp(np.arange(LAST_AGE + 1), points[:, 0], points[:, 1]))
    for array in (*table.values(), *improvement.values(), *factors):
        array.flags.writeable = False
    level = np.ones(LAST_AGE + 1)
    level.flags.writeable = False
    return (
        MortalityBasis(table, improvement, first_age, base_year, None, factors[0]),
        MortalityBasis(table, improvement, first_age, base_year, None, factors[1]),
        MortalityBasis(table, improvement, first_age, base_year, guarantee_year, level),
    )


def _bands(
    lapse: _Section, dynamic: _Section, base: Mapping[str, tuple[float, ...]], years: Mapping[str, int]
) -> Array:
    """(3, 8) annual rates of the bands; the base rates must be those of the first band."""
    starts = dynamic.numbers("band_starts", 0.0, 100.0)
    rows = [dynamic.numbers(f"bands_{period}") for period in ("in_charge_period", "first_year_after", "later")]
    if len(starts) != N_BAND - 1 or any(len(row) != N_BAND for row in rows) or list(starts) != sorted(set(starts)):
        allowed = f"{N_BAND - 1} increasing starts, and {N_BAND} rates in each row of bands"
        raise dynamic.error("band_starts", list(starts), allowed)
    bands = np.array(rows)
    for series in SERIES:
        for year, rate in enumerate(base[series]):
            first = bands[min(max(year - years[series] + 1, 0), 2), 0]
            if rate != first:
                raise lapse.error(f"base_{series}", rate, f"the first rate of its row of bands, {first}")
    bands.flags.writeable = False
    return bands


def _lapse(section: _Section, dynamic: _Section) -> LapseAssumptions:
    base = {series: section.numbers(f"base_{series}") for series in SERIES}
    years = section.value("charge_years")
    if not isinstance(years, dict) or set(years) != set(SERIES):
        raise section.error("charge_years", years, f"one number of years for each of {SERIES}")
    charge_years = {s: int(section.checked("charge_years", years[s], 0, 20)) for s in SERIES}
    banded = "band_starts" in dynamic.entries
    return LapseAssumptions(
        base=base,
        charge_years=charge_years,
        bands=_bands(section, dynamic, base, charge_years) if banded else None,
        band_starts=dynamic.numbers("band_starts", 0.0, 100.0) if banded else tuple(range(1, N_BAND)),
        slope=dynamic.number("slope", 0.0, 100.0),
        trigger=dynamic.number("trigger", 0.0, 100.0),
        floor=dynamic.number("floor", 0.0, 10.0),
        ceiling=dynamic.number("ceiling", 0.0, 10.0),
        weight_living_benefit=dynamic.number("weight_living_benefit", 0.0, 10.0),
        weight_other=dynamic.number("weight_other", 0.0, 10.0),
        withdrawing_factor=dynamic.number("withdrawing_factor"),
    )


def _withdrawal(section: _Section) -> WithdrawalAssumptions:
    ages = tuple(int(a) for a in section.numbers("start_ages", 0, LAST_AGE))
    if list(ages) != sorted(set(ages)):
        raise section.error("start_ages", list(ages), "increasing ages")
    weights = {}
    for tax in ("nonqualified", "qualified"):
        weights[tax] = section.numbers(f"weights_{tax}")
        if len(weights[tax]) != len(ages) or sum(weights[tax]) > 1.0 + 1e-12:
            raise section.error(f"weights_{tax}", list(weights[tax]), f"{len(ages)} shares with a sum of at most 1")
    return WithdrawalAssumptions(
        start_ages=ages,
        weights=weights,
        growth_end_share=section.number("growth_end_share"),
        minimum_distribution_share=section.number("minimum_distribution_share"),
        minimum_distribution_age=int(section.number("minimum_distribution_age", 0, LAST_AGE)),
        income_share=section.number("income_share"),
        payments_per_year=int(section.number("payments_per_year", 1, 12)),
        seed=int(section.number("seed", 0, 2**63 - 1)),
    )


def _annuitization(section: _Section) -> AnnuitizationAssumptions:
    starts = section.numbers("band_starts", 0.0, 100.0)
    rows = [section.numbers(key) for key in ("first_year", "later")]
    if any(len(row) != len(starts) + 1 for row in rows) or list(starts) != sorted(set(starts)):
        raise section.error("band_starts", list(starts), "increasing starts, and one rate more in each row of bands")
    return AnnuitizationAssumptions(starts, *rows)


@functools.cache
def load_assumptions(name: str) -> Assumptions:
    """The assumption set ``name`` ("best_2008", "prudent_2024"), read from the package and checked.

    Raises AssumptionError for an unknown set, an entry without unit or source, a value outside its range, or a name
    that no assumption has.
    """
    folder = resources.files("valuation") / "data"
    names = (path.name for path in folder.iterdir())
    known = sorted(n[len("assumptions_") : -len(".toml")] for n in names if n.startswith("assumptions_"))
    if name not in known:
        raise AssumptionError(f"assumption set {name!r} does not exist; known are {known}: choose one of them")
    return parse_assumptions(name, (folder / f"assumptions_{name}.toml").read_text(encoding="utf-8"))


def parse_assumptions(name: str, text: str) -> Assumptions:
    """An assumption set from the text of its TOML file, which must state ``name``.  Errors as `load_assumptions`."""
    data = tomllib.loads(text)
    if data.get("name") != name or not data.get("edition"):
        raise AssumptionError(
            f"assumption set {name}: the file states name {data.get('name')!r} and edition {data.get('edition')!r}; "
            "both must be there and the name must be that of the file: correct the file"
        )
    mortality, lapse, dynamic, withdrawal, expenses, revenue, annuitization = sections = [
        _section(name, data, path)
        for path in (
            "mortality",
            "lapse",
            "lapse.dynamic",
            "withdrawal",
            "expenses",
            "revenue_sharing",
            "annuitization",
        )
    ]
    living, other, guarantee = _bases(mortality)
    result = Assumptions(
        name=name,
        edition=data["edition"],
        mortality_living_benefit=living,
        mortality_other=other,
        mortality_guarantee=guarantee,
        lapse=_lapse(lapse, dynamic),
        withdrawal=_withdrawal(withdrawal),
        expenses=ExpenseAssumptions(
            per_contract=expenses.number("per_contract", 0.0, 100_000.0),
            growth=expenses.number("growth", -0.5, 0.5),
            account_value_rate=expenses.number("account_value_rate"),
        ),
        revenue_sharing=RevenueAssumptions(revenue.number("rate"), revenue.numbers("recognised")),
        annuitization=_annuitization(annuitization),
    )
    for section in sections:
        section.done()
    return result
