"""Deaths, surrenders and first withdrawals: monthly probabilities from an assumption set.

Months of a projection begin on the day of the month of the valuation date (the last day of shorter months).  Nothing
here is part of the contract: these are assumptions, and `valuation.assumptions` says where they come from.
"""

import hashlib
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from valuation.assumptions import (
    LAST_AGE,
    N_BAND,
    SERIES,
    Array,
    AssumptionError,
    Assumptions,
    ExpenseAssumptions,
    LapseAssumptions,
    MortalityBasis,
    RevenueAssumptions,
    WithdrawalAssumptions,
    load_assumptions,
)
from valuation.clock import completed_months, months_after
from valuation.compile import kernel, rule

__all__ = [
    "NEVER",
    "Assumptions",
    "JointDecrements",
    "LapseParams",
    "annuity_values",
    "contract_keys",
    "dynamic_lapse",
    "joint_last_survivor",
    "lapse_params",
    "load_assumptions",
    "month_start_days",
    "monthly_base_lapse",
    "monthly_death_probabilities",
    "monthly_expenses",
    "mortality_rate",
    "revenue_sharing_rates",
    "withdrawal_start",
]

Int = npt.NDArray[np.int64]

NEVER = 999
"""Start age of a contract that never takes a withdrawal."""


class JointDecrements(NamedTuple):
    """Two lives, month by month; last axis is the month."""

    last_death: Array
    """Probability that the last survivor dies in the month, given that at least one lives at its start."""
    first_death: Array
    """Probability that at least one dies in the month, given that both live at its start."""


class LapseParams(NamedTuple):
    """Dynamic lapse of one contract in one month; the ratio is weight x guarantee value / Account Value."""

    weight: float
    slope: float
    trigger: float
    floor: float
    ceiling: float
    withdrawing: float
    """Multiple of lapse in a year with a withdrawal, else 1."""
    starts: tuple[float, float, float, float, float, float, float]
    """First ratio of bands 2 to 8."""
    factors: tuple[float, float, float, float, float, float, float, float]
    """Multiple of the monthly base lapse in each band."""


def mortality_rate(basis: MortalityBasis, sex: str, age: npt.ArrayLike, calendar_year: npt.ArrayLike) -> Array:
    """Annual death probability at an age nearest birthday in a calendar year; age and year broadcast.

    q(age) (1 - improvement(age))^(year - base year) factor(age), at most 1; projected from the unrounded table each
    time. The exponent is negative before the table's year and stops growing at the basis' last year.  Above age 120 it
    is 1.

    Source: VM-21 (2024) section 6.C, mortality.
    """
    if sex not in basis.table:
        raise AssumptionError(f"sex is {sex!r}; allowed are 'M' and 'F': correct the contract")
    ages, years = np.broadcast_arrays(np.asarray(age, dtype=np.int64), np.asarray(calendar_year, dtype=np.int64))
    if ages.size and ages.min() < basis.first_age:
        raise AssumptionError(
            f"age is {ages.min()}; the mortality table begins at {basis.first_age}: correct the birth date"
        )
    if basis.last_year is not None:
        years = np.minimum(years, basis.last_year)
    at = np.minimum(ages, LAST_AGE)
    q = basis.table[sex][at] * (1.0 - basis.improvement[sex][at]) ** (years - basis.base_year) * basis.factor[at]
    return np.where(ages > LAST_AGE, 1.0, np.minimum(q, 1.0))


def month_start_days(as_of_day: int, n_month: int) -> Int:
    """(n_month,) day numbers on which the months of a projection begin; the first is ``as_of_day`` itself."""
    return np.array([months_after(int(as_of_day), month) for month in range(n_month)], dtype=np.int64)


@kernel
def _ages_nearest_birthday(birth_days: Int, days: Int, ages: Int) -> None:
    """Fill ``ages`` (n_life, n_month): completed years six months after each day."""
    for i in range(len(birth_days)):
        for m in range(len(days)):
            ages[i, m] = (completed_months(birth_days[i], days[m]) + 6) // 12


def monthly_death_probabilities(
    basis: MortalityBasis, sex: str | Sequence[str], birth_day: npt.ArrayLike, as_of_day: int, n_month: int
) -> Array:
    """Probability of death in each month after ``as_of_day``, given life at the start of the month.

    sex        "M" or "F": one, or one per life
    birth_day  day number, or (n_life,) day numbers
    Result     (n_month,) for one life, (n_life, n_month) for several

    The annual rate is that of the age nearest birthday and of the calendar year at the start of the month; within the
    year the force of mortality is constant: 1 - (1 - q)^(1/12).
    """
    births = np.atleast_1d(np.asarray(birth_day, dtype=np.int64))
    sexes = np.broadcast_to(np.asarray(sex), births.shape)
    unknown = set(np.unique(sexes).tolist()) - set(basis.table)
    if unknown:
        raise AssumptionError(f"sex is {sorted(unknown)}; allowed are 'M' and 'F': correct the contract")
    days = month_start_days(as_of_day, n_month)
    years = days.astype("datetime64[D]").astype("datetime64[Y]").astype(np.int64) + 1970
    ages = np.empty((len(births), n_month), dtype=np.int64)
    _ages_nearest_birthday(births, days, ages)
    annual = np.empty(ages.shape)
    for each in basis.table:
        of_sex = sexes == each
        annual[of_sex] = mortality_rate(basis, each, ages[of_sex], years)
    return _monthly(annual if np.ndim(birth_day) else annual[0])


