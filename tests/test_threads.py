"""Threads that wait for each other soon sleep, in every process of ours: said before torch is loaded, or too late."""

import os
import subprocess
import sys
from types import SimpleNamespace

import pytest

from tests.support.servers import ROOT
from xai_core.engines.engine import bound_libraries
from xai_core.threads import FEW, POLICY, TURNS, wait_briefly

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
print("torch" in sys.modules, os.environ.get({turns!r}))
"""


@pytest.mark.parametrize("start", STARTS.values(), ids=STARTS)
@pytest.mark.parametrize(("own", "then"), [({}, FEW), ({TURNS: "7"}, "7"), ({POLICY: "ACTIVE"}, "None")])
def test_it_is_said_before_torch_is_loaded_and_what_was_set_stands(start, own, then):
    env = {name: value for name, value in os.environ.items() if name not in (TURNS, POLICY)} | own
    code = CODE.format(start=start, turns=TURNS)
    said = subprocess.run([sys.executable, "-c", code], cwd=ROOT, env=env, capture_output=True, text=True, check=True)
    assert said.stdout.split() == ["False", then]


def test_a_worker_of_a_study_says_it_too(monkeypatch):
    for name in (TURNS, "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
        monkeypatch.setenv(name, "")
    monkeypatch.delenv(TURNS)
    monkeypatch.delenv(POLICY, raising=False)
    bound_libraries(SimpleNamespace(threads=2))
    assert os.environ[TURNS] == FEW
    assert os.environ["OMP_NUM_THREADS"] == "2"
    monkeypatch.setenv(TURNS, "7")
    wait_briefly()
    assert os.environ[TURNS] == "7"
