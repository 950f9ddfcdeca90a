"""Threads that wait for each other sleep, in every process of ours; said before torch is loaded, or it is too late."""

import os
import subprocess
import sys

import pytest

from tests.support.servers import ROOT
from xai_core.threads import VARIABLE, wait_asleep

pytestmark = pytest.mark.process
STARTS = {
    "dashboard": "import app.main",
    "command": "from xai_core.command import main\nsuppressed(lambda: main(['--version']))",
    "training": "from xai_core.training.__main__ import run\nsuppressed(lambda: run(['--help']))",
}
CODE = """
import contextlib, io, os, sys
def suppressed(call):
    with contextlib.suppress(SystemExit), contextlib.redirect_stdout(io.StringIO()):
        call()
{start}
print("torch" in sys.modules, os.environ.get({variable!r}))
"""


@pytest.mark.parametrize("start", STARTS.values(), ids=STARTS)
@pytest.mark.parametrize("own", [None, "ACTIVE"])
def test_it_is_said_before_torch_is_loaded_and_what_was_set_stands(start, own):
    env = {name: value for name, value in os.environ.items() if name != VARIABLE} | ({VARIABLE: own} if own else {})
    code = CODE.format(start=start, variable=VARIABLE)
    said = subprocess.run([sys.executable, "-c", code], cwd=ROOT, env=env, capture_output=True, text=True, check=True)
    assert said.stdout.split() == ["False", own or "PASSIVE"]


def test_a_worker_of_a_study_says_it_too(monkeypatch):
    from types import SimpleNamespace

    from xai_core.engines.engine import bound_libraries

    for name in (VARIABLE, "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
        monkeypatch.setenv(name, "")
    monkeypatch.delenv(VARIABLE)
    bound_libraries(SimpleNamespace(threads=2))
    assert os.environ[VARIABLE] == "PASSIVE"
    assert os.environ["OMP_NUM_THREADS"] == "2"
    monkeypatch.setenv(VARIABLE, "ACTIVE")
    wait_asleep()
    assert os.environ[VARIABLE] == "ACTIVE"
