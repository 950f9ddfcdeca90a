"""Workers that are jobs, as submitit runs them on this machine; one is really killed."""

import re

import pytest

from tests.support.workers import begun, below, first_part, same
from xai_core.engines.engine import EngineError
from xai_core.engines.kinds import hiring_of
from xai_core.engines.options import Chosen

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
