"""Which column of a table of predictions says what, by the titles that training loops give them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from xai_core.errors import RecordError
from xai_core.records.fields import LOG

# Patterns of plain titles, the likeliest first.
EPOCH = ("epoch", "epochs?(_number|_id)?")
PICTURE = ("(picture|image|img|file|sample)s?(_?(name|path|file|id))?|path", "id|name|key|index|idx|row")
LABEL = ("(true_?)?labels?|true(_?class)?|truth|ground_truth|gt|targets?|actual", "class(_?name)?|y(_?true)?")
PREDICTED = ("pred(icted|ictions?|s)?(_?(label|class))?", "y_?(pred|hat)|guess")
P_PREDICTED = ("p_predicted", "confidence|prob(ability)?")
P_TRUE = ("p_true", "prob_true|p_label")
EXPECTED = "Expected a row for each picture at each epoch, with columns such as epoch, picture, label and predicted."


def plain(title: object) -> str:
    """A title as it is compared: lower case, words joined by underscores; what stands before a slash is left out."""
    return re.sub(r"\W+", "_", str(title).rsplit("/", 1)[-1].strip().lower()).strip("_")


@dataclass(frozen=True)
class Columns:
    """The titles of those columns that say something.

    Attributes
    ----------
    label, predicted : str
        True and predicted class.
    epoch, p_predicted, p_true : str, optional
        None where the table has none.
    pictures : tuple of str
        Those that may name the pictures, the likeliest first.
    log : dict of str to str
        Figure of `LOG` -> its column.
    """

    label: str
    predicted: str
    epoch: str | None
    p_predicted: str | None
    p_true: str | None
    pictures: tuple[str, ...]
    log: dict[str, str]

    @property
    def all(self) -> list[str]:
        """Every title once, in the order above."""
        optional = (self.epoch, self.p_predicted, self.p_true)
        some = [self.label, self.predicted, *(one for one in optional if one is not None), *self.pictures]
        return list(dict.fromkeys([*some, *self.log.values()]))


def find_columns(titles: Sequence[str]) -> Columns | None:
    """What the columns of a table say; None where it has no column of predictions and of labels.

    Parameters
    ----------
    titles : sequence of str

    Returns
    -------
    Columns or None
    """

    def all_of(patterns: Sequence[str]) -> list[str]:
        found = [title for pattern in patterns for title in titles if re.fullmatch(pattern, plain(title))]
        return list(dict.fromkeys(found))

    def first(patterns: Sequence[str]) -> str | None:
        return next(iter(all_of(patterns)), None)

    label, predicted = first(LABEL), first(PREDICTED)
    if label is None or predicted is None:
        return None
    log = {figure: found[0] for figure in LOG if (found := all_of([figure]))}
    return Columns(label, predicted, first(EPOCH), first(P_PREDICTED), first(P_TRUE), tuple(all_of(PICTURE)), log)


def require_columns(titles: Sequence[str], called: str) -> Columns:
    """As `find_columns`.

    Raises
    ------
    RecordError
        With the titles that are there, if they are not those of a table of predictions.
    """
    found = find_columns(titles)
    if found is None:
        there = ", ".join(map(str, titles[:12])) + (", …" if len(titles) > 12 else "")
        raise RecordError(f"{called} is no table of predictions: its columns are {there[:400] or 'none'}. {EXPECTED}")
    return found
