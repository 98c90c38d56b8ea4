"""The kinds of living benefits: one line for each, in the order of its plans.

A plan's place in `PLAN_NAMES` is its number in transactions; a state holds its place among the plans of its own kind.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

from valuation.contract import Life
from valuation.guaranteed_minimum_income import NEW_PROTECTED_INCOME
from valuation.highest_daily import NEW_HIGHEST_DAILY
from valuation.highest_daily_7 import NEW_INCOME, covered_birth
from valuation.living import (
    fixed_rate_options,
    guaranteed_minimum_income,
    highest_daily,
    highest_daily_7,
    true_accumulation,
    true_income,
)
from valuation.living.answers import answers
from valuation.terms import Terms, load_terms
from valuation.terms.benefits import (
    load_accumulation_terms,
    load_gmib_terms,
    load_highest_daily_terms,
    load_true_income_terms,
)
from valuation.true_accumulation import NEW_ACCUMULATION
from valuation.true_income import NEW_TRUE_INCOME


def _nothing_dated(plan: Any, state: Any, life: Life, as_of: int) -> list[tuple[int, int, int, int]]:
    """No more than what recurs under the benefit by its effective date."""
    return []


class Kind(NamedTuple):
    """Living benefits that share a state."""

    name: str  # of its column in a snapshot
    plans: tuple[str, ...]
    blank: Any  # state of a contract that has not elected
    terms: Callable[[], tuple[Any, ...]]  # terms of each plan
    recurrences: Callable[[Any, int, int, int], list[tuple[int, int, int, int]]]  # in a projection, see the module
    covered_birth: Callable[[float, Life], int]  # whose age decides when income is taken
    account: str = ""  # what stands in the place of the bond Sub-account, at a price of 1
    dated: Callable[[Any, Any, Life, int], list[tuple[int, int, int, int]]] = _nothing_dated  # of one state and life
    withdraws: bool = True  # a projection withdraws its income


def _highest_daily_7() -> tuple[Any, ...]:
    return load_terms(True).income


def _highest_daily() -> tuple[Any, ...]:
    return (load_highest_daily_terms(),)


def _true_accumulation() -> tuple[Any, ...]:
    return (load_accumulation_terms(),)


def _guaranteed_minimum_income() -> tuple[Any, ...]:
    return (load_gmib_terms(),)


KINDS: tuple[Kind, ...] = (
    Kind(
        "highest_daily_7",
        ("HD7", "SHD7"),
        NEW_INCOME,
        _highest_daily_7,
        highest_daily_7.recurrences,
        covered_birth,
    ),
    Kind(
        "highest_daily",
        ("HD",),
        NEW_HIGHEST_DAILY,
        _highest_daily,
        highest_daily.recurrences,
        highest_daily.covered_birth,
        "Benefit Fixed Rate Account",
    ),
    Kind("true_income", ("TI", "TIS"), NEW_TRUE_INCOME, load_true_income_terms, true_income.recurrences, covered_birth),
    Kind(
        "true_accumulation",
        ("TAHD",),
        NEW_ACCUMULATION,
        _true_accumulation,
        true_accumulation.recurrences,
        covered_birth,
        withdraws=False,
    ),
    Kind(
        "guaranteed_minimum_income",
        ("GMIB",),
        NEW_PROTECTED_INCOME,
        _guaranteed_minimum_income,
        guaranteed_minimum_income.recurrences,
        guaranteed_minimum_income.covered_birth,
        dated=guaranteed_minimum_income.dated,
        withdraws=False,
    ),
    Kind(
        "fixed_rate_options",
        (),
        fixed_rate_options.NEW_FIXED_HOLDER,
        fixed_rate_options.terms,
        fixed_rate_options.recurrences,
        covered_birth,
        "Fixed Rate Options",
        withdraws=False,
    ),
)

FIXED = next(place for place, kind in enumerate(KINDS) if not kind.plans)
"""Place of the kind of contracts that hold Fixed Rate Options: they have no living benefit in force."""


def terms_of(kind: Kind, terms: Terms) -> Terms:
    """The same terms with those of the kind's plans."""
    return terms if kind is KINDS[0] else terms._replace(income=kind.terms())


def kind_of(name: str) -> int:
    """Place among KINDS of the kind that a plan belongs to; the first one's for a contract without a benefit."""
    for place, kind in enumerate(KINDS):
        if name in kind.plans:
            return place
    return 0


def kind_with(blank: Any) -> Kind:
    """The kind to which a state belongs."""
    return next(kind for kind in KINDS if type(kind.blank) is type(blank))


def first_plan(place: int) -> int:
    """Place in `PLAN_NAMES` of the first plan of a kind."""
    return sum(len(kind.plans) for kind in KINDS[:place])


PLAN_NAMES: tuple[str, ...] = tuple(plan for kind in KINDS for plan in kind.plans)


def _counted(place: int) -> Callable[[Any], int]:
    """What `interface.first_plan` answers for a kind: a constant of its kernels, by its place among KINDS alone."""
    count = first_plan(place)
    return lambda income: count


for _place, _kind in enumerate(KINDS):
    answers(type(_kind.blank), first_plan=_counted(_place))
