"""The annuity value by which an Owner judges income at the latest Annuity Date is that day's, not the valuation date's."""

from datetime import date
from types import SimpleNamespace

import numpy as np
import pytest

from valuation.projected import annuity_at
from valuation.sessions import day_number

AS_OF = day_number(date(2008, 10, 31))


@pytest.mark.parametrize(
    ("today", "month"),
    [
        ("2008-11-03", 0),
        ("2008-12-01", 1),
        ("2009-11-27", 12),
        ("2009-11-30", 13),
        ("2010-01-29", 14),
        ("2031-01-02", 23),
    ],
)
def test_month_of_the_day(today: str, month: int) -> None:
    group = SimpleNamespace(annuity=np.array([np.full(24, -1.0), np.arange(24.0)]))
    assert annuity_at(group, 1, AS_OF, day_number(date.fromisoformat(today))) == month
