"""How the module of a benefit registers what it answers."""

from collections.abc import Callable
from typing import Any

from valuation.living import accounts, choices, interface, lanes


def answers(kind: type, **bodies: Callable[..., Any]) -> None:
    """Register bodies for a kind of state, by the names of the functions of `interface`, `accounts`, `choices` and `lanes`.

    Raises AttributeError for a name that none has.
    """
    for name, body in bodies.items():
        home = next((module for module in (accounts, choices, lanes) if hasattr(module, name)), interface)
        asked: Any = getattr(home, name)
        asked.register(kind)(body)
