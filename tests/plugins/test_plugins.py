"""Plug-ins, really installed: one that adds a method, a data set and a model, and one with all that can go wrong."""

import json
import os
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
GUIDE = (ROOT / "docs" / "plug-ins.md").read_text(encoding="utf-8")


def installed(source, site):
    """Put a package where Python finds it, with the record of an installed one; the environment for a process."""
    about = tomllib.loads((source / "pyproject.toml").read_text())["project"]
    (package,) = (path for path in source.iterdir() if path.is_dir() and path.name != "__pycache__")
    shutil.copytree(package, site / package.name, ignore=shutil.ignore_patterns("__pycache__"))
    record = site / f"{about['name'].replace('-', '_')}-{about['version']}.dist-info"
    record.mkdir()
    (record / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {about['name']}\nVersion: {about['version']}\n")
    groups = about["entry-points"].items()
    lines = [f"[{group}]\n" + "".join(f"{key} = {value}\n" for key, value in named.items()) for group, named in groups]
    (record / "entry_points.txt").write_text("\n".join(lines))
    return os.environ | {"PYTHONPATH": os.pathsep.join([str(site), str(ROOT)])}


def walked(which, environment):
    command = [sys.executable, "-m", "tests.plugins.walk", which]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


def study(environment, *arguments):
    command = [sys.executable, "-m", "xai_core", "study", *map(str, arguments)]
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def good(tmp_path_factory):
    return installed(HERE / "good", tmp_path_factory.mktemp("good"))


@pytest.fixture(scope="module")
def broken(tmp_path_factory):
    return installed(HERE / "broken", tmp_path_factory.mktemp("broken"))


def test_what_a_plugin_adds_is_on_the_pages_and_in_the_checks(good):
    found = walked("good", good)
    assert found["problems"] == []
    assert found["methods"] == ["example_cam", "grad_cam", "saliency", "saliency_signed", "lime"]
    for page in ("layers", "foreground"):
        assert "Example CAM" in found[page]
        assert "8 pictures" in found[page]
    assert "Example net on cpu · 8 pictures" in found["layers"]
    assert "Example CAM" in found["panel"]
    assert found["checked"] == "example_cam"
    assert "Example CAM" in found["agreements"]


@pytest.mark.parametrize("kind", ["layers", "foreground"])
def test_a_study_is_made_with_the_plugins_method_data_and_model(kind, good, tmp_path):
    chosen = ("--data", "example_digits", "--model", "example_net", "--method", "example_cam")
    done = study(good, kind, *chosen, "--limit", 8, "--out", tmp_path / "out", "--quiet")
    assert done.returncode == 0, done.stderr
    summary = json.loads((tmp_path / "out" / "summary.json").read_text())
    assert summary["counts"]["pictures"] == 8
    assert "method=Example+CAM" in summary["address"]
    assert "Example CAM" in (tmp_path / "out" / "report.html").read_text()


def test_a_broken_plugin_is_named_on_the_page_and_everything_else_works(broken):
    found = walked("broken", broken)
    assert found["methods"] == ["grad_cam", "nonsense", "saliency", "saliency_signed", "lime"]
    problems = "\n".join(found["problems"])
    assert "'broken_import' of xai-broken 0.3 cannot be used: ModuleNotFoundError" in problems
    assert "'broken_key' of xai-broken 0.3 cannot be used: MethodError" in problems
    assert "There is a method 'grad_cam' already" in problems
    assert "'broken_data' of xai-broken 0.3 cannot be used: RuntimeError: It was not finished." in problems
    assert len(found["problems"]) == 3
    sidebar = "\n".join(found["sidebar"]).replace("\\", "")
    assert all(problem in sidebar for problem in found["problems"])
    assert "4 pictures" in found["page"]
    assert found["asked"] == "Nonsense gives int in place of heatmaps."


def test_a_broken_plugin_is_named_by_the_command_and_the_study_is_made(broken, tmp_path):
    chosen = ("--data", "textured_digits", "--model", "digits", "--limit", 4, "--out", tmp_path / "out", "--quiet")
    done = study(broken, "layers", *chosen)
    assert done.returncode == 0, done.stderr
    assert "'broken_key' of xai-broken 0.3 cannot be used" in done.stderr
    refused = study(broken, "layers", *chosen, "--overwrite", "--method", "nonsense")
    assert refused.returncode == 2
    assert "Nonsense gives int in place of heatmaps." in refused.stderr
    assert "Traceback" not in refused.stderr


FILES = ("pyproject.toml", "xai_example/method.py", "xai_example/data.py", "xai_example/model.py")


@pytest.mark.parametrize("name", FILES)
def test_the_guide_shows_the_package_that_is_tested(name):
    assert (HERE / "good" / name).read_text().strip() in GUIDE
