"""Tax amounts of a run, from its own ledger and payments: whole blocks at prices of one's own making."""

from datetime import date, datetime
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from valuation.arrays import CHARGE_CLASSES, SLOTS
from valuation.block import DayResult, value_block
from valuation.schema import SCHEMAS
from valuation.sessions import day_number, valuation_days

CENT = 0.005
BEFORE, LAST = date(2008, 4, 30), date(2008, 12, 31)
OLD, YOUNG = date(1938, 1, 15), date(1960, 1, 15)
TWO = [{"sub_account": SLOTS[0], "weight": 0.4}, {"sub_account": SLOTS[3], "weight": 0.6}]
Asked = tuple[str, date, dict[str, Any]]


def contract(name: str, **changes: Any) -> dict[str, Any]:
    """A row of contracts, issued on 1 May 2008."""
    born = changes.pop("born", OLD)
    return dict.fromkeys(SCHEMAS["contracts"].names) | {
        "contract_id": name, "series": "B", "issue_date": date(2008, 5, 1), "tax_type": "NQ", "entity_owned": False,
        "owner_birth_date": born, "owner_sex": "F", "annuitant_birth_date": born, "annuitant_sex": "F",
    } | changes  # fmt: skip


def requests(name: str, *asked: Asked, first: dict[str, Any] | None = None) -> list[dict[str, Any]]:
    """The initial payment of 100,000, and what follows it."""
    issue = ("ISSUE", date(2008, 5, 1), {"amount": 100_000.0, "allocation": TWO} | (first or {}))
    rows = []
    for k, (kind, day, given) in enumerate([issue, *asked]):
        row = dict.fromkeys(SCHEMAS["transactions"].names) | {"transaction_id": f"{name}-{k}", "contract_id": name}
        rows.append(row | {"kind": kind, "received": datetime(day.year, day.month, day.day, 10, k)} | given)
    return rows


def prices(days: np.ndarray, jump: dict[date, float]) -> np.ndarray:
    """Unit Prices of 10 that change by a factor on the days named."""
    found = np.full((len(days), len(CHARGE_CLASSES), len(SLOTS)), 10.0)
    for when, factor in jump.items():
        found[days >= day_number(when)] *= factor
    return found


def valued(
    owners: list[dict[str, Any]],
    asked: list[dict[str, Any]],
    jump: dict[date, float],
    opening: pa.Table | None = None,
    span: tuple[date, date] = (BEFORE, LAST),
) -> DayResult:
    days = valuation_days(*span)
    whole = valuation_days(BEFORE, max(LAST, span[1]))
    path = prices(whole, jump)[np.isin(whole, days)]
    table = pa.Table.from_pylist(owners, SCHEMAS["contracts"])
    return value_block(table, pa.Table.from_pylist(asked, SCHEMAS["transactions"]), opening, days, path)


def one(*asked: Asked, jump: dict[date, float] | None = None, first: Any = None, **changes: Any) -> DayResult:
    """One contract; prices rise by a fifth on 2 June."""
    rise = {date(2008, 6, 2): 1.2} if jump is None else jump
    return valued([contract("A", **changes)], requests("A", *asked, first=first), rise)


def withdraw(amount: float, when: date = date(2008, 8, 1), basis: str = "gross") -> Asked:
    return "WITHDRAWAL", when, {"amount": amount, "basis": basis}


def only(result: DayResult) -> dict[str, Any]:
    rows = result.tax_amounts.to_pylist()
    assert len(rows) == 1
    return dict(rows[0])


def amounts(row: dict[str, Any]) -> tuple[float, float, float]:
    return row["taxable"], row["return_of_investment"], row["investment_left"]


def test_d_tax_1_in_a_run() -> None:
    """D-TAX-1: Account Value 120,000, 100,000 paid in, 30,000 received before 59 1/2."""
    result = one(withdraw(30_000.0, basis="net"), born=YOUNG)
    row = only(result)
    assert amounts(row) == pytest.approx((20_000.0, 10_000.0, 90_000.0), abs=CENT)
    assert (row["withholding"], row["penalty"]) == pytest.approx((2_000.0, 2_000.0), abs=CENT)
    assert row["account_value"] == pytest.approx(120_000.0, abs=CENT)
    assert row["rules"] == "TAX-2, TAX-7, TAX-8"
    assert result.snapshot["investment_in_contract"].to_pylist() == [90_000.0]


