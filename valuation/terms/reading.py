"""How a terms file is read: one table per constant, with its value, unit and source."""

import tomllib
from importlib import resources
from typing import Any, TypeVar, cast

T = TypeVar("T", bound=tuple[Any, ...])


def read_constants(name: str) -> dict[str, dict[str, Any]]:
    """The constants of one terms file, as written: name to its value, unit and source."""
    path = resources.files("valuation.terms") / f"{name}.toml"
    return tomllib.loads(path.read_text(encoding="utf-8"))


def read_terms(name: str, kind: type[T]) -> T:
    """The constants of a terms file as the NamedTuple of its section; exactly those, or an error that names the others."""
    rows = {key: row for key, row in read_constants(name).items() if key not in ("edition", "name")}
    expected = set(kind.__annotations__)
    if set(rows) != expected:
        raise ValueError(
            f"terms/{name}.toml: constants {sorted(set(rows) ^ expected)} are missing or unknown; "
            f"allowed are exactly {sorted(expected)}; correct the file"
        )
    values = [rows[field]["value"] for field in kind._fields]  # type: ignore[attr-defined]
    make: Any = kind
    return cast(T, make(*[_frozen(value) for value in values]))


def _frozen(value: Any) -> Any:
    return tuple(_frozen(part) for part in value) if isinstance(value, list) else float(value)
