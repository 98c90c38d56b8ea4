"""Instructions for Sub-accounts that a benefit in force forbids, or that no contract's record has room for.

Source: PUR-6, INV-2, INV-3, INV-5, INV-6, LB-INV-1 to LB-INV-4 (prospectus 1248-1273, 2733-2745, 5331-5349, 5964-5985,
7126-7136)
"""

from functools import cache

import numpy as np

from tasks.check_columns import NO_DAY, Block, Days, Mask, funds
from valuation.investment_options import permitted_options
from valuation.optional_death_benefits import COMBINATION, HIGHEST_DAILY
from valuation.schema_inputs import BENEFITS, DEATH_BENEFITS

_IN_FORCE = ("PRE", "POST", "PAYOUT")
_SPAN = 2**20


@cache
def others() -> tuple[str, ...]:
    """Sub-accounts of the Owner's choice that are not among the Permitted Sub-accounts."""
    return tuple(sorted(set(funds().all) - set(funds().permitted) - set(funds().benefit_only)))


@cache
def restricting() -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Living benefits, and optional Death Benefits, with which the Owner may choose none of the others."""
    living = [name for name in BENEFITS[1:] if not set(others()) & set(permitted_options(name))]
    plans = zip(DEATH_BENEFITS, (COMBINATION, HIGHEST_DAILY), strict=True)
    return tuple(living), tuple(
        name for name, plan in plans if not set(others()) & set(permitted_options("NONE", plan))
    )


def not_permitted(block: Block) -> Mask:
    """Instructions outside the Permitted Sub-accounts while a benefit that restricts them is in force."""
    return np.asarray(_outside(block) & _restricted(block))


def not_carried(block: Block) -> Mask:
    """The same without such a benefit: the prospectus allows it, but no contract's record has room for it."""
    return np.asarray(_outside(block) & ~_restricted(block))


def _outside(block: Block) -> Mask:
    rows = block["transactions"]
    moved = rows.among("source_sub_account", others()) | rows.among("target_sub_account", others())
    return np.asarray(block.lists.any_in(others(), inside=True) | moved)


def _restricted(block: Block) -> Mask:
    living, death = restricting()
    begun = _latest(block, _elected(block, living), _held(block, living, "benefit"))
    ended = _latest(block, _terminated(block, dying=False))
    bound = _latest(block, _elected(block, death), _held(block, death, "death_benefit_plan"))
    freed = _latest(block, _terminated(block, dying=True))
    return np.asarray(((begun != NO_DAY) & (ended < begun)) | ((bound != NO_DAY) & (freed < bound)))


def _elected(block: Block, benefits: tuple[str, ...]) -> Mask:
    rows = block["transactions"]
    return rows.among("kind", ("ISSUE", "ELECTION")) & rows.among("benefit", benefits)


def _terminated(block: Block, dying: bool) -> Mask:
    rows = block["transactions"]
    of_death = rows.among("benefit", DEATH_BENEFITS)
    return rows.among("kind", ("BENEFIT_TERMINATION",)) & (of_death if dying else ~of_death)


def _held(block: Block, benefits: tuple[str, ...], name: str) -> Days:
    """Keys of the contracts whose opening snapshot has one of ``benefits`` in force."""
    if "snapshot" not in block.rows:
        return np.zeros(0, dtype=np.int64)
    rows = block["snapshot"]
    at, day = block.position("contracts", rows.text("contract_id")), rows.day("valuation_date")
    in_force = rows.among(name, benefits) & (at >= 0) & (day != NO_DAY)
    if name == "benefit":
        in_force &= rows.among("benefit_stage", _IN_FORCE)
    return np.asarray(at[in_force] * _SPAN + day[in_force])


def _latest(block: Block, event: Mask, more: Days | None = None) -> Days:
    """For each transaction the latest effective day, up to its own, of its contract's ``event`` rows and ``more`` keys."""
    known = (block.contract_of >= 0) & (block.effective != NO_DAY)
    asked = block.contract_of * _SPAN + block.effective
    keys = np.sort(np.concatenate([asked[event & known], np.zeros(0, np.int64) if more is None else more]))
    if not keys.size:
        return np.full(asked.size, NO_DAY)
    at = np.searchsorted(keys, asked, side="right") - 1
    found = keys[np.maximum(at, 0)]
    mine = known & (at >= 0) & (found // _SPAN == block.contract_of)
    return np.where(mine, found % _SPAN, NO_DAY)
