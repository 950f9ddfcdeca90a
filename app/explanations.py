"""Why this class and not that: rival explanations of one picture, beside others that are right, and a check."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
import pandas as pd
import streamlit as st

import xai_core as xai
from app import cache, controls, jobs, state, teaching, trust
from xai_core import figures, reports, studies
from xai_core.figures import METHODS, Explained, Style
from xai_core.inference.superpixels import suited_superpixels
from xai_core.questions.choices import FILLS

SAMPLES = (200, 500, 1000, 2000, 5000)
FEW = 10  # superpixels
LOOK_S = 1.0  # between two looks at LIME while it runs
EVERY = 50  # perturbations between two estimates of LIME
SEGMENTS: tuple[Literal["quickshift", "slic"], ...] = ("quickshift", "slic")
Fill = Literal["blur", "mean", "noise"]
QUIET = {"displayModeBar": False}
_RUNNING = "lime runs for"  # session key: the request whose LIME is under way
_PANEL, _CHECK = "panel", "check"  # of the board: what they show now


@dataclass(frozen=True, eq=False)
class Subject:
    """A picture on the panel: the one to explain, or one that is right to compare it with."""

    title: str
    lines: tuple[str, ...]
    sample: xai.Sample


@dataclass(frozen=True, eq=False)
class Request:
    """What is asked of the methods: the same for every subject."""

    model: xai.Classifier
    layer: str | None
    classes: tuple[int, int]
    methods: tuple[str, ...]
    samples: int
    segments: Literal["quickshift", "slic"]

    def lime(self, sample: xai.Sample) -> jobs.growing.LimeRun:
        return jobs.growing.lime_run(self.model.id, sample.id, self.classes, self.samples, self.segments)

    def steps(self, sample: xai.Sample) -> Iterator[xai.LimeExplanation]:
        return xai.lime_growing(
            self.model,
            sample,
            targets=list(self.classes),
            num_samples=self.samples,
            segments=self.segments,
            every=EVERY,
        )

    @property
    def names(self) -> tuple[str, str]:
        first, second = self.classes
        return self.model.class_names[first], self.model.class_names[second]


def show(model: xai.Classifier, data: xai.Dataset, table: pd.DataFrame, layer: str | None) -> None:
    """The chosen picture, explained; nothing where none is chosen."""
    for key in (_PANEL, _CHECK):
        state.board().pop(key, None)
    found = np.flatnonzero((table["id"] == state.picture()).to_numpy())
    if not len(found):
        return
    position = int(found[0])
    row = table.iloc[position]
    st.header("Why", anchor=False)
    sample = cache.data.picture(data, int(row["index"]), model)
    if not isinstance(sample, xai.Sample):
        st.warning(controls.plain(sample), icon=":material/broken_image:")
        return
    if not row["usable"]:
        st.warning("The model answers NaN to this picture, so there is nothing to explain.", icon=":material/error:")
        return
    if len(model.class_names) < 2:
        st.info("The model has one class only, so there is no other to hold against it.")
        return
    if layer and teaching.guided() and not guess_first(model, sample, layer, int(row["predicted"])):
        return
    polls = str(st.session_state.get(_RUNNING) or "").startswith(f"{model.id} {sample.id} ")
    st.fragment(explain, run_every=LOOK_S if polls else None)(model, data, table, position, sample, layer, polls)


def guess_first(model: xai.Classifier, sample: xai.Sample, layer: str, index: int) -> bool:
    """With the guide on, the maps stay hidden until the viewer has guessed; whether they may be shown."""
    (one, _), _ = cache.maps.grad_cam_pair(model.id, sample.id, (index, index), layer, model, sample)

    def overlay() -> np.ndarray:
        return figures.draw_evidence(sample.pixels, one, float(one.max()), Style()).pixels

    name = model.class_names[index]
    return teaching.predict_then_reveal(f"{sample.id} {model.id} {layer} {name}", sample, one, overlay, name)


def choose_classes(model: xai.Classifier, table: pd.DataFrame, position: int, p: np.ndarray) -> tuple[int, int]:
    """The two classes to explain: predicted and actual, until others take their place."""
    row = table.iloc[position]
    defaults = (int(row["predicted"]), studies.rival(table, position, p))
    for key, default in zip(("class-1", "class-2"), defaults, strict=True):
        state.reset_on_change(key, f"{model.id} {row['id']}", default)
    said = row["true"] >= 0 and not row["correct"]
    numbers = range(len(model.class_names))
    first, second = (
        int(
            st.selectbox(
                label, numbers, index=start, key=key, bind="query-params", format_func=model.class_names.__getitem__
            )
        )
        for label, key, start in (
            ("Explain the predicted class", "class-1", defaults[0]),
            ("against the actual class" if said else "against the runner-up", "class-2", defaults[1]),
        )
    )
    return first, second


def compare_with(
    model: xai.Classifier, data: xai.Dataset, table: pd.DataFrame, position: int, classes: tuple[int, int], column: Any
) -> list[Subject]:
    """Pictures of both classes that the model gets right, and a button for others."""
    found = []
    for which in (1, 0):
        name = model.class_names[classes[which]]
        right = studies.right_pictures(table, classes[which], besides=position)
        if not len(right) or (which == 0 and classes[0] == classes[1]):
            continue
        turn = f"turn {model.id} {classes[which]}"

        def another(turn: str = turn) -> None:
            st.session_state[turn] = st.session_state.get(turn, 0) + 1

        if len(right) > 1:
            column.button(
                controls.plain(f"Another {name} that is right"),
                key=f"another-{which}",
                on_click=another,
                icon=":material/shuffle:",
                type="tertiary",
            )
        row = table.iloc[int(right[st.session_state.get(turn, 0) % len(right)])]
        sample = cache.data.picture(data, int(row["index"]), model)
        if isinstance(sample, xai.Sample):
            lines = (f"{name}, {studies.percent(row['confidence'])} sure", str(row["picture"]))
            found.append(Subject(f"{name}, and it is right", lines, sample))
    return found


def explain(
    model: xai.Classifier,
    data: xai.Dataset,
    table: pd.DataFrame,
    position: int,
    sample: xai.Sample,
    layer: str | None,
    polls: bool,
) -> None:
    """The panel. A fragment: its controls and LIME leave the rest of the page alone.

    `polls` says whether it looks again by itself, as it does while LIME runs.
    """
    row = table.iloc[position]
    p = cache.maps.probabilities(model.id, sample.id, model, sample)
    left, middle, right = st.columns([2, 3, 3], gap="large")
    with left:
        st.image(figures.enlarged(sample.pixels, 256), width="stretch")
        st.caption(controls.plain(str(row["picture"])))
    with right:
        classes = choose_classes(model, table, position, p)
    with middle:
        label = row["label"] or "without a label"
        verdict = "right" if row["correct"] else "wrong" if row["true"] >= 0 else "label unknown to the model"
        st.markdown(
            f"**{controls.plain(str(row['predicted_class']))}**, {studies.percent(row['confidence'])} · is "
            f"{controls.plain(str(label))} · {verdict}"
        )
        marks = {int(row["predicted"]): "predicted"}
        if row["true"] >= 0:
            marks[int(row["true"])] = "predicted and label" if row["correct"] else "label"
        st.html(figures.probabilities_html(p, model.class_names, marks))
    offered = [key for key in METHODS if key != "grad_cam" or layer]
    bar = st.container(horizontal=True, vertical_alignment="bottom", gap="medium")
    methods = bar.pills(
        "Methods",
        offered,
        selection_mode="multi",
        default=offered,
        key="methods",
        bind="query-params",
        format_func=lambda key: METHODS[key].title,
    )
    with bar.popover("Settings", icon=":material/tune:"):
        opacity = st.slider("Opacity of Grad-CAM", 0.0, 1.0, 0.6, 0.05, key="mc-opacity", bind="query-params")
        colours = st.selectbox("Colours", figures.MAP_SCALES, key="mc-colours", bind="query-params")
        samples = st.select_slider("Perturbations of LIME", SAMPLES, 1000, key="lime-samples", bind="query-params")
        segments = st.segmented_control(
            "Superpixels",
            SEGMENTS,
            default=suited_superpixels(model),
            required=True,
            key="segments",
            bind="query-params",
            help="Quickshift, as LIME has it: dozens for photos, a few for small pictures. SLIC: about fifty, even.",
        )
        comparing = st.toggle("LIME for the pictures beside it, too", True, key="lime-beside", bind="query-params")
    if classes[0] == classes[1]:
        st.caption("Both classes are the same, so the difference is empty. Choose another one for either.")
    subjects = [Subject("This picture", _lines(row), sample)]
    subjects += compare_with(model, data, table, position, classes, right)
    request = Request(model, layer, classes, tuple(k for k in offered if k in methods), int(samples), segments)
    if not request.methods:
        st.info("Every method is switched off: choose one above.", icon=":material/visibility_off:")
        return
    style = Style(opacity=opacity, colours=str(colours), scale="all")
    place, panel = st.empty(), st.container()
    running = "lime" in request.methods and run_lime(request, subjects if comparing else subjects[:1], place)
    html = cache.results.panel(panel_key(request, subjects, style), lambda: panel_html(request, subjects, style))
    panel.html(controls.Markup(html))
    state.board()[_PANEL] = (f"{row['picture']}: {request.names[0]} against {request.names[1]}", html)
    if "lime" in request.methods:
        show_lime(request, sample)
    show_agreement(request, sample)
    trust.offer(model, sample, classes[0], [layer] if layer else [])
    offer_panel(request, subjects, style)
    check(request, sample, running)
    if not running:
        st.session_state[_RUNNING] = None  # done, stopped, or asked with other settings
    if running != polls:
        st.rerun()  # the whole page: it decides whether to look again by itself, and what checks the explanations


def _lines(row: pd.Series) -> tuple[str, ...]:
    said = f"predicted {row['predicted_class']}, {studies.percent(row['confidence'])}"
    name = str(row["picture"])
    return (f"label {row['label']}", said, name) if row["label"] else (said, name)


def collect(request: Request, sample: xai.Sample) -> tuple[Explained, dict[str, str]]:
    """What the methods say of a picture as far as they ran, and what each took."""
    model, maps, notes = request.model, {}, {}
    segments = None
    for key in request.methods:
        if key == "grad_cam" and request.layer:
            maps[key], seconds = cache.maps.grad_cam_pair(
                model.id, sample.id, request.classes, request.layer, model, sample
            )
            notes[key] = f"{seconds:.2g} s"
        elif key in ("saliency", "saliency_signed"):
            signed = key == "saliency_signed"
            maps[key], seconds = cache.maps.saliency_pair(model.id, sample.id, request.classes, signed, model, sample)
            notes[key] = f"{seconds:.2g} s"
        elif key == "lime":
            found = request.lime(sample).latest
            notes[key] = "starts when asked"
            if found is not None:
                maps[key], segments = found.weights, found.segments
                notes[key] = f"{found.samples:,} of {found.planned:,}, {found.seconds:.2g} s, {found.precision}"
    return Explained("", (), sample.pixels, maps, segments), notes


def blocks_of(request: Request, subjects: list[Subject], style: Style) -> tuple[list[figures.Block], dict[str, str]]:
    """The panel's columns, drawn, and the notes of the first picture's methods."""
    drawn: list[figures.Block] = []
    noted: dict[str, str] = {}
    for index, subject in enumerate(subjects):
        explained, notes = collect(request, subject.sample)
        titled = replace(explained, title=subject.title, lines=subject.lines)
        drawn.append(figures.draw_block(titled, request.methods, request.names, style, difference=index == 0))
        noted = noted or notes
    return drawn, noted


def panel_key(request: Request, subjects: list[Subject], style: Style) -> str:
    """Changes with whatever the panel shows."""
    came = [found.samples if (found := request.lime(one.sample).latest) else 0 for one in subjects]
    said = [(one.sample.id, one.title, one.lines) for one in subjects]
    asked = (request.layer, request.classes, request.methods, request.samples, request.segments)
    return repr((request.model.id, *asked, request.names, style, said, came))


def panel_html(request: Request, subjects: list[Subject], style: Style) -> str:
    """The panel, drawn."""
    blocks, notes = blocks_of(request, subjects, style)
    return figures.panel_html(blocks, notes, style.colours)


def identity(request: Request, sample: xai.Sample) -> str:
    """What LIME runs for."""
    return f"{request.model.id} {sample.id} {request.classes} {request.samples} {request.segments}"


def run_lime(request: Request, subjects: list[Subject], place: Any) -> bool:
    """LIME when asked, picture by picture, with its estimate as it grows; it can be stopped and gone on with.

    Returns whether it is under way.
    """
    runs = [(subject, request.lime(subject.sample)) for subject in subjects]
    todo = [(subject, run) for subject, run in runs if not run.complete]
    me = identity(request, subjects[0].sample)

    def start() -> None:
        st.session_state[_RUNNING] = me

    def stop() -> None:
        st.session_state[_RUNNING] = None
        for _, run in runs:
            run.stop()

    with place.container(horizontal=True, vertical_alignment="center"):
        for _, run in runs:
            if run.error:
                st.error(controls.plain(f"LIME: {run.error}"), icon=":material/error:")
        if st.session_state.get(_RUNNING) == me and todo:
            st.button("Stop LIME", on_click=stop, icon=":material/stop:", key="lime-stop")
            subject, run = todo[0]
            run.want(lambda: request.steps(subject.sample))
            which = f" ({len(runs) - len(todo) + 1} of {len(runs)})" if len(runs) > 1 else ""
            words = f"LIME of {studies.uncapitalised(subject.title)}{which}"
            st.progress(*_progress(words, run.latest))
            return True
        if not todo:
            return False
        begun = runs[0][1].latest
        st.button(
            "Go on with LIME" if begun else "Run LIME",
            on_click=start,
            type="primary",
            icon=":material/play_arrow:",
            key="lime-start",
        )
        if begun and begun.samples < begun.planned:
            st.caption(f"Stopped after {begun.samples:,} of {begun.planned:,} perturbations; what it has is shown.")
        elif begun:
            st.caption("Stopped before the pictures beside it were done; what it has is shown.")
    return False


def _progress(words: str, latest: xai.LimeExplanation | None) -> tuple[float, str]:
    """How far LIME is, and that in words."""
    if latest is None:
        return 0.0, controls.plain(words)
    left = latest.seconds / latest.samples * (latest.planned - latest.samples)
    words += f": {latest.samples:,} of {latest.planned:,} perturbations, about {left:.0f} s left"
    if np.isfinite(latest.stability).any():
        words += f", halves agree {np.nanmin(latest.stability):.2f}"
    return latest.samples / latest.planned, controls.plain(words)


def show_lime(request: Request, sample: xai.Sample) -> None:
    """LIME's superpixels, weights and how far they can be trusted."""
    found = request.lime(sample).latest
    if found is None:
        return
    count = found.weights.shape[1]
    if count == 1:
        st.warning(
            "The whole picture is one superpixel, so LIME has nothing to tell apart. Choose SLIC in the settings.",
            icon=":material/crop_free:",
        )
        return
    if count < FEW:
        st.caption(
            f":material/warning: There are {count} superpixels only, so LIME can hardly tell places apart. Choose SLIC "
            "in the settings for more."
        )
    words = []
    for name, r2, stable in zip(request.names, found.r2, found.stability, strict=True):
        halves = f", halves agree {stable:.2f}" if np.isfinite(stable) else ""
        words.append(f"{name}: R² {r2:.2f}{halves}")
    shaky = np.isfinite(found.stability).any() and np.nanmin(found.stability) < 0.7
    with st.expander(controls.plain(f"LIME: {count} superpixels and their weights · {' · '.join(words)}")):
        if shaky:
            st.markdown(
                ":material/warning: The weights from two halves of the perturbations differ much: take more of them "
                "before you read anything into single superpixels."
            )
        explained, _ = collect(request, sample)
        columns = st.columns([1, 1, 1.4], gap="medium")
        for which, name in enumerate(request.names):
            columns[which].image(figures.lime_picture(explained, which), width="stretch")
            columns[which].caption(controls.plain(f"For {name}: the eight weightiest superpixels are numbered."))
        columns[2].dataframe(lime_table(request, found), hide_index=True, height=380)


