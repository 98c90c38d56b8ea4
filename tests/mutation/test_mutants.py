"""The mutation test itself: what it changes, what it tries, how it counts."""

from pathlib import Path

import pytest

from tests.mutation.chosen import MODULES, affordable, concerning
from tests.mutation.mutants import Mutant, drawn, mutants
from tests.mutation.score import Explained, load_explained, page, score
from tests.mutation.trial import Seconds, Verdict

ROOT = Path(__file__).parents[2]
RULE = '''@rule
def due(amount: float, limit: float = 5.0) -> float | None:
    """At most 100 of it."""
    return min(amount, limit) if amount > limit else amount / 2.0
'''


class TestMutants:
    made = mutants("valuation/due.py", RULE)

    def test_numbers_comparisons_arithmetic_choices_and_conditions_are_changed_and_nothing_else(self) -> None:
        last = "return min(amount, limit) if amount > limit else amount / 2.0"
        head = "def due(amount: float, limit: float = 5.0) -> float | None:"
        assert {(m.line, m.became) for m in self.made} == {
            (2, head.replace("5.0", "6.0")),
            (2, head.replace("5.0", "4.0")),
            (4, last.replace("min", "max")),
            (4, last.replace("if amount", "if not amount")),
            (4, last.replace(">", ">=")),
            (4, last.replace(">", "!=")),
            (4, last.replace(">", "<=")),
            (4, last.replace("/", "*")),
            (4, last.replace("/", "-")),
            (4, last.replace("2.0", "3.0")),
            (4, last.replace("2.0", "1.0")),
        }

    def test_each_is_a_module_of_its_own_that_differs_in_one_line(self) -> None:
        for mutant in self.made:
            compile(mutant.code, "due.py", "exec")
            differing = [
                k for k, (a, b) in enumerate(zip(RULE.splitlines(), mutant.code.splitlines(), strict=True), 1) if a != b
            ]
            assert differing == [mutant.line]

    def test_a_sample_is_always_the_same_whatever_the_order(self) -> None:
        assert drawn(self.made, 4) == drawn(list(reversed(self.made)), 4)
        assert len(drawn(self.made, 4)) == 4
        assert sorted(drawn(self.made, 0)) == sorted(self.made)


class TestTests:
    def test_the_namesake_comes_first_then_what_the_ledger_names_or_what_imports_the_module(self) -> None:
        first, *others = concerning(ROOT, "valuation/credits.py")
        assert first == "tests/prospectus/test_credits.py"
        direct, named = "tests/prospectus/test_rules_by_hand.py", "tests/prospectus/test_free_look.py"
        assert others.index(direct) < others.index(named)
        assert "tests/pitfalls/test_charge_pitfalls.py" in others

    @pytest.mark.parametrize("module", MODULES)
    def test_every_chosen_module_exists_and_has_tests(self, module: str) -> None:
        assert (ROOT / "valuation" / module).is_file()
        assert all((ROOT / test).is_file() for test in concerning(ROOT, f"valuation/{module}"))
        assert concerning(ROOT, f"valuation/{module}")

    def test_slow_and_failing_files_are_left_out(self) -> None:
        measured = [("a", True, 3.5), ("b", False, 0.1), ("c", True, 2.0), ("d", True, 2.4), ("e", True, 0.3)]
        assert [test.test for test in affordable([Seconds(*one) for one in measured], 6.0)] == ["a", "c", "e"]


class TestScore:
    killed, alive, same = (Mutant("valuation/due.py", k, "x = 1", f"x = {k}", "") for k in (2, 3, 4))
    explained = (Explained("valuation/due.py", "x = 1", "x = 4", "nothing reads it"),)

    def test_explained_mutants_stand_outside(self) -> None:
        verdicts = [Verdict(self.killed, True, "a test"), Verdict(self.alive, False, ""), Verdict(self.same, False, "")]
        found = score("valuation/due.py", "2026-01-02", 9, verdicts, list(self.explained))
        assert (found.mutants, found.tried, found.killed, found.explained) == (9, 3, 1, 1)
        assert found.survivors == ("valuation/due.py:3: x = 1  =>  x = 3",)
        assert found.percent == 50.0
        assert "| valuation/due.py | 9 | 3 | 1 | 1 | 1 | 50% | 2026-01-02 |" in page([found], list(self.explained))

    @pytest.mark.parametrize("one", load_explained(), ids=lambda one: f"{one.module}: {one.became}")
    def test_what_is_explained_is_still_written_so(self, one: Explained) -> None:
        source = " ".join((ROOT / one.module).read_text(encoding="utf-8").split())
        assert one.was in source
        assert one.became != one.was
        assert one.why
