"""Foreground vs Background: is it the object or its surroundings, by heatmap and by intervention?"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
import streamlit as st

import xai_core as xai
from app import cache, cards, controls, frame, notices, state, teaching, trust
from app.clickable import clickable
from xai_core import figures, studies
from xai_core.figures import Card, Style
from xai_core.models import best_classes, possible_classes
from xai_core.questions.foreground.findings import INTERVENTIONS, Answer, find
from xai_core.questions.foreground.findings import answer as answer_of
from xai_core.questions.foreground.question import FOREGROUND
from xai_core.questions.foreground.report import foreground_report
from xai_core.studies import FOREGROUND_MEASURES, percent, uncapitalised
from xai_core.types import Method

MOST = 64
CARDS = 16
ATTACKS = {"fgsm": "FGSM", "pgd": "PGD"}
LONG_S = 2.0  # after which the time that is left is said
EPSILONS = (0, 1, 2, 4, 8, 16)
ATTACKED = 32  # pictures that are attacked, at most
QUIET = {"displayModeBar": False}
Report = Callable[[str], Callable[[int, int], object]]


@dataclass(frozen=True, eq=False)
class Source:
    """What makes the maps: a method, with those of its settings that differ from its defaults."""

    method: Method
    settings: Mapping[str, Any]

    @property
    def words(self) -> str:
        """Both as people read them."""
        said = controls.settings_in_words(self.method, self.settings)
        return f"{self.method.title} ({said})" if said else self.method.title


@dataclass(frozen=True, eq=False)
class Shown:
    """What the page shows of one model: pictures with masks that can be used, their maps and measures.

    Attributes
    ----------
    layer : that the maps are made at; None of a method without layers
    """

    key: str
    model: xai.Classifier
    source: Source
    layer: str | None
    samples: list[xai.Sample]
    targets: list[int]
    heatmaps: xai.Heatmaps
    table: pd.DataFrame

    @property
    def place(self) -> str:
        """The name of its maps: the layer's, or of a method without layers where its one map lies."""
        return next(iter(self.heatmaps))


@dataclass(frozen=True, eq=False)
class Choice:
    """What the side bar says."""

    data: xai.Dataset
    model: xai.Classifier
    source: Source
    layer: str | None
    target: controls.Target


def choose() -> Choice | None:
    """The side bar; None while something is missing."""
    with st.sidebar:
        data = controls.choose_data("textured_digits_shortcut", MOST, "val")
        st.divider()
        model = controls.choose_model(controls.fitting(data, "digits_shortcut"))
        source = choose_source(model) if model else None
        layer = None
        if model is not None and source is not None and source.method.at_layers:
            layer = controls.choose_layer(model, [source.method])
        target = controls.choose_target(model, bool(data and data.labels)) if model else None
    if data is None or model is None or source is None or target is None:
        return None
    if source.method.at_layers and layer is None:
        return None
    state.keep(controls.begins_with("textured_digits_shortcut", "digits_shortcut"))
    return Choice(data, model, source, layer, target)


def choose_source(model: xai.Classifier) -> Source | None:
    """The method and its settings; one that draws samples begins with few, since it runs for every picture."""
    method = controls.choose_method(FOREGROUND, model)
    if method is None:
        return None
    if not method.settings:
        return Source(method, {})
    study = cache.study_folders.opened_study()
    start = method.quickly(model) if method.draws_samples else method.defaults(model)
    if study is not None and study.method == method.key:
        start = method.defaults(model) | dict(study.settings)
    with st.popover("Settings of the method", icon=":material/tune:", width="stretch"):
        return Source(method, controls.choose_settings(method, model, start))


def wanted(model: xai.Classifier, samples: list[xai.Sample], target: controls.Target) -> tuple[list[int], int]:
    """The class that each map explains, and for how many pictures that is the prediction for want of a known label."""
    said = [cache.maps.probabilities(model.id, sample.id, model, sample) for sample in samples]
    predicted = [int(np.argmax(p)) for p in said]
    if target.kind == "class":
        return [int(target.index or 0)] * len(samples), 0
    if target.kind == "prediction":
        return predicted, 0
    best = best_classes(possible_classes(model, samples), np.stack(said))
    return [one if one is not None else other for one, other in zip(best, predicted, strict=True)], best.count(None)


