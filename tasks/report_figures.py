"""Pictures of the report, as SVG to stand inside a page: no outside reference, text in the page's own ink."""

import io
import re
from collections.abc import Sequence
from datetime import date
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.dates import AutoDateLocator, ConciseDateFormatter, date2num
from matplotlib.figure import Figure
from numpy.typing import NDArray

Array = NDArray[np.float64]

BLUE, ORANGE, GREEN, RED, GREY = "#3b82c4", "#e0812f", "#3a9d6e", "#d0504f", "#8a8f98"
"""Colours that can be read on white and on black."""

_INK = "#123456"  # stands for the colour of the page's text until the SVG is written
_STYLE: Any = {
    "svg.fonttype": "none",
    "svg.hashsalt": "highwater",
    "font.family": "sans-serif",
    "font.size": 10.0,
    "text.color": _INK,
    "axes.edgecolor": _INK,
    "axes.labelcolor": _INK,
    "xtick.color": _INK,
    "ytick.color": _INK,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "grid.color": GREY,
    "grid.alpha": 0.25,
    "legend.frameon": False,
}


def daily_values(name: str, days: Sequence[date], account: Array, protected: Array, bond: Array, scale: float) -> str:
    """Account Value (its bond part shaded) against Protected Withdrawal Value, one point a Valuation Day.

    ``scale``  USD that one unit of the axis stands for
    """
    figure, axes = _axes(name)
    axes.fill_between(
        _places(days), 0.0, bond / scale, color=GREEN, alpha=0.35, linewidth=0, label="of it in the bond Sub-account"
    )
    axes.plot(_places(days), account / scale, color=BLUE, linewidth=1.8, label="Account Value")
    axes.plot(_places(days), protected / scale, color=ORANGE, linewidth=1.8, label="Protected Withdrawal Value")
    axes.set_ylim(bottom=0.0)
    axes.set_ylabel(
        {1.0: "USD", 1e3: "thousand USD", 1e6: "million USD", 1e9: "billion USD"}.get(scale, f"USD / {scale:g}")
    )
    _dates(axes)
    return _svg(figure, name)


def bond_share(name: str, days: Sequence[date], share: Array) -> str:
    """Share of the block's Account Value in the bond Sub-account."""
    figure, axes = _axes(name, height=2.6)
    axes.fill_between(_places(days), 0.0, 100.0 * share, color=GREEN, alpha=0.35, linewidth=0)
    axes.plot(_places(days), 100.0 * share, color=GREEN, linewidth=1.6)
    axes.set_ylim(0.0, max(5.0, 105.0 * float(share.max(initial=0.0))))
    axes.set_ylabel("% of Account Value")
    _dates(axes, legend=False)
    return _svg(figure, name)


