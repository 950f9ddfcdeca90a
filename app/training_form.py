"""The form that begins a training."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import streamlit as st

import xai_core as xai
from app import access, paths
from app.controls import download, plain
from xai_core import training
from xai_core.methods import DEFAULT
from xai_core.roles import Role
from xai_core.training import AUGMENTATIONS, PRESETS, Preset, Settings


@st.dialog("Train a model", width="medium")
def offer() -> None:
    """The form; a training that begins becomes the run that is shown."""
    titles = {key: preset.title for key, preset in PRESETS.items()}
    key = st.segmented_control(
        "Preset", list(titles), format_func=titles.__getitem__, default="digits", required=True, key="train-preset"
    )
    preset = PRESETS[key]
    st.caption(preset.about)
    settings = preset.settings(data=preset.data or "…")
    changes: dict[str, Any] = {"name": st.text_input("Name", settings.name, key=f"train-name-{key}", max_chars=80)}
    changes |= _of_this_preset(key, preset)
    left, middle, right = st.columns(3)
    changes["epochs"] = left.number_input("Epochs", 1, 1000, settings.epochs, key=f"train-epochs-{key}")
    changes["batch_size"] = middle.number_input("Batch", 2, 1024, settings.batch_size, key=f"train-batch-{key}")
    changes["seed"] = right.number_input("Seed", 0, 2**31 - 1, settings.seed, key=f"train-seed-{key}")
    with st.expander("More"):
        changes |= _more(key, preset, settings)
    needed = {info.key: info for info in xai.list_datasets() if not info.on_disk}.get(str(changes.get("data")))
    if needed is not None:
        download(needed)
        return
    if any(job.alive for job in training.list_jobs()):
        st.info("Another training is under way, so this one will wait for its turn.", icon=":material/hourglass_top:")
    if st.button("Train", type="primary", width="stretch", icon=":material/play_arrow:"):
        _begin(key, changes)


def _of_this_preset(key: str, preset: Preset) -> dict[str, Any]:
    """The settings that not every preset leaves open."""
    changes: dict[str, Any] = {}
    if "data" in preset.asks:
        changes["data"] = st.text_input(
            "Pictures",
            preset.data,
            key=f"train-data-{key}",
            placeholder="/home/me/scenes",
            help="A folder with one folder for each class, with or without train and test above them"
            + (f", or {preset.data}, which is downloaded." if preset.data else "."),
        ).strip()
    if "shortcut" in preset.asks:
        changes["shortcut"] = st.slider(
            "Shortcut in the training pictures",
            0.0,
            1.0,
            0.0,
            0.05,
            format="percent",
            key="train-shortcut",
            help="Share of training pictures whose background gives the class away. The test pictures never do.",
        )
    if "architecture" in preset.asks:
        there = {info.key: info.title for info in xai.list_models() if info.on_disk and info.classes == 1000}
        changes["architecture"] = st.selectbox(
            "Model",
            list(there),
            format_func=there.__getitem__,
            key="train-architecture",
            help="With its ImageNet weights. Others can be downloaded on the Layer Explorer page.",
        )
    if "freeze" in preset.asks:
        changes["freeze"] = st.toggle("Train the last layer only", True, key="train-freeze")
    return changes


def _more(key: str, preset: Preset, settings: Settings) -> dict[str, Any]:
    """What is seldom changed."""
    left, right = st.columns(2)
    changes: dict[str, Any] = {
        "learning_rate": left.number_input(
            "Peak learning rate",
            1e-6,
            100.0,
            settings.learning_rate,
            format="%g",
            key=f"train-rate-{key}",
            help="Of a one-cycle schedule: it rises for 30% of the training and falls to nothing.",
        ),
        "weight_decay": right.number_input(
            "Weight decay", 0.0, 1.0, settings.weight_decay, format="%g", key=f"train-decay-{key}"
        ),
    }
    if "augment" in preset.asks:
        changes["augment"] = tuple(
            st.multiselect(
                "Data augmentation",
                list(AUGMENTATIONS),
                list(settings.augment),
                format_func=AUGMENTATIONS.__getitem__,
                key=f"train-augment-{key}",
            )
        )
    changes["checkpoint_every"] = st.number_input(
        "Save a checkpoint every … epochs",
        0,
        1000,
        settings.checkpoint_every,
        key=f"train-keep-{key}",
        help=f"0 keeps epochs 1, 2, 4, 8, … and the last. {xai.get_method(DEFAULT).title} can be shown for what is "
        "kept.",
    )
    return changes


def _begin(key: str, changes: Mapping[str, Any]) -> None:
    try:
        access.require(Role.TRAIN, "Training a model")
        if "data" in changes:
            changes = {**changes, "data": paths.data(changes["data"])}
        settings: Settings = PRESETS[key].settings(**changes)
        training.check_data(settings)
        folder = training.start(settings, owner=access.owner())
    except xai.XaiError as error:
        st.error(plain(str(error)), icon=":material/error:")
        return
    access.record("training begun", run=folder.name)
    st.session_state["run to show"] = folder.name
    st.rerun()