def look(
    model: xai.Classifier,
    samples: list[xai.Sample],
    source: Source,
    layer: str | None,
    target: controls.Target,
    report: Report,
) -> tuple[Shown, int]:
    """Maps and measures of one model on pictures as it sees them, and how many labels it does not know."""
    targets, unknown = wanted(model, samples, target)
    heatmaps = cache.maps.heatmaps(
        model,
        samples,
        model.select([layer]) if layer else (),
        targets,
        report(f"{source.method.title} of {model.title}:"),
        method=source.method,
        settings=source.settings,
    )
    pictures = (f"{s.id} {s.name} {t}" for s, t in zip(samples, targets, strict=True))
    asked = [source.method.key, repr(cache.maps.in_order(source.settings)), str(layer)]
    key = hashlib.sha256("\n".join([model.id, model.title, *asked, *pictures]).encode()).hexdigest()
    table = cache.maps.foreground(key, heatmaps, samples)
    return Shown(key, model, source, layer, samples, targets, heatmaps, table), unknown


def read(data: xai.Dataset, model: xai.Classifier, report: Report) -> list[xai.Sample] | None:
    """The pictures with masks that can be used; None with the reason shown."""
    samples, problems = cache.data.pictures(data, model, report("Reading pictures"))
    notices.problems([*problems, *data.skipped])
    reasons = [studies.mask_problem(sample.mask) for sample in samples]
    usable = [sample for sample, reason in zip(samples, reasons, strict=True) if not reason]
    counts = pd.Series([reason for reason in reasons if reason], dtype=object).value_counts()
    if len(counts):
        said = "; ".join(f"{count} × {uncapitalised(str(reason))[:-1]}" for reason, count in counts.items())
        st.info(
            controls.plain(f"{counts.sum()} of {len(samples)} pictures are left out: {said}."),
            icon=":material/deselect:",
        )
    if not usable:
        st.warning(
            "None of these pictures has a mask that tells object from background. Choose textured digits, the photos "
            "that come along, Oxford-IIIT Pet, a VOCdevkit, or a folder with images/ and masks/.",
            icon=":material/deselect:",
        )
        return None
    notices.notes(usable)
    return usable


def guess_first(shown: Shown) -> bool:
    """With the guide on, the maps stay hidden until the viewer has guessed; whether they may be shown."""
    if not teaching.guided():
        return True
    index = next((i for i, sample in enumerate(shown.samples) if sample.id == state.picture()), 0)
    name = shown.model.class_names[shown.targets[index]]
    return teaching.predict_then_reveal(
        f"{shown.samples[index].id} {shown.model.id} {shown.place} {name}",
        shown.samples[index],
        shown.heatmaps[shown.place][index],
        lambda: overlay(shown, index),
        name,
    )


def choose_measure() -> str:
    """What is compared with what."""
    return str(controls.choose_option(FOREGROUND.choice("measure")))


def conditions(table: pd.DataFrame, measure: str) -> tuple[np.ndarray, np.ndarray, tuple[str, str]]:
    """The two columns that a measure compares, and what they are called."""
    kind = FOREGROUND_MEASURES[measure]
    return (table[kind.inside].to_numpy(), kind.against(table), ("on the object", kind.beside))


def show_answer(shown: Shown, measure: str) -> Answer:
    """The verdict and the tests that it rests on."""
    answer = cache.results.kept((shown.key, measure), answer_of, shown.table, measure, shown.heatmaps.method)
    if guest := state.brought():
        answer = replace(answer, card=studies.with_guest(answer.card, guest))
    cards.hypothesis_card(answer.card)
    return answer


