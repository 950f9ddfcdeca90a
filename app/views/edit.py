"""Edit and watch: change a picture by hand, and see what happens to the probabilities and to the map."""

from __future__ import annotations

from typing import Literal

import streamlit as st

import xai_core as xai
from app import cache, controls, frame, notices, state
from app.editing import history
from app.editing.canvas import show_canvas
from app.editing.elsewhere import opened_in, used
from app.editing.export import offer_export
from app.editing.moves import BY_SLIDERS, choose_tool, show_numbers
from app.editing.shown import Edited, Watched, edited, listed, maps_html, sentence
from xai_core import figures
from xai_core.models import BUNDLED
from xai_core.questions.choices import TARGET
from xai_core.questions.layers.question import LAYERS

PICTURES = 12
_DRAWN = {
    "box": "Draw a box on the picture.",
    "stroke": "Draw a stroke on the picture.",
    "object": "Drag the outlined object to another place, or use the sliders.",
}
_EXPLAINED = {"before": "Prediction before the edits", "now": "Prediction now", "class": TARGET.other}


def main() -> None:
    frame.begin("edit")
    with st.sidebar:
        data = controls.choose_data(None, PICTURES)
        st.divider()
        model = controls.choose_model(controls.fitting(data))
        controls.warn_of_size(data, model)
        watched = _choose(model) if model is not None else None
    if data is None or model is None or watched is None:
        notices.not_chosen()
        return
    frame.show_body(_show, data, model, watched)


def _show(bar: st.delta_generator.DeltaGenerator, data: xai.Dataset, model: xai.Classifier, watched: Watched) -> None:
    state.keep(controls.begins_with("photos", BUNDLED))
    samples, problems = cache.data.pictures(data, model, lambda *_: None)
    notices.problems(problems)
    history.unedited([sample.name for sample in samples])
    notices.missing(state.settle([(sample.id, sample.name) for sample in samples]))
    if not samples:
        st.info("None of these pictures can be read.", icon=":material/hide_image:")
        return
    if state.picture() is None:
        state.choose_picture(samples[0].id, by_hand=False)
    chosen = next((sample for sample in samples if sample.id == state.picture()), samples[0])
    whole: xai.Dataset = state.board()[controls.WHOLE_OF_BOARD]
    frame.picture_bar(bar, "edit", lambda page: opened_in(page, whole, chosen.name))
    if refused := history.arrive(chosen.name):
        st.warning(
            controls.plain(f"The address asks for edits that do not exist: {', '.join(refused)[:200]}"),
            icon=":material/link_off:",
        )
    _work(watched, data, chosen, samples, whole)


def _choose(model: xai.Classifier) -> Watched:
    """The method and the layer of the map; neither for a model that no method with layers can explain."""
    method = controls.choose_method(LAYERS, model) if model.layers else None
    if method is None:
        return Watched(model, None, {}, None)
    name = controls.choose_layer(model, [method]) if not method.layers else None
    layer = next((one for one in model.layers if one.name == name), None)
    return Watched(model, method if layer or method.layers else None, {}, layer)


@st.fragment
def _work(
    watched: Watched, data: xai.Dataset, chosen: xai.Sample, samples: list[xai.Sample], whole: xai.Dataset
) -> None:
    """All that follows an edit; nothing else of the page runs then."""
    frame.follow()
    others = {sample.name: sample for sample in samples if sample.id != chosen.id}
    edits = history.edits_of(chosen.name)
    history.to_address(chosen.name)
    tools = st.container(horizontal=True, vertical_alignment="bottom")
    waiting = st.container()  # with a place of its own, so that what is shown stays until the answer is there
    left, right = st.columns([1, 1], gap="large")
    with right:
        answer, sliders = st.container(), st.container()
        explain = _choose_explained(watched.model, data)
        maps = st.container()
    below = st.container()  # on a phone the answer comes right after the picture
    try:
        with waiting:
            needed = used(whole, chosen.name, edits)
            sources, _ = cache.data.pictures(needed, watched.model, lambda *_: None)
            found = edited(watched, chosen, edits, {one.name: one for one in sources}, explain)
    except (ValueError, xai.XaiError) as error:
        with left:
            st.error(controls.plain(str(error)), icon=":material/error:")
            _show_history(chosen)
        return
    with answer:
        _show_answer(watched, found)
    with maps:
        _show_maps(watched, found)
    _show_picture(watched, found, others, tools, left, sliders, below)
    offer_export(watched, needed, found)


