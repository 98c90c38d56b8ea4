"""How the module of a benefit registers what it answers."""

from collections.abc import Callable
from typing import Any

from valuation.living import accounts, added, annuities, choices, interface, lanes

ASKING = (accounts, added, annuities, choices, interface, lanes)


def answers(kind: type, **bodies: Callable[..., Any]) -> None:
    """Register bodies for a kind of state, by the names of the functions of this package's generic modules.

    Raises AttributeError for a name that none has, or two.
    """
    for name, body in bodies.items():
        asked: set[Any] = {getattr(part, name) for part in ASKING if hasattr(part, name)}
        if len(asked) != 1:
            raise AttributeError(
                f"{name}: {len(asked)} functions of that name are asked of a living benefit; allowed is one"
            )
        asked.pop().register(kind)(body)
