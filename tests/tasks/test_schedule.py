"""What a schedule means on the day it falls on."""

from datetime import UTC, date, datetime

import pytest

from tasks.schedule import ends_month, of_day, valuation_day


@pytest.mark.parametrize(
    ("moment", "day"),
    [
        (datetime(2024, 3, 28, 21, 30, tzinfo=UTC), date(2024, 3, 28)),
        (datetime(2024, 3, 29, 21, 30, tzinfo=UTC), None),  # Good Friday, a weekday
        (datetime(2024, 4, 2, 1, 30, tzinfo=UTC), date(2024, 4, 1)),  # still Monday in New York
    ],
)
def test_the_day_is_new_york_s_and_the_exchange_must_be_open(moment: datetime, day: date | None) -> None:
    assert valuation_day(moment) == day


def test_a_month_ends_with_its_last_valuation_day() -> None:
    assert ends_month(date(2024, 3, 28))
    assert not ends_month(date(2024, 3, 27))
    assert not ends_month(date(2024, 12, 30))
    assert ends_month(date(2024, 12, 31))


def test_files_name_their_day() -> None:
    assert of_day(date(2008, 10, 1), ["s3://b/{day}/c.parquet", "d.csv"]) == ["s3://b/2008-10-01/c.parquet", "d.csv"]
