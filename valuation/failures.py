"""The closed list of reasons for which a row, a contract or a run is refused.

A `Reason` is its code: kernels emit it as an integer, 0 (`ACCEPTED`) meaning none.  Codes are stable: a reason may be
added, never renumbered or given another meaning.

    1-99     the run: a dataset cannot be read at all, or too much of it is bad
    100-199  the form of a row
    200-299  rows against each other
    300-399  purchase            400-499  investments        500-599  living benefits
    600-699  withdrawals         700-799  transfers          800-899  timing and good order

Severity says how far a reason reaches.  ``row``: the row alone is left out.  ``contract``: the contract is left out
with all its rows, because no value can be struck without the row.  ``run``: nothing is valued.  On the row that
establishes a contract (its row in contracts, its ISSUE transaction, its snapshot) a ``row`` reason reaches the
contract.

A kernel names the codes it emits at the head of its module, ``TOO_SMALL = int(Reason.WITHDRAWAL_TOO_SMALL)``: compiled
code takes whole numbers, not members.
"""

from enum import IntEnum, unique

ACCEPTED = 0
"""What a kernel emits for a transaction that the contract allows."""

ROW, CONTRACT, RUN = "row", "contract", "run"
DATA = "data"
"""Stands for the rule of a reason that no provision of the contract gives."""


