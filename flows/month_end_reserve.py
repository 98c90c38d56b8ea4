"""Month-end reserve: scenarios, values of every contract in every scenario, tails, allocation."""

from datetime import date

from prefect import flow

from flows.steps import step
from infra.cluster import dask_client
from infra.settings import Settings, load_settings
from infra.storage import Storage
from tasks import conclude, reserve, reserve_block, scenarios, start
from tasks.progress import watched


@flow(name="month-end-reserve")
def month_end_reserve(
    valuation_date: date,
    horizon_years: int | None = None,
    settings: Settings | None = None,
    scenario_set: str | None = None,
    volatilities: str | None = None,
) -> start.Outcome:
    """Reserve for the contracts in the published snapshot of ``valuation_date``, on request on an imported set."""
    settings = settings or load_settings()
    storage = Storage(settings.storage_url)
    with watched():
        run = step(reserve.begin)(storage, settings, valuation_date, horizon_years, scenario_set, volatilities)
        done = step(start.done_before)(run.started)
        if done is not None:
            return done
        plan = step(reserve.prepare)(run)
        with dask_client(settings) as client:
            tiles = step(scenarios.make_tiles)(run.started, run.sets, run.days, client)
            projected = step(reserve.project)(run, plan, tiles, client)
            block = step(reserve_block.block_of)(run, plan, projected)
            step(reserve.measure_tails)(run, plan, block.tails, client)
        step(reserve_block.allocate)(run, plan, block)
        step(reserve_block.close)(run, plan, block, projected)
        return step(conclude.publish)(run.started)
