"""The block by benefit: every contract in force once, ended benefits and contracts in no row of theirs."""

from typing import Any

import pyarrow as pa
import pytest

from infra.storage import Storage
from tasks.by_benefit import HEAD, Held, benefit_page, benefit_sheet, by_benefit, total
from tasks.report import find_runs
from tests.support.tiny_store import THROUGH, store


def row(**given: Any) -> dict[str, Any]:
    return {
        "benefit": "NONE", "benefit_stage": "NONE", "death_benefit_plan": "NONE", "series": "B", "status": "ACTIVE",
        "account_value": 100.0, "bond_value": 10.0, "protected_withdrawal_value_today": 0.0, "annual_income_amount": 0.0,
        "death_benefit": 100.0,
    } | given  # fmt: skip


def counted(*rows: dict[str, Any]) -> list[Held]:
    return by_benefit(pa.Table.from_pylist(list(rows)))


def test_by_both_benefits_in_the_order_of_the_schema() -> None:
    held = counted(
        row(benefit="TI", benefit_stage="PRE", death_benefit_plan="HDV", series="X", death_benefit=130.0),
        row(death_benefit_plan="COMBINATION", death_benefit=90.0),
        row(benefit="HD7", benefit_stage="PAYOUT", status="PAYOUT", account_value=0.0, annual_income_amount=6.0),
        row(benefit="TI", benefit_stage="POST", death_benefit_plan="HDV", series="L"),
    )
    assert [(one.living, one.death, one.contracts, one.series, one.payout) for one in held] == [
        ("NONE", "COMBINATION", 1, (1, 0, 0), 0),
        ("HD7", "NONE", 1, (1, 0, 0), 1),
        ("TI", "HDV", 2, (0, 1, 1), 0),
    ]
    assert held[2].sums == (200.0, 20.0, 0.0, 0.0, 30.0)
    assert held[0].sums[-1] == 0.0


def test_what_has_ended_is_not_in_force() -> None:
    (held,) = counted(
        row(benefit="HD7", benefit_stage="ENDED", death_benefit_plan="ENDED"),
        row(benefit="HD7", benefit_stage="POST", status="SURRENDERED"),
        row(status="DEATH"),
    )
    assert (held.living, held.death, held.contracts) == ("NONE", "NONE", 1)


def test_the_sum_is_of_all() -> None:
    held = counted(row(), row(benefit="HD", benefit_stage="PRE"), row(series="X"))
    assert total(held).contracts == 3
    assert total(held).sums[:2] == (300.0, 30.0)
    assert total(held).series == (2, 0, 1)


def test_of_a_published_run_it_is_the_block_of_its_totals() -> None:
    folder, _ = store()
    run = find_runs(Storage(folder.as_uri()), THROUGH).daily
    last = run.table("daily_totals").to_pylist()[-1]
    sheet = benefit_sheet(run)
    assert sheet.columns == HEAD
    whole = sheet.rows[-1].cells
    assert whole[2] == f"{last['contracts']:,}"
    assert float(whole[HEAD.index("#Account Value")].replace(",", "")) == pytest.approx(last["account_value"], abs=0.01)
    page = benefit_page(run)
    assert {len(cells) for cells in page.rows} == {len(page.columns)}
    assert page.rows[-1][0] == "all"