def lime_table(request: Request, found: xai.LimeExplanation) -> pd.DataFrame:
    """A row a superpixel, the weightiest first."""
    frame = pd.DataFrame({"superpixel": np.arange(found.weights.shape[1])})
    for which, name in enumerate(dict.fromkeys(request.names)):
        frame[f"for {name}"] = found.weights[which].round(4)
        frame[f"± ({name})"] = found.errors[which].round(4)
    order = np.argsort(-np.abs(found.weights).max(axis=0), kind="stable")
    frame["share of the picture"] = np.bincount(found.segments.ravel()) / found.segments.size
    return frame.iloc[order]


def importance(request: Request, sample: xai.Sample, which: int) -> dict[str, np.ndarray]:
    """Title of each method that ran -> float32 (h, w), large where it matters for one of the classes."""
    explained, _ = collect(request, sample)
    found = {}
    for key, values in explained.maps.items():
        if key == "saliency_signed":
            continue  # its sign says brighter or darker, not important or not
        one = values[which]
        spread = one[explained.segments] if key == "lime" else one
        found[METHODS[key].title] = np.asarray(spread, np.float32)
    return found


def show_agreement(request: Request, sample: xai.Sample) -> None:
    """Whether the methods point at the same places."""
    table = studies.agreements(importance(request, sample, 0))
    if table.empty:
        return
    with st.expander("Do the methods agree?"):
        st.dataframe(
            table.rename(columns={"rank_correlation": "rank correlation", "overlap": "overlap of the top tenth"}),
            hide_index=True,
            column_config={
                "rank correlation": st.column_config.NumberColumn(format="%.2f"),
                "overlap of the top tenth": st.column_config.NumberColumn(format="percent"),
            },
        )
        st.caption(
            controls.plain(
                f"For {request.names[0]}, both maps averaged to the coarser one's cells. By chance: 0 and 10 %."
            )
        )


