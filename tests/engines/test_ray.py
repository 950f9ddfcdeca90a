"""Workers that are Ray's actors on this machine, one of which is really killed."""

import os
import re
from contextlib import suppress

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


def test_rays_node_manager_is_killed_and_the_same_command_goes_on(by_one, tmp_path):
    """Without it there is no machine on which Ray would begin another actor."""
    out = tmp_path / "out"
    asked = ("layers", out, *LIMIT, "--workers", "2", "--engine", "ray")
    running = begun(*asked)
    first_part(out)
    every = psutil.Process(running.pid).children(recursive=True)
    (manager,) = (one for one in below(running.pid, "raylet") if one.name() == "raylet")
    actors = below(running.pid, "ray::_Actor")
    for one in actors:  # which would go on for some seconds, and could be done
        one.suspend()
    manager.kill()
    done = running.wait()
    for one in actors:
        with suppress(psutil.NoSuchProcess):
            one.resume()
    assert done.returncode == 1, done.stderr
    last = done.stderr.strip().splitlines()[-1]
    assert "No worker is left" in last
    assert last.endswith(f"Ray has no machine left: its node manager has ended. What is done is kept in {out}.")
    assert psutil.wait_procs(every, timeout=20)[1] == []
    before = {path: path.stat().st_mtime_ns for path in (out / "parts").glob("*.npz")}
    assert 0 < len(before) < 15
    again = begun(*asked).wait()
    assert again.returncode == 0, again.stderr
    assert {path: path.stat().st_mtime_ns for path in before} == before  # nothing whole was made again
    same(out, by_one("layers", *LIMIT))
