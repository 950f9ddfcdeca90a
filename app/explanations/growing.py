"""Methods that draw samples: begun when asked, with their estimate as it grows; and how far that can be trusted."""

from __future__ import annotations

import numpy as np
import pandas as pd
import streamlit as st

from app import access, controls
from app.explanations.request import Answer, Request, Subject
from xai_core import figures, studies
from xai_core.roles import Role
from xai_core.types import Estimate, Method
from xai_core.types.superpixels import segment_values

FEW = 10  # superpixels
SHAKY_TOP = 0.8  # share of the most important superpixels that two halves have, below which these are chance in part
SHAKY = 0.7  # rank correlation of two halves below which single superpixels say little
RUNNING = "method runs for"  # session key: the request whose samples are being drawn


def identity(request: Request, subject: Subject, method: Method) -> str:
    """What a method runs for; model and picture come first."""
    asked = sorted(request.settings.get(method.key, {}).items())
    return f"{request.model.id} {subject.sample.id} {method.key} {request.classes} {asked}"


def run(request: Request, method: Method, subjects: list[Subject]) -> bool:
    """A method when asked, picture by picture; it can be stopped and gone on with.

    Returns whether it is under way.
    """
    runs = [(subject, request.run(method, subject.sample)) for subject in subjects]
    todo = [(subject, one) for subject, one in runs if not one.complete]
    me = identity(request, subjects[0], method)

    def start() -> None:
        st.session_state[RUNNING] = me

    def stop() -> None:
        st.session_state[RUNNING] = None
        for _, one in runs:
            one.stop()

    sentence = access.refusal(Role.COMPUTE, f"Running {method.title}")
    with st.container(horizontal=True, vertical_alignment="center"):
        for _, one in runs:
            if one.error:
                st.error(controls.plain(f"{method.title}: {one.error}"), icon=":material/error:")
        if not sentence and st.session_state.get(RUNNING) == me and todo:
            st.button(f"Stop {method.title}", on_click=stop, icon=":material/stop:", key=f"{method.key}-stop")
            subject, one = todo[0]
            one.want(lambda: request.steps(method, subject.sample))
            which = f" ({len(runs) - len(todo) + 1} of {len(runs)})" if len(runs) > 1 else ""
            words = f"{method.title} of {studies.uncapitalised(subject.title)}{which}"
            st.progress(*_progress(words, one.latest))
            return True
        if not todo:
            return False
        begun = runs[0][1].latest
        if sentence:
            st.caption(controls.plain(sentence))
            return False
        st.button(
            f"Go on with {method.title}" if begun else f"Run {method.title}",
            on_click=start,
            type="primary",
            icon=":material/play_arrow:",
            key=f"{method.key}-start",
        )
        if begun and not begun.complete:
            st.caption(f"Stopped after {begun.done:,} of {begun.planned:,} perturbations; what it has is shown.")
        elif begun:
            st.caption("Stopped before the pictures beside it were done; what it has is shown.")
    return False


def _progress(words: str, latest: Estimate | None) -> tuple[float, str]:
    """How far a method is, and that in words."""
    if latest is None:
        return 0.0, controls.plain(words)
    left = latest.seconds / latest.done * (latest.planned - latest.done)
    words += f": {latest.done:,} of {latest.planned:,} perturbations, about {left:.0f} s left"
    if np.isfinite(latest.stability).any():
        words += f", split-half correlation {np.nanmin(latest.stability):.2f}"
    return latest.done / latest.planned, controls.plain(words)


def show(answer: Answer, method: Method) -> None:
    """A method's superpixels, their values and how far they can be trusted."""
    found = answer.estimates.get(method)
    if found is None:
        return
    said = quality(answer.request.names, found)
    if found.remark:
        st.caption(controls.plain(f"{method.title}: {found.remark}"))
    if found.heatmaps.segments is None:
        st.caption(controls.plain(f"{method.title}: {said}"))
        return
    count = int(found.heatmaps.segments[0].max()) + 1
    if count == 1:
        st.warning(
            f"The whole picture is one superpixel, so {method.title} has nothing to tell apart. Choose SLIC in the "
            "settings.",
            icon=":material/crop_free:",
        )
        return
    if count < FEW:
        st.caption(
            f":material/warning: There are {count} superpixels only, so {method.title} can hardly tell places apart. "
            "Choose SLIC in the settings for more."
        )
    with st.expander(controls.plain(f"{method.title}: {count} superpixels and their weights · {said}")):
        if _shaky(found):
            st.markdown(
                ":material/warning: The weights from two halves of the perturbations differ much: take more of them "
                "(or a steadier linear model, where the settings offer one) before you read anything into single "
                "superpixels."
            )
        columns = st.columns([1, 1, 1.4], gap="medium")
        for which, name in enumerate(answer.request.names):
            columns[which].image(
                figures.segments_picture(answer.explained, method, which),
                width="stretch",
                alt=f"Superpixels for {name}",
            )
            columns[which].caption(controls.plain(f"For {name}: the eight weightiest superpixels are numbered."))
        columns[2].dataframe(table(answer.request.names, found), hide_index=True, height=380)
        known = "; ± one standard error" if found.errors is not None else ""
        columns[2].caption(
            f"By how much the {found.heatmaps.unit} of the class rises on average when the superpixel is there{known}."
        )


def _shaky(found: Estimate) -> bool:
    """Whether two halves differ in what is most important; where that is not known, in the order of all."""
    top = found.top_shared
    by, least = (found.stability, SHAKY) if top is None or not np.isfinite(top).any() else (top, SHAKY_TOP)
    return bool(np.isfinite(by).any() and np.nanmin(by) < least)


def quality(names: tuple[str, str], found: Estimate) -> str:
    """How good an estimate is, for both classes."""
    words = []
    for which, name in enumerate(names):
        parts = [f"{title} {values[which]:.2f}" for title, values in found.quality.items()]
        if np.isfinite(found.stability[which]):
            parts.append(f"split-half correlation {found.stability[which]:.2f}")
        if found.top_shared is not None and np.isfinite(found.top_shared[which]):
            parts.append(f"{100 * found.top_shared[which]:.0f}% of the top superpixels in both halves")
        words.append(f"{name}: {', '.join(parts)}")
    return " · ".join(words)


def table(names: tuple[str, str], found: Estimate) -> pd.DataFrame:
    """A row a superpixel, the weightiest first."""
    assert found.heatmaps.segments is not None
    segments = found.heatmaps.segments[0]
    (maps,) = found.heatmaps.values()
    weights = np.stack([segment_values(one, segments) for one in maps])
    frame = pd.DataFrame({"superpixel": np.arange(weights.shape[1])})
    for which, name in enumerate(dict.fromkeys(names)):
        frame[f"for {name}"] = weights[which].round(4)
        if found.errors is not None:
            frame[f"± ({name})"] = found.errors[which].round(4)
    order = np.argsort(-np.abs(weights).max(axis=0), kind="stable")
    frame["share of the picture"] = np.bincount(segments.ravel()) / segments.size
    return frame.iloc[order]