def offer_panel(request: Request, subjects: list[Subject], style: Style) -> None:
    """The panel and the maps behind it as files."""

    def png() -> bytes:
        blocks, notes = blocks_of(request, subjects, style)
        heading = f"{request.model.title}: {request.names[0]} against {request.names[1]}"
        return figures.to_png(figures.panel_png(blocks, notes, heading))

    def npz() -> bytes:
        arrays: dict[str, np.ndarray] = {
            "classes": np.array(request.classes),
            "class_names": np.array(request.names),
            "layer": np.array(request.layer or ""),
            "model": np.array(request.model.title),
            "model_id": np.array(request.model.id),
        }
        for index, subject in enumerate(subjects):
            explained, _ = collect(request, subject.sample)
            arrays[f"{index}/id"], arrays[f"{index}/name"] = np.array(subject.sample.id), np.array(subject.sample.name)
            arrays |= {f"{index}/{key}": values for key, values in explained.maps.items()}
            if explained.segments is not None:
                arrays[f"{index}/segments"] = explained.segments
        return xai.arrays_to_npz(arrays)

    controls.offer_files(
        {
            "Panel (PNG)": ("panel.png", "image/png", png),
            "Raw maps (NPZ)": ("maps.npz", "application/octet-stream", npz),
        }
    )


