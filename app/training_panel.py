"""The panel that shows how a training of the page stands."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import streamlit as st

import xai_core as xai
from app import access
from app.controls import plain
from xai_core import training
from xai_core.roles import Role
from xai_core.training import Job
from xai_core.types.counts import form, number_of

RUN = "run"  # the session's key of the run that is shown
_SHOWN = "job as shown"


def run_key(job: Job) -> str:
    """What the list of runs calls a training."""
    return job.folder.name


def _left(job: Job) -> str:
    """How long it will still take, once that can be said."""
    seconds = job.seconds_left
    if seconds != seconds:
        return ""
    return f" · about {seconds / 60:.0f} min left" if seconds > 90 else f" · about {seconds:.0f} s left"


def show(job: Job) -> None:
    """How the training of the run that is shown stands, with what can be done about it."""
    if job.notice:
        st.info(plain(job.notice), icon=":material/hard_drive:")
    if job.alive:
        _watch(str(job.folder))
        return
    looks = {
        "failed": (st.error, ":material/error:", plain(job.message)),
        "stopped": (st.info, ":material/pause_circle:", "This training was stopped."),
        "interrupted": (
            st.warning,
            ":material/power_off:",
            "This training ended without a word: its process was killed, or the computer was turned off.",
        ),
    }
    if job.state not in looks:
        return
    box, icon, sentence = looks[job.state]
    said = f"{sentence} {job.done} of {job.settings.epochs} epochs {form(job.done, 'is', 'are')} kept."
    if refusal := access.refusal(Role.TRAIN, "Resuming a training"):
        box(said, icon=icon)
        st.caption(plain(refusal))
        return
    text, button = st.columns([6, 1], vertical_alignment="center")
    with text:
        box(said, icon=icon)
    if button.button("Resume", width="stretch", icon=":material/play_arrow:"):
        _do(training.resume, "resumed", job)


def offer_delete(job: Job) -> None:
    """A way to be rid of a training that is over."""
    if job.alive or not access.may(Role.TRAIN):
        return
    with st.popover("Delete this training", width="stretch", icon=":material/delete:"):
        st.caption("The run, with its record and weights, is removed from the disk.")
        if st.button("Delete for good", width="stretch"):
            _do(training.delete, "deleted", job)


def _do(what: Callable[[Path], object], done: str, job: Job) -> None:
    """What was asked for, in the log and on the page."""
    try:
        what(job.folder)
        access.record(f"training {done}", run=run_key(job))
    except xai.XaiError as error:
        st.error(plain(str(error)), icon=":material/error:")
    else:
        st.rerun()


@st.fragment(run_every=1.0)
def _watch(folder: str) -> None:
    """The bar of a training that is alive; the whole page follows when an epoch is done or it ends."""
    try:
        job = training.read_job(folder)
    except xai.XaiError as error:
        st.error(plain(str(error)), icon=":material/error:")
        return
    standing = (folder, job.done, job.alive)
    before = st.session_state.get(_SHOWN)
    st.session_state[_SHOWN] = standing
    if before is not None and before[0] == folder and before != standing:
        st.rerun()
    words = {
        "starting": "Starting …",
        "queued": f"Waiting: {number_of(job.ahead, 'training')} before this one",
        "stopping": "Stopping after this batch …",
        "running": "Reading the pictures …",
    }[job.state]
    if job.state == "running" and job.batches:
        words = (
            f"Epoch {job.epoch} of {job.settings.epochs} · batch {job.batch} of {job.batches} · "
            f"loss {job.loss:.3f} · {100 * job.accuracy:.0f}% right{_left(job)}"
        )
    if refusal := access.refusal(Role.TRAIN, "Stopping a training"):
        st.progress(job.share, words)
        st.caption(plain(refusal))
        return
    bar, button = st.columns([5, 1], vertical_alignment="center")
    bar.progress(job.share, words)
    button.button(
        "Stop", width="stretch", icon=":material/stop:", disabled=job.state == "stopping", on_click=_stop, args=(job,)
    )


def _stop(job: Job) -> None:
    if access.may(Role.TRAIN):  # else the page says so
        training.stop(job.folder)
        access.record("training stopped", run=run_key(job))
