"""The study of Foreground vs Background: where the maps lie by mask, and what is left of the answers without either."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np
import pandas as pd

from xai_core import studies
from xai_core.batch.head import plain
from xai_core.batch.maps import Looked, arrays_of, layers_of, maps_of, method_of, said_of, target_class, texts_of
from xai_core.batch.opening import Opened
from xai_core.batch.reading import read_again, read_some
from xai_core.batch.store import StudyFolder
from xai_core.batch.study import OTHER_MEASURES, Batch, Results, Stage, batches
from xai_core.batch.study import left_out_sentences as sentences_of
from xai_core.batch.tables import columns_of
from xai_core.errors import DataError
from xai_core.inference.prediction import predict
from xai_core.interventions.by_mask import intervention
from xai_core.interventions.lenders import partners, siblings
from xai_core.measures import columns
from xai_core.models import best_classes, possible_classes
from xai_core.questions.foreground.findings import Findings, find
from xai_core.questions.foreground.other_masks import OtherMasks
from xai_core.questions.foreground.report import foreground_report, worst_first
from xai_core.questions.foreground.stored import FIRST_COLUMNS, TEXTS, intervention_table
from xai_core.studies.words import unknown_labels
from xai_core.types import IntArray, Layer, Sample

BATCH = 8  # as on the page
DRAWN = 24  # pictures that the report draws, the worst ones
OLDER_RULES = "of older rules"  # interventions whose backgrounds could be of the same class


class Lenders(NamedTuple):
    """Who lends whom a background: places of pictures, -1 for nobody.

    Attributes
    ----------
    others : list of int
        Of another label.
    alike : list of int
        Of the same label.
    """

    others: list[int]
    alike: list[int]


class ForegroundStudy:
    """Maps of all pictures with masks that can be used, and interventions on the same pictures."""

    batch = BATCH

    def __init__(self, opened: Opened) -> None:
        self._opened, self._choices = opened, opened.request.choices
        self._stages: tuple[Layer, ...] = ()
        if method_of(opened).at_layers:
            self._stages = layers_of(opened, "stages")
            (chosen,) = layers_of(opened, [self._choices["layer"] or self._stages[-1].name])
            self.layer = chosen.name
            # The stages, too: the report and the page show the measure by depth, and more layers cost hardly more.
            names = dict.fromkeys([*(stage.name for stage in self._stages), self.layer])
            self.layers = tuple(layer.name for layer in layers_of(opened, list(names)))
        else:
            self.layer = method_of(opened).place
            self.layers = (self.layer,)
        self._target = target_class(opened.model, self._choices["target"])
        self._other_masks = OtherMasks(opened, self.layer, BATCH)

    def stages(self, study: StudyFolder) -> Iterator[Stage]:
        """The maps; then the interventions, for which all labels must be known: who lends whom a background?"""
        parts = batches(len(self._opened.data), BATCH)

        def problem(number: int) -> str:
            about = study.about(number)
            there = about.get("measures", FIRST_COLUMNS)
            return OTHER_MEASURES if about["ids"] and list(there) != list(columns()) else ""

        yield Stage("Looking", 0, [len(part) for part in parts], lambda turn: self._look(parts[turn]), problem)
        looked = Looked.of(study)
        if not looked.samples:
            return
        later = batches(len(looked.samples), BATCH)
        if self._choices["interventions"]:
            yield self._interventions(study, looked, len(parts), later)
        first = self._first_held(study, len(later))
        yield self._other_masks.stage(study, looked, first)
        if self._choices["untrained"]:
            yield self._other_masks.untrained_stage(study, looked, first + len(later))

    def _first_held(self, study: StudyFolder, later: int) -> int:
        """The number of the first part with the control; those of the interventions stand before it."""
        return int(study.head["parts"]) + (later if self._choices["interventions"] else 0)

    def _interventions(self, study: StudyFolder, looked: Looked, first: int, later: Sequence[range]) -> Stage:
        targets = study.stacked("targets", looked.numbers)
        lent = Lenders(partners(looked.samples), siblings(looked.samples, targets=targets))
        return Stage(
            "Interventions",
            first,
            [len(part) for part in later],
            lambda turn: self._intervene(looked, lent, targets, later[turn]),
            lambda number: OLDER_RULES if "alike" not in study.about(number) else "",
        )

    def _targets(self, samples: Sequence[Sample]) -> tuple[list[int], int]:
        """The class that each map explains, and for how many that is the prediction for want of a known label."""
        model = self._opened.model
        if self._target is not None:
            return [self._target] * len(samples), 0
        p = predict(model, samples, batch_size=BATCH).probabilities
        predicted = [int(one) for one in p.argmax(axis=1)]
        if self._choices["target"] == "prediction":
            return predicted, 0
        best = best_classes(possible_classes(model, samples), p)
        return [one if one is not None else other for one, other in zip(best, predicted, strict=True)], best.count(None)

    def _look(self, part: range) -> Batch:
        model = self._opened.model
        read, where, problems = read_some(self._opened.data, model, part)
        reasons = [studies.mask_problem(sample.mask) for sample in read]
        usable = [position for position, reason in enumerate(reasons) if not reason]
        samples, places = [read[i] for i in usable], [where[i] for i in usable]
        texts = texts_of(samples, problems)
        texts["masks"] = [(plain(one.name), reason) for one, reason in zip(read, reasons, strict=True) if reason]
        if not samples:
            return texts | {"unknown": 0, "reasons": []}, {"index": np.zeros(0, np.int64)}
        targets, texts["unknown"] = self._targets(samples)
        heatmaps = maps_of(self._opened, samples, self.layers, targets, BATCH)
        table = studies.foreground_background(heatmaps, samples, control=False)  # layer by layer
        texts["measures"] = list(columns())
        shape = (len(self.layers), len(samples))
        texts["reasons"] = table["reason"].to_numpy().reshape(shape).T.tolist()
        measures = table[list(columns())].to_numpy(float).reshape(*shape, len(columns()))
        return texts, arrays_of(heatmaps, samples, places) | {"where": measures.swapaxes(0, 1)}

    def _intervene(self, looked: Looked, lent: Lenders, targets: IntArray, part: range) -> Batch:
        opened = self._opened

        def again(row: int) -> Sample | None:
            if row < 0:
                return None
            return read_again(opened.data, opened.model, int(looked.places[row]), looked.samples[row].id)

        found = intervention(
            opened.model,
            [sample for row in part if (sample := again(row)) is not None],
            targets=[int(targets[row]) for row in part],
            fill=self._choices["fill"],
            lenders=[again(lent.others[row]) for row in part],
            alike=[again(lent.alike[row]) for row in part],
        )
        texts, arrays = columns_of(found.assign(picture=found["picture"] + part.start), TEXTS)
        return {"columns": texts, "alike": True}, arrays

    def _table(self, study: StudyFolder, looked: Looked, layers: Sequence[str]) -> pd.DataFrame:
        """The rows of `foreground_background` for some layers."""
        where = study.stacked("where", looked.numbers)
        reasons = [row for number in looked.numbers for row in study.about(number)["reasons"]]
        frames = []
        for layer in layers:
            at = self.layers.index(layer)
            frame = pd.DataFrame(where[:, at], columns=list(columns()))
            frame.insert(0, "picture", range(len(frame)))
            frame.insert(1, "sample", [sample.name for sample in looked.samples])
            frame.insert(2, "layer", layer)
            told = frame.assign(reason=[row[at] for row in reasons])
            frames.append(studies.with_groups(told, [sample.group for sample in looked.samples]))
        return pd.concat(frames, ignore_index=True)

    def results(self, study: StudyFolder) -> Results:
        """Tests, card and report from the parts."""
        opened, model = self._opened, self._opened.model
        looked = Looked.of(study)
        problems = sentences_of(looked.problems, looked.masks, len(opened.data))
        if not looked.samples:
            raise DataError(
                "None of these pictures has a mask that tells object from background. Choose textured digits, the "
                "sample photos, Oxford-IIIT Pet, a VOCdevkit, or a folder with images/ and masks/. "
                + " ".join(problems)
            )
        measure = self._choices["measure"]
        later = -(-len(looked.samples) // BATCH)
        first = self._first_held(study, later)
        where = self._table(study, looked, [self.layer])
        where = where.join(self._other_masks.columns(where, study, looked, first))
        taken = intervention_table(study, len(looked.samples)) if self._choices["interventions"] else None
        depth = None
        if len(self._stages) > 1:
            depth = self._table(study, looked, [stage.name for stage in self._stages])
        samples = looked.with_pixels(opened, worst_first(where, measure)[:DRAWN])
        found = find(
            model,
            opened.data.code,
            samples,
            looked.heatmaps(study, [self.layer]),
            where,
            measure,
            intervention=taken,
            untrained=self._other_masks.untrained(study, looked, first + later) if self._choices["untrained"] else [],
            fill=self._choices["fill"],
            depth=depth,
            stages=[stage.title for stage in self._stages],
            left_out=problems,
            settings={"target": self._choices["target"]},
        )
        copies = looked.near_copies(study)
        found = replace(found, card=studies.with_copies(found.card, copies))
        unknown = sum(study.about(number)["unknown"] for number in looked.numbers)
        counts = {
            "tested": found.tests.n,
            "without a usable map": int((where["reason"] != "").sum()),
            "label unknown": unknown,
        }
        said = [copies.sentence, *_said(found, unknown)]
        return Results(_every_picture(found), found.card, foreground_report(found), counts, said)


def _every_picture(found: Findings) -> pd.DataFrame:
    """A row a picture: its measures, what was explained and said of it, what the interventions left."""
    classes = np.array(found.model.class_names, dtype=object)
    table = found.table.assign(
        id=[sample.id for sample in found.samples],
        label=[", ".join(sample.every_label) or None for sample in found.samples],
        target=classes[found.heatmaps.targets],
        **said_of(found.model, found.heatmaps),
    )
    if found.intervention is None:
        return table
    wide = found.intervention.pivot(index="picture", columns="kind", values="p")
    return table.assign(**{f"p_{name}": wide[name].to_numpy() for name in wide.columns})


def _said(found: Findings, unknown: int) -> list[str]:
    """What the command says besides the card."""
    said = []
    if unknown:
        said.append(unknown_labels(unknown, [sample.label for sample in found.samples], found.model.title))
    if found.intervention is not None:
        said += [one.sentence for one in found.card.evidence[1:]]
    return said