def check(request: Request, sample: xai.Sample, running: bool) -> None:
    """Hide what the methods call important, and see whether it was; LIME once it does not run any more."""
    st.header("Does it matter", anchor=False)
    model, classes, layer = request.model, request.classes, request.layer
    if running:
        request = replace(request, methods=tuple(key for key in request.methods if key != "lime"))
    names = request.names
    bar = st.container(horizontal=True, vertical_alignment="bottom", gap="medium")
    which = bar.segmented_control(
        "Hide what speaks for", [0, 1], format_func=names.__getitem__, default=0, required=True, key="hide-for"
    )
    fill = bar.segmented_control(
        "by", list(FILLS), format_func=FILLS.__getitem__, default="blur", required=True, key="fill", bind="query-params"
    )
    share = bar.slider("How much (%)", 0, 100, 20, 5, key="share", bind="query-params", width=280) / 100
    maps = {title: one for title, one in importance(request, sample, which).items() if not xai.is_flat(one)}
    if not maps:
        st.info("No method that ran finds anything for this class, so there is nothing to hide.")
        return
    ran = request.lime(sample).latest if "lime" in request.methods else None
    said = (model.id, sample.id, *maps, layer, which, ran.samples if ran else 0, request.segments, request.samples)
    asked = hashlib.sha256(repr(said).encode()).hexdigest()
    with st.spinner("Hiding it bit by bit …"):
        curves = cache.interventions.deletion(asked, classes, fill, model, sample, maps)
    own = curves[curves["target"] == classes[which]]
    key = (asked, classes, fill, names[which])
    areas = cache.results.kept(key, studies.deletion_areas, own)
    sentence = cache.results.kept(key, studies.deletion_sentence, areas, names[which])
    state.board()[_CHECK] = (sentence, own, names[which], share)
    st.markdown(controls.plain(sentence))
    hidden = cache.results.panel(
        repr((*key, names, share)),
        lambda: figures.hidden_html(hidden_pictures(curves, request, sample, maps, fill, share)),
    )
    st.html(controls.Markup(hidden))
    left, right = st.columns([3, 2], gap="medium")
    with left:
        st.plotly_chart(
            cache.results.kept((*key, share), figures.deletion_figure, own, names[which], share),
            key="deletion",
            config=QUIET,
            alt="Probability of the class against the share of the picture hidden",
        )
    with right:
        st.dataframe(
            areas.rename(columns={"gain": "below random"}).replace({"method": {"random": "random order"}})[
                ["method", "area", "below random"]
            ],
            hide_index=True,
            column_config={
                "area": st.column_config.NumberColumn(format="%.3f", help="Mean probability over the curve."),
                "below random": st.column_config.NumberColumn(format="%.3f"),
            },
        )
        st.caption(
            "All orders hide the same 14 × 14 patches, the most important first, so that only the order differs. The "
            "grey band spans five random orders. A picture with holes is unlike any that the model learned from: "
            "compare with the random order, not with nothing."
        )


