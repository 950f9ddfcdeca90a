"""From which probability on labels count as predicted: as a page, a command and an address have it."""

from __future__ import annotations

from collections.abc import Sequence

from xai_core.errors import TargetError
from xai_core.types import LabelEvaluation
from xai_core.types.counts import first_of


def threshold_number(text: str) -> float:
    """A threshold from its text.

    Raises
    ------
    ValueError
        With a sentence, if it is none.
    """
    try:
        number = float(text)
    except ValueError:
        number = -1.0
    if not 0 <= number <= 1:
        raise ValueError(f"a threshold is a number between 0 and 1, such as 0.5; got {text!r}")
    return number


def own_threshold(text: str) -> str:
    """A label with a threshold of its own, ``LABEL=P``, in one spelling.

    Raises
    ------
    ValueError
        With a sentence, if it is none.
    """
    label, equals, number = (part.strip() for part in text.rpartition("="))
    if not equals or not label:
        raise ValueError(f"write a label and its threshold as LABEL=P, such as cat=0.3; got {text!r}")
    return f"{label}={threshold_number(number):g}"


def chosen_thresholds(names: Sequence[str], threshold: float, own: Sequence[str]) -> dict[str, float]:
    """The threshold of every label.

    Parameters
    ----------
    names : sequence of str
        The model's labels.
    threshold : float
        Of all that have none of their own.
    own : sequence of str
        Labels that have, ``LABEL=P`` each.

    Raises
    ------
    TargetError
        If one is not written like that, or there is no such label.
    """
    found = dict.fromkeys(names, threshold)
    for text in own:
        try:
            label, _, number = own_threshold(text).rpartition("=")
        except ValueError as error:
            raise TargetError(f"Thresholds of single labels: {error}.") from error
        if label not in found:
            raise TargetError(
                f"There is no label {label!r} to have a threshold of its own. The labels are: {first_of(names)}."
            )
        found[label] = float(number)
    return found


def threshold_code(evaluation: LabelEvaluation) -> str:
    """The thresholds as an argument in Python: a number, or those of the labels that do not have 0.5."""
    values = [float(f"{value:g}") for value in evaluation.thresholds]
    if len(set(values)) == 1:
        return f"{values[0]:g}"
    return repr({name: one for name, one in zip(evaluation.label_names, values, strict=True) if one != 0.5})
