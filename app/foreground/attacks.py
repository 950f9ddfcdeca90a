"""Pictures changed by an attack: how fast accuracy and maps fall."""

from __future__ import annotations

import pandas as pd
import streamlit as st

import xai_core as xai
from app import access, cache, controls, state
from app.charts import quiet, show_chart
from app.foreground.maps import MeasuredMaps
from xai_core import figures, studies
from xai_core.figures import Style
from xai_core.questions.foreground.findings import still_said
from xai_core.roles import Role
from xai_core.types.counts import number_of

ATTACKS = {"fgsm": "FGSM", "pgd": "PGD"}
EPSILONS = (0, 1, 2, 4, 8, 16)
ATTACKED = 32  # pictures that are attacked, at most


def show_attack(shown: MeasuredMaps, place: st.delta_generator.DeltaGenerator) -> pd.DataFrame | None:
    """Dose and response of an attack, when asked; it can be stopped and keeps what it has."""
    st.header("Adversarial pictures", anchor=False)
    if not shown.source.method.repeatable:
        st.caption(f"{shown.source.method.title} are of these pictures, so there are none of attacked ones.")
        return None
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
        wrap=True,
        key="attack",
        bind="query-params",
        help="FGSM: one step. PGD: ten steps with projection. Both by Captum, on pixels.",
    )
    count = min(ATTACKED, len(shown.samples))
    asked = f"{shown.key} {attack}"
    sentence = access.refusal(Role.COMPUTE, "An attack on the pictures")

    def start() -> None:
        st.session_state["attack runs for"] = asked

    def stop() -> None:
        st.session_state["attack runs for"] = None

    found: dict[int, cache.interventions.Attacked] = st.session_state.setdefault(f"attacked {asked}", {})
    todo = [epsilon for epsilon in EPSILONS if epsilon not in found]
    running = bool(todo) and not sentence and st.session_state.get("attack runs for") == asked
    if sentence:
        bar.caption(controls.plain(sentence))
    elif running:
        bar.button("Stop", on_click=stop, icon=":material/stop:", key="attack-stop")
    elif todo:
        bar.button(
            "Go on" if found else f"Attack {number_of(count, 'picture')}",
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
            found[epsilon] = attack_at(epsilon, shown, attack, count, meter)
            draw_attack(shown, found, figure)
        meter.empty()
        stop()
        st.rerun()
    return dose_table(shown, found) if found else None


def attack_at(
    epsilon: int, shown: MeasuredMaps, attack: str, count: int, meter: st.delta_generator.DeltaGenerator
) -> cache.interventions.Attacked:
    """The first pictures attacked at one strength, of 255; `meter` says how far it is."""

    def progress(done: int, total: int) -> None:
        meter.progress(done / total, f"ε = {epsilon} of 255: pass {done} of {total}")

    samples, targets = shown.samples[:count], shown.targets[:count]
    clean = shown.heatmaps.take(slice(count))
    return cache.interventions.attacked(
        shown.model, samples, targets, epsilon, attack, shown.source.method, clean, progress
    )


def dose_table(shown: MeasuredMaps, found: dict[int, cache.interventions.Attacked]) -> pd.DataFrame:
    """A row for each strength so far."""
    rows = []
    for epsilon in sorted(found):
        one = found[epsilon]
        targets = shown.targets[: len(one.samples)]
        right = still_said(one.heatmaps, targets, shown.model.outputs.independent)
        rows.append(studies.dose_row(epsilon, one.table, right, one.similarity))
    return pd.DataFrame(rows)


def draw_attack(
    shown: MeasuredMaps, found: dict[int, cache.interventions.Attacked], figure: st.delta_generator.DeltaGenerator
) -> None:
    """The curves so far, and one picture of the strongest attack."""
    if not found:
        figure.caption("How quickly do accuracy and maps change as the picture is changed slightly?")
        return
    table = dose_table(shown, found)
    with figure.container():
        labels = shown.model.outputs.independent
        st.markdown(controls.plain(studies.dose_sentence(table, labels=labels)))
        show_chart(
            st,
            figures.dose_figure(table, labels=labels),
            key=f"dose-{len(found)}",
            config=quiet("adversarial"),
            alt=f"{'Labels that are found' if labels else 'Accuracy'} and maps against epsilon",
        )
        strongest = found[max(found)]
        index = next((i for i, s in enumerate(shown.samples) if s.id == state.picture()), 0) % len(strongest.samples)
        show_attacked(shown, strongest, index, max(found))


def show_attacked(shown: MeasuredMaps, attacked: cache.interventions.Attacked, index: int, epsilon: int) -> None:
    """One picture before and after, its perturbation magnified, both maps."""
    before, after = shown.samples[index], attacked.samples[index]
    names = shown.model.class_names
    (old,) = figures.draw_tiles([before.pixels], shown.heatmaps.take([index]), Style())[shown.place]
    (new,) = figures.draw_tiles([after.pixels], attacked.heatmaps.take([index]), Style())[shown.place]

    def said(maps: xai.Heatmaps) -> list[tuple[str, float]]:
        guess = shown.targets[index] if shown.model.outputs.independent else int(maps.predictions.classes[index])
        return [(names[guess], float(maps.predictions.probabilities[index, guess]))]

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
