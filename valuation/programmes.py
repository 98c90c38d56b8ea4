"""Programmes: what is scheduled for a day becomes a withdrawal or a transfer of that day's values.

An instruction starts a programme; `valuation.programme_schedule` turns it into dated events; here they are carried out.
A scheduled event whose programme is not, or no longer, in force does nothing: nobody asked for it that day.

Provisions   SYS-1, SYS-2, SEPP-1, RMD-2, RMD-3, RMD-5, DCA-1, AR-1, TR-2 to TR-4 (prospectus 2391-2400, 2865-2871, 3007-3053,
             3187-3262); constants terms/programmes.toml
Readings     earnings of the Annuity are the change, since the last scheduled date, of Account Value plus withdrawals less
             payments and credits; a loss of one period does not lower the earnings of the next
             earnings of a Sub-account are those of the Units that stayed in it since the last scheduled date
             a transfer takes what is there if that is less; an empty Sub-account gives nothing, and the programme goes on
             a withdrawal comes from all Sub-accounts and keeps none of them out of rebalancing; Dollar Cost Averaging keeps
             out the Sub-accounts that it leaves and enters, and the others keep the proportions asked for
             a distribution that may not be postponed any further is paid below the minimum
             an amount refused on its day is not made up for later
             a notice of the year's Required Minimum Distribution goes before the amount that a programme computes
"""

from valuation import journal as rows
from valuation import living
from valuation.account import capped, money, move, total, value
from valuation.clock import civil
from valuation.compile import routine, rule
from valuation.contract import Layers, change_core
from valuation.distributions import first_distribution_year, required_distribution
from valuation.events import (
    AUTOMATIC_REBALANCING,
    BALANCE_TRANSFER,
    DECEMBER_VALUE,
    DISTRIBUTION_OF_YEAR,
    DISTRIBUTION_PAYMENT,
    EARNINGS_PAYMENT,
    EARNINGS_TRANSFER,
    FLAT_PAYMENT,
    INCOME,
    INCOME_PAYMENT,
    PROGRAMME_END,
    REBALANCING,
    RMD_WITHDRAWAL,
    SYSTEMATIC_WITHDRAWAL,
    WITHDRAWAL,
    Events,
)
from valuation.failures import Reason
from valuation.journal import record, refuse
from valuation.programme_state import (
    AVERAGING,
    DISTRIBUTIONS,
    EQUAL,
    INVOLVED,
    KEY,
    MARK,
    POSTPONED,
    REBALANCE,
    SYSTEMATIC,
    UNITS,
    end_programme,
    end_programmes,
)
from valuation.records import Contract, Facts, Records, change_contract
from valuation.requests import pay_amount
from valuation.withdrawals import distribution_due

BENEFIT_ONLY = int(Reason.BENEFIT_ONLY_SUB_ACCOUNT)
DISTRIBUTION_NOT_DUE = int(Reason.DISTRIBUTION_NOT_DUE)
EQUAL_PAYMENT_TOO_SMALL = int(Reason.EQUAL_PAYMENT_TOO_SMALL)
NO_BENEFIT = int(Reason.NO_BENEFIT_IN_FORCE)
NO_PROGRAMME = int(Reason.NO_PROGRAMME)
SYSTEMATIC_TOO_SMALL = int(Reason.SYSTEMATIC_TOO_SMALL)
TRANSFER_TO_ITSELF = int(Reason.TRANSFER_TO_ITSELF)

FLAT, EARNINGS, INCOME_SHARE, BALANCE = range(4)
"""How the amount of a programme is measured."""
ALL_PROGRAMMES = -1


@rule
def is_programme(kind: int) -> bool:
    """Whether an event starts or ends a programme, or is one of its scheduled transfers."""
    return SYSTEMATIC_WITHDRAWAL <= kind <= PROGRAMME_END or DISTRIBUTION_OF_YEAR <= kind <= REBALANCING


