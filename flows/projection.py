"""Projection of a block or of chosen contracts: scenarios, measures, cash flows by year, decrements, single paths."""

from datetime import date

from prefect import flow

from flows.steps import step
from infra.cluster import dask_client
from infra.settings import Settings, load_settings
from infra.storage import Storage
from tasks import conclude, projection_block, scenarios, start
from tasks import projection as tasks
from tasks.progress import watched


@flow(name="projection")
def projection(
    valuation_date: date,
    request: tasks.Request | None = None,
    horizon_years: int | None = None,
    settings: Settings | None = None,
) -> start.Outcome:
    """Project the contracts in the published snapshot of ``valuation_date``, all or those of the request."""
    settings = settings or load_settings()
    storage = Storage(settings.storage_url)
    with watched():
        run = step(tasks.begin)(storage, settings, valuation_date, request or tasks.Request(), horizon_years)
        started = run.begun.started
        done = step(start.done_before)(started)
        if done is not None:
            return done
        plan = step(tasks.prepare)(run)
        with dask_client(settings) as client:
            tiles = step(scenarios.make_tiles)(started, run.begun.sets, run.begun.days, client)
            projected = step(tasks.project)(run, plan, tiles, client)
            step(tasks.follow_paths)(run, plan, tiles, client)
        sums = step(projection_block.gather)(run, plan)
        step(projection_block.close)(run, plan, sums, projected)
        return step(conclude.publish)(started)
