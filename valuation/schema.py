"""The contract of every dataset: field, type, unit, meaning, source and allowed values, as Arrow schemas.

The metadata of a schema gives its meaning, primary key and writer; the metadata of a field gives unit, meaning, source
(rule id or prospectus lines) and the values allowed.  Money is in USD, rates are fractions.
"""

import pyarrow as pa

from valuation.contract import STATUS_NAMES
from valuation.journal import LEDGER_KINDS
from valuation.schema_fixed import FIXED_STATE
from valuation.schema_inputs import (
    ALLOCATION,
    BASES,
    BASIS,
    BENEFITS,
    CONTRACT_ID,
    CONTRACTS,
    DATE,
    DEATH_BENEFITS,
    ELECTABLE,
    ERROR,
    F64,
    FLAG,
    FREQUENCIES,
    I32,
    I64,
    INPUTS,
    KINDS,
    MEASURE,
    MEASURES,
    PROGRAMMES,
    SCENARIO,
    SERIES,
    SUB_ACCOUNT,
    TAX_TYPES,
    TEXT,
    UNITS,
    VALUED,
    dataset_of,
    field,
    list_of,
    usd,
)
from valuation.schema_projection import PROJECTION
from valuation.schema_tax import TAX_AMOUNTS, TAX_STATE

__all__ = ("ALLOCATION", "BASES", "ELECTABLE", "KINDS", "SCHEMAS", "SERIES", "TAX_TYPES", "codes", "empty", "meta")

WAYS = ("FIXED_PERIOD", "LIFE", "INTEREST", "JOINT", "FIVE_YEARS", "LIFE_EXPECTANCY")
STAGES = ("NONE", "PRE", "POST", "PAYOUT", "ENDED", "ANNUITISED")
LEDGER_NAMES = tuple(name for name, _ in LEDGER_KINDS)

BENEFIT = field("benefit", TEXT, "", "living benefit in force, or the last one that was", "EL-2 to EL-8", BENEFITS)
_PER = "USD per unit of the greek"
_GREEK = (
    field("greek", TEXT, "", "sensitivity", "house"),
    field("bucket", TEXT, "", "index or term the market input belongs to", "house"),
)
_SENSITIVITY = (
    field("value", F64, _PER, "sensitivity of the liability", "house"),
    field("standard_error", F64, _PER, "its standard error", "house", ">= 0", True),
)


CHECKS = list_of(
    field("payment", I32, "count", "place among the Purchase Payments, from 0", "SUP-1", ">= 0"),
    field("held_through_date", DATE, "date", "last day on which the check is not taken for cleared", "SUP-1"),
)
WATCH = list_of(
    SUB_ACCOUNT,
    field("entered_date", DATE, "date", "latest transfer in above the threshold", "TR-4", null=True),
    field("restricted_through_date", DATE, "date", "last day without transfers in", "TR-4", null=True),
)
FIELDS = list_of(
    field("field", TEXT, "", "name in the state of the benefit's module", "GEN-11"),
    field("value", F64, "as there", "amount in USD, day number or count", "GEN-11"),
)
PAYMENTS = list_of(
    field("date", DATE, "date", "Valuation Day the Purchase Payment was applied", "CDSC-9"),
    usd("amount", "Purchase Payment", "PUR-5", "> 0"),
    usd("credit", "Purchase Credit applied with it", "CR-1", ">= 0"),
    field("kept", F64, "fraction", "product of 1 - W/V since issue when it was applied", "DB-15", "0 to 1"),
    field("carried", F64, "ratio", "the same of a dollar in the 5% Roll-Up", "DB-15", ">= 0", True),
)

