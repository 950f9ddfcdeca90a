"""Workers that are jobs, as submitit runs them on this machine; one is really killed."""

import json
import os
import re
from dataclasses import asdict
from types import SimpleNamespace

import pytest

from tests.support.workers import begun, below, first_part, same
from xai_core.engines.engine import Answer, EngineError, Share
from xai_core.engines.kinds import hiring_of
from xai_core.engines.options import Chosen
from xai_core.engines.slurm_jobs import SlurmJobs

LIMIT = ("--limit", "80")


def test_jobs_make_the_bytes_of_one_process_though_one_is_killed(by_one, tmp_path):
    pytest.importorskip("submitit", reason="needs the extra slurm")
    out = tmp_path / "out"
    running = begun("layers", out, *LIMIT, "--engine", "slurm", module="tests.support.local_jobs")
    first_part(out)
    below(running.pid, "submitit.core._submit")[0].kill()
    other = by_one("layers", *LIMIT)
    done = running.wait()
    assert done.returncode == 0, done.stderr
    assert re.search(r"Worker 1: The job \d+ ended \(\w+\) before it was done\.", done.stderr)
    same(out, other)


@pytest.mark.parametrize(
    ("chosen", "sentence"),
    [
        (Chosen(engine="slurm"), "--engine slurm: there is no Slurm on this machine (no sbatch)."),
        (Chosen(partition="gpu"), "--partition belongs to --engine slurm."),
        (Chosen(engine="slurm", address="head:6379"), "--address belongs to --engine ray."),
    ],
)
def test_what_cannot_be_is_a_sentence(chosen, sentence, monkeypatch):
    monkeypatch.setenv("PATH", "")
    with pytest.raises(EngineError) as raised:
        hiring_of(chosen)
    assert str(raised.value) == sentence


def test_a_missing_package_is_a_sentence(monkeypatch):
    monkeypatch.setattr("xai_core.engines.kinds.find_spec", lambda name: None)
    with pytest.raises(EngineError, match=r"^--engine ray needs the package ray: pip install 'xai-core\[ray\]'$"):
        hiring_of(Chosen(engine="ray"))


# What somebody, or a disk, puts in the place of a job's answers


class _Handed:
    """A job as submitit has it, which never ends."""

    job_id, state, ended = "7", "RUNNING", False

    def done(self):
        return False

    def cancel(self, check=True):
        self.ended = True


@pytest.fixture
def job(tmp_path):
    engine = SlurmJobs(2)
    engine._order = SimpleNamespace(folder=tmp_path)
    (tmp_path / "jobs").mkdir()
    engine.give(1, Share(4, (5, 6)))
    (given,) = engine._jobs
    given.job = _Handed()
    return engine, given


def line(**changes):
    made = {"turn": 5, "worker": "worker 2", "computed": 0.1, "written": 0.1, "read": 0.0}
    return json.dumps(asdict(Answer("made", 1, 5, 4)) | {"made": made} | changes) + "\n"


def test_what_a_job_says_is_heard_once(job):
    engine, given = job
    given.said.write_text(line() + line(what="failed", turn=6, made=None, why="no") + '{"half')
    assert [(one.what, one.turn) for one in engine.answers()] == [("made", 5), ("failed", 6)]
    assert engine._jobs == []


@pytest.mark.parametrize(
    "said",
    [
        "\0" * 4096 + "\n",
        "\xff\n",
        "[" * 100_000 + "\n",
        "5\n",
        "{}\n",
        "x" * (5 << 20),
        line(worker=77),
        line(turn=7),
        line(stage=3),
        line(what="done"),
        line(made=None),
        line(made={"turn": 5}),
        line(made={"turn": 5, "worker": "w", "computed": "1", "written": 0.1}),
        line(made={"turn": 5, "worker": "w", "computed": float("nan"), "written": 0.1}),
        line(made={"turn": 6, "worker": "w", "computed": 0.1, "written": 0.1}),
        line(settings=[]),
        line(turn=[5]),
        line(more=1),
    ],
    ids=lambda said: said[:24],
)
def test_a_job_that_says_what_no_worker_says_is_lost_and_ended(said, job):
    engine, given = job
    given.said.write_text(said, encoding="latin-1")
    (answer,) = engine.answers()
    assert (answer.what, answer.worker, given.job.ended, engine._jobs) == ("lost", 1, True, [])
    assert "the job 7 wrote to" in answer.why


def test_a_pipe_in_the_place_of_answers_is_not_waited_for(job):
    engine, given = job
    os.mkfifo(given.said)
    assert [one.what for one in engine.answers()] == ["lost"]


def test_jobs_run_nothing_that_lies_behind_a_link(tmp_path):
    pytest.importorskip("submitit", reason="needs the extra slurm")
    (tmp_path / "theirs").mkdir()
    (tmp_path / "study").mkdir()
    (tmp_path / "study" / "jobs").symlink_to(tmp_path / "theirs")
    with pytest.raises(EngineError, match=r"jobs is a link, and jobs run what lies there\."):
        SlurmJobs(1, cluster="local").start(SimpleNamespace(folder=tmp_path / "study", threads=1, gpu=False))
