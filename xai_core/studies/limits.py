"""What limits each kind of answer, with where it is explained: shown beside the answer, listed in docs/limits.md."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Topic = Literal["object", "layers", "confidence", "training", "attention", "map"]


@dataclass(frozen=True)
class Limit:
    """One thing that an answer cannot show.

    Attributes
    ----------
    title : str
        In a few words.
    sentence : str
        Why.
    sources : tuple of str
        arXiv numbers, or dois, which begin with "10."; none for what follows from counting alone.
    topics : tuple of str
        The answers that it limits: "object" (Foreground vs Background), "layers", "confidence" (Misclassifications),
        "training", "attention" (what a network looked at during its training) and "map" (the check of a map).
    """

    title: str
    sentence: str
    sources: tuple[str, ...]
    topics: tuple[Topic, ...]


LIMITS: tuple[Limit, ...] = (
    Limit(
        "A location is not a cause",
        "Evidence on the object does not prove that the model uses the object: it may use something else in the "
        "same place.",
        ("1907.09701", "2212.04629"),
        ("object", "attention"),
    ),
    Limit(
        "Objects lie in the middle",
        "A map that is bright in the middle of every picture lies on most objects. So each map is also measured "
        "with other pictures' masks.",
        ("1608.00507", "1604.03605", "10.1167/8.7.32"),
        ("object", "attention"),
    ),
    Limit(
        "Cut-out and pasted pictures are unlike those of the training",
        "Pasting alone lowers the probability, so results are compared with a pasted background of the same class.",
        ("2006.09994", "1806.10758"),
        ("object",),
    ),
    Limit(
        "Hidden parts are new to the network",
        "It was trained on whole pictures, so the probability can fall just because something is hidden.",
        ("1806.10758", "2202.00449"),
        ("layers", "map"),
    ),
    Limit(
        "Random weights from the top down",
        "How similar two maps are depends on how similarity is measured, and maps of some methods change for "
        "other reasons than the weights.",
        ("2211.12486", "2110.14297"),
        ("map",),
    ),
    Limit(
        "LIME depends on superpixels and on what hides them",
        "If hidden superpixels are filled in another way, or the picture is divided into others, the same "
        "prediction can get another explanation.",
        ("2102.06307",),
        ("map",),
    ),
    Limit(
        "Agreement is no evidence",
        "Methods that share their mathematics agree even where they are wrong.",
        ("2202.01602",),
        ("map",),
    ),
    Limit(
        "Gradients averaged over places",
        "Methods that average gradients over all places can give maps that are bright at places that do not matter for "
        "the class.",
        ("2011.08891",),
        ("layers", "map", "object"),
    ),
    Limit(
        "Early layers hardly know classes",
        "Their maps show edges and textures. They look alike for every class, and an untrained network gives "
        "partly the same maps.",
        ("1810.03292", "2011.08891"),
        ("layers",),
    ),
    Limit(
        "Finer maps have more cells",
        "Resolution alone changes how focused a map seems, so an answer has to hold with all maps at the same size, "
        "too.",
        (),
        ("layers",),
    ),
    Limit(
        "Normalisation",
        "With some methods, the map changes even if pixel values are merely rescaled. And each map is scaled to "
        "0 to 1 separately, so equal values of two maps need not mean equal evidence.",
        ("1711.00867",),
        ("layers", "object"),
    ),
    Limit(
        "The calibration error is biased",
        "With few pictures it is large by chance alone, even for a calibrated model.",
        ("2012.08668",),
        ("confidence",),
    ),
    Limit(
        "No test chosen by a test",
        "If one first checks whether the data are normally distributed, and then picks a test, the p values of "
        "the picked test are no longer right. Here the test was picked beforehand.",
        ("10.1186/1471-2288-12-81",),
        ("object", "layers", "confidence", "training"),
    ),
    Limit(
        "Which pictures",
        "If pictures were picked by hand, belong together or were used in the training, results look better, or "
        "more certain, than they would on new pictures.",
        ("2207.07048",),
        ("object", "layers", "confidence", "training", "map"),
    ),
)


def limits_of(topic: Topic) -> tuple[Limit, ...]:
    """What limits one kind of answer.

    Parameters
    ----------
    topic : {"object", "layers", "confidence", "training", "attention", "map"}
        Which answer.
    """
    return tuple(one for one in LIMITS if topic in one.topics)


def address_of(source: str) -> str:
    """Where a source is to be read; empty for a work that is given in words."""
    if " " in source:
        return ""
    return f"https://doi.org/{source}" if source.startswith("10.") else f"https://arxiv.org/abs/{source}"


def cited(source: str) -> str:
    """A source as Markdown: what kind of number it is, and a link; a work in words stays as it is."""
    kind = "doi" if source.startswith("10.") else "arXiv"
    address = address_of(source)
    return f"[{kind} {source}]({address})" if address else source
