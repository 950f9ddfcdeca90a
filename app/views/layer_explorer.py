"""Layer Explorer: where a model looks, layer by layer, and whether deeper layers focus more."""

from __future__ import annotations

import hashlib
import json
import time
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import streamlit as st

import xai_core as xai
from app import cache, cards, controls, frame, notices, state, teaching, trust
from xai_core import figures, reports, studies
from xai_core.figures import Caption, Scale, Style, View
from xai_core.models import BUNDLED
from xai_core.questions.layers.question import LAYERS
from xai_core.questions.layers.report import layers_report
from xai_core.studies import MapMeasures
from xai_core.types import Layer, Method

ROWS = (4, 8, 16)
PICTURES_IN_PNG = 64
VIEWS: dict[View, str] = {"overlay": "Overlay", "raw": "Raw, signed", "input": "Input"}
SCALES: dict[Scale, str] = {"map": "each map its own", "layer": "one a layer", "all": "one for all"}


@dataclass(frozen=True, eq=False)
class Shown:
    """What the page shows: computed once, then only drawn. `chosen` is the index of the picture that stands out."""

    key: str
    data: xai.Dataset
    model: xai.Classifier
    layers: tuple[Layer, ...]
    samples: list[xai.Sample]
    heatmaps: xai.Heatmaps
    captions: list[Caption]
    chosen: int | None
    settings: dict[str, object]
    method: Method

    @property
    def names(self) -> list[str]:
        return [sample.name for sample in self.samples]


@dataclass(frozen=True, eq=False)
class Choice:
    """What the side bar says."""

    data: xai.Dataset
    model: xai.Classifier
    method: Method
    method_settings: dict[str, Any]
    layers: tuple[Layer, ...]
    target: controls.Target


def choose() -> Choice | None:
    """The side bar; None while something is missing."""
    with st.sidebar:
        data = controls.choose_data()
        st.divider()
        model = controls.choose_model(controls.fitting(data))
        method, method_settings = controls.choose_method(LAYERS, model) if model else None, {}
        if model is not None and method is not None and method.settings:
            with st.popover("Settings of the method", icon=":material/tune:", width="stretch"):
                method_settings = controls.choose_settings(method, model)
        layers = controls.choose_layers(model) if model else None
        target = controls.choose_target(model, bool(data and data.labels)) if model else None
    if data is None or model is None or method is None or layers is None or target is None:
        return None
    state.keep(controls.begins_with("photos", BUNDLED))
    return Choice(data, model, method, method_settings, layers, target)


def compute(choice: Choice) -> Shown | None:
    """Read the pictures and run the model, with a bar; None where no picture can be read."""
    model, target = choice.model, choice.target
    started = time.perf_counter()
    bar = st.empty()

    def report(word: str):  # type: ignore[no-untyped-def]
        def progress(done: int, total: int) -> None:
            if time.perf_counter() - started > 0.3:  # no flicker where everything is cached
                bar.progress(done / total, f"{word} {done} of {total}")

        return progress

    samples, problems = cache.data.pictures(choice.data, model, report("Reading pictures"))
    notices.problems([*problems, *choice.data.skipped])
    if not samples:
        st.warning("None of the pictures can be read, so there is nothing to show.")
        return None
    truth = xai.true_classes(model, samples)
    # The index is that of the class asked for, and None for the prediction.
    wanted = truth if target.kind == "label" else [target.index] * len(samples)
    heatmaps = cache.maps.heatmaps(
        model,
        samples,
        choice.layers,
        wanted,
        report("Looking through the layers:"),
        method=choice.method,
        settings=choice.method_settings,
    )
    bar.empty()
    if target.kind == "label":
        notices.labels(samples, truth, model)
    notices.notes(samples)
    notices.missing(state.settle([(sample.id, sample.name) for sample in samples]))
    say_what(choice, len(samples), time.perf_counter() - started)
    captions = figures.captions(samples, heatmaps, model.class_names, truth)
    asked = [choice.method.key, *map(str, sorted(choice.method_settings.items()))]
    identity = [model.id, *asked, *(sample.id for sample in samples), *heatmaps, *map(repr, captions)]
    return Shown(
        key=hashlib.sha256("\n".join(identity).encode()).hexdigest(),
        data=choice.data,
        model=model,
        layers=choice.layers,
        samples=samples,
        heatmaps=heatmaps,
        captions=captions,
        chosen=index_of(state.picture(), samples),
        settings=saved_settings(choice, samples, heatmaps),
        method=choice.method,
    )