@unique
class Reason(IntEnum):
    """Why something is refused: code, rule id (or ``data``), severity, template with {field}, {value} and {allowed}."""

    rule: str
    severity: str
    template: str

    def __new__(cls, code: int, rule: str, severity: str, template: str) -> "Reason":
        """One reason; its value is ``code``."""
        member = int.__new__(cls, code)
        member._value_ = code
        member.rule = rule
        member.severity = severity
        member.template = template
        return member

    MISSING_COLUMN = (10, DATA, RUN, "column {field} is missing; found {value}; add it, of type {allowed}")
    WRONG_TYPE = (11, DATA, RUN, "column {field} has type {value}; allowed is {allowed}; convert it")
    UNREADABLE_FILE = (12, DATA, RUN, "the file cannot be read ({value}); allowed is {allowed}; write it again")
    EMPTY_BLOCK = (13, DATA, RUN, "{field} has {value} usable rows; at least one is needed; check the files of the run")
    LIMIT_EXCEEDED = (14, DATA, RUN, "{value} of the contracts have refused rows; allowed is {allowed}")

    MISSING_VALUE = (100, DATA, ROW, "{field} is empty; supply it")
    NOT_A_NUMBER = (101, DATA, ROW, "{field} is {value}; allowed is a finite number such as 1234.50")
    NOT_A_DATE = (102, DATA, ROW, "{field} is {value}; allowed is an existing date written YYYY-MM-DD")
    NOT_A_TIME = (103, DATA, ROW, "{field} is {value}; allowed is an existing time written YYYY-MM-DD HH:MM:SS")
    NOT_A_FLAG = (104, DATA, ROW, "{field} is {value}; allowed is true or false")
    NOT_AN_ALLOCATION = (105, DATA, ROW, "{field} is {value}; allowed is Sub-account=weight;Sub-account=weight")
    UNKNOWN_CODE = (106, DATA, ROW, "{field} is {value}; allowed is {allowed}")
    AMOUNT_NOT_POSITIVE = (107, DATA, ROW, "{field} is {value}; allowed is an amount above 0, in USD")
    AMOUNT_NOT_IN_CENTS = (108, "GEN-10", ROW, "{field} is {value}; allowed are whole cents; ask the sender")
    WEIGHTS_NOT_ONE = (109, "PUR-6", ROW, "{field} is {value}; allowed are weights above 0 that sum to 1")
    REPEATED_SUB_ACCOUNT = (110, "PUR-6", ROW, "{field} is {value}; allowed is every Sub-account once")
    UNKNOWN_SUB_ACCOUNT = (111, "INV-1", ROW, "{field} is {value}; allowed are the Sub-accounts of the prospectus")
    MALFORMED_ROW = (112, DATA, ROW, "the row has {value} fields; allowed is {allowed}; look for a stray comma")
    IMPLAUSIBLE_DATE = (113, DATA, ROW, "{field} is {value}; allowed is {allowed}")
    SPOUSE_INCOMPLETE = (114, DATA, ROW, "{field} is {value}; give birth date and sex of the spouse, or neither")
    NOT_A_VALUATION_DAY = (115, "TXN-1", ROW, "{field} is {value}; allowed are Valuation Days")
    NUMBER_OUT_OF_RANGE = (116, DATA, ROW, "{field} is {value}; allowed is {allowed}")

    DUPLICATE_KEY = (200, DATA, ROW, "{field} {value} occurs in more than one row; send one")
    CONTRACT_IN_TWO_SNAPSHOTS = (201, DATA, CONTRACT, "contract {value} occurs in more than one snapshot; send one")
    UNKNOWN_CONTRACT = (202, DATA, ROW, "contract {value} is in no dataset of contracts; send it or correct the id")
    NO_ISSUE = (203, DATA, CONTRACT, "contract {value} has neither an ISSUE transaction nor a snapshot; send one")
    TWO_ISSUES = (204, DATA, CONTRACT, "contract {value} has more than one ISSUE transaction; send one")
    ISSUE_DATE_DIFFERS = (205, "TXN-4", CONTRACT, "the first payment is priced on {value}; the Issue Date is {allowed}")
    BEFORE_ISSUE = (206, "GEN-3", ROW, "{field} is {value}; allowed is on or after the Issue Date {allowed}")
    PRICE_MISSING = (207, "UNIT-2", CONTRACT, "no price of {value}; send it; the contract can hold the Sub-account")
    CONTRACT_REFUSED = (208, DATA, ROW, "the row is in order, but contract {value} is refused for another row")
    SNAPSHOT_DATE_DIFFERS = (209, DATA, CONTRACT, "{field} is {value}; allowed is {allowed}, as in the others")

    INITIAL_PAYMENT_TOO_SMALL = (300, "PUR-1", CONTRACT, "{field} is {value}; the least allowed is {allowed} USD")
    PAYMENT_TOO_SMALL = (301, "PUR-2", ROW, "{field} is {value}; the least allowed is {allowed} USD")
    PAYMENT_TOO_LATE = (302, "PUR-2", ROW, "{field} is {value}; the Owner's age may be at most {allowed} years")
    ISSUE_AGE = (303, "PUR-4", CONTRACT, "{field} is {value}; the age at issue may be at most {allowed} years")

    LARGE_PAYMENT = (304, "PUR-3", ROW, "{field} is {value}; payments of {allowed} USD or more in all need approval")
    CHANGE_NOT_ACCEPTED = (305, "PUR-7", ROW, "{field} is {value}; the company did not accept the change")
    OWNER_AFTER_DEATH = (306, "PUR-7", ROW, "{field} is {value}; after an Owner's death only the spouse can continue")
    ANNUITANT_LOCKED = (
        307,
        "PUR-7",
        ROW,
        "{field} is {value}; a non-qualified Annuity of an entity keeps its Annuitant",
    )
    BENEFICIARY_LOCKED = (308, "PUR-7", ROW, "{field} is {value}; the designation was made irrevocable")
    OWNER_LOCKED = (309, "SHD7-6", ROW, "{field} is {value}; the Spousal benefit allows only to remove a co-Owner")
    GROUND_NOT_MET = (310, "HD7-14", ROW, "{field} is {value}; the ground does not fit the Owner and the Annuitant")
    PERSON_INCOMPLETE = (
        311,
        "PUR-7",
        ROW,
        "{field} is {value}; give birth date and sex; neither for an entity as Owner",
    )
    PERSON_TOO_OLD = (312, "ANN-2", ROW, "{field} is {value}; the latest Annuity Date would have passed already")
    PAYMENTS_CLOSED = (313, "SUR-2", ROW, "{field} is {value}; none is taken after a medically-related surrender")

    SUB_ACCOUNT_NOT_PERMITTED = (400, "INV-2", ROW, "{field} is {value}; allowed are the Permitted Sub-accounts")
    BENEFIT_ONLY_SUB_ACCOUNT = (401, "INV-4", ROW, "{field} is {value}; only the asset transfer may use it")
    SUB_ACCOUNT_NOT_CARRIED = (
        402,
        "INV-6",
        ROW,
        "{field} is {value}; the system carries the Permitted Sub-accounts only",
    )
    FIXED_NOT_PERMITTED = (420, "INV-2", ROW, "{field} is {value}; a benefit in force forbids Fixed Rate Options")
    FIXED_NOT_OFFERED = (421, "FIX-3", ROW, "{field} is {value}; this Fixed Rate Option is not offered today")
    ENHANCED_PAYMENT_ONLY = (422, "FIX-5", ROW, "{field} is {value}; the option takes Purchase Payments, not transfers")
    FIXED_NOT_CARRIED = (424, "FIX-1", ROW, "{field} is {value}; no record holds it beside this benefit, or this day")
    ENHANCED_PERIOD = (423, "FIX-5", ROW, "{field} is {value}; allowed are the numbers of transfers offered, unchanged")

    ELECTION_AGE_HD7 = (500, "EL-6", ROW, "{field} is {value}; the Annuitant must be at least {allowed}")
    ELECTION_AGE_SHD7 = (501, "EL-7", ROW, "{field} is {value}; both Designated Lives must be at least {allowed}")
    OWNER_NOT_ANNUITANT = (502, "EL-6", ROW, "{field} is {value}; the Owner must be the Annuitant, born {allowed}")
    NO_SPOUSE = (503, "EL-7", ROW, "{field} is {value}; the Spousal benefit needs the spouse's birth date and sex")
    BENEFIT_IN_FORCE = (504, "EL-8", ROW, "{field} is {value}; at most one living benefit; terminate the other first")
    REELECTION_TOO_EARLY = (505, "EL-10", ROW, "{field} is {value}; wait for an anniversary 90 days after the end")
    NOT_ALL_PERMITTED = (506, "INV-2", ROW, "{field} is {value}; first transfer all value to Permitted Sub-accounts")
    NO_BENEFIT_IN_FORCE = (507, "HD7-16", ROW, "{field} is {value}; the contract has no living benefit to terminate")
    NO_VALUE_TO_GUARANTEE = (508, "HD7-2", ROW, "{field} is {value}; a benefit needs an Account Value above 0")

    ELECTION_AGE = (520, "EL-1", ROW, "{field} is {value}; the ages do not allow this benefit")
    ELECTION_AT_ISSUE = (521, "EL-2", ROW, "{field} is {value}; this benefit is elected on the Issue Date only")
    ELECTION_ON_ANNIVERSARY = (522, "EL-1", ROW, "{field} is {value}; wait for an Annuity Anniversary")
    NO_SECOND_ELECTION = (523, "EL-10", ROW, "{field} is {value}; this benefit cannot be elected a second time")
    DEATH_BENEFIT_EXCLUDED = (524, "ELE-1", ROW, "{field} is {value}; these two benefits cannot be in force together")
    DEATH_BENEFIT_IN_FORCE = (525, "ELE-1", ROW, "{field} is {value}; one optional Death Benefit, and none once ended")
    DEATH_BENEFIT_TIME = (526, "ELE-2", ROW, "{field} is {value}; elect it at issue; see the Annuity for later choices")
    DESIGNATIONS_NOT_MET = (527, "EL-7", ROW, "{field} is {value}; Owner, Annuitant and Beneficiary must be spouses")
    NOT_OFFERED = (528, "ELE-3", ROW, "{field} is {value}; the selling firm or the state does not offer this benefit")
    FIXED_RATE_HELD = (529, "INV-2", ROW, "{field} is {value}; first move all value out of Fixed Rate Options")
    DEATH_BENEFIT_AGE = (540, "DB-4", ROW, "{field} is {value}; the Owner's age may be at most {allowed} years")
    NO_STEP_UP = (530, "TI-10", ROW, "{field} is {value}; the benefit in force gives no step-up today")
    NO_PAYMENT_CHOICE = (531, "TI-12", ROW, "{field} is {value}; nothing is left to choose between, or not yet")

    NOT_TERMINABLE = (541, "GMIB-16", ROW, "{field} is {value}; the Owner cannot end this benefit once elected")
    STEP_UP_NOT_DUE = (
        542,
        "GMIB-9",
        ROW,
        "{field} is {value}; a step-up needs an Account Value above the Protected Income Value, an Annuitant of at most 75 "
        "and fewer than two earlier ones",
    )

    FIXED_PERIOD_LENGTH = (
        550,
        "ANN-5",
        ROW,
        "{field} is {value}; allowed are up to 25 years within the life expectancy",
    )
    INTEREST_OPTION = (
        551,
        "ANN-7",
        ROW,
        "{field} is {value}; the interest payment option is not for a qualified Annuity",
    )
    OPTION_CHARGED = (
        552,
        "ANN-4",
        ROW,
        "{field} is {value}; while a charge would apply: for life, or five years or more",
    )
    PAYMENT_DEADLINE = (
        553,
        "PAY-1",
        ROW,
        "{field} is {value}; the last day to begin so has passed; ask for another way",
    )
    PAYMENT_NOT_OPEN = (
        554,
        "PAY-2",
        ROW,
        "{field} is {value}; this way is not open to this Beneficiary; ask for another",
    )

    WITHDRAWAL_TOO_SMALL = (600, "WD-2", ROW, "{field} is {value}; the least withdrawal is {allowed} USD")
    TOO_LITTLE_LEFT = (601, "WD-3", ROW, "{field} is {value}; {allowed} USD of Surrender Value must be left; surrender")
    WITHDRAWAL_TOO_LARGE = (602, "WD-3", ROW, "{field} is {value}; allowed is at most the Surrender Value {allowed}")
    RMD_NOT_APPLICABLE = (603, "RMD-1", ROW, "{field} is {value}; only IRA and SEP have Required Minimum Distributions")
    MEDICAL_NOT_MET = (
        604,
        "SUR-2",
        ROW,
        "{field} is {value}; a Fatal Illness or 90 days confined in a row, since issue",
    )
    MEDICAL_TOO_LARGE = (
        605,
        "SUR-2",
        ROW,
        "{field} is {value}; at most {allowed} USD in all; surrender with the charge",
    )

    SYSTEMATIC_TOO_SMALL = (606, "SYS-2", ROW, "{field} is {value}; the least systematic withdrawal is {allowed} USD")
    EQUAL_PAYMENT_TOO_SMALL = (
        607,
        "SEPP-1",
        ROW,
        "{field} is {value}; the least 72(t) or 72(q) payment is {allowed} USD",
    )
    DISTRIBUTION_NOT_DUE = (608, "RMD-2", ROW, "{field} is {value}; none is required before the year of age 70 1/2")
    SHORT_NOTICE = (609, "RMD-5", ROW, "{field} is {value}; the first distribution needs {allowed} days of notice")
    WITHDRAWAL_MEASURE = (610, "SYS-1", ROW, "{field} is {value}; allowed is FLAT with its amount, EARNINGS or INCOME")

    TRANSFER_FROM_EMPTY = (700, "TR-1", ROW, "{field} is {value}; the contract holds nothing in this Sub-account")
    TRANSFER_TOO_LARGE = (701, "TR-1", ROW, "{field} is {value}; allowed is at most the Sub-account's value {allowed}")
    TRANSFER_TO_ITSELF = (702, "TR-1", ROW, "{field} is {value}; source and target must differ")
    TRANSFER_RESTRICTED = (703, "TR-4", ROW, "{field} is {value}; transfers into this Sub-account are restricted")
    TRANSFER_NOT_IN_WRITING = (704, "TR-3", ROW, "{field} is {value}; after {allowed} a signed request is needed")
    TRANSFER_MEASURE = (
        705,
        "DCA-1",
        ROW,
        "{field} is {value}; allowed is FLAT with its amount, EARNINGS, or PRINCIPAL_AND_EARNINGS with the transfers",
    )
    FIXED_NOT_OPEN = (720, "FIX-3", ROW, "{field} is {value}; only in the days after the end of a one-year period")
    FIXED_LIMIT = (721, "FIX-3", ROW, "{field} is {value}; above the limit of one transfer with a Fixed Rate Option")
    ENHANCED_IN_WHOLE = (
        722,
        "FIX-7",
        ROW,
        "{field} is {value}; the remaining value of the option is moved whole or not",
    )

    NOT_IN_GOOD_ORDER = (800, "SUP-4", ROW, "{field} is {value}; the request cannot be carried out so; ask for it")
    CONTRACT_ENDED = (801, "SUR-1", ROW, "{field} is {value}; the contract has ended, nothing more is accepted")
    IN_PAYOUT = (802, "C-24", ROW, "{field} is {value}; the Account Value is 0 and guaranteed payments run")
    ANNUITIZATION_TOO_EARLY = (803, "ANN-1", ROW, "{field} is {value}; allowed from the third Annuity Anniversary on")
    BENEFIT_ANNUITY_NOT_DUE = (
        840,
        "GMIB-10",
        ROW,
        "{field} is {value}; payments under the benefit are elected within 30 days after an Annuity Anniversary, seven years "
        "or more since the value was set",
    )
    FREE_LOOK_OVER = (805, "FL-1", ROW, "{field} is {value}; the right to cancel runs {allowed} days from receipt")
    NO_PROGRAMME = (806, "TXN-5", ROW, "{field} is {value}; no such programme is in force")
    ANNUITY_BEGUN = (807, "ANN-8", ROW, "{field} is {value}; annuity payments have begun, and only their terms count")
    FOR_BENEFICIARY = (808, "BCO-4", ROW, "{field} is {value}; a Beneficiary's Annuity: transfers and withdrawals only")
    NO_ACCOUNT_VALUE = (804, "WD-3", ROW, "{field} is {value}; the Account Value is 0")

    def message(self, contract: str | None, field: str, value: object, allowed: object = "") -> str:
        """What is wrong, with which contract, and what to do."""
        shown = "empty" if value is None else str(value)
        text = self.template.format(field=field, value=shown, allowed=allowed)
        return f"{contract}: {text}" if contract else text


_BY_CODE = {int(one): one for one in Reason}


def reason_of(code: int) -> Reason:
    """The reason a kernel emitted.  Raises ValueError for a code that is not on the list."""
    if code not in _BY_CODE:
        raise ValueError(f"reason code {code} is not on the list of valuation/failures.py; add it there")
    return _BY_CODE[code]
