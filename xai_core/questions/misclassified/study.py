"""The study of Misclassifications: what is confused with what, and does low confidence warn of errors?"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from xai_core import studies
from xai_core.batch.maps import Looked, texts_of
from xai_core.batch.opening import Opened
from xai_core.batch.reading import read_again, read_some
from xai_core.batch.store import StudyFolder
from xai_core.batch.study import Batch, Results, Stage, Study, batches, left_out_sentences
from xai_core.batch.tables import columns_of
from xai_core.errors import DataError, ModelError
from xai_core.inference.evaluation import evaluate_batch
from xai_core.questions.misclassified.findings import BATCH, answer, at_once, card_of, find, no_label_known
from xai_core.questions.misclassified.fits import TEXTS
from xai_core.questions.misclassified.labels.study import LabelStudy
from xai_core.questions.misclassified.question import THRESHOLD
from xai_core.questions.misclassified.report import misclassified_report
from xai_core.questions.misclassified.stored import evaluation_table
from xai_core.types.counts import form, part_of

DRAWN = 24  # pictures that the report draws, the surest mistakes


def study_of(opened: Opened) -> Study:
    """The study of what the model's outputs are: classes that exclude each other, or independent labels.

    Parameters
    ----------
    opened : Opened
        The request with what it names.

    Returns
    -------
    Study

    Raises
    ------
    ModelError
        If thresholds are given for classes that exclude each other.
    """
    if opened.model.outputs.independent:
        return LabelStudy(opened)
    choices = opened.request.choices
    if choices["threshold"] != THRESHOLD.default or choices["label_threshold"]:
        raise ModelError(
            f"The classes of {opened.model.title} exclude each other, and the likeliest one is predicted: --threshold "
            "and --label-threshold are for independent labels. If its outputs are such, say --outputs label_logits or "
            "--outputs label_probabilities."
        )
    return MisclassifiedStudy(opened)


class MisclassifiedStudy:
    """The model's answer to every picture."""

    batch = BATCH
    layers: tuple[str, ...] = ()

    def __init__(self, opened: Opened) -> None:
        self._opened = opened
        if not opened.data.labels:
            raise DataError(
                "These pictures have no labels, so nothing can be right or wrong. Put them into one folder for each "
                "class, or look at them with the study of layers."
            )

    def stages(self, study: StudyFolder) -> Iterator[Stage]:
        """One: the evaluation."""
        parts = batches(len(self._opened.data), BATCH)
        yield Stage(
            "Evaluating",
            0,
            [len(part) for part in parts],
            lambda turn: self._evaluate(parts[turn]),
            settled=lambda turn: self._settled(study, parts, turn),
        )

    def _evaluate(self, part: range) -> Batch:
        model, data = self._opened.model, self._opened.data
        samples, places, problems = read_some(data, model, part)
        rows = evaluate_batch(model, samples, batch=at_once(model)).table
        rows["index"] = np.array(places, np.int64)
        texts, arrays = columns_of(rows, TEXTS)
        return texts_of(samples, problems) | {"columns": texts}, arrays | {"index": np.array(places, np.int64)}

    def _settled(self, study: StudyFolder, parts: Sequence[range], turn: int) -> bool:
        """As the page does: once every label has had its turn, one of them must be known."""
        if (study.array(turn, "column/true") >= 0).any():
            return True
        data = self._opened.data
        if parts[turn].stop >= min(len(data), len(data.labels)):
            said = [study.about(number) for number in range(turn + 1)]
            self._refuse(any(one["ids"] for one in said), said[-1]["problems"])
        return False

    def _refuse(self, read: bool, problems: Sequence[Sequence[str]]) -> None:
        model, data = self._opened.model, self._opened.data
        if not read:
            raise DataError(f"None of the pictures can be read. {problems[0][1]}")
        raise DataError(
            f"{no_label_known(data, model)} For a checkpoint, give its class names "
            "with --classes; what labels stand for is said by --labels-file."
        )

    def results(self, study: StudyFolder) -> Results:
        """Numbers, card and report from the parts."""
        opened, model = self._opened, self._opened.model
        looked = Looked.of(study)
        table = evaluation_table(study)
        answered = answer(table, model.class_names, opened.data.groups)
        summary = answered.summary
        only: studies.Rightness = "wrong" if summary.right < summary.n else "all"
        drawn = studies.choose_pictures(table, only=only, sort="sure")[:DRAWN].tolist()
        samples = [
            read_again(opened.data, model, int(table["index"].iloc[row]), table["id"].iloc[row]) for row in drawn
        ]
        found = find(
            model,
            opened.data.code,
            table,
            answered=answered,
            samples=samples,
            cards=[card_of(table.iloc[row], sample.pixels) for row, sample in zip(drawn, samples, strict=True)],
            left_out=left_out_sentences(looked.problems, (), len(opened.data)),
        )
        said = [finding.sentence for finding in answered.findings]
        if summary.unlabelled:
            said.append(
                f"{part_of(summary.unlabelled, len(table), 'picture', 'has', 'have')} no label that is a class of "
                f"{model.title}; {form(summary.unlabelled, 'it is', 'they are')} left out of all numbers."
            )
        if summary.unusable:
            said.append(
                f"To {part_of(summary.unusable, len(table), 'picture')} the model answers NaN; "
                f"{form(summary.unusable, 'it is', 'they are')} left out."
            )
        counts = {
            "tested": summary.n,
            "right": summary.right,
            "label unknown": summary.unlabelled,
            "answered NaN": summary.unusable,
        }
        return Results(table, answered.card, misclassified_report(found), counts, said)
