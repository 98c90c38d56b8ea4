"""What a selling firm or a state leaves of the offer, and elections beyond it.

Source: ELE-3 (prospectus 112-123)
"""

import re
from functools import cache

import numpy as np

from tasks.check_columns import Block, Mask, ages, mask
from valuation.eligibility import offer_refusal
from valuation.schema_inputs import DEATH_BENEFITS, ELECTABLE

FIELD = "restricted_benefits"
FORM = f"benefit=greatest age;..., 0 where it is not offered; of {' | '.join(ELECTABLE)}"
_PART = re.compile(r"\s*(\w+)\s*=\s*(\d{1,3})\s*")


@cache
def restricted(text: str | None) -> dict[str, float] | None:
    """Greatest attained age by benefit, 0 for one not offered; None where the text says neither."""
    if text is None:
        return {}
    parts = [_PART.fullmatch(part) for part in text.split(";")]
    found = {part[1]: float(part[2]) for part in parts if part}
    whole = len(found) == len(parts) and found.keys() <= set(ELECTABLE)
    return found if whole else None


def unreadable(block: Block) -> Mask:
    """Contracts whose restrictions cannot be read."""
    texts = block["contracts"].text(FIELD).to_pylist()
    return np.array([restricted(text) is None for text in texts], dtype=np.bool_)


def not_offered(block: Block) -> Mask:
    """Elections of a benefit that is not offered to the persons of the contract.

    The older of Owner and Annuitant decides, of an optional Death Benefit the Owner.
    """
    rows, contracts = block["transactions"], block["contracts"]
    asked = rows.among("kind", ("ELECTION",)) & rows.valid("benefit") & (block.contract_of >= 0)
    if not asked.any() or not contracts.valid(FIELD).any():
        return rows.none()
    annuitant = contracts.day("annuitant_birth_date")
    owner = np.where(mask(contracts.text("entity_owned")), annuitant, contracts.day("owner_birth_date"))
    dying = rows.among("benefit", DEATH_BENEFITS)
    decides = np.where(dying, block.of_contract(owner), block.of_contract(np.minimum(owner, annuitant)))
    old = ages(decides, block.effective)
    limits, benefits = contracts.text(FIELD).to_pylist(), rows.text("benefit").to_pylist()
    bad = rows.none()
    for row in np.flatnonzero(asked):
        limit = (restricted(limits[block.contract_of[row]]) or {}).get(benefits[row])
        bad[row] = limit is not None and offer_refusal(float(limit > 0.0), limit, int(old[row])) != 0
    return bad
