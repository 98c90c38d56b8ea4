"""The demonstration block: the same for the same seed, within what the contract allows, bad only where it says so."""

from collections import defaultdict
from datetime import date
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from tasks.check import Checked, check_block
from tasks.check_columns import funds
from tasks.demo_block import DEFAULT_THROUGH, DemoBlock, demo_block
from tasks.demo_people import people
from tasks.intake import source
from tests.tasks.block import balanced
from valuation.clock import completed_months
from valuation.funds import load_fund_map
from valuation.schema import KINDS, SCHEMAS
from valuation.schema_inputs import PROGRAMMES
from valuation.sessions import day_number, effective_day, is_valuation_day, valuation_days

FIRST = date(2007, 12, 3)

LIVING, DEATH_BENEFITS = ("HD7", "SHD7", "TI", "TIS", "HD", "TAHD", "GMIB"), ("COMBINATION", "HDV")


@pytest.fixture(scope="module")
def block() -> DemoBlock:
    return demo_block(2000)


@pytest.fixture(scope="module")
def by_contract(block: DemoBlock) -> dict[str, list[dict[str, Any]]]:
    grouped: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in block.transactions.to_pylist():
        grouped[row["contract_id"]].append(row)
    return grouped


def _check(block: DemoBlock) -> Checked:
    days = valuation_days(FIRST, DEFAULT_THROUGH).astype("datetime64[D]")
    names = load_fund_map().names
    size = len(days) * len(names)
    columns = [np.repeat(names, len(days)), np.tile(days, len(names)), np.full(size, 10.0), np.zeros(size)]
    prices = pa.table([pa.array(column) for column in columns], SCHEMAS["prices"].names).cast(SCHEMAS["prices"])
    return check_block(
        source("contracts", block.contracts),
        source("transactions", block.transactions),
        source("prices", prices),
        valuation_date=DEFAULT_THROUGH,
        limit=1.0,
    )


def test_sound_block_passes_the_check(block: DemoBlock) -> None:
    checked = _check(block)
    assert checked.quarantine.num_rows == 0
    assert checked.contracts.num_rows == 2000
    assert block.contracts.schema.equals(SCHEMAS["contracts"])
    assert block.transactions.schema.equals(SCHEMAS["transactions"])


def test_contract_does_not_depend_on_how_many_there_are(block: DemoBlock) -> None:
    few = demo_block(150)
    assert block.contracts.slice(0, 150).equals(few.contracts)
    first = pc.less_equal(block.transactions["contract_id"], few.contracts["contract_id"][-1].as_py())
    assert block.transactions.filter(first).equals(few.transactions)
    assert not demo_block(150, seed=1).contracts.equals(few.contracts)


def test_past_does_not_depend_on_the_last_day() -> None:
    early, late = date(2008, 4, 30), date(2008, 9, 30)
    cut = np.datetime64("2008-05-01", "s")
    whole = demo_block(300, through=late).transactions
    before = whole.filter(pc.less(whole["received"], pa.scalar(cut.astype(object), pa.timestamp("s"))))
    assert before.equals(demo_block(300, through=early).transactions)


