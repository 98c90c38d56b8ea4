"""What arrays and lanes ask of a living benefit: how its state is kept, and its ordinary day in many scenarios at once."""

from typing import Any

from valuation.account import Account
from valuation.clock import Day
from valuation.compile import generic, lane_reader, lane_writer, reader, writer
from valuation.contract import Array, Integers, Life
from valuation.lane_layout import FIRST_BENEFIT, WIDTH, fields_of
from valuation.living.interface import yearly_income
from valuation.terms import Terms

HOLD, GROW, FREEZE, DRAW = range(4)
"""What a benefit does on an ordinary day of a projection: nothing; grows and is compared, before the first withdrawal; is
compared, before it; is compared, after it."""

FIRST_FIELDS = ("plan", "stage", "effective")
"""First fields of every state."""


@generic
def read(blank: Any, fields: Array) -> Any:
    """The state whose values stand in an array, in their order; ``blank`` is any state of the kind."""
    raise TypeError(type(blank).__name__)


@generic
def write(income: Any, fields: Array) -> None:
    """The values of a state into an array, in their order."""
    raise TypeError(type(income).__name__)


@generic
def read_lane(blank: Any, rows: Array, i: int) -> Any:
    """The state of lane ``i`` of a block of lanes, see `valuation.lane_blocks`."""
    raise TypeError(type(blank).__name__)


@generic
def write_lane(income: Any, rows: Array, i: int) -> None:
    """The values of lane ``i`` into the block."""
    raise TypeError(type(income).__name__)


@generic
def changed_by_dues(blank: Any) -> tuple[int, ...]:
    """Places of the fields that what falls due, and the end of the day, can change."""
    raise TypeError(type(blank).__name__)


@generic
def read_by_dues(blank: Any) -> tuple[int, ...]:
    """Places of the fields that these rules read or change; the state comes from the third-level cache."""
    raise TypeError(type(blank).__name__)


@generic
def elected(blank: Any, plan: float, effective: float) -> Any:
    """A state that was elected then; what a day's facts can be settled from, of a lane that may have ended."""
    raise TypeError(type(blank).__name__)


@generic
def known(blank: Any, state: Array) -> Any:
    """A state with all that a day's facts are settled from, the same in every lane; ``state`` (n_field, n_lane)."""
    return elected(blank, state[0, 0], state[2, 0])


@generic
def ordinary_facts(blank: Any, plan: Any, mode: int, factor: float, elapsed: float) -> Any:
    """Facts of a day without events; ``factor`` and ``mode`` as they were left by the last event."""
    raise TypeError(type(blank).__name__)


@generic
def facts_of(blank: Any, terms: Terms, mode: int, settled: Any, state: Array, life: Life, day: Day) -> Any:
    """The same facts with what depends on the date; ``state`` (n_field, n_lane) of the benefit in every lane."""
    return settled


@generic
def ordinary_day(
    blank: Any, mode: int, state: Array, facts: Any, terms: Terms, charge: float, permitted: Array, bond: Array,
    charged: Array, hit: Integers,
) -> int:  # fmt: skip
    """Growth, comparison and transfer test of one ordinary day in every lane; returns how many lanes transfer.

    mode     what the benefit does on ordinary days, see `valuation.lanes`
    state    (n_field, n_lane) of the benefit, updated
    charge   share of the Account Value that the asset-based charges take until the next Valuation Day
    charged  (n_lane,) those charges since the last month-end, USD, added to
    hit      (n_lane,) 1 where the formula moves money
    """
    raise TypeError(type(blank).__name__)


@generic
def transfer_due(income: Any, facts: Any, terms: Terms, account: Account, compared: float) -> int:
    """1 where the transfer formula moves money, else 0; no branch, so that lanes stay together."""
    return 0


@generic
def opening_mode(blank: Any, plan: Any, stage: float, effective: float, as_of: int) -> int:
    """What the benefit does on ordinary days from the opening of a projection."""
    return 0


@generic
def next_mode(blank: Any, mode: int, facts: Any, withdraws: bool) -> int:
    """What it does on the ordinary days after this one."""
    return DRAW if withdraws and mode != HOLD else mode


@generic
def opening_factor(blank: Any, effective: float, as_of: int) -> float:
    """Factor of the transfer formula at the opening of a projection."""
    return 0.0


@generic
def factor_of(facts: Any) -> float:
    """Factor of the transfer formula that ordinary days use until the next event."""
    return 0.0


@generic
def income_now(income: Any, facts: Any, account: float) -> float:
    """Yearly amount that the benefit would pay for life, USD: as if the first withdrawal came today, if none has."""
    return yearly_income(income)


@generic
def stops_by_death(income: Any, dies: float, ends: Array, as_of: int, month: int) -> float:
    """Probability that a month of a projection ends the contract by death, where no Account Value is left.

    dies   probability of death in the month
    ends   (n_month,) the same of every month from ``as_of`` on; ``month`` is the place of this one
    """
    return dies


@generic
def guarantee_worth(income: Any, facts: Any, account: float, annuity: float) -> float:
    """What the guarantee is worth to an Owner who thinks of giving it up, USD; ``annuity`` values 1 USD a year for life."""
    return income_now(income, facts, account) * annuity


def stored(kind: type, changed: tuple[str, ...], read_too: tuple[str, ...]) -> Any:
    """Register how a state is kept in arrays and in blocks of lanes; also its reader, of fields in their order.

    changed   fields that what falls due, and the end of the day, can change
    read_too  fields that these rules read besides
    """
    if kind._fields[:3] != FIRST_FIELDS:  # type: ignore[attr-defined]
        raise TypeError(f"{kind.__name__} begins with other fields than {FIRST_FIELDS}: put these first")
    changes, reads = fields_of(kind, *changed), fields_of(kind, *changed, *read_too)
    fields: Any = reader(kind)
    lane: Any = lane_reader(kind, FIRST_BENEFIT, WIDTH)
    bodies: dict[Any, Any] = {
        read: lambda blank, values: fields(values),
        write: writer(kind),
        read_lane: lambda blank, rows, i: lane(rows, i),
        write_lane: lane_writer(kind, FIRST_BENEFIT, WIDTH),
        changed_by_dues: lambda blank: changes,
        read_by_dues: lambda blank: reads,
    }
    for answer, body in bodies.items():
        answer.register(kind)(body)
    return fields
