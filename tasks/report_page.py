"""What a page of the report is made of."""

from dataclasses import dataclass
from datetime import date

from markupsafe import Markup

from tasks.publish import PublishedRun


@dataclass(frozen=True)
class Row:
    """One line of a table."""

    cells: tuple[str, ...]
    total: bool = False
    bad: bool = False
    marked: tuple[int, ...] = ()  # places of shaded cells


@dataclass(frozen=True)
class Sheet:
    """A table; a column whose name begins with # holds numbers."""

    caption: str
    columns: tuple[str, ...]
    rows: tuple[Row, ...]


@dataclass(frozen=True)
class Picture:
    """A drawn figure with its caption."""

    name: str
    svg: Markup
    caption: str


@dataclass(frozen=True)
class Card:
    """A key figure."""

    name: str
    value: str
    note: str = ""


@dataclass(frozen=True)
class Section:
    """A chapter of the page."""

    key: str
    title: str
    text: tuple[str, ...] = ()
    pictures: tuple[Picture, ...] = ()
    tables: tuple[Sheet, ...] = ()


@dataclass(frozen=True)
class Runs:
    """The published runs of one Valuation Day."""

    valuation_date: date
    daily: PublishedRun
    reserve: PublishedRun | None = None
    hedge: PublishedRun | None = None

    @property
    def all(self) -> tuple[PublishedRun, ...]:
        """Those that there are."""
        return tuple(run for run in (self.daily, self.reserve, self.hedge) if run is not None)


@dataclass(frozen=True)
class Page:
    """What the template shows."""

    title: str
    subtitle: str
    cards: tuple[Card, ...]
    sections: tuple[Section, ...] = ()
