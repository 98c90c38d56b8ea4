"""The mutants of a module: its source with one operator, number, condition or choice changed.

The changes are Cosmic Ray's, of which only those are taken that a scalar rule can show: arithmetic with arithmetic,
a comparison with its neighbours, and not what only breaks types.  A rule chooses by `min` and `max` where others would
branch, so exchanging the two is added.
"""

import hashlib
import itertools
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import parso.python.tree
from cosmic_ray.ast import ast_nodes, get_ast
from cosmic_ray.mutating import mutate_code
from cosmic_ray.operators.operator import Example, Operator
from cosmic_ray.plugins import get_operator

BINARY = {
    "Add": ("Sub", "Mul"),
    "Sub": ("Add", "Mul"),
    "Mul": ("Div", "Add"),
    "Div": ("Mul", "Sub"),
    "FloorDiv": ("Div", "Mod"),
    "Mod": ("FloorDiv", "Mul"),
    "Pow": ("Mul",),
    "BitAnd": ("BitOr",),
}
COMPARED = {
    "Lt": ("LtE", "NotEq", "GtE"),
    "LtE": ("Lt", "Eq", "Gt"),
    "Gt": ("GtE", "NotEq", "LtE"),
    "GtE": ("Gt", "Eq", "Lt"),
    "Eq": ("NotEq", "LtE", "GtE"),
    "NotEq": ("Eq", "Lt", "Gt"),
}
OTHERS = (
    "NumberReplacer",
    "AddNot",
    "ReplaceTrueWithFalse",
    "ReplaceFalseWithTrue",
    "ReplaceAndWithOr",
    "ReplaceOrWithAnd",
    "ReplaceUnaryOperator_Delete_Not",
    "ReplaceUnaryOperator_USub_UAdd",
    "ReplaceBreakWithContinue",
    "ReplaceContinueWithBreak",
    "ZeroIterationForLoop",
)


class ExchangeMinAndMax(Operator):
    """An operator that takes the larger of two amounts where the smaller is meant, and the other way round."""

    other = {"min": "max", "max": "min"}  # noqa: RUF012

    def mutation_positions(self, node):  # type: ignore[no-untyped-def]
        if isinstance(node, parso.python.tree.Name) and node.value in self.other and node.get_next_leaf() == "(":
            yield node.start_pos, node.end_pos

    def mutate(self, node, index):  # type: ignore[no-untyped-def]
        return parso.python.tree.Name(self.other[node.value], node.start_pos, node.prefix)

    @classmethod
    def examples(cls):  # type: ignore[no-untyped-def]
        return (Example("a = min(b, c)", "a = max(b, c)"),)


class Mutant(NamedTuple):
    """One change of one module."""

    module: str  # path from the root, as "valuation/credits.py"
    line: int
    was: str  # the line as it is written
    became: str  # and as it is changed
    code: str  # of the whole module

    @property
    def change(self) -> str:
        """Where and what, for a person."""
        return f"{self.module}:{self.line}: {self.was}  =>  {self.became}"


def operators() -> Iterator[Operator]:
    """All that may be changed, one instance of each kind of change."""
    pairs = itertools.chain(
        (f"ReplaceBinaryOperator_{a}_{b}" for a, others in BINARY.items() for b in others),
        (f"ReplaceComparisonOperator_{a}_{b}" for a, others in COMPARED.items() for b in others),
    )
    for name in itertools.chain(pairs, OTHERS):
        yield get_operator(f"core/{name}")()
    yield ExchangeMinAndMax()


def mutants(module: str, source: str) -> list[Mutant]:
    """Every mutant of ``source``, in the order of its lines, each once."""
    nodes = list(ast_nodes(get_ast(source)))
    found: dict[str, Mutant] = {}
    for operator in operators():
        count = sum(len(list(operator.mutation_positions(node))) for node in nodes)
        for occurrence in range(count):
            code = mutate_code(source, operator, occurrence)
            if code is not None and code != source and code not in found:
                found[code] = Mutant(module, *_changed(source, code), code)
    return sorted(found.values(), key=lambda mutant: mutant.line)


def drawn(every: list[Mutant], most: int) -> list[Mutant]:
    """At most ``most`` of them, or all if that is 0: always the same, spread over the module, in no order of its own."""

    def shuffled(mutant: Mutant) -> str:
        return hashlib.sha256(f"{mutant.module}|{mutant.was}|{mutant.became}|{mutant.line}".encode()).hexdigest()

    chosen = sorted(every, key=shuffled)
    return chosen[:most] if most else chosen


def of_file(root: Path, module: str) -> list[Mutant]:
    """The mutants of a module below ``root``."""
    return mutants(module, (root / module).read_text(encoding="utf-8"))


def _changed(before: str, after: str) -> tuple[int, str, str]:
    """Number of the first line that differs, and what differs there before and after."""
    old, new = before.splitlines(), after.splitlines()
    first = next(k for k, (a, b) in enumerate(itertools.zip_longest(old, new)) if a != b)
    tail = next(k for k, (a, b) in enumerate(zip(reversed(old), reversed(new), strict=False)) if a != b)
    return first + 1, _joined(old[first : len(old) - tail]), _joined(new[first : len(new) - tail])


def _joined(lines: list[str]) -> str:
    return " ".join(" ".join(lines).split())
