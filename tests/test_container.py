"""Dockerfile and compose file: what they promise, as far as it can be held without Docker."""

import argparse
import re
import runpy
import shutil
import subprocess
import sys
import threading
import urllib.request
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
import yaml

from tests.support.servers import ROOT, free_ports
from xai_core import result_cache
from xai_core.command import dashboard

DOCKERFILE = (ROOT / "Dockerfile").read_text("utf-8")
COMPOSE = yaml.safe_load((ROOT / "compose.yaml").read_text("utf-8"))
NGINX, OWN_NGINX = ((ROOT / folder / "nginx.conf").read_text("utf-8") for folder in ("docs", "container"))
HADOLINT = shutil.which("hadolint", path=str(Path(sys.executable).parent)) or shutil.which("hadolint")


@pytest.mark.skipif(HADOLINT is None, reason="hadolint is not installed here")
@pytest.mark.process
def test_a_linter_has_nothing_to_say():
    done = subprocess.run([HADOLINT, ROOT / "Dockerfile"], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "")


def test_what_is_copied_is_not_ignored():
    """The context has what hatchling and the script need, and nothing else."""
    kept = {line[1:] for line in (ROOT / ".dockerignore").read_text("utf-8").splitlines() if line.startswith("!")}
    assert all((ROOT / name).exists() for name in kept)
    needed = {"hatch_build.py", "pyproject.toml", "requirements.txt", "requirements.lock", "constraints.txt"}
    assert needed | {"README.md", "LICENSE", "app", "xai_core", ".streamlit", "container"} == kept


def test_the_image_is_no_root_and_writes_to_data_alone():
    assert re.search(r"^USER (\d+):\d+$", DOCKERFILE, re.MULTILINE)[1] != "0"
    places = dict(re.findall(r"^ +([A-Z_]+)=(/\S+?)(?: \\)?$", DOCKERFILE, re.MULTILINE))
    assert {dashboard.RUNS, result_cache.FOLDER} <= set(places)
    assert all(place.startswith("/data") or place == "/tmp" for place in places.values())
    assert 'VOLUME ["/data"]' in DOCKERFILE


def test_its_entry_is_the_command():
    words = re.search(r"^ENTRYPOINT \[(.+)\]$", DOCKERFILE, re.MULTILINE)[1].replace('"', "").split(", ")
    parser = argparse.ArgumentParser()
    dashboard.add_options(parser)
    given = vars(parser.parse_args(words[1:]))
    assert words[0] == "xai"
    assert (given["dashboard_port"], given["dashboard_address"], given["dashboard_no_browser"]) == (
        8501,
        "0.0.0.0",
        True,
    )


def test_services_have_a_root_that_is_read_only_and_no_capabilities():
    assert list(COMPOSE["services"]) == ["dashboard1", "dashboard2", "nginx"]
    for service in COMPOSE["services"].values():
        assert service["read_only"] is True
        assert service["cap_drop"] == ["ALL"]
        assert service["security_opt"] == ["no-new-privileges:true"]
        assert service["tmpfs"] == ["/tmp"]
    assert COMPOSE["services"]["nginx"]["ports"] == ["127.0.0.1:8500:8500"]
    assert COMPOSE["services"]["dashboard1"] == COMPOSE["services"]["dashboard2"]


def test_nginx_does_the_same_as_in_the_docs():
    """But for addresses, for names, which the servers check, and for where it may write."""

    def rules(text):
        lines = [line.partition("#")[0].strip() for line in text.splitlines()]
        away = r"listen|server_name|server (127|dashboard)|pid|\w+_temp_path|return 444"
        return [line for line in lines if line and not re.match(away, line)]

    assert [one for one in rules(OWN_NGINX) if one not in rules(NGINX)] == []
    assert [one for one in rules(NGINX) if one not in rules(OWN_NGINX)] == []
    assert re.findall(r"server (dashboard\d):8501", OWN_NGINX) == ["dashboard1", "dashboard2"]


def test_the_lock_without_cuda_has_everything_else():
    without_cuda = runpy.run_path(str(ROOT / "container" / "without_cuda.py"))["without_cuda"]
    lock = (ROOT / "requirements.lock").read_text("utf-8")
    before, after = (
        set(re.findall(r"^([a-z0-9][\w.-]*)==", text, re.MULTILINE)) for text in (lock, without_cuda(lock))
    )
    gone = before - after
    assert "torch" in gone
    assert all(re.match(r"torch$|triton$|nvidia-|cuda-", name) for name in gone)
    assert {"torchvision", "numpy", "streamlit"} <= after
    assert without_cuda(lock).count("--hash=sha256:") > 500


@pytest.mark.parametrize(("answer", "ends"), [(b"ok", 0), (b"starting", 1)])
def test_the_health_check_asks_the_server(answer, ends, monkeypatch):
    class Server(BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200 if self.path == "/_stcore/health" else 404)
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *_):
            """Says nothing."""

    with HTTPServer(("localhost", 0), Server) as server:
        threading.Thread(target=server.handle_request, daemon=True).start()
        asked = urllib.request.urlopen
        monkeypatch.setattr(urllib.request, "urlopen", lambda address, timeout: asked(address, timeout=200))
        monkeypatch.setattr(sys, "argv", ["health.py", str(server.server_port)])
        with pytest.raises(SystemExit) as ended:
            runpy.run_path(str(ROOT / "container" / "health.py"))
    assert ended.value.code == ends


def test_the_health_check_says_that_nobody_answers(monkeypatch):
    (port,) = free_ports(1)
    monkeypatch.setattr(sys, "argv", ["health.py", str(port)])
    with pytest.raises(SystemExit, match="refused"):
        runpy.run_path(str(ROOT / "container" / "health.py"))
