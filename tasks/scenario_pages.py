"""An imported scenario set as tables of text for the command line."""

from tasks.scenario_files import SetRecord
from tasks.summary import Page
from valuation.scenarios.imported import PERCENTILES


def set_pages(record: SetRecord) -> list[Page]:
    """What a set is, the files it came from, its checks and moments."""
    facts = (
        ("basis", record.basis.replace("_", " ")),
        ("scenarios", f"{record.scenarios:,}" + ("" if record.picked is None else " picked")),
        ("months", f"{record.months:,}"),
        ("days inside a month", record.inside),
        ("sha256 of its months", record.sha256[:16]),
        ("accepted although a check fails", record.accepted or "-"),
    )
    files = tuple((index, one.name, one.sha256[:16]) for index, one in zip(record.names, record.files, strict=True))
    return [
        Page(f"scenario set {record.name}", (), facts),
        Page("files", ("index", "file", "sha256"), files),
        _checks(record),
        Page(
            "wealth from 1, over scenarios",
            ("index", "#years", "#mean", "#deviation", *(f"#{p:g}%" for p in PERCENTILES)),
            tuple(
                (m.name.replace("_", " "), str(m.years), *(f"{v:.3f}" for v in (m.mean, m.deviation, *m.percentiles)))
                for m in record.moments
            ),
        ),
    ]


def _checks(record: SetRecord) -> Page:
    """Calibration points one by one; of many martingales those that fail."""
    shown = record.checks if record.basis == "real_world" else record.failed
    rows = tuple(
        (
            row.check,
            row.item.replace("_", " "),
            f"{row.time:.1f}",
            *(f"{value:.4f}" for value in (row.value, row.expected, row.standard_error)),
            "yes" if row.passed else "NO",
        )
        for row in shown
    )
    passed = len(record.checks) - len(record.failed)
    title = f"checks: {passed} of {len(record.checks)} passed"
    return Page(title, ("check", "item", "#years", "#found", "#expected", "#standard error", "passed"), rows)
