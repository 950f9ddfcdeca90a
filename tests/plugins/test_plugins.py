"""Plug-ins, really installed: one that adds a method, a data set and a model, and one with all that can go wrong."""

import json
import os
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import torch
from PIL import Image

import xai_core as xai
from tests.support.processes import Forked
from xai_core import plugins, result_cache
from xai_core.command import main
from xai_core.types.exit_codes import ExitCode

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


def walked(which, environment, *arguments):
    command = [sys.executable, "-m", "tests.plugins.walk", which, *map(str, arguments)]
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
    assert "Example net on cpu · " in found["layers"]
    assert " · 8 pictures" in found["layers"]
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


def test_a_plugins_layout_is_read_with_its_option_on_a_page_and_in_a_study(good, tmp_path):
    folder = tmp_path / "herbarium"
    (folder / "shots").mkdir(parents=True)
    for number, sample in enumerate(xai.load_dataset("textured_digits")[:8]):
        for side in ("front", "back"):
            Image.fromarray(sample.pixels).save(folder / "shots" / f"s{number}_{side}.png")
    rows = [f"s{number},{number % 4}" for number in range(9)]  # the last has no picture
    (folder / "sheets.csv").write_text("\n".join(["sheet,species", *rows]), encoding="utf-8")
    found = walked("sheets", good, folder)
    assert found["names"] == [f"s{number}_front" for number in range(8)]
    assert "s0_back" in found["layers"]
    assert "Side of the sheet" in found["choices"]
    chosen = ("--data", folder, "--option", "side=back", "--model", "digits", "--out", tmp_path / "out", "--quiet")
    done = study(good, "layers", *chosen)
    assert done.returncode == 0, done.stderr
    summary = json.loads((tmp_path / "out" / "summary.json").read_text())
    assert summary["counts"]["pictures"] == 8
    assert "data-side=back" in summary["address"]


def test_a_broken_plugin_is_named_on_the_page_and_everything_else_works(broken):
    found = walked("broken", broken)
    assert found["methods"] == ["grad_cam", "nonsense", "saliency", "saliency_signed", "lime"]
    problems = "\n".join(found["problems"])
    assert "'broken_import' of xai-broken 0.3 cannot be used: ModuleNotFoundError" in problems
    assert "'broken_key' of xai-broken 0.3 cannot be used: MethodError" in problems
    assert "There is a method 'grad_cam' already" in problems
    assert "'broken_data' of xai-broken 0.3 cannot be used: RuntimeError: It was not finished." in problems
    assert "'broken_exit' of xai-broken 0.3 cannot be used: SystemExit: 3" in problems
    assert len(found["problems"]) == 4
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


@pytest.fixture
def own(tmp_path):
    """The file of the guide, with weights beside it, and an environment without anything else."""
    file = tmp_path / "my_network.py"
    shutil.copy(HERE / "own" / "my_network.py", file)
    weights = (("first", (8, 3, 5, 5)), ("second", (16, 8, 5, 5)), ("head", (10, 16)))
    state = {}
    for seed, (name, shape) in enumerate(weights):
        state[f"{name}.weight"] = torch.randn(shape, generator=torch.Generator().manual_seed(seed)) / 4
        state[f"{name}.bias"] = torch.zeros(shape[0])
    torch.save(state, file.with_suffix(".pth"))
    return file


def test_a_file_of_ones_own_is_on_the_pages_with_maps_at_its_layers(own):
    found = walked("own", os.environ | {"XAI_PLUGINS": str(own)})
    assert found["problems"] == []
    assert "My network on cpu · " in found["layers"]
    assert " · 8 pictures" in found["layers"]
    assert "second" in found["model"]
    assert "None of the methods" not in found["model"]


CHOSEN = ("--data", "textured_digits", "--model", "my_network", "--limit", 4, "--quiet")


def test_a_study_with_a_file_of_ones_own_is_of_its_code(own, tmp_path):
    out = tmp_path / "out"
    done = study(None, "layers", "--plugin", own, *CHOSEN, "--out", out)
    assert done.returncode == 0, done.stderr
    first = json.loads((out / "study.json").read_text())
    assert first["model"] == "xai.load_model('my_network')"
    assert f"In the dashboard, which xai --plugin {own} starts (there," in done.stdout
    assert Forked("xai_core", ["study", "layers", "--plugin", own, *CHOSEN, "--out", out]).wait().returncode == 0
    own.write_text(own.read_text().replace("seen.mean((2, 3))", "seen.amax((2, 3))"))  # its weights are the same
    again = Forked("xai_core", ["study", "layers", *CHOSEN, "--out", out, f"--plugin={own}"]).wait()
    assert again.returncode == ExitCode.TAKEN
    assert "the code of plug-ins has changed since, or others are there" in again.stderr