def _monthly(annual: npt.ArrayLike) -> Array:
    """Monthly probability whose twelve-month compound is the annual one."""
    rates = np.asarray(annual, dtype=np.float64)
    sure = rates >= 1.0
    return np.where(sure, 1.0, -np.expm1(np.log1p(-np.where(sure, 0.0, rates)) / 12.0))


def joint_last_survivor(q1: Array, q2: Array) -> JointDecrements:
    """Monthly probabilities of two independent lives, both alive at the start; q1, q2 (..., n_month) of each life."""
    alive1, alive2 = (np.cumprod(1.0 - q, axis=-1) for q in (q1, q2))
    dead1, dead2 = 1.0 - alive1, 1.0 - alive2
    one = np.ones((*alive1.shape[:-1], 1))
    alive = np.concatenate([one, alive1 + alive2 * dead1], axis=-1)
    # Deaths of the last survivor in the month, counted directly: no difference of nearly equal survivals.
    before1, before2 = (np.concatenate([one, a[..., :-1]], axis=-1) for a in (alive1, alive2))
    gone1, gone2 = (np.concatenate([np.zeros_like(one), d[..., :-1]], axis=-1) for d in (dead1, dead2))
    deaths = before1 * q1 * gone2 + before2 * q2 * gone1 + before1 * before2 * q1 * q2
    start = alive[..., :-1]
    last = np.where(start > 0.0, deaths / np.where(start > 0.0, start, 1.0), 1.0)
    return JointDecrements(np.minimum(last, 1.0), q1 + q2 - q1 * q2)


def annuity_values(death: Array, rate: float, payments_per_year: int = 1) -> Array:
    """Value at the start of each month of 1 USD a year for life, the first payment at once.

    death   (..., n_month) monthly death probabilities of a life or a status, to the end of the table
    rate    annual effective rate of interest, fraction
    Result  (..., n_month) USD

    With the guarantee basis, value x Annual Income Amount is the guarantee value of a lifetime withdrawal benefit in a
    month: immediate exercise, full amount, payments from Account Value included (GAPV, VM-21 section 6.C).  Months
    after the end of ``death`` are worth nothing: let it reach a survival of zero.
    """
    if 12 % payments_per_year:
        raise AssumptionError(
            f"payments_per_year is {payments_per_year}; allowed are the divisors of 12: correct the assumption"
        )
    step = 12 // payments_per_year
    n_month = death.shape[-1]
    discount = (1.0 + rate) ** (-step / 12.0)
    survival = np.zeros((*death.shape[:-1], n_month + step))
    survival[..., :n_month] = 1.0 - death
    value = np.zeros_like(survival)
    for month in range(n_month - 1, -1, -1):
        lived = np.prod(survival[..., month : month + step], axis=-1)
        value[..., month] = 1.0 / payments_per_year + discount * lived * value[..., month + step]
    return np.asarray(value[..., :n_month])


def _check_series(series: str) -> None:
    if series not in SERIES:
        raise AssumptionError(f"series is {series!r}; allowed are {SERIES}: correct the contract")


def monthly_base_lapse(lapse: LapseAssumptions, series: str, months_since_issue: int, n_month: int) -> Array:
    """(n_month,) monthly probability of full surrender before the dynamic factor.

    The first month begins ``months_since_issue`` completed months after the Issue Date; contract year = months // 12,
    and the last rate of the set repeats.  Constant force within a year.
    """
    _check_series(series)
    rates = _monthly(np.array(lapse.base[series]))
    year = (months_since_issue + np.arange(n_month)) // 12
    return np.asarray(rates[np.minimum(year, len(rates) - 1)])


