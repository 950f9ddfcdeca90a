"""Studies that somebody wrote by hand, or a disk has damaged, and names that steer a terminal."""

import ast
import json
import shutil
from types import SimpleNamespace

import pytest

import xai_core as xai
from tests.support.imports import MODULES, nodes
from tests.support.pages import open_page
from xai_core.batch import run
from xai_core.batch.head import identity
from xai_core.batch.store import StudyFolder
from xai_core.command import main
from xai_core.command.model_card import model_card

STUDY = ("study", "layers", "--data", "textured_digits", "--model", "digits", "--limit", "2", "--quiet", "--out")
STEERS = "cat\x1b[31m\x9b2J\x07"


@pytest.fixture
def crafted(whole, tmp_path):
    """Writes a copy whose head and summary were changed, and gives its folder."""

    def craft(change=lambda summary: None, change_head=lambda head: None):
        folder = tmp_path / "crafted"
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(whole, folder)
        head = json.loads((folder / "study.json").read_text())
        summary = json.loads((folder / "summary.json").read_text())
        change_head(head)
        change(summary)
        summary["study"] = identity(head)
        (folder / "study.json").write_text(json.dumps(head))
        (folder / "summary.json").write_text(json.dumps(summary))
        return folder

    return craft


FIELDS = ("headline", "sentence", "caveats", "limits", "findings", "counts", "model_notes", "left_out")


@pytest.mark.parametrize("field", FIELDS)
def test_a_summary_that_is_none_is_damaged(field, crafted, capsys):
    for value in (None, 5, [5], {"a": "b"}, [None]):
        folder = crafted(lambda summary, value=value: summary.update({field: value}))
        assert main(["card", str(folder)]) == 2
        assert "is damaged" in capsys.readouterr().err, value


@pytest.mark.parametrize("name", ["pictures", "left out"])
def test_a_summary_that_counts_no_pictures_is_damaged(name, crafted, capsys):
    assert main(["card", str(crafted(lambda summary: summary["counts"].pop(name)))]) == 2
    assert "is damaged" in capsys.readouterr().err


def test_what_older_studies_leave_unsaid_is_no_damage(crafted):
    folder = crafted(
        lambda summary: [
            summary.pop(name) for name in ("rules", "in_plain_words", "limits", "model_notes", "data_notes")
        ]
    )
    assert "Settings: " in model_card([folder])


def test_a_question_that_is_not_here_is_a_sentence(crafted):
    with pytest.raises(xai.DataError, match="There is no question 'nope' here"):
        model_card([crafted(change_head=lambda head: head.update(kind="nope"))])


@pytest.mark.parametrize("name", ["data", "model"])
def test_a_study_of_nothing_is_damaged(name, crafted):
    with pytest.raises(xai.DataError, match="is damaged: it does not say all"):
        model_card([crafted(change_head=lambda head: head["request"].pop(name))])


def test_a_model_card_holds_no_markup_of_others(crafted):
    bad = {"title": "a", "sentence": "b", "sources": ["x><script>alert(1)</script>", "https://example.org/a"]}
    folder = crafted(lambda summary: summary.update(limits=[bad]), lambda head: head.update(xai_core="<b>1"))
    text = model_card([folder])
    assert "<script" not in text
    assert "<b>1" not in text.replace("\\<b\\>1", "")
    assert "<https://example.org/a>" in text


def test_an_error_steers_no_terminal():
    assert str(xai.DataError(f"{STEERS}: lines\nstay\tlines.")) == "cat\\x1b[31m\\x9b2J\\x07: lines\nstay\tlines."
    assert str(xai.DataError("cat\u202e\r.")) == "cat\\u202e\\r."


def test_what_a_study_prints_steers_no_terminal(whole, capsys):
    summary = json.loads((whole / "summary.json").read_text())
    summary |= {name: [f"Of {STEERS}."] for name in ("caveats", "findings", "model_notes", "data_notes")}
    summary |= {"headline": STEERS, "sentence": STEERS, "left_out": [{"picture": STEERS, "reason": "It is damaged."}]}
    opened = SimpleNamespace(model=xai.load_model("digits"))
    run._say(StudyFolder.open(whole), summary, opened, SimpleNamespace(workers=()))
    said = capsys.readouterr().out
    assert said.count("cat\\x1b[31m\\x9b2J\\x07") == 7
    assert not set(said) & {"\x1b", "\x9b", "\x07"}


def test_what_a_study_was_made_with_steers_no_terminal(crafted, capsys):
    folder = crafted(change_head=lambda head: head["made_with"].update(numpy=STEERS))
    assert main([*STUDY, str(folder)]) == 0
    said = capsys.readouterr().err
    assert "NumPy: " in said
    assert not set(said) & {"\x1b", "\x9b", "\x07"}


def test_all_that_is_printed_is_printable():
    """Names are anybody's, and so are sentences of workers and plug-ins; JSON escapes such characters itself."""
    wrong = []
    for name in MODULES:
        for node in nodes(name):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "print":
                said = ast.unparse(node)
                wrong += (
                    [] if said.startswith("print(json.dumps(") or name == "xai_core.errors" else [f"{name}: {said}"]
                )
    assert wrong == []


@pytest.mark.parametrize("more", [[], ["--overwrite"]])
def test_nothing_is_written_or_deleted_through_a_link_of_a_study(more, crafted, tmp_path, capsys):
    folder, mine = crafted(), tmp_path / "mine"
    (folder / "parts").rename(mine)
    (folder / "parts").symlink_to(mine)
    (mine / "weights.npz").write_bytes(b"mine")
    (mine / "00000.npz").write_bytes(b"mine, too")
    assert main([*STUDY, str(folder), *more]) == 4
    assert "parts is a link, and nothing is written through it" in capsys.readouterr().err
    assert {path.name: path.read_bytes()[:4] for path in mine.iterdir()} == dict.fromkeys(
        ("weights.npz", "00000.npz"), b"mine"
    )


@pytest.mark.parametrize("number", ["1e999", "-1e999", "nan", "9" * 400, "x"])
def test_an_address_that_no_page_takes_opens_the_page_with_what_it_begins_with(number, crafted):
    folder = crafted(lambda summary: summary.update(address=f"/layer_explorer?data=textured_digits&n={number}"))
    at = open_page("layer_explorer", study=str(folder))
    assert at.number_input(key="n").value == 32


def test_an_address_of_nothing_but_a_number_without_end_opens_the_page(crafted):
    folder = crafted(lambda summary: summary.update(address="/layer_explorer?n=1e999&study=/etc"))
    at = open_page("layer_explorer", study=str(folder))
    assert at.number_input(key="n").value > 0