def test_a_study_without_plugins_says_nothing_of_them(tmp_path):
    chosen = ("--data", "textured_digits", "--model", "digits", "--limit", 2, "--quiet")
    assert Forked("xai_core", ["study", "layers", *chosen, "--out", tmp_path / "out"]).wait().returncode == 0
    assert "plug_ins" not in json.loads((tmp_path / "out" / "study.json").read_text())


WRONG = {  # name of a file -> what is in it, and what is said of it
    "empty.py": ("x = 1", "it registers nothing. Put @xai.register, @xai.register_model or @xai.register_dataset"),
    "raises.py": ("raise ValueError('no weights')", "ValueError: no weights"),
    "leaves.py": ("import sys; sys.exit(3)", "SystemExit: 3"),
    "json.py": ("x = 1", "another module is called 'json'"),
    "broken.py": ("def", "SyntaxError"),
}


def test_files_that_are_no_plugins_are_named_and_everything_else_works(tmp_path):
    for name, (code, _) in WRONG.items():
        (tmp_path / name).write_text(code)
    given = [word for name in WRONG for word in ("--plugin", tmp_path / name)]
    out = ("--data", "textured_digits", "--model", "digits", "--limit", 2, "--out", tmp_path / "out", "--quiet")
    done = study(None, "layers", *given, *out)
    assert done.returncode == 0, done.stderr
    for name, (_, said) in WRONG.items():
        assert f"The plug-in '{name}' cannot be used: {said}" in done.stderr


@pytest.mark.parametrize("name", ["absent.py", "my-net.py", "folder", "weights.pth"])
@pytest.mark.parametrize("command", [["--no-browser"], ["study", "layers"], ["train"], ["doctor"]])
def test_what_cannot_be_a_plugin_is_refused_at_once(name, command, tmp_path, capsys):
    (tmp_path / "folder").mkdir()
    for there in ("my-net.py", "weights.pth"):
        (tmp_path / there).touch()
    with pytest.raises(SystemExit) as ended:
        main([*command, "--plugin", str(tmp_path / name)])
    assert ended.value.code == 2
    said = capsys.readouterr().err
    assert ("cannot be imported under its name" if name == "my-net.py" else "is no plug-in: neither") in said
    assert "XAI_PLUGINS" not in os.environ


def test_code_of_plugins_is_part_of_what_is_kept(tmp_path, monkeypatch):
    monkeypatch.delenv("XAI_PLUGINS", raising=False)
    without = result_cache.code_version()
    assert plugins.code_version() == ""
    file, beside = tmp_path / "mine.py", tmp_path / "layers.py"
    file.write_text("import layers")
    beside.write_text("x = 1")
    monkeypatch.setenv("XAI_PLUGINS", str(file))
    seen = [without, result_cache.code_version()]
    for place in (file, beside):
        place.write_text(place.read_text() + "\n")
        seen.append(result_cache.code_version())
    assert len(set(seen)) == 4
    assert seen[-1] == result_cache.code_version()


FILES = ("pyproject.toml", *(f"xai_example/{name}.py" for name in ("method", "data", "layout", "model")))


@pytest.mark.parametrize("name", [*(f"good/{name}" for name in FILES), "own/my_network.py"])
def test_the_guide_shows_what_is_tested(name):
    assert (HERE / name).read_text().strip() in GUIDE


SLOW = """
import time
import xai_core as xai
known = xai.list_models()  # one that asks meanwhile gets what is there
time.sleep({seconds})

@xai.register_model("slow_net", title="Slow net", classes=2)
def slow(device):
    raise RuntimeError
"""


@pytest.mark.parametrize("seconds", [0.5, 3600])
def test_pages_go_on_without_a_plugin_that_is_slow_and_have_it_once_it_is_there(seconds, tmp_path):
    (tmp_path / "slow_net.py").write_text(SLOW.format(seconds=seconds))
    code = """
import sys, threading, time
import xai_core as xai
from xai_core import plugins
seen = []
def page():
    began = time.monotonic()
    seen.append({one.key for one in xai.list_models()})
    seen.append(plugins.problems())
    seen.append(time.monotonic() - began)
thread = threading.Thread(target=page)
thread.start()
thread.join(30)
keys, problems, took = seen
assert took < 10, took
patient = float(sys.argv[1]) < 1
assert ("slow_net" in keys) == patient, keys
said = "The plug-in 'slow_net.py' cannot be used: it is still being imported after 2 s (XAI_PLUGIN_SECONDS)."
assert problems == (() if patient else (said,)), problems
"""
    environment = os.environ | {"XAI_PLUGINS": str(tmp_path / "slow_net.py"), "XAI_PLUGIN_SECONDS": "2"}
    command = [sys.executable, "-c", code, str(seconds)]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stderr