@st.fragment
def show_pictures(shown: Shown, measure: str) -> None:
    """Every picture: its slope and difference, and the maps sorted by it, the worst first."""
    first, second, labels = conditions(shown.table, measure)
    known = np.flatnonzero((shown.table["reason"] == "").to_numpy())
    if not len(known):
        return
    names = [shown.samples[i].name for i in known]
    chosen = next((i for i in known.tolist() if shown.samples[i].id == state.picture()), None)
    key = f"differences-{shown.key[:8]}-{measure}-{chosen}"

    def pick() -> None:
        points = st.session_state[key]["selection"]["points"]
        index = points[0].get("customdata") if points else None
        if index is not None:
            state.choose_picture(shown.samples[int(index)].id)

    st.plotly_chart(
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
        config=QUIET,
        alt="Each picture on and off the object, and the differences",
    )
    st.caption("A line is a picture; red ones go the other way. Click a point to see its picture first below.")
    st.subheader("The pictures, worst first", anchor=False)
    st.caption("Bold: the difference. Below it: energy on the object / the object's share of the picture.")
    difference = first - second
    order = known[np.argsort(difference[known], kind="stable")].tolist()
    others = [i for i in range(len(shown.samples)) if i not in set(order)]
    state.set_order([(shown.samples[i].id, shown.samples[i].name) for i in (*order, *others)])
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
    if chosen is not None:
        show_picture(shown, chosen)
        layers = (
            [shown.layer] if shown.layer else [one.name for one in shown.model.layers and shown.model.select("stages")]
        )
        trust.offer(shown.model, shown.samples[chosen], shown.targets[chosen], layers, method=shown.source.method)
    frame.follow()


def overlay(shown: Shown, index: int) -> np.ndarray:
    """A picture's map over it, with the object's outline."""
    return cache.results.kept((shown.key, index), draw_overlay, shown, index)


def draw_overlay(shown: Shown, index: int) -> np.ndarray:
    """The same, drawn anew."""
    sample = shown.samples[index]
    (tile,) = figures.draw_tiles([sample.pixels], shown.heatmaps.take([index]), Style())[shown.place]
    return figures.outlined(tile.pixels, sample.mask) if sample.mask is not None else tile.pixels


def card(shown: Shown, index: int, difference: float) -> Card:
    """A picture of the gallery, its map over it."""
    sample, row = shown.samples[index], shown.table.iloc[index]
    predicted = int(shown.heatmaps.predictions.classes[index])
    return Card(
        sample.id,
        overlay(shown, index),
        sample.name,
        f"{difference:+.2f}",
        float("nan"),
        "",
        None,
        f"energy {percent(row['energy_inside'])} / {percent(row['mask_area'])}",
        hint=f"map for {shown.model.class_names[shown.targets[index]]}, predicted {shown.model.class_names[predicted]}",
    )


def show_picture(shown: Shown, index: int) -> None:
    """One picture: outline, map, and what the interventions show the model."""
    sample = shown.samples[index]
    row = shown.table.iloc[index]
    lender = cache.data.partners_of(shown.key, shown.samples)[index]
    asked = FOREGROUND.choice("fill")
    fill = str(st.session_state.get(asked.address, asked.default))
    views: list[tuple[str, np.ndarray, list[tuple[str, float]]]] = [
        ("input", figures.outlined(sample.pixels, sample.mask), []),  # type: ignore[arg-type]
        ("map", overlay(shown, index), []),
    ]
    name = shown.model.class_names[shown.targets[index]]
    for kind, title in INTERVENTIONS.items():
        view = xai.intervene(sample, kind, fill=fill, other=shown.samples[lender])  # type: ignore[arg-type]
        p = cache.maps.view_probability(shown.model.id, hashlib.sha256(view.tobytes()).hexdigest(), shown.model, view)
        views.append((title, view, [(name, float(p[shown.targets[index]]))]))
    share, area = percent(row["energy_inside"]), percent(row["mask_area"])
    st.markdown(
        controls.plain(
            f"{sample.name}: {share} of the energy on the object, which covers {area}. Mean activation "
            f"{row['mean_inside']:.2f} on it, {row['mean_outside']:.2f} off it; AUC {row['auc']:.2f}; IoU "
            f"{row['iou']:.2f}; the maximum lies {'on' if row['pointing'] >= 0.5 else 'off'} it."
        )
    )
    st.html(figures.hidden_html(views))
    st.download_button(
        "Overlay with outline (PNG)",
        lambda: figures.to_png(overlay(shown, index)),
        "overlay.png",
        "image/png",
        on_click="ignore",
        type="tertiary",
        icon=":material/download:",
    )


