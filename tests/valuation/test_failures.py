"""The list of reasons: stable codes, a rule each, messages that say what to do."""

import re
from string import Formatter

import numpy as np
import pytest

from valuation.compile import kernel
from valuation.failures import ACCEPTED, DATA, Reason, reason_of

TOO_SMALL = int(Reason.WITHDRAWAL_TOO_SMALL)


@kernel
def _judge(amount: float, out: np.ndarray) -> None:
    out[0] = TOO_SMALL if amount < 100.0 else ACCEPTED


def test_kernels_emit_codes() -> None:
    out = np.ones(1, dtype=np.int32)
    _judge(99.0, out)
    assert reason_of(int(out[0])) is Reason.WITHDRAWAL_TOO_SMALL
    _judge(100.0, out)
    assert out[0] == ACCEPTED


def test_published_codes_never_change() -> None:
    """A sample of each group; a code in a published quarantine must keep its meaning."""
    published = {10: "MISSING_COLUMN", 106: "UNKNOWN_CODE", 207: "PRICE_MISSING", 300: "INITIAL_PAYMENT_TOO_SMALL"}
    published |= {401: "BENEFIT_ONLY_SUB_ACCOUNT", 504: "BENEFIT_IN_FORCE", 601: "TOO_LITTLE_LEFT"}
    published |= {700: "TRANSFER_FROM_EMPTY", 800: "NOT_IN_GOOD_ORDER"}
    assert {code: reason_of(code).name for code in published} == published


@pytest.mark.parametrize("reason", list(Reason))
def test_every_reason_is_complete(reason: Reason) -> None:
    assert reason.rule == DATA or re.fullmatch(r"[A-Z]{1,3}\w*-\d+", reason.rule)
    assert (reason.severity == "run") == (reason < 100)
    assert reason.severity in ("row", "contract", "run")
    names = {name for _, name, _, _ in Formatter().parse(reason.template) if name}
    assert names <= {"field", "value", "allowed"}


def test_codes_are_distinct_and_none_means_accepted() -> None:
    assert len({int(one) for one in Reason}) == len(Reason.__members__)
    assert ACCEPTED not in {int(one) for one in Reason}


def test_message_names_contract_value_and_limit() -> None:
    text = Reason.WITHDRAWAL_TOO_SMALL.message("VA0000001", "amount", 60.0, "100.00")
    assert text == "VA0000001: amount is 60.0; the least withdrawal is 100.00 USD"


def test_unknown_code_is_an_error() -> None:
    with pytest.raises(ValueError, match="reason code 99 is not on the list"):
        reason_of(99)
