"""What maps of different methods and layers are compared by: each criterion once, with its words."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class MapCriterion:
    """A number that is known of each picture's map.

    Attributes
    ----------
    key : str
        Its column.
    title : str
        For people.
    better : {"more", "less", ""}
        Which maps are the better ones by it; empty where that hangs on the model.
    help : str
        What it is, in a sentence or two.
    """

    key: str
    title: str
    better: str
    help: str


FOUND = MapCriterion(
    "found",
    "Finds what counts",
    "more",
    "Mean of deletion and insertion, which the recommendation goes by; 0 is what random orders give.",
)
CRITERIA = {
    one.key: one
    for one in (
        FOUND,
        MapCriterion(
            "deletion",
            "Deletion",
            "more",
            "How much lower the mean probability of the class is while the picture is hidden in the map's order "
            "than in random orders.",
        ),
        MapCriterion(
            "insertion",
            "Insertion",
            "more",
            "How much higher it is while the hidden picture is uncovered in the map's order than in random orders.",
        ),
        MapCriterion(
            "weights",
            "Left with random weights",
            "less",
            "Rank correlation of the map with that of the same network with random weights: near 0 the map shows what "
            "was learned, near 1 only the picture.",
        ),
        MapCriterion(
            "object",
            "On the object",
            "",
            "Area under the ROC curve of the map as a score for the object's mask; 0.5 by chance. It decides nothing: "
            "of a model that goes by the background, the better map lies on the background.",
        ),
        MapCriterion(
            "stability",
            "Stability",
            "more",
            "Rank correlation of the map with that of the same picture under noise too weak to see, with another seed "
            "where the method draws.",
        ),
    )
}
