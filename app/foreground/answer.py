"""What the page answers: what was looked at, the viewer's guess before it, and the verdict."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pandas as pd
import streamlit as st

from app import cache, cards, controls, notices, state, teaching
from app.foreground.choose import Choice
from app.foreground.maps import MeasuredMaps, overlay
from app.foreground.progress import Report
from xai_core import studies
from xai_core.questions.foreground.findings import Answer, group_names, of_another_class
from xai_core.questions.foreground.findings import answer as answer_of
from xai_core.questions.foreground.question import FOREGROUND
from xai_core.types.counts import form, number_of


def show_heading(shown: MeasuredMaps, chosen: Choice, unknown: int) -> None:
    """What was looked at; `unknown` counts the labels that the model does not know."""
    samples, model = shown.samples, shown.model
    if unknown and chosen.target.kind == "label":
        said = studies.unknown_labels(unknown, [sample.label for sample in samples], model.title)
        notices.label_off(said)
    st.caption(
        controls.plain(
            f"{model.title} on {model.device.type} · {controls.data_in_words(chosen.data)} · "
            f"{number_of(len(samples), 'picture')} with {form(len(samples), 'a mask', 'masks')} · "
            f"{chosen.source.words}{controls.quality_in_words(shown.heatmaps)}"
        )
    )


def guess_first(shown: MeasuredMaps) -> bool:
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


def choose_measure(repeatable: bool) -> tuple[str, str, bool]:
    """What is compared with what, what stands in for what the interventions hide, whether random weights are shown.

    Of maps that cannot be made again there are none of random weights.
    """
    with st.container(horizontal=True, gap="large"):
        measure = str(controls.choose_option(FOREGROUND.choice("measure")))
        fill = str(controls.choose_option(FOREGROUND.choice("fill")))
    return measure, fill, repeatable and controls.choose_flag(FOREGROUND.choice("untrained"))


def look_untrained(shown: MeasuredMaps, report: Report) -> list[pd.DataFrame]:
    """What the maps of random weights have on each picture's object beyond other pictures' objects, for each draw."""
    maps = cache.maps.untrained_maps(
        shown.key, shown.model, shown.heatmaps, shown.samples, shown.source.method, report("Random weights:")
    )
    tables = [
        cache.maps.foreground(f"{shown.key} untrained {draw}", one, shown.samples) for draw, one in enumerate(maps)
    ]
    return [studies.beyond_others(table) for table in tables]


def show_answer(
    shown: MeasuredMaps, measure: str, intervention: pd.DataFrame, fill: str, untrained: Sequence[pd.DataFrame] = ()
) -> Answer:
    """The answer from maps and interventions, and the tests that it rests on."""
    seen = studies.seen_classes(shown.heatmaps, shown.model)
    other_class = of_another_class(shown.model, shown.samples, shown.targets)
    answer = cache.results.kept(
        (shown.key, measure, fill, len(untrained), other_class),
        answer_of,
        shown.table,
        measure,
        shown.heatmaps.method,
        seen,
        intervention,
        group_names(shown.model, shown.samples, shown.targets),
        untrained,
        other_class,
    )
    answer = replace(answer, card=cards.of_these(answer.card, shown.samples))
    cards.hypothesis_card(answer.card)
    controls.offer_prediction(seen)
    return answer