def test_the_account_value_is_that_before_the_withdrawal() -> None:
    """As a run without the withdrawal has it at the end of the day, with a transfer between and credits in it."""
    moves = {"amount": 7_000.0, "source_sub_account": SLOTS[0], "target_sub_account": SLOTS[5]}
    between: list[Asked] = [("TRANSFER", date(2008, 7, 1), moves)]
    path = {date(2008, 6, 2): 1.2, date(2008, 7, 7): 0.9, date(2008, 8, 1): 1.013}
    without = valued([contract("A", series="X")], requests("A", *between), path, span=(BEFORE, date(2008, 8, 1)))
    row = only(valued([contract("A", series="X")], requests("A", *between, withdraw(4_000.0)), path))
    assert row["account_value"] == pytest.approx(without.snapshot["account_value"][0].as_py(), abs=CENT)
    assert row["investment_before"] == 100_000.0  # the Purchase Credit is none


def test_two_withdrawals_and_a_payment_of_one_day() -> None:
    """The payment comes first, whatever the order of receipt."""
    paying: Asked = ("PURCHASE_PAYMENT", date(2008, 8, 1), {"amount": 10_000.0, "allocation": TWO})
    first, second = one(withdraw(5_000.0), withdraw(6_000.0), paying).tax_amounts.to_pylist()
    assert (first["account_value"], second["account_value"]) == pytest.approx((130_000.0, 125_000.0), abs=CENT)
    assert (first["gain"], second["gain"]) == pytest.approx((20_000.0, 15_000.0), abs=CENT)
    assert first["investment_before"] == 110_000.0


def test_withdrawals_of_two_kinds_in_one_day() -> None:
    ill = {"amount": 8_000.0, "ground": "FATAL_ILLNESS", "event_date": date(2008, 7, 1)}
    asked: list[Asked] = [withdraw(5_000.0), ("MEDICAL_SURRENDER", date(2008, 8, 1), ill), withdraw(6_000.0)]
    rows = one(*asked).tax_amounts.to_pylist()
    left = 120_000.0
    for row in rows:
        assert row["account_value"] == pytest.approx(left, abs=CENT)
        left -= row["gross"]
    assert sorted(row["kind"] for row in rows) == ["MEDICAL_SURRENDER", "WITHDRAWAL", "WITHDRAWAL"]
    assert left == pytest.approx(101_000.0, abs=CENT)


def test_a_surrender_returns_the_investment_and_its_charge_is_lost() -> None:
    row = only(one(("SURRENDER", date(2008, 9, 2), {}), jump={}))
    assert row["kind"] == "SURRENDER"
    assert row["received"] == pytest.approx(100_000.0 - 7_000.0, abs=CENT)
    assert amounts(row) == pytest.approx((0.0, 93_000.0, 7_000.0), abs=CENT)


def test_an_ira_is_all_income_and_has_a_required_beginning_date() -> None:
    result = one(withdraw(10_000.0), tax_type="IRA")
    assert amounts(only(result)) == (10_000.0, 0.0, 0.0)
    assert result.snapshot["required_beginning_date"].to_pylist() == [date(2009, 4, 1)]
    assert one().snapshot["required_beginning_date"].to_pylist() == [None]


def test_a_roth_ira_returns_contributions_first() -> None:
    row = only(one(withdraw(8_000.0), tax_type="ROTH"))
    assert amounts(row) == (0.0, 8_000.0, 92_000.0)
    assert row["rules"] == "TAX-10"


def test_a_death_benefit_is_taxed_above_the_investment() -> None:
    """8,000 brought by an exchange; the Death Benefit returns 100,000 although the Account Value is 60,000."""
    dead: Asked = ("DEATH", date(2008, 9, 2), {"event_date": date(2008, 8, 25)})
    row = only(one(dead, jump={date(2008, 6, 2): 0.6}, born=YOUNG, exchanged_basis=8_000.0))
    assert row["received"] == pytest.approx(100_000.0, abs=CENT)
    assert amounts(row) == pytest.approx((92_000.0, 8_000.0, 0.0), abs=CENT)
    assert row["penalty"] == 0.0
    assert row["rules"] == "TAX-9, TAX-8"


def test_guaranteed_payments_return_the_investment_or_follow_the_ratio() -> None:
    """A withdrawal empties the Account Value; the rest of the year's income is paid by the company."""
    path = {date(2008, 6, 2): 0.02}
    asked: list[Asked] = [withdraw(2_000.0, basis="gross")]
    elected = {"benefit": "HD7"}
    kinds = one(*asked, jump=path, first=elected).tax_amounts.to_pylist()
    assert [row["kind"] for row in kinds] == ["WITHDRAWAL", "GUARANTEED_PAYMENT"]
    paid = kinds[1]
    assert paid["account_value"] == 0.0
    assert paid["withholding"] is None
    assert amounts(paid)[:2] == pytest.approx((0.0, paid["received"]))
    given = one(*asked, jump=path, first=elected, exclusion_ratio=0.25).tax_amounts.to_pylist()[1]
    assert amounts(given)[:2] == pytest.approx((0.75 * paid["received"], 0.25 * paid["received"]), abs=2 * CENT)
    assert given["rules"] == "TAX-5"


