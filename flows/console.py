"""What the command line shows: progress while a flow works, tables when it is done, one message when it fails."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from infra.settings import Settings
    from infra.storage import Storage
    from tasks.fanout import Progress
    from tasks.summary import Page

_OWN = ("infra", "tasks", "valuation", "flows")


def _out(stderr: bool = False) -> Any:
    from rich.console import Console

    return Console(stderr=stderr, highlight=False, soft_wrap=True)


def say(text: str) -> None:
    """A line of text."""
    _out().print(text, markup=False)


def show(renderable: Any) -> None:
    """Anything that rich can print; where nobody looks at a terminal, plain text of 118 columns or more."""
    from rich.console import Console

    console = Console(highlight=False)
    if console.is_terminal:
        console.print(renderable)
        return
    wide = Console(highlight=False, width=max(console.width, 118))
    with wide.capture() as written:
        wide.print(renderable)
    for line in written.get().splitlines():
        print(line.rstrip())


def storage(settings: "Settings") -> "Storage":
    """The store of the settings."""
    from infra.storage import Storage

    return Storage(settings.storage_url)


@contextmanager
def working(text: str) -> Iterator[None]:
    """A spinner while something short goes on."""
    with _out(stderr=True).status(text):
        yield


@contextmanager
def progress(settings: "Settings", title: str) -> Iterator[None]:
    """Bars of the partition steps of one flow: which step, how many partitions, share of the work, time to go."""
    from tasks.progress import listening

    if settings.quiet:
        yield
        return
    from rich import progress as bars

    columns = (
        bars.SpinnerColumn(),
        bars.TextColumn("{task.description}"),
        bars.BarColumn(bar_width=28),
        bars.TaskProgressColumn(),
        bars.TextColumn("{task.fields[partitions]}"),
        bars.TimeElapsedColumn(),
        bars.TextColumn("to go"),
        bars.TimeRemainingColumn(),
    )
    with bars.Progress(*columns, console=_out(stderr=True), transient=True) as shown:
        whole = shown.add_task(title, total=None, partitions="")
        steps: dict[str, Any] = {}

        def listener(step: str, now: "Progress") -> None:
            if step not in steps:
                steps[step] = shown.add_task(f"  {step.replace('_', ' ')}", total=1.0, partitions="")
            counts = f"{now.finished:,} of {now.total:,} partitions"
            if now.retries or now.quarantined:
                counts += f", {now.retries} repeated, {now.quarantined} failed"
            done = now.cost_finished / now.cost_total if now.cost_total > 0.0 else now.finished / max(now.total, 1)
            shown.update(steps[step], completed=done, partitions=counts)

        with listening(listener):
            yield
        shown.update(whole, total=1.0, completed=1.0)


def pages(found: Sequence["Page"]) -> None:
    """Tables with a title each."""
    from rich.table import Table
    from rich.text import Text

    for page in found:
        table = Table(
            title=page.title,
            title_justify="left",
            title_style="bold",
            box=None,
            pad_edge=False,
            show_header=bool(page.columns),
        )
        for name in page.columns or [""] * max((len(row) for row in page.rows), default=1):
            numbers = name.startswith("#")
            table.add_column(name.removeprefix("#"), justify="right" if numbers else "left", overflow="fold")
        for row in page.rows:
            table.add_row(*(Text(cell) for cell in row))
        show(table)
        say("")


def where_next(settings: "Settings", on: date) -> str:
    """What to look at after a demonstration."""
    return (
        f"store: {settings.storage_url}\n"
        f"next: highwater explain CONTRACT --on {on}; highwater show RUN; notebooks/01_from_block_to_path.ipynb"
    )


def explained(error: BaseException) -> tuple[str, str]:
    """The message of an error, and what to do about it."""
    kind = type(error)
    if kind.__module__.split(".")[0] in _OWN or isinstance(error, (ValueError, OSError)):
        return str(error), "Add --debug for the whole traceback."
    found = f"{kind.__name__}: {error}"
    return found, "This is a fault of the program or of its surroundings; add --debug for the whole traceback."


def fail(message: str, hint: str) -> None:
    """One readable message on the error stream."""
    out = _out(stderr=True)
    out.print("error:", style="bold red", end=" ")
    out.print(message, markup=False)
    out.print(hint, style="dim", markup=False)