@rule
def is_scheduled_payment(kind: int) -> bool:
    """Whether an event is a scheduled withdrawal, or the note of a year's last value."""
    return FLAT_PAYMENT <= kind <= DECEMBER_VALUE


@rule
def result_since_issue(account: float, withdrawn: float, layers: Layers) -> float:
    """What the Annuity has earned net of its charges: Account Value and withdrawals less payments and credits, USD.

    Source: SYS-1 (prospectus 3189-3206).
    """
    paid_in = 0.0
    for k in range(layers.used[0]):
        paid_in += layers.amount[k] + layers.credit[k]
    return account + withdrawn - paid_in


@rule
def _refusal(records: Records, contract: Contract, facts: Facts, events: Events, k: int, row: int) -> int:
    """Why a programme is not started, 0 if it is.  Source: SYS-2, SEPP-1, RMD-2, DCA-1, INV-4, HD7-16."""
    terms, measure, amount = facts.terms.programmes, events.choice[k], events.amount[k]
    bond = records.book.units.shape[0] - 1
    stage = contract.income.stage
    reason = 0
    if row == SYSTEMATIC and measure == INCOME_SHARE:
        reason = 0 if stage == living.PRE or stage == living.POST else NO_BENEFIT
    elif row == SYSTEMATIC and measure == FLAT and amount < terms.minimum:
        reason = SYSTEMATIC_TOO_SMALL
    elif row == EQUAL and amount < terms.minimum:
        reason = EQUAL_PAYMENT_TOO_SMALL
    elif row == DISTRIBUTIONS and civil(facts.day.today)[0] < first_distribution_year(terms, facts.life.owner_birth):
        reason = DISTRIBUTION_NOT_DUE
    elif row == AVERAGING and events.weights[k, events.source[k]] > 0.0:
        reason = TRANSFER_TO_ITSELF
    if row >= AVERAGING and (events.weights[k, bond] > 0.0 or (row == AVERAGING and events.source[k] == bond)):
        reason = BENEFIT_ONLY
    return reason


@routine
def start_programme(records: Records, contract: Contract, facts: Facts, events: Events, k: int) -> Contract:
    """Start a programme; one of its kind that is in force gives way to it.

    Of Required Minimum Distributions the amount is that of this calendar year, where it is given.  Of substantially equal
    payments the first date is kept: they must go on from it.

    Source: SYS-1, SYS-2, SEPP-1, RMD-2, DCA-1, AR-1 (prospectus 3007-3053, 3187-3262).
    """
    row, state, book = events.kind[k] - SYSTEMATIC_WITHDRAWAL, records.programmes, records.book
    reason = _refusal(records, contract, facts, events, k, row)
    if reason:
        refuse(records.journal, k, reason)
        return contract
    end_programme(state, row)
    state[row, KEY] = events.date[k]
    if row == SYSTEMATIC:
        withdrawn = contract.core.withdrawn_total
        state[row, MARK] = result_since_issue(total(value(book)), withdrawn, records.layers)
    elif row == EQUAL:
        state[row, MARK] = events.target[k]
    elif row == DISTRIBUTIONS and events.amount[k] > 0.0:
        return change_contract(contract, core=change_core(contract.core, required=events.amount[k]))
    elif row >= AVERAGING:
        bits = 0
        for s in range(book.units.shape[0]):
            bits += 1 << s if events.weights[k, s] > 0.0 else 0
        if row == AVERAGING:
            source = events.source[k]
            bits += 1 << source
            state[row, MARK], state[row, UNITS] = book.price[source], book.units[source]
        state[row, INVOLVED] = bits
    return contract


@routine
def stop_programme(records: Records, row: int, k: int) -> None:
    """End a programme, or all of them, at the Owner's request.  Source: SYS-1, SEPP-1, DCA-1, AR-1."""
    state = records.programmes
    running = 0.0
    for r in range(state.shape[0]):
        running += state[r, KEY] if row in (ALL_PROGRAMMES, r) else 0.0
    if running == 0.0:
        refuse(records.journal, k, NO_PROGRAMME)
    elif row == ALL_PROGRAMMES:
        end_programmes(state)
    else:
        end_programme(state, row)


