"""Workers that are Ray's actors on this machine, where an actor, the node manager and the head are really killed.

Ray takes seconds to begin and to notice that something has ended, so two clusters meet all of it, and at the same time.
"""

import json
import os
import re
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from subprocess import PIPE
from types import SimpleNamespace

import psutil
import pytest

from tests.support.command import study
from tests.support.workers import begun, below, first_part, same, waited
from xai_core.batch.progress import PROGRESS
from xai_core.engines.engine import EngineError
from xai_core.engines.ray_actors import RayActors

pytest.importorskip("ray", reason="needs the extra ray")
LIMIT = ("--limit", "80")
PARTS = 10
RAY = ("--engine", "ray")


def stamps(out):
    """When each part was written."""
    return {path: path.stat().st_mtime_ns for path in (out / "parts").glob("*.npz")}


def actors_of(pid, number):
    """The actors below a process, before they have done anything: to look for them takes as long as several parts."""
    return waited(lambda: found if len(found := below(pid, "ray::_Actor")) == number else None)


def named(pid, name):
    """The processes below one whose program has a name."""
    return [one for one in below(pid, name) if one.name() == name]


OF_OTHERS = {"RAY_AUTH_MODE": "token", "RAY_AUTH_TOKEN": "of these tests", "RAY_USAGE_STATS_ENABLED": "0"}
ONE_PLACE = """
import sys, time, ray
ray.init(num_cpus=1, include_dashboard=False, _temp_dir=sys.argv[1])
print(ray.get_runtime_context().gcs_address, flush=True)
sys.stdin.read()
"""


@pytest.fixture(scope="module")
def one_place(tmp_path_factory):
    """A process that begins a cluster with a CPU; it says the cluster's address first."""
    asked = [sys.executable, "-c", ONE_PLACE, str(tmp_path_factory.mktemp("r"))]
    own = os.environ | OF_OTHERS | {"RAY_health_check_period_ms": "200"}  # five in vain are the end of a machine
    with subprocess.Popen(asked, stdin=PIPE, stdout=PIPE, stderr=subprocess.DEVNULL, text=True, env=own) as running:
        yield running
        running.stdin.close()


def manager_killed(out, place):
    """A grid of two models on the cluster of others, whose node manager is killed during the second, as it ended.

    Without a node manager there is no machine on which Ray would begin another actor; the cluster of the others ends.
    """
    address, models = place.stdout.readline().strip(), "digits,digits_shortcut"
    engine = (*RAY, "--address", address, "--workers", "3", "--threads", "1", "--json")
    running = begun("layers", out, *LIMIT, "--model", models, *engine, environment=OF_OTHERS)
    first_part(out / "digits_shortcut")
    actors = below(place.pid, "ray::_Actor")
    for one in actors:
        one.suspend()
    (manager,) = named(place.pid, "raylet")
    manager.kill()
    for one in actors:  # the system lets those go on that were suspended, as their parent ends
        with suppress(psutil.NoSuchProcess):
            one.kill()
    return running.wait()


@pytest.fixture(scope="module")
def without_manager(tmp_path_factory, one_place):
    """The folder of that grid, and how it will have ended: it is done meanwhile."""
    out = tmp_path_factory.mktemp("grid")
    with ThreadPoolExecutor(1) as pool:
        yield out, pool.submit(manager_killed, out, one_place)


