"""Rows of a block of lanes read from state arrays and written back, see `valuation.lane_layout`."""

from valuation.compile import rule
from valuation.contract import Array
from valuation.lane_layout import QUIET, WIDTH


@rule
def copy_row(values: Array, rows: Array, k: int) -> None:
    """Write one row of the block."""
    row = rows[k * WIDTH : k * WIDTH + WIDTH]
    for i in range(values.shape[0]):
        row[i] = values[i]


@rule
def write_quiet(rows: Array, k: int, values: Array) -> None:
    """Write one row back, in the quiet lanes."""
    row, quiet = rows[k * WIDTH : k * WIDTH + WIDTH], rows[QUIET * WIDTH : QUIET * WIDTH + WIDTH]
    for i in range(values.shape[0]):
        values[i] = row[i] if quiet[i] > 0.0 else values[i]


@rule
def load_rows(state: Array, places: tuple[int, ...], first: int, rows: Array, start: int, stop: int) -> None:
    """Copy rows of a state (n_field, n_lane) into the block, whose row of the first field is ``first``."""
    for k in places:
        copy_row(state[k][start:stop], rows, first + k)


@rule
def store_rows(state: Array, places: tuple[int, ...], first: int, rows: Array, start: int, stop: int) -> None:
    """Write them back, in the quiet lanes."""
    for k in places:
        write_quiet(rows, first + k, state[k][start:stop])
