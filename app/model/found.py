"""What was found in a model: numbers, outputs, preprocessing, layers, and the methods that can explain it."""

from __future__ import annotations

import statistics
import time

import pandas as pd
import streamlit as st

import xai_core as xai
from app.controls import plain
from app.controls.model_settings import PARTS
from xai_core.methods import usable_methods
from xai_core.models.facts import facts
from xai_core.types.counts import first_of, form, number_of
from xai_core.types.layers import ORDERS, Axes

_REPEATS = 5  # passes of which the median is said; one more comes first, which is slower
# Six numbers stand in a row, so they are smaller than those of a result.
_STYLE = "<style>.st-key-model-numbers [data-testid=stMetricValue]{font-size:1.3rem}</style>"
_CHANNELS = {"L": "grey"}
_SECONDS = "seconds of a pass of"  # begins a session key


def show_numbers(model: xai.Classifier, sample: xai.Sample | None) -> None:
    """Size, precision, device; and what one pass takes, when asked."""
    known = facts(model)
    high, wide = model.preprocessing.size
    numbers = {
        "Classes": f"{len(model.class_names):,}",
        "Input": f"{high} × {wide}",
        "Parameters": _count(known.parameters),
        "Size": size_of(known.megabytes),
        "Precision": known.precision,
        "Device": model.device.type.upper(),
    }
    st.html(_STYLE)
    with st.container(horizontal=True, gap="small", key="model-numbers", vertical_alignment="bottom"):
        for title, value in numbers.items():
            st.metric(title, value, width=110)
        if sample is not None:
            _show_speed(model, sample)


def size_of(megabytes: float) -> str:
    """Of the weights, 0 where it is not known."""
    if not megabytes:
        return "not known"
    return f"{megabytes:,.1f} MB" if megabytes >= 0.1 else f"{1000 * megabytes:,.0f} KB"


def _count(parameters: int) -> str:
    if not parameters:
        return "not known"
    return f"{parameters / 1e6:,.1f} M" if parameters >= 1e6 else f"{parameters:,}"


def _show_speed(model: xai.Classifier, sample: xai.Sample) -> None:
    key = _SECONDS + model.id
    if key in st.session_state:
        st.metric("One picture", f"{1000 * st.session_state[key]:.3g} ms", width="content")
    else:
        st.button("Time one picture", on_click=_time, args=(key, model, sample), icon=":material/timer:", key="speed")


def _time(key: str, model: xai.Classifier, sample: xai.Sample) -> None:
    """The median time from a picture to its probabilities, through the model's lock as everywhere."""
    taken = []
    for _ in range(_REPEATS + 1):
        started = time.perf_counter()
        xai.predict(model, [sample])
        taken.append(time.perf_counter() - started)
    st.session_state[key] = statistics.median(taken[1:])


def show_outputs(model: xai.Classifier) -> None:
    """What the network's numbers mean."""
    st.subheader("Outputs", anchor=False)
    st.markdown(f"**{plain(model.outputs.title)}.** {plain(model.outputs.sentence)}")
    st.caption(plain(f"{number_of(len(model.class_names), 'class')}: {first_of(model.class_names, 8)}"))
    _correct("network", "change what the outputs mean")


def show_preprocessing(model: xai.Classifier) -> None:
    """How its pictures are prepared."""
    st.subheader("Preprocessing", anchor=False)
    known = model.preprocessing
    rows = {
        "Geometry": known.words,
        "Channels": _CHANNELS.get(known.channels, known.channels)
        if known.takes_pictures
        else "not known, so it takes tensors only",
        "Range": f"0 to {known.white:g}",
        "Mean": _numbers(known.mean),
        "Standard deviation": _numbers(known.std),
    }
    st.markdown("\n".join(f"- {name}: {plain(value)}" for name, value in rows.items()))
    _correct("pictures", "change any of this")


def _numbers(values: tuple[float, ...]) -> str:
    return ", ".join(f"{value:.4g}" for value in values)


def _correct(part: str, what: str) -> None:
    st.caption(f"To {what}, open *{PARTS[part]}* in the sidebar.")


def layer_table(model: xai.Classifier) -> pd.DataFrame:
    """A row a layer that gives a map, in the order in which they run."""
    marks: dict[str, list[str]] = {}
    for group in model.groups:
        for layer in model.select(group) if model.groups[group] else ():
            marks.setdefault(layer.name, []).append(layer.title)
    return pd.DataFrame(
        [
            {
                "layer": layer.name,
                "stage or block": ", ".join(marks.get(layer.name, [])),
                "map": f"{layer.size[0]} × {layer.size[1]}",
                "channels": layer.channels,
                "axes": _axes(layer.axes),
            }
            for layer in model.layers
        ],
        columns=["layer", "stage or block", "map", "channels", "axes"],
    )


def _axes(axes: Axes) -> str:
    front = f", {number_of(axes.front, 'token')} before the picture's" if axes.front else ""
    return f"{axes}: {ORDERS[axes.order]}{front}"


def show_layers(model: xai.Classifier) -> None:
    """The layers with their maps, or why there is none."""
    st.subheader("Layers", anchor=False)
    if not model.layers:
        why = "is a black box" if not model.differentiable else "has no layer whose output is a map of the picture"
        st.info(plain(f"{model.title} {why}, so there are no maps by layer."), icon=":material/layers_clear:")
    else:
        table = layer_table(model)
        marked = table[table["stage or block"] != ""]
        st.dataframe(marked if len(marked) else table, hide_index=True, width="stretch")
        if 0 < len(marked) < len(table):
            with st.expander(f"{number_of(len(table), 'layer')} that {form(len(table), 'gives', 'give')} a map"):
                st.dataframe(table, hide_index=True, width="stretch")
    st.caption(
        "The column “axes” says what the dimensions of a layer's output are. Where that is unknown, the layer gives no "
        f"map. To correct it, open *{PARTS['network']}* in the sidebar."
    )


def show_methods(model: xai.Classifier) -> None:
    """Which methods can explain it, and why the others cannot."""
    st.subheader("Methods", anchor=False)
    usable = usable_methods(model)
    st.markdown(plain(" · ".join(method.title for method in usable) or "None of the methods can explain it."))
    if reasons := [why for method in xai.list_methods() if (why := method.missing(model))]:
        with st.expander(f"{number_of(len(reasons), 'method')} cannot explain this model", icon=":material/block:"):
            for why in reasons:
                st.caption(plain(why))