def test_mix(block: DemoBlock, by_contract: dict[str, list[dict[str, Any]]]) -> None:
    first = [
        next((row["benefit"] for row in rows if row["benefit"] in LIVING), "NONE") for rows in by_contract.values()
    ]
    shares = {name: first.count(name) / 2000 for name in LIVING}
    assert abs(shares["HD7"] + shares["HD"] + shares["TI"] + shares["TAHD"] - 0.75) < 0.04
    assert abs(shares["SHD7"] + shares["TIS"] - 0.15) < 0.03
    assert 0.015 < shares["TI"] + shares["TIS"] < 0.045
    assert 0.01 < shares["TAHD"] < 0.04
    assert 0.01 < shares["HD"] < 0.04
    assert abs(shares["GMIB"] - 0.03) < 0.015
    series = dict(zip(*(block.contracts[name].to_pylist() for name in ("contract_id", "series")), strict=True))
    for benefit in ("HD", "TAHD", "GMIB"):
        held = {series[name] for name, rows in by_contract.items() if any(row["benefit"] == benefit for row in rows)}
        assert held == {"B", "L", "X"}
    elections = [(rows[0], row) for rows in by_contract.values() for row in rows if row["kind"] == "ELECTION"]
    assert 80 < sum(row["received"] > issue["received"] for issue, row in elections) < 200
    seen = set(block.transactions["kind"].to_pylist())
    rare = {"OWNER_CHANGE", "ANNUITANT_CHANGE", "BENEFICIARY_CHANGE", "MEDICAL_SURRENDER", "FREE_LOOK"}
    rare |= {"STEP_UP", "PAYMENT_CHOICE"}
    rare |= {*PROGRAMMES, "PROGRAMME_END"}
    assert seen == set(KINDS) - {"ANNUITIZATION", "SPOUSAL_CONTINUATION", "INCOME"} - rare
    assert set(block.contracts["series"].to_pylist()) == {"B", "L", "X"}


def test_eligibility(block: DemoBlock, by_contract: dict[str, list[dict[str, Any]]]) -> None:
    owners = {row["contract_id"]: row for row in block.contracts.to_pylist()}
    for name, rows in by_contract.items():
        owner = owners[name]
        age = completed_months(day_number(owner["owner_birth_date"]), day_number(owner["issue_date"])) // 12
        assert 45 <= age <= (75 if owner["series"] == "X" else 80)
        assert rows[0]["amount"] >= (1_000.0 if owner["series"] == "B" else 10_000.0)
        for row in rows:
            if row["benefit"] == "GMIB":
                born, on = (day_number(owner[name]) for name in ("annuitant_birth_date", "issue_date"))
                assert row["received"].date() == owner["issue_date"]
                assert completed_months(born, on) // 12 <= 75
            elif row["kind"] == "ELECTION" and row["benefit"] in LIVING:
                two = row["benefit"] in ("SHD7", "TIS")
                lives = [owner["annuitant_birth_date"]] + [owner["spouse_birth_date"]] * two
                least = {"HD": 660, "HD7": 660, "SHD7": 714, "TI": 540, "TIS": 660, "TAHD": 0}[row["benefit"]]
                on = int(effective_day(np.array([row["received"]], dtype="datetime64[s]"))[0])
                assert all(completed_months(day_number(life), on) >= least for life in lives)
                assert owner["owner_birth_date"] == owner["annuitant_birth_date"]


def test_optional_death_benefits(block: DemoBlock, by_contract: dict[str, list[dict[str, Any]]]) -> None:
    """At issue, to Owners below 80, in every series, and never beside a living benefit that excludes them."""
    owners, seen = {row["contract_id"]: row for row in block.contracts.to_pylist()}, set()
    for name, rows in by_contract.items():
        chosen = [row for row in rows if row["benefit"] in DEATH_BENEFITS]
        living = {row["benefit"] for row in rows if row["benefit"] in LIVING}
        for row in chosen:
            owner = owners[name]
            assert row["received"].date() == owner["issue_date"]
            assert completed_months(day_number(owner["owner_birth_date"]), day_number(owner["issue_date"])) < 960
            assert living <= ({"HD7", "HD", "TAHD", "GMIB"} if row["benefit"] == "COMBINATION" else {"GMIB"})
            seen.add((owner["series"], row["benefit"]))
        assert len(chosen) <= 1
    assert seen == {(series, benefit) for series in "BLX" for benefit in DEATH_BENEFITS}
    early = demo_block(40, through=date(2008, 1, 31))
    elected = [row["benefit"] in DEATH_BENEFITS for row in early.transactions.to_pylist()]
    assert 0 < sum(elected) < early.contracts.num_rows, "compile_kernels meets both kinds"


