"""The command `xai` where jobs of Slurm are processes of this machine, as `begun` starts it."""

import functools
import sys

from xai_core.command import main
from xai_core.engines import kinds, slurm_jobs

if __name__ == "__main__":
    slurm_jobs.SlurmJobs = functools.partial(slurm_jobs.SlurmJobs, cluster="local")
    kinds.which = lambda name: name
    sys.exit(main())
