"""What a schedule means on the day it falls on: schedules know weekdays, the exchange has holidays as well."""

from collections.abc import Sequence
from datetime import date, datetime
from zoneinfo import ZoneInfo

from valuation.sessions import is_valuation_day, last_valuation_day_of_month

_NEW_YORK = ZoneInfo("America/New_York")


def valuation_day(moment: datetime) -> date | None:
    """The Valuation Day on which ``moment`` falls in New York; None while the exchange is closed all day."""
    day = moment.astimezone(_NEW_YORK).date()
    return day if is_valuation_day(day) else None


def ends_month(day: date) -> bool:
    """Whether ``day`` is the last Valuation Day of its month."""
    return day == last_valuation_day_of_month(day)


def of_day(day: date, names: Sequence[str]) -> list[str]:
    """Names of files, with ``{day}`` replaced by the day, as 2008-10-31."""
    return [name.replace("{day}", day.isoformat()) for name in names]
