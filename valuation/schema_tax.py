"""The schema of the tax amounts of distributions."""

from valuation.journal import LEDGER_KINDS
from valuation.schema_inputs import CONTRACT_ID, DATE, TEXT, dataset_of, field, usd

TAX_STATE = (
    usd(
        "investment_in_contract",
        "cost basis not yet returned; none: payments less earlier withdrawals are taken",
        "TAX-1",
        ">= 0",
        True,
    ),
    field(
        "required_beginning_date",
        DATE,
        "date",
        "Required Minimum Distributions of an IRA begin by it",
        "RMD-2",
        null=True,
    ),
)
"""Columns of the snapshot."""

TAX_AMOUNTS = dataset_of(
    "Tax amounts of every distribution; taxable + return_of_investment + excluded = received.",
    "contract_id, date, order of rows",
    "daily_valuation",
    CONTRACT_ID,
    field("date", DATE, "date", "Valuation Day", "TXN-6"),
    field("kind", TEXT, "", "why it is paid", "house", tuple(name for name, _ in LEDGER_KINDS)),
    field("rules", TEXT, "", "rules that give the amounts", "house"),
    usd("account_value", "Account Value out of which it is paid", "TAX-2", ">= 0"),
    usd("gross", "what leaves the Annuity", "WD-4", ">= 0"),
    usd("received", "what arrives before withholding; 0 where it is applied to an annuity", "TAX-2", ">= 0"),
    usd("investment_before", "investment in the contract before it", "TAX-1", ">= 0"),
    usd("gain", "Account Value above that", "TAX-2", ">= 0"),
    usd("taxable", "taxable as ordinary income", "TAX-2, TAX-5, TAX-9, TAX-10", ">= 0"),
    usd("return_of_investment", "return of the investment, not taxed", "TAX-2, TAX-5, TAX-9, TAX-10", ">= 0"),
    usd("excluded", "earnings of a qualified distribution of a Roth IRA, not taxed", "TAX-10", ">= 0"),
    usd("penalty", "penalty before 59 1/2, unless an exception applies that no dataset names", "TAX-7", ">= 0"),
    usd(
        "withholding",
        "federal income tax withheld unless declined; none: periodic, by the recipient's certificate",
        "TAX-8",
        ">= 0",
        True,
    ),
    usd("investment_left", "investment in the contract after it", "TAX-1", ">= 0"),
)
