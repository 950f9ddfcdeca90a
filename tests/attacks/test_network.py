"""Nothing is sent anywhere: shown where every packet that leaves is seen, and nobody answers.

What the server asks while all pages are used in a browser is noted by that of `tests/app`, by Python's own hook.
"""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.servers import ROOT
from tests.support.silent_network import NAME_SERVER
from tests.support.strangers import asked, watching

pytestmark = pytest.mark.process
OPENED = ("", "layer_explorer")  # the first page, and one that loads a model
ALONE = ["unshare", "--user", "--map-root-user", "--net", "--mount"]


def may():
    """Whether this system lets a user have a network of its own."""
    if not all(map(shutil.which, ("unshare", "ip", "mount"))) or not Path("/dev/net/tun").exists():
        return False
    return subprocess.run([*ALONE, "true"], capture_output=True, check=False).returncode == 0


@pytest.fixture(scope="module")
def found(tmp_path_factory):
    """What came of asking a server that answers on all addresses, on a network where nobody answers."""
    if not may():
        pytest.skip("This system gives no network of one's own.")
    folder = tmp_path_factory.mktemp("alone")
    (folder / "resolv.conf").write_text(f"nameserver {NAME_SERVER}\n")
    names = f"mount --bind {folder}/resolv.conf /etc/resolv.conf"
    program = f'exec {sys.executable} -m tests.support.silent_network "$@"'
    done = subprocess.run(
        [*ALONE, "sh", "-c", f"{names} && {program}", "sh", str(folder), *OPENED],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=280,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


def test_it_would_be_seen(found):
    assert found["noticed"]


def test_nothing_is_sent_by_a_server_that_answers_on_all_addresses(found):
    assert found["start"] == 200
    assert set(found["pages"]) == set(OPENED)
    assert all(messages > 3 for messages in found["pages"].values())
    assert found["sent"] == []


def test_a_foreign_page_is_refused_without_a_look_up_and_nobody_waits(found):
    assert [status for status, _ in found["foreign"]] == [403, 403]
    assert found["own"][0] == 101
    assert max(seconds for _, seconds in found["foreign"]) < 5  # a look-up took 20


def test_a_process_that_asks_somebody_is_noted(tmp_path):
    code = "import socket\ntry: socket.create_connection(('{}', 9), 0.01)\nexcept OSError: pass"
    for host, count in (("127.0.0.1", 0), ("203.0.113.1", 2)):
        notes = tmp_path / host
        command = [sys.executable, "-W", "ignore", "-c", code.format(host)]
        subprocess.run(command, env=watching(notes), check=True)
        assert len(asked(notes)) == count
        assert all(host in line for line in asked(notes))
