"""The engine that was chosen; its package is loaded only then."""

from __future__ import annotations

from importlib.util import find_spec
from shutil import which

from xai_core.batch.computing import Hiring
from xai_core.batch.stages import alone
from xai_core.engines.engine import EngineError
from xai_core.engines.foreman import hired
from xai_core.engines.options import ADDRESS, ENGINE, MINUTES, MINUTES_AT_MOST, PARTITION, Chosen
from xai_core.errors import install

_PACKAGES = {"ray": "ray", "slurm": "submitit"}  # engine, which is the extra's name, too -> what it needs


def hiring_of(chosen: Chosen) -> Hiring:
    """Who computes the parts of a study.

    Parameters
    ----------
    chosen : Chosen

    Returns
    -------
    callable
        As `run_study` takes it.

    Raises
    ------
    EngineError
        If its package is missing, or what was given belongs to another engine.
    """
    for name, value, own in (
        (ADDRESS, chosen.address, "ray"),
        (PARTITION, chosen.partition, "slurm"),
        (MINUTES, chosen.minutes, "slurm"),
    ):
        if value and chosen.engine != own:
            raise EngineError(f"--{name} belongs to --{ENGINE} {own}.")
    needed = _PACKAGES.get(chosen.engine)
    if needed and find_spec(needed) is None:
        extra = install(f"xai-core[{chosen.engine}]")
        raise EngineError(f"--{ENGINE} {chosen.engine} needs the package {needed}: {extra}")
    if chosen.engine == "ray":
        from xai_core.engines.ray_actors import RayActors

        return hired(RayActors(chosen.workers, chosen.address))
    if chosen.engine == "slurm":
        if which("sbatch") is None:
            raise EngineError(f"--{ENGINE} slurm: there is no Slurm on this machine (no sbatch).")
        from xai_core.engines.slurm_jobs import SlurmJobs

        return hired(SlurmJobs(chosen.workers, chosen.partition, chosen.minutes or MINUTES_AT_MOST))
    if chosen.workers == 1:
        return alone
    from xai_core.engines.processes import Processes

    return hired(Processes(chosen.workers))
