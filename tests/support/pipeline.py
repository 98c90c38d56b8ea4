"""The three flows on a small block, without Prefect: the bodies of the flows, their steps plain calls."""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from infra.settings import Settings, load_settings
from infra.storage import Storage, encode_table
from tasks.demo import DemoInputs, write_demo
from tasks.publish import PublishedRun, open_run
from tasks.start import Outcome

THROUGH = date(2008, 8, 29)
HOP = date(2008, 6, 30)
CONTRACTS = 40
HORIZON = 3
KEYS = {
    "snapshot": ["contract_id"],
    "unit_prices": ["date", "sub_account", "charge_class"],
    "path_values": ["basis", "contract_id", "scenario"],
    "reserve_seriatim": ["basis", "contract_id", "measure"],
    "projection_seriatim": ["basis", "contract_id", "measure"],
    "greeks_seriatim": ["contract_id", "greek", "bucket"],
}
"""Sort keys of datasets whose rows are cut differently by different partitions; the others keep their order."""


class Lab:
    """One store with the inputs of a demonstration."""

    def __init__(self, folder: Path, client: Any = None, url: str | None = None, **changes: Any) -> None:
        self.folder, self.client, self.url = folder, client, url or (folder / "store").as_uri()
        self.storage = Storage(self.url)
        self.settings = self.with_settings(**changes)
        self.inputs: DemoInputs = write_demo(self.storage, CONTRACTS, THROUGH)

    def with_settings(self, **changes: Any) -> Settings:
        given: dict[str, Any] = {"storage_url": self.url, "scratch": self.folder / "scratch", "quarantine_limit": 1.0}
        given |= {"risk_neutral_scenarios": 16, "real_world_scenarios": 40, "hedge_scenarios": 8, "tile_lanes": 8}
        self.settings = load_settings(**(given | {"workers": 2, "contracts_per_partition": 10} | changes))
        return self.settings

    def daily(self, through: date = THROUGH, opening: date | None = None, **files: Any) -> Outcome:
        from flows import daily_valuation as module

        given = {name: getattr(self.inputs, name) for name in ("contracts", "transactions", "prices")} | files
        with self._plain(module):
            return module.daily_valuation.fn(through, opening=opening, settings=self.settings, **given)

    def reserve(self, **options: Any) -> Outcome:
        from flows import month_end_reserve as module

        with self._plain(module):
            return module.month_end_reserve.fn(THROUGH, HORIZON, self.settings, **options)

    def hedge(self, positions: str | None = None) -> Outcome:
        from flows import daily_hedge as module

        with self._plain(module):
            return module.daily_hedge.fn(THROUGH, positions, HORIZON, self.settings)

    def project(self, horizon: int = HORIZON, **asked: Any) -> Outcome:
        from flows import projection as module
        from tasks.projection import Request

        with self._plain(module):
            return module.projection.fn(THROUGH, Request(**asked), horizon, self.settings)

    def opened(self, outcome: Outcome) -> PublishedRun:
        return open_run(self.storage, outcome.flow, outcome.run_id)

    @contextmanager
    def _plain(self, module: Any) -> Iterator[None]:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(module, "step", lambda fn: fn)
            patch.setattr(module, "dask_client", lambda settings: nullcontext(self.client))
            yield


def contents(found: PublishedRun, but: tuple[str, ...] = ()) -> dict[str, str]:
    """The hash of every dataset of a run as one table, however it was cut."""
    hashes = {}
    for dataset in sorted(found.manifest.rows):
        if dataset not in but:
            table = found.table(dataset)
            if dataset in KEYS:
                table = table.sort_by([(name, "ascending") for name in KEYS[dataset]])
            hashes[dataset] = hashlib.sha256(encode_table(table)).hexdigest()
    return hashes