def test_issue_and_order(block: DemoBlock, by_contract: dict[str, list[dict[str, Any]]]) -> None:
    issued = dict(zip(*(block.contracts[name].to_pylist() for name in ("contract_id", "issue_date")), strict=True))
    for name, rows in by_contract.items():
        assert rows[0]["kind"] == "ISSUE"
        assert is_valuation_day(issued[name])
        assert [row["received"] for row in rows] == sorted(row["received"] for row in rows)
        ends = [row["kind"] in ("SURRENDER", "DEATH", "ANNUITIZATION") for row in rows]
        assert not any(ends[:-1])
    times = block.transactions["received"].to_numpy().astype("datetime64[s]")
    late = effective_day(times) != times.astype("datetime64[D]").astype(np.int64)
    assert 0.01 < late.mean() < 0.5
    assert times.max() < np.datetime64("2008-11-01")


def test_allocations(block: DemoBlock) -> None:
    given = [one for one in block.transactions["allocation"].to_pylist() if one]
    sizes = [len(one) for one in given]
    assert set(sizes) == {1, 2, 3, 4, 5}
    for one in given:
        assert abs(sum(part["weight"] for part in one) - 1.0) < 1e-12
        assert all(abs(part["weight"] * 20.0 - round(part["weight"] * 20.0)) < 1e-9 for part in one)
    assert {part["sub_account"] for one in given for part in one} == set(funds().permitted)


def test_distributions_are_of_the_qualified_and_old(by_contract: dict[str, list[dict[str, Any]]]) -> None:
    owners = {row["contract_id"]: row for row in demo_block(6000).contracts.to_pylist()}
    notices = [row for row in demo_block(6000).transactions.to_pylist() if row["kind"] == "RMD_NOTICE"]
    assert len(notices) > 10
    for row in notices:
        owner = owners[row["contract_id"]]
        assert owner["tax_type"] in ("IRA", "SEP")
        assert completed_months(day_number(owner["owner_birth_date"]), day_number(date(2008, 12, 31))) >= 846
        assert row["event_date"].year == row["received"].year == 2008


def test_long_block_has_annuitizations_only_after_three_years() -> None:
    rows = demo_block(400, through=date(2016, 12, 30)).transactions.to_pylist()
    issued = {row["contract_id"]: row["received"].date() for row in rows if row["kind"] == "ISSUE"}
    ended = [row for row in rows if row["kind"] == "ANNUITIZATION"]
    assert ended
    assert all((row["received"].date() - issued[row["contract_id"]]).days >= 3 * 365 for row in ended)
    assert {row["received"].year for row in rows if row["kind"] == "RMD_NOTICE"} == set(range(2008, 2017))


def test_streams_are_prefixes() -> None:
    many, few = people(7, 500), people(7, 20)
    assert all(np.array_equal(m[:20], f) for m, f in zip(many, few, strict=True))


def test_every_defect_is_found_and_nothing_else() -> None:
    block = demo_block(200, defects=2)
    checked = _check(block)
    assert balanced(checked)
    found: dict[tuple[str, str], set[str]] = defaultdict(set)
    for row in checked.quarantine.to_pylist():
        name = row["transaction_id"] if row["dataset"] == "transactions" else row["contract_id"]
        found[row["dataset"], name] |= set(row["reason"].split("; "))
        assert row["contract_id"] is None or row["contract_id"].startswith("VD")
    for one in block.defects:
        wanted = {one.reason.name} if one.found_by == "check" else set()
        assert found.get((one.dataset, one.id), set()) == wanted, one
    assert len(block.defects) % 2 == 0
    assert {one.found_by for one in block.defects} == {"check", "law"}


@pytest.mark.parametrize(
    "asked, message",
    [({"contracts": 0}, "0 contracts"), ({"seed": -1}, "seed -1"), ({"through": date(2007, 11, 30)}, "is issued by")],
)
def test_impossible_requests(asked: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        demo_block(**asked)