def drops(table: pd.DataFrame) -> np.ndarray:
    """Probability lost with another background, by picture."""
    wide = table.pivot(index="picture", columns="kind", values="p")
    return (wide["whole"] - wide["swapped"]).to_numpy()


def intervene(shown: Shown, fill: str, report: Report) -> pd.DataFrame:
    """Object alone, background alone, another background."""
    progress = report(f"Interventions on {shown.model.title}:")
    return cache.interventions.intervention(shown.model, shown.samples, shown.targets, fill, progress)


def show_intervention(shown: Shown, verdict: studies.ForegroundVerdict, report: Report) -> tuple[pd.DataFrame, str]:
    """What happens when object or background is taken away, and whether that fits the maps."""
    st.header("Take it away, and see", anchor=False)
    fill = str(controls.choose_option(FOREGROUND.choice("fill")))
    table = intervene(shown, fill, report)
    key = (shown.key, fill)
    st.markdown(controls.plain(cache.results.kept(key, studies.intervention_sentence, table)))
    if finding := cache.results.kept((*key, verdict), studies.disagreement_sentence, verdict, table):
        agree = finding.endswith("agree.")
        (st.success if agree else st.warning)(
            controls.plain(finding), icon=":material/check_circle:" if agree else ":material/priority_high:"
        )
    st.plotly_chart(
        cache.results.kept(key, figures.intervention_figure, {shown.model.title: table}, INTERVENTIONS),
        key="interventions",
        config=QUIET,
        alt="Probability of the class as it is, with the object alone, the background alone, another background",
    )
    with st.expander("Tests against the whole picture"):
        st.dataframe(
            cache.results.kept(key, studies.intervention_tests, table).replace({"kind": INTERVENTIONS}),
            hide_index=True,
            width="stretch",
        )
        st.caption("Paired t-tests and Wilcoxon's rank-biserial correlation, picture by picture.")
    return table, fill


def show_models(
    shown: Shown,
    table: pd.DataFrame,
    fill: str,
    data: xai.Dataset,
    target: controls.Target,
    measure: str,
    report: Report,
) -> pd.DataFrame | None:
    """Other models on the same pictures, compared; None where there are none."""
    st.header("Side by side", anchor=False)
    known = {info.key: info for info in xai.list_models() if info.on_disk and info.key != shown.model.key}
    quick = not shown.source.method.draws_samples
    start = ["digits"] if quick and shown.model.key == "digits_shortcut" else []
    beside = st.multiselect(
        "Other models on the same pictures",
        list(known),
        default=start,
        key="beside-models",
        bind="query-params",
        format_func=lambda key: known[key].title,
        placeholder="none",
    )
    if not beside:
        st.caption("Choose models to compare: where they look, and what another background costs them.")
        return None
    tables, lost, interventions = {shown.model.title: shown.table}, {shown.model.title: drops(table)}, {}
    request: tuple[object, ...] = (shown.key, fill, measure)
    interventions[shown.model.title] = table
    for key in beside:
        other = cache.models.classifier(key, (), "")
        samples, _ = cache.data.pictures(data, other, report(f"Reading pictures for {other.title}"))
        ids = [sample.id for sample in shown.samples]
        there = {sample.id: sample for sample in samples}
        if any(one not in there or studies.mask_problem(there[one].mask) for one in ids):
            st.caption(controls.plain(f"{other.title} crops these pictures so that a mask is lost; it is left out."))
            continue
        try:
            layer = other.select("stages")[-1].name if shown.source.method.at_layers else None
            found, unknown = look(other, [there[one] for one in ids], shown.source, layer, target, report)
        except xai.XaiError as error:
            st.caption(controls.plain(f"{other.title} is left out: {error}"))
            continue
        if unknown == len(ids):
            st.caption(controls.plain(f"{other.title} knows none of these labels: its maps explain its predictions."))
        request += (found.key,)
        tables[other.title] = found.table
        interventions[other.title] = intervene(found, fill, report)
        lost[other.title] = drops(interventions[other.title])
    if len(tables) < 2:
        return None
    compared = cache.results.kept(request, studies.compare_models, tables, lost, measure)
    st.markdown(controls.plain(studies.models_sentence(compared, measure)))
    left, right = st.columns([3, 2], gap="medium")
    with left:
        st.plotly_chart(
            cache.results.kept(request, figures.intervention_figure, interventions, INTERVENTIONS),
            key="models-interventions",
            config=QUIET,
            alt="Probability by intervention and model",
        )
    with right:
        stacked = pd.concat([one.assign(model=name) for name, one in tables.items()])
        groups = cache.results.kept(request, studies.compare_groups, stacked, "model", measure)
        forest = cache.results.kept(request, figures.forest_figure, groups, "model")
        st.plotly_chart(forest, key="models-forest", config=QUIET, alt="Effect of each model")
    st.dataframe(renamed(compared, measure), hide_index=True, width="stretch")
    return compared


