"""The study of Misclassifications for a model of independent labels."""

from __future__ import annotations

from collections.abc import Iterator

from xai_core import studies
from xai_core.batch.head import plain
from xai_core.batch.maps import texts_of
from xai_core.batch.opening import Opened
from xai_core.batch.reading import read_again, read_some
from xai_core.batch.store import StudyFolder
from xai_core.batch.study import Batch, Results, Stage, batches
from xai_core.batch.study import left_out_sentences as unread_sentences
from xai_core.errors import DataError
from xai_core.inference.label_evaluation import prepared_labels
from xai_core.questions.misclassified.findings import BATCH, at_once, no_label_known
from xai_core.questions.misclassified.labels.findings import (
    LabelFindings,
    answer,
    card_of,
    left_out_sentences,
    single_label_sentence,
)
from xai_core.questions.misclassified.labels.report import labels_report
from xai_core.questions.misclassified.labels.stored import PROBABILITIES, TRUE, labels_evaluation
from xai_core.questions.misclassified.labels.thresholds import chosen_thresholds

DRAWN = 24  # pictures that the report draws, the surest mistakes


class LabelStudy:
    """The model's answer about every label of every picture."""

    batch = BATCH
    layers: tuple[str, ...] = ()

    def __init__(self, opened: Opened) -> None:
        self._opened = opened
        choices = opened.request.choices
        self._thresholds = chosen_thresholds(
            opened.model.class_names, choices["threshold"], choices["label_threshold"] or ()
        )
        if not opened.data.labels and not opened.data.several_labels:
            raise DataError(
                "These pictures have no labels, so nothing can be right or wrong. Put a table of labels (CSV) beside "
                "them, or look at them with the study of layers."
            )

    def stages(self, study: StudyFolder) -> Iterator[Stage]:
        """One: the evaluation."""
        parts = batches(len(self._opened.data), BATCH)
        yield Stage("Evaluating", 0, [len(part) for part in parts], lambda turn: self._evaluate(parts[turn]))

    def _evaluate(self, part: range) -> Batch:
        model, data = self._opened.model, self._opened.data
        samples, places, problems = read_some(data, model, part)
        found = prepared_labels(model, samples, places, batch=at_once(model))
        labels = [[plain(one) for one in labels] for labels in found.labels]
        return (
            texts_of(samples, problems) | {"every label": labels},
            {"index": found.index, TRUE: found.truth, PROBABILITIES: found.probabilities},
        )

    def results(self, study: StudyFolder) -> Results:
        """Numbers, card and report from the parts."""
        opened, model = self._opened, self._opened.model
        evaluation = labels_evaluation(study, model.class_names).at(self._thresholds)
        problems = [
            (name, reason) for number in range(study.head["parts"]) for name, reason in study.about(number)["problems"]
        ]
        if not len(evaluation):
            raise DataError(f"None of the pictures can be read. {problems[0][1]}")
        if not (evaluation.truth >= 0).any():
            raise DataError(
                f"{no_label_known(opened.data, model)} For a checkpoint, give its class names with --classes."
            )
        answered = answer(evaluation, opened.data.groups)
        summary = answered.summary
        drawn = studies.choose_labelled(evaluation, only="wrong" if summary.wrong else "all")[:DRAWN]
        samples = [read_again(opened.data, model, int(row["index"]), row["id"]) for _, row in drawn.iterrows()]
        found = LabelFindings(
            model,
            opened.data.code,
            evaluation,
            answered,
            samples=samples,
            cards=[card_of(row, one.pixels) for (_, row), one in zip(drawn.iterrows(), samples, strict=True)],
            left_out=unread_sentences(problems, (), len(opened.data)),
        )
        said = [one.sentence for one in answered.findings] + left_out_sentences(summary, model, len(evaluation))
        said += [assumed] if (assumed := single_label_sentence(opened.data)) else []
        counts = {
            "tested": summary.n,
            "every label right": summary.exact,
            "labels unknown": summary.unlabelled,
            "answered NaN": summary.unusable,
        }
        return Results(studies.label_table(evaluation), answered.card, labels_report(found), counts, said)
