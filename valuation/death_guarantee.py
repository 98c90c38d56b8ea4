"""What the day's order and the lanes ask of an Annuity's optional Death Benefit; one body for each kind of state.

`BasicOnly` stands in a projection for an Annuity that has no optional Death Benefit and can elect none; every other Annuity
has an `OptionalDeathBenefit`, whose values run on before an election.  See `valuation.living` for the living benefits.
"""

from typing import Any, NamedTuple

from valuation import optional_death_benefits as law
from valuation.clock import Day, completed_years
from valuation.compile import generic, lane_reader, lane_writer, reader, rule, writer
from valuation.contract import Array, Core, Layers, Life, change_life
from valuation.credits import LateCredits
from valuation.death_benefit import basic_death_benefit
from valuation.lane_layout import FIRST_DEATH, WIDTH
from valuation.lane_rows import load_rows, store_rows
from valuation.optional_death_benefits import DeathBenefitDay, OptionalDeathBenefit
from valuation.terms import Terms


class BasicOnly(NamedTuple):
    """The basic Death Benefit needs no state beside the Annuity's own."""


BASIC_ONLY = BasicOnly()


@generic
def death_day(death: Any, terms: Terms, life: Life, day: Day) -> DeathBenefitDay:
    """Settle what the benefit needs to know of one Valuation Day."""
    return law.NO_DEATH_BENEFIT_DAY


@generic
def asset_charge(death: Any, terms: Terms) -> float:
    """Daily charge of the benefit in the Unit Price, fraction per year; it has its part in the charge class.

    Source: DB-23 (prospectus 7236-7242).
    """
    return 0.0


@generic
def grow(death: Any, facts: DeathBenefitDay) -> Any:
    """Growth since the prior Valuation Day."""
    return death


@generic
def roll_year(death: Any, terms: Terms, facts: DeathBenefitDay, day: Day, account: float) -> Any:
    """An Annuity Anniversary, on the Account Value after its credits and fees."""
    return death


@generic
def pay_in(death: Any, terms: Terms, layers: Layers, row: int, life: Life, payment: float, today: int) -> Any:
    """A Purchase Payment with its credit, kept in ``row`` of the layers; the first one starts the values."""
    return death


@generic
def withdraw(death: Any, facts: DeathBenefitDay, gross: float, account: float, half_cent: float) -> Any:
    """The values after ``gross`` leaves an Account Value of ``account``, USD."""
    return death


@generic
def carried_on(before: Any, after: Any) -> float:
    """What a withdrawal has left of a dollar of the Roll-Up beyond the dollar-for-dollar part, a fraction."""
    return 1.0


@generic
def capture(death: Any, facts: DeathBenefitDay, account: float) -> Any:
    """The end of a Valuation Day."""
    return death


@generic
def rolled_credits(death: Any, terms: Terms, layers: Layers, event: int) -> float:
    """Late credits as `optional_death_benefits.late_in_roll_up` counts them."""
    return 0.0


@generic
def payable(death: Any, core: Core, late: LateCredits, rolled: float, account: float, suspended: bool) -> float:
    """Death Benefit, USD.  Source: DB-2, DB-5, DB-12, DB-17."""
    return basic_death_benefit(core, late, account, suspended)


@generic
def assume(death: Any, terms: Terms, life: Life, account: float, today: int) -> Any:
    """A spouse assumes the Annuity with a new Account Value, as a new purchaser.

    A benefit in force goes on as if elected anew today, where the spouse's age lets it.  The spouse's age is that of the
    contract's row; without one, the Owner's.

    Source: SPO-1, DB-4, A-DB-18 (prospectus 6991-6994, 7393-7410).
    """
    return death


@generic
def end(death: Any, today: int) -> Any:
    """Termination."""
    return death


@generic
def change_owner(death: Any, terms: Terms, life: Life, today: int) -> Any:
    """A new Owner, or Annuitant of an entity; ``life`` from today on."""
    return death


@generic
def read(blank: Any, fields: Array) -> Any:
    """The state whose values stand in an array; ``blank`` is any state of the kind."""
    return BASIC_ONLY


@generic
def write(death: Any, fields: Array) -> None:
    """The values of a state into an array."""


@generic
def running(blank: Any, state: Array) -> Any:
    """The state of the first lane in which the benefit has not ended: its plan and dates are those of all such lanes."""
    return BASIC_ONLY


@generic
def read_lane(blank: Any, rows: Array, i: int) -> Any:
    """The state of lane ``i`` of a block of lanes."""
    return BASIC_ONLY


@generic
def write_lane(death: Any, rows: Array, i: int) -> None:
    """The values of lane ``i`` into the block."""


@generic
def load(blank: Any, state: Array, rows: Array, start: int, stop: int) -> None:
    """Copy lanes ``start`` to ``stop`` of a state (n_field, n_lane) into a block of lanes."""


@generic
def store(blank: Any, state: Array, rows: Array, start: int, stop: int) -> None:
    """Write them back, in the quiet lanes."""


