"""What the projection works on: a group of contracts, their lanes in a tile of scenarios, a chunk of its days."""

from typing import Any, NamedTuple

from valuation.clock import completed_months
from valuation.compile import rule
from valuation.contract import Array, Integers, Life
from valuation.decrements import LapseParams
from valuation.records import life_from
from valuation.schedule import Steps

MEASURES = (
    "living_claims",
    "death_claims",
    "benefit_fees",
    "asset_charges",
    "revenue_sharing",
    "other_charges",
    "paid_from_account",
    "added_to_account",
    "expenses",
)
"""Present values per contract and scenario, USD.  Living claims: guaranteed income paid by the insurer, less the Account
Value it keeps when income is taken as an annuity.  Benefit fees: also the daily charges of living and optional
Death Benefits, which are no asset charges.  Death claims: Death Benefit above Account Value.  Other charges: CDSC,
maintenance fees, credits taken back, accrued fees.  Paid from account: everything Owners and Beneficiaries get out of the
Account Value.  Added to account: Return of Principal and Longevity Credits."""

LIVING, DIED, FEES, ASSET, SHARING, OTHER, OUT, IN, EXPENSE = range(9)


class Group(NamedTuple):
    """Contracts of one charge class, as they stand at the valuation date."""

    blank: Any  # a state of the kind of their living benefits
    blank_death: Any  # a state of the kind of their optional Death Benefits
    life: Integers  # (n, 15) fields of Life
    slots: Integers  # (n, n_slot) rows of the price table; the last is the bond Sub-account
    held: Integers  # (n,) slots in use besides the bond's
    weight: Array  # (n, n_slot)
    payment_day: Integers  # (n, n_layer)
    payment_amount: Array  # (n, n_layer)
    payment_credit: Array  # (n, n_layer)
    payment_kept: Array  # (n, n_layer)
    payment_rate: Array  # (n, n_layer) settled by the day
    payment_carried: Array  # (n, n_layer)
    payments: Integers  # (n, 1)
    steps: Steps
    ends: Array  # (n, n_month) probability that the contract ends by death
    claims: Array  # (n, n_month) probability that the Death Benefit's excess is paid
    lapse: Array  # (n, n_month) base probability of surrender
    annuity: Array  # (n, n_month) value of 1 USD a year for life, by month
    period: Integers  # (n, n_month) 0 CDSC period, 1 first year after it, 2 later
    expense: Array  # (n_month,) USD per contract
    account_expense: float  # fraction of the Account Value per month
    sharing: Array  # (n_month,) revenue sharing per USD of asset-based charges
    benefit_share: float  # of the asset-based charges, for living and optional Death Benefits
    band_starts: (
        Array  # (n_band - 1,) value of payments under the benefit over the Account Value, from the second band on
    )
    begins: Array  # (2, n_band) share that begins them at a later anniversary, at the first


class Lanes(NamedTuple):
    """State of every contract of a group in every scenario of a tile, changed in place."""

    core: Array  # (n, 11, n_lane)
    income: Array  # (n, n_field, n_lane)
    death: Array  # (n, 11, n_lane) of the optional Death Benefit; (n, 0, n_lane) without one
    units: Array  # (n, n_slot, n_lane)
    in_force: Array  # (n, n_lane) probability
    begun: Array  # (n, n_lane) share that has left by beginning annuity payments under the benefit, added to
    charged: Array  # (n, n_lane) asset-based charges since the last month-end, USD
    worth: Array  # (n, 9, n_lane) present values, columns MEASURES
    yearly: (
        Integers  # (n_year, 2, n_lane) present value of the insurer's net cash flow; of the Account Value at year-end
    )
    cursor: Integers  # (n,) next step
    year: Integers  # (n,) projection years ended
    factor: Array  # (n,) factor of the transfer formula today
    mode: Integers  # (n,) what the benefit does on ordinary days
    active: Integers  # (n,) 1 while any lane has an Account Value
    alive: Integers  # (n,) 1 while any lane has an Account Value or guaranteed payments
    drawn: Array  # (n, n_month, n_lane) numbers that decide deaths and surrenders; n_month is 0 for probabilities
    fixed: Any  # composition of money in Fixed Rate Options, the same in every scenario, see `valuation.fixed_block`


class Chunk(NamedTuple):
    """Some days of one tile, under one market shock and one charge class."""

    start: int  # place of the first day in the grid
    grid: Integers  # (n_day_total,) Valuation Days
    as_of: int  # day of the opening state
    price: Array  # (n_sub, n_day, n_lane) Unit Prices
    discount: Array  # (n_day, n_lane) to the valuation date, before the shock
    discount_shock: Array  # (n_day,)
    charge: Array  # (n_day,) share that the class's charge takes until the next Valuation Day
    lapse: tuple[LapseParams, ...]  # by period and use of withdrawals (6), then by period without a living benefit (3)


class Room(NamedTuple):
    """Working room of a chunk."""

    permitted: Array  # (n_lane,) value of the Permitted Sub-accounts today, USD
    bond: Array  # (n_lane,) of the bond Sub-account
    compared: Array  # (n_lane,) Account Value compared with the guarantee today
    hit: Integers  # (n_lane,) 1 where the transfer formula moves money
    alone: Integers  # (n_lane,) 1 where the day's order runs for the lane by itself
    rows: Array  # rows of one block of lanes, see `valuation.lane_blocks`


@rule
def life_of(group: Group, c: int) -> Life:
    """Persons and dates of one contract."""
    return life_from(group.life[c])


@rule
def annuity_at(group: Group, c: int, as_of: int, today: int) -> float:
    """Value of 1 USD a year for life in the projection month of ``today``, USD; the last one's after it."""
    value: float = group.annuity[c, min(completed_months(as_of, today), group.annuity.shape[1] - 1)]
    return value
