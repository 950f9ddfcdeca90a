"""One question of several models or by several methods: a study each, and one table of what all of them found."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd
from jinja2 import Environment, PackageLoader

from xai_core.batch.grid_folder import GRID, GridCell, head_of
from xai_core.batch.head import to_json
from xai_core.batch.writing import write_file
from xai_core.csv_text import csv_text
from xai_core.questions.question import listed_texts
from xai_core.regular import is_there
from xai_core.types.counts import number_of

TABLE, PAGE = "grid.csv", "grid.html"
FILES = (GRID, TABLE, PAGE)
SEPARATE = (
    "Each answer stands for itself, at a level of 5%: of twenty studies with nothing to find, about one may find "
    "something by chance. Answers side by side are no test of whether two models or methods differ."
)


def parts(text: str | None) -> list[str]:
    """What stands between commas; the path of a file that is there is one thing, whatever its name holds.

    Parameters
    ----------
    text : str, optional
        None gives a list of nothing chosen.

    Examples
    --------
    >>> from xai_core.batch.grid import parts
    >>> parts("digits, digits_shortcut"), parts("digits"), parts(None)
    (['digits', 'digits_shortcut'], ['digits'], [])
    """
    if text is None:
        return []
    whole = "," not in text or is_there(text)
    return [text] if whole else list(listed_texts(text))


def cells(models: Sequence[str], methods: Sequence[str]) -> list[GridCell]:
    """Every model by every method, each with a folder name that the next run gives it again.

    Parameters
    ----------
    models, methods : Sequence[str]
        Without methods, each model once.
    """
    found: list[GridCell] = []
    for model in dict.fromkeys(models):
        for method in dict.fromkeys(methods) or (None,):
            words = [Path(model).stem, *([method] if method else [])]
            name = "-".join(re.sub(r"\W+", "_", word).strip("_") or "model" for word in words)
            taken = {one.name for one in found}
            number = next(n for n in range(1, len(found) + 2) if _numbered(name, n) not in taken)
            found.append(GridCell(model, method, _numbered(name, number)))
    return found


def _numbered(name: str, number: int) -> str:
    return name if number == 1 else f"{name}-{number}"


def table(found: Mapping[GridCell, Mapping[str, Any]]) -> pd.DataFrame:
    """A row for each study: what it answered or why it could not, and the numbers that all of them have.

    Parameters
    ----------
    found : Mapping of GridCell to Mapping
        "summary" as in `summary.json`, or "error", a sentence.
    """
    summaries = [one["summary"] for one in found.values() if "summary" in one]
    shared = [name for name in (summaries[0]["numbers"] if summaries else ()) if _in_all(name, summaries)]
    rows = []
    for cell, one in found.items():
        summary = one.get("summary")
        row: dict[str, Any] = {"model": cell.model, "method": cell.method or "", "folder": cell.name}
        row |= {"answer": "", "in plain words": "", "pictures": 0, "not done because": one.get("error", "")}
        if summary:
            row |= {"answer": summary["headline"], "in plain words": summary["in_plain_words"] or summary["sentence"]}
            row["pictures"] = summary["counts"]["pictures"]
            row |= {name: summary["numbers"][name] for name in shared}
        rows.append(row)
    return pd.DataFrame(rows)


def _in_all(name: str, summaries: Sequence[Mapping[str, Any]]) -> bool:
    return all(name in one["numbers"] for one in summaries)


def write(
    folder: Path, kind: str, title: str, chosen: Sequence[GridCell], found: Mapping[GridCell, Mapping[str, Any]]
) -> None:
    """Which studies there are, for the page that compares them; and the table, once there is one to read.

    Parameters
    ----------
    folder : pathlib.Path
        That of all studies.
    kind, title : str
        Key and name of the question.
    chosen : Sequence of GridCell
        All studies, done or not.
    found : Mapping of GridCell to Mapping
        As in `table`.

    Raises
    ------
    StudyWriteError
        If a file cannot be written.
    """
    problems = {cell.name: one["error"] for cell, one in found.items() if "error" in one}
    write_file(folder / GRID, to_json(head_of(kind, chosen, problems)))
    if not found:
        return
    rows = table(found)
    pages = Environment(loader=PackageLoader("xai_core.batch", "."), autoescape=True)
    page = pages.get_template("grid.html.jinja").render(
        title=title,
        said=f"{number_of(len(rows), 'study', 'studies')} of the same pictures. {SEPARATE}",
        rows=rows.to_dict("records"),
    )
    write_file(folder / TABLE, csv_text(rows).encode())
    write_file(folder / PAGE, page.encode())