def renamed(table: pd.DataFrame, measure: str) -> pd.DataFrame:
    """A table's columns in words."""
    words = {
        "inside": "on the object",
        "chance": FOREGROUND_MEASURES[measure].beside,
        "p_holm": "p (Holm)",
        "low": "d_z from",
        "high": "d_z to",
        "rank_biserial": "rank-biserial",
        "drop": "lost with another background",
        "p_inside": "p (object)",
        "d_z_inside": "d_z (object)",
        "p_drop": "p (lost)",
        "d_z_drop": "d_z (lost)",
    }
    return table.rename(columns=words).round(4)


def show_groups(shown: Shown, measure: str) -> pd.DataFrame | None:
    """By class, where there are several."""
    labels = [sample.label or "without a label" for sample in shown.samples]
    if len(set(labels)) < 2:
        return None
    st.header("By class", anchor=False)
    key = (shown.key, *labels, measure)
    groups = cache.results.kept(key, studies.compare_groups, shown.table.assign(label=labels), "label", measure)
    left, right = st.columns([2, 3], gap="medium")
    forest = cache.results.kept(key, figures.forest_figure, groups, "label")
    left.plotly_chart(forest, key="forest", config=QUIET, alt="Effect by class")
    right.dataframe(renamed(groups, measure), hide_index=True, width="stretch")
    st.caption("Holm-corrected over the classes, the largest effect first. Grey: not told from none.")
    return groups


def show_depth(shown: Shown, measure: str, report: Report) -> tuple[pd.DataFrame, list[str]] | None:
    """The same by depth: the measures at each stage, and the stages' titles."""
    st.header("Where the object emerges", anchor=False)
    layers = shown.model.select("stages")
    if len(layers) < 2:
        st.caption("The model has one stage only.")
        return None
    heatmaps = cache.maps.heatmaps(
        shown.model,
        shown.samples,
        layers,
        shown.targets,
        report("Looking through the layers:"),
        method=shown.source.method,
        settings=shown.source.settings,
    )
    table = cache.maps.foreground(f"{shown.key} stages", heatmaps, shown.samples)
    kind = FOREGROUND_MEASURES[measure]
    titles = [layer.title for layer in layers]
    st.plotly_chart(
        cache.results.kept((shown.key, measure), figures.depth_figure, table, titles, kind.inside, kind.chance),
        key="depth",
        config=QUIET,
        alt="The measure by depth",
    )
    st.caption(f"{kind.title}, mean over {len(shown.samples)} pictures with 95 % intervals.")
    return table, titles


