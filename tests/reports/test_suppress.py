"""Small cells are withheld together with those that would give them away."""

from __future__ import annotations

from itertools import product

from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from reports.suppress import hidden, suppressed

codes = st.sampled_from(["AA", "BB", "CC", "DD", "EE"])
tables = st.dictionaries(st.tuples(codes, codes), st.integers(0, 60), min_size=1)
markets = tables.filter(lambda cells: sum(cells.values()) >= 10)  # a total below the limit is not printed at all


def test_a_lone_small_cell_takes_the_smallest_other_with_it() -> None:
    cells = {("US",): 100, ("FR",): 40, ("ES",): 12, ("BD",): 3}
    assert hidden(cells, 10) == {("BD",), ("ES",)}
    assert hidden(cells, 0) == set()


def test_withheld_rows_are_given_together() -> None:
    rows = list(suppressed({("US",): [100, 60], ("FR",): [40, 20], ("ES",): [12, 11], ("BD",): [3, 1]}, 10))
    assert rows == [(("US",), 100, 60), (("FR",), 40, 20), (("other",), 15, 12)]


def test_a_small_illicit_part_is_withheld_while_the_row_stays() -> None:
    table = {("US",): [100, 60], ("FR",): [40, 2], ("ES",): [30, 20]}
    rows = {key: illicit for key, _, illicit in suppressed(table, 10)}
    assert rows == {("US",): 60, ("FR",): None, ("ES",): None}


@given(tables)
def test_no_line_withholds_a_single_cell_if_it_has_another(cells: dict[tuple[str, ...], int]) -> None:
    gone = hidden(cells, 10)
    assert {key for key, n in cells.items() if 0 < n < 10} <= gone
    for axis in (0, 1):
        for value in {key[axis] for key in cells}:
            line = [key for key in cells if key[axis] == value and cells[key]]
            out = [key for key in line if key in gone]
            assert len(out) != 1 or len(line) == 1


@settings(deadline=None, max_examples=60)
@given(markets)
def test_a_linear_solver_recovers_no_small_cell(cells: dict[tuple[str, ...], int]) -> None:
    """The reader knows the printed pairs, the sum of the rest, and the printed totals of each country.

    Pairs are taken to add up to the totals of countries, which in truth they do only in part.
    """
    gone = hidden(cells, 10)
    axes = [sorted({key[axis] for key in cells}) for axis in (0, 1)]
    open_ = [key for key in product(*axes) if key in gone or not cells.get(key)]  # not printed: withheld or nothing
    lines = [open_]
    for axis, values in enumerate(axes):
        totals = {(value,): sum(n for key, n in cells.items() if key[axis] == value) for value in values}
        shown = totals.keys() - hidden(totals, 10)
        lines += [[key for key in open_ if (key[axis],) in shown and key[axis] == value] for value in values]
    sums = [sum(cells.get(key, 0) for key in line) for line in lines]
    equal = [[float(key in line) for key in open_] for line in lines]
    for index, key in enumerate(open_):
        if 0 < cells.get(key, 0) < 10:
            goal = [float(index == other) for other in range(len(open_))]
            ends = [sign * linprog([sign * each for each in goal], A_eq=equal, b_eq=sums).fun for sign in (1, -1)]
            assert ends[1] - ends[0] > 0.5
