"""The illustrations as one page of HTML: what is assumed, pictures and tables."""

import numpy as np
from markupsafe import Markup

from tasks import report_figures as draw
from tasks.illustrate_sheets import (
    PARTS,
    Found,
    days_sheet,
    expense_sheets,
    percent,
    unit_sheet,
    value_sheet,
)
from tasks.report_page import Card, Page, Picture, Section
from tasks.summary import usd
from valuation.arrays import SERIES
from valuation.illustrations import DAYS_OF_YEAR, PRINTED, Illustration, days_highest, years_highest

_EARLY_YEARS = 11
_METHOD = (
    "Every figure comes from the daily valuation on constant returns: Unit Prices less the daily charge, Purchase Credit,"
    " Annual Maintenance Fee, Longevity Credit, Contingent Deferred Sales Charge. A year has 365 days.",
    "Annuity Value is that of the anniversary; Surrender Value that of a full surrender two days before it, so that the"
    " charge of the ending year applies. Shaded is the series with the highest Surrender Value of the year.",
    "The prospectus leaves the expenses of the Portfolios blank. Those used here come from the fund map, or were given.",
)
_EXPENSES = (
    "10,000 USD, 5% a year before all expenses, TrueIncome - Highest Daily 7 and the Combination 5% Roll-Up and HAV Death"
    " Benefit at their maximum charges, the dearest Portfolio, no Longevity Credit. A period counts all charges up to its"
    " anniversary; a surrender adds the Contingent Deferred Sales Charge of the period's last year.",
)


def page(found: Found) -> Page:
    """The whole page."""
    sections = [
        Section("method", "What is assumed", _METHOD),
        *(_illustration(one, k) for k, one in enumerate(found.illustrations)),
        _examples(found),
        Section(
            "units",
            "Accumulation Unit Values",
            ("Lowest: the Insurance Charge alone. Highest: with the dearest benefits that can be held together.",),
            tables=tuple(unit_sheet(found, k) for k in range(len(found.illustrations))),
        ),
    ]
    returns = ", ".join(percent(gross) for gross in found.assumed.gross)
    return Page(
        "Highwater: illustrations of the L, B and X Series",
        f"gross returns {returns}; prospectus lines 1089-1190, 8862-8880, 9098-9524",
        _cards(found),
        tuple(sections),
    )


def _cards(found: Found) -> tuple[Card, ...]:
    assumed = found.assumed
    return (
        Card("investment", f"USD {usd(assumed.investment)}", "on the Issue Date"),
        Card("average expense", percent(assumed.expense), "of the Portfolios, a year"),
        Card("highest expense", percent(found.dearest), "in the expense examples"),
        Card("Purchase Credit", percent(assumed.credit), "X Series"),
    )


def _illustration(one: Illustration, k: int) -> Section:
    place = {series: SERIES.index(series) for series in PRINTED}
    account = {series: one.account[:, s] for series, s in place.items()}
    surrender = {series: one.surrender[:, s] for series, s in place.items()}
    runs = days_highest(one)[1]
    spans = {
        series: [(run.first / DAYS_OF_YEAR, (run.last + 1 - run.first) / DAYS_OF_YEAR) for run in runs[s]]
        for series, s in place.items()
    }
    years = np.arange(len(one.surrender)) / DAYS_OF_YEAR
    early = slice(0, _EARLY_YEARS * DAYS_OF_YEAR)
    begun = [{series: values[early] for series, values in all_days.items()} for all_days in (account, surrender)]
    pictures = (
        Picture(
            f"early-{k}",
            Markup(draw.surrender_values(f"early-{k}", years[early], *begun)),
            "Surrender Value of the first years, with its steps where the Contingent Deferred Sales Charge falls; the thin"
            " lines are the Annuity Values.",
        ),
        Picture(
            f"advantage-{k}",
            Markup(draw.advantage(f"advantage-{k}", years, surrender, spans)),
            "Surrender Value less that of the B Series, and the days on which each series is the highest.",
        ),
    )
    found = [f"{series} in {_spans(years_highest(one, series))}" for series in PRINTED]
    text = (f"Highest Surrender Value of the Annuity Years: {'; '.join(found)}.",)
    title = f"{percent(one.gross)} gross rate of return"
    return Section(f"gross-{k}", title, text, pictures, (value_sheet(one), days_sheet(one)))


def _spans(years: tuple[int, ...]) -> str:
    """Years as runs: 1-4, 7, 9-30."""
    runs: list[list[int]] = []
    for year in years:
        if runs and year == runs[-1][1] + 1:
            runs[-1][1] = year
        else:
            runs.append([year, year])
    return ", ".join(f"{a}" if a == b else f"{a}-{b}" for a, b in runs) or "no year"


def _examples(found: Found) -> Section:
    labels = [f"{series}, {one.years} yr" for series in SERIES for one in found.examples]
    parts = {
        name: np.array([getattr(one.costs, part)[s] for s in range(len(SERIES)) for one in found.examples])
        for name, part in PARTS.items()
    }
    parts["CDSC on surrender"] = np.array(
        [one.surrendered[s] - one.kept[s] for s in range(len(SERIES)) for one in found.examples]
    )
    picture = Picture(
        "expenses",
        Markup(draw.stacked("expenses", labels, parts)),
        "Expenses of 10,000 USD by series and period; the last part falls due on surrender only.",
    )
    return Section("expenses-examples", "Expense examples", _EXPENSES, (picture,), expense_sheets(found))
