"""Daily valuation: freeze the block, check it, value it, close it, publish it."""

from datetime import date

from prefect import flow

from flows.steps import step
from infra.cluster import dask_client
from infra.settings import Settings, load_settings
from infra.storage import Storage
from tasks import close, conclude, daily, start, value
from tasks.progress import watched


@flow(name="daily-valuation")
def daily_valuation(
    through: date,
    contracts: str | list[str],
    transactions: str | list[str],
    prices: str | list[str],
    opening: date | None = None,
    settings: Settings | None = None,
    declared_rates: str | list[str] | None = None,
) -> start.Outcome:
    """Value every contract through ``through``, from issue or from the snapshot published for ``opening``."""
    settings = settings or load_settings()
    storage = Storage(settings.storage_url)
    with watched():
        run = step(daily.begin)(
            storage,
            settings,
            contracts=contracts,
            transactions=transactions,
            prices=prices,
            through=through,
            opening=opening,
            declared_rates=declared_rates,
        )
        done = step(start.done_before)(run)
        if done is not None:
            return done
        plan = step(daily.prepare)(run)
        with dask_client(settings) as client:
            step(value.value)(run, plan, client)
            closed = step(value.reconcile)(run, plan, client)
        step(close.gather)(run, plan)
        step(close.close)(run, plan, closed)
        return step(conclude.publish)(run)
