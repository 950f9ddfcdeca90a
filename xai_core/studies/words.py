"""How the analyses say numbers and findings, on every page alike."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from xai_core.types.counts import first_of, form, part_of

_SPACE, _MINUS = "\N{NO-BREAK SPACE}", "\N{MINUS SIGN}"
_EQUATION = re.compile(r"(?<=\w) ([=<>≤≥]) (?=[-+−]?\d)|(?<=\d) ([x×]) (?=\d)")
_DIFFERENCE = re.compile(r"(?<=\b[A-Za-z]) - (?=\d)")
_NEGATIVE = re.compile(r"(?<![^\s(\[;:,])-(?=\d[\d.,]*(?:[%°]|\b)(?!\.?\w))")


def typeset(text: str) -> str:
    """Words as a page prints them: "n = 6" and "7 × 7" stay in one line, and a negative number has a minus sign.

    Texts in a terminal, in a report and in code have neither, since they are copied and searched.

    Parameters
    ----------
    text : str
        A sentence, a title or a number.

    Returns
    -------
    str

    Examples
    --------
    >>> from xai_core import studies
    >>> studies.typeset("It fell by half (-8.5 points, n = 6, p < 0.001) in 2024-05.")
    'It fell by half (−8.5 points, n\\xa0=\\xa06, p\\xa0<\\xa00.001) in 2024-05.'
    """
    in_one_line = _EQUATION.sub(lambda found: f"{_SPACE}{found[0][1]}{_SPACE}", text)
    in_one_line = _DIFFERENCE.sub(f"{_SPACE}{_MINUS}{_SPACE}", in_one_line)
    return _NEGATIVE.sub(_MINUS, in_one_line)


@dataclass(frozen=True)
class Finding:
    """One thing that was found, for people.

    Attributes
    ----------
    topic : str
        In a word or two.
    sentence : str
        What was found, with its numbers.
    warning : bool
        Whether it should make one doubt the model.
    """

    topic: str
    sentence: str
    warning: bool = False


def percent(share: float) -> str:
    """A share as it is printed; what is nearly all or nearly none is not called all or none."""
    sign, size = "-" if share < 0 else "", abs(share)
    if 0.995 <= size < 1:
        return f"{sign}{100 * size:.4g}%" if size < 0.9999 else f"{'below -' if sign else 'over '}99.99%"
    return f"{sign}{100 * size:.0f}%" if size >= 0.1 else f"{sign}{100 * size:.2g}%"


def points(share: float, digits: int = 1, none: str = "no change") -> str:
    """A signed difference of two shares in percentage points: "+2.5 points"; what rounds to zero has no sign."""
    number = f"{100 * share:+.{digits}f}"
    return f"{number} points" if float(number) else none


def listed(parts: Sequence[str]) -> str:
    """ "a", "a and b", "a, b and c"."""
    return parts[0] if len(parts) == 1 else ", ".join(parts[:-1]) + " and " + parts[-1]


def first_listed(parts: Sequence[str], most: int = 5) -> str:
    """The first of them, and how many more there are: "a, b, c, d, e and 3 more"."""
    return first_of(parts, most) if len(parts) > most else listed(parts)


def classes_listed(names: Sequence[str], most: int = 5) -> str:
    """Names of classes as `first_listed` lists them; one that is a number is quoted, or it reads as a count.

    Examples
    --------
    >>> classes_listed(["7", "horse"])
    "'7' and horse"
    """
    return first_listed([f"'{name}'" if name.isdigit() else name for name in names], most)


def most_confused(pairs: Sequence[tuple[str, str, str]], others: int) -> str:
    """Pairs (label, prediction, how often) in words, and how many other pairs occur as often as the last of them.

    Examples
    --------
    >>> most_confused([("cat", "dog", "4 of 9 pictures")], 1)
    'cat is predicted as dog (4 of 9 pictures). Another confusion also occurs 4 times'
    >>> most_confused([("cat", "dog", "4 of 9"), ("hen", "dog", "3 of 9")], 2)
    'cat is predicted as dog (4 of 9) and hen as dog (3 of 9). 2 other confusions also occur 3 times each'
    >>> most_confused([("cat", "dog", "4 of 9"), ("hen", "dog", "4 of 9")], 2)
    'cat is predicted as dog (4 of 9) and hen as dog (4 of 9). 2 other confusions also occur 4 times each'
    """
    (label, predicted, often), *rest = pairs
    said = [f"{label} is predicted as {predicted} ({often})", *(f"{one} as {other} ({n})" for one, other, n in rest)]
    if not others:
        return listed(said)
    count = pairs[-1][2].split()[0]
    times = "once" if count == "1" else f"{count} times"
    also = "Another confusion also occurs" if others == 1 else f"{others:,} other confusions also occur"
    return f"{listed(said)}. {also} {times}{'' if others == 1 else ' each'}"


def uncapitalised(text: str) -> str:
    """A title or sentence within another one; abbreviations keep their capitals."""
    return text if text.isupper() else text[0].lower() + text[1:]


def capitalised(text: str) -> str:
    """Words as the beginning of a sentence."""
    return text[0].upper() + text[1:]


def format_p(p: float) -> str:
    """A p-value as it is printed: "p < 0.001", "p = 0.032", "p not computed"."""
    if not np.isfinite(p):
        return "p not computed"
    return "p < 0.001" if p < 0.001 else f"p = {p:.3f}"


def format_interval(interval: tuple[float, float], spec: str = ".2f", scale: float = 1.0) -> str:
    """A 95% interval as it is printed: "95% interval 0.12 to 0.30", or that there is none."""
    if not np.isfinite(interval[0]):
        return "no interval of so few or equal values"
    return f"95% interval {scale * interval[0]:{spec}} to {scale * interval[1]:{spec}}"


def unknown_labels(unknown: int, labels: Sequence[str | None], title: str, instead: str = "prediction") -> str:
    """For how many pictures the maps explain the prediction, since the model does not know the label.

    Parameters
    ----------
    unknown : int
        Of how many pictures, 1 at least.
    labels : Sequence[str or None]
        Those of all pictures; None where one has none.
    title : str
        Of the model.
    instead : str
        What the maps explain in place of the label.

    Returns
    -------
    str

    Examples
    --------
    >>> from xai_core import studies
    >>> studies.unknown_labels(1, ["tiger", "digit"], "Digits")
    '1 of 2 pictures has no label that Digits knows; its map explains the prediction instead.'
    >>> studies.unknown_labels(2, [None, None], "Digits")
    'The pictures have no labels: their maps explain the prediction.'
    """
    explain = f"{form(unknown, 'its map explains', 'their maps explain')} the {instead}"
    if not any(labels):
        return f"{form(len(labels), 'The picture has no label', 'The pictures have no labels')}: {explain}."
    return f"{part_of(unknown, len(labels), 'picture', 'has', 'have')} no label that {title} knows; {explain} instead."
