"""Workers that are Ray's actors on this machine, one of which is really killed."""

import os
import re

import psutil
import pytest

from tests.support.workers import begun, below, first_part, same

pytest.importorskip("ray", reason="needs the extra ray")
LIMIT = ("--limit", "120")


def test_actors_make_the_bytes_of_one_process_though_one_is_killed(by_one, tmp_path):
    out = tmp_path / "out"
    running = begun("layers", out, *LIMIT, "--workers", "2", "--engine", "ray")
    first_part(out)
    below(running.pid, "ray::_Actor")[0].kill()
    every = psutil.Process(running.pid).children(recursive=True)
    settings = psutil.Process(below(running.pid, "raylet")[0].pid).environ()
    (head,) = below(running.pid, "dashboard/dashboard.py")  # Ray's own state; without pages, and reporting is off
    assert "--disable-frontend" in head.cmdline()
    done = running.wait()
    assert done.returncode == 0, done.stderr
    assert re.search(r"Worker [12]: The actor ended before it was done", done.stderr)
    same(out, by_one("layers", *LIMIT))
    assert (settings["RAY_USAGE_STATS_ENABLED"], settings["RAY_AUTH_MODE"]) == ("0", "token")
    assert settings["RAY_AUTH_TOKEN"] not in out.joinpath("study.json").read_text() + done.stdout + done.stderr
    assert psutil.wait_procs(every, timeout=20)[1] == []
    assert "RAY_AUTH_TOKEN" not in os.environ