def say_what(choice: Choice, pictures: int, seconds: float) -> None:
    """What was computed, and how long it took."""
    model, count = choice.model, len(choice.layers)
    words = {"label": "the label", "prediction": "the prediction", "class": ""}[choice.target.kind]
    if choice.target.index is not None:
        words = model.class_names[choice.target.index]
    set_to = controls.settings_in_words(choice.method, choice.method_settings)
    st.caption(
        controls.plain(
            f"{model.title} on {model.device.type} · {pictures} "
            f"picture{'s' if pictures > 1 else ''} · {count} layer{'s' if count > 1 else ''} · "
            f"{choice.method.title}{f' ({set_to})' if set_to else ''} for {words} · {seconds:.1f} s"
        )
    )


def saved_settings(choice: Choice, samples: list[xai.Sample], heatmaps: xai.Heatmaps) -> dict[str, object]:
    """What a file says of how its numbers were made."""
    model = choice.model
    return {
        "data": choice.data.key,
        "pictures": [{"name": sample.name, "id": sample.id} for sample in samples],
        "model": model.title,
        "model_id": model.id,
        "preprocessing": model.preprocessing.settings(),
        "layers": [layer.name for layer in choice.layers],
        "method": heatmaps.method,
        "method_settings": choice.method.defaults(model) | choice.method_settings,
        "target": choice.target.kind,
        "target_classes": [model.class_names[int(index)] for index in heatmaps.targets],
        "device": model.device.type,
        "xai_core": xai.__version__,
    }


def index_of(picture: str | None, samples: list[xai.Sample]) -> int | None:
    """Where a picture stands among the samples, if it does."""
    return next((index for index, sample in enumerate(samples) if sample.id == picture), None)


def page_colour() -> str:
    """The page's background, for the grid's column that stays in place while the rest scrolls."""
    return str(st.get_option(f"theme.{st.context.theme.type or 'light'}.backgroundColor"))


