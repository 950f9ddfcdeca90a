"""What the model looked at in a picture, epoch by epoch."""

from __future__ import annotations

import streamlit as st

import xai_core as xai
from app import cache, controls, trust
from app.charts import quiet, show_chart
from app.evolution.runs import OpenedRun
from app.evolution.weights import choose_source, last_model, show_problems
from xai_core import figures

FILM_SIDE = 256  # of a picture as shown, in pixels


def show_film(shown: OpenedRun, index: int, sample: xai.Sample) -> None:
    """Maps of a picture at each epoch with weights, for the predicted and for the true class."""
    run = shown.run
    bar = st.container(horizontal=True, vertical_alignment="center", gap="small")
    bar.markdown("**What it looked at**", width="content")
    if not run.checkpoints:
        _show_alone(sample, "This run kept no weights, so what the model looked at cannot be shown.")
        return
    progress = st.empty()
    try:
        model = last_model(run)
        with bar:
            source = choose_source(model, "film")
        film = cache.films.film(
            run,
            sample,
            int(run.labels[index]),
            source.method.key,
            source.layer,
            lambda done, total: progress.progress(done / total, f"{source.method.title} …"),
        )
        if not film.found:
            raise xai.ModelError(film.problems[0])
        view = figures.enlarged(model.preprocessing.prepare(sample).pixels, FILM_SIDE)
    except xai.XaiError as error:
        progress.empty()
        _show_alone(sample, f"What the model looked at cannot be shown. {error}")
        return
    progress.empty()
    figure = cache.results.kept(
        (shown.id, cache.stamps.weights_stamp(run), index, sample.id, source.words),
        figures.evolution_film,
        list(film.found.values()),
        list(film.found),
        view,
        run.class_names,
        int(run.labels[index]),
    )
    show_chart(
        st,
        figure,
        key=f"film-{index}-{source.method.key}-{source.layer}",
        config=quiet("film"),
        alt=f"{source.words} by epoch for the predicted and for the true class",
    )
    last = film.found[max(film.found)]
    trust.offer(model, model.preprocessing.prepare(sample), int(last.targets[0]), source.layers, method=source.method)
    show_problems(film.problems)


def _show_alone(sample: xai.Sample, why: str) -> None:
    """The picture without maps, and why there are none."""
    st.image(figures.enlarged(sample.pixels, FILM_SIDE), alt=sample.name)
    st.caption(controls.plain(why))
