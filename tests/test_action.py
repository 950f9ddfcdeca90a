"""The GitHub Action: its steps, run here as a runner would, with its inputs as variables."""

import json
import re
import shlex
import subprocess
import sys

import pytest
import yaml

from tests.support.servers import ROOT
from xai_core.batch.request import add_study
from xai_core.types.exit_codes import ExitCode

ACTION = yaml.safe_load((ROOT / "action.yml").read_text("utf-8"))
STEPS = {step["id"]: step for step in ACTION["runs"]["steps"] if "id" in step}
DEFAULTS = {name: one.get("default", "") for name, one in ACTION["inputs"].items()}
SAID = {"summary": {"headline": "One shortcut", "sentence": "Of class 3.", "caveats": [], "findings": ["It is blue."]}}


@pytest.fixture
def runner(tmp_path):
    """Called with a step's id and inputs: runs it beside a command `xai` that says what it was given."""
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "python").symlink_to(sys.executable)

    def run(step, code=0, said=None, **given):
        answer = json.dumps(said | {"exit_code": code, "folder": "/there"}) if said else ""
        lines = [
            "#!/bin/bash",
            f'printf "%s\\n" "$@" > {tmp_path}/given',
            f"printf %s {shlex.quote(answer)}",
            f"exit {code}",
        ]
        (tmp_path / "bin" / "xai").write_text("\n".join(lines) + "\n")
        (tmp_path / "bin" / "xai").chmod(0o755)
        inputs = DEFAULTS | {name.replace("_", "-"): value for name, value in given.items()}
        variables = {}
        for name, text in STEPS[step]["env"].items():
            (key,) = re.findall(r"(?:inputs|outputs)\.([\w-]+)", text)
            variables[name] = inputs[key]
        variables |= {"PATH": f"{tmp_path}/bin:/usr/bin:/bin", "RUNNER_TEMP": str(tmp_path)}
        variables |= {"GITHUB_OUTPUT": str(tmp_path / "output"), "GITHUB_STEP_SUMMARY": str(tmp_path / "summary")}
        shell = ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", STEPS[step]["run"]]
        return subprocess.run(shell, cwd=tmp_path, env=variables, capture_output=True, text=True, check=False)

    return run


def outputs(folder):
    return dict(line.split("=", 1) for line in (folder / "output").read_text().splitlines())


@pytest.mark.process
def test_it_asks_the_command_and_says_what_came_out(runner, tmp_path):
    given = {"question": "discover", "data": "my pictures", "model": "net.pth", "fail_if": "shortcut"}
    done = runner("study", ExitCode.FOUND, SAID, **given, arguments="--limit 4 --labels 'a b,c' '$(touch ran)'")
    assert done.returncode == 0, done.stderr
    words = ["study", "discover", "--data", "my pictures", "--model", "net.pth", "--out", "xai-study"]
    words += ["--fail-if", "shortcut", "--limit", "4", "--labels", "a b,c", "$(touch ran)", "--quiet", "--json"]
    assert (tmp_path / "given").read_text().splitlines() == words
    assert not (tmp_path / "ran").exists()
    assert outputs(tmp_path) == {"exit-code": "5", "headline": "One shortcut", "folder": "/there"}
    assert (tmp_path / "summary").read_text() == "## One shortcut\n\nOf class 3.\n\nIt is blue.\n"


@pytest.mark.process
def test_an_error_is_the_headline_and_no_line_of_it_becomes_an_output(runner, tmp_path):
    runner("study", ExitCode.UNUSABLE, {"error": "There is no model\nexit-code=0"})
    assert outputs(tmp_path) == {"exit-code": "2", "headline": "There is no model exit-code=0", "folder": "/there"}


@pytest.mark.process
def test_arguments_that_are_not_understood_are_said(runner, tmp_path):
    runner("study", ExitCode.UNUSABLE)
    assert outputs(tmp_path)["exit-code"] == "2"
    assert "not understood" in outputs(tmp_path)["headline"]


@pytest.mark.process
@pytest.mark.parametrize(
    ("code", "allow", "ends"), [("0", "false", 0), ("3", "false", 3), ("3", "true", 0), ("5", "true", 5)]
)
def test_the_job_ends_as_the_study_did(runner, code, allow, ends):
    assert runner("end", **{"exit-code": code, "allow-left-out": allow}).returncode == ends


def test_its_options_are_those_of_the_command():
    import argparse

    from xai_core.questions import QUESTIONS, SECTIONS

    parser = argparse.ArgumentParser()
    add_study(parser.add_subparsers(dest="command"), (*QUESTIONS, *SECTIONS))
    words = [
        "study",
        "discover",
        "--data",
        "a",
        "--model",
        "b",
        "--out",
        "c",
        "--fail-if",
        "shortcut",
        "--quiet",
        "--json",
    ]
    given = vars(parser.parse_args(words))
    assert (given["kind"], given["fail-if"], given["json"]) == ("discover", "shortcut", True)
    named = ACTION["inputs"]["question"]["description"].partition(" or ")[0].split(", ")
    assert set(named) < {one.key for one in (*QUESTIONS, *SECTIONS) if one.study}


def test_no_input_stands_in_a_script():
    """It would be run as a part of it."""
    assert all("${{" not in step["run"] for step in STEPS.values() if "run" in step)