@generic
def ordinary_day(blank: Any, state: Array, terms: Terms, life: Life, day: Day, permitted: Array, bond: Array) -> None:
    """One ordinary day in every lane; state (n_field, n_lane) updated, permitted and bond (n_lane,) values today, USD."""


# -- the optional Death Benefits -------------------------------------------------------------------------------------

_ALL = tuple(range(len(OptionalDeathBenefit._fields)))
ROLL_UP, CARRIED, HIGH = (OptionalDeathBenefit._fields.index(name) for name in ("roll_up", "carried", "highest"))
_read: Any = reader(OptionalDeathBenefit)
_read_lane: Any = lane_reader(OptionalDeathBenefit, FIRST_DEATH, WIDTH)


def _answer(asked: Any, body: Any) -> None:
    asked.register(OptionalDeathBenefit)(body)


def _death_day(death: OptionalDeathBenefit, terms: Terms, life: Life, day: Day) -> DeathBenefitDay:
    return law.death_benefit_day(death, terms.death, life, day)


def _asset_charge(death: OptionalDeathBenefit, terms: Terms) -> float:
    return law.yearly_charge(death, terms.death)


def _roll_year(
    death: OptionalDeathBenefit, terms: Terms, facts: DeathBenefitDay, day: Day, account: float
) -> OptionalDeathBenefit:
    return law.roll_year(death, terms.death, facts, day, account)


def _pay_in(
    death: OptionalDeathBenefit, terms: Terms, layers: Layers, row: int, life: Life, payment: float, today: int
) -> OptionalDeathBenefit:
    paid = law.pay_in(death, payment)
    if row == 0:
        paid = law.change_death_benefit(law.start_values(terms.death, life, payment, today), death=death.death)
    layers.carried[row] = paid.carried
    return paid


def _carried_on(before: OptionalDeathBenefit, after: OptionalDeathBenefit) -> float:
    return after.carried / before.carried if before.carried > 0.0 else 1.0


def _rolled_credits(death: OptionalDeathBenefit, terms: Terms, layers: Layers, event: int) -> float:
    return law.late_in_roll_up(terms.purchase, layers, layers.carried, event)


def _payable(
    death: OptionalDeathBenefit, core: Core, late: LateCredits, rolled: float, account: float, suspended: bool
) -> float:
    return law.death_benefit(death, core, late, rolled, account, suspended)


def _assume(death: OptionalDeathBenefit, terms: Terms, life: Life, account: float, today: int) -> OptionalDeathBenefit:
    if life.spouse_birth != 0:
        life = change_life(life, owner_birth=life.spouse_birth)
    started = law.start_values(terms.death, life, account, today)
    in_force = death.plan == law.COMBINATION or death.plan == law.HIGHEST_DAILY
    if in_force and completed_years(life.owner_birth, today) <= terms.death.election_age:
        return law.elect(started, int(death.plan), terms.death, life, account, today)
    return started


def _change_owner(death: OptionalDeathBenefit, terms: Terms, life: Life, today: int) -> OptionalDeathBenefit:
    return law.change_owner(death, terms.death, life, today)


@rule
def _running(blank: OptionalDeathBenefit, state: Array) -> OptionalDeathBenefit:
    i = 0
    while i < state.shape[1] - 1 and state[0, i] == law.ENDED:
        i += 1
    found: OptionalDeathBenefit = _read(state[:, i])
    return found


def _ordinary_day(
    blank: OptionalDeathBenefit, state: Array, terms: Terms, life: Life, day: Day, permitted: Array, bond: Array
) -> None:
    """Growth of the Roll-Up and the Daily Value.  Source: DB-7, DB-16, DB-17."""
    facts = law.death_benefit_day(_running(blank, state), terms.death, life, day)
    roll_up, carried, highest = state[ROLL_UP], state[CARRIED], state[HIGH]
    for i in range(permitted.shape[0]):
        roll_up[i] = roll_up[i] * facts.growth
        carried[i] = carried[i] * facts.growth
    if facts.daily_value:
        for i in range(permitted.shape[0]):
            highest[i] = max(highest[i], permitted[i] + bond[i])


for _asked, _body in (
    (death_day, _death_day),
    (asset_charge, _asset_charge),
    (grow, law.grow),
    (roll_year, _roll_year),
    (pay_in, _pay_in),
    (withdraw, law.withdraw),
    (carried_on, _carried_on),
    (capture, law.capture_day),
    (rolled_credits, _rolled_credits),
    (payable, _payable),
    (assume, _assume),
    (end, law.end),
    (change_owner, _change_owner),
    (read, lambda blank, values: _read(values)),
    (write, writer(OptionalDeathBenefit)),
    (running, _running),
    (read_lane, lambda blank, rows, i: _read_lane(rows, i)),
    (write_lane, lane_writer(OptionalDeathBenefit, FIRST_DEATH, WIDTH)),
    (load, lambda blank, state, rows, start, stop: load_rows(state, _ALL, FIRST_DEATH, rows, start, stop)),
    (store, lambda blank, state, rows, start, stop: store_rows(state, _ALL, FIRST_DEATH, rows, start, stop)),
    (ordinary_day, _ordinary_day),
):
    _answer(_asked, _body)
