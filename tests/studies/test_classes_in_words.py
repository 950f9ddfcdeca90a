"""What the plain sentence adds where the headline names classes."""

import pandas as pd

from xai_core.studies import Conclusion
from xai_core.studies.classes_in_words import classes_in_words

LABELS = ["hen", "hen", "mug", "mug"]


def changed(of_mugs):
    """Hens that keep all of their probability, and mugs with these, by kind of picture."""
    rows = [
        {"picture": place, "kind": kind, "p": p if label == "mug" else 0.8, "other": 0}
        for place, label in enumerate(LABELS)
        for kind, p in of_mugs.items()
    ]
    return pd.DataFrame(rows)


def concluded(**more):
    return Conclusion("mixed", "Mixed", True, (), **more)


def test_a_class_that_rests_on_the_background_has_its_own_numbers():
    table = changed({"whole": 0.8, "object": 0.1, "background": 0.7, "same": 0.8, "swapped": 0.02})
    assert classes_in_words(concluded(apart=("mug",)), table, LABELS) == (
        "But in the 2 pictures of mug, on another class's background, the probability of the explained class "
        "falls from 80% to 2%; on another background of the same class, it is 80%. There, the model uses the "
        "background."
    )


def test_where_the_background_alone_says_it_so_does_the_sentence():
    table = changed({"whole": 0.8, "object": 0.1, "background": 0.7, "same": 0.8, "swapped": 0.7})
    assert classes_in_words(concluded(apart=("mug",)), table, LABELS) == (
        "But in the 2 pictures of mug, the probability of the explained class is 70% with the "
        "background alone and 10% with the object alone. There, the model uses the background."
    )


def test_a_headline_about_all_classes_or_none_needs_no_numbers_of_one():
    table = changed({"whole": 0.8, "same": 0.8, "swapped": 0.02})
    every = Conclusion("no", "No", True, (), apart=("hen", "mug"))
    assert classes_in_words(every, table, LABELS) == "Class by class, the model uses the background for each of them."
    assert classes_in_words(concluded(), table, LABELS) == ""


def test_maps_that_lie_otherwise_for_a_class_are_said():
    assert classes_in_words(concluded(maps_apart={"hen": "none", "mug": "less"}), None, LABELS) == (
        "But class by class, the heatmap is darker on the object for mug."
    )
