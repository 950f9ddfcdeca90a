"""The study of Layer Explorer: do deeper layers focus more?"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from xai_core import figures
from xai_core.batch.maps import Looked, arrays_of, layers_of, maps_of, method_of, said_of, target_class, texts_of
from xai_core.batch.opening import Opened
from xai_core.batch.reading import read_some
from xai_core.batch.store import StudyFolder
from xai_core.batch.study import OTHER_MEASURES, Batch, Results, Stage, batches
from xai_core.batch.study import left_out_sentences as sentences_of
from xai_core.checks.layer_deletion import deleted_places, deletion_gains
from xai_core.errors import DataError
from xai_core.inference.explained_labels import explained_labels
from xai_core.methods.explain import explain
from xai_core.methods.registry import get_method
from xai_core.models import judged_classes, true_labels
from xai_core.questions.layers.findings import GRIDS, Findings, answer
from xai_core.questions.layers.report import layers_report
from xai_core.questions.untrained import UntrainedStage, read_draws
from xai_core.studies.averaged_gradients import averaging_correlations
from xai_core.studies.class_gate import seen_classes
from xai_core.studies.layer_faithfulness import Faithfulness, layer_faithfulness
from xai_core.studies.map_measures import MEASURES, SWEEP, Grid, MapMeasures, measure_maps
from xai_core.studies.near_copies import with_copies
from xai_core.studies.words import unknown_labels
from xai_core.types import Heatmaps, Sample

BATCH = 8  # as on the page
AVERAGED = "averaged"  # rank correlations with the method that does not average
DELETED = "deletion"  # what hiding costs beyond random order, of the pictures that were asked about
DRAWN = 24  # pictures that the report draws, from the first on


class LayerStudy:
    """Maps of all pictures at some layers, measured on both grids."""

    batch = BATCH

    def __init__(self, opened: Opened) -> None:
        self._opened, self._choices = opened, opened.request.choices
        self._layers = layers_of(opened, self._choices["layers"])
        self.layers = tuple(layer.name for layer in self._layers)
        self._method = method_of(opened).title
        self._target = target_class(opened.model, self._choices["target"])

    def stages(self, study: StudyFolder) -> Iterator[Stage]:
        """The maps; then, where it was asked for, those of random weights."""
        parts = batches(len(self._opened.data), BATCH)

        def problem(number: int) -> str:
            about = study.about(number)
            asked = {f"{grid}/{key}" for grid in GRIDS for key in MEASURES}
            return OTHER_MEASURES if about["ids"] and asked - set(about["arrays"]) else ""

        yield Stage("Looking", 0, [len(part) for part in parts], lambda turn: self._look(parts[turn]), problem)
        if not self._choices["untrained"]:
            return
        looked = Looked.of(study)
        if not looked.samples:
            return
        targets = study.stacked("targets", looked.numbers)
        yield UntrainedStage(self._opened, self.layers, MEASURES).stage(
            study, len(parts), looked, targets, BATCH, _measured_untrained
        )

    def _untrained(self, study: StudyFolder, looked: Looked, own: MapMeasures) -> list[MapMeasures]:
        """What was measured in each network with random weights."""
        if not self._choices["untrained"]:
            return []
        draws = read_draws(study, [*MEASURES, "flat"], int(study.head["parts"]), len(looked.samples), BATCH)
        return [replace(own, flat=arrays.pop("flat"), tables=arrays) for arrays in draws]

    def _look(self, part: range) -> Batch:
        model = self._opened.model
        samples, places, problems = read_some(self._opened.data, model, part)
        texts = texts_of(samples, problems)
        if not samples:
            return texts, {"index": np.zeros(0, np.int64)}
        labels = explained_labels(model, samples, batch_size=BATCH)
        texts["unknown"] = labels.count(None)
        truth = judged_classes(model, samples, labels)
        wanted = labels if self._choices["target"] == "label" else [self._target] * len(samples)
        heatmaps = maps_of(self._opened, samples, self.layers, wanted, BATCH)
        arrays = arrays_of(heatmaps, samples, places)
        if exact := method_of(self._opened).exact:
            wanted = heatmaps.targets.tolist()
            same = explain(model, samples, method=exact, layers=self.layers, targets=wanted, batch_size=BATCH)
            arrays[AVERAGED] = averaging_correlations(heatmaps, same)
        if self._choices["deletion"]:
            arrays[DELETED] = self._deleted(samples, places, heatmaps)
        arrays["true"] = np.array([-1 if one is None else one for one in truth], np.int64)
        for grid in GRIDS:
            measured = measure_maps(heatmaps, grid=grid, masks=[sample.mask for sample in samples])
            arrays |= {f"{grid}/{key}": table for key, table in measured.tables.items()} | {
                f"{grid}/flat": measured.flat
            }
            arrays[f"{grid}/sizes"] = np.tile(np.array(measured.sizes, np.int64), (len(samples), 1, 1))
        return texts, arrays

    def _deleted(self, samples: Sequence[Sample], places: Sequence[int], heatmaps: Heatmaps) -> np.ndarray:
        """What hiding costs beyond random order, float64 (N, L); NaN of pictures that are not asked about."""
        found = np.full((len(samples), len(heatmaps)), np.nan)
        asked = set(deleted_places(len(self._opened.data)).tolist())
        for row, (sample, place) in enumerate(zip(samples, places, strict=True)):
            if place in asked:
                found[row] = deletion_gains(self._opened.model, sample, heatmaps, row)
        return found

    def _faithful(self, study: StudyFolder, looked: Looked) -> Faithfulness | None:
        """How faithful the maps are, by what was looked at; an older study may not have the correlations."""
        method, said = method_of(self._opened), [study.about(number) for number in looked.numbers]
        averages = bool(method.exact) and all(AVERAGED in one["arrays"] for one in said if one["ids"])
        return layer_faithfulness(
            {layer.name: layer.title for layer in self._layers},
            method.title,
            exact=get_method(method.exact).title if method.exact else "",
            correlations=study.stacked(AVERAGED, looked.numbers) if averages else None,
            gains=study.stacked(DELETED, looked.numbers) if self._choices["deletion"] else None,
        )

    def _measured(self, study: StudyFolder, looked: Looked, grid: Grid) -> MapMeasures:
        tables = {key: study.stacked(f"{grid}/{key}", looked.numbers) for key in MEASURES}
        flat = study.stacked(f"{grid}/flat", looked.numbers)
        sizes = study.stacked(f"{grid}/sizes", looked.numbers)[0].tolist()
        groups = tuple(sample.group for sample in looked.samples)
        belong = groups if any(groups) else None
        cells = tuple((h, w) for h, w in sizes)
        return MapMeasures(self.layers, cells, grid, SWEEP, tables, flat, self._method, belong)

    def results(self, study: StudyFolder) -> Results:
        """Tests, card and report from the parts."""
        opened, model = self._opened, self._opened.model
        looked = Looked.of(study)
        if not looked.samples:
            raise DataError(f"None of the pictures can be read. {looked.problems[0][1]}")
        names = [sample.name for sample in looked.samples]
        heatmaps = looked.heatmaps(study, self.layers)
        measured = {grid: self._measured(study, looked, grid) for grid in GRIDS}
        measured["sampled"] = measure_maps(heatmaps, grid="sampled")  # from the maps, which older folders have, too
        answered = answer(
            measured,
            self._layers,
            names,
            self._choices["measure"],
            self._choices["threshold"],
            seen=seen_classes(heatmaps, model),
            untrained=self._untrained(study, looked, measured["own"]),
            faithful=self._faithful(study, looked),
        )
        copies = looked.near_copies(study)
        answered = replace(answered, card=with_copies(answered.card, copies))
        true = study.stacked("true", looked.numbers)
        truth = [None if one < 0 else one for one in true.tolist()]
        samples = looked.with_pixels(opened, range(min(DRAWN, len(names))))
        if model.outputs.independent:
            captions = figures.label_captions(samples, heatmaps, model.class_names, true_labels(model, samples))
        else:
            captions = figures.captions(samples, heatmaps, model.class_names, truth)
        found = Findings(
            model,
            opened.data.code,
            samples,
            self._layers,
            heatmaps,
            captions,
            answered,
            left_out=sentences_of(looked.problems, looked.masks, len(opened.data)),
            settings={"target": self._choices["target"]},
        )
        counted = [study.about(number).get("unknown", 0) for number in looked.numbers]  # older parts do not say it
        unknown = sum(counted) if self._choices["target"] == "label" else 0
        said = [copies.sentence]
        if unknown:
            said.append(unknown_labels(unknown, [sample.label for sample in looked.samples], model.title))
        counts = {"tested": found.focus.n, "without a usable map": found.focus.n_left_out, "label unknown": unknown}
        return Results(_every_map(found), answered.card, layers_report(found), counts, said)


def _measured_untrained(maps: Heatmaps, samples: Sequence[Sample], _rows: range) -> Batch:
    """The measures of a batch of maps of random weights."""
    measured = measure_maps(maps, masks=[sample.mask for sample in samples])
    return {}, {**measured.tables, "flat": measured.flat}


def _every_map(found: Findings) -> pd.DataFrame:
    """A row a picture and layer: its measures, what was explained and said of the picture."""
    classes, heatmaps = np.array(found.model.class_names, dtype=object), found.heatmaps
    deep = len(found.layers)
    return found.focus.table.assign(
        id=np.repeat([sample.id for sample in found.samples], deep),
        label=[", ".join(sample.every_label) or None for sample in found.samples for _ in range(deep)],
        target=np.repeat(classes[heatmaps.targets], deep),
        **{name: np.repeat(column, deep) for name, column in said_of(found.model, heatmaps).items()},
    )
