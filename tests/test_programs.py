"""What programs go by: exit codes, `--json`, the schema of summary.json, the list of pages for language models."""

import json
import re

import pytest

import xai_core as xai
from tests.support.servers import ROOT
from xai_core.batch.summary import summary_schema
from xai_core.command import main
from xai_core.training import jobs
from xai_core.training.settings import PRESETS
from xai_core.types.exit_codes import EXIT_CODES

DOCS = ROOT / "docs"


def test_the_docs_have_every_exit_code():
    rows = re.findall(
        r"^\| `(xai[\w ]*)` \| (\d+) \| (.+) \|$", (DOCS / "programs.md").read_text("utf-8"), re.MULTILINE
    )
    assert rows == [
        (command, f"{code:d}", when) for command, codes in EXIT_CODES.items() for code, when in codes.items()
    ]


@pytest.mark.parametrize(
    "words", [["--help"], ["study", "layers", "--help"], ["train", "--help"], ["doctor", "--help"]]
)
def test_help_ends_with_them(words, capsys):
    with pytest.raises(SystemExit):
        main(words)
    command, said = " ".join(["xai", *words[:-1]][:2]), capsys.readouterr().out
    assert all(when in said for when in EXIT_CODES[command].values())


def test_the_schema_is_the_one_in_the_docs():
    assert json.loads((DOCS / "summary.schema.json").read_text("utf-8")) == summary_schema()


def test_a_study_that_cannot_begin_says_so_in_an_object(capsys, tmp_path):
    assert main(["study", "layers", "--data", "nowhere", "--out", str(tmp_path / "out"), "--json"]) == 2
    said = capsys.readouterr()
    found = json.loads(said.out)
    assert (found["exit_code"], found["folder"], said.err) == (2, str(tmp_path / "out"), "")
    assert "'nowhere' is neither a folder nor one of the data sets" in found["error"]


def test_trainings_are_listed_in_an_object(capsys, tmp_path, monkeypatch):
    monkeypatch.setenv("XAI_RUNS", str(tmp_path))
    assert main(["train", "list", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {"exit_code": 0, "trainings": []}
    folder = jobs.prepare(PRESETS["digits"].settings(epochs=2), None)
    assert main(["train", "list", "--json"]) == 0
    (one,) = json.loads(capsys.readouterr().out)["trainings"]
    assert (one["folder"], one["done"], one["epochs"]) == (str(folder), 0, 2)


def test_a_training_that_cannot_go_on_says_so_in_an_object(capsys, tmp_path):
    assert main(["train", "resume", str(tmp_path / "none"), "--json"]) == 2
    found = json.loads(capsys.readouterr().out)
    assert found["exit_code"] == 2
    assert str(tmp_path / "none") in found["error"]


def test_every_command_takes_it(capsys):
    for words in ([], ["study", "layers"], ["study", "methods"], ["train", "digits"], ["train", "list"], ["doctor"]):
        with pytest.raises(SystemExit):
            main([*words, "--help"])
        assert "--json" in capsys.readouterr().out, words


def test_the_list_for_language_models_has_every_page():
    links = re.findall(r"^- \[(.+)\]\((.+)\)$", (DOCS / "llms.txt").read_text("utf-8"), re.MULTILINE)
    pages = {path.relative_to(DOCS).as_posix() for path in DOCS.rglob("*.md")} - {"index.md"}
    assert sorted(path for _, path in links) == sorted(pages)
    for title, path in links:
        first = (DOCS / path).read_text("utf-8").splitlines()[0]
        if included := re.fullmatch('--8<-- "(.+)"', first):
            first = (ROOT / included[1]).read_text("utf-8").splitlines()[0]
        assert title == first.removeprefix("# ")


def test_its_version_is_that_of_the_package(capsys):
    with pytest.raises(SystemExit):
        main(["--version"])
    assert capsys.readouterr().out == f"xai-core {xai.__version__}\n"
