"""Which modules are mutated, and which tests concern each."""

import re
import tomllib
from pathlib import Path

from tests.mutation.trial import Seconds

MODULES = (
    "credits.py",
    "charges.py",
    "withdrawals.py",
    "asset_transfer.py",
    "highest_daily_7.py",
    "death_benefit.py",
    "optional_death_benefits.py",
    "highest_daily.py",
    "highest_daily_endings.py",
    "true_income.py",
    "guaranteed_minimum_income.py",
    "guaranteed_minimum_payments.py",
    "true_accumulation.py",
    "accumulation_transfer.py",
    "benefit_fixed_rate_account.py",
    "fixed_rate_options.py",
    "enhanced_dollar_cost_averaging.py",
    "beneficiary_payments.py",
    "annuity_options.py",
    "taxes.py",
    "eligibility.py",
    "medical.py",
    "free_look.py",
    "units.py",
)
"""The rules of the prospectus: modules of pure functions, which run as plain Python; the core first."""

FOLDERS = ("prospectus", "pitfalls", "properties")
SECONDS_OF_TESTS = 6.0
"""Of the processor, for all tests of a mutant."""


def concerning(root: Path, module: str) -> list[str]:
    """Test files that the ledger of rules names for the module, or that import it: its namesake first, then the latter."""
    name = module.removeprefix("valuation/")
    ledger = tomllib.loads((root / "valuation" / "provisions.toml").read_text(encoding="utf-8"))["rules"]
    direct: set[str] = set()
    named = {test for rule in ledger.values() if name in rule.get("modules", ()) for test in rule.get("tests", ())}
    stem = name.removesuffix(".py").replace("/", ".")
    imports = re.compile(
        rf"^\s*(?:from valuation\.{stem} import|import valuation\.{stem}\b|from valuation import .*\b{stem}\b)", re.M
    )
    for folder in FOLDERS:
        for path in (root / "tests" / folder).glob("test_*.py"):
            if imports.search(path.read_text(encoding="utf-8")):
                direct.add(f"{folder}/{path.name}")
    fitting = (test for test in named | direct if test.split("/")[0] in FOLDERS)
    namesake = f"/test_{Path(name).stem}.py"
    ordered = sorted(fitting, key=lambda test: (not test.endswith(namesake), test not in direct, test))
    return [f"tests/{test}" for test in ordered]


def affordable(measured: list[Seconds], seconds: float = SECONDS_OF_TESTS) -> list[Seconds]:
    """The test files that pass and fit together into ``seconds``, in their order."""
    kept: list[Seconds] = []
    for test in measured:
        if test.passed and sum(one.seconds for one in kept) + test.seconds <= seconds:
            kept.append(test)
    return kept
