"""The command `xai`: what starts the dashboard, and what looks at what is installed."""

import json
import os
import re
import socket
import subprocess
import sys
import tomllib
from importlib import metadata
from urllib.parse import parse_qs, urlsplit

import pytest
from packaging.requirements import Requirement
from streamlit import config

from tests.support.servers import ROOT
from xai_core.command import dashboard, doctor, main
from xai_core.data.loading import locate
from xai_core.training.__main__ import run as train

SAID = tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text())


def flags(*asked):
    """Option -> the values that the server is started with."""
    given, found = dashboard.command(*asked)[5:], {}
    for name, value in zip(given[::2], given[1::2], strict=True):
        found.setdefault(name.removeprefix("--"), []).append(value)
    return found


def flat(said, before=""):
    for name, value in said.items():
        yield from flat(value, f"{before}{name}.") if isinstance(value, dict) else [(before + name, value)]


@pytest.mark.process
def test_streamlit_takes_the_configuration_with_what_is_said_on_the_command_line(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    run = [sys.executable, "-m", "streamlit", "config", "show", *dashboard.command(8600, "10.1.2.3")[5:]]
    done = subprocess.run(
        run, cwd=dashboard.folder(), capture_output=True, text=True, check=True, env=dashboard.environment()
    )
    there = dict(flat(tomllib.loads(done.stdout[done.stdout.index("[global]") :])))
    said = {"server.port": 8600, "server.address": "10.1.2.3"}
    said["server.allowedHosts"] = [*SAID["server"]["allowedHosts"], "10.1.2.3"]
    hidden = [name for name, option in config.get_config_options().items() if option.visibility == "hidden"]
    wanted = dict(flat(SAID)) | said
    assert {name: there.get(name) for name in wanted.keys() - hidden} == {
        name: value for name, value in wanted.items() if name not in hidden
    }


def test_trainings_lie_where_it_was_called(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("XAI_RUNS", raising=False)
    assert dashboard.environment()["XAI_RUNS"] == str(tmp_path / "runs")


def test_options_are_known_to_streamlit():
    assert [name for name, _ in flat(SAID) if name not in config.get_config_options()] == []


@pytest.mark.parametrize(
    ("address", "names", "more"),
    [("localhost", [], []), ("0.0.0.0", [], []), ("10.1.2.3", ["my.host"], ["my.host", "10.1.2.3"])],
)
def test_nobody_may_ask_under_a_name_that_was_not_said(address, names, more):
    assert flags(8600, address, names)["server.allowedHosts"] == [*SAID["server"]["allowedHosts"], *more]


def test_data_and_model_become_an_address(tmp_path):
    (tmp_path / "my pictures & more").mkdir()
    found = urlsplit(dashboard._place(str(tmp_path / "my pictures & more"), "digits"))
    assert found.path == dashboard.PAGE
    assert parse_qs(found.query) == {
        "data": ["Folder"],
        "path": [str(tmp_path / "my pictures & more")],
        "model": ["Digits (honest)"],
    }
    (tmp_path / "net.pth").touch()
    found = parse_qs(urlsplit(dashboard._place("photos", str(tmp_path / "net.pth"))).query)
    assert found == {"data": ["Sample photos"], "model": ["Checkpoint"], "weights": [str(tmp_path / "net.pth")]}
    assert dashboard._place(None, None) == ""


def test_addresses_and_folders_lead_nowhere_up_and_down_again(tmp_path, monkeypatch):
    (tmp_path / "own").mkdir()
    (tmp_path / "work").mkdir()
    monkeypatch.chdir(tmp_path / "work")
    found = parse_qs(urlsplit(dashboard._place("../own", None)).query)
    assert found["path"] == [str(tmp_path / "own")]
    assert locate("../own") == str(tmp_path / "own")
    (tmp_path / "work" / "link").symlink_to(tmp_path / "own")
    assert locate("link") == str(tmp_path / "work" / "link")
    assert locate("link/../own") == str(tmp_path / "own")  # the parent of where the link leads


@pytest.mark.page
def test_that_address_opens_the_page_with_them(tmp_path):
    from PIL import Image

    from tests.support.pages import open_page, text

    for label in ("a", "b"):
        (tmp_path / label).mkdir()
        Image.new("RGB", (40, 40), "navy").save(tmp_path / label / "one.png")
    said = parse_qs(dashboard._place(str(tmp_path), "digits").split("?")[1])
    query = {name: value for name, (value,) in said.items()}
    at = open_page(dashboard.PAGE, **query)
    assert at.selectbox(key="data").value == "folder"
    assert at.selectbox(key="model").value == "digits"
    assert "was not opened" not in text(at)


def test_what_is_not_there_is_a_sentence(capsys):
    assert main(["--data", "nowhere"]) == 2
    assert "no data has the key 'nowhere' (keys: photos, " in capsys.readouterr().err
    assert main(["--model", "nothing.pth"]) == 2
    assert "no model has the key 'nothing.pth'" in capsys.readouterr().err


def test_a_port_that_is_taken_is_a_sentence_and_another_one_is_found(capsys, monkeypatch):
    with socket.socket() as taken:
        taken.bind(("localhost", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert main(["--port", str(port)]) == 2
        assert f"Port {port} is taken." in capsys.readouterr().err
        monkeypatch.setattr(dashboard, "PORT", port)
        assert dashboard._free_port("localhost") not in (0, port)


@pytest.mark.parametrize("text", ["0", "65536", "-1", "http"])
def test_what_is_no_port_is_refused(text, capsys):
    with pytest.raises(SystemExit):
        main([f"--port={text}"])
    assert "is no port: they go from 1 to 65535" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (["--prot=8501"], "xai does not know --prot=8501. xai --help lists what it takes.\n"),
        (
            ["study", "layers"],
            "xai study layers needs --out and --data. xai study layers --help lists what it takes.\n",
        ),
        (
            ["study", "layers", "--data", "photos"],
            "xai study layers needs --out. xai study layers --help lists what it takes.\n",
        ),
        (
            ["study", "layers", "--data", "photos", "--out", "o", "--limit", "x"],
            "xai study layers: argument --limit: 'x' is no whole number from 1. xai study layers --help lists what it "
            "takes.\n",
        ),
        (["train", "resume"], "xai train resume needs folder. xai train resume --help lists what it takes.\n"),
        (["doctor", "--all"], "xai doctor does not know --all. xai doctor --help lists what it takes.\n"),
        (
            ["study", "layers", "--data", "photos", "--out", "o", "--sample", "4"],
            "xai study layers does not know --sample 4. xai study layers --help lists what it takes.\n",
        ),
    ],
)
def test_what_is_missing_or_not_there_is_a_sentence_that_leads_to_the_help_of_its_command(given, said, capsys):
    with pytest.raises(SystemExit) as ended:
        main(given)
    assert ended.value.code == 2
    assert capsys.readouterr().err == said


@pytest.mark.process
@pytest.mark.parametrize("asked", [["doctor"], ["study", "layers", "--data", "textured_digits", "--model", "digits"]])
def test_whoever_reads_a_line_and_goes_gets_no_error(asked, tmp_path):
    """As `xai doctor | head` does; a study is finished all the same."""
    more = ["--out", tmp_path / "out", "--limit", "8", "--quiet"] if "study" in asked else []
    there, here = os.pipe()
    os.close(there)  # before anything is printed
    run = [sys.executable, "-m", "xai_core", *asked, *more]
    done = subprocess.run(run, cwd=ROOT, stdout=here, stderr=subprocess.PIPE, text=True, check=False)
    os.close(here)
    assert (done.returncode, done.stderr) == (1, "")
    assert (tmp_path / "out" / "summary.json").is_file() == bool(more)


# What is installed


@pytest.fixture
def needs(monkeypatch):
    """Called with requirements: the package says that it needs these."""

    def say(*texts):
        monkeypatch.setattr(metadata, "requires", lambda _: list(texts))

    return say


def found(name):
    (one,) = [one for one in doctor.diagnoses() if one.name == name]
    return one


def test_here_nothing_is_wrong(capsys):
    assert main(["doctor", "--json"]) == 0
    said = {one["name"]: one for one in json.loads(capsys.readouterr().out)}
    assert said["Packages"]["state"] == "fine"
    assert said["Dashboard"] == {"name": "Dashboard", "state": "fine", "said": f"its pages lie in {ROOT}", "mend": ""}
    assert "Digits (honest)" in said["Models on disk"]["said"]
    assert main(["doctor"]) == 0
    assert "✗" not in capsys.readouterr().out


def test_a_package_that_does_not_fit_or_is_missing_is_named_with_the_line_that_mends_it(needs, capsys):
    needs("numpy<1", "no-such-thing>=2", "scipy>=1")
    one = found("Packages")
    assert (one.state, one.mend) == ("wrong", "pip install 'numpy<1' 'no-such-thing>=2'")
    assert one.said == f"numpy {metadata.version('numpy')} is not <1; no-such-thing is missing"
    assert main(["doctor"]) == 1
    assert "→ pip install 'numpy<1' 'no-such-thing>=2'" in capsys.readouterr().out


def test_an_extra_that_is_not_there_is_no_mistake(monkeypatch):
    needed = {"": [], "films": [Requirement("no-such-thing>=2")], "tables": [Requirement("pandas")]}
    monkeypatch.setattr(doctor, "_requirements", needed.copy)
    assert found("Extra films").state == "note"
    assert found("Extra films").mend == "pip install 'xai-core[films]'"
    assert found("Extra tables").state == "fine"


def test_where_there_is_no_pip_the_line_is_the_one_of_uv(monkeypatch):
    """As in the environments of uvx and uv tool."""
    monkeypatch.setattr("xai_core.errors.find_spec", lambda name: None)
    monkeypatch.setattr(sys, "executable", "/home/my self/bin/python")
    monkeypatch.setattr(doctor, "_requirements", lambda: {"": [], "films": [Requirement("no-such-thing>=2")]})
    assert found("Extra films").mend == "uv pip install --python '/home/my self/bin/python' 'xai-core[films]'"


def test_every_sentence_that_says_how_to_install_goes_by_the_environment():
    """But the checkout's own, whose requirements a pip of its environment installs."""
    said = [path for place in ("xai_core", "app") for path in (ROOT / place).rglob("*.py")]
    with_pip = {path.name for path in said if "pip install" in path.read_text("utf-8")}
    assert with_pip == {"errors.py", "_torchvision.py"}


def test_a_torchvision_of_another_build_is_explained(monkeypatch):
    monkeypatch.setattr("xai_core._torchvision.extension_loads", lambda: False)
    one = found("torch, torchvision")
    assert one.state == "note"
    assert one.mend.startswith("pip install --force-reinstall torch==")


def test_a_torchvision_for_another_torch_is_named_with_the_line_that_mends_it(needs):
    import torch

    needs("numpy", "torch==2.4.1", "pillow>=5")
    one = found("torch, torchvision")
    assert one.state == "wrong"
    assert one.said == (
        f"torchvision {metadata.version('torchvision')} is made for torch 2.4.1, and here is torch {torch.__version__}."
    )
    assert one.mend == f"pip install 'torchvision=={doctor.vision_for(torch.__version__)}'"


def test_torch_and_torchvision_of_the_range_count_up_together():
    """The ends of requirements.txt, and the pair of constraints.txt, are pairs."""
    ends = dict(re.findall(r"^(torch|torchvision)>=(\S+),<\S+$", (ROOT / "requirements.txt").read_text(), re.MULTILINE))
    below = dict(
        re.findall(r"^(torch|torchvision)>=\S+,<(\S+)$", (ROOT / "requirements.txt").read_text(), re.MULTILINE)
    )
    pair = dict(re.findall(r"^(torch|torchvision)==(\S+)$", (ROOT / "constraints.txt").read_text(), re.MULTILINE))
    for one in (ends, below, pair):
        assert one["torchvision"].startswith(doctor.vision_for(one["torch"]).removesuffix(".*"))


def test_what_cannot_be_looked_at_is_wrong(monkeypatch):
    def broken():
        raise OSError("no such device")
        yield

    monkeypatch.setitem(doctor._LOOKS, "Disk", broken)
    assert found("Disk") == doctor.Diagnosis("Disk", "wrong", "OSError: no such device")


def test_the_doctor_says_who_may_do_what(monkeypatch, tmp_path):
    monkeypatch.delenv("XAI_ROLES", raising=False)
    assert (found("Log-in").state, found("Log-in").said.split(":")[0]) == ("note", "off")
    place = tmp_path / "roles.toml"
    monkeypatch.setenv("XAI_ROLES", str(place))
    assert (found("Log-in").state, "cannot be read" in found("Log-in").said) == ("wrong", True)
    place.write_text('ask = "Ada"\n[train]\nemails = ["ada@example.org"]\n[look]\ndomains = ["example.org"]')
    assert found("Log-in").said == f"roles look, train, from {place}; a log-in holds for 12 h"
    monkeypatch.setattr(doctor.importlib.util, "find_spec", lambda name: None)
    fine, missing = (one for one in doctor._LOOKS["Log-in"]())
    assert (fine.state, missing.state, missing.mend) == ("fine", "wrong", "pip install 'xai-core[login]'")


def test_training_is_a_command_of_it(capsys, monkeypatch, tmp_path):
    monkeypatch.setenv("XAI_RUNS", str(tmp_path))
    assert main(["train", "list"]) == 0
    assert main(["train", "resume", str(tmp_path / "none")]) == 2
    assert str(tmp_path / "none") in capsys.readouterr().err
    with pytest.raises(SystemExit):
        train(["--help"], "xai train")
    assert capsys.readouterr().out.startswith("usage: xai train ")
