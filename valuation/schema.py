"""The contract of every dataset: field, type, unit, meaning, source and allowed values, as Arrow schemas.

The metadata of a schema gives its meaning, primary key and writer; the metadata of a field gives unit, meaning, source
(rule id or prospectus lines) and the values allowed.  Money is in USD, rates are fractions.
"""

from collections.abc import Sequence

import pyarrow as pa

from valuation.contract import STATUS_NAMES
from valuation.events import EVENT_NAMES
from valuation.journal import LEDGER_KINDS

SERIES = ("B", "L", "X")
TAX_TYPES = ("NQ", "IRA", "ROTH", "SEP")
SEXES = ("M", "F")
KINDS = EVENT_NAMES
BASES = ("gross", "net")
BENEFITS = ("NONE", "HD7", "SHD7")
ELECTABLE = BENEFITS[1:]
STAGES = ("NONE", "PRE", "POST", "PAYOUT", "ENDED", "ANNUITISED")
LEDGER_NAMES = tuple(name for name, _ in LEDGER_KINDS)

TEXT, FLAG, F64 = pa.string(), pa.bool_(), pa.float64()
I32, I64 = pa.int32(), pa.int64()
DATE, TIME = pa.date32(), pa.timestamp("s")


def field(
    name: str,
    kind: pa.DataType,
    unit: str,
    meaning: str,
    source: str,
    allowed: Sequence[str] | str = "",
    null: bool = False,
) -> pa.Field:
    """One field with its metadata; ``allowed`` is the closed list of its codes, or a condition in words."""
    text = allowed if isinstance(allowed, str) else " | ".join(allowed)
    return pa.field(name, kind, null, {"unit": unit, "meaning": meaning, "source": source, "allowed": text})


def _list(*fields: pa.Field) -> pa.DataType:
    # Arrow cannot cast a nullable child to one that is not, and every writer but our own makes them nullable
    return pa.list_(pa.struct([item.with_nullable(True) for item in fields]))


def _usd(name: str, meaning: str, source: str, allowed: str = "", null: bool = False) -> pa.Field:
    return field(name, F64, "USD", meaning, source, allowed, null)


def _dataset(meaning: str, key: str, writer: str, *fields: pa.Field) -> pa.Schema:
    return pa.schema(fields, metadata={"meaning": meaning, "key": key, "writer": writer})


CONTRACT_ID = field("contract_id", TEXT, "", "identifies the Annuity", "house", "not empty")
VALUED = field("valuation_date", DATE, "date", "Valuation Day of the figures", "TXN-1")
SUB_ACCOUNT = field("sub_account", TEXT, "", "Sub-account, by its name in the prospectus", "INV-1")
SERIES_FIELD = field("series", TEXT, "", "series of the Annuity, fixed at issue", "GEN-1", SERIES)
BENEFIT = field("benefit", TEXT, "", "living benefit in force, or the last one that was", "EL-6, EL-7, EL-8", BENEFITS)
BASIS = field("basis", TEXT, "", "reserving basis", "house")
MEASURE = field("measure", TEXT, "", "what is measured", "house")
SCENARIO = field("scenario", I64, "", "scenario number, the same for every contract", "house", ">= 0")
_PER = "USD per unit of the greek"
_GREEK = (
    field("greek", TEXT, "", "sensitivity", "house"),
    field("bucket", TEXT, "", "index or term the market input belongs to", "house"),
)
_SENSITIVITY = (
    field("value", F64, _PER, "sensitivity of the liability", "house"),
    field("standard_error", F64, _PER, "its standard error", "house", ">= 0", True),
)
ERROR = _usd("standard_error", "standard error of the value over scenarios", "house", ">= 0", null=True)

ALLOCATION = _list(SUB_ACCOUNT, field("weight", F64, "fraction", "share of the payment", "PUR-6", "> 0, sum 1"))
UNITS = _list(
    SUB_ACCOUNT,
    field("units", F64, "Units", "Units held, unrounded", "UNIT-1"),
    field("unit_price", F64, "USD per Unit", "Unit Price of the series' charge class", "UNIT-2"),
    _usd("value", "Units x Unit Price", "UNIT-1"),
)
PAYMENTS = _list(
    field("date", DATE, "date", "Valuation Day the Purchase Payment was applied", "CDSC-9"),
    _usd("amount", "Purchase Payment", "PUR-5", "> 0"),
    _usd("credit", "Purchase Credit applied with it", "CR-1", ">= 0"),
    field("kept", F64, "fraction", "product of 1 - W/V since issue when it was applied", "DB-15", "0 to 1"),
)