RUNNING = list_of(
    field("transaction_id", TEXT, "", "instruction that started it", "house"),
    field("programme", TEXT, "", "kind of programme", "SYS-1, SEPP-1, RMD-5, DCA-1, AR-1", PROGRAMMES),
    field("row", I32, "count", "place of its kind", "house", "0 to 4"),
    field("key", I64, "", "tells it from one that it replaced", "house"),
    field("start_date", DATE, "date", "Valuation Day on which it took effect", "TXN-6"),
    usd("amount", "of one payment or transfer, or of the first year's distributions; 0 where the day decides", "SYS-1"),
    field("net", FLAG, "", "whether a payment is what the Owner gets", "CDSC-6"),
    field("measure", TEXT, "", "what it pays or transfers", "SYS-1, DCA-1", MEASURES),
    field("frequency", TEXT, "", "how often", "SYS-1, DCA-1", FREQUENCIES),
    field("first_date", DATE, "date", "first date scheduled", "TXN-5"),
    field("count", I32, "count", "payments or transfers in all; 0: until it ends", "DCA-1", ">= 0"),
    usd("actuarial_value", "of death benefits and riders, for later distributions", "RMD-3", ">= 0"),
    field("source_sub_account", TEXT, "", "Sub-account it leaves", "DCA-1", null=True),
    field("allocation", ALLOCATION, "", "where it goes, or percentages to return to", "DCA-1, AR-1", null=True),
    field(
        "mark", F64, "USD or day", "earnings count from it; worth of 31 December; first date", "SYS-1, RMD-3, SEPP-1"
    ),
    field("units_kept", F64, "Units", "in the Sub-account since the last date", "DCA-1"),
    usd("postponed", "amount that waits for the next date", "SYS-2"),
    field("involved", I64, "", "a bit for each Sub-account of a transfer programme", "AR-1"),
)

_BENEFIT_STATE = (
    BENEFIT,
    field("benefit_stage", TEXT, "", "PRE first withdrawal, POST, PAYOUT, or how it ended", "C-23", STAGES),
    field("effective_date", DATE, "date", "effective date of the benefit", "C-6", null=True),
    field("first_withdrawal_date", DATE, "date", "first withdrawal under the benefit", "HD7-5", null=True),
    field("last_fee_date", DATE, "date", "benefit fee last assessed", "HD7-15", null=True),
    field("benefit_ended_date", DATE, "date", "day the benefit ended; re-election waits", "EL-10", null=True),
    field("designated_lives", I32, "count", "designated lives alive", "HD7-12, SHD7-4", ">= 0"),
    usd("periodic_value", "Periodic Value", "HD7-3, HD7-4"),
    usd("protected_withdrawal_value", "tracked Protected Withdrawal Value", "HD7-3 to HD7-8"),
    usd("annual_income_amount", "Annual Income Amount of an Annuity Year", "HD7-5"),
    usd("remaining_income", "part of it not yet taken in this Annuity Year", "HD7-6"),
    usd("taken_this_annuity_year", "withdrawn under the benefit in this Annuity Year", "HD7-12"),
    usd("income_basis", "Income Basis kept for the transfer formula", "ATF-11"),
    usd("highest_quarterly_value", "highest quarterly value of the Annuity Year, adjusted", "HD7-10"),
    field("income_percentage", F64, "fraction", "percentage by age at the first withdrawal", "HD7-5", "0.05 to 0.08"),
    usd("enhanced_value", "third amount compared after the Tenth Anniversary", "HD7-4"),
    usd("return_of_principal_base", "amount the Return of Principal tops up to", "HD7-11"),
    field("death_benefit_plan", TEXT, "", "optional Death Benefit", "DB-4", ("NONE", *DEATH_BENEFITS, "ENDED"), True),
    field("death_benefit_fields", FIELDS, "", "state of the optional Death Benefit", "DB-5", null=True),
    field("benefit_fields", FIELDS, "", "state of a benefit other than Highest Daily 7", "GEN-11", null=True),
)

_CONTRACT_STATE = (
    usd("basic_death_benefit", "Purchase Payments branch of the basic Death Benefit", "DB-2"),
    usd("payments_withdrawn", "Purchase Payments withdrawn, oldest first", "CDSC-4"),
    usd("payments_withdrawn_at_anniversary", "the same at the start of the Annuity Year", "FW-2"),
    usd("withdrawn_this_annuity_year", "gross withdrawals of the Annuity Year", "FW-1"),
    usd("withdrawn_total", "gross withdrawals since issue", "LC-1"),
    usd("withdrawn_this_calendar_year", "gross withdrawals of the calendar year", "RMD-3"),
    usd("required_minimum_distribution", "Required Minimum Distribution of the calendar year", "RMD-3"),
    field("kept", F64, "fraction", "product of 1 - W/V over all withdrawals since issue", "DB-15", "0 to 1"),
    field("transfers_this_year", I32, "count", "transfers of the Annuity Year that count for the fee", "TR-2"),
    field("last_transfer_date", DATE, "date", "latest of them", "TR-2", null=True),
)

