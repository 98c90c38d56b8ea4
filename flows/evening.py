"""The evening of a Valuation Day, as a schedule runs it: daily valuation, hedge, at a month's end the reserve, report."""

from datetime import UTC, date, datetime

from prefect import State, flow
from prefect.runtime import flow_run
from prefect.states import Completed

from flows.daily_hedge import daily_hedge
from flows.daily_valuation import daily_valuation
from flows.month_end_reserve import month_end_reserve
from flows.steps import step
from infra.settings import load_settings
from infra.storage import Storage
from tasks import report, schedule


@flow(name="evening")
def evening(
    contracts: list[str],
    transactions: list[str],
    prices: list[str],
    positions: str | None = None,
    on: date | None = None,
) -> State:
    """Run what is due on ``on``, or else on the day for which the run was scheduled.

    ``{day}`` in the name of a file stands for that day.  On a day on which the exchange is closed nothing is done.
    """
    scheduled = flow_run.scheduled_start_time or datetime.now(UTC)
    day = on or schedule.valuation_day(scheduled)
    if day is None:
        return Completed(message=f"{scheduled:%Y-%m-%d} is no Valuation Day: nothing to do")
    received, transacted, priced = (schedule.of_day(day, names) for names in (contracts, transactions, prices))
    daily_valuation(day, received, transacted, priced)
    daily_hedge(day, positions and schedule.of_day(day, [positions])[0])
    if schedule.ends_month(day):
        month_end_reserve(day)
    key = step(report.write_report)(Storage(load_settings().storage_url), day)
    return Completed(message=f"{day} is valued; report: {key}")