def show_attack(shown: Shown, place: st.delta_generator.DeltaGenerator) -> pd.DataFrame | None:
    """Dose and response of an attack, when asked; it can be stopped and keeps what it has."""
    st.header("Adversarial pictures", anchor=False)
    if shown.source.method.draws_samples:
        st.caption(
            f"{shown.source.method.title} draws samples for each picture, so the maps of attacked pictures would take "
            "too long: choose another method to see them."
        )
        return None
    bar = st.container(horizontal=True, vertical_alignment="bottom")
    attack = bar.segmented_control(
        "Attack",
        list(ATTACKS),
        format_func=ATTACKS.__getitem__,
        default="pgd",
        required=True,
        key="attack",
        bind="query-params",
        help="FGSM: one step. PGD: ten steps with projection. Both by Captum, on pixels.",
    )
    count = min(ATTACKED, len(shown.samples))
    asked = f"{shown.key} {attack}"
    running = st.session_state.get("attack runs for") == asked

    def start() -> None:
        st.session_state["attack runs for"] = asked

    def stop() -> None:
        st.session_state["attack runs for"] = None

    samples, targets = shown.samples[:count], shown.targets[:count]
    clean = shown.heatmaps.take(slice(count))
    found: dict[int, cache.interventions.Attacked] = st.session_state.setdefault(f"attacked {asked}", {})
    todo = [epsilon for epsilon in EPSILONS if epsilon not in found]
    if not todo:
        running = False
    elif running:
        bar.button("Stop", on_click=stop, icon=":material/stop:", key="attack-stop")
    else:
        bar.button(
            "Go on" if found else f"Attack {count} pictures",
            on_click=start,
            type="primary",
            key="attack-start",
            icon=":material/bolt:",
        )
    figure = st.empty()
    draw_attack(shown, found, figure)
    if running:
        meter = place.empty()
        for epsilon in todo:

            def progress(done: int, total: int, epsilon: int = epsilon) -> None:
                meter.progress(done / total, f"ε = {epsilon} of 255: pass {done} of {total}")

            found[epsilon] = cache.interventions.attacked(
                shown.model, samples, targets, epsilon, attack, shown.source.method, clean, progress
            )
            draw_attack(shown, found, figure)
        meter.empty()
        stop()
        st.rerun()
    return dose_table(shown, found) if found else None


def dose_table(shown: Shown, found: dict[int, cache.interventions.Attacked]) -> pd.DataFrame:
    """A row for each strength so far."""
    rows = []
    for epsilon in sorted(found):
        one = found[epsilon]
        right = one.heatmaps.predictions.classes == np.array(shown.targets[: len(one.samples)])
        rows.append(studies.dose_row(epsilon, one.table, right, one.similarity))
    return pd.DataFrame(rows)


def draw_attack(
    shown: Shown, found: dict[int, cache.interventions.Attacked], figure: st.delta_generator.DeltaGenerator
) -> None:
    """The curves so far, and one picture of the strongest attack."""
    if not found:
        figure.caption("How fast do accuracy and maps fall as the picture is changed by ever so little?")
        return
    table = dose_table(shown, found)
    with figure.container():
        st.markdown(controls.plain(studies.dose_sentence(table)))
        st.plotly_chart(
            figures.dose_figure(table), key=f"dose-{len(found)}", config=QUIET, alt="Accuracy and maps against epsilon"
        )
        strongest = found[max(found)]
        index = next((i for i, s in enumerate(shown.samples) if s.id == state.picture()), 0) % len(strongest.samples)
        show_attacked(shown, strongest, index, max(found))


def show_attacked(shown: Shown, attacked: cache.interventions.Attacked, index: int, epsilon: int) -> None:
    """One picture before and after, its perturbation magnified, both maps."""
    before, after = shown.samples[index], attacked.samples[index]
    names = shown.model.class_names
    (old,) = figures.draw_tiles([before.pixels], shown.heatmaps.take([index]), Style())[shown.place]
    (new,) = figures.draw_tiles([after.pixels], attacked.heatmaps.take([index]), Style())[shown.place]

    def said(maps: xai.Heatmaps) -> list[tuple[str, float]]:
        guess = int(maps.predictions.classes[index])
        return [(names[guess], float(maps.predictions.confidences[index]))]

    st.html(
        figures.hidden_html(
            [
                ("before", before.pixels, said(shown.heatmaps)),
                (f"after, ε = {epsilon}/255", after.pixels, said(attacked.heatmaps)),
                ("change, magnified", figures.magnified(before.pixels, after.pixels), []),
                ("map before", figures.outlined(old.pixels, before.mask), []),  # type: ignore[arg-type]
                ("map after", figures.outlined(new.pixels, before.mask), []),  # type: ignore[arg-type]
            ]
        )
    )
    st.caption(controls.plain(f"{before.name}. Maps for {names[shown.targets[index]]}, the class to be lost."))