CONTRACTS = (
    CONTRACT_ID,
    SERIES_FIELD,
    field("issue_date", DATE, "date", "Issue Date; Annuity Years count from it", "GEN-3", "a Valuation Day"),
    field("tax_type", TEXT, "", "qualification of the Annuity", "GEN-11", TAX_TYPES),
    field("entity_owned", FLAG, "", "whether an entity owns the Annuity", "GEN-9"),
    field("owner_birth_date", DATE, "date", "birth of the oldest Owner; for an entity, of the Annuitant", "GEN-9"),
    field("owner_sex", TEXT, "", "sex of that person", "GEN-9", SEXES),
    field("annuitant_birth_date", DATE, "date", "birth of the Annuitant", "GEN-9"),
    field("annuitant_sex", TEXT, "", "sex of the Annuitant", "GEN-9", SEXES),
    field("spouse_birth_date", DATE, "date", "birth of the other Designated Life", "EL-7", null=True),
    field("spouse_sex", TEXT, "", "sex of the other Designated Life", "EL-7", SEXES, null=True),
)

_BENEFIT_STATE = (
    BENEFIT,
    field("benefit_stage", TEXT, "", "PRE first withdrawal, POST, PAYOUT, or how it ended", "C-23", STAGES),
    field("effective_date", DATE, "date", "effective date of the benefit", "C-6", null=True),
    field("first_withdrawal_date", DATE, "date", "first withdrawal under the benefit", "HD7-5", null=True),
    field("last_fee_date", DATE, "date", "benefit fee last assessed", "HD7-15", null=True),
    field("benefit_ended_date", DATE, "date", "day the benefit ended; re-election waits", "EL-10", null=True),
    field("designated_lives", I32, "count", "designated lives alive", "HD7-12, SHD7-4", ">= 0"),
    _usd("periodic_value", "Periodic Value", "HD7-3, HD7-4"),
    _usd("protected_withdrawal_value", "tracked Protected Withdrawal Value", "HD7-3 to HD7-8"),
    _usd("annual_income_amount", "Annual Income Amount of an Annuity Year", "HD7-5"),
    _usd("remaining_income", "part of it not yet taken in this Annuity Year", "HD7-6"),
    _usd("taken_this_annuity_year", "withdrawn under the benefit in this Annuity Year", "HD7-12"),
    _usd("income_basis", "Income Basis kept for the transfer formula", "ATF-11"),
    _usd("highest_quarterly_value", "highest quarterly value of the Annuity Year, adjusted", "HD7-10"),
    field("income_percentage", F64, "fraction", "percentage by age at the first withdrawal", "HD7-5", "0.05 to 0.08"),
    _usd("enhanced_value", "third amount compared after the Tenth Anniversary", "HD7-4"),
    _usd("return_of_principal_base", "amount the Return of Principal tops up to", "HD7-11"),
)

_CONTRACT_STATE = (
    _usd("basic_death_benefit", "Purchase Payments branch of the basic Death Benefit", "DB-2"),
    _usd("payments_withdrawn", "Purchase Payments withdrawn, oldest first", "CDSC-4"),
    _usd("payments_withdrawn_at_anniversary", "the same at the start of the Annuity Year", "FW-2"),
    _usd("withdrawn_this_annuity_year", "gross withdrawals of the Annuity Year", "FW-1"),
    _usd("withdrawn_total", "gross withdrawals since issue", "LC-1"),
    _usd("withdrawn_this_calendar_year", "gross withdrawals of the calendar year", "RMD-3"),
    _usd("required_minimum_distribution", "Required Minimum Distribution of the calendar year", "RMD-3"),
    field("kept", F64, "fraction", "product of 1 - W/V over all withdrawals since issue", "DB-15", "0 to 1"),
    field("transfers_this_year", I32, "count", "transfers of the Annuity Year that count for the fee", "TR-2"),
    field("last_transfer_date", DATE, "date", "latest of them", "TR-2", null=True),
)

