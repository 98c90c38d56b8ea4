"""How the module of a benefit registers what it answers."""

from collections.abc import Callable
from typing import Any

from valuation.living import accounts, annuities, interface, lanes


def answers(kind: type, **bodies: Callable[..., Any]) -> None:
    """Register bodies for a kind of state, by the names of the functions of `interface` and `lanes`.

    Raises AttributeError for a name that neither has.
    """
    for name, body in bodies.items():
        asked: Any = next((getattr(part, name) for part in (accounts, annuities, lanes) if hasattr(part, name)), None)
        asked = asked or getattr(interface, name)
        asked.register(kind)(body)
