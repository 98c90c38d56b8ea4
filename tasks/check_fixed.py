"""Rules of the transactions dataset for the Fixed Rate Options.

Source: SUP-4, FIX-5, FIX-7, GEN-10 (prospectus 2269-2301; supplement 13)
"""

import numpy as np

from tasks.check_columns import Block, Mask
from valuation.investment_options import FIXED_NAMES

ONE_YEAR, ENHANCED = FIXED_NAMES[:2]
ALLOCATED = ("ISSUE", "PURCHASE_PAYMENT", "ALLOCATION")
"""Kinds whose allocation may name the one-year option."""
_CENT = 1e-6


def without_amount(block: Block) -> Mask:
    """Transfers that need none: the whole of an Enhanced programme."""
    rows = block["transactions"]
    return np.asarray(rows.among("kind", ("TRANSFER",)) & rows.among("source_sub_account", (ENHANCED,)))


def misplaced(block: Block) -> Mask:
    """Programmes that name a Fixed Rate Option, and a part for an Enhanced programme of anything but a payment."""
    rows = block["transactions"]
    listed = block.lists.any_in(FIXED_NAMES, inside=True) & ~rows.among("kind", ALLOCATED)
    moved = rows.among("source_sub_account", FIXED_NAMES) | rows.among("target_sub_account", FIXED_NAMES)
    part = rows.valid("enhanced_amount") & ~rows.among("kind", ALLOCATED[:2])
    return np.asarray(listed | (moved & ~rows.among("kind", ("TRANSFER",))) | part)


def incomplete(block: Block) -> Mask:
    """Parts for an Enhanced programme without its number of transfers, not above 0, or above the payment."""
    rows = block["transactions"]
    part, number = rows.number("enhanced_amount"), rows.number("number_of_payments")
    sound = (part > 0.0) & (number >= 1.0) & (part <= rows.number("amount") + _CENT)
    return np.asarray(rows.valid("enhanced_amount") & np.isfinite(part) & ~sound)


def off_cents(block: Block) -> Mask:
    """Parts that are no whole cents."""
    part = block["transactions"].number("enhanced_amount")
    cents = np.where(np.isfinite(part), part, 0.0) * 100.0
    return np.asarray(np.abs(cents - np.round(cents)) > _CENT * np.maximum(1.0, np.abs(cents) * 1e-6))


def unsound(block: Block) -> Mask:
    """Requests of Fixed Rate Options that cannot be carried out so."""
    return misplaced(block) | incomplete(block)
