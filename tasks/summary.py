"""Figures for people: amounts, shares and numbers as text.  No figure is computed here."""

from typing import Final, NamedTuple

NONE: Final = "-"


class Page(NamedTuple):
    """One table; a column whose name begins with # holds numbers; no columns: no head."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def usd(value: float) -> str:
    """An amount in USD, to the cent."""
    return f"{value:,.2f}"


def amount(value: float | None) -> str:
    """An amount in USD, to the cent, or a dash where there is none."""
    return NONE if value is None else usd(value)


def share(value: float) -> str:
    """A fraction as a percentage."""
    return f"{value:.2%}"


def figure(value: float, unit: str) -> str:
    """A quantity in its unit: USD, fraction, number."""
    if unit == "USD":
        return usd(value)
    if unit == "fraction":
        return f"{value * 100:.4f}".rstrip("0").rstrip(".") + "%"
    return f"{value:,.8f}".rstrip("0").rstrip(".")


def large(value: float) -> str:
    """An amount of a block in the unit that reads best."""
    for size, name in ((1e9, "bn"), (1e6, "m"), (1e3, "k")):
        if abs(value) >= size:
            return f"{value / size:,.2f} {name}"
    return f"{value:,.2f}"


def with_error(value: float, error: float | None) -> str:
    """A stochastic figure with its standard error."""
    return large(value) if error is None else f"{large(value)} ± {large(error)}"


def memory(peak_bytes: int) -> str:
    """What a worker needed at most, to follow what it did; nothing where nothing was measured."""
    return f", at most {peak_bytes / 2**30:,.2f} GiB a worker" if peak_bytes else ""


def count(value: int, name: str) -> str:
    """A number of things, in words."""
    return f"{value:,} {name}{'' if value == 1 else 's'}"


def words(name: str) -> str:
    """The name of a measure, basis or flow, in words."""
    return name.replace("cte_", "CTE").replace("fair_value_", "fair value of the ").replace("_", " ")
