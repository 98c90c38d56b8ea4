"""Which teller tells the day of a contract: by the kind of its living benefit."""

from typing import Any

from valuation.guaranteed_minimum_income import ProtectedIncome
from valuation.highest_daily import HighestDaily
from valuation.highest_daily_7 import Income
from valuation.living.fixed_rate_options import FixedHolder
from valuation.trace import DayTeller
from valuation.trace_fixed_money import FixedMoneyTeller
from valuation.trace_highest_daily import HighestDailyTeller
from valuation.trace_income_benefit import IncomeBenefitTeller
from valuation.trace_true_accumulation import TrueAccumulationTeller
from valuation.trace_true_income import TrueIncomeTeller
from valuation.true_accumulation import Accumulation
from valuation.true_income import TrueIncome

TELLERS: dict[type, type[DayTeller]] = {
    Income: DayTeller,
    TrueIncome: TrueIncomeTeller,
    HighestDaily: HighestDailyTeller,
    FixedHolder: FixedMoneyTeller,
    Accumulation: TrueAccumulationTeller,
    ProtectedIncome: IncomeBenefitTeller,
}


def teller_of(income: Any) -> type[DayTeller]:
    """The teller for a state of a living benefit; raises KeyError for a kind that has none."""
    return TELLERS[type(income)]
