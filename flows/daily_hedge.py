"""Daily hedge: Greeks of every contract on common draws, limits, trades."""

from datetime import date

from prefect import flow

from flows.steps import step
from infra.cluster import dask_client
from infra.settings import Settings, load_settings
from infra.storage import Storage
from tasks import conclude, hedge, hedge_block, scenarios, start
from tasks.progress import watched


@flow(name="daily-hedge")
def daily_hedge(
    valuation_date: date,
    positions: str | None = None,
    horizon_years: int | None = None,
    settings: Settings | None = None,
) -> start.Outcome:
    """Hedge the guarantees of the contracts in the published snapshot of ``valuation_date``."""
    settings = settings or load_settings()
    storage = Storage(settings.storage_url)
    with watched():
        run = step(hedge.begin)(storage, settings, valuation_date, positions, horizon_years)
        done = step(start.done_before)(run.started)
        if done is not None:
            return done
        plan = step(hedge.prepare)(run)
        with dask_client(settings) as client:
            tiles = step(scenarios.make_tiles)(run.started, run.sets, run.days, client)
            revalued = step(hedge.revalue)(run, plan, tiles, client)
        position = step(hedge_block.position_of)(run, plan)
        step(hedge_block.write_position)(run, position)
        step(hedge_block.close)(run, plan, position, revalued)
        return step(conclude.publish)(run.started)