def distribution(name: str, values: Array, marks: Sequence[tuple[str, float, float | None]], scale: float) -> str:
    """Histogram of scenario values, with marks (label, value, standard error)."""
    figure, axes = _axes(name)
    axes.hist(values / scale, bins=min(60, max(10, len(values) // 16)), color=BLUE, alpha=0.55, linewidth=0)
    for (label, value, error), colour in zip(marks, (ORANGE, RED, GREEN, GREY), strict=False):
        if error is not None:
            axes.axvspan((value - error) / scale, (value + error) / scale, color=colour, alpha=0.25, linewidth=0)
        axes.axvline(value / scale, color=colour, linewidth=1.8, label=label)
    axes.set_xlabel("million USD" if scale == 1e6 else "thousand USD" if scale == 1e3 else "USD")
    axes.set_ylabel("scenarios")
    _legend(axes, loc="lower left", bbox_to_anchor=(0.0, 1.0), ncols=2)
    return _svg(figure, name)


def utilisation(name: str, labels: Sequence[str], before: Array, after: Array) -> str:
    """Net exposure over its limit, before and after the trades; outside -1 to 1 the limit is exceeded."""
    figure, axes = _axes(name, height=0.6 + 0.36 * len(labels))
    place = np.arange(len(labels))[::-1]
    axes.axvspan(-1.0, 1.0, color=GREEN, alpha=0.12, linewidth=0, label="within the limit")
    axes.hlines(place, np.minimum(before, after), np.maximum(before, after), color=GREY, linewidth=1.0)
    axes.plot(before, place, "o", color=ORANGE, label="before the trades")
    axes.plot(after, place, "o", color=BLUE, label="after")
    axes.axvline(0.0, color=_INK, linewidth=0.8)
    widest = float(max(1.2, np.abs(before).max(initial=0.0), np.abs(after).max(initial=0.0)))
    if widest > 8.0:
        axes.set_xscale("symlog", linthresh=1.0)
        axes.xaxis.set_major_formatter(lambda place, _: f"{place:g}")
    axes.set_xlim(-1.25 * widest, 1.25 * widest)
    axes.set_yticks(place, labels)
    axes.set_ylim(-0.6, len(labels) - 0.4)
    axes.set_xlabel("net exposure / limit")
    axes.grid(axis="y", visible=False)
    _legend(axes, loc="lower left", bbox_to_anchor=(0.0, 1.0), ncols=3)
    return _svg(figure, name)


def deviations(name: str, times: Array, z: Array, passed: NDArray[np.bool_]) -> str:
    """Tests of a scenario set: each a point, in standard errors from what was expected."""
    figure, axes = _axes(name, height=2.6)
    axes.axhspan(-2.0, 2.0, color=GREEN, alpha=0.12, linewidth=0, label="two standard errors")
    axes.plot(times[passed], z[passed], ".", color=BLUE, markersize=4, label="passed")
    if not passed.all():
        axes.plot(times[~passed], z[~passed], "x", color=RED, label="failed")
    axes.axhline(0.0, color=_INK, linewidth=0.8)
    axes.set_xlabel("years from the valuation date")
    axes.set_ylabel("standard errors")
    _legend(axes, loc="lower left", bbox_to_anchor=(0.0, 1.0), ncols=3)
    return _svg(figure, name)


SERIES_COLOURS = {"L": ORANGE, "B": BLUE, "X": GREEN}


def surrender_values(name: str, years: Array, account: dict[str, Array], surrender: dict[str, Array]) -> str:
    """Surrender Value of every series, and its Annuity Value as a thin line; values in USD."""
    figure, axes = _axes(name)
    for series, values in surrender.items():
        axes.plot(years, account[series] / 1e3, color=SERIES_COLOURS[series], linewidth=0.8, alpha=0.6)
        axes.plot(years, values / 1e3, color=SERIES_COLOURS[series], linewidth=1.8, label=f"{series} Series")
    axes.margins(x=0.0)
    axes.set_xlabel("years from the Issue Date")
    axes.set_ylabel("thousand USD")
    _legend(axes, loc="lower left", bbox_to_anchor=(0.0, 1.0), ncols=3)
    return _svg(figure, name)


def advantage(name: str, years: Array, surrender: dict[str, Array], spans: dict[str, list[tuple[float, float]]]) -> str:
    """Surrender Value less that of the B Series, and below it the spans, start and length, in which each is highest."""
    with mpl.rc_context(_STYLE):
        figure = Figure(figsize=(9.0, 4.0), layout="constrained")
        upper, lower = figure.subplots(2, 1, sharex=True, height_ratios=(4.0, 1.0))
    for k, (series, values) in enumerate(surrender.items()):
        colour = SERIES_COLOURS[series]
        upper.plot(years, (values - surrender["B"]) / 1e3, color=colour, linewidth=1.6, label=f"{series} Series")
        lower.broken_barh(spans[series], (-k - 0.85, 0.7), color=colour, linewidth=0)
    upper.set_ylabel("thousand USD over B")
    upper.set_xlim(0.0, float(years[-1]))
    lower.set_yticks([-k - 0.5 for k in range(len(surrender))], list(surrender))
    lower.set_ylim(-len(surrender), 0.0)
    lower.grid(visible=False)
    lower.set_ylabel("highest")
    lower.set_xlabel("years from the Issue Date")
    _legend(upper, loc="lower left", bbox_to_anchor=(0.0, 1.0), ncols=3)
    return _svg(figure, name)


def stacked(name: str, labels: Sequence[str], parts: dict[str, Array]) -> str:
    """Bars made up of parts, USD; one bar a label."""
    figure, axes = _axes(name, height=0.9 + 0.34 * len(labels))
    place, left = np.arange(len(labels))[::-1], np.zeros(len(labels))
    colours = (GREY, BLUE, GREEN, ORANGE, "#a06cc0", RED)
    for (part, values), colour in zip(parts.items(), colours, strict=False):
        axes.barh(place, values, left=left, color=colour, height=0.7, label=part)
        left = left + values
    axes.set_yticks(place, labels)
    axes.set_xlabel("USD")
    axes.grid(axis="y", visible=False)
    _legend(axes, loc="lower left", bbox_to_anchor=(0.0, 1.0), ncols=3)
    return _svg(figure, name)


def errors_by_size(name: str, sizes: Array, errors: dict[str, Array]) -> str:
    """Relative errors of estimates by number of scenarios, both on logarithmic scales, and the slope of -1/2."""
    figure, axes = _axes(name, height=4.2)
    largest = max(float(values[0]) for values in errors.values())
    for shift in (1.0, 0.1):
        axes.plot(sizes, shift * largest * np.sqrt(sizes[0] / sizes), color=GREY, linewidth=0.9, linestyle="--")
    for k, (label, values) in enumerate(errors.items()):
        colour = (BLUE, ORANGE, GREEN, RED, GREY)[k % 5]
        axes.plot(sizes, values, color=colour, linewidth=1.5, marker="o" if k < 5 else "^", label=label)
    axes.set_xscale("log", base=2)
    axes.set_yscale("log")
    axes.xaxis.set_major_formatter(lambda place, _: f"{place:,.0f}")
    axes.set_xlabel("scenarios; dashed: slope -1/2")
    axes.set_ylabel("error / value")
    _legend(axes, loc="lower left", bbox_to_anchor=(0.0, 1.0), ncols=3)
    return _svg(figure, name)


def step_changes(name: str, labels: Sequence[str], changes: dict[str, tuple[Array, Array]]) -> str:
    """What coarser steps make of estimates, % of their values, with two standard errors; one group of bars a label."""
    figure, axes = _axes(name, height=0.8 + 0.45 * len(labels))
    height = 0.8 / max(len(changes), 1)
    for k, ((label, (value, error)), colour) in enumerate(zip(changes.items(), (BLUE, ORANGE, GREEN), strict=False)):
        place = np.arange(len(labels))[::-1] + 0.4 - (k + 0.5) * height
        axes.barh(place, 100.0 * value, xerr=200.0 * error, height=height, color=colour, ecolor=GREY, label=label)
    axes.axvline(0.0, color=_INK, linewidth=0.8)
    axes.set_yticks(np.arange(len(labels))[::-1], labels)
    axes.set_xlabel("% of the value with daily steps")
    axes.grid(axis="y", visible=False)
    _legend(axes, loc="lower left", bbox_to_anchor=(0.0, 1.0), ncols=3)
    return _svg(figure, name)


def _axes(name: str, height: float = 3.4) -> tuple[Figure, Axes]:
    with mpl.rc_context(_STYLE):
        figure = Figure(figsize=(9.0, height), layout="constrained")
        axes = figure.add_subplot()
    return figure, axes


def _legend(axes: Axes, **where: Any) -> None:
    axes.legend(frameon=False, labelcolor=_INK, **where)


def _places(days: Sequence[date]) -> Array:
    return np.asarray(date2num(np.array(days, dtype="datetime64[D]")), dtype=np.float64)


def _dates(axes: Axes, legend: bool = True) -> None:
    locator = AutoDateLocator(minticks=4, maxticks=9)
    axes.xaxis.set_major_locator(locator)
    axes.xaxis.set_major_formatter(ConciseDateFormatter(locator))
    axes.margins(x=0.0)
    if legend:
        _legend(axes, loc="lower left", bbox_to_anchor=(0.0, 1.0), ncols=3)


def _svg(figure: Figure, name: str) -> str:
    """The figure as one SVG element whose ids begin with ``name``, without any reference to the outside."""
    sink = io.StringIO()
    with mpl.rc_context(_STYLE):
        figure.savefig(sink, format="svg", transparent=True, metadata={"Date": None})
    text = sink.getvalue()
    text = text[text.index("<svg") :]
    text = re.sub(r"<metadata>.*?</metadata>\s*", "", text, flags=re.DOTALL)
    text = re.sub(r'\s+xmlns(:\w+)?="[^"]*"', "", text).replace("xlink:href", "href")
    text = re.sub(r'\b(id|href)="(#?)([^"]+)"', rf'\1="\g<2>{name}-\3"', text)
    text = re.sub(r"url\(#([^)]+)\)", rf"url(#{name}-\1)", text)
    text = text.replace(_INK, "currentColor")
    return re.sub(
        r'<svg [^>]*?(viewBox="[^"]*")[^>]*>', rf'<svg \1 role="img" aria-labelledby="{name}-caption">', text, count=1
    )