@routine
def follow_programme(records: Records, contract: Contract, facts: Facts, events: Events, k: int) -> Contract:
    """Step 9: programmes start and end; their transfers, which neither count nor are restricted, nor bear a fee.

    Source: README decision 3, TR-2 to TR-4, DCA-1, AR-1, RMD-3, TXN-5 (prospectus 2865-2871, 2886-2888, 2929-2932, 3019-3051).
    """
    kind, state = events.kind[k], records.programmes
    if kind == PROGRAMME_END:
        stop_programme(records, events.source[k], k)
    elif kind <= AUTOMATIC_REBALANCING:
        contract = start_programme(records, contract, facts, events, k)
    elif kind == DISTRIBUTION_OF_YEAR:
        worth = state[DISTRIBUTIONS, MARK]
        if state[DISTRIBUTIONS, KEY] == events.date[k] and worth > 0.0 and contract.core.required == 0.0:
            year = civil(facts.day.today)[0]
            amount = required_distribution(facts.terms.programmes, facts.life.owner_birth, year, worth)
            core = change_core(contract.core, required=money(amount, facts.terms.cents))
            contract = change_contract(contract, core=core)
    elif kind == REBALANCING:
        if state[REBALANCE, KEY] == events.date[k]:
            rebalance(records, facts, events, k)
    elif state[AVERAGING, KEY] == events.date[k]:
        average(records, facts, events, k)
    return contract


@routine
def average(records: Records, facts: Facts, events: Events, k: int) -> None:
    """One transfer of Dollar Cost Averaging, divided among the Sub-accounts chosen; the last one ends the programme.

    Source: DCA-1 (prospectus 3007-3023).
    """
    book, state, terms = records.book, records.programmes, facts.terms
    source, kind = events.source[k], events.kind[k]
    price, half_cent = book.price[source], terms.withdrawals.half_cent
    held = book.units[source] * price
    amount = events.amount[k]
    if kind == EARNINGS_TRANSFER:
        amount = min(book.units[source], state[AVERAGING, UNITS]) * max(0.0, price - state[AVERAGING, MARK])
    elif kind == BALANCE_TRANSFER:
        amount = held / events.target[k]
    amount = money(amount, terms.cents)
    amount = capped(min(amount, held), held, half_cent) if amount > 0.0 else 0.0
    last = 0
    for s in range(book.units.shape[0]):
        last = s if events.weights[k, s] > 0.0 else last
    left = amount
    for s in range(book.units.shape[0]):
        if events.weights[k, s] > 0.0 and left > 0.0:
            part = left if s == last else min(left, money(amount * events.weights[k, s], terms.cents))
            whole = book.units[source] * price
            move(book, records.journal, rows.AVERAGING, capped(part, whole, half_cent), source, s)
            left -= part
    state[AVERAGING, MARK], state[AVERAGING, UNITS] = price, book.units[source]
    if events.target[k] == 1:
        end_programme(state, AVERAGING)


@rule
def _joins(records: Records, events: Events, k: int, s: int) -> bool:
    """Whether a Sub-account is rebalanced: chosen, and in no Dollar Cost Averaging.  Source: AR-1 (prospectus 3040-3053)."""
    averaged = int(records.programmes[AVERAGING, INVOLVED]) >> s & 1
    return events.weights[k, s] > 0.0 and averaged == 0


@routine
def rebalance(records: Records, facts: Facts, events: Events, k: int) -> None:
    """Bring the Sub-accounts chosen to the percentages asked for, among themselves; unrounded.

    Source: AR-1 (prospectus 3029-3053).
    """
    book = records.book
    whole, share = 0.0, 0.0
    for s in range(book.units.shape[0]):
        if _joins(records, events, k, s):
            whole += book.units[s] * book.price[s]
            share += events.weights[k, s]
    gap = 0.0
    for s in range(book.units.shape[0]):
        if _joins(records, events, k, s):
            gap = max(gap, abs(whole * events.weights[k, s] / share - book.units[s] * book.price[s]))
    if gap < facts.terms.withdrawals.half_cent:
        return
    for s in range(book.units.shape[0]):
        if _joins(records, events, k, s):
            before = book.units[s]
            book.units[s] = whole * events.weights[k, s] / share / book.price[s]
            record(records.journal, rows.REBALANCED, s, before, book.units[s], book.price[s])


