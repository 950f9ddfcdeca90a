"""Every picture: how it differs on and off the object, the gallery with the worst first, and the chosen one."""

from __future__ import annotations

import hashlib

import numpy as np
import streamlit as st

import xai_core as xai
from app import cache, controls, frame, state, trust
from app.charts import quiet, show_chart
from app.clickable import clickable
from app.foreground.maps import MeasuredMaps, conditions, overlay
from app.seen import show_seen
from xai_core import figures
from xai_core.figures import Card
from xai_core.questions.foreground.findings import ENERGY_WORDS, INTERVENTIONS, difference_words
from xai_core.questions.foreground.question import FOREGROUND
from xai_core.studies import percent, typeset
from xai_core.types.counts import number_of

CARDS = 16
SHOWN = 3  # pictures for the answer and against it, before all of them are unfolded


@st.fragment
def show_pictures(shown: MeasuredMaps, measure: str) -> None:
    """Three pictures for the object and three against it, the chosen one, and all of them."""
    first, second, labels = conditions(shown.table, measure)
    known = np.flatnonzero((shown.table["reason"] == "").to_numpy())
    if not len(known):
        return
    chosen = next((i for i in known.tolist() if shown.samples[i].id == state.picture()), None)
    difference = first - second
    order = known[np.argsort(difference[known], kind="stable")].tolist()
    others = [i for i in range(len(shown.samples)) if i not in set(order)]
    state.set_order([(shown.samples[i].id, shown.samples[i].name) for i in (*order, *others)])
    _show_extremes(shown, measure, difference, order)
    if chosen is not None:
        show_picture(shown, chosen)
        offer_check(shown, chosen)
    with st.expander(f"All {number_of(len(known), 'picture')}, worst first", key="all-pictures"):
        _show_all(shown, measure, (first, second, labels), known, order, chosen)
    frame.follow()


def _show_extremes(shown: MeasuredMaps, measure: str, difference: np.ndarray, order: list[int]) -> None:
    """The pictures whose maps lie most on the object, and those whose maps lie least on it."""
    count = min(SHOWN, len(order) // 2)
    if not count:
        return
    for column, title, some in zip(
        st.columns(2, gap="medium"),
        ("Most on the object", "Least on the object"),
        (order[::-1][:count], order[:count]),
        strict=True,
    ):
        with column:
            st.markdown(f"**{title}**")
            clickable(
                figures.gallery_html([card(shown, i, difference[i]) for i in some], state.picture()),
                f"fg-{title.split()[0].lower()}",
                state.choose_picture,
            )
    st.caption(f"Bold: {difference_words(measure)}. Below it: {ENERGY_WORDS}.")


def _show_all(
    shown: MeasuredMaps,
    measure: str,
    compared: tuple[np.ndarray, np.ndarray, tuple[str, str]],
    known: np.ndarray,
    order: list[int],
    chosen: int | None,
) -> None:
    """Every picture: its slope and difference, and the gallery in order."""
    first, second, labels = compared
    difference, names = first - second, [shown.samples[i].name for i in known]
    key = f"differences-{shown.key[:8]}-{measure}-{chosen}"

    def pick() -> None:
        points = st.session_state[key]["selection"]["points"]
        index = points[0].get("customdata") if points else None
        if index is not None:
            state.choose_picture(shown.samples[int(index)].id)

    show_chart(
        st,
        cache.results.kept(
            (shown.key, measure, chosen),
            figures.differences_figure,
            first[known],
            second[known],
            names,
            labels,
            known.tolist(),
            chosen,
        ),
        key=key,
        on_select=pick,
        selection_mode="points",
        config=quiet("pictures"),
        alt="Each picture on and off the object, and the differences",
    )
    st.caption(
        "A line joins the values of a picture; red: the map is lower on the object. Click a point to see it "
        "first below."
    )
    st.subheader("The pictures, worst first", anchor=False)
    pages = -(-len(order) // CARDS)
    page = st.pagination(pages, key=f"fg-page-{shown.key[:8]}-{measure}") if pages > 1 else 1
    part = order[(page - 1) * CARDS : page * CARDS]
    if chosen is not None:
        part = [chosen, *(i for i in part if i != chosen)]
    clickable(
        figures.gallery_html([card(shown, i, difference[i]) for i in part], state.picture()),
        "fg-gallery",
        state.choose_picture,
    )


def offer_check(shown: MeasuredMaps, index: int) -> None:
    """Whether a picture's map can be trusted."""
    model, samples = shown.model, shown.samples
    layers = [shown.layer] if shown.layer else [one.name for one in model.layers and model.select("stages")]
    method = shown.source.method
    trust.offer(model, samples[index], shown.targets[index], layers, method=method, others=samples)


def card(shown: MeasuredMaps, index: int, difference: float) -> Card:
    """A picture of the gallery, its map over it."""
    sample, row = shown.samples[index], shown.table.iloc[index]
    predicted = int(shown.heatmaps.predictions.classes[index])
    return Card(
        sample.id,
        overlay(shown, index),
        sample.name,
        typeset(f"{difference:+.2f}" if round(difference, 2) else "0.00"),
        float("nan"),
        "",
        None,
        f"energy {percent(row['energy_inside'])}, area {percent(row['mask_area'])}",
        hint=f"map for {shown.model.class_names[shown.targets[index]]}, predicted {shown.model.class_names[predicted]}",
    )


def show_picture(shown: MeasuredMaps, index: int) -> None:
    """One picture: outline, map, and what the interventions show the model."""
    sample = shown.samples[index]
    row = shown.table.iloc[index]
    targets = tuple(shown.targets)
    lenders = {kind: found[index] for kind, found in cache.data.lenders_of(shown.key, targets, shown.samples).items()}
    asked = FOREGROUND.choice("fill")
    fill = str(st.session_state.get(asked.address, asked.default))
    views: list[tuple[str, np.ndarray, list[tuple[str, float]]]] = [
        ("input", figures.outlined(sample.pixels, sample.mask), []),  # type: ignore[arg-type]
        ("map", overlay(shown, index), []),
    ]
    name = shown.model.class_names[shown.targets[index]]
    for kind, title in INTERVENTIONS.items():
        lender = lenders.get(kind, -1)
        if kind == "same" and lender < 0:
            continue
        other = shown.samples[lender] if lender >= 0 else None
        if kind == "swapped" and other is None:
            title = "a random texture"
        view = xai.intervene(sample, kind, fill=fill, other=other)  # type: ignore[arg-type]
        p = cache.maps.view_probability(shown.model.id, hashlib.sha256(view.tobytes()).hexdigest(), shown.model, view)
        views.append((title, view, [(name, float(p[shown.targets[index]]))]))
    share, area = percent(row["energy_inside"]), percent(row["mask_area"])
    st.markdown(
        controls.plain(
            f"{sample.name}: {share} of the energy on the object, which covers {area}. Mean activation "
            f"{row['mean_inside']:.2f} on it, {row['mean_outside']:.2f} off it; AUC {row['auc']:.2f}; overlap of the "
            f"map's highest pixels with the object (IoU) {row['iou']:.2f}; the maximum lies "
            f"{'on' if row['pointing'] >= 0.5 else 'off'} it."
        )
    )
    st.html(figures.hidden_html(views))
    show_seen(shown.model, sample)
    controls.offer_file(
        "Overlay with outline (PNG)",
        "overlay.png",
        "image/png",
        lambda: figures.to_png(overlay(shown, index)),
        type="tertiary",
        icon=":material/download:",
    )
