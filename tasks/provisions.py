"""What of the prospectus is carried, rule by rule: `valuation/provisions.toml`."""

import tomllib
from collections import Counter
from functools import cache
from importlib import resources
from typing import Any


@cache
def provisions() -> dict[str, dict[str, Any]]:
    """Every rule by its id: title, lines, status, and the reason where it is not coded."""
    text = (resources.files("valuation") / "provisions.toml").read_text(encoding="utf-8")
    rules: dict[str, dict[str, Any]] = tomllib.loads(text)["rules"]
    return rules


def statuses() -> dict[str, int]:
    """Number of rules of each status, most first."""
    return dict(Counter(str(rule["status"]) for rule in provisions().values()).most_common())


def gaps() -> dict[str, tuple[str, ...]]:
    """What is not carried: reason to the rules it stands for, in the order of the list."""
    found: dict[str, list[str]] = {}
    for name, rule in provisions().items():
        if rule["status"] == "gap":
            found.setdefault(str(rule["reason"]), []).append(name)
    return {reason: tuple(names) for reason, names in found.items()}