_DESIGNATIONS = (
    field(
        "owner_since_date", DATE, "date", "change by which the Owner became one; none: since issue", "DB-24", null=True
    ),
    field("annuitant_since_date", DATE, "date", "the same of the Annuitant", "DB-24", null=True),
    field("irrevocable_since_date", DATE, "date", "day the Beneficiary became irrevocable", "PUR-7", null=True),
    field("payments_closed_date", DATE, "date", "medically-related surrender; no payment after it", "SUR-2", null=True),
)

_SNAPSHOT = (
    VALUED,
    *CONTRACTS,
    field("status", TEXT, "", "state of the contract", "GEN-2, C-23", STATUS_NAMES),
    usd("account_value", "Account Value", "GEN-5", ">= 0"),
    usd("bond_value", "part of it in the benefit's bond Sub-account", "ATF-10", ">= 0"),
    usd("surrender_value", "Surrender Value, unrounded", "GEN-7", ">= 0"),
    usd("cdsc", "Contingent Deferred Sales Charge on surrender today", "CDSC-7", ">= 0"),
    usd("death_benefit", "basic Death Benefit on death and proof today", "DB-2", ">= 0"),
    usd("protected_withdrawal_value_today", "Protected Withdrawal Value on its use today", "HD7-4, HD7-7", ">= 0"),
    field("units", UNITS, "", "Units by Sub-account", "UNIT-1"),
    field("allocation", ALLOCATION, "", "standing allocation instructions", "PUR-6"),
    field("purchase_payments", PAYMENTS, "", "Purchase Payments in order of receipt", "GEN-11"),
    field("checks_held", CHECKS, "", "payments by checks that may not have cleared", "SUP-1", null=True),
    field("transfer_watch", WATCH, "", "Sub-accounts watched or restricted", "TR-4", null=True),
    field("programmes", RUNNING, "", "programmes in force", "TXN-5", null=True),
    *FIXED_STATE,
    *_CONTRACT_STATE,
    *_BENEFIT_STATE,
    *_DESIGNATIONS,
    *TAX_STATE,
    field("settlement", TEXT, "", "annuity option, or how a Beneficiary takes the account", "ANN-5, PAY-1", WAYS, True),
    field("settlement_fields", FIELDS, "", "state of the payments that follow", "ANN-5 to ANN-7, BCO-1", null=True),
    usd("payments_value", "value of the annuity payments that follow", "ANN-5, ANN-6", ">= 0", True),
)

_QUARANTINE = (
    field("dataset", TEXT, "", "dataset the row came from", "house"),
    field("file", TEXT, "", "file the row came from", "house", null=True),
    field(
        "row", I64, "count", "row of that file, from 1; none if the daily valuation refused it", "house", ">= 1", True
    ),
    field("contract_id", TEXT, "", "contract of the row, where it names one", "house", null=True),
    field("transaction_id", TEXT, "", "transaction of the row, where it is one", "house", null=True),
    field("severity", TEXT, "", "the row alone is left out, or its whole contract", "house", ("row", "contract")),
    field("reason_code", I32, "", "code of the first reason", "house", "codes of valuation/failures.py"),
    field("reason_codes", pa.list_(I32), "", "codes of all reasons", "house"),
    field("reason", TEXT, "", "names of all reasons, joined by a semicolon", "house"),
    field("rule", TEXT, "", "rule ids of all reasons, joined by a semicolon", "house"),
    field("field", TEXT, "", "fields at fault, joined by a semicolon", "house"),
    field("value", TEXT, "", "values found, joined by a semicolon", "house"),
    field("message", TEXT, "", "what is wrong, what is allowed, what to do", "house"),
    field("record", TEXT, "", "the whole row as received, as a JSON object", "house"),
)

