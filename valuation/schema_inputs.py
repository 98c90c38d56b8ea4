"""The schemas of the inputs, contracts, transactions and prices, and what all schemas are made of.

Source of the fields: their own metadata; `valuation.schema` holds all datasets.
"""

from collections.abc import Sequence

import pyarrow as pa

from valuation.events import EVENT_NAMES, GROUND_NAMES, PROGRAMME_END, SYSTEMATIC_WITHDRAWAL
from valuation.terms import jurisdiction_names

SERIES = ("B", "L", "X")
TAX_TYPES = ("NQ", "IRA", "ROTH", "SEP")
SEXES = ("M", "F")
KINDS = EVENT_NAMES
PROGRAMMES = EVENT_NAMES[SYSTEMATIC_WITHDRAWAL:PROGRAMME_END]
FREQUENCIES = ("MONTHLY", "QUARTERLY", "SEMI_ANNUAL", "ANNUAL")
MEASURES = ("FLAT", "EARNINGS", "INCOME", "PRINCIPAL_AND_EARNINGS")
GROUNDS = GROUND_NAMES
BASES = ("gross", "net")
OPTIONS = ("FIXED_PERIOD", "LIFE", "INTEREST", "LUMP_SUM", "FIVE_YEARS", "LIFE_EXPECTANCY")
BENEFICIARIES = ("SPOUSE", "PERSON", "OTHER")
BENEFITS = ("NONE", "HD7", "SHD7", "TI", "TIS", "HD", "TAHD", "GMIB")
DEATH_BENEFITS = ("COMBINATION", "HDV")
ELECTABLE = (*BENEFITS[1:], *DEATH_BENEFITS)

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


def list_of(*fields: pa.Field) -> pa.DataType:
    """A list of records."""
    # Arrow cannot cast a nullable child to one that is not, and every writer but our own makes them nullable
    return pa.list_(pa.struct([item.with_nullable(True) for item in fields]))


def usd(name: str, meaning: str, source: str, allowed: str = "", null: bool = False) -> pa.Field:
    """A field of money."""
    return field(name, F64, "USD", meaning, source, allowed, null)


def dataset_of(meaning: str, key: str, writer: str, *fields: pa.Field) -> pa.Schema:
    """A schema with its metadata."""
    return pa.schema(fields, metadata={"meaning": meaning, "key": key, "writer": writer})


CONTRACT_ID = field("contract_id", TEXT, "", "identifies the Annuity", "house", "not empty")
SUB_ACCOUNT = field("sub_account", TEXT, "", "Sub-account, by its name in the prospectus", "INV-1")
SERIES_FIELD = field("series", TEXT, "", "series of the Annuity, fixed at issue", "GEN-1", SERIES)
VALUED = field("valuation_date", DATE, "date", "Valuation Day of the figures", "TXN-1")
BASIS = field("basis", TEXT, "", "reserving basis", "house")
MEASURE = field("measure", TEXT, "", "what is measured", "house")
SCENARIO = field("scenario", I64, "", "scenario number, the same for every contract", "house", ">= 0")
ERROR = usd("standard_error", "standard error of the value over scenarios", "house", ">= 0", null=True)

UNITS = list_of(
    SUB_ACCOUNT,
    field("units", F64, "Units", "Units held, unrounded", "UNIT-1"),
    field("unit_price", F64, "USD per Unit", "Unit Price of the series' charge class", "UNIT-2"),
    usd("value", "Units x Unit Price", "UNIT-1"),
)
ALLOCATION = list_of(SUB_ACCOUNT, field("weight", F64, "fraction", "share of the payment", "PUR-6", "> 0, sum 1"))

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
    field("jurisdiction", TEXT, "", "place of issue; none: the first", "FEE-9, FL-1", jurisdiction_names(), null=True),
    usd(
        "exchanged_basis",
        "cost basis brought by an exchange; none: the initial Purchase Payment is it",
        "TAX-1",
        ">= 0",
        True,
    ),
    field(
        "exclusion_ratio",
        F64,
        "fraction",
        "part of its annuity payments that returns the investment; none: they are taken as withdrawals",
        "TAX-5",
        "0 to 1",
        True,
    ),
)

OFFERED = field(
    "restricted_benefits",
    TEXT,
    "years",
    "benefits that the selling firm or the state does not offer, or only up to an attained age: benefit=age;..., 0 for none",
    "ELE-3",
    null=True,
)

INSTRUCTIONS = (
    field(
        "frequency",
        TEXT,
        "",
        "how often a programme or an annuity pays, or a programme transfers; of an annuity none: monthly, of its interest"
        " none: it accrues",
        "SYS-1, DCA-1, ANN-5",
        FREQUENCIES,
        True,
    ),
    field(
        "measure",
        TEXT,
        "",
        "what a programme pays or transfers: the amount, the earnings since the last date, a part of the Annual Income"
        " Amount, or the balance in equal parts; none: the amount",
        "SYS-1, DCA-1",
        MEASURES,
        True,
    ),
    field(
        "number_of_payments",
        I32,
        "count",
        "payments or transfers; none: until it ends; of an annuity for a fixed period, all of them",
        "DCA-1, ANN-5",
        ">= 1",
        True,
    ),
    usd("enhanced_amount", "part of a payment for an Enhanced programme of number_of_payments", "FIX-5", "> 0", True),
    usd("actuarial_value", "of death benefits and riders, for later distributions", "RMD-3", ">= 0", True),
    field("programme", TEXT, "", "kind of programme that an instruction ends; none: all", "SYS-1", PROGRAMMES, True),
)

