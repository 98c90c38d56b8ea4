"""What was found: kept in ``tests/MUTATION.json``, told in ``tests/MUTATION.md``."""

import json
import tomllib
from pathlib import Path
from typing import Any, NamedTuple

from tests.mutation.mutants import Mutant
from tests.mutation.trial import Verdict

HEAD = """# Mutation testing

`make mutate` changes the rules of `valuation/` one operator, number, condition or choice at a time and runs the tests
that concern the module: those that the ledger of rules names for it and those that import it, as plain Python, as far as
they are quick. A mutant that no test notices survives. Some change nothing that can be seen: these are explained in
`mutation/explained.toml` and stand outside the score, which is killed / (tried - explained). Where a module has more
mutants than the budget, a fixed sample is tried.
"""


class Explained(NamedTuple):
    """A mutant that no test can kill, or none need."""

    module: str
    was: str
    became: str
    why: str


class Score(NamedTuple):
    """The figures of one module."""

    module: str
    date: str
    mutants: int
    tried: int
    killed: int
    explained: int
    survivors: tuple[str, ...]

    @property
    def percent(self) -> float:
        """Killed of those that could be."""
        return 100.0 * self.killed / max(self.tried - self.explained, 1)


def load_explained() -> list[Explained]:
    """The explained mutants, as written beside this module."""
    text = (Path(__file__).parent / "explained.toml").read_text(encoding="utf-8")
    return [Explained(**row) for row in tomllib.loads(text).get("mutant", [])]


def is_explained(mutant: Mutant, explained: list[Explained]) -> bool:
    """Whether the same change of the same line of the module is among ``explained``."""
    return any((e.module, e.was, e.became) == (mutant.module, mutant.was, mutant.became) for e in explained)


def score(module: str, date: str, mutants: int, verdicts: list[Verdict], explained: list[Explained]) -> Score:
    """The score of a module from the verdicts on its mutants."""
    alive = [verdict.mutant for verdict in verdicts if not verdict.killed]
    open_ = sorted((m for m in alive if not is_explained(m, explained)), key=lambda mutant: mutant.line)
    killed = len(verdicts) - len(alive)
    told = tuple(mutant.change for mutant in open_)
    return Score(module, date, mutants, len(verdicts), killed, len(alive) - len(open_), told)


def row(found: Score) -> tuple[Any, ...]:
    """The cells of a module."""
    left = len(found.survivors)
    percent = f"{found.percent:.0f}%"
    return found.module, found.mutants, found.tried, found.killed, found.explained, left, percent, found.date


COLUMNS = ("module", "mutants", "tried", "killed", "explained", "survived", "score", "date")


def page(scores: list[Score], explained: list[Explained]) -> str:
    """The page of all scores."""
    lines = [HEAD, "| " + " | ".join(COLUMNS) + " |", "|---" + "|---:" * (len(COLUMNS) - 1) + "|"]
    lines += ["| " + " | ".join(str(cell) for cell in row(found)) + " |" for found in scores]
    lines += ["", "## Survivors without an explanation", ""]
    told = [f"    {change}" for found in scores for change in found.survivors]
    lines += told or ["None."]
    lines += [
        "",
        "## Explained",
        "",
        "| module | as written | as changed | why no test need notice |",
        "|---|---|---|---|",
    ]
    for one in explained:
        cells = (one.module, f"`{one.was}`", f"`{one.became}`", one.why)
        lines.append("| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |")
    return "\n".join(lines) + "\n"


def keep(folder: Path, new: list[Score]) -> list[Score]:
    """Replace what is known of the modules of ``new``, write both files; all scores, in the order of the modules."""
    path = folder / "MUTATION.json"
    known = json.loads(path.read_text(encoding="utf-8")) if path.exists() else []
    by_module = {one["module"]: Score(**{**one, "survivors": tuple(one["survivors"])}) for one in known}
    by_module |= {one.module: one for one in new}
    scores = list(by_module.values())
    path.write_text(json.dumps([one._asdict() for one in scores], indent=1) + "\n", encoding="utf-8")
    (folder / "MUTATION.md").write_text(page(scores, load_explained()), encoding="utf-8")
    return scores
