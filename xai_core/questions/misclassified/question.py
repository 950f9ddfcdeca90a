"""Misclassifications: what does the model mix up, and why?"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from xai_core.questions.misclassified.labels.thresholds import own_threshold, threshold_number
from xai_core.questions.question import Choice, Guide, Pairs, Question
from xai_core.types.label_evaluation import THRESHOLD as USUAL

if TYPE_CHECKING:
    from xai_core.types import Classifier


def _threshold_pairs(chosen: Mapping[str, Any], model: Classifier) -> Pairs:
    """Where the model has thresholds at all, and it is not the page's own."""
    differs = model.outputs.independent and chosen["threshold"] != USUAL
    return [(THRESHOLD.address, f"{chosen['threshold']:g}")] if differs else []


def _own_pairs(chosen: Mapping[str, Any], model: Classifier) -> Pairs:
    own = chosen["label_threshold"] if model.outputs.independent else ()
    return [(OWN_THRESHOLDS.address, "\n".join(own))] if own else []


THRESHOLD = Choice(
    key="threshold",
    title="Threshold",
    default=USUAL,
    help="From which probability on a label counts as predicted.",
    address="decision",
    about="of independent labels: from which probability on a label counts as predicted (default: 0.5)",
    metavar="P",
    parse=threshold_number,
    pairs=_threshold_pairs,
)
OWN_THRESHOLDS = Choice(
    key="label_threshold",
    title="Thresholds of single labels",
    address="decisions",
    help="A label and its threshold a line, such as cat=0.3. All others have the common one.",
    about="of independent labels: a label with a threshold of its own; may be given several times",
    option="--label-threshold",
    metavar="LABEL=P",
    parse=own_threshold,
    repeated=True,
    pairs=_own_pairs,
)
MISCLASSIFIED = Question(
    key="misclassified",
    title="Misclassifications",
    page="misclassifications",
    icon=":material/compare:",
    order=30,
    short="What does it mix up, and why?",
    question="What does the model mix up, and what in the picture speaks for the wrong class?",
    about="what is mixed up, and is confidence a warning? (Misclassifications)",
    choices=(THRESHOLD, OWN_THRESHOLDS),
    study="xai_core.questions.misclassified.study:study_of",
    so_far="xai_core.questions.misclassified.so_far:SO_FAR",
    taking_turns=True,
    guide=Guide(
        look=(
            "**The matrix.** A row is a true class, a column a predicted class. Which two classes are mixed up, "
            "and is it as often one way as the other? With independent labels: which one is predicted where another "
            "is true?",
            "**One kind of mistake.** Click its number, and its pictures fill the gallery. How sure was the model, and "
            "would you have been?",
            "**Why.** The same picture is explained for both classes. Where does the *difference* speak for the wrong "
            "one? Compare with the pictures beside it that are right.",
            "**Does it matter?** Hide what a method calls important. Does the probability fall faster than in the "
            "random order?",
        ),
        question="The maps for the predicted and for the true class look nearly alike. What does that tell you about "
        "the mistake?",
        answer="Mostly that both classes find their evidence **in the same place**. A map says *where*, not *what* the "
        "model sees there, and the same stroke or ear can speak for both. So compare strengths, not only places: in "
        "the panel a method's maps share one scale, and the *difference* shows what speaks for one class "
        "more than for the other. Then test it: hiding a place shows whether it mattered, and the random order shows "
        "how much is lost by hiding anything at all. Where methods disagree, a single map explains little.",
    ),
)
