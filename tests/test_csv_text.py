"""Tables as CSV: no cell is a formula, no number changes, and nothing is lost."""

import csv
import io
import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from xai_core.csv_text import csv_text

ROOT = Path(__file__).parents[1]
FORMULAS = ["=1+1", "+1+1", "-2+3", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "=", "-", "'=1", "''@", "＝1+1"]
PLAIN = [
    "cat",
    "",
    "a=b",
    "'cat'",
    "-1",
    "+1.5",
    "-2.5e-3",
    ".5",
    "ne pas -",
    "’=1",
    "a\r=1",
    "a\n=1",
    "a\r\n=1",
    'a "b", c',
]
BEFORE = re.compile(r"'('*[=+\-@\t\r\n＝＋－＠])")


def cells(table):
    return list(csv.reader(io.StringIO(csv_text(table), newline="")))


@pytest.mark.parametrize("kind", [object, "string", "category"])
def test_no_cell_begins_a_formula(kind):
    column = pd.Series(FORMULAS + PLAIN, dtype=kind)
    _, *rows = cells(pd.DataFrame({"a": column, "n": range(len(column))}))
    written = [row[0] for row in rows]
    assert written == [f"'{one}" for one in FORMULAS] + PLAIN
    read = [BEFORE.sub(r"\1", one, count=1) if BEFORE.match(one) else one for one in written]
    assert read == FORMULAS + PLAIN


def test_titles_are_cells_too():
    assert cells(pd.DataFrame({"=1+1": [1], "p of '-cat'": [2]})) == [["'=1+1", "p of '-cat'"], ["1", "2"]]


def test_numbers_are_as_pandas_writes_them():
    numbers = {
        "f": [-0.5, np.nan],
        "i": [-1, 2],
        "b": [True, False],
        "o": [None, -3],
        "N": pd.array([-1, None], "Int64"),
    }
    table = pd.DataFrame(numbers)
    assert csv_text(table) == table.to_csv(index=False, lineterminator="\n")
    assert pd.read_csv(io.StringIO(csv_text(table)))["f"][0] == -0.5


@pytest.mark.parametrize(
    "table", [pd.DataFrame(), pd.DataFrame(columns=["a"]), pd.DataFrame([["=", "="]], columns=["a", "a"])]
)
def test_tables_of_nothing_and_of_two_columns_of_a_name(table):
    assert len(cells(table)) == len(table) + 1


def test_tables_become_csv_in_one_place():
    files = [path for folder in ("app", "xai_core") for path in (ROOT / folder).rglob("*.py")]
    writing = {path.name for path in files if re.search(r"\.to_csv\(|csv\.writer|DictWriter", path.read_text("utf-8"))}
    assert writing == {"csv_text.py"}


@pytest.mark.parametrize("values", [[1, None, 3], [1.0, None, 2], [np.float32(0.1), None], [True, None], [2**70, None]])
def test_numbers_among_nothing_are_written_as_they_were(values):
    table = pd.DataFrame({"a": pd.Series(values, dtype=object)})
    assert csv_text(table) == table.to_csv(index=False)
