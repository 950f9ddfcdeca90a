"""The evolution figure: every picture's prediction at every epoch."""

from __future__ import annotations

import hashlib

import streamlit as st

from app import cache, defaults, frame, state
from app.charts import quiet, show_chart
from app.evolution.board import FIGURE
from app.evolution.picture import show_picture
from app.evolution.runs import OpenedRun
from xai_core import figures, studies
from xai_core.figures import EvolutionView

VIEWS: dict[EvolutionView, str] = {"class": "Class", "correct": "Right or wrong", "p_true": "Probability"}
SORTS = {**studies.EVOLUTION_MEASURES, "name": "Name"}
# In a narrow window the figure is scrolled sideways, since its columns would be too thin to read.


def choose_pictures(shown: OpenedRun) -> dict[str, object]:
    """The controls above the evolution figure, as the settings of `cache.runs.evolution`."""
    run = shown.run
    bar = st.container(horizontal=True, vertical_alignment="center", gap="small")
    bar.header("Confusion evolution", anchor=False, width="content")
    offered = [view for view in VIEWS if view != "p_true" or run.p_true is not None]
    view = bar.segmented_control(
        "Colour",
        offered,
        format_func=VIEWS.__getitem__,
        default="class",
        required=True,
        wrap=True,
        key="colour",
        bind="query-params",
        label_visibility="collapsed",
    )
    first, last = int(run.epochs[0]), int(run.epochs[-1])
    classes = list(range(len(run.class_names)))
    with bar.popover("Filter and sort", icon=":material/filter_alt:"):
        sort = st.selectbox("Sort by", list(SORTS), format_func=SORTS.__getitem__, key="sort", bind="query-params")
        only = st.selectbox(
            "Pictures",
            ["all", "ever wrong", "wrong at the end", "changing", "never right"],
            key="only",
            bind="query-params",
        )
        by_class = st.toggle("Group by class", True, key="group", bind="query-params")
        for name in ("true", "predicted"):
            defaults.reset_on_change(name, run.name, [])
        true = st.multiselect(
            "True class", classes, format_func=run.class_names.__getitem__, key="true", bind="query-params"
        )
        predicted = st.multiselect(
            "Predicted at the end",
            classes,
            format_func=run.class_names.__getitem__,
            key="predicted",
            bind="query-params",
        )
        if len(run.epochs) > 1:
            first, last = st.select_slider(
                "Epochs",
                run.epochs.tolist(),
                (first, last),
                key=f"epochs-{shown.id}",
                help="Measures and order follow the epochs chosen.",
            )
    return {
        "first": first,
        "last": last,
        "view": view,
        "by_class": by_class,
        "sort": sort,
        "true": tuple(true),
        "predicted": tuple(predicted),
        "only": only,
    }


@st.fragment
def show_evolution(shown: OpenedRun) -> None:
    """The figure, the picture chosen in it, and that picture's course."""
    run = shown.run
    settings = choose_pictures(shown)
    place = {name: index for index, name in enumerate(run.pictures)}
    chosen = place.get(state.picture_name() or "")
    figure, members = cache.runs.evolution(shown.id, picture=chosen, _run=run, **settings)  # type: ignore[arg-type]
    if not members:
        st.info("No picture matches the filter.", icon=":material/filter_alt_off:")
        return
    state.board()[FIGURE] = settings
    key = f"evolution-{hashlib.sha256(repr((shown.id, settings, chosen)).encode()).hexdigest()[:12]}"

    def pick() -> None:
        points = st.session_state[key]["selection"]["points"]
        row = points[0].get("customdata") if points else None
        if row is not None:
            name = run.pictures[members[int(row)][0]]
            state.choose_picture(name, name)

    legends = {
        "class": lambda: figures.class_legend_html(run),
        "correct": figures.right_legend_html,
        "p_true": figures.probability_legend_html,
    }
    st.html(legends[str(settings["view"])]())
    show_chart(
        st.container(key="wide"),
        figure,
        key=key,
        on_select=pick,
        selection_mode="points",
        config=quiet("evolution"),
        alt="Predicted class of each picture (rows) at each epoch (columns)",
    )
    count, rows = sum(map(len, members)), len(members)
    several = (
        ""
        if rows == count
        else f" in {rows:,} rows. Each row stands for several pictures and has the colour that most of them have"
    )
    st.caption(
        f"{count:,} of {len(run.pictures):,} pictures{several}. Wrong, Changes: share of epochs at which a picture "
        "is wrong, or its prediction changed. Variability: share of all classes that were predicted. Forgotten: how "
        "often it went from right to wrong. ★: lowest validation loss, or else highest accuracy. Click a bar to "
        "see its picture."
    )
    first, last = int(str(settings["first"])), int(str(settings["last"]))
    if (epochs := len(run.between(first, last).epochs)) > (drawn := cache.runs.MOST_COLUMNS):
        st.caption(f"Of {epochs:,} epochs {drawn} are drawn, evenly spread; measures and order go by all of them.")
    order = [run.pictures[i] for row in members for i in row]
    show_picture(shown, order, first, last)
    frame.follow()