SETTLEMENT = (
    field(
        "option",
        TEXT,
        "",
        "how an annuitisation or a death is paid; none: for life with 120 months certain, and in one sum",
        "ANN-5 to ANN-7, PAY-1, PAY-2, BCO-1",
        OPTIONS,
        True,
    ),
    field(
        "beneficiary",
        TEXT,
        "",
        "who takes a Death Benefit; none: a natural person",
        "PAY-1, PAY-2",
        BENEFICIARIES,
        True,
    ),
)

INPUTS: dict[str, pa.Schema] = {
    "contracts": dataset_of(
        "Every Annuity of the block and its lives.", "contract_id", "the company's administration", *CONTRACTS, OFFERED
    ),
    "transactions": dataset_of(
        "Every request and notice, from issue on; replayed in order of receipt they give the snapshot.",
        "transaction_id",
        "the company's administration",
        field("transaction_id", TEXT, "", "identifies the transaction", "house", "not empty"),
        CONTRACT_ID,
        field("received", TIME, "New York wall time", "receipt in good order; fixes the Valuation Day", "TXN-1"),
        field("kind", TEXT, "", "what is asked or notified", "house", KINDS),
        usd(
            "amount",
            "USD asked, paid or notified; of INCOME, the fraction of the Annual Income Amount; of a programme each payment or"
            " transfer; of REQUIRED_DISTRIBUTIONS this calendar year's amount",
            "PUR-5",
            "> 0",
            True,
        ),
        field("basis", TEXT, "", "whether a withdrawal includes its charge", "CDSC-5, CDSC-6", BASES, True),
        field(
            "benefit",
            TEXT,
            "",
            "living benefit elected; of an annuitisation, the one whose payments are asked for",
            "EL-1 to EL-7, GMIB-10",
            ELECTABLE,
            True,
        ),
        field("allocation", ALLOCATION, "", "instructions; as text Sub-account=weight;...", "PUR-6", null=True),
        field("source_sub_account", TEXT, "", "Sub-account a transfer leaves", "TR-1", null=True),
        field("target_sub_account", TEXT, "", "Sub-account a transfer enters", "TR-1", null=True),
        field(
            "event_date",
            DATE,
            "date",
            "day of the event: death, illness, confinement, receipt of the Annuity; of an RMD any day of its year; of a"
            " programme the first date scheduled",
            "DB-8, RMD-3, SUR-2, FL-1, TXN-5",
            null=True,
        ),
        field(
            "ground",
            TEXT,
            "",
            "why a designation changes or no charge is taken, as the company found; choice of payments or of step-ups; of a"
            " death SUCCESSION where the Beneficiary named one who may go on",
            "HD7-14, SHD7-6, SUR-2, TI-11, TI-12, BCO-5",
            GROUNDS,
            True,
        ),
        field(
            "person_birth_date",
            DATE,
            "date",
            "birth of the new Annuitant, or of the oldest Owner from now on (none: an entity); of an annuitisation under "
            "the GMIB or of a later death, of the Joint Annuitant; of a death with an option, of the Beneficiary",
            "PUR-7, GMIB-12, PAY-1",
            null=True,
        ),
        field("person_sex", TEXT, "", "sex of that person", "PUR-7", SEXES, True),
        field("uncleared_check", FLAG, "", "whether a payment was made by a check held to clear", "SUP-1", null=True),
        field("in_writing", FLAG, "", "whether a transfer is asked for in writing, signed", "TR-3", null=True),
        field("approved", FLAG, "", "whether the company approved a payment or a change", "PUR-3, PUR-7", null=True),
        *INSTRUCTIONS,
        *SETTLEMENT,
    ),
    "declared_rates": dataset_of(
        "Rates that the company declares for its Fixed Rate Options; a row holds until the next of its option and duration.",
        "effective_date, option, guarantee_months",
        "the company's rate setting",
        field("effective_date", DATE, "date", "first day on which it holds", "FIX-1"),
        field(
            "option", TEXT, "", "option it is declared for", "FIX-1, FIX-5", ("ONE_YEAR", "ENHANCED", "BENEFIT_FIXED")
        ),
        field(
            "guarantee_months", I32, "months", "guaranteed so long; of ENHANCED its number of transfers", "FIX-1, FIX-5"
        ),
        field("rate", F64, "fraction per year", "annual effective rate", "FIX-1", "0 to 0.25"),
        field("additional_rate", F64, "fraction per year", "in a payment's first year", "FIX-1", "0 to 0.25", True),
        field("offered", FLAG, "", "false: no new money, renewals only; none: offered", "FIX-3, FIX-5", null=True),
        field("source", TEXT, "", "who declared it, where it is written", "house"),
        field("edition", TEXT, "", "edition of that source", "house", null=True),
    ),
    "prices": dataset_of(
        "Value of every Portfolio share on every Valuation Day.",
        "sub_account, date",
        "the fund accountant; the market history of the package",
        SUB_ACCOUNT,
        field("date", DATE, "date", "Valuation Day", "TXN-1"),
        field("nav", F64, "USD per share", "net asset value", "UNIT-5", "> 0"),
        field("distribution", F64, "USD per share", "distributions gone ex since the day before", "UNIT-5", ">= 0"),
    ),
}