def report_parts(board: dict[str, Any]) -> list[reports.Part]:
    """The panel as it stands and its check, for a report; empty where none is open."""
    parts: list[reports.Part] = []
    if panel := board.get(_PANEL):
        title, html = panel
        parts += [reports.Text(title), reports.Markup(html)]
    if done := board.get(_CHECK):
        sentence, own, name, share = done
        figure = figures.deletion_figure(own, name, share)
        parts += [
            reports.Text(sentence),
            reports.Chart(figure, f"Probability of {name} against the share of the picture hidden"),
            reports.Table("Deletion", own),
        ]
    return parts + trust.report_parts(board)


def hidden_pictures(
    curves: pd.DataFrame, request: Request, sample: xai.Sample, maps: dict[str, np.ndarray], fill: Fill, share: float
) -> list[tuple[str, np.ndarray, list[tuple[str, float]]]]:
    """For each method: its name, the picture with that share hidden, and the probabilities of both classes."""
    found = []
    shown: dict[str, np.ndarray | None] = {**maps, "random order": None}
    for title, one in shown.items():
        key = "random" if one is None else title
        rows = curves[(curves["method"] == key) & (curves["draw"] == 0) & np.isclose(curves["hidden"], share)]
        p = rows.drop_duplicates("target").set_index("target")["p"]
        said = [(request.model.class_names[c], float(p[c])) for c in dict.fromkeys(request.classes)]
        found.append((title, xai.hide(sample.pixels, one, share, fill=fill), said))
    return found
