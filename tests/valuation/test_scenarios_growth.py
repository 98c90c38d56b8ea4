"""Scenario files of others: what is read, what is refused and with which words, what is made of rates."""

import numpy as np
import pytest

from tests.support.scenario_files import EQUITY_FILES, monthly_factors, text
from valuation.funds import INDICES, par_bond_ratio
from valuation.scenarios.growth import (
    ACCUMULATED,
    PERIOD,
    FileProblem,
    Series,
    monthly_set,
    read_series,
    representative,
    significance,
)

FACTORS = monthly_factors(30, 36)
FILES = (*EQUITY_FILES, "bonds", "cash")


def series(*names: str, **changed) -> list[Series]:
    return [Series(name, f"{name}.csv", changed.get(name, FACTORS[name])) for name in names]


class TestReading:
    @pytest.mark.parametrize("head", [False, True])
    def test_numbers_come_back(self, head):
        found = read_series("large_equity", "US.csv", text(FACTORS["large_equity"], head))
        assert found.values == pytest.approx(FACTORS["large_equity"], abs=1e-10)
        assert found.line == 1 + head

    @pytest.mark.parametrize(
        "cell, found",
        [("x1", "'x1'"), ("", "nan"), ("NaN", "nan"), ("inf", "inf")],
        ids=["text", "empty", "nan", "inf"],
    )
    def test_a_cell_that_is_no_number_is_named(self, cell, found):
        rows = text(FACTORS["cash"], True).decode().splitlines()
        cells = rows[12].split(",")
        rows[12] = ",".join([*cells[:8], cell, *cells[9:]])
        with pytest.raises(
            FileProblem, match=rf"US\.csv, row 13, month [78]: found {found}; allowed is a finite number"
        ):
            read_series("large_equity", "US.csv", "\n".join(rows).encode())

    def test_a_short_row_is_named(self):
        rows = text(FACTORS["cash"]).decode().splitlines()
        rows[4] = rows[4].rpartition(",")[0]
        with pytest.raises(FileProblem, match=r"US\.csv, row 5: found 36 columns; allowed are 37"):
            read_series("cash", "US.csv", "\n".join(rows).encode())

    @pytest.mark.parametrize("name", ["gold", "rate_x", "rate_-1", ""])
    def test_an_unknown_index_is_named(self, name):
        with pytest.raises(FileProblem, match=rf"'{name}' is no index; allowed are large_equity"):
            read_series(name, "US.csv", b"1,1\n")


class TestRefused:
    def bad(self, name, row, month, value, layout=PERIOD):
        values = FACTORS[name].copy()
        values[row, month] = value
        return lambda: monthly_set(series(*FILES, "rate_0.25", **{name: values}), layout, 6)

    @pytest.mark.parametrize(
        "name, month, value, words",
        [
            ("large_equity", 7, -0.2, r"large_equity\.csv, row 3, month 7: found -0.2; allowed is a number above 0"),
            ("cash", 0, 1.002, r"cash\.csv, row 3, month 0: found 1.002; allowed is 1 on the valuation date"),
            (
                "bonds",
                9,
                12.0,
                r"bonds\.csv, row 3, month 9: found 12; allowed is from 0.2 to 5 a month; .*accumulated",
            ),
            ("rate_0.25", 9, 4.3, r"rate_0.25\.csv, row 3, month 9: found 4.3; allowed is from -0.05 to 0.5 a year"),
        ],
    )
    def test_a_value_is_named_with_what_is_allowed(self, name, month, value, words):
        with pytest.raises(FileProblem, match=words):
            self.bad(name, 2, month, value)()

    def test_another_number_of_scenarios(self):
        short = FACTORS["bonds"][:-1]
        with pytest.raises(FileProblem, match=r"bonds\.csv: found 29 scenarios of 37 columns; allowed are 30 of 37"):
            monthly_set(series(*FILES, bonds=short), PERIOD, 6)

    def test_period_factors_said_to_be_accumulated(self):
        with pytest.raises(FileProblem, match="say that the layout is period"):
            monthly_set(series(*FILES), ACCUMULATED, 6)

    def test_accumulated_factors_said_to_be_of_a_period(self):
        grown = np.cumprod(np.hstack([np.ones((30, 1)), np.full((30, 36), 1.06)]), axis=1)
        with pytest.raises(FileProblem, match=r"allowed is from 0.2 to 5 a month; if the file holds accumulated"):
            monthly_set(series(*FILES, large_equity=grown), PERIOD, 6)

    def test_too_few_months(self):
        with pytest.raises(FileProblem, match="found 12 columns; allowed are 13 or more"):
            monthly_set([one._replace(values=one.values[:, :12]) for one in series(*FILES)], PERIOD, 6)

    @pytest.mark.parametrize(
        "names, words",
        [
            (("large_equity", "small_equity", "bonds", "cash"), "no file of international_equity"),
            ((*EQUITY_FILES, "bonds"), "neither cash nor rates"),
            ((*EQUITY_FILES, "cash"), "no file of bonds, and rates of none years"),
            ((*EQUITY_FILES, "rate_0.25", "rate_5"), r"rates of 0.25, 5 years; a bond of 6 years needs"),
        ],
    )
    def test_what_is_missing(self, names, words):
        with pytest.raises(FileProblem, match=words):
            monthly_set(series(*names), PERIOD, 6)


