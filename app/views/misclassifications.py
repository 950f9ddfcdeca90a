"""Misclassifications: what a model mixes up, and what in a picture speaks for the wrong class."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd
import streamlit as st

import xai_core as xai
from app import cache, cards, controls, explanations, frame, jobs, notices, state
from app.clickable import clickable
from xai_core import figures, reports, studies
from xai_core.methods import usable_methods
from xai_core.questions.misclassified.report import misclassified_report
from xai_core.studies import GALLERY_SORTS, uncapitalised

MOST = 1000  # pictures that are evaluated without being asked for more
CARDS = 24
COMPARED = 200  # pictures whose methods are compared at once
QUIET = {"displayModeBar": False}
SHOW: dict[studies.Rightness, str] = {"wrong": "Wrong", "right": "Right", "all": "All"}
# Session keys of the gallery's filter, which are also its names in the address.
KIND, TRUE, TAKEN, ORDER = "which", "is", "taken-for", "order"


@dataclass(frozen=True, eq=False)
class Shown:
    """What the page shows; `table` holds the pictures evaluated so far."""

    key: str
    model: xai.Classifier
    data: xai.Dataset
    table: pd.DataFrame
    judged: cache.answers.Judgement
    layer: str | None
    left_out: tuple[str, ...]

    @property
    def names(self) -> Sequence[str]:
        return self.model.class_names


def choose() -> tuple[xai.Dataset, xai.Classifier, str | None] | None:
    """The side bar; None while something is missing."""
    with st.sidebar:
        data = controls.choose_data("textured_digits", MOST)
        st.divider()
        model = controls.choose_model(controls.fitting(data, "digits"))
        layer = controls.choose_layer(model, usable_methods(model, at_layers=True)) if model else None
    if data is None or model is None:
        return None
    state.keep(controls.begins_with("textured_digits", "digits"))
    return data, model, layer


def refuse(data: xai.Dataset, model: xai.Classifier, table: pd.DataFrame, done: int) -> str:
    """Why these pictures cannot be judged by this model, or an empty text."""
    if not data.labels:
        return (
            "These pictures have no labels, so nothing can be right or wrong. Put them into one folder for each class, "
            "or look at them on the Layer Explorer."
        )
    if done < min(len(data), len(data.labels)) or not len(table) or (table["true"] >= 0).any():
        return ""
    few = ", ".join(data.labels[:12]) + (" …" if len(data.labels) > 12 else "")
    known = ", ".join(model.class_names[:12]) + (" …" if len(model.class_names) > 12 else "")
    return (
        f"None of the {len(data.labels)} labels is one of the model's {len(model.class_names)} classes. "
        f"The labels are: {few}. The classes are: {known}. For a checkpoint, type its class names in the side bar."
    )


def evaluate(data: xai.Dataset, model: xai.Classifier, data_id: str) -> jobs.evaluations.Evaluation | None:
    """Run the model over the pictures, with a bar and a way out; None with the reason shown."""
    work = jobs.evaluations.evaluation(model, data_id, data)
    stopped = f"stopped {model.id} {data_id}"
    place = st.empty()
    while not work.complete and not st.session_state.get(stopped):
        with place.container():
            text = f"Evaluating {work.done:,} of {work.total:,} pictures"
            if work.done:
                left = work.seconds / work.done * (work.total - work.done)
                text += f", about {left:.0f} s left" if left >= 1 else ""
            bar, button = st.columns([6, 1], vertical_alignment="center")
            bar.progress(work.done / work.total, text)
            button.button(
                "Cancel",
                key=f"cancel-{work.done}",
                width="stretch",
                on_click=lambda: st.session_state.__setitem__(stopped, True),
            )
        work.advance(model, data)
        if reason := refuse(data, model, work.table, work.done):
            place.empty()
            st.warning(controls.plain(reason), icon=":material/label_off:")
            return None
    place.empty()
    if not work.complete:
        note, button = st.columns([6, 1], vertical_alignment="center")
        note.warning(
            f"Stopped after {work.done:,} of {work.total:,} pictures. What follows is about those; "
            "labels took turns, so each has its share.",
            icon=":material/pause_circle:",
        )
        button.button("Go on", width="stretch", on_click=lambda: st.session_state.pop(stopped, None))
        if not work.done:
            return None
    notices.unreadable(work.problems)
    if not len(work.table):
        st.warning("None of the pictures can be read, so there is nothing to show.")
        return None
    if reason := refuse(data, model, work.table, work.done):
        st.warning(controls.plain(reason), icon=":material/label_off:")
        return None
    return work


def show_summary(shown: Shown, seconds: float) -> None:
    """Accuracy and what it hides."""
    summary, table = shown.judged.summary, shown.table
    st.caption(
        controls.plain(
            f"{shown.model.title} on {shown.model.device.type} · {shown.data.title} · {len(table):,} pictures · "
            f"evaluated in {seconds:.1f} s"
        )
    )
    if summary.unlabelled:
        unknown = sorted({str(label) for label in table.loc[table["true"] < 0, "label"] if label})
        some = f" ({', '.join(unknown[:6])}{' …' if len(unknown) > 6 else ''})" if unknown else ""
        st.info(
            controls.plain(
                f"{summary.unlabelled:,} of {len(table):,} pictures have no label that {shown.model.title} knows"
                f"{some}. They are neither right nor wrong and are left out of all numbers."
            ),
            icon=":material/label_off:",
        )
    if summary.unusable:
        st.error(
            f"To {summary.unusable:,} of {len(table):,} pictures the model answers NaN instead of probabilities. They "
            "are left out of all numbers; its weights may be damaged, or its input scaled differently.",
            icon=":material/error:",
        )
    if not summary.n:
        return
    low, high = summary.interval
    bar = st.container(horizontal=True, gap="large")
    bar.metric(
        "Accuracy", f"{100 * summary.accuracy:.1f} %", help=f"95 % interval {100 * low:.1f} to {100 * high:.1f} %"
    )
    if summary.top5 == summary.top5:  # not NaN
        bar.metric("Top-5", f"{100 * summary.top5:.1f} %", help="The label is among the five likeliest classes.")
    bar.metric("Wrong", f"{summary.n - summary.right:,}", help=f"Of {summary.n:,} pictures.")
    bar.metric("Macro F1", f"{summary.macro_f1:.3f}", help="Mean F1 of the classes, each counting the same.")
    bar.metric(
        "Calibration error",
        f"{100 * summary.ece:.1f} points",
        help="Expected calibration error: the mean gap between confidence and accuracy, in 15 bins.",
    )
    with st.container(border=True, key="findings"):
        for finding in shown.judged.findings:
            mark = ":material/warning: " if finding.warning else ""
            st.markdown(f"{mark}**{finding.topic}.** {controls.plain(finding.sentence)}")
    cards.hypothesis_card(shown.judged.card)
    left, right = st.columns(2)
    with left.expander(f"By class: precision, recall, F1, false positives ({len(shown.judged.report)})"):
        share = st.column_config.NumberColumn(format="percent")
        st.dataframe(
            shown.judged.report.rename(columns={"false_positives": "false positives"}),
            hide_index=True,
            width="stretch",
            column_config={"recall": share, "precision": share, "f1": st.column_config.NumberColumn(format="%.3f")},
        )
    with right.expander("Can its confidence be believed? Reliability diagram"):
        st.plotly_chart(
            figures.reliability_figure(shown.judged.bins), key="reliability", config=QUIET, alt="Accuracy by confidence"
        )
        st.caption("A bar below the dashed line: surer than right.")


def pick_cell(shown: Shown, pick: str) -> None:
    """Fill the gallery with a cell, row or column of the matrix and open its first picture; again, and all is back."""
    kind, *numbers = pick.split(":")
    classes = [int(number) for number in numbers]
    true, taken = (classes[:1] if kind != "predicted" else []), (classes[-1:] if kind != "true" else [])
    if (st.session_state.get(TRUE), st.session_state.get(TAKEN)) == (true, taken):
        clear(shown)
        return
    st.session_state[KIND], st.session_state[TRUE], st.session_state[TAKEN] = "all", true, taken
    rows = studies.choose_pictures(shown.table, only="all", true=true, predicted=taken)
    if len(rows):
        first = shown.table.iloc[int(rows[0])]
        state.choose_picture(str(first["id"]), str(first["picture"]))


def at_first(shown: Shown) -> studies.Rightness:
    """Which pictures the gallery begins with: the mistakes, where there are any."""
    return "wrong" if shown.judged.summary.right < shown.judged.summary.n else "all"


def clear(shown: Shown) -> None:
    """Let go of the filter."""
    st.session_state[KIND], st.session_state[TRUE], st.session_state[TAKEN] = at_first(shown), [], []


def show_confusion(shown: Shown) -> None:
    """The matrix and the most confused pairs; both fill the gallery."""
    st.header("What is taken for what", anchor=False)
    words: dict[figures.Normalised, str] = {
        "counts": "Counts",
        "row": "% of the true class",
        "column": "% of the predicted",
    }
    normalised = st.segmented_control(
        "Numbers",
        list(words),
        format_func=words.__getitem__,
        default="counts",
        required=True,
        key="numbers",
        bind="query-params",
        label_visibility="collapsed",
    )
    picked = (st.session_state.get(TRUE, []), st.session_state.get(TAKEN, []))
    confusion, pairs = shown.judged.confusion, shown.judged.pairs
    wide = len(confusion.columns) > 12
    left, right = (st.container(), st.container()) if wide else st.columns([5, 2], gap="large")
    with left:
        clickable(
            figures.confusion_html(confusion, shown.names, normalised=normalised, selected=picked),
            "matrix",
            lambda pick: pick_cell(shown, pick),
        )
        note = (
            f" {confusion.hidden:,} more classes occur; the most confused ones are shown." if confusion.hidden else ""
        )
        st.caption(
            "Click a number, or the name of a row or a column, to see its pictures below; click it again to let go. "
            f"{'It scrolls to the right.' if wide else ''}{note}"
        )
    with right:
        st.markdown("**Most confused**")
        if pairs.empty:
            st.caption("No class is taken for another.")
        listed = st.container(horizontal=wide, gap=None if not wide else "small")
        for row in pairs.head(8).itertuples():
            listed.button(
                controls.plain(f"{row.true_class} → {row.predicted_class}: {row.n:,}"),
                type="tertiary",
                key=f"pair-{row.true}-{row.predicted}",
                on_click=pick_cell,
                args=(shown, f"cell:{row.true}:{row.predicted}"),
            )


def choose_pictures(shown: Shown) -> tuple[pd.DataFrame, str]:
    """The gallery's filter: the rows in order, and the key of the order."""
    table, names = shown.table, shown.names
    bar = st.container(horizontal=True, vertical_alignment="bottom", gap="medium")
    only = bar.segmented_control(
        "Show",
        list(SHOW),
        format_func=SHOW.__getitem__,
        default=at_first(shown),
        required=True,
        key=KIND,
        bind="query-params",
    )
    true = bar.multiselect(
        "Is",
        sorted({int(i) for i in table["true"] if i >= 0}),
        format_func=names.__getitem__,
        key=TRUE,
        bind="query-params",
        placeholder="any class",
        width=220,
    )
    taken = bar.multiselect(
        "Taken for",
        sorted({int(i) for i in table["predicted"]}),
        format_func=names.__getitem__,
        key=TAKEN,
        bind="query-params",
        placeholder="any class",
        width=220,
    )
    pair = cache.agreement.pair(shown.model, shown.layer)
    orders = [key for key in GALLERY_SORTS if key != "disagree" or pair]
    order = bar.selectbox(
        "Sort by", orders, format_func=lambda key: GALLERY_SORTS[key][0], key=ORDER, bind="query-params", width=210
    )
    rows = studies.choose_pictures(
        table, only=only, true=true, predicted=taken, sort="sure" if order == "disagree" else order
    )
    state.board()["gallery"] = ({"only": only, "true": true, "predicted": taken}, order)
    chosen = table.iloc[rows]
    if order == "disagree" and pair and len(chosen):
        chosen = by_disagreement(shown, chosen, pair)
    state.set_order(list(zip(chosen["id"], chosen["picture"], strict=True)))
    return chosen, order