_SNAPSHOT = (
    VALUED,
    *CONTRACTS,
    field("status", TEXT, "", "state of the contract", "GEN-2, C-23", STATUS_NAMES),
    _usd("account_value", "Account Value", "GEN-5", ">= 0"),
    _usd("bond_value", "part of it in the benefit's bond Sub-account", "ATF-10", ">= 0"),
    _usd("surrender_value", "Surrender Value, unrounded", "GEN-7", ">= 0"),
    _usd("cdsc", "Contingent Deferred Sales Charge on surrender today", "CDSC-7", ">= 0"),
    _usd("death_benefit", "basic Death Benefit on death and proof today", "DB-2", ">= 0"),
    _usd("protected_withdrawal_value_today", "Protected Withdrawal Value on its use today", "HD7-4, HD7-7", ">= 0"),
    field("units", UNITS, "", "Units by Sub-account", "UNIT-1"),
    field("allocation", ALLOCATION, "", "standing allocation instructions", "PUR-6"),
    field("purchase_payments", PAYMENTS, "", "Purchase Payments in order of receipt", "GEN-11"),
    *_CONTRACT_STATE,
    *_BENEFIT_STATE,
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
    "contracts": _dataset(
        "Every Annuity of the block and its lives.", "contract_id", "the company's administration", *CONTRACTS
    ),
    "transactions": _dataset(
        "Every request and notice, from issue on; replayed in order of receipt they give the snapshot.",
        "transaction_id",
        "the company's administration",
        field("transaction_id", TEXT, "", "identifies the transaction", "house", "not empty"),
        CONTRACT_ID,
        field("received", TIME, "New York wall time", "receipt in good order; fixes the Valuation Day", "TXN-1"),
        field("kind", TEXT, "", "what is asked or notified", "house", KINDS),
        _usd(
            "amount",
            "USD asked, paid or notified; of INCOME, the fraction of the Annual Income Amount",
            "PUR-5",
            "> 0",
            True,
        ),
        field("basis", TEXT, "", "whether a withdrawal includes its charge", "CDSC-5, CDSC-6", BASES, True),
        field("benefit", TEXT, "", "living benefit elected", "EL-6, EL-7", ELECTABLE, True),
        field("allocation", ALLOCATION, "", "instructions; as text Sub-account=weight;...", "PUR-6", null=True),
        field("source_sub_account", TEXT, "", "Sub-account a transfer leaves", "TR-1", null=True),
        field("target_sub_account", TEXT, "", "Sub-account a transfer enters", "TR-1", null=True),
        field("event_date", DATE, "date", "date of death, or a day of the year of an RMD", "DB-8, RMD-3", null=True),
    ),
    "prices": _dataset(
        "Value of every Portfolio share on every Valuation Day.",
        "sub_account, date",
        "the fund accountant; the market history of the package",
        SUB_ACCOUNT,
        field("date", DATE, "date", "Valuation Day", "TXN-1"),
        field("nav", F64, "USD per share", "net asset value", "UNIT-5", "> 0"),
        field("distribution", F64, "USD per share", "distributions gone ex since the day before", "UNIT-5", ">= 0"),
    ),
    "snapshot": _dataset(
        "Every contract at the end of a Valuation Day, with all that the next day needs.",
        "contract_id",
        "daily_valuation",
        *_SNAPSHOT,
    ),
    "ledger": _dataset(
        "Every change of Account Value; an INVESTMENT row covers a span in which Units were constant.",
        "contract_id, sub_account, date, kind, order of rows",
        "daily_valuation",
        CONTRACT_ID,
        SUB_ACCOUNT,
        field("from_date", DATE, "date", "Valuation Day at whose end the span begins", "house"),
        field("date", DATE, "date", "Valuation Day of the change", "TXN-6"),
        field("kind", TEXT, "", "what changed the value", "house", LEDGER_NAMES),
        field("rule", TEXT, "", "rule the change follows", "house"),
        _usd("amount", "change of Account Value in the Sub-account", "GEN-5"),
        field("units", F64, "Units", "change of Units", "UNIT-1"),
        field("unit_price", F64, "USD per Unit", "Unit Price it was made at", "UNIT-2"),
    ),
    "payments": _dataset(
        "Money paid to the Owner or the Beneficiary.",
        "contract_id, date, order of rows",
        "daily_valuation",
        CONTRACT_ID,
        field("date", DATE, "date", "Valuation Day", "TXN-6"),
        field("kind", TEXT, "", "why it is paid", "house", LEDGER_NAMES),
        field("rule", TEXT, "", "rule the payment follows", "house"),
        _usd("gross", "what leaves the Annuity", "WD-4", ">= 0"),
        _usd("charge", "Contingent Deferred Sales Charge kept", "CDSC-5", ">= 0"),
        _usd("paid", "what arrives, in cents", "CDSC-5", ">= 0"),
    ),
    "transfers": _dataset(
        "Asset transfer instructions of the benefit's formula.",
        "contract_id, date",
        "daily_valuation",
        CONTRACT_ID,
        field("date", DATE, "date", "Valuation Day", "ATF-12"),
        _usd("income_basis", "Income Basis P", "ATF-11"),
        field("factor_a", F64, "number", "factor a of the month since the effective date", "ATF-4"),
        _usd("target_value", "Target Value L, in cents", "ATF-10"),
        _usd("permitted_value", "value V of the Permitted Sub-accounts before the transfer", "ATF-1"),
        _usd("bond_value", "value B of the bond Sub-account before the transfer", "ATF-10"),
        field("ratio", F64, "fraction", "Target Ratio r = (L - B) / V", "ATF-3"),
        _usd("amount", "transfer into the bond Sub-account; negative: out of it", "ATF-12"),
        field("stage", TEXT, "", "stage of the benefit", "C-23", STAGES),
    ),
    "unit_prices": _dataset(
        "Unit Price of every Sub-account and charge class.",
        "date, sub_account, charge_class",
        "daily_valuation",
        field("date", DATE, "date", "Valuation Day", "UNIT-2"),
        SUB_ACCOUNT,
        field("charge_class", F64, "fraction per year", "sum of the daily asset-based charges", "UNIT-6"),
        field("nav", F64, "USD per share", "net asset value", "UNIT-5", "> 0"),
        field("unit_price", F64, "USD per Unit", "Unit Price", "UNIT-2", "> 0"),
    ),
    "daily_totals": _dataset(
        "The block at the end of every Valuation Day.",
        "date",
        "daily_valuation",
        field("date", DATE, "date", "Valuation Day", "TXN-1"),
        field("contracts", I64, "count", "contracts in force", "GEN-2"),
        field("contracts_in_payout", I64, "count", "of them with guaranteed payments after Account Value 0", "C-24"),
        field("contracts_in_bond", I64, "count", "of them with money in the bond Sub-account", "ATF-10"),
        _usd("account_value", "sum of Account Values", "GEN-5"),
        _usd("bond_value", "part of it in the bond Sub-account", "ATF-10"),
        _usd("protected_withdrawal_value", "sum of Protected Withdrawal Values", "HD7-4, HD7-7"),
        _usd("annual_income_amount", "sum of Annual Income Amounts", "HD7-5"),
        _usd("received", "Purchase Payments applied on the day", "TXN-7"),
        _usd("paid", "paid to Owners and Beneficiaries out of Account Values", "WD-4"),
        _usd("charged", "Contingent Deferred Sales Charges and credits taken back", "CDSC-5, CR-4"),
        _usd("benefit_fees", "benefit-quarter fees", "HD7-15"),
        _usd("other_fees", "Annual Maintenance and Transfer Fees", "FEE-4, FEE-5"),
        _usd("guaranteed", "paid by the insurer beyond Account Values", "HD7-12, DB-2"),
        _usd("added", "credits and Return of Principal", "CR-1, LC-1, HD7-11"),
    ),
    "quarantine": _dataset(
        "Every row that was refused, with its reasons; nothing is dropped.", "dataset, file, row", "all", *_QUARANTINE
    ),
    "reserve_seriatim": _dataset(
        "Reserve measures of every contract.",
        "basis, contract_id, measure",
        "month_end_reserve",
        VALUED,
        BASIS,
        CONTRACT_ID,
        MEASURE,
        _usd("value", "value of the measure", "house"),
        ERROR,
    ),
    "reserve_scenario": _dataset(
        "Block totals of every scenario.",
        "basis, scenario, measure",
        "month_end_reserve",
        VALUED,
        BASIS,
        SCENARIO,
        MEASURE,
        _usd("value", "sum over contracts in that scenario", "house"),
    ),
    "reserve_summary": _dataset(
        "Reserves of the block.",
        "basis, measure",
        "month_end_reserve",
        VALUED,
        BASIS,
        MEASURE,
        _usd("value", "value of the measure", "house"),
        ERROR,
    ),
    "path_values": _dataset(
        "One contract in one scenario: what the reserve is the mean or tail of.",
        "basis, contract_id, scenario",
        "month_end_reserve",
        BASIS,
        CONTRACT_ID,
        SCENARIO,
        MEASURE,
        _usd("value", "present value on that path", "house"),
    ),
    "scenario_checks": _dataset(
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
    "greeks_seriatim": _dataset(
        "Sensitivities of every contract's guarantee.",
        "contract_id, greek, bucket",
        "daily_hedge",
        VALUED,
        CONTRACT_ID,
        *_GREEK,
        *_SENSITIVITY,
    ),
    "greeks_block": _dataset(
        "Sensitivities of the block.",
        "greek, bucket",
        "daily_hedge",
        VALUED,
        *_GREEK,
        *_SENSITIVITY,
    ),
    "hedge_positions": _dataset(
        "Hedge instruments: held, to trade, held after.",
        "instrument",
        "daily_hedge",
        VALUED,
        field("instrument", TEXT, "", "instrument", "house"),
        field("held", F64, "units of the instrument", "position before trading", "house"),
        field("trade", F64, "units of the instrument", "to buy; negative: to sell", "house"),
        field("after", F64, "units of the instrument", "held + trade", "house"),
        field("price", F64, "USD per unit", "price of one unit", "house"),
        _usd("value", "value of the position after trading", "house"),
    ),
    "hedge_exposure": _dataset(
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