def test_an_annuitisation_is_not_received() -> None:
    through = date(2011, 5, 16)
    asked = requests("A", ("ANNUITIZATION", date(2011, 5, 10), {}))
    result = valued([contract("A")], asked, {}, span=(BEFORE, through))
    assert result.payments["kind"].to_pylist() == ["ANNUITISATION", "ANNUITY_PAYMENT"]
    row = result.tax_amounts.to_pylist()[0]
    assert (row["received"], row["gross"]) == (0.0, pytest.approx(100_000.0))
    assert amounts(row) == (0.0, 0.0, 100_000.0)
    assert row["rules"] == "TAX-5"


def test_a_new_owners_age_counts_from_the_change() -> None:
    changed: Asked = ("OWNER_CHANGE", date(2008, 9, 2), {"person_birth_date": YOUNG, "person_sex": "M"})
    rows = one(withdraw(2_000.0), changed, withdraw(2_000.0, date(2008, 10, 1))).tax_amounts.to_pylist()
    assert [row["penalty"] for row in rows] == [0.0, 200.0]


MANY = [
    *requests("A", withdraw(4_000.37), withdraw(11_000.0, date(2008, 10, 6)), withdraw(9_000.0, date(2008, 11, 3))),
    *requests("B", ("PURCHASE_PAYMENT", date(2008, 9, 2), {"amount": 2_345.67, "allocation": TWO})),
    *requests("C", withdraw(12_000.0), ("SURRENDER", date(2008, 12, 1), {})),
    *requests("D", withdraw(3_000.0, date(2008, 6, 4)), ("DEATH", date(2008, 11, 5), {"event_date": date(2008, 11, 1)})),
]  # fmt: skip
OWNERS = [contract("A"), contract("B", born=YOUNG), contract("C", tax_type="ROTH"), contract("D", tax_type="SEP")]
PATH = {date(2008, 6, 2): 1.2034, date(2008, 8, 12): 0.9117, date(2008, 10, 3): 1.0331, date(2008, 11, 10): 0.8719}


@pytest.mark.parametrize("hop", [date(2008, 6, 30), date(2008, 8, 1), date(2008, 10, 15)])
def test_in_two_hops(hop: date) -> None:
    whole = valued(OWNERS, MANY, PATH)
    first = valued(OWNERS, MANY, PATH, span=(BEFORE, hop))
    rest = valued(OWNERS, MANY, PATH, first.snapshot, (hop, LAST))
    assert rest.snapshot.equals(whole.snapshot)
    rows = first.tax_amounts.to_pylist() + rest.tax_amounts.to_pylist()
    rows.sort(key=lambda row: (row["contract_id"], row["date"]))
    assert rows == whole.tax_amounts.to_pylist()


def test_a_contract_does_not_depend_on_the_others() -> None:
    whole = valued(OWNERS, MANY, PATH).tax_amounts
    for owner in OWNERS:
        name = owner["contract_id"]
        alone = valued([owner], [row for row in MANY if row["contract_id"] == name], PATH).tax_amounts.to_pylist()
        assert alone == [row for row in whole.to_pylist() if row["contract_id"] == name]


def test_every_payment_has_its_row() -> None:
    result = valued(OWNERS, MANY, PATH)
    keys = ["contract_id", "date", "kind", "gross"]
    assert result.tax_amounts.select(keys).equals(result.payments.select(keys))


@pytest.mark.parametrize("missing", [True, False])
def test_a_snapshot_without_the_investment(missing: bool) -> None:
    """Payments less all earlier withdrawals: the 4,000.37 of gain count as returned.  An IRA has none."""
    hop = date(2008, 8, 29)
    first = valued(OWNERS, MANY, PATH, span=(BEFORE, hop))
    place = first.snapshot.schema.get_field_index("investment_in_contract")
    none = pa.nulls(first.snapshot.num_rows, pa.float64())
    snapshot = (
        first.snapshot.drop_columns(["investment_in_contract"])
        if missing
        else first.snapshot.set_column(place, first.snapshot.schema.field(place), none)
    )
    rest = valued(OWNERS, MANY, PATH, snapshot, (hop, date(2008, 9, 30)))
    expected = [100_000.0 - 4_000.37, 102_345.67, 88_000.0, 0.0]
    assert rest.snapshot["investment_in_contract"].to_pylist() == pytest.approx(expected, abs=CENT)
