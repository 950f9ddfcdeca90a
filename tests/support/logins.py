"""A provider to log in with, on this computer, and a server that asks for it."""

import contextlib
import json
import os
import subprocess
import sys
import time
import urllib.request
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.support.servers import ROOT, answers, free_ports

SECRET = "a secret of these tests, which is long enough"
PEOPLE = {  # number at the provider -> what it says
    "ada": {"email": "ada@example.org", "email_verified": True},
    "ben": {"email": "ben@lab.example.org", "email_verified": True},
    "cleo": {"email": "cleo@example.com", "email_verified": True, "groups": ["students", "choir"]},
    "dan": {"email": "dan@elsewhere.example", "email_verified": True},
    "eve": {"email": "ada@example.org", "email_verified": False},  # says that she is Ada
}
ROLES = """
ask = "Ada, room 12"
classes_without_login = true

[train]
emails = ["ada@example.org"]

[compute]
domains = ["lab.example.org"]

[look]
claims = { groups = ["students"] }
"""


@dataclass
class Place:
    """A server where people log in, and where it keeps what."""

    address: str
    folder: Path

    @property
    def lines(self):
        """The access log."""
        return [json.loads(line) for line in (self.folder / "access.jsonl").read_text().splitlines()]


def write_secrets(folder, address, provider, **changes):
    """secrets.toml for a server and a provider, with what else is said there; None leaves a key out."""
    said = {
        "redirect_uri": f"{address}/oauth2callback",
        "cookie_secret": SECRET,
        "client_id": "dashboard",
        "client_secret": "not secret",
        "server_metadata_url": f"{provider}/.well-known/openid-configuration",
    } | changes
    lines = [f"{key} = {json.dumps(value)}" for key, value in said.items() if value is not None]
    (folder / "secrets.toml").write_text("\n".join(["[auth]", *lines, ""]))
    return folder / "secrets.toml"


@contextlib.contextmanager
def provider(folder):
    """The address of a provider where all `PEOPLE` have an account, and everybody gets in by naming one."""
    (port,) = free_ports(1)
    people = [part for sub, claims in PEOPLE.items() for part in ("--user-claims", json.dumps({"sub": sub} | claims))]
    command = [sys.executable, "-m", "oidc_provider_mock", "--host", "localhost", "--port", str(port), *people]
    with started(command, folder / "provider.log", os.environ | {"AUTHLIB_INSECURE_TRANSPORT": "1"}):
        address = f"http://localhost:{port}"
        _wait(f"{address}/.well-known/openid-configuration", folder / "provider.log")
        yield address


@contextlib.contextmanager
def login_server(folder, roles=ROLES):
    """A server where people log in at a provider of its own."""
    (port,) = free_ports(1)
    address = f"http://localhost:{port}"
    (folder / "roles.toml").write_text(roles)
    environment = os.environ | {
        "XAI_ROLES": str(folder / "roles.toml"),
        "XAI_RUNS": str(folder / "runs"),
        "XAI_ACCESS_LOG": str(folder / "access.jsonl"),
        "XAI_UPLOADS_MB": "3",
    }
    with contextlib.ExitStack() as stack:
        secrets = write_secrets(folder, address, stack.enter_context(provider(folder)))
        stack.enter_context(started(command(port, secrets), folder / "log", environment))
        answers(address, folder / "log")
        yield Place(address, folder)


def command(port, secrets):
    """What starts a server with secrets of its own."""
    script = (sys.executable, "-m", "streamlit", "run", "app/main.py")
    return [*script, "--server.port", str(port), "--secrets.files", str(secrets)]


@contextlib.contextmanager
def started(command, log, environment):
    """A process while it is needed."""
    with log.open("w") as out:
        process = subprocess.Popen(command, cwd=ROOT, stdout=out, stderr=out, env=environment)
        try:
            yield process
        finally:
            process.terminate()
            process.wait(20)


def _wait(address, log):
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(address, timeout=2):
                return
        except OSError:
            time.sleep(0.1)
    pytest.fail(f"The provider did not come up: {log.read_text()}")