@routine
def distribution_payment(records: Records, contract: Contract, facts: Facts, events: Events, k: int) -> float:
    """What a scheduled date pays of the year's Required Minimum Distribution, USD; other withdrawals count towards it.

    Monthly payments below the minimum are postponed, but not beyond the last date of the calendar year.

    Source: RMD-3, RMD-5, SYS-2 (prospectus 3201-3206, 3251-3259, 8147-8153).
    """
    state, cents = records.programmes, facts.terms.cents
    due, left = distribution_due(contract.core), events.target[k]
    postponed = min(state[DISTRIBUTIONS, POSTPONED], due)
    amount = money(postponed + (due - postponed) / left, cents)
    monthly = events.choice[k] == 1
    wait = monthly and left > 1 and amount < facts.terms.programmes.minimum
    state[DISTRIBUTIONS, POSTPONED] = amount if wait else 0.0
    return 0.0 if wait else amount


@routine
def earnings_payment(records: Records, contract: Contract, facts: Facts) -> float:
    """Earnings since the last scheduled date with what was postponed, USD; 0 while they are below the minimum.

    Source: SYS-1, SYS-2 (prospectus 3187-3206).
    """
    state = records.programmes
    result = result_since_issue(total(value(records.book)), contract.core.withdrawn_total, records.layers)
    earned = money(max(0.0, result - state[SYSTEMATIC, MARK]), facts.terms.cents)
    amount = state[SYSTEMATIC, POSTPONED] + earned
    wait = amount < facts.terms.programmes.minimum
    state[SYSTEMATIC, MARK] = result
    state[SYSTEMATIC, POSTPONED] = amount if wait else 0.0
    return 0.0 if wait else amount


@routine
def payment_due(records: Records, contract: Contract, facts: Facts, events: Events, k: int) -> float:
    """Amount of a scheduled withdrawal, USD, or share of the Annual Income Amount; 0 if nothing is paid today.

    Source: SYS-1, SYS-2, SEPP-1, RMD-3, RMD-5 (prospectus 3187-3262).
    """
    kind, row, state = events.kind[k], events.source[k], records.programmes
    if state[row, KEY] != events.date[k]:
        return 0.0
    amount: float = events.amount[k]
    if kind == DECEMBER_VALUE:
        state[row, MARK] = total(value(records.book)) + amount
        return 0.0
    if kind == DISTRIBUTION_PAYMENT:
        return distribution_payment(records, contract, facts, events, k)
    if kind == EARNINGS_PAYMENT:
        amount = earnings_payment(records, contract, facts)
    if events.target[k] == 1:
        end_programme(state, row)
    return amount


@rule
def pay_recorded(
    records: Records, contract: Contract, facts: Facts, events: Events, k: int, compared: float
) -> tuple[Contract, bool]:
    """Step 10: a withdrawal asked for, or scheduled; also whether it was for the Required Minimum Distribution.

    Source: WD-1, SYS-1, SEPP-1, RMD-3, TXN-5 (prospectus 3097-3262).
    """
    kind, amount = events.kind[k], events.amount[k]
    net = events.choice[k] == 1
    if is_scheduled_payment(kind):
        amount = payment_due(records, contract, facts, events, k)
        if amount <= 0.0:
            return contract, False
        net = net and kind == FLAT_PAYMENT
        kind = RMD_WITHDRAWAL if kind == DISTRIBUTION_PAYMENT else INCOME if kind == INCOME_PAYMENT else WITHDRAWAL
    return pay_amount(records, contract, facts, kind, amount, net, k, compared)