SCHEMAS: dict[str, pa.Schema] = {
    **INPUTS,
    "snapshot": dataset_of(
        "Every contract at the end of a Valuation Day, with all that the next day needs.",
        "contract_id",
        "daily_valuation",
        *_SNAPSHOT,
    ),
    "ledger": dataset_of(
        "Every change of Account Value; an INVESTMENT row covers a span in which Units were constant.",
        "contract_id, sub_account, date, kind, order of rows",
        "daily_valuation",
        CONTRACT_ID,
        SUB_ACCOUNT,
        field("from_date", DATE, "date", "Valuation Day at whose end the span begins", "house"),
        field("date", DATE, "date", "Valuation Day of the change", "TXN-6"),
        field("kind", TEXT, "", "what changed the value", "house", LEDGER_NAMES),
        field("rule", TEXT, "", "rule the change follows", "house"),
        usd("amount", "change of Account Value in the Sub-account", "GEN-5"),
        field("units", F64, "Units", "change of Units", "UNIT-1"),
        field("unit_price", F64, "USD per Unit", "Unit Price it was made at", "UNIT-2"),
    ),
    "payments": dataset_of(
        "Money paid to the Owner or the Beneficiary.",
        "contract_id, date, order of rows",
        "daily_valuation",
        CONTRACT_ID,
        field("date", DATE, "date", "Valuation Day", "TXN-6"),
        field("kind", TEXT, "", "why it is paid", "house", LEDGER_NAMES),
        field("rule", TEXT, "", "rule the payment follows", "house"),
        usd("gross", "what leaves the Annuity", "WD-4", ">= 0"),
        usd("charge", "Contingent Deferred Sales Charge kept", "CDSC-5", ">= 0"),
        usd("paid", "what arrives, in cents", "CDSC-5", ">= 0"),
        usd("held", "part of it that waits for a check to clear", "SUP-1", ">= 0"),
        field("held_through_date", DATE, "date", "last day of that", "SUP-1", null=True),
    ),
    "tax_amounts": TAX_AMOUNTS,
    "transfers": dataset_of(
        "Asset transfer instructions of the benefit's formula.",
        "contract_id, date",
        "daily_valuation",
        CONTRACT_ID,
        field("date", DATE, "date", "Valuation Day", "ATF-12"),
        usd("income_basis", "Income Basis P", "ATF-11"),
        field("factor_a", F64, "number", "factor a of the month since the effective date", "ATF-4"),
        usd("target_value", "Target Value L, in cents", "ATF-10"),
        usd("permitted_value", "value V of the Permitted Sub-accounts before the transfer", "ATF-1"),
        usd("bond_value", "value B of the bond Sub-account before the transfer", "ATF-10"),
        field("ratio", F64, "fraction", "Target Ratio r = (L - B) / V", "ATF-3"),
        usd("amount", "transfer into the bond Sub-account; negative: out of it", "ATF-12"),
        field("stage", TEXT, "", "stage of the benefit", "C-23", STAGES),
    ),
    "unit_prices": dataset_of(
        "Unit Price of every Sub-account and charge class.",
        "date, sub_account, charge_class",
        "daily_valuation",
        field("date", DATE, "date", "Valuation Day", "UNIT-2"),
        SUB_ACCOUNT,
        field("charge_class", F64, "fraction per year", "sum of the daily asset-based charges", "UNIT-6"),
        field("nav", F64, "USD per share", "net asset value", "UNIT-5", "> 0"),
        field("unit_price", F64, "USD per Unit", "Unit Price", "UNIT-2", "> 0"),
    ),
    "daily_totals": dataset_of(
        "The block at the end of every Valuation Day.",
        "date",
        "daily_valuation",
        field("date", DATE, "date", "Valuation Day", "TXN-1"),
        field("contracts", I64, "count", "contracts in force", "GEN-2"),
        field("contracts_in_payout", I64, "count", "of them with guaranteed payments after Account Value 0", "C-24"),
        field("contracts_in_bond", I64, "count", "of them with money in the bond Sub-account", "ATF-10"),
        usd("account_value", "sum of Account Values", "GEN-5"),
        usd("bond_value", "part of it in the bond Sub-account", "ATF-10"),
        usd("protected_withdrawal_value", "sum of Protected Withdrawal Values", "HD7-4, HD7-7"),
        usd("annual_income_amount", "sum of Annual Income Amounts", "HD7-5"),
        usd("received", "Purchase Payments applied on the day", "TXN-7"),
        usd("paid", "paid to Owners and Beneficiaries out of Account Values", "WD-4"),
        usd("charged", "Contingent Deferred Sales Charges and credits taken back", "CDSC-5, CR-4"),
        usd("benefit_fees", "benefit-quarter fees", "HD7-15"),
        usd("other_fees", "Annual Maintenance and Transfer Fees", "FEE-4, FEE-5"),
        usd("guaranteed", "paid by the insurer beyond Account Values, and annuity payments", "HD7-12, DB-2, ANN-6"),
        usd("added", "credits and Return of Principal", "CR-1, LC-1, HD7-11"),
    ),
    "quarantine": dataset_of(
        "Every row that was refused, with its reasons; nothing is dropped.", "dataset, file, row", "all", *_QUARANTINE
    ),
    "reserve_seriatim": dataset_of(
        "Reserve measures of every contract.",
        "basis, contract_id, measure",
        "month_end_reserve",
        VALUED,
        BASIS,
        CONTRACT_ID,
        MEASURE,
        usd("value", "value of the measure", "house"),
        ERROR,
    ),
    "reserve_scenario": dataset_of(
        "Block totals of every scenario.",
        "basis, scenario, measure",
        "month_end_reserve",
        VALUED,
        BASIS,
        SCENARIO,
        MEASURE,
        usd("value", "sum over contracts in that scenario", "house"),
    ),
    "reserve_summary": dataset_of(
        "Reserves of the block.",
        "basis, measure",
        "month_end_reserve",
        VALUED,
        BASIS,
        MEASURE,
        usd("value", "value of the measure", "house"),
        ERROR,
    ),
    "path_values": dataset_of(
        "One contract in one scenario: what the reserve is the mean or tail of.",
        "basis, contract_id, scenario",
        "month_end_reserve",
        BASIS,
        CONTRACT_ID,
        SCENARIO,
        MEASURE,
        usd("value", "present value on that path", "house"),
    ),
    "scenario_checks": dataset_of(
        "Tests that a scenario set passed before use.",
        "check, time",
        "month_end_reserve, daily_hedge",
        field("check", TEXT, "", "test and instrument or index", "house"),
        field("time", F64, "years", "horizon of the test", "house", ">= 0"),
        field("value", F64, "as the check says", "found over the scenarios", "house"),
        field("expected", F64, "as the check says", "closed form or market value", "house"),
        field("standard_error", F64, "as the check says", "standard error of the value", "house", ">= 0", True),
        field("z", F64, "number", "(value - expected) / standard error", "house", null=True),
        field("passed", FLAG, "", "whether the test holds", "house"),
    ),
    "greeks_seriatim": dataset_of(
        "Sensitivities of every contract's guarantee.",
        "contract_id, greek, bucket",
        "daily_hedge",
        VALUED,
        CONTRACT_ID,
        *_GREEK,
        *_SENSITIVITY,
    ),
    "greeks_block": dataset_of(
        "Sensitivities of the block.",
        "greek, bucket",
        "daily_hedge",
        VALUED,
        *_GREEK,
        *_SENSITIVITY,
    ),
    "hedge_positions": dataset_of(
        "Hedge instruments: held, to trade, held after.",
        "instrument",
        "daily_hedge",
        VALUED,
        field("instrument", TEXT, "", "instrument", "house"),
        field("held", F64, "units of the instrument", "position before trading", "house"),
        field("trade", F64, "units of the instrument", "to buy; negative: to sell", "house"),
        field("after", F64, "units of the instrument", "held + trade", "house"),
        field("price", F64, "USD per unit", "price of one unit", "house"),
        usd("value", "value of the position after trading", "house"),
    ),
    "hedge_exposure": dataset_of(
        "Liability against hedges, with limits.",
        "greek, bucket",
        "daily_hedge",
        VALUED,
        *_GREEK,
        field("liability", F64, _PER, "sensitivity of the liability", "house"),
        field("held", F64, _PER, "sensitivity of the positions held", "house"),
        field("net", F64, _PER, "held - liability", "house"),
        field("limit", F64, _PER, "largest net exposure allowed, either sign", "house", "> 0"),
        field("utilisation", F64, "fraction", "|net| / limit", "house", ">= 0"),
        field("breach", FLAG, "", "whether the limit is exceeded", "house"),
        field("after_trade", F64, _PER, "net after the proposed trades", "house"),
    ),
    **PROJECTION,
}


def meta(item: pa.Field | pa.Schema, key: str) -> str:
    """One entry of the metadata of a field or schema, empty if it has none."""
    return str((item.metadata or {}).get(key.encode(), b"").decode())


def codes(dataset: str, name: str) -> tuple[str, ...]:
    """The closed list of codes of a field, empty if it has none."""
    text = meta(SCHEMAS[dataset].field(name), "allowed")
    return tuple(text.split(" | ")) if " | " in text else ()


def empty(dataset: str) -> pa.Table:
    """A table of a dataset without rows."""
    return SCHEMAS[dataset].empty_table()
