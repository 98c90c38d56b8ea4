"""For notebooks and scripts: four calls, each with one typed result that holds Arrow tables.

    from flows.api import compare_runs, make_scenarios, open_run, project

`flows/API.md` shows them; its examples are run by the tests.
"""

from tasks.analysis import (
    AnalysisError,
    Comparison,
    OpenedRun,
    Projection,
    Scenarios,
    compare_runs,
    make_scenarios,
    open_run,
    project,
    projection_of,
)

__all__ = (
    "AnalysisError",
    "Comparison",
    "OpenedRun",
    "Projection",
    "Scenarios",
    "compare_runs",
    "make_scenarios",
    "open_run",
    "project",
    "projection_of",
)
