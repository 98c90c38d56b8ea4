"""Lifetimes and behaviour of a block that are the same in every scenario: deaths, annuity values, when income begins."""

from typing import NamedTuple

import numpy as np
import pyarrow as pa

from valuation import living
from valuation.arrays import QUALIFIED
from valuation.assumptions import Assumptions
from valuation.clock import NEVER, completed_years, months_after
from valuation.contract import Array, Integers, Life
from valuation.daily import Block
from valuation.decrements import NEVER as NEVER_AGE
from valuation.decrements import annuity_values, joint_last_survivor, monthly_death_probabilities, withdrawal_start
from valuation.living.kinds import Kind


class Decrements(NamedTuple):
    """Probabilities of a month and annuity values."""

    ends: Array  # (n, n_month) the contract ends by death
    claims: Array  # (n, n_month) the Death Benefit's excess is paid
    annuity: Array  # (n, n_month) value of 1 USD a year for life


def column(block: Block, field: str) -> Array:
    """(n,) a field of the living benefit; zeros where its kind has none of that name."""
    names = block.blank._fields
    return block.income[:, names.index(field)] if field in names else np.zeros(len(block.income))


def income_from(
    snapshot: pa.Table, kind: Kind, block: Block, ids: tuple[str, ...], assumptions: Assumptions, as_of: int
) -> Integers:
    """(n,) day from which each contract withdraws its income; `NEVER` where it does not."""
    birth = np.array([kind.covered_birth(p, life(row)) for p, row in zip(block.income[:, 0], block.life, strict=True)])
    attained = np.array([completed_years(int(b), as_of) for b in birth])
    tenth = [months_after(int(e), 120) if e else 0 for e in block.income[:, 2]]
    growth_end = np.array([completed_years(int(b), t) if t else 0 for b, t in zip(birth, tenth, strict=True)])
    qualified = np.isin(snapshot["tax_type"].to_numpy(), QUALIFIED[:2])
    ages = withdrawal_start(assumptions.withdrawal, list(ids), attained, growth_end, qualified)
    start = np.array(
        [NEVER if a == NEVER_AGE else months_after(int(b), 12 * int(a)) for a, b in zip(ages, birth, strict=True)]
    )
    begun = (block.income[:, 1] == living.POST) | (block.income[:, 1] == living.PAYING)
    return np.where(begun, as_of + 1, np.maximum(start, as_of + 1)).astype(np.int64)


def life(row: Integers) -> Life:
    """Persons and dates from one row of a block."""
    return Life(*(int(v) for v in row))


def decrements_of(
    snapshot: pa.Table, block: Block, assumptions: Assumptions, as_of: int, n_month: int, rate: float
) -> Decrements:
    """Deaths that end a contract, deaths that claim the Death Benefit, and annuity values, (n, n_month) each."""
    sexes = snapshot["annuitant_sex"].to_pylist()
    elected = block.income[:, 2] > 0.0
    two = (column(block, "lives") > 1.0) & (block.life[:, 3] > 0)
    other_sexes = [sex or own for sex, own in zip(snapshot["spouse_sex"].to_pylist(), sexes, strict=True)]
    births, others = block.life[:, 2], np.where(block.life[:, 3] > 0, block.life[:, 3], block.life[:, 2])
    full = n_month + 12
    ends = np.empty((len(sexes), full))
    claims, annuity = np.empty_like(ends), np.empty_like(ends)
    for covered, basis in ((True, assumptions.mortality_living_benefit), (False, assumptions.mortality_other)):
        at = np.flatnonzero(elected == covered)
        if len(at):
            one, both = (
                monthly_death_probabilities(basis, [s[k] for k in at], b[at], as_of, full)
                for s, b in ((sexes, births), (other_sexes, others))
            )
            joint = joint_last_survivor(one, both)
            pair = two[at][:, None]
            ends[at] = np.where(pair, joint.last_death, one)
            claims[at] = np.where(pair, _first_deaths(one, both, joint.first_death), one)
    one, both = (
        monthly_death_probabilities(assumptions.mortality_guarantee, s, b, as_of, full)
        for s, b in ((sexes, births), (other_sexes, others))
    )
    annuity[:] = annuity_values(np.where(two[:, None], joint_last_survivor(one, both).last_death, one), rate)
    cut = [np.ascontiguousarray(a[:, :n_month]) for a in (ends, claims, annuity)]
    return Decrements(*cut)


def _first_deaths(one: Array, both: Array, first: Array) -> Array:
    """Probability of the first of two deaths in a month, given that at least one lives at its start."""
    shape = (one.shape[0], 1)
    alive = [np.concatenate([np.ones(shape), np.cumprod(1.0 - q, axis=1)[:, :-1]], axis=1) for q in (one, both)]
    pair = alive[0] * alive[1]
    any_alive = alive[0] + alive[1] - pair
    return np.where(any_alive > 0.0, pair / np.where(any_alive > 0.0, any_alive, 1.0), 0.0) * first
