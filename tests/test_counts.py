"""One and several: no text says "1 pictures", and none chooses between the two by itself."""

import ast
import re

import numpy as np
import pytest
from PIL import Image

import xai_core as xai
from tests.support.imports import ROOT
from tests.support.layouts import CASES, wrongly_counted
from xai_core.types.counts import form, number_of, part_of

PLACE = "xai_core/types/counts.py"
PAIRS = [{"is", "are"}, {"was", "were"}, {"has", "have"}, {"does", "do"}, {"", "s"}, {"", "es"}]


def test_numbers_go_with_their_nouns_and_verbs():
    assert [number_of(n, "class") for n in (0, 1, 2, 12345)] == ["0 classes", "1 class", "2 classes", "12,345 classes"]
    assert [form(n, "box") for n in (1, 2)] == ["box", "boxes"]
    assert number_of(np.int64(1), "index", "indices") == "1 index"
    assert part_of(1, 1, "picture", "has", "have") == "1 of 1 picture has"
    assert part_of(0, 3, "mask") == "0 of 3 masks"


def _is_choice(node):
    """Whether an expression chooses between one and several, as `'s' if n != 1 else ''`."""
    if not isinstance(node, ast.IfExp):
        return False
    both = {part.value for part in (node.body, node.orelse) if isinstance(part, ast.Constant)}
    words = sorted((one for one in both if isinstance(one, str)), key=len)
    return len(words) == 2 and (set(words) in PAIRS or words[1] == words[0] + "s")


@pytest.mark.parametrize("part", ["xai_core", "app"])
def test_no_text_chooses_between_one_and_several_by_itself(part):
    found = [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for path in sorted((ROOT / part).rglob("*.py"))
        if path.relative_to(ROOT).as_posix() != PLACE
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if _is_choice(node)
    ]
    assert not found, f"use xai_core.types.counts in {found}"


def _plain_counts(source):
    """Lines where a text says how many pictures there are, or n, without the comma of thousands; constants are small.

    The part after the number is read up to the noun, as in "{n} pictures" and "n = {n}".
    """
    for node in ast.walk(ast.parse(source)):
        parts = node.values if isinstance(node, ast.JoinedStr) else []
        for before, value, after in zip(["", *parts], parts, [*parts[1:], ""], strict=False):
            if isinstance(value, ast.FormattedValue) and not (
                isinstance(value.value, ast.Name) and value.value.id.isupper()
            ):
                first, then = (one.value if isinstance(one, ast.Constant) else "" for one in (before, after))
                said = ast.unparse(value.format_spec) if value.format_spec else ""
                counts = re.search(r"\bn = $", first) or re.match(r" (test )?pictures\b", then)
                if counts and "," not in said:
                    yield node.lineno


def test_counts_without_a_comma_are_found():
    assert list(_plain_counts('f"n = {n}"\nf"{n} pictures"\nf"n = {n:,}; {n:,} pictures, {FEW} pictures"')) == [1, 2]


@pytest.mark.parametrize("part", ["xai_core", "app"])
def test_thousands_have_a_comma_wherever_pictures_are_counted(part):
    found = [
        f"{path.relative_to(ROOT)}:{line}"
        for path in sorted((ROOT / part).rglob("*.py"))
        for line in _plain_counts(path.read_text(encoding="utf-8"))
    ]
    assert not found, f"write n with ':,' in {found}"


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("1 pictures", ["1 pictures"]),
        ("Of 21 pictures 1 were looked at", ["1 were"]),
        ("1 of 4 pictures have a mask", ["1 of 4 pictures have"]),
        ("1 of 4 pictures has a mask; 11 pictures, 0.1 objects, 2 of 1 pictures", ["1 pictures"]),
        ("1 picture, stage 1 is, 1,001 pictures are", []),
    ],
)
def test_what_is_wrongly_counted_is_found(text, wrong):
    assert wrongly_counted(text) == wrong


@pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])
def test_what_is_said_of_folders_counts_rightly(case, tmp_path):
    dataset = xai.load_dataset(case.write(tmp_path / "set"), split=case.split, **case.options)
    said = "\n".join([*dataset.how_read, *(one.reason for one in dataset.skipped)])
    assert not wrongly_counted(said), said


def test_one_picture_is_one_everywhere(tmp_path):
    """The smallest set of each kind of text: one picture, one mask, one group, one file."""
    for folder, value in (("images", 9), ("masks", 255)):
        (tmp_path / folder).mkdir()
        Image.new("L", (8, 6), value).save(tmp_path / folder / "1.png")
    (tmp_path / "a.csv").write_text("file,label,patient,mask\nimages/1.png,cat,p,masks/1.png\n")
    for path in (tmp_path, tmp_path / "a.csv", tmp_path / "images"):
        assert not wrongly_counted("\n".join(xai.load_dataset(path).how_read))
