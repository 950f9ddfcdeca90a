"""The panel of rival explanations, and it as files."""

from __future__ import annotations

import numpy as np
import streamlit as st

import xai_core as xai
from app import cache, controls
from app.explanations.request import Answer
from app.tables import show_table
from xai_core import figures, studies
from xai_core.figures import Style
from xai_core.types.superpixels import segment_values


def blocks_of(answers: list[Answer], style: Style) -> list[figures.Block]:
    """The panel's columns, drawn; the first picture has the difference, too."""
    return [
        figures.draw_block(answer.explained, answer.request.methods, answer.request.names, style, difference=index == 0)
        for index, answer in enumerate(answers)
    ]


def panel_html(answers: list[Answer], style: Style) -> str:
    """The panel, drawn once for what it shows."""
    said = [(answer.identity, answer.subject.title, answer.subject.lines) for answer in answers]
    return cache.results.panel(
        repr((said, answers[0].request.names, style, list(answers[0].notes.values()))),
        lambda: figures.panel_html(blocks_of(answers, style), answers[0].notes, style.colours),
    )


def show_agreement(answer: Answer) -> None:
    """Whether the methods point at the same places."""
    table = studies.agreements(answer.importance(0))
    if table.empty:
        return
    st.markdown("**Do the methods agree?**")
    show_table(table, {"overlap": "overlap of the top tenth (%)"})
    name = answer.request.names[0]
    said = (
        f"These are the maps for {name}; the finer of two maps is averaged to the cells of the coarser one. Of two "
        "maps with nothing in common, the rank correlation is about 0 and the overlap about 10%."
    )
    st.caption(controls.plain(said))


def offer(answers: list[Answer], style: Style, row: st.delta_generator.DeltaGenerator) -> None:
    """The panel and the maps behind it as files, among the buttons of a row."""
    request = answers[0].request

    def png() -> bytes:
        heading = f"{request.model.title}: {request.names[0]} against {request.names[1]}"
        return figures.to_png(figures.panel_png(blocks_of(answers, style), answers[0].notes, heading))

    def npz() -> bytes:
        arrays: dict[str, np.ndarray] = {
            "classes": np.array(request.classes),
            "class_names": np.array(request.names),
            "layer": np.array(request.layer or ""),
            "model": np.array(request.model.title),
            "model_id": np.array(request.model.id),
        }
        for index, answer in enumerate(answers):
            arrays |= {f"{index}/{name}": values for name, values in _arrays(answer).items()}
        return xai.arrays_to_npz(arrays)

    controls.offer_files(
        {
            "Panel (PNG)": ("panel.png", "image/png", png),
            "Raw maps (NPZ)": ("maps.npz", "application/octet-stream", npz),
        },
        row,
    )


def _arrays(answer: Answer) -> dict[str, np.ndarray]:
    """A picture's maps by the methods' keys; of superpixels their values, and the superpixels themselves."""
    found = {"id": np.array(answer.subject.sample.id), "name": np.array(answer.subject.sample.name)}
    for method in answer.estimates:
        values, segments = answer.explained.maps[method.key], answer.explained.segments.get(method.key)
        if segments is None:
            found[method.key] = values
            continue
        found[method.key] = np.stack([segment_values(one, segments) for one in values])
        found["segments" if "segments" not in found else f"{method.key}-segments"] = segments
    return found
