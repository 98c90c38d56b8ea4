"""Schemas of the Fixed Rate Options: what a snapshot keeps of them."""

from valuation.schema_inputs import DATE, F64, FLAG, I32, field, list_of, usd

FIXED_PERIODS = list_of(
    field("date", DATE, "date", "allocation, or latest renewal", "FIX-1"),
    usd("amount", "with interest", "FIX-2", ">= 0"),
    field("rate", F64, "fraction per year", "annual effective rate of the period", "FIX-1", ">= 0"),
    field("renewed", FLAG, "", "whether the first year is over", "FIX-1"),
)
ENHANCED_PROGRAMMES = list_of(
    field("start_date", DATE, "date", "allocation of the Purchase Payment", "FIX-5"),
    field("first_date", DATE, "date", "first transfer scheduled", "FIX-6"),
    field("transfers", I32, "count", "monthly transfers", "FIX-5", ">= 1"),
    field("made", I32, "count", "of them made", "FIX-6", ">= 0"),
    field("rate", F64, "fraction per year", "annual effective rate", "FIX-5", ">= 0"),
    usd("value", "what is left, with interest", "FIX-6", ">= 0"),
    usd("periodic", "amount of each transfer but the last", "FIX-6, FIX-7", ">= 0"),
)

FIXED_STATE = (
    field("fixed_rate_periods", FIXED_PERIODS, "", "interest rate periods of the one-year option", "FIX-1", null=True),
    field("enhanced_programmes", ENHANCED_PROGRAMMES, "", "Enhanced programmes that run", "FIX-5", null=True),
    field(
        "fixed_rate_declared",
        F64,
        "fraction per year",
        "one-year rate declared that day; none: no Fixed Rate Options held",
        "FIX-1",
        ">= 0",
        True,
    ),
)
