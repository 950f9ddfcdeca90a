"""The study of Methods: a random sample of a folder's pictures, each explained by every method at every layer.

A part holds one picture of the sample: with every method at every layer it takes as long as hundreds elsewhere, and how
long the rest takes is known as soon as the first is done.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from xai_core.batch.maps import REDUCED, Looked, texts_of
from xai_core.batch.opening import Opened
from xai_core.batch.reading import read_some
from xai_core.batch.store import StudyFolder
from xai_core.batch.study import Batch, Results, Stage, left_out_sentences
from xai_core.batch.tables import columns_of
from xai_core.checks.compared_maps import compare
from xai_core.checks.method_comparison import candidates_of, sampled_pictures
from xai_core.errors import DataError
from xai_core.inference.prediction import predict
from xai_core.questions.methods.findings import find, report
from xai_core.questions.methods.stored import TEXTS, comparison_of
from xai_core.studies.near_copies import reduced
from xai_core.types import Sample

SEED = 0


class MethodsStudy:
    """What every picture of the sample says of each method at each layer."""

    batch = 1
    layers: tuple[str, ...] = ()

    def __init__(self, opened: Opened) -> None:
        self._opened, choices = opened, opened.request.choices
        given = () if opened.method is None else (opened.method,)
        self._candidates, self._without = candidates_of(
            opened.model, choices["methods"] or None, choices["layers"], given
        )
        self._sample = sorted(sampled_pictures(len(opened.data), choices["sample"], SEED))

    def stages(self, study: StudyFolder) -> Iterator[Stage]:
        """One."""
        yield Stage("Comparing", 0, [1] * len(self._sample), lambda turn: self._compare(turn))

    def _compare(self, turn: int) -> Batch:
        model, place = self._opened.model, self._sample[turn]
        samples, places, problems = read_some(self._opened.data, model, [place])
        texts = texts_of(samples, problems)
        index = np.array(places, np.int64)
        if not samples:
            return texts | {"columns": {name: [] for name in TEXTS}}, {"index": index}
        classes = predict(model, samples).classes
        others: Sequence[Sample] = ()
        if self._candidates.lend and len(self._sample) > 1:
            others, _, _ = read_some(self._opened.data, model, [self._sample[(turn + 1) % len(self._sample)]])
        table = compare(self._candidates, samples, classes, places, SEED, lambda: None, others)
        columns, arrays = columns_of(table, TEXTS)
        return texts | {"columns": columns}, arrays | {"index": index, REDUCED: reduced(samples)}

    def results(self, study: StudyFolder) -> Results:
        """Recommendation, card and report from the parts."""
        opened, looked = self._opened, Looked.of(study)
        problems = left_out_sentences(looked.problems, (), len(self._sample))
        if not looked.samples:
            of = f"the {len(self._sample):,} pictures of the sample"
            raise DataError(f"None of {of} can be read. {' '.join(problems)}")
        comparison = comparison_of(study, self._without)
        choices = opened.request.choices
        layers = choices["layers"]
        asked = {
            "methods": list(choices["methods"]) or None,
            "layers": list(layers) if isinstance(layers, tuple) else layers,
            "pictures": choices["sample"],
            "given": {opened.method.title: choices["maps"]} if opened.method is not None else None,
        }
        found = find(opened.model, opened.data.code, comparison, samples=looked.samples, asked=asked, left_out=problems)
        counts = {"tested": int(comparison.table["n"].iloc[0]), "candidates": len(comparison.table)}
        return Results(comparison.table, found.card, report(found), counts, (comparison.sampled, *self._without))
