"""What every kind of transaction is, and what its row may carry besides what `tasks.check_transactions.NEEDED` asks for.

A field that a kind neither needs nor may carry says nothing.
"""

from typing import NamedTuple

from tasks.check_transactions import NEEDED


class Told(NamedTuple):
    """One kind of transaction."""

    what: str
    rules: str
    may: tuple[str, ...] = ()  # columns beyond those needed

    def table_row(self, kind: str) -> str:
        """Its row of the data dictionary."""
        return f"| {kind} | {self.what} | {', '.join(needed(kind))} | {', '.join(self.may)} | {self.rules} |"


_PAID = ("uncleared_check", "approved")
_CHANGED = ("ground", "approved")
_SCHEDULE = ("number_of_payments",)
_SETTLED = ("option", "frequency", "number_of_payments")
_ENHANCED = ("enhanced_amount", "number_of_payments")

KINDS: dict[str, Told] = {
    "ISSUE": Told(
        "the first Purchase Payment, which issues the Annuity", "PUR-1, PUR-4, TXN-4", ("benefit", *_ENHANCED, *_PAID)
    ),
    "PURCHASE_PAYMENT": Told(
        "an additional payment, by the standing instructions or those given",
        "PUR-2, PUR-3",
        ("allocation", *_ENHANCED, *_PAID),
    ),
    "WITHDRAWAL": Told("a partial withdrawal, gross of its charge or net", "WD-1 to WD-4, CDSC-5, CDSC-6"),
    "RMD_WITHDRAWAL": Told("a withdrawal for the Required Minimum Distribution of the year", "RMD-4, C-18", ("basis",)),
    "RMD_NOTICE": Told("the Required Minimum Distribution of a calendar year, as computed elsewhere", "RMD-3"),
    "TRANSFER": Told("money from one Sub-account into another", "TR-1 to TR-4", ("in_writing",)),
    "ALLOCATION": Told("new standing instructions for later payments", "PUR-6"),
    "ELECTION": Told("election of a living benefit or of an optional Death Benefit", "EL-1 to EL-10, DB-4, ELE-2"),
    "BENEFIT_TERMINATION": Told(
        "the Owner ends the living benefit, or the Death Benefit that is named", "HD7-16, DB-22", ("benefit",)
    ),
    "SURRENDER": Told("full surrender", "SUR-1"),
    "DEATH": Told(
        "due proof of a death, of the Joint Annuitant where a person is named; the Death Benefit is paid",
        "DB-1 to DB-24, TXN-8",
        ("person_birth_date",),
    ),
    "ANNUITIZATION": Told(
        "annuity payments begin; of the income guaranteed where the benefit is named",
        "ANN-1 to ANN-3, GMIB-12",
        ("benefit", "person_birth_date", "person_sex", *_SETTLED),
    ),
    "SPOUSAL_CONTINUATION": Told("due proof of a death; the spouse assumes the Annuity", "SPO-1, SHD7-8"),
    "INCOME": Told("a withdrawal of a share of the year's guaranteed income, or of what is left of it", "HD7-6, C-14"),
    "OWNER_CHANGE": Told(
        "a new Owner; without a birth date an entity", "PUR-7, DB-24", ("person_birth_date", "person_sex", *_CHANGED)
    ),
    "ANNUITANT_CHANGE": Told("a new Annuitant", "PUR-7", ("person_sex", *_CHANGED)),
    "BENEFICIARY_CHANGE": Told("a new Beneficiary, perhaps irrevocable", "PUR-7, SHD7-6", _CHANGED),
    "MEDICAL_SURRENDER": Told("a medically-related surrender, of an amount or in full", "SUR-2, SUR-3", ("amount",)),
    "FREE_LOOK": Told("cancellation within the days after receipt of the Annuity", "FL-1 to FL-5"),
    "SYSTEMATIC_WITHDRAWAL": Told(
        "a programme of withdrawals", "SYS-1, SYS-2", ("amount", "basis", "measure", *_SCHEDULE)
    ),
    "EQUAL_PAYMENTS": Told("a programme under section 72(t) or 72(q)", "SEPP-1", ("basis", "measure", *_SCHEDULE)),
    "REQUIRED_DISTRIBUTIONS": Told(
        "a programme of Required Minimum Distributions", "RMD-3, RMD-5", ("amount", "actuarial_value", *_SCHEDULE)
    ),
    "DOLLAR_COST_AVERAGING": Told(
        "a programme of transfers out of one Sub-account", "DCA-1", ("amount", "measure", *_SCHEDULE)
    ),
    "AUTOMATIC_REBALANCING": Told("a programme that restores percentages", "AR-1", _SCHEDULE),
    "PROGRAMME_END": Told("the end of a programme, or of all", "TXN-5", ("programme",)),
    "STEP_UP": Told(
        "a step-up today, or the choice whether they come by themselves", "TI-10, TI-11, TIS-5", ("ground",)
    ),
    "PAYMENT_CHOICE": Told("which benefit is paid after the Account Value", "TI-12"),
}
"""In the order of `valuation.events.EVENT_NAMES`."""


def needed(kind: str) -> tuple[str, ...]:
    """Columns without which the request is not in good order."""
    return tuple(column for column, kinds in NEEDED.items() if kind in kinds)


def kinds_page() -> list[str]:
    """The kinds as a table in Markdown."""
    lines = [
        "### Kinds of transactions",
        "",
        "Every row has its id, contract, time of receipt and kind; what a kind neither",
    ]
    lines += [
        "needs nor may carry says nothing.",
        "",
        "| kind | what | needs | may carry | source |",
        "|---|---|---|---|---|",
    ]
    return [*lines, *(told.table_row(kind) for kind, told in KINDS.items()), ""]
