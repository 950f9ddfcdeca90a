"""Cells of Python in the docs, with what they print: run, compared, or filled in.

`python -m tests.support.cells docs/tutorials/layers.md` writes what the cells print below them.
"""

import contextlib
import io
import re
import sys
from dataclasses import dataclass
from pathlib import Path

# A cell, and the output that may follow it.
CELL = re.compile(r"^```python\n(?P<code>.*?)^```\n(?:\n```text\n(?P<output>.*?)^```\n)?", re.MULTILINE | re.DOTALL)
NUMBER = re.compile(r"\d+(?:\.(\d+))?")
UNITS = 3  # of the last digit printed, by which processors may differ


@dataclass(frozen=True)
class Cell:
    """What runs, and what it is said to print; None where nothing is said."""

    code: str
    output: str | None


def cells(path):
    """Those of a Markdown file, in their order."""
    return [Cell(found["code"], found["output"]) for found in CELL.finditer(path.read_text("utf-8"))]


def printed(path):
    """What each cell prints when all run one after another, as in a notebook."""
    names, texts = {"__name__": "__main__"}, []
    for number, cell in enumerate(cells(path), 1):
        with contextlib.redirect_stdout(io.StringIO()) as said:
            exec(compile(cell.code, f"{path}, cell {number}", "exec"), names)
        texts.append("".join(line.rstrip() + "\n" for line in said.getvalue().splitlines()))
    return texts


def alike(text, other):
    """Whether two texts have the same words, and numbers that differ by rounding at most."""
    if NUMBER.sub("#", text).split() != NUMBER.sub("#", other).split():
        return False
    pairs = zip(NUMBER.finditer(text), NUMBER.finditer(other), strict=True)
    return all(abs(float(a[0]) - float(b[0])) <= UNITS * 10.0 ** -len(a[1] or "") + 1e-9 for a, b in pairs)


def fill(path):
    """Write what the cells print where an output stands."""
    texts = iter(printed(path))

    def with_output(found):
        text = next(texts)
        head = f"```python\n{found['code']}```\n"
        return head if found["output"] is None else f"{head}\n```text\n{text}```\n"

    path.write_text(CELL.sub(with_output, path.read_text("utf-8")), "utf-8")


if __name__ == "__main__":
    for name in sys.argv[1:]:
        fill(Path(name))
