"""The 1,000 ImageNet-1k classes in the order of the models' outputs, and names mapped to them.

`imagenet_synsets.tsv` holds one class a line: WordNet id, torchvision's name, WordNet's synonyms.
"""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Mapping, Sequence
from functools import cache
from importlib.resources import files

from xai_core.models.spelling_of_names import simplify


@cache
def _rows() -> tuple[tuple[str, str, tuple[str, ...]], ...]:
    text = (files(__package__) / "imagenet_synsets.tsv").read_text(encoding="utf-8")
    rows = csv.DictReader(text.splitlines(), delimiter="\t")
    return tuple((row["wnid"], row["name"], tuple(row["synonyms"].split(", "))) for row in rows)


@cache
def class_names() -> tuple[str, ...]:
    """The 1,000 names, in output order."""
    return tuple(name for _, name, _ in _rows())


@cache
def wnids() -> tuple[str, ...]:
    """The 1,000 WordNet ids, in output order."""
    return tuple(wnid for wnid, _, _ in _rows())


@cache
def synonyms() -> Mapping[str, tuple[str, ...]]:
    """WordNet id -> synonyms."""
    return {wnid: names for wnid, _, names in _rows()}


def is_imagenet(names: Sequence[str]) -> bool:
    """Whether names are those of the 1,000 classes, in the order in which models here have them.

    Parameters
    ----------
    names : Sequence[str]
        K names, which may be lists of synonyms separated by commas.

    Returns
    -------
    bool
    """
    if len(names) != len(_rows()):
        return False
    fits = 0
    for (_, own, others), name in zip(_rows(), names, strict=True):
        known = {simplify(word) for word in (own, *others)}
        fits += any(simplify(word) in known for word in (name, *name.split(",")))
    return fits > 0.95 * len(names)


def each_once(names: Sequence[str]) -> list[str]:
    """Names of which those that occur again are numbered: "crane", "crane (2)".

    Parameters
    ----------
    names : Sequence[str]
        In the order of the outputs.

    Returns
    -------
    list of str
    """
    seen: Counter[str] = Counter()
    found = []
    for name in names:
        seen[name] += 1
        found.append(name if seen[name] == 1 else f"{name} ({seen[name]})")
    return found


# Everyday words, Pascal VOC's among them, and the classes that are kinds of them, as ranges of output numbers.
_KINDS: Mapping[str, tuple[tuple[int, int], ...]] = {
    "aeroplane": ((404, 404), (895, 895)),
    "bicycle": ((444, 444), (671, 671)),
    "bird": ((7, 24), (80, 100), (127, 146)),
    "boat": (
        (472, 472),
        (484, 484),
        (510, 510),
        (554, 554),
        (576, 576),
        (625, 625),
        (628, 628),
        (724, 724),
        (780, 780),
        (814, 814),
        (833, 833),
        (871, 871),
        (914, 914),
    ),
    "bottle": ((440, 440), (720, 720), (737, 737), (898, 898), (907, 907)),
    "bus": ((654, 654), (779, 779), (874, 874)),
    "car": (
        (407, 407),
        (436, 436),
        (468, 468),
        (511, 511),
        (609, 609),
        (627, 627),
        (656, 656),
        (661, 661),
        (734, 734),
        (751, 751),
        (817, 817),
    ),
    "cat": ((281, 285),),
    "chair": ((423, 423), (559, 559), (765, 765), (857, 857)),
    "cow": ((345, 345),),
    "dining table": ((532, 532),),
    "dog": ((151, 268),),
    "horse": ((339, 339),),
    "motorbike": ((665, 665), (670, 670)),
    "potted plant": ((738, 738),),
    "sheep": ((348, 349),),
    "sofa": ((831, 831),),
    "train": ((466, 466), (547, 547), (705, 705), (820, 820), (829, 829)),
    "tv monitor": ((664, 664), (782, 782), (851, 851)),
}
_SAME = {
    "airplane": "aeroplane",
    "plane": "aeroplane",
    "bike": "bicycle",
    "automobile": "car",
    "auto": "car",
    "couch": "sofa",
    "motorcycle": "motorbike",
    "ship": "boat",
    "diningtable": "dining table",
    "pottedplant": "potted plant",
    "tvmonitor": "tv monitor",
    "television": "tv monitor",
}


def kinds_of(word: str) -> tuple[int, ...]:
    """The classes that are kinds of an everyday word ("dog": 118 breeds); empty where none is known.

    Parameters
    ----------
    word : str
        An everyday word, such as "dog".

    Returns
    -------
    tuple of int
        Classes, each in [0, 1000); empty where it is no such word.
    """
    simple = simplify(word)
    ranges = _KINDS.get(_SAME.get(simple, simple), ())
    return tuple(number for first, last in ranges for number in range(first, last + 1))
