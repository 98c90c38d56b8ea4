"""Zero curves from Treasury par yields, by QuantLib.

Quotes  1 and 3 months: simple interest, actual/365, the bond-equivalent yield of a bill.  6 months and longer: a par bond
        with semiannual coupons of half the yield, the meaning of a bond-equivalent par yield.
Method  log-linear in discount factors, the interpolation of `valuation.curve.ZeroCurve`; one knot a quote.

Apart from `valuation.curve` because processes that only project need no QuantLib.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date

import numpy as np
import QuantLib as ql

from valuation.curve import TENOR_MONTHS, ParYields, ZeroCurve, from_zero_rates

_ALLOWED = (-0.05, 0.5)  # par yields outside are taken for a unit error
_SHORTEST_SPAN = 120  # months; a curve that must guess beyond 10 years is refused
_evaluation_date = threading.RLock()


def bootstrap(par: ParYields) -> ZeroCurve:
    """The zero curve that reprices every published yield of ``par``.  Raises ValueError for quotes it cannot use."""
    quotes = _usable(par)
    reference = _ql_date(par.as_of)
    with _evaluated_on(reference):
        helpers = [_bill(months, y) if months < 6 else _bond(reference, months, y) for months, y in quotes]
        try:
            nodes = ql.PiecewiseLogLinearDiscount(reference, helpers, ql.Actual365Fixed()).nodes()
        except RuntimeError as error:
            quoted = ", ".join(f"{months} months {y:.4%}" for months, y in quotes)
            raise ValueError(f"par yields of {par.as_of} admit no curve ({error}); quotes: {quoted}") from error
    times = np.array([(day - reference) / 365.0 for day, _ in nodes[1:]])
    factors = np.array([factor for _, factor in nodes[1:]])
    return from_zero_rates(par.as_of, times, -np.log(factors) / times)


def _usable(par: ParYields) -> list[tuple[int, float]]:
    if len(par.months) != len(par.yields):
        raise ValueError(f"par yields of {par.as_of}: {len(par.months)} maturities, {len(par.yields)} yields")
    quotes = [(m, float(y)) for m, y in zip(par.months, par.yields, strict=True) if not np.isnan(y)]
    low, high = _ALLOWED
    for months, y in quotes:
        if months not in TENOR_MONTHS:
            raise ValueError(f"par yields of {par.as_of}: maturity of {months} months, allowed are {TENOR_MONTHS}")
        if not low <= y <= high:
            raise ValueError(
                f"par yield of {par.as_of}, {months} months: {y} is outside {low} to {high}; "
                "yields are fractions a year (5% is 0.05)"
            )
    if not quotes or max(quotes)[0] < _SHORTEST_SPAN:
        have = ", ".join(str(m) for m, _ in quotes) or "none"
        raise ValueError(f"par yields of {par.as_of}: quoted are {have} months; need one of 120 months or longer")
    return quotes


def _bill(months: int, y: float) -> ql.RateHelper:
    return ql.DepositRateHelper(
        y, ql.Period(months, ql.Months), 0, ql.NullCalendar(), ql.Unadjusted, False, ql.Actual365Fixed()
    )


def _bond(reference: ql.Date, months: int, y: float) -> ql.RateHelper:
    schedule = ql.Schedule(
        reference, reference + ql.Period(months, ql.Months), ql.Period(6, ql.Months), ql.NullCalendar(),
        ql.Unadjusted, ql.Unadjusted, ql.DateGeneration.Forward, False,
    )  # fmt: skip
    par = ql.QuoteHandle(ql.SimpleQuote(100.0))
    return ql.FixedRateBondHelper(par, 0, 100.0, schedule, [y], ql.ActualActual(ql.ActualActual.ISMA), ql.Unadjusted)


@contextmanager
def _evaluated_on(day: ql.Date) -> Iterator[None]:
    """QuantLib's evaluation date is global to the process: set for one bootstrap, then put back."""
    settings = ql.Settings.instance()
    with _evaluation_date:
        before = settings.evaluationDate
        settings.evaluationDate = day
        try:
            yield
        finally:
            settings.evaluationDate = before


def _ql_date(day: date) -> ql.Date:
    return ql.Date(day.day, day.month, day.year)
