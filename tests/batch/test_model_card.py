"""A model card says what the studies' summaries say, as text, and nothing of where files lie."""

import json
import shutil

import pytest

from tests.support.command import summary
from xai_core.command import main
from xai_core.command.model_card import model_card
from xai_core.errors import DataError


@pytest.fixture
def changed(foreground_out, tmp_path):
    """A copy of a study whose summary says something else."""

    def copy(**other):
        folder = shutil.copytree(foreground_out, tmp_path / "copy")
        (folder / "summary.json").write_text(json.dumps(summary(folder) | other))
        return folder

    return copy


def test_the_answer_stands_in_the_card(foreground_out, layers_out):
    card, said = model_card([foreground_out]), summary(foreground_out)
    unescaped = card.replace("\\", "")
    assert unescaped.startswith("## What the model looks at, and whether that is evidence\n")
    assert f"### Foreground vs Background: {said['headline']}\n" in unescaped
    assert said["sentence"] in unescaped
    assert said["in_plain_words"] in unescaped
    assert all(f"- Caution: {one}" in unescaped for one in said["caveats"])
    assert said["limits"]
    assert "Objects lie in the middle: " in unescaped
    assert "<https://arxiv.org/abs/1608.00507>" in card
    assert str(foreground_out) not in card


def test_names_stay_text(changed):
    card = model_card([changed(headline="No: ![x](http://e.org/a.png)\n# *b* <script>", in_plain_words="1. @you `c`")])
    assert "![x](" not in card
    assert "<script>" not in card
    assert "\n# " not in card
    assert "\n1. " not in card
    assert "\\@you" in card


def test_an_older_study_has_a_card_without_what_it_does_not_say(foreground_out, tmp_path):
    folder = shutil.copytree(foreground_out, tmp_path / "old")
    said = summary(folder)
    del said["in_plain_words"], said["limits"]
    (folder / "summary.json").write_text(json.dumps(said))
    assert "Known limitations" not in model_card([folder])


def test_studies_of_several_models_are_refused(foreground_out, layers_out):
    with pytest.raises(DataError, match="several models"):
        model_card([foreground_out, layers_out])


def test_the_command(foreground_out, tmp_path, capsys):
    assert main(["card", str(foreground_out)]) == 0
    printed = capsys.readouterr().out
    assert printed == model_card([foreground_out])
    out = tmp_path / "card.md"
    assert main(["card", str(foreground_out), "--out", str(out), "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {"exit_code": 0, "file": str(out)}
    assert out.read_text(encoding="utf-8") == printed


@pytest.mark.parametrize("place", ["nowhere", "empty", "unfinished"])
def test_what_is_no_finished_study_is_said(place, foreground_out, tmp_path, capsys):
    folder = tmp_path / place
    if place == "empty":
        folder.mkdir()
    elif place == "unfinished":
        shutil.copytree(foreground_out, folder)
        (folder / "summary.json").unlink()
    assert main(["card", str(folder)]) == 2
    assert len(capsys.readouterr().err.splitlines()) == 1
