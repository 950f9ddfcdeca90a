"""Wheel and sdist: that they hold what they must and are of one version; pages show from an empty folder."""

import json
import os
import re
import socket
import subprocess
import sys
import tarfile
import tomllib
import zipfile

import pytest
import yaml

from tests.support.servers import ROOT, answers, free_ports

pytestmark = pytest.mark.process


VERSION = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["version"]


def built(kind, out, source=ROOT):
    """A wheel or an sdist, made of a folder of sources."""
    run = [sys.executable, "-m", "hatchling", "build", "-t", kind, "-d", str(out)]
    subprocess.run(run, cwd=source, check=True, capture_output=True)
    (made,) = out.iterdir()
    return made


def tracked():
    """Files of the repository, as far as they belong to a package."""
    names = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False).stdout.split()
    return names or [str(path.relative_to(ROOT)) for path in (ROOT / "xai_core").rglob("*.py")]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    return built("wheel", tmp_path_factory.mktemp("wheel"))


@pytest.fixture(scope="module")
def unpacked(tmp_path_factory):
    """The folder of an sdist's sources."""
    folder = tmp_path_factory.mktemp("sdist")
    made = built("sdist", folder)
    with tarfile.open(made) as archive:
        archive.extractall(folder, filter="data")
    assert made.name == f"xai_core-{VERSION}.tar.gz"
    return folder / f"xai_core-{VERSION}"


@pytest.fixture(scope="module")
def installed(wheel, tmp_path_factory):
    """The folder of packages, and the environment in which Python looks there first."""
    folder = tmp_path_factory.mktemp("installed")
    zipfile.ZipFile(wheel).extractall(folder)
    return folder, os.environ | {"PYTHONPATH": str(folder)}


def test_it_holds_the_package_with_the_pages_and_their_configuration(wheel):
    names = set(zipfile.ZipFile(wheel).namelist())
    assert {name.split("/")[0].split("-")[0] for name in names} == {"xai_core"}
    wanted = {name for name in tracked() if name.startswith("xai_core/")}
    wanted |= {f"xai_core/dashboard/{name}" for name in tracked() if name.startswith("app/")}
    wanted.add("xai_core/dashboard/app/.streamlit/config.toml")
    assert wanted <= names
    assert not [name for name in names if "__pycache__" in name or name.startswith("xai_core/dashboard/tests")]
    (entry,) = [name for name in names if name.endswith("entry_points.txt")]
    assert "xai = xai_core.command:main" in zipfile.ZipFile(wheel).read(entry).decode()


def test_every_system_can_have_its_files(wheel):
    """Names that differ by more than case, without characters or words that Windows keeps for itself."""
    names = zipfile.ZipFile(wheel).namelist()
    assert len({name.lower() for name in names}) == len(names)
    assert not [name for name in names if re.search(r'[<>:"|?*\\]|[ .](?:/|$)', name)]
    kept = re.compile(r"(?:con|prn|aux|nul|com\d|lpt\d)(?:\..*)?", re.IGNORECASE)
    assert not [name for name in names if any(kept.fullmatch(part) for part in name.split("/"))]


def test_the_sdist_holds_what_a_wheel_is_made_of_and_the_docs(unpacked):
    names = {path.relative_to(unpacked).as_posix() for path in unpacked.rglob("*") if path.is_file()}
    folders = ("xai_core/", "app/", ".streamlit/", "docs/")
    wanted = {name for name in tracked() if name.startswith(folders)}
    wanted |= {"pyproject.toml", "hatch_build.py", "requirements.txt", "constraints.txt", "zensical.toml"}
    wanted |= {"README.md", "CHANGELOG.md", "CITATION.cff", "LICENSE"}
    assert wanted <= names
    assert not [name for name in names if "__pycache__" in name or name.startswith("tests/")]


def test_a_wheel_of_the_sdist_is_the_same(wheel, unpacked, tmp_path):
    again = built("wheel", tmp_path, unpacked)
    assert again.name == wheel.name
    with zipfile.ZipFile(wheel) as one, zipfile.ZipFile(again) as other:
        assert sorted(one.namelist()) == sorted(other.namelist())
        assert [name for name in one.namelist() if one.read(name) != other.read(name)] == []


def test_there_is_one_version(wheel):
    """That of pyproject.toml: the command and `xai_core.__version__` have it from the package, this holds the rest."""
    with zipfile.ZipFile(wheel) as archive:
        (metadata,) = [name for name in archive.namelist() if name.endswith(".dist-info/METADATA")]
        assert f"Version: {VERSION}\n" in archive.read(metadata).decode()
    cited = yaml.safe_load((ROOT / "CITATION.cff").read_text("utf-8"))
    assert cited["version"] == VERSION
    assert {"cff-version", "message", "title", "authors", "license"} <= set(cited)
    assert not [path for path in (ROOT / "xai_core").rglob("*.py") if f'"{VERSION}"' in path.read_text("utf-8")]


def test_the_command_serves_from_an_empty_folder(installed, tmp_path):
    _, environment = installed
    (port,) = free_ports(1)
    code = "import sys; from xai_core.command import main; sys.exit(main())"
    with (tmp_path / "log").open("w") as log:
        run = [sys.executable, "-c", code, "--no-browser", "--json", "--port", str(port)]
        process = subprocess.Popen(run, cwd=tmp_path, env=environment, stdout=subprocess.PIPE, stderr=log, text=True)
        try:
            assert json.loads(process.stdout.readline())["address"] == f"http://localhost:{port}/"
            answers(f"http://localhost:{port}", tmp_path / "log")
        finally:
            process.terminate()
            rest, _ = process.communicate(timeout=30)
            assert (process.returncode, rest) == (0, "")
    with socket.socket() as one:
        assert one.connect_ex(("localhost", port)) != 0  # its server ended with it
    said = (tmp_path / "log").read_text()
    assert "Traceback" not in said
    assert "Streamlit" not in said  # whose address would lack what is to be opened


def test_its_pages_open_and_are_no_module_of_everybody(installed, tmp_path):
    folder, environment = installed
    code = (
        "import importlib.util, sys\n"
        "from xai_core.command import dashboard\n"
        "assert importlib.util.find_spec('app') is None or 'dashboard' not in importlib.util.find_spec('app').origin\n"
        "sys.path.insert(0, str(dashboard.home()))\n"
        "from streamlit import config\n"
        "config._main_script_path = str(dashboard.home() / 'app' / 'main.py')\n"
        "assert config.get_config_files('config.toml')[-1] == str(dashboard.configuration())\n"
        "assert str(dashboard.folder()) == sys.argv[1]\n"
        "from streamlit.testing.v1 import AppTest\n"
        "at = AppTest.from_file(str(dashboard.home() / 'app' / 'main.py'), default_timeout=100).run()\n"
        "import app\n"
        "print(app.__file__, len(at.exception), at.title[0].value)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, tmp_path],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    place, exceptions, _title = done.stdout.split(maxsplit=2)
    assert place == str(folder / "xai_core" / "dashboard" / "app" / "__init__.py")
    assert exceptions == "0"