@st.fragment
def show_maps(shown: Shown) -> None:
    """The grid of maps and how it is drawn. A fragment: its controls draw again and compute nothing."""
    st.header("Where it looks", anchor=False)
    bar = st.container(horizontal=True, vertical_alignment="bottom", gap="medium")
    view = bar.segmented_control(
        "Show",
        list(VIEWS),
        format_func=VIEWS.__getitem__,
        default="overlay",
        required=True,
        key="view",
        bind="query-params",
    )
    opacity = bar.slider(
        "Opacity", 0.0, 1.0, 0.6, 0.05, key="opacity", bind="query-params", disabled=view != "overlay", width=280
    )
    with bar.popover("Display", icon=":material/palette:"):
        colours = st.selectbox(
            "Colours", figures.MAP_SCALES, key="colours", bind="query-params", disabled=view != "overlay"
        )
        scale = st.selectbox(
            "Scale",
            list(SCALES),
            format_func=SCALES.__getitem__,
            key="scale",
            bind="query-params",
            disabled=view == "input",
            help="Its own scale shows where; a shared one shows how strong, too.",
        )
        smooth = st.toggle(
            "Smooth",
            True,
            key="smooth",
            bind="query-params",
            help="Off: the layer's own cells.",
            disabled=view == "input",
        )
        rows = st.selectbox("Pictures at a time", ROWS, key="rows", bind="query-params")
    style = Style(view, opacity, colours, smooth, scale)
    state.board()["style"] = style
    pages = -(-len(shown.samples) // rows)
    page = st.pagination(pages, key=f"page-{shown.key[:8]}-{rows}") if pages > 1 else 1
    indices = list(range((page - 1) * rows, min(page * rows, len(shown.samples))))
    if shown.chosen is not None:
        indices = [shown.chosen, *(index for index in indices if index != shown.chosen)]
    grid = cache.maps.grid(
        shown.key, tuple(indices), style, shown.samples, shown.heatmaps, shown.layers, shown.captions
    )
    st.html(controls.Markup(f"<style>.xg{{--xg-page:{page_colour()}}}</style>{grid}"))
    count = min(len(shown.samples), PICTURES_IN_PNG)
    st.download_button(
        "Grid (PNG)",
        lambda: figures.to_png(
            figures.grid_png(
                shown.samples[:count], shown.heatmaps.take(slice(count)), shown.layers, shown.captions[:count], style
            )
        ),
        "layers.png",
        "image/png",
        on_click="ignore",
        type="tertiary",
        icon=":material/download:",
        help=f"All {count} pictures, drawn like this."
        if count == len(shown.samples)
        else f"The first {count} pictures.",
    )
    flat = sum(int(xai.is_flat(xai.rectify(raw)).sum()) for raw in shown.heatmaps.values())
    if flat:
        st.caption(
            f"{flat} of {len(shown.layers) * len(shown.samples)} maps hold no positive evidence for "
            "their class. They are marked, drawn without colour, and left out of the statistics."
        )


def guess_first(shown: Shown) -> bool:
    """With the guide on, the maps stay hidden until the viewer has guessed; whether they may be shown."""
    if not teaching.guided():
        return True
    index = shown.chosen or 0
    layer, name = shown.layers[-1].name, shown.captions[index].target

    def overlay() -> np.ndarray:
        (tile,) = figures.draw_tiles([shown.samples[index].pixels], shown.heatmaps.take([index]), Style())[layer]
        return tile.pixels

    return teaching.predict_then_reveal(
        f"{shown.samples[index].id} {shown.model.id} {layer} {name}",
        shown.samples[index],
        shown.heatmaps[layer][index],
        overlay,
        name,
    )


@st.fragment
def show_statistics(shown: Shown, own: MapMeasures, common: MapMeasures) -> None:
    """The tests between layers. A fragment: moving the threshold looks numbers up and tests again."""
    st.header("Do deeper layers focus more?", anchor=False)
    offered = ["share", "gini"] + (["energy_inside"] if np.isfinite(own.energy_inside).any() else [])
    asked, limit = LAYERS.choice("measure"), LAYERS.choice("threshold")
    bar = st.container(horizontal=True, vertical_alignment="bottom", gap="medium")
    measure = bar.segmented_control(
        asked.title,
        offered,
        format_func=asked.name_of,
        default=asked.default,
        required=True,
        key=asked.address,
        bind="query-params",
        help=asked.help,
    )
    threshold = bar.slider(
        limit.title,
        0.50,
        0.95,
        limit.default,
        0.01,
        key=limit.address,
        bind="query-params",
        disabled=measure != "share",
        width=280,
        help=limit.help,
    )
    threshold = round(threshold, 2)
    answer = cache.results.kept(
        (shown.key, measure, threshold),
        cache.answers.layer_answer,
        shown.key,
        measure,
        threshold,
        offered,
        own,
        common,
        shown.names,
        shown.layers,
    )
    card = answer.card
    if guest := state.brought():
        card = studies.with_guest(card, guest)
    cards.hypothesis_card(card)

    one_size = len({layer.size for layer in shown.layers}) == 1
    grid = "own" if one_size else choose_grid(common.sizes[0])
    drawn = answer.own if grid == "own" else answer.common
    show_boxes(shown, drawn, grid)
    show_details(shown, drawn, grid)
    both = pd.concat([table for table, _ in answer.sweeps.values()]) if answer.sweeps else None
    if both is not None:
        show_sweep(shown, answer, both, threshold)
    st.header("Take it away", anchor=False)
    frame.offer_report("layers", lambda board: make_report(board, shown, drawn, card, both))
    offer_downloads(shown, answer.own, answer.common)


def choose_grid(size: tuple[int, int]) -> str:
    """The grid to be drawn: "own" or "common"."""
    words = {"own": "at their own resolutions", "common": f"on a common {size[0]} × {size[1]} grid"}
    return st.segmented_control(
        "Maps",
        list(words),
        format_func=words.__getitem__,
        default="own",
        required=True,
        key="grid",
        bind="query-params",
        help="Finer maps have more cells that can be the maximum, so resolution alone moves these numbers. "
        "On the common grid every raw map is first averaged down to the coarsest layer's cells.",
    )


def show_boxes(shown: Shown, focus: studies.LayerFocus, grid: str) -> None:
    """Box plots with a line a picture; a click on a point lets its picture stand out."""
    # A key of its own for each choice: the new chart starts without a selection.
    key = f"boxes-{shown.key[:8]}-{shown.chosen}"

    def pick() -> None:
        points = st.session_state[key]["selection"]["points"]
        picture = points[0].get("customdata") if points else None
        if picture is not None:
            state.choose_picture(shown.samples[int(picture)].id)

    st.plotly_chart(
        cache.results.kept(
            (shown.key, grid, focus.measure.key, focus.threshold, shown.chosen),
            figures.focus_boxes,
            focus,
            shown.layers,
            shown.names,
            shown.chosen,
        ),
        key=key,
        on_select=pick,
        selection_mode="points",
        config={"displayModeBar": False},
        alt="Box plots of the measure by layer, a line for each picture",
    )
    if index_of(state.picture(), shown.samples) != shown.chosen:
        st.rerun()  # the whole page: the grid shows the chosen picture, too
    if shown.chosen is None:
        st.caption("A line is a picture. Click a point to let its picture stand out here and in the grid above.")
        return
    note, button = st.columns([5, 1], vertical_alignment="center")
    note.caption(f"Standing out, and first in the grid above: {controls.plain(shown.names[shown.chosen])}")
    if button.button("Let go", width="stretch"):
        state.choose_picture(None)
        st.rerun()


def named(focus: studies.LayerFocus, layers: tuple[Layer, ...]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """All pairs and all medians, with the layers' titles."""
    titles = {layer.name: layer.title for layer in layers}
    return focus.pairwise.replace({"first": titles, "second": titles}), focus.medians.replace({"layer": titles})


def show_details(shown: Shown, drawn: studies.LayerFocus, grid: str) -> None:
    """What the tests ask, all pairs, all medians."""
    with st.expander("What the tests ask"):
        st.markdown(
            "**Page's trend** asks whether the measure goes one way with depth, ranking the layers within each "
            "picture; it carries the verdict. **Friedman** asks only whether layers differ at all, also within "
            "pictures. **Kruskal-Wallis**, which studies often report, takes the same picture at several layers "
            "for several pictures: for paired data its p-values are far too large. Intervals are a percentile "
            "bootstrap over pictures."
        )
    key = (shown.key, grid, drawn.measure.key, drawn.threshold)
    pairs, medians = cache.results.kept(key, named, drawn, shown.layers)
    with st.expander(f"Pairs of layers: Wilcoxon signed-rank, Holm-corrected ({len(pairs)})"):
        st.dataframe(pairs, hide_index=True, width="stretch")
    with st.expander("Medians by layer"):
        st.dataframe(medians, hide_index=True, width="stretch")


def show_sweep(shown: Shown, answer: cache.answers.LayerAnswer, both: pd.DataFrame, threshold: float) -> None:
    """Whether the outcome depends on the threshold, on each grid."""
    st.subheader("Does the threshold matter?", anchor=False)
    for title, (_, sentence) in answer.sweeps.items():
        st.markdown(f"**{title}.** {controls.plain(sentence)}")
    st.plotly_chart(
        cache.results.kept((shown.key, threshold), figures.sweep_lines, both, threshold),
        key="sweep",
        config={"displayModeBar": False},
        alt="Correlation of the share with depth against the threshold",
    )


def make_report(
    board: dict[str, Any], shown: Shown, focus: studies.LayerFocus, card: studies.Hypothesis, swept: pd.DataFrame | None
) -> reports.Report:
    """The page as it stands."""
    return layers_report(
        shown.model,
        shown.data.code,
        shown.samples,
        shown.layers,
        shown.heatmaps,
        shown.captions,
        focus,
        card,
        swept=swept,
        style=board.get("style"),
        chosen=shown.chosen,
        settings={"method": shown.method.title, "map for": shown.settings["target"], "address": board["address"]},
        checks=trust.report_parts(board),
    )


def offer_downloads(shown: Shown, focus: studies.LayerFocus, pooled: studies.LayerFocus) -> None:
    """Table, maps and settings as files, made when asked for."""
    table = pd.concat([focus.table.assign(grid="own"), pooled.table.assign(grid="common")])
    table.insert(1, "id", np.repeat([s.id for s in shown.samples], len(shown.layers)).tolist() * 2)
    settings = shown.settings | {"threshold": focus.threshold, "measure": focus.measure.key}
    controls.offer_files(
        {
            "Table (CSV)": ("layers.csv", "text/csv", lambda: table.to_csv(index=False)),
            "Raw maps (NPZ)": (
                "layers.npz",
                "application/octet-stream",
                lambda: xai.to_npz(shown.heatmaps, shown.samples),
            ),
            "Settings (JSON)": ("layers.json", "application/json", lambda: json.dumps(settings, indent=2)),
        }
    )


def main() -> None:
    bar = frame.begin("layer_explorer")
    chosen = choose()
    if chosen is None:
        st.info(
            "Choose pictures, a model and layers in the side bar; what is missing is said there.",
            icon=":material/arrow_back:",
        )
        return
    try:
        shown = compute(chosen)
    except xai.XaiError as error:
        st.error(controls.plain(str(error)), icon=":material/error:")
        return
    if shown is None:
        return
    frame.picture_bar(bar, "layer_explorer")
    own = cache.maps.measures(shown.key, "own", shown.heatmaps, shown.samples)
    common = cache.maps.measures(shown.key, "common", shown.heatmaps, shown.samples)
    if not guess_first(shown):
        return
    show_maps(shown)
    index = shown.chosen or 0
    target = int(shown.heatmaps.targets[index])
    trust.offer(shown.model, shown.samples[index], target, list(shown.heatmaps), method=shown.method)
    show_statistics(shown, own, common)


main()
