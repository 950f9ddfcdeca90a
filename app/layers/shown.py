"""What the Layer Explorer shows: computed once, then only drawn."""

from __future__ import annotations

import hashlib
import time
from dataclasses import dataclass

import streamlit as st

import xai_core as xai
from app import cache, controls, notices, state
from app.layers.sidebar import LayersChoice
from app.seen import warn_of_crops
from xai_core import figures
from xai_core.figures import Caption
from xai_core.models import judged_classes, true_labels
from xai_core.types import Layer, Method
from xai_core.types.counts import number_of

_WORTH_SAYING_S = 0.1  # what was known before takes less


@dataclass(frozen=True, eq=False)
class ShownLayers:
    """What the page shows: computed once, then only drawn. `chosen` is the index of the picture that stands out."""

    key: str
    data: xai.Dataset
    model: xai.Classifier
    layers: tuple[Layer, ...]
    samples: list[xai.Sample]
    heatmaps: xai.Heatmaps
    captions: list[Caption]
    chosen: int | None
    settings: dict[str, object]
    method: Method

    @property
    def names(self) -> list[str]:
        return [sample.name for sample in self.samples]


def compute(choice: LayersChoice) -> ShownLayers | None:
    """Read the pictures and run the model, with a bar; None where no picture can be read."""
    model, target = choice.model, choice.target
    started = time.perf_counter()
    bar = st.empty()

    def report(word: str):  # type: ignore[no-untyped-def]
        def progress(done: int, total: int) -> None:
            if time.perf_counter() - started > 0.3:  # no flicker where everything is cached
                bar.progress(done / total, f"{word} {done} of {total}")

        return progress

    samples, problems = cache.data.pictures(choice.data, model, report("Reading pictures"))
    notices.problems([*problems, *choice.data.skipped])
    if not samples:
        notices.none_readable(problems[0].reason if problems else "")
        return None
    labels = cache.maps.explained_labels(model, samples)
    # The index is that of the class asked for, and None for the prediction.
    wanted = labels if target.kind == "label" else [target.index] * len(samples)
    heatmaps = cache.maps.heatmaps(
        model,
        samples,
        choice.layers,
        wanted,
        report("Looking through the layers:"),
        method=choice.method,
        settings=choice.method_settings,
    )
    bar.empty()
    if target.kind == "label":
        notices.labels(samples, labels, model)
    notices.near_copies(samples)
    notices.notes(samples)
    warn_of_crops(model, samples)
    notices.missing(state.settle([(sample.id, sample.name) for sample in samples]))
    labelled = target.kind != "label" or any(one is not None for one in labels)
    say_what(choice, len(samples), labelled, time.perf_counter() - started, controls.quality_in_words(heatmaps))
    if model.outputs.independent:
        captions = figures.label_captions(samples, heatmaps, model.class_names, true_labels(model, samples))
    else:
        truth = judged_classes(model, samples, labels)
        captions = figures.captions(samples, heatmaps, model.class_names, truth)
    return ShownLayers(
        key=key_of(choice, samples, heatmaps, captions),
        data=choice.data,
        model=model,
        layers=choice.layers,
        samples=samples,
        heatmaps=heatmaps,
        captions=captions,
        chosen=index_of(state.picture(), samples),
        settings=saved_settings(choice, samples, heatmaps),
        method=choice.method,
    )


def key_of(choice: LayersChoice, samples: list[xai.Sample], heatmaps: xai.Heatmaps, captions: list[Caption]) -> str:
    """What stands for everything that is shown."""
    identity = [
        choice.model.id,
        choice.method.key,
        *map(str, sorted(choice.method_settings.items())),
        *(f"{sample.id} {sample.group or ''}" for sample in samples),
        *heatmaps,
        *map(repr, captions),
    ]
    return hashlib.sha256("\n".join(identity).encode()).hexdigest()


def say_what(choice: LayersChoice, pictures: int, labelled: bool, seconds: float, quality: str) -> None:
    """What was computed, how long it took, and how good the maps are where that is known.

    Without a label that the model knows, `labelled` being False, all maps are those of the prediction.
    """
    model, count = choice.model, len(choice.layers)
    of_labels = {"label": "the likeliest true label", "prediction": "the likeliest label", "class": ""}
    of_classes = {"label": "the label", "prediction": "the prediction", "class": ""}
    kind = choice.target.kind if labelled else "prediction"
    words = (of_labels if model.outputs.independent else of_classes)[kind]
    if choice.target.index is not None:
        words = model.class_names[choice.target.index]
    set_to = controls.settings_in_words(choice.method, choice.method_settings)
    st.caption(
        controls.plain(
            f"{model.title} on {model.device.type} · {controls.data_in_words(choice.data)} · "
            f"{number_of(pictures, 'picture')} · "
            f"{number_of(count, 'layer')} · "
            f"{choice.method.title}{f' ({set_to})' if set_to else ''} for {words}"
            f"{f' · {seconds:.1f} s' if seconds >= _WORTH_SAYING_S else ''}{quality}"
        )
    )


def saved_settings(choice: LayersChoice, samples: list[xai.Sample], heatmaps: xai.Heatmaps) -> dict[str, object]:
    """What a file says of how its numbers were made."""
    model = choice.model
    return {
        "data": choice.data.key,
        "pictures": [{"name": sample.name, "id": sample.id} for sample in samples],
        "model": model.title,
        "model_id": model.id,
        "preprocessing": model.preprocessing.settings(),
        "layers": [layer.name for layer in choice.layers],
        "method": heatmaps.method,
        "method_settings": choice.method.defaults(model) | choice.method_settings,
        "target": choice.target.kind,
        "target_classes": [model.class_names[int(index)] for index in heatmaps.targets],
        "device": model.device.type,
        "xai_core": xai.__version__,
    }


def index_of(picture: str | None, samples: list[xai.Sample]) -> int | None:
    """Where a picture stands among the samples, if it does."""
    return next((index for index, sample in enumerate(samples) if sample.id == picture), None)
