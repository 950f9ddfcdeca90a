"""What the plain sentence adds where the headline names classes, for which the answer of all pictures does not hold."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from xai_core.studies.foreground_conclusion import Conclusion
from xai_core.studies.labelled_maps import named
from xai_core.studies.paired import Direction
from xai_core.studies.reliance import MOST, counted_rows
from xai_core.studies.reliance_in_words import behind, moved_in_words
from xai_core.studies.words import classes_listed, listed, percent
from xai_core.types.counts import number_of


def classes_in_words(conclusion: Conclusion, changed: pd.DataFrame | None, labels: Sequence[str | None]) -> str:
    """The classes that the headline names, for a student.

    Parameters
    ----------
    conclusion : Conclusion
        The answer from all evidence.
    changed : DataFrame, optional
        Rows of `xai.intervention`.
    labels : Sequence[str or None]
        One for each of its pictures.

    Returns
    -------
    str
        Empty where the headline names none.
    """
    if conclusion.apart and changed is not None:
        if conclusion.answer == "no":
            return "Class by class, the model uses the background for each of them."
        return _by_interventions(conclusion.apart, changed, labels)
    words: dict[Direction, str] = {"more": "brighter on the object for", "less": "darker on the object for"}
    parts = [f"{said} {some}" for way, said in words.items() if (some := named(conclusion.maps_apart, way))]
    return f"But class by class, the heatmap is {listed(parts)}." if parts else ""


def _by_interventions(apart: Sequence[str], changed: pd.DataFrame, labels: Sequence[str | None]) -> str:
    """What another background does to their pictures, and what follows."""
    said = changed.assign(label=[str(labels[int(place)]) for place in changed["picture"]])
    theirs = pd.concat([counted_rows(said[said["label"] == label]) for label in apart])
    means = theirs.groupby("kind")["p"].mean()
    pictures = number_of(theirs["picture"].nunique(), "picture")
    moved = (
        moved_in_words(means, behind(theirs))
        if means["swapped"] < (1 - MOST) * means["whole"]
        else f"the probability of the explained class is {percent(means['background'])} with the "
        f"background alone and {percent(means['object'])} with the object alone"
    )
    return f"But in the {pictures} of {classes_listed(apart)}, {moved}. There, the model uses the background."