def by_disagreement(shown: Shown, chosen: pd.DataFrame, pair: cache.agreement.Pair) -> pd.DataFrame:
    """The first pictures, those first on which two methods agree least."""
    some = chosen[chosen["usable"]].head(COMPARED)
    bar = st.empty()
    names = f"{pair.first.title} and {uncapitalised(pair.second.title)}"
    found = cache.agreement.disagreement(
        shown.model,
        shown.data,
        some,
        pair,
        lambda done, total: bar.progress(done / total, f"Comparing {names} on {done} of {total} …"),
    )
    bar.empty()
    if len(chosen) > len(some):
        st.caption(f"Compared on the {len(some)} most confident of {len(chosen):,}; filter to compare others.")
    if found.empty:
        return some
    some = some.merge(found.drop_duplicates("id"), on="id", how="inner")
    st.caption(
        f"{names} for the predicted class, averaged to the same cells: median rank correlation "
        f"{some['rank_correlation'].median():.2f}, median overlap of the top tenth {some['overlap'].median():.0%}."
    )
    return some.sort_values("rank_correlation", kind="stable")


@st.fragment
def browse(shown: Shown) -> None:
    """Matrix and gallery. A fragment: clicks in the matrix only fill the gallery."""
    before = state.picture()
    show_confusion(shown)
    st.header("Pictures", anchor=False)
    chosen, order = choose_pictures(shown)
    if chosen.empty:
        nothing_wrong = st.session_state[KIND] == "wrong" and shown.judged.summary.right == shown.judged.summary.n
        st.info(
            "Every picture is right: there is no mistake to look at. Choose Right or All to see the pictures."
            if nothing_wrong
            else "No picture is like that.",
            icon=":material/filter_alt_off:",
        )
    else:
        pages = -(-len(chosen) // CARDS)
        key = hashlib.sha256(repr([shown.key, order, *chosen["index"].head(CARDS)]).encode()).hexdigest()[:8]
        page = st.pagination(pages, key=f"page-{key}") if pages > 1 else 1
        part = chosen.iloc[(page - 1) * CARDS : page * CARDS]
        if before is None or before not in set(shown.table["id"]):
            state.choose_picture(str(chosen.iloc[0]["id"]), str(chosen.iloc[0]["picture"]), by_hand=False)
        clickable(
            figures.gallery_html(gallery_cards(shown, part, order), state.picture()), "gallery", state.choose_picture
        )
        word = "picture" if len(chosen) == 1 else "pictures"
        st.caption(f"{len(chosen):,} {word}. Click one to see why.")
    if state.picture() != st.session_state.get("explained picture"):
        st.session_state["explained picture"] = state.picture()
        st.rerun()  # the whole page: what stands below explains the picture


def gallery_cards(shown: Shown, part: pd.DataFrame, order: str) -> list[figures.Card]:
    """A page of the gallery."""
    made = []
    for _, row in part.iterrows():
        sample = cache.data.picture(shown.data, int(row["index"]), shown.model)
        notes = {
            "close": f"margin {100 * row['margin']:.0f} points",
            "clear": f"margin {100 * row['margin']:.0f} points",
            "loss": f"loss {row['loss']:.2f}",
            "disagree": f"agreement {row.get('rank_correlation', float('nan')):.2f}",
        }
        known = row["true"] >= 0 and row["usable"]
        made.append(
            figures.Card(
                str(row["id"]),
                sample.pixels if isinstance(sample, xai.Sample) else None,
                row["picture"],
                row["predicted_class"] if row["usable"] else "NaN",
                row["confidence"],
                str(row["label"] or ""),
                bool(row["correct"]) if known else None,
                notes.get(order, ""),
            )
        )
    return made


def make_report(board: dict[str, Any], shown: Shown) -> reports.Report:
    """The page as it stands: the first pictures of the gallery, and the panel of the chosen one."""
    table = shown.table
    asked, order = board["gallery"]
    rows = studies.choose_pictures(table, **asked, sort="sure" if order == "disagree" else order)
    some = table.iloc[rows].head(CARDS)
    drawn = [cache.data.picture(shown.data, int(index), shown.model) for index in some["index"]]
    evaluated = (
        shown.data.code
        if len(table) + len(shown.left_out) >= len(shown.data)
        else (f"{shown.data.code}[:{len(table) + len(shown.left_out)}]")
    )
    return misclassified_report(
        shown.model,
        evaluated,
        table,
        shown.judged.summary,
        shown.judged.card,
        findings=shown.judged.findings,
        cards=gallery_cards(shown, some, order),
        why=explanations.report_parts(board),
        samples=[one for one in drawn if isinstance(one, xai.Sample)],
        left_out=shown.left_out,
        settings={"gallery": asked | {"order": order}, "address": board["address"]},
    )


def offer_downloads(shown: Shown) -> None:
    """The evaluation as files, made when asked for."""
    st.header("Take it away", anchor=False)
    frame.offer_report("misclassified", lambda board: make_report(board, shown))
    controls.offer_files(
        {
            "Evaluation (CSV)": ("evaluation.csv", "text/csv", lambda: shown.table.to_csv(index=False)),
            "Classes (CSV)": ("classes.csv", "text/csv", lambda: shown.judged.report.to_csv(index=False)),
            "Confused pairs (CSV)": ("pairs.csv", "text/csv", lambda: shown.judged.pairs.to_csv(index=False)),
        }
    )


def main() -> None:
    bar = frame.begin("misclassifications")
    chosen = choose()
    if chosen is None:
        st.info(
            "Choose labelled pictures and a model in the side bar; what is missing is said there.",
            icon=":material/arrow_back:",
        )
        return
    data, model, layer = chosen
    data = data.taking_turns()
    data_id = cache.stamps.data_stamp(model, data)
    try:
        work = evaluate(data, model, data_id)
        if work is None:
            frame.picture_bar(bar, "misclassifications")
            return
        table = work.table
        judged = cache.answers.judgement(model.id, data_id, work.done, table, model.class_names)
    except xai.XaiError as error:
        st.error(controls.plain(str(error)), icon=":material/error:")
        return
    shown = Shown(f"{model.id}{data_id}{work.done}", model, data, table, judged, layer, tuple(work.problems))
    notices.missing(state.settle(list(zip(table["id"], table["picture"], strict=True))))
    show_summary(shown, work.seconds)
    st.session_state["explained picture"] = state.picture()  # by this very run, below
    browse(shown)
    frame.picture_bar(bar, "misclassifications")  # it walks in the gallery's order
    explanations.show(shown.model, shown.data, shown.table, shown.layer)
    offer_downloads(shown)


main()
