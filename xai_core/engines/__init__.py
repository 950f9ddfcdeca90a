"""Workers for the parts of a study: processes of this machine, Ray's actors, Slurm's jobs.

`options.py` has the command's options, `worker.py` computes a part, `foreman.py` hands parts out and a lost worker's
out again; each engine is a file that carries shares to workers and answers back. Nothing below knows of engines: a
study that is done without one, or taken up again without one, is the same study.
"""
