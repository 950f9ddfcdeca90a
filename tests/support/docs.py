"""Pages of the docs that say what records say: the methods, and what each test asks.

`python -m tests.support.docs` writes them anew; tests hold that they are as it would write them.
"""

import re
from pathlib import Path

import xai_core as xai
from xai_core.methods import method_groups
from xai_core.studies.explained_tests import TESTS
from xai_core.studies.limits import LIMITS, cited

DOCS = Path(__file__).parents[2] / "docs"
OWN = [method for method in xai.list_methods() if method.compute.__module__.startswith("xai_core.methods.")]
PLACES = {"layer": "each layer", "input": "the input", "superpixels": "superpixels"}
COSTS = {"pass": "one pass", "passes": "several passes", "samples": "hundreds of passes a picture"}
# The lines of a section's table, below its head.
ROWS = r"(^## {}\n(?:(?!^## ).*\n)*?\|[-|]+\|\n)(?:\|.*\n)*"


def row(method):
    """A method's line of the table."""
    paper = f"[{method.paper}]({method.link})"
    cells = (f"{method.title} (`{method.key}`)", paper, PLACES[method.place], COSTS[method.cost], method.reference)
    return f"| {' | '.join(cells)} | {method.caution or '–'} |\n"


def methods(text):
    """docs/methods.md with a table of the methods in the section of each of their groups."""
    for group in method_groups(OWN):
        lines = "".join(map(row, group.methods))
        text, found = re.subn(
            ROWS.format(re.escape(group.title)), lambda kept, lines=lines: kept[1] + lines, text, flags=re.MULTILINE
        )
        if found != 1:
            raise LookupError(f"docs/methods.md needs one section {group.title!r} with a table; it has {found}.")
    return text


def tests(text):
    """docs/tests.md with a section for each test, in their order."""
    told = [
        f"## {one.title}\n\n{one.asks} {one.goes}\n\n**Effect.** {one.effect}\n\n**Beware.** {one.beware}\n\n"
        f"Source: {'; '.join(map(cited, one.sources))}.\n"
        for one in TESTS
    ]
    return "\n".join([text.partition("## ")[0].rstrip("\n") + "\n", *told])


def limits(text):
    """docs/limits.md with each sentence as the pages have it."""
    for one in LIMITS:
        pattern = rf"(^\| {re.escape(one.title)} \| )[^|]*( \|)"
        text, found = re.subn(pattern, lambda kept, one=one: kept[1] + one.sentence + kept[2], text, flags=re.MULTILINE)
        if found != 1:
            raise LookupError(f"docs/limits.md needs one line {one.title!r}; it has {found}.")
    return text


WRITTEN = {DOCS / "methods.md": methods, DOCS / "tests.md": tests, DOCS / "limits.md": limits}


if __name__ == "__main__":
    for path, written in WRITTEN.items():
        path.write_text(written(path.read_text("utf-8")), "utf-8")
