"""One contract through all days of a published run: for pictures, and for a look at a single life of the guarantee."""

from datetime import date
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from tasks.declared import rates_of_run
from tasks.explain import contract_inputs
from tasks.publish import PublishedRun, Run
from tasks.unit_prices import read_grid
from valuation.block import value_block
from valuation.daily import TOTALS
from valuation.fixed_point import FIXED
from valuation.sessions import day_date

Array = NDArray[np.float64]
_COLUMNS = ("contract_id", "issue_date", "status", "benefit_stage", "account_value", "protected_withdrawal_value_today")


class Path(NamedTuple):
    """End of every Valuation Day, USD."""

    contract_id: str
    days: tuple[date, ...]
    account: Array  # (n_day,)
    protected: Array  # (n_day,) Protected Withdrawal Value
    bond: Array  # (n_day,) part of the Account Value in the bond Sub-account
    income: Array  # (n_day,) Annual Income Amount


def path_of(published: PublishedRun, contract_id: str) -> Path:
    """Replay one contract of a run and keep every day; raises ExplainError if the run did not value it."""
    run = Run(published.storage, published.manifest.inputs.flow, published.manifest.run_id)
    contract, transactions, opening = contract_inputs(published, contract_id)
    days, prices = read_grid(run)
    before, rates = opening if opening.num_rows else None, rates_of_run(run)
    totals = value_block(contract, transactions, before, days, prices, declared=rates).totals
    column = {name: totals[:, k] / FIXED for k, name in enumerate(TOTALS)}
    began = int(np.argmax(column["account_value"] > 0.0))
    return Path(
        contract_id,
        tuple(day_date(int(day)) for day in days[1 + began :]),
        column["account_value"][began:],
        column["protected_withdrawal_value"][began:],
        column["bond_value"][began:],
        column["annual_income_amount"][began:],
    )


def typical_contract(published: PublishedRun) -> str | None:
    """The middle contract, by guarantee over Account Value, of the quarter issued first among those with a benefit."""
    found = published.table("snapshot", _COLUMNS)
    covered = pc.and_(pc.equal(found["status"], "ACTIVE"), pc.is_in(found["benefit_stage"], pa.array(["PRE", "POST"])))
    found = found.filter(covered).sort_by([("issue_date", "ascending"), ("contract_id", "ascending")])
    if not found.num_rows:
        return None
    early = found.slice(0, max(1, found.num_rows // 4))
    ratio = pc.divide(early["protected_withdrawal_value_today"], early["account_value"]).to_numpy()
    order = np.argsort(ratio, kind="stable")
    return str(early["contract_id"][int(order[len(order) // 2])].as_py())
