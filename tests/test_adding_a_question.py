"""The worked example of docs/adding-a-question.md, as it stands there, in a copy of the tree: page, command, report."""

import json
import os
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
GUIDE = (ROOT / "docs" / "adding-a-question.md").read_text(encoding="utf-8")
FILES = dict(re.findall(r"^`([\w/.]+)`\n\n```python\n(.*?)```", GUIDE, re.DOTALL | re.MULTILINE))
COUNTS = "test_thousands_have_a_comma_wherever_pictures_are_counted"
PAGE = """
import json, sys
from streamlit.testing.v1 import AppTest
at = AppTest.from_file("app/main.py", default_timeout=180)
at.query_params.update({"n": "12", "level": "Half as bright again", "guide": "true"})
at.switch_page("views/brightness.py")
at.run()
start = AppTest.from_file("app/views/start.py")
print(json.dumps({
    "problem": at.exception[0].value if at.exception else "",
    "title": [element.value for element in at.title],
    "said": [element.value.replace("\\\\", "") for kind in ("markdown", "caption") for element in getattr(at, kind)],
    "downloads": [element.proto.label for element in at.get("download_button")],
    "others": [button.label for button in at.button],
}))
"""


def run(tree, *arguments):
    environment = os.environ | {"PYTHONPATH": str(tree), "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run(
        [sys.executable, *map(str, arguments)], cwd=tree, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def tree(tmp_path_factory):
    """A copy of the tree with the example in it."""
    copy = tmp_path_factory.mktemp("tree")
    for part in ("app", "xai_core", "tests", "docs"):
        shutil.copytree(ROOT / part, copy / part, ignore=shutil.ignore_patterns("__pycache__"))
    for part in ("README.md", "pyproject.toml"):
        shutil.copy(ROOT / part, copy / part)
    for name, code in FILES.items():
        (copy / name).parent.mkdir(exist_ok=True)
        (copy / name).write_text(code, encoding="utf-8")
    return copy


def test_it_is_five_new_files():
    assert len(FILES) == 5
    assert not any((ROOT / name).exists() for name in FILES)
    for name, code in FILES.items():
        assert f"| `{name}` | {code.count(chr(10))} |" in GUIDE


def test_the_command_and_the_report(tree):
    assert "does brightness change the answer?" in run(tree, "-m", "xai_core", "study", "--help")
    common = ("--data", "textured_digits", "--model", "digits", "--limit", 20, "--level", "brighter")
    said = run(tree, "-m", "xai_core", "study", "brightness", *common, "--out", tree / "out", "--quiet")
    summary = json.loads((tree / "out" / "summary.json").read_text())
    assert summary["headline"] in said
    assert summary["address"].startswith("/brightness?data=Textured+digits")
    assert summary["address"].endswith("&level=Half+as+bright+again")
    with zipfile.ZipFile(tree / "out" / "report.zip") as archive:
        (tree / "code.py").write_bytes(archive.read("code.py"))
    again = run(tree, "-c", "exec(open('code.py').read()); import json; print(json.dumps(numbers))").splitlines()[-1]
    assert json.loads(again) == pytest.approx(summary["numbers"], rel=1e-4)
    assert summary["numbers"]["n"] == 20


RULES = ("tests/test_words.py", "tests/test_architecture.py", "tests/test_counts.py::" + COUNTS)


def test_it_keeps_the_rules_of_the_house(tree):
    said = run(tree, "-m", "pytest", *RULES, "-o", "addopts=", "-q", "-p", "no:cacheprovider")
    assert re.search(r"^\d+ passed", said.splitlines()[-1])


def test_the_page(tree):
    shown = json.loads(run(tree, "-c", PAGE).splitlines()[-1])
    assert shown["problem"] == ""
    assert shown["title"] == ["Brightness"]
    said = "\n".join(shown["said"])
    assert "Over 12 pictures, the mean probability of the answer goes from" in said
    assert "The mean difference" in said  # the guide
    assert "Report (HTML)" in shown["downloads"]
    assert "Layer Explorer" in shown["others"]
