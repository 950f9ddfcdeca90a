"""How a label finds its class: as it stands, then case aside, then punctuation aside, then by a synonym.

A name is never shortened to compare it: what tells HER2+ from HER2-, C++ from C, or 猫 from 狗 stays in every key.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from xai_core.errors import DataError
from xai_core.models import imagenet
from xai_core.models.spelling_of_names import compose, fold, simplify
from xai_core.types import Classifier
from xai_core.types.counts import first_of

_KEYS: tuple[Callable[[str], str], ...] = (str, compose, fold, simplify)  # of a class's own name, one after the other
_NAMED = 12  # classes that a message names


@dataclass(frozen=True)
class LabelMatch:
    """What a label is in a model's numbering.

    Attributes
    ----------
    label : str
        As the data have it.
    classes : tuple of int
        The classes that it fits, each in [0, K): one where it is known, several where it cannot be told which.
    stated : bool
        Whether a `label_map` says so.

    Examples
    --------
    >>> from xai_core.models import LabelMatch
    >>> LabelMatch("crane", (134, 517)).index is None
    True
    """

    label: str
    classes: tuple[int, ...] = ()
    stated: bool = False

    @property
    def index(self) -> int | None:
        """Its class; None where it has none, or it cannot be told which."""
        return self.classes[0] if len(self.classes) == 1 else None


@lru_cache(maxsize=8)
def _levels(class_names: tuple[str, ...], wnids: tuple[str, ...] | None) -> tuple[dict[str, tuple[int, ...]], ...]:
    """Key -> the classes that have it, level by level: own names as `_KEYS` compare them, then synonyms."""
    levels: list[dict[str, set[int]]] = [defaultdict(set) for _ in range(len(_KEYS) + 1)]
    for index, name in enumerate(class_names):
        for level, key in zip(levels, _KEYS, strict=False):
            level[key(name)].add(index)
        for synonym in imagenet.synonyms().get(wnids[index], ()) if wnids else ():
            levels[-1][simplify(synonym)].add(index)
    return tuple({key: tuple(sorted(found)) for key, found in level.items() if key} for level in levels)


def _named(classifier: Classifier, name: str) -> tuple[int, ...]:
    """The classes of a name, at the first level where there is any."""
    levels = _levels(classifier.class_names, classifier.wnids)
    keys = (*(key(name) for key in _KEYS), simplify(name))
    return next((found for level, key in zip(levels, keys, strict=True) if (found := level.get(key))), ())


def _stated(classifier: Classifier, label: str, stands_for: str) -> LabelMatch:
    """What a label was said to be: a class's name, its number, or (empty) none.

    Raises
    ------
    DataError
        If the model has no such class, or several of that name.
    """
    if not stands_for.strip():
        return LabelMatch(label, (), stated=True)
    found = _named(classifier, stands_for)
    if not found and stands_for.isdecimal() and int(stands_for) < len(classifier.class_names):
        found = (int(stands_for),)
    if len(found) != 1:
        known = first_of(classifier.class_names, _NAMED)
        what = f"fits {len(found)} of the model's classes" if found else "is none of the model's classes"
        raise DataError(f"The label {label!r} was said to be {stands_for!r}, which {what}. The classes are: {known}.")
    return LabelMatch(label, found, stated=True)


def match_label(
    classifier: Classifier, label: str, *, wnid: str | None = None, label_map: Mapping[str, str] | None = None
) -> LabelMatch:
    """What a label is in a model's numbering.

    What a `label_map` says comes first; then a WordNet id decides where both have one; then the class of that very
    name; of that name in Unicode's composed form, case aside; of that name with every run of blanks and punctuation
    as one blank; then of that synonym in WordNet. Letters of any script count, and so do signs such as + and #.

    Parameters
    ----------
    classifier : Classifier
    label : str
        As the data have it.
    wnid : str, optional
        Its WordNet id.
    label_map : Mapping of str to str, optional
        Label -> the class that it stands for, by name or number; empty for none.

    Returns
    -------
    LabelMatch

    Raises
    ------
    DataError
        If the map names a class that the model has not.

    Examples
    --------
    >>> import xai_core as xai
    >>> from xai_core.models import match_label
    >>> digits = xai.load_model("digits")
    >>> match_label(digits, "7").index, match_label(digits, "seven").index
    (7, None)
    >>> match_label(digits, "seven", label_map={"seven": "7"}).index
    7
    """
    if label_map is not None and label in label_map:
        return _stated(classifier, label, label_map[label])
    if wnid and classifier.wnids:
        return LabelMatch(label, _by_wnid(classifier.wnids).get(wnid, ()))
    return LabelMatch(label, _named(classifier, label))


@lru_cache(maxsize=8)
def _by_wnid(wnids: tuple[str, ...]) -> dict[str, tuple[int, ...]]:
    return {wnid: (index,) for index, wnid in enumerate(wnids)}


def ambiguous_sentence(matches: Sequence[LabelMatch], class_names: Sequence[str]) -> str:
    """Which labels fit several classes, and which those are; an empty text where none does.

    Parameters
    ----------
    matches : Sequence of LabelMatch
    class_names : Sequence[str]
        The model's K.

    Returns
    -------
    str

    Examples
    --------
    >>> from xai_core.models import LabelMatch, ambiguous_sentence
    >>> ambiguous_sentence([LabelMatch("CAT", (0, 1))], ["Cat", "cat"])
    "It cannot be told which class 'CAT' is: it fits 'Cat' and 'cat'."
    """
    several = [match for match in matches if len(match.classes) > 1]
    if not several:
        return ""
    said = [
        f"{match.label!r} is: it fits {' and '.join(repr(class_names[index]) for index in match.classes[:_NAMED])}"
        for match in several[:_NAMED]
    ]
    more = f"; and {len(several) - _NAMED} more labels" if len(several) > _NAMED else ""
    return f"It cannot be told which class {'; '.join(said)}{more}."
