"""Which runs can be shown, and how a choice among them is opened."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

import streamlit as st

import xai_core as xai
from app import access, by_hand, cache, paths, training_panel
from app.controls import plain, show_bound
from xai_core import training
from xai_core.questions.evolution.findings import Answer
from xai_core.roles import Role
from xai_core.shipped import RUNS

FILE, UPLOAD = "file", "upload"
UPLOADED = ["csv", "tsv", "parquet", "jsonl", "json"]
TABLE = "A table has a row for each picture at each epoch, with the columns epoch, picture, label and predicted."
_RECORDED = "recorded/"  # before a folder's name: no folder, and so no training, is called so


@dataclass(frozen=True, eq=False)
class OpenedRun:
    """The run on the page; `job` is its training, where that was begun here."""

    id: str
    run: xai.TrainingRun
    answer: Answer
    job: training.Job | None


@dataclass(frozen=True, eq=False)
class LoadedRun:
    """A choice among the runs; `run` is None before the first epoch of its training, `job`, is whole."""

    id: str
    run: xai.TrainingRun | None
    job: training.Job | None


def runs() -> dict[str, str]:
    """What can be shown: key -> title. The included ones, those trained or recorded here, a file, an upload."""
    titles = {key: title for key, (title, _) in RUNS.items()}
    titles |= {training_panel.run_key(job): f"{job.name} ({job.folder.name})" for job in training.list_jobs()}
    titles |= {f"{_RECORDED}{name}": f"{name} (recorded)" for name in _recorded(set(titles))}
    return titles | {FILE: by_hand.RECORD, UPLOAD: "Upload"}


def _recorded(trained: set[str]) -> list[str]:
    """Folders of runs that a loop of one's own recorded; a folder that may not be read has none."""
    try:
        there = sorted(training.runs_folder().iterdir())
        return [one.name for one in there if one.name not in trained and (one / "run.json").is_file()]
    except OSError:
        return []


def load(key: str, suffix: str = "") -> LoadedRun | None:
    """What was chosen; None while something is missing."""
    job = None
    if key == UPLOAD:
        if sentence := access.refusal(Role.COMPUTE, "Uploading a record"):
            st.info(plain(sentence), icon=":material/lock:")
            return None
        file = st.file_uploader(
            "Table of predictions, or InstanceFlow's JSON",
            type=UPLOADED,
            key=f"run-file{suffix}",
            max_upload_size=20,
            help=TABLE,
        )
        show_bound()
        if file is None:
            st.caption(f"{TABLE} The computer that runs this page reads it and keeps nothing.")
            return None
        digest = hashlib.sha256(file.getvalue()).hexdigest()[:16]
        name = Path(file.name).stem[:80]
        return LoadedRun(f"{digest} {name}", cache.runs.uploaded_run(digest, name, file.getvalue()), None)
    if key == FILE:
        path = st.text_input(
            "Path",
            key=f"record{suffix}",
            placeholder="/home/me/runs/mine",
            bind="query-params",
            help="A record's folder, a table of predictions, a folder of Weights & Biases, or InstanceFlow's JSON.",
        ).strip()
        if not path:
            st.caption("Type the path of a record on the computer that runs this page.")
            return None
        path = str(paths.allowed(path))
    elif key in RUNS:
        path = str(RUNS[key][1])
    elif key.startswith(_RECORDED):
        path = str(training.runs_folder() / key.removeprefix(_RECORDED))
    else:
        path = str(training.runs_folder() / key)
        job = training.read_job(path)
        if not job.done:
            return LoadedRun(path, None, job)
    stamp = cache.stamps.run_stamp(path)
    run = cache.runs.run(path, stamp)
    return LoadedRun(f"{path}:{stamp}{cache.stamps.pictures_stamp(run)}", run, job)
