"""The schemas of what a projection publishes: measures, cash flows by year, decrements, states, single paths.

Source of the fields: their own metadata; `valuation.schema` holds all datasets.
"""

import pyarrow as pa

from valuation.contract import STATUS_NAMES
from valuation.schema_inputs import (
    BASIS,
    CONTRACT_ID,
    DATE,
    ERROR,
    F64,
    I32,
    MEASURE,
    SCENARIO,
    TEXT,
    UNITS,
    VALUED,
    dataset_of,
    field,
    usd,
)

CAUSES = ("death", "surrender", "annuitisation", "exhaustion", "still_in_force")
"""What has become of a contract: annuitisation, the Account Value taken as an annuity at the latest Annuity Date, or the
assumed share that begins annuity payments under a benefit, settled at their value; exhaustion, Account Value zero and
nothing more to be paid.  Guaranteed payments in progress are in force."""

_WRITER = "projection"
_YEAR = field("year", I32, "count", "projection year; the first begins after the valuation date", "house", ">= 1")
_YEAR_END = field("year_end", DATE, "date", "Valuation Day on which it ends", "house")
_STATUS = field("status", TEXT, "", "state of the contract in that scenario", "GEN-2, C-23", STATUS_NAMES)
_IN_FORCE = field("in_force", F64, "fraction", "probability to be in force at the end of the day", "house", "0 to 1")
_FLOWS = (
    usd("cash_flow", "sum of the year's cash flows, not discounted", "house"),
    usd("present_value", "the same, discounted to the valuation date along the scenario", "house"),
)
_ACCOUNT = (
    usd("account_value", "Account Value of a contract in force", "GEN-5", ">= 0"),
    usd("bond_value", "part of it in the benefit's bond Sub-account", "ATF-10", ">= 0"),
)
_BENEFIT = (
    usd("periodic_value", "Periodic Value", "HD7-3, HD7-4"),
    usd("protected_withdrawal_value", "tracked Protected Withdrawal Value", "HD7-3 to HD7-8"),
    usd("annual_income_amount", "Annual Income Amount of an Annuity Year", "HD7-5"),
    usd("remaining_income", "part of it not yet taken in this Annuity Year", "HD7-6"),
)
_CASH = (
    usd("living_claims", "guaranteed income beyond the Account Value", "HD7-12"),
    usd("death_claims", "Death Benefit above the Account Value, expected at a month's end", "DB-2"),
    usd("benefit_fees", "benefit-quarter fees; daily charges of benefits, at a month's end", "HD7-15, DB-23, UNIT-6"),
    usd("asset_charges", "Insurance Charge of the month, at its end", "FEE-1, FEE-7"),
    usd("revenue_sharing", "paid to the insurer by the funds, at the month's end", "house"),
    usd("other_charges", "CDSC, maintenance fees, credits taken back, accrued fees", "CDSC-5, FEE-5"),
    usd("paid_from_account", "paid to Owners and Beneficiaries out of the Account Value", "WD-4"),
    usd("added_to_account", "Return of Principal and Longevity Credits", "HD7-11, LC-1"),
    usd("expenses", "the insurer's expenses of the month, at its end", "house"),
)

PROJECTION: dict[str, pa.Schema] = {
    "projection_seriatim": dataset_of(
        "Mean over scenarios of every measure of every contract, present values.",
        "basis, contract_id, measure",
        _WRITER,
        VALUED,
        BASIS,
        CONTRACT_ID,
        MEASURE,
        usd("value", "mean over scenarios", "house"),
        ERROR,
    ),
    "projection_scenario": dataset_of(
        "Every measure of the contracts together in every scenario, present values.",
        "basis, scenario, measure",
        _WRITER,
        VALUED,
        BASIS,
        SCENARIO,
        MEASURE,
        usd("value", "sum over contracts in that scenario", "house"),
    ),
    "projection_summary": dataset_of(
        "Mean over scenarios of every measure of the contracts together, present values.",
        "basis, measure",
        _WRITER,
        VALUED,
        BASIS,
        MEASURE,
        usd("value", "mean over scenarios", "house"),
        ERROR,
    ),
    "projection_cash_flows": dataset_of(
        "Projected cash flows of the contracts together by year and kind, means over scenarios.",
        "basis, year, measure",
        _WRITER,
        VALUED,
        BASIS,
        _YEAR,
        _YEAR_END,
        MEASURE,
        *_FLOWS,
        usd("cash_flow_error", "standard error of cash_flow over scenarios", "house", ">= 0"),
        usd("present_value_error", "standard error of present_value over scenarios", "house", ">= 0"),
    ),
    "projection_decrements": dataset_of(
        "Contracts by what has become of them since the valuation date, means over scenarios.",
        "basis, year, cause",
        _WRITER,
        VALUED,
        BASIS,
        _YEAR,
        _YEAR_END,
        field("cause", TEXT, "", "what has become of them", "house", CAUSES),
        field("contracts", F64, "contracts", "expected number, cumulative", "house", ">= 0"),
        field("share", F64, "fraction", "share of the contracts projected", "house", "0 to 1"),
        field("standard_error", F64, "contracts", "standard error of the number over scenarios", "house", ">= 0"),
    ),
    "projection_yearly": dataset_of(
        "Cash flows of chosen contracts by scenario, year and kind; the years of a measure sum to its present value.",
        "basis, contract_id, scenario, year, measure",
        _WRITER,
        BASIS,
        CONTRACT_ID,
        SCENARIO,
        _YEAR,
        _YEAR_END,
        MEASURE,
        *_FLOWS,
    ),
    "projection_states": dataset_of(
        "Chosen contracts by scenario at the end of every projection year.",
        "basis, contract_id, scenario, year",
        _WRITER,
        BASIS,
        CONTRACT_ID,
        SCENARIO,
        _YEAR,
        _YEAR_END,
        _STATUS,
        _IN_FORCE,
        *_ACCOUNT,
        *_BENEFIT,
    ),
    "projection_path": dataset_of(
        "One contract in one scenario on every Valuation Day, while it has an Account Value or guaranteed payments;"
        " cash by contract in force at the day's start, not discounted.",
        "basis, contract_id, scenario, date",
        _WRITER,
        BASIS,
        CONTRACT_ID,
        SCENARIO,
        field("date", DATE, "date", "Valuation Day", "TXN-1"),
        _STATUS,
        *_ACCOUNT,
        usd("surrender_value", "Surrender Value, unrounded", "GEN-7", ">= 0"),
        usd("death_benefit", "basic Death Benefit", "DB-2", ">= 0"),
        usd("protected_withdrawal_value_today", "Protected Withdrawal Value on its use today", "HD7-4, HD7-7", ">= 0"),
        *_BENEFIT,
        field("units", UNITS, "", "Units and Unit Prices by Sub-account", "UNIT-1"),
        usd("transfer", "asset transfer into the bond Sub-account; negative: out of it", "ATF-12"),
        *_CASH,
        _IN_FORCE,
        field("discount", F64, "fraction", "discount factor to the valuation date", "house", "> 0"),
    ),
}
"""The datasets of a projection, by name."""
