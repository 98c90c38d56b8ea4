"""The convergence study: what it measures on values whose errors are known, and a small one from block to page."""

from datetime import date

import numpy as np
import pyarrow.csv as pa_csv
import pytest

from infra.settings import load_settings
from infra.storage import Storage
from tasks.convergence import (
    BRIDGED,
    DELTAS,
    FAIR_VALUE,
    PERIODIC,
    RHO,
    VEGA,
    Found,
    Size,
    batches,
    compute,
    differences,
    errors,
    slopes,
    unit_of,
)
from tasks.convergence_page import study, write
from tasks.project import REAL_WORLD
from tests.tasks.test_report import Reader
from valuation.observation import STEPS

MEANS = (FAIR_VALUE, *DELTAS, RHO, VEGA)


def known(spread: float = 10.0) -> Found:
    """Independent normal values in pairs of equal sign, four seeds of 2,048 scenarios."""
    size = Size(1, 2048, 4, date(2008, 10, 31))
    generator = np.random.Generator(np.random.Philox(3))
    values = {}
    for step in STEPS:
        for name in (*MEANS, PERIODIC, BRIDGED, REAL_WORLD):
            values[step, name] = 100.0 + spread * np.repeat(generator.standard_normal((4, 1024)), 2, axis=1)
    return Found(size, 1, 1, values, 1.0)


class TestErrors:
    def test_fall_with_the_square_root_of_the_scenarios(self) -> None:
        found = known()
        rows = errors(found, batches(found))
        assert {row.scenarios for row in rows} == {64, 128, 256, 512, 1024, 2048}
        fitted = slopes(rows)
        assert all(abs(fitted[name] + 0.5) < 0.15 for name in MEANS)
        for row in rows:
            if row.measure in MEANS and row.batches >= 16:
                expected = 10.0 / np.sqrt(row.scenarios / 2)
                assert abs(row.error - expected) < 0.35 * expected
                assert abs(row.standard_error - expected) < 0.1 * expected

    def test_every_scenario_is_in_one_batch_of_each_size(self) -> None:
        mine = [row for row in batches(known()) if row.measure == FAIR_VALUE]
        assert len(mine) == 4 * (32 + 16 + 8 + 4 + 2 + 1)
        large = {(row.seed, row.first): row.value for row in mine if row.scenarios == 2048}
        small = [row.value for row in mine if row.scenarios == 64 and row.seed == 2]
        assert np.mean(small) == pytest.approx(large[2, 0])

    def test_units(self) -> None:
        assert unit_of(FAIR_VALUE) == unit_of("CTE70") == "USD"
        assert unit_of(DELTAS[0]) == "USD per +1% of the index"
        assert unit_of(RHO) == "USD per +1 basis point of the key rate"


@pytest.mark.parametrize("wrong", [{"scenarios": 200}, {"scenarios": 128}, {"seeds": 1}, {"contracts": 0}])
def test_a_size_without_samples_is_refused(wrong: dict[str, int]) -> None:
    with pytest.raises(ValueError, match="allowed are 1 contract or more, a multiple of 128 scenarios"):
        Size(**({"contracts": 4, "scenarios": 256, "seeds": 2, "through": date(2008, 10, 31)} | wrong))  # type: ignore[arg-type]


@pytest.mark.slow
def test_a_small_study_from_block_to_page(tmp_path) -> None:
    settings = load_settings(storage_url=tmp_path.as_uri(), workers=2)
    size = Size(5, 256, 2, date(2008, 10, 31), horizon_years=3)
    found = compute(settings, size)
    assert found.contracts == 5
    again = compute(settings.model_copy(update={"workers": 1}), size)
    for name, values in found.values.items():
        assert values.shape == (2, 256)
        np.testing.assert_array_equal(values, again.values[name])
    steps = {(row.measure, row.step): row for row in differences(found)}
    assert steps[PERIODIC, "daily"].difference == 0.0
    assert steps[PERIODIC, "monthly"].difference < steps[PERIODIC, "weekly"].difference < 0.0
    assert abs(steps[BRIDGED, "monthly"].difference) < 0.3 * abs(steps[PERIODIC, "monthly"].difference)

    storage = Storage(settings.storage_url)
    written = write(storage, study(found))
    folder = written.keys[0].rpartition("/")[0]
    assert sorted(written.keys) == storage.list(folder)
    html = storage.read_bytes(written.keys[0]).decode()
    Reader().feed(html)
    assert html.count("<svg") == 2
    estimates = storage.read_table(f"{folder}/estimates.parquet")
    assert estimates.num_rows == len(batches(found))
    assert pa_csv.read_csv(tmp_path / f"{folder}/estimates.csv").num_rows == estimates.num_rows
    assert [page.title for page in written.pages] == [
        "Errors by number of scenarios", "What coarser steps do, on the same paths",
    ]  # fmt: skip