def _choose_explained(model: xai.Classifier, data: xai.Dataset) -> Literal["before", "now"] | int:
    """The class that both maps explain."""
    kind = st.segmented_control(
        "Map for",
        list(_EXPLAINED),
        format_func=_EXPLAINED.__getitem__,
        default="before",
        required=True,
        key="explain",
        bind="query-params",
        wrap=True,
    )
    index = controls.choose_class(model, data) if kind == "class" else None
    state.note(TARGET.address, None if index is None else TARGET.other)  # on the pages to which it goes along
    if index is None:
        return "now" if kind == "now" else "before"
    return index


def _show_picture(
    watched: Watched,
    found: Edited,
    others: dict[str, xai.Sample],
    tools: st.delta_generator.DeltaGenerator,
    place: st.delta_generator.DeltaGenerator,
    beside: st.delta_generator.DeltaGenerator,
    below: st.delta_generator.DeltaGenerator,
) -> None:
    """The picture to draw on, in its place, with the tools above it; sliders that do all the work stand beside it.

    Other ways to do the same are below all.
    """

    def do(edit: xai.Edit) -> None:
        history.add(found.before.name, edit)

    with tools:
        tool = choose_tool(found.after.mask is not None, list(others))
    with place:
        drawn = tool.kind if tool.kind in _DRAWN else ""
        show_canvas(found.after, found.before.name, drawn, tool.width, lambda region: do(tool.fills(region)), do)
        st.caption(_DRAWN.get(tool.kind, "Use the sliders."))
        _show_history(found.before)
    with below:
        _show_hottest(watched, found)
    with beside if tool.kind in BY_SLIDERS else below:
        show_numbers(tool, do)


def _show_hottest(watched: Watched, found: Edited) -> None:
    """One click each: the hottest tenth goes, or it alone stays."""
    if found.maps is None:
        return
    flat = bool(xai.is_flat(found.maps[1]))

    def fill(outside: bool) -> None:
        size = found.after.pixels.shape[:2]
        assert found.maps is not None
        region = xai.hottest(found.maps[1], size, outside=outside)
        history.add(found.before.name, xai.Edit("blur", region))

    with st.container(horizontal=True):
        for words, outside in (("Hide the hottest tenth", False), ("Keep only the hottest tenth", True)):
            st.button(
                words,
                on_click=fill,
                args=(outside,),
                disabled=flat,
                key=f"hottest-{outside}",
                icon=":material/local_fire_department:",
                help="The map is the same everywhere: no place is hotter than another." if flat else None,
            )


def _show_history(chosen: xai.Sample) -> None:
    """What was done, and the way back."""
    done = history.edits_of(chosen.name)
    with st.container(horizontal=True):
        st.button(
            "Undo", on_click=history.undo, args=(chosen.name,), disabled=not done, key="undo", icon=":material/undo:"
        )
        st.button(
            "Remove all edits",
            on_click=history.reset,
            args=(chosen.name,),
            disabled=not done,
            key="unedit",
            icon=":material/restart_alt:",
        )
    if done:
        st.markdown(listed(done))
    if len(done) >= history.MOST:
        st.info(f"A picture has {history.MOST} edits at most. Undo one to make another.")


def _show_answer(watched: Watched, found: Edited) -> None:
    """What the model says, before and after."""
    model = watched.model
    st.markdown(controls.plain(sentence(found, model)))
    st.html(controls.Markup(figures.changed_html(found.p[0], found.p[1], model.class_names, found.explained)))


def _show_maps(watched: Watched, found: Edited) -> None:
    """What speaks for the class, before and after."""
    model = watched.model
    if found.heatmaps is None:
        st.info(controls.plain(f"{model.title} has no layers whose maps could be shown."))
    else:
        st.html(controls.Markup(maps_html(found, model)))
        st.caption(controls.plain(f"{found.heatmaps.method}, both on one scale."))


main()
