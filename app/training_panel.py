"""Trainings on the page: the form that begins one, and the panel that shows how one stands."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import streamlit as st

import xai_core as xai
from app import paths
from app.controls import download, plain
from xai_core import training
from xai_core.methods import DEFAULT
from xai_core.training import AUGMENTATIONS, PRESETS, Job, Settings

RUN = "run"  # the session's key of the run that is shown
_SHOWN = "job as shown"


def run_key(job: Job) -> str:
    """What the list of runs calls a training."""
    return job.folder.name


@st.dialog("Train a model", width="medium")
def offer() -> None:
    """The form; a training that begins becomes the run that is shown."""
    titles = {key: preset.title for key, preset in PRESETS.items()}
    key = st.segmented_control(
        "Preset", list(titles), format_func=titles.__getitem__, default="digits", required=True, key="train-preset"
    )
    preset = PRESETS[key]
    st.caption(preset.about)
    settings = preset.settings(data=preset.settings(data="…").data) if key == "scenes" else preset.settings()
    changes: dict[str, Any] = {"name": st.text_input("Name", settings.name, key=f"train-name-{key}", max_chars=80)}
    if key != "digits":
        changes["data"] = st.text_input(
            "Pictures",
            "" if key == "scenes" else settings.data,
            key=f"train-data-{key}",
            placeholder="/home/me/scenes",
            help="A folder with one folder for each class, with or without train and test above them"
            + (", or cifar10, which is downloaded." if key == "cifar10" else "."),
        ).strip()
    if key == "digits":
        changes["shortcut"] = st.slider(
            "Shortcut",
            0.0,
            1.0,
            0.0,
            0.05,
            key="train-shortcut",
            help="Share of training pictures whose background gives the class away. The test pictures never do.",
        )
    if key == "scenes":
        there = {info.key: info.title for info in xai.list_models() if info.on_disk and info.classes == 1000}
        changes["architecture"] = st.selectbox(
            "Model",
            list(there),
            format_func=there.__getitem__,
            key="train-architecture",
            help="With its ImageNet weights. Others can be downloaded on the Layer Explorer page.",
        )
        changes["freeze"] = st.toggle("Train the last layer only", True, key="train-freeze")
    left, middle, right = st.columns(3)
    changes["epochs"] = left.number_input("Epochs", 1, 1000, settings.epochs, key=f"train-epochs-{key}")
    changes["batch_size"] = middle.number_input("Batch", 2, 1024, settings.batch_size, key=f"train-batch-{key}")
    changes["seed"] = right.number_input("Seed", 0, 2**31 - 1, settings.seed, key=f"train-seed-{key}")
    with st.expander("More"):
        left, right = st.columns(2)
        changes["learning_rate"] = left.number_input(
            "Highest learning rate",
            1e-6,
            100.0,
            settings.learning_rate,
            format="%g",
            key=f"train-rate-{key}",
            help="Of a one-cycle schedule: it rises for 30 % of the training and falls to nothing.",
        )
        changes["weight_decay"] = right.number_input(
            "Weight decay", 0.0, 1.0, settings.weight_decay, format="%g", key=f"train-decay-{key}"
        )
        if key != "digits":
            changes["augment"] = tuple(
                st.multiselect(
                    "Changes to training pictures",
                    list(AUGMENTATIONS),
                    list(settings.augment),
                    format_func=AUGMENTATIONS.__getitem__,
                    key=f"train-augment-{key}",
                )
            )
        changes["checkpoint_every"] = st.number_input(
            "Keep the weights of every … epochs",
            0,
            1000,
            settings.checkpoint_every,
            key=f"train-keep-{key}",
            help="0 keeps epochs 1, 2, 4, 8, … and the last. "
            f"{xai.get_method(DEFAULT).title} can be shown for what is kept.",
        )
    needed = {info.key: info for info in xai.list_datasets() if not info.on_disk}.get(str(changes.get("data")))
    if needed is not None:
        download(needed)
        return
    if any(job.alive for job in training.list_jobs()):
        st.info("Another training is under way, so this one will wait for its turn.", icon=":material/hourglass_top:")
    if st.button("Train", type="primary", width="stretch", icon=":material/play_arrow:"):
        _begin(key, changes)


def _begin(key: str, changes: Mapping[str, Any]) -> None:
    try:
        if "data" in changes:
            changes = {**changes, "data": paths.data(changes["data"])}
        settings: Settings = PRESETS[key].settings(**changes)
        training.check_data(settings)
        folder = training.start(settings)
    except xai.XaiError as error:
        st.error(plain(str(error)), icon=":material/error:")
        return
    st.session_state["run to show"] = folder.name
    st.rerun()


def _left(job: Job) -> str:
    """How long it will still take, once that can be said."""
    seconds = job.seconds_left
    if seconds != seconds:
        return ""
    return f" · about {seconds / 60:.0f} min left" if seconds > 90 else f" · about {seconds:.0f} s left"


def show(job: Job) -> None:
    """How the training of the run that is shown stands, with what can be done about it."""
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
    text, button, bin_ = st.columns([5, 1, 1], vertical_alignment="center")
    with text:
        box(f"{sentence} {job.done} of {job.settings.epochs} epochs are kept.", icon=icon)
    asked = None
    if button.button("Resume", width="stretch", icon=":material/play_arrow:"):
        asked = training.resume
    with bin_.popover("Delete", width="stretch", icon=":material/delete:"):
        st.caption("The run, with its record and weights, is removed from the disk.")
        if st.button("Delete for good", width="stretch"):
            asked = training.delete
    if asked is not None:
        try:
            asked(job.folder)
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
        "queued": f"Waiting: {job.ahead} training{'s' if job.ahead != 1 else ''} before this one",
        "stopping": "Stopping after this batch …",
        "running": "Reading the pictures …",
    }[job.state]
    if job.state == "running" and job.batches:
        words = (
            f"Epoch {job.epoch} of {job.settings.epochs} · batch {job.batch} of {job.batches} · "
            f"loss {job.loss:.3f} · {100 * job.accuracy:.0f} % right{_left(job)}"
        )
    bar, button = st.columns([5, 1], vertical_alignment="center")
    bar.progress(job.share, words)
    button.button(
        "Stop",
        width="stretch",
        icon=":material/stop:",
        disabled=job.state == "stopping",
        on_click=training.stop,
        args=(folder,),
    )
