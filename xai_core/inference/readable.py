"""Pictures as a network sees them, with those left out that cannot be read."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from xai_core.errors import PictureError
from xai_core.types import Classifier, Sample


@dataclass(frozen=True, eq=False)
class Readable:
    """Prepared pictures, their places in the data set, and a sentence for each that cannot be read."""

    samples: list[Sample]
    places: list[int]
    problems: list[str]


def read_places(model: Classifier, pictures: Sequence[Sample], places: Iterable[int]) -> Readable:
    """Prepare the pictures at some places of a data set.

    Parameters
    ----------
    model : Classifier
    pictures : sequence of Sample
        Such as a `Dataset`, which reads a picture when it is asked for.
    places : iterable of int
        In `pictures`.

    Returns
    -------
    Readable
    """
    found = Readable([], [], [])
    for place in places:
        try:
            found.samples.append(model.preprocessing.prepare(pictures[place]))
            found.places.append(place)
        except PictureError as error:
            found.problems.append(str(error))
    return found