def offer_downloads(shown: Shown, measure: str, intervention: pd.DataFrame) -> None:
    """Tables and figures as files, made when asked for."""
    table = shown.table.assign(
        id=[sample.id for sample in shown.samples],
        label=[sample.label for sample in shown.samples],
        target=[shown.model.class_names[index] for index in shown.targets],
    )
    first, second, labels = conditions(shown.table, measure)

    def figure() -> str:
        names = [sample.name for sample in shown.samples]
        made = figures.differences_figure(first, second, names, labels, range(len(names)))
        return figures.to_html(made, f"{shown.model.title}: {FOREGROUND_MEASURES[measure].title}")

    controls.offer_files(
        {
            "Measures (CSV)": ("foreground.csv", "text/csv", lambda: table.to_csv(index=False)),
            "Interventions (CSV)": ("interventions.csv", "text/csv", lambda: intervention.to_csv(index=False)),
            "Figure (HTML)": ("foreground.html", "text/html", figure),
        }
    )


def main() -> None:
    bar = frame.begin("foreground")
    chosen = choose()
    if chosen is None:
        st.info(
            "Choose pictures with masks, a model and a layer in the side bar; what is missing is said there.",
            icon=":material/arrow_back:",
        )
        return
    data, model, target = chosen.data, chosen.model, chosen.target
    place = st.empty()

    def report(word: str) -> Callable[[int, int], object]:
        started = time.perf_counter()

        def progress(done: int, total: int) -> None:
            spent = time.perf_counter() - started
            left = spent / done * (total - done) if done else 0.0
            rest = f", about {left:.0f} s left" if spent > LONG_S and left >= 1 else ""
            place.progress(done / total, controls.plain(f"{word} {done} of {total}{rest}"))

        return progress

    try:
        samples = read(data, model, report)
        if samples is None:
            place.empty()
            return
        notices.missing(state.settle([(sample.id, sample.name) for sample in samples]))
        shown, unknown = look(model, samples, chosen.source, chosen.layer, target, report)
        place.empty()
        if unknown and target.kind == "label":
            st.info(
                controls.plain(
                    f"{unknown} of {len(samples)} labels are none of {model.title}'s classes; there the maps explain "
                    "the prediction."
                ),
                icon=":material/label_off:",
            )
        st.caption(
            controls.plain(
                f"{model.title} on {model.device.type} · {data.title} · {len(samples)} pictures with masks · "
                f"{chosen.source.words}"
            )
        )
        if not guess_first(shown):
            frame.picture_bar(bar, "foreground")
            return
        measure = choose_measure()
        answer = show_answer(shown, measure)
        show_pictures(shown, measure)
        frame.picture_bar(bar, "foreground")  # it walks with the worst first, as they are shown
        table, fill = show_intervention(shown, answer.verdict, report)
        models = show_models(shown, table, fill, data, target, measure, report)
        groups = show_groups(shown, measure)
        depth = show_depth(shown, measure, report) if chosen.source.method.at_layers else None
        place.empty()
        dose = show_attack(shown, place)
        st.header("Take the numbers away", anchor=False)
        frame.offer_report(
            "foreground",
            lambda board: foreground_report(
                find(
                    shown.model,
                    data.code,
                    shown.samples,
                    shown.heatmaps,
                    shown.table,
                    measure,
                    answered=answer,
                    intervention=table,
                    fill=fill,
                    groups=groups,
                    models=models,
                    dose=dose,
                    depth=depth[0] if depth is not None else None,
                    stages=depth[1] if depth is not None else (),
                ),
                checks=trust.report_parts(board),
                settings={"method": chosen.source.words, "map for": target.kind, "address": board["address"]},
            ),
        )
        offer_downloads(shown, measure, table)
    except xai.XaiError as error:
        place.empty()
        st.error(controls.plain(str(error)), icon=":material/error:")


main()
