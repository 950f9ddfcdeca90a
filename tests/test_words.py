"""Phrases that need translating may not come back; app/glossary.md has the terms that stand for them."""

import ast
import functools
import re
from collections import defaultdict
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
FORMER = ROOT / "app" / "former.py"  # titles that are no longer in use
CODE = [path for folder in ("app", "xai_core") for path in sorted((ROOT / folder).rglob("*.py")) if path != FORMER]
TEXTS = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md")), *sorted((ROOT / "xai_core").rglob("*.jinja"))]

# What may not come back -> what to say.
RIDDLES = {
    "taken for": "Assumptions; predicted as",
    "what would change it": "Robustness checks",
    "take it away": "Export; Remove it and see",
    "carries the verdict": "is the primary test",
    "without following depth": "with no trend by depth",
    "no shape of distribution": "Distribution-free",
    "surer than": "overconfident",
    "as sure as right": "perfect calibration",
    "gives way to": "is filled with; is replaced by",
    "give way to": "are filled with; are replaced by",
    "means over their spread": "Standardised difference (d_av)",
    "not told from none": "not significant",
    "and it is right": "correctly classified",
    "becomes another": "changes",
    "outcome is another": "outcome differs",
    "halves agree": "split-half correlation",
    "on the recorded": "on the test pictures",
    "changes to training pictures": "Data augmentation",
    "highest learning rate": "Peak learning rate",
    "begin anew": "Reset; start over",
    "let go": "Clear selection; release",
    "let it go": "unmark it; release it",
    "before you:": "ahead of yours",
    "is a sentence": "a message says so",
    "what was whole": "nothing that was complete is lost",
    "pictures that come along": "included pictures",
    "photos that come along": "sample photos",
    "those that come along": "the included ones",
}


@functools.cache
def strings(path):
    """Every text of a module with its line, docstrings included; of f-strings what stands between the values."""
    return [
        (node.lineno, node.value)
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    ]


@pytest.mark.parametrize("phrase", RIDDLES)
def test_riddles_do_not_come_back(phrase):
    pattern = re.compile(rf"\b{re.escape(phrase)}\b", re.IGNORECASE)
    found = [
        f"{path.relative_to(ROOT)}:{line}"
        for path in CODE
        for line, text in strings(path)
        if pattern.search(squeezed(text))
    ]
    found += [str(path.relative_to(ROOT)) for path in TEXTS if pattern.search(squeezed(path.read_text()))]
    assert not found, f"{phrase!r} needs translating; say: {RIDDLES[phrase]}"


def squeezed(text):
    return " ".join(text.split())


def test_no_sentence_of_the_pages_is_written_twice():
    places = defaultdict(set)
    for path in CODE:
        if path.is_relative_to(ROOT / "app"):
            docs = {
                ast.get_docstring(node, clean=False)
                for node in ast.walk(ast.parse(path.read_text()))
                if is_documented(node)
            }
            for line, text in strings(path):
                if len(text.split()) >= 6 and text not in docs:
                    places[squeezed(text)].add(f"{path.relative_to(ROOT)}:{line}")
    assert not {text: sorted(where) for text, where in places.items() if len(where) > 1}


PANELS = ("How the files were read", "How pictures are prepared", "Outputs and layers", "Labels and classes")


def test_the_name_of_a_panel_stands_in_quotes():
    """A name in the middle of a sentence would read as its words."""
    bare = re.compile(rf"(?<!“)\b(?:{'|'.join(PANELS)})\b(?!”)")
    found = [
        f"{path.relative_to(ROOT)}:{line}"
        for path in CODE
        if path.is_relative_to(ROOT / "app")
        for line, text in strings(path)
        if text not in PANELS and not text.startswith(PANELS) and bare.search(text)
    ]
    assert not found


def is_documented(node):
    return isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