def test_an_actor_is_killed_and_replaced_then_rays_head_and_one_process_goes_on(without_manager, by_one, tmp_path):
    out = tmp_path / "out"
    running = begun("layers", out, *LIMIT, *RAY, "--workers", "2")
    actors = actors_of(running.pid, 2)
    first_part(out)
    for one in actors:  # which could be done before they are replaced
        one.suspend()
    (manager,) = named(running.pid, "raylet")
    settings = manager.environ()
    (state,) = below(running.pid, "dashboard/dashboard.py")  # Ray's own; without pages, and reporting is off
    assert "--disable-frontend" in state.cmdline()
    actors[0].kill()
    (new,) = waited(lambda: set(below(running.pid, "ray::_Actor")) - set(actors))
    new.suspend()
    every = psutil.Process(running.pid).children(recursive=True)
    (head,) = named(running.pid, "gcs_server")
    head.kill()
    other = by_one("layers", *LIMIT)
    done = running.wait()
    for one in (*actors, new):
        with suppress(psutil.NoSuchProcess):
            one.resume()
    assert done.returncode == 1, done.stderr
    assert re.search(r"Worker [12]: The actor ended before it was done", done.stderr)
    assert done.stderr.strip().splitlines()[-1] == (
        f"Ray's head no longer answers: its gcs_server has ended, or cannot be reached. What is done is kept in {out}."
    )
    assert psutil.wait_procs(every, timeout=100)[1] == []
    assert 0 < len(stamps(out)) < PARTS
    assert json.loads((out / PROGRESS).read_text())["state"] == "ended"
    assert (settings["RAY_USAGE_STATS_ENABLED"], settings["RAY_AUTH_MODE"]) == ("0", "token")
    assert settings["RAY_AUTH_TOKEN"] not in out.joinpath("study.json").read_text() + done.stdout + done.stderr
    assert "RAY_AUTH_TOKEN" not in os.environ
    before = stamps(out)
    assert study("layers", out, *LIMIT) == 0
    assert {path: stamps(out)[path] for path in before} == before  # nothing whole was made again
    same(out, other)


def test_a_grid_is_done_by_the_workers_for_whom_there_is_room_until_the_node_manager_is_killed(without_manager, by_one):
    out, ending = without_manager
    done = ending.result()
    assert done.returncode == 1, done.stderr
    assert "Ray has room for 1 of 3 workers, each of which takes 1 CPU: 1 worker will do the work." in done.stderr
    same(out / "digits", by_one("layers", *LIMIT))
    first, second = json.loads(done.stdout)["studies"]  # and nothing of Ray's, which prints that a machine is gone
    assert "error" not in first
    assert "No worker is left" in second["error"]
    assert second["error"].endswith(
        f"Ray has no machine left: its node manager has ended. What is done is kept in {out / 'digits_shortcut'}."
    )
    assert 0 < len(stamps(out / "digits_shortcut")) < PARTS


def test_a_cluster_without_room_for_one_worker_is_a_sentence():
    engine = RayActors(1)
    engine._order = SimpleNamespace(threads=2, gpu=False)
    with pytest.raises(EngineError) as raised:
        engine._fit([{"Alive": True, "Resources": {"CPU": 1.0}}], {"CPU": 1.0})
    assert str(raised.value) == (
        "Ray has no machine with 2 CPUs, which each worker takes here. Ask for fewer --threads, or add a machine to "
        "the cluster."
    )


def test_ray_that_was_loaded_without_a_token_is_a_sentence(monkeypatch):
    monkeypatch.delenv("RAY_AUTH_TOKEN", raising=False)
    monkeypatch.setitem(sys.modules, "ray", object())
    with pytest.raises(EngineError, match=r"^Ray was loaded in this process before the study began.* Let no plug-in"):
        RayActors(1).start(SimpleNamespace())
    assert "RAY_AUTH_TOKEN" not in os.environ


def test_a_head_that_ends_while_it_is_asked_for_its_machines_holds_up_nobody(monkeypatch):
    ended = threading.Event()
    monkeypatch.setattr("ray.wait", lambda asked, **how: ([], asked))
    monkeypatch.setattr("ray.nodes", lambda: ended.wait() and [])
    monkeypatch.setattr(RayActors, "_has_head", lambda self: True)
    monkeypatch.setattr("xai_core.engines.ray_actors.HEAD_S", 0.01)
    engine = RayActors(1)
    engine._waiting = {"a part": 1}
    assert engine.answers() == []  # the next look finds that there is no head
    assert engine._waiting
    ended.set()
