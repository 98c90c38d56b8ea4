"""The dataset of declared rates: frozen with the run, judged as a whole, read again by every partition."""

from datetime import date
from pathlib import Path

import numpy as np
import pytest

from infra.settings import load_settings
from infra.storage import Storage
from tasks.daily import begin
from tasks.declared import keep_rates, rates_of_run
from tasks.demo import write_demo
from tasks.intake import InputError
from tasks.start import Started
from valuation.declared_rates import ENHANCED, ONE_YEAR, credited_rate, is_offered
from valuation.sessions import day_number
from valuation.terms.investments import load_fixed_rate_terms

HEAD = "effective_date,option,guarantee_months,rate,additional_rate,offered,source,edition\n"
THROUGH = date(2008, 1, 31)


def _started(folder: Path, text: str | None) -> Started:
    settings = load_settings(storage_url=folder.as_uri())
    storage = Storage(settings.storage_url)
    given = write_demo(storage, 10, THROUGH)
    rates = given.declared_rates
    if text is not None:
        (folder / "rates.csv").write_text(HEAD + text, encoding="utf-8")
        rates = str(folder / "rates.csv")
    inputs = {"contracts": given.contracts, "transactions": given.transactions, "prices": given.prices}
    run = begin(storage, settings, through=THROUGH, declared_rates=rates, **inputs)
    keep_rates(run.run, storage, run.inputs.inputs)
    return run


def test_the_rates_of_the_demonstration_say_that_they_are_made_up(tmp_path: Path) -> None:
    found, terms = rates_of_run(_started(tmp_path, None).run), load_fixed_rate_terms()
    assert found is not None
    today = day_number(THROUGH)
    assert credited_rate(terms, found, ONE_YEAR, 12, True, today) == pytest.approx(0.04)
    assert is_offered(found, ENHANCED, 6, today)


def test_a_csv_file_is_read(tmp_path: Path) -> None:
    text = "2008-01-02,ONE_YEAR,12,0.02,0.005,true,rate sheet,7\n2008-02-01,ONE_YEAR,12,0.01,,false,rate sheet,8\n"
    found = rates_of_run(_started(tmp_path, text).run)
    assert found is not None
    np.testing.assert_array_equal(found.rate, [0.02, 0.01])
    np.testing.assert_array_equal(found.additional, [0.005, 0.0])
    assert [is_offered(found, ONE_YEAR, 12, day_number(date(2008, month, 15))) for month in (1, 2)] == [True, False]


@pytest.mark.parametrize(
    ("row", "told"),
    [
        ("2008-01-02,ONE_YEAR,12,2.0,,true,sheet,1", "must be a fraction a year"),
        ("2008-01-02,TWO_YEAR,12,0.02,,true,sheet,1", "unknown option"),
        ("2008-01-02,ONE_YEAR,12,much,,true,sheet,1", "rate is empty"),
        ("2008-01-02,ONE_YEAR,12,0.02,,true,,1", "source is empty"),
    ],
)
def test_one_bad_row_refuses_the_run(tmp_path: Path, row: str, told: str) -> None:
    """A rate left out would change what every contract earns."""
    with pytest.raises(InputError, match=told):
        _started(tmp_path, row + "\n")
