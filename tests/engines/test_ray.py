"""Workers that are Ray's actors on this machine, where an actor, the node manager and the head are really killed.

Ray takes seconds to begin, so one study meets all of it: each command goes on where the one before was ended.
"""

import json
import os
import re
import subprocess
import sys
from contextlib import suppress
from subprocess import PIPE

import psutil
import pytest

from tests.support.workers import begun, below, first_part, same, waited
from xai_core.batch.progress import PROGRESS

pytest.importorskip("ray", reason="needs the extra ray")
LIMIT = ("--limit", "120")
PARTS = 15
RAY = ("--engine", "ray")


@pytest.fixture(scope="module")
def out(tmp_path_factory):
    """Of the study, which each test leaves with more parts."""
    return tmp_path_factory.mktemp("ray") / "out"


def stamps(out):
    """When each part was written."""
    return {path: path.stat().st_mtime_ns for path in (out / "parts").glob("*.npz")}


def actors_of(running, number):
    """The actors of a command, before they have done anything: to look for them takes as long as several parts."""
    return waited(lambda: found if len(found := below(running.pid, "ray::_Actor")) == number else None)


def ended(running, out, every, halted):
    """What a command says that cannot go on, once it has ended with all that it began; some parts are there."""
    done = running.wait()
    for one in halted:
        with suppress(psutil.NoSuchProcess):
            one.resume()
    assert done.returncode == 1, done.stderr
    assert psutil.wait_procs(every, timeout=100)[1] == []
    assert 0 < len(stamps(out)) < PARTS
    assert json.loads((out / PROGRESS).read_text())["state"] == "ended"
    return done


def test_an_actor_is_killed_and_replaced_then_rays_node_manager(out):
    """Without a node manager there is no machine on which Ray would begin another actor."""
    running = begun("layers", out, *LIMIT, *RAY, "--workers", "2", "--json")
    actors = actors_of(running, 2)
    first_part(out)
    for one in actors:  # which could be done before they are replaced
        one.suspend()
    (manager,) = (one for one in below(running.pid, "raylet") if one.name() == "raylet")
    settings = manager.environ()
    (head,) = below(running.pid, "dashboard/dashboard.py")  # Ray's own state; without pages, and reporting is off
    assert "--disable-frontend" in head.cmdline()
    actors[0].kill()
    (new,) = waited(lambda: set(below(running.pid, "ray::_Actor")) - set(actors))
    new.suspend()
    every = psutil.Process(running.pid).children(recursive=True)
    manager.kill()
    done = ended(running, out, every, [*actors, new])
    assert re.search(r"Worker [12]: The actor ended before it was done", done.stderr)
    said = json.loads(done.stdout)["error"]  # and nothing of Ray's, which prints that a machine is gone
    assert "No worker is left" in said
    assert said.endswith(f"Ray has no machine left: its node manager has ended. What is done is kept in {out}.")
    assert (settings["RAY_USAGE_STATS_ENABLED"], settings["RAY_AUTH_MODE"]) == ("0", "token")
    assert settings["RAY_AUTH_TOKEN"] not in out.joinpath("study.json").read_text() + done.stdout + done.stderr
    assert "RAY_AUTH_TOKEN" not in os.environ


def test_rays_head_is_killed_and_the_command_ends_with_a_sentence(out):
    before = stamps(out)
    running = begun("layers", out, *LIMIT, *RAY, "--workers", "1")
    actors = actors_of(running, 1)
    waited(lambda: len(stamps(out)) > len(before))
    for one in actors:
        one.suspend()
    every = psutil.Process(running.pid).children(recursive=True)
    (head,) = (one for one in below(running.pid, "gcs_server") if one.name() == "gcs_server")
    head.kill()
    done = ended(running, out, every, actors)
    assert done.stderr.strip().splitlines()[-1] == (
        f"Ray's head no longer answers: its gcs_server has ended, or cannot be reached. What is done is kept in {out}."
    )
    assert {path: stamps(out)[path] for path in before} == before  # nothing whole was made again


ONE_PLACE = """
import sys, time, ray
ray.init(num_cpus=1, include_dashboard=False, _temp_dir=sys.argv[1])
print(ray.get_runtime_context().gcs_address, flush=True)
sys.stdin.read()
"""


@pytest.fixture(scope="module")
def one_place(tmp_path_factory):
    """The address of a cluster with a CPU."""
    own = {"RAY_AUTH_MODE": "token", "RAY_AUTH_TOKEN": "of these tests", "RAY_USAGE_STATS_ENABLED": "0"}
    asked = [sys.executable, "-c", ONE_PLACE, str(tmp_path_factory.mktemp("r"))]
    with pytest.MonkeyPatch.context() as patch:
        for name, value in own.items():
            patch.setenv(name, value)
        with subprocess.Popen(asked, stdin=PIPE, stdout=PIPE, stderr=subprocess.DEVNULL, text=True) as running:
            yield running.stdout.readline().strip()
            running.stdin.close()


def test_workers_for_whom_a_cluster_has_no_room_are_left_out_and_the_bytes_are_those_of_one_process(
    by_one, out, one_place
):
    before = stamps(out)
    asked = ("layers", out, *LIMIT, *RAY, "--address", one_place, "--workers", "3")
    refused = begun(*asked, "--threads", "2").wait()
    assert refused.returncode == 2, refused.stderr
    assert refused.stderr.strip().splitlines()[-1] == (
        "Ray has no machine with 2 CPUs, which each worker takes here. Ask for fewer --threads, or add a machine to "
        "the cluster."
    )
    done = begun(*asked, "--threads", "1").wait()
    assert done.returncode == 0, done.stderr
    assert "Ray has room for 1 of 3 workers, each of which takes 1 CPU: 1 worker will do the work." in done.stderr
    assert {path: stamps(out)[path] for path in before} == before
    same(out, by_one("layers", *LIMIT))


def test_a_grid_of_studies_is_done_by_one_cluster(by_one, tmp_path, one_place):
    models, few = ("digits", "digits_shortcut"), ("--limit", "16")
    engine = (*RAY, "--address", one_place, "--workers", "1", "--threads", "1")
    done = begun("layers", tmp_path, *few, "--model", ",".join(models), *engine).wait()
    assert done.returncode == 0, done.stderr
    for model in models:
        same(tmp_path / model, by_one("layers", *few, "--model", model))
