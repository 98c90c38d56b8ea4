"""The report of one Valuation Day: one HTML page for people, from the published runs alone; it opens without a network.

reports/<valuation date>/highwater-<hash>.html      named by its own content, so that none replaces another
"""

import hashlib
from datetime import date
from importlib import resources

import jinja2

from infra.storage import Storage
from tasks.publish import latest
from tasks.report_page import Page, Runs
from tasks.report_sections import page

DAILY, RESERVE, HEDGE = "daily_valuation", "month_end_reserve", "daily_hedge"


class ReportError(Exception):
    """There is nothing to report on; the message says what to run."""


def find_runs(storage: Storage, valuation_date: date) -> Runs:
    """The runs in force for a Valuation Day; raises ReportError if not even the daily valuation is published."""
    daily = latest(storage, DAILY, valuation_date)
    if daily is None:
        raise ReportError(
            f"no daily valuation of {valuation_date} is published in {storage.url}."
            f" Run `highwater daily --through {valuation_date}` first, or choose a day that is published."
        )
    return Runs(valuation_date, daily, latest(storage, RESERVE, valuation_date), latest(storage, HEDGE, valuation_date))


def write_report(storage: Storage, valuation_date: date) -> str:
    """Write the page of a Valuation Day; its key in the store."""
    html = page_html(find_runs(storage, valuation_date)).encode()
    key = f"reports/{valuation_date.isoformat()}/highwater-{hashlib.sha256(html).hexdigest()[:12]}.html"
    storage.write(key, html)
    return key


def page_html(runs: Runs) -> str:
    """The page of a Valuation Day as HTML."""
    return rendered(page(runs))


def rendered(found: Page) -> str:
    """A page as HTML that needs nothing but itself."""
    loader = jinja2.FunctionLoader(lambda name: (resources.files("tasks") / name).read_text(encoding="utf-8"))
    template = jinja2.Environment(loader=loader, autoescape=True, trim_blocks=True).get_template("report.html")
    return template.render(title=found.title, subtitle=found.subtitle, cards=found.cards, sections=found.sections)