class TestMonthlySet:
    def test_rows_are_the_factors_of_the_indices(self):
        made = monthly_set(series(*FILES), PERIOD, 6)
        assert made.shape == (36, 6, 30)
        for row, name in enumerate(INDICES):
            assert np.array_equal(made[:, row], FACTORS[name][:, 1:].T)
        assert made[:, 5] * np.cumprod(made[:, 4], axis=0) == pytest.approx(np.ones((36, 30)), rel=1e-14)

    def test_accumulated_files_give_the_same_set(self):
        grown = {name: np.cumprod(FACTORS[name], axis=1) for name in FILES}
        assert monthly_set(series(*FILES, **grown), ACCUMULATED, 6) == pytest.approx(
            monthly_set(series(*FILES), PERIOD, 6), rel=1e-13
        )

    def test_the_discount_factor_is_at_the_shortest_tenor(self):
        made = monthly_set(series(*FILES, "rate_10", "rate_0.25"), PERIOD, 6)
        assert made[1, 5] == pytest.approx(
            ((1 + FACTORS["rate_0.25"][:, 0] / 2) * (1 + FACTORS["rate_0.25"][:, 1] / 2)) ** (-1 / 6), rel=1e-14
        )

    def test_bonds_are_repriced_between_the_tenors_around_their_maturity(self):
        rates = [f"rate_{years:g}" for years in (0.25, 5, 7, 10)]
        made = monthly_set(series(*EQUITY_FILES, *rates), PERIOD, 6)
        five, seven = FACTORS["rate_5"], FACTORS["rate_7"]
        bought = 0.5 * (five + seven)[:, 3]
        worth = five[:, 4] + (11 / 12) / 2 * (seven - five)[:, 4]
        assert made[3, 3] == pytest.approx(par_bond_ratio(bought, worth, 365 / 12, 6), rel=1e-12)
        assert np.array_equal(made[:, 4], (1 + FACTORS["rate_0.25"].T[:-1] / 2) ** (1 / 6))


class TestPicking:
    made = monthly_set(series(*FILES), PERIOD, 6)

    def test_significance_is_high_where_wealth_is_low(self):
        wealth = np.cumprod(self.made[:, 0], axis=0)
        assert significance(self.made)[4] == pytest.approx(np.sqrt(sum(1 / w**2 for w in wealth[:, 4])))
        assert np.corrcoef(significance(self.made), wealth.mean(axis=0))[0, 1] < -0.9

    def test_the_picked_are_middles_of_equal_strata(self):
        picked = representative(self.made, 6)
        ranks = np.argsort(np.argsort(significance(self.made)))[list(picked)]
        assert sorted(ranks) == [2, 7, 12, 17, 22, 27]
        assert representative(self.made, 30) == tuple(range(30))

    def test_more_than_there_are_is_refused(self):
        with pytest.raises(FileProblem, match="found 30 scenarios; allowed to pick are 1 to 30, not 31"):
            representative(self.made, 31)