def lapse_params(
    lapse: LapseAssumptions, series: str, months_since_issue: int, *, living_benefit: bool, withdrawing: bool
) -> LapseParams:
    """Parameters of `dynamic_lapse` for a contract in the month that begins ``months_since_issue`` months after issue.

    The band factors change with the period: CDSC of the initial Purchase Payment, first year after it, later.  A factor
    is the ratio of monthly rates, so that base x factor is exactly the monthly rate of the table.
    """
    _check_series(series)
    factors = np.ones(N_BAND)
    if lapse.bands is not None:
        period = min(max(months_since_issue // 12 - lapse.charge_years[series] + 1, 0), 2)
        rates = _monthly(lapse.bands[period])
        factors = rates / rates[0]
    s, f = (tuple(float(x) for x in values) for values in (lapse.band_starts, factors))
    return LapseParams(
        weight=lapse.weight_living_benefit if living_benefit else lapse.weight_other,
        slope=lapse.slope,
        trigger=lapse.trigger,
        floor=lapse.floor,
        ceiling=lapse.ceiling,
        withdrawing=lapse.withdrawing_factor if living_benefit and withdrawing else 1.0,
        starts=(s[0], s[1], s[2], s[3], s[4], s[5], s[6]),
        factors=(f[0], f[1], f[2], f[3], f[4], f[5], f[6], f[7]),
    )


@rule
def dynamic_lapse(base: float, guarantee_value: float, account_value: float, params: LapseParams) -> float:
    """Monthly probability of surrender of one contract, ``base`` times what its guarantee is worth to its Owner.

    base              monthly base lapse
    guarantee_value   present value of the guaranteed payments, USD; account_value in USD
    Nobody surrenders a contract whose Account Value is 0.

    Source: VM-21 section 7 (linear factor), section 6.C table 6.3 (bands).
    """
    funded = account_value > 0.0
    ratio = params.weight * guarantee_value / (account_value if funded else 1.0)
    factor = params.factors[0]
    for k in range(7):
        factor = params.factors[k + 1] if ratio >= params.starts[k] else factor
    linear = min(params.ceiling, max(params.floor, 1.0 - params.slope * (ratio - params.trigger)))
    lapse = min(1.0, base * factor * linear * params.withdrawing)
    return lapse if funded else 0.0


def contract_keys(seed: int, contract_ids: Sequence[str]) -> npt.NDArray[np.uint64]:
    """(n_contract,) 64-bit keys of contracts for one seed: the same for a contract in any block, order or partition."""
    salt = seed.to_bytes(8, "big")
    digests = (hashlib.blake2b(i.encode(), digest_size=8, key=salt).digest() for i in contract_ids)
    return np.frombuffer(b"".join(digests), dtype=">u8").astype(np.uint64)


def _uniform(keys: npt.NDArray[np.uint64], counter: int) -> Array:
    """Uniform numbers in [0, 1) by key and counter: the finaliser of splitmix64 (Steele, Lea, Flood 2014), 53 bits."""
    with np.errstate(over="ignore"):
        z = keys + np.uint64((counter + 1) * 0x9E3779B97F4A7C15 % 2**64)
        z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        z ^= z >> np.uint64(31)
    return np.asarray((z >> np.uint64(11)).astype(np.float64) * 2.0**-53)


def withdrawal_start(
    withdrawal: WithdrawalAssumptions,
    contract_ids: Sequence[str],
    attained_age: Int,
    growth_end_age: Int,
    qualified: npt.NDArray[np.bool_],
) -> Int:
    """Attained age at which each contract takes its first withdrawal, or `NEVER`; for contracts that have taken none.

    attained_age    (n_contract,) at the valuation date, completed years
    growth_end_age  (n_contract,) age in the first year after the guaranteed growth ends; 0 for no growth
    qualified       (n_contract,) tax-qualified

    One cohort per contract.  At each age a contract that has not begun does so with the hazard that gives the set's
    weights; the trial of each age has its own number, keyed by seed, contract and age.  So the distribution is the
    set's weights with the ages passed dropped and the rest rescaled to 1, and a contract keeps its start age from one
    valuation to the next until it passes it.  Growth end and minimum distribution age take their share of those still
    to begin; the weights of later ages shrink in proportion and the never-withdraw share stays.

    Source: VM-21 (2024) section 6.C.5; one sampled cohort per contract as in section 3.H.
    """
    n = len(contract_ids)
    keys = contract_keys(withdrawal.seed, contract_ids)
    weights = np.where(
        np.asarray(qualified, dtype=bool)[:, None],
        np.array(withdrawal.weights["qualified"]),
        np.array(withdrawal.weights["nonqualified"]),
    )
    column = {age: i for i, age in enumerate(withdrawal.start_ages)}
    to_begin = weights.sum(axis=1)
    never = 1.0 - to_begin
    shrink = np.ones(n)
    start = np.full(n, NEVER, dtype=np.int64)
    for age in range(1, LAST_AGE + 1):
        mass = weights[:, column[age]] * shrink if age in column else np.zeros(n)
        share = np.where(growth_end_age == age, withdrawal.growth_end_share, 0.0)
        if age == withdrawal.minimum_distribution_age:
            share = np.where(qualified, np.maximum(share, withdrawal.minimum_distribution_share), share)
        later = np.maximum(to_begin - mass, 0.0)
        hazard = (mass + share * later) / np.maximum(to_begin + never, 1e-300)
        begins = (attained_age <= age) & (start == NEVER) & (_uniform(keys, age) < hazard)
        start[begins] = age
        shrink *= 1.0 - share
        to_begin = later * (1.0 - share)
    return start


def monthly_expenses(expenses: ExpenseAssumptions, n_month: int) -> Array:
    """(n_month,) USD per contract and month; grows at each anniversary of the valuation date."""
    year = np.arange(n_month) // 12
    return np.asarray(expenses.per_contract * (1.0 + expenses.growth) ** year / 12.0)


def revenue_sharing_rates(revenue: RevenueAssumptions, n_month: int) -> Array:
    """(n_month,) revenue sharing recognised by month after the valuation date, fraction of assets a year."""
    year = np.arange(n_month) // 12
    recognised = np.array(revenue.recognised)
    return np.asarray(revenue.rate * recognised[np.minimum(year, len(recognised) - 1)])
