"""The wheel: that it holds what it must, and shows pages from an empty folder, beside no checkout."""

import os
import socket
import subprocess
import sys
import zipfile

import pytest

from tests.support.servers import ROOT, answers, free_ports

pytestmark = pytest.mark.process


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    folder = tmp_path_factory.mktemp("wheel")
    run = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(run, cwd=ROOT, check=True, capture_output=True)
    (built,) = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def installed(wheel, tmp_path_factory):
    """The folder of packages, and the environment in which Python looks there first."""
    folder = tmp_path_factory.mktemp("installed")
    zipfile.ZipFile(wheel).extractall(folder)
    return folder, os.environ | {"PYTHONPATH": str(folder)}


def test_it_holds_the_package_with_the_pages_and_their_configuration(wheel):
    names = set(zipfile.ZipFile(wheel).namelist())
    assert {name.split("/")[0].split("-")[0] for name in names} == {"xai_core"}
    tracked = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False).stdout.split()
    tracked = tracked or [str(path.relative_to(ROOT)) for path in (ROOT / "xai_core").rglob("*.py")]
    wanted = {name for name in tracked if name.startswith("xai_core/")}
    wanted |= {f"xai_core/dashboard/{name}" for name in tracked if name.startswith("app/")}
    wanted.add("xai_core/dashboard/app/.streamlit/config.toml")
    assert wanted <= names
    assert not [name for name in names if "__pycache__" in name or name.startswith("xai_core/dashboard/tests")]
    (entry,) = [name for name in names if name.endswith("entry_points.txt")]
    assert "xai = xai_core.command:main" in zipfile.ZipFile(wheel).read(entry).decode()


def test_the_command_serves_from_an_empty_folder(installed, tmp_path):
    _, environment = installed
    (port,) = free_ports(1)
    code = "import sys; from xai_core.command import main; sys.exit(main())"
    with (tmp_path / "log").open("w") as log:
        run = [sys.executable, "-c", code, "--no-browser", "--port", str(port)]
        process = subprocess.Popen(run, cwd=tmp_path, env=environment, stdout=log, stderr=log)
        try:
            answers(f"http://localhost:{port}", tmp_path / "log")
        finally:
            process.terminate()
            assert process.wait(30) == 0
    with socket.socket() as one:
        assert one.connect_ex(("localhost", port)) != 0  # its server ended with it
    assert "Traceback" not in (tmp_path / "log").read_text()


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
