"""The interventions that a study on disk holds; they stand behind the parts with maps."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from xai_core.batch.store import StudyFolder
from xai_core.batch.tables import table_of
from xai_core.questions.foreground.question import FOREGROUND
from xai_core.types.shapes import are_classes

# Columns of the interventions; those of TEXTS are no numbers.
COLUMNS = ("picture", "sample", "kind", "target", "p", "predicted", "other")
TEXTS = ("sample", "kind")
# Of the measures in parts that are older than the choice among them, and do not say which they hold.
FIRST_COLUMNS = ("mean_inside", "mean_outside", "energy_inside", "mask_area", "pointing", "rank_accuracy", "iou", "auc")


def intervention_table(study: StudyFolder, pictures: int) -> pd.DataFrame:
    """The interventions on so many pictures with masks that can be used."""
    first, batch = study.head["parts"], study.head["batch"]
    return table_of(study, range(first, first - (-pictures // batch)), COLUMNS, TEXTS)


def interventions_fit(table: pd.DataFrame, pictures: int, classes: int) -> bool:
    """Whether a table can be that of `xai.intervention`: rows of each picture, and of no other.

    Parameters
    ----------
    table : DataFrame
    pictures, classes : int
        As many as were asked about, and as the model has.

    Returns
    -------
    bool
    """
    return (
        tuple(table.columns) == COLUMNS
        and set(table["picture"]) == set(range(pictures))
        and all(are_classes(table[name].to_numpy(), classes, -1) for name in ("target", "predicted"))
        and table["p"].to_numpy().dtype.kind == "f"
    )


def stored_intervention(
    study: StudyFolder, model_id: str, ids: Sequence[str], targets: Sequence[int], fill: str, classes: int
) -> pd.DataFrame | None:
    """The interventions on the study's pictures, in the form of `xai.intervention`; None where it has others, or none.

    Who lends whom a background depends on all pictures, so these must be exactly the study's pictures with masks that
    can be used, in its order, with its targets.
    """
    asked = {"fill": fill, "interventions": True}
    if not study.answers(FOREGROUND.key, model_id):
        return None
    if any(study.request.get(name) != value for name, value in asked.items()):
        return None
    numbers = list(range(study.head["parts"]))
    try:
        there = [one for number in numbers for one in study.about(number)["ids"]]
        first = study.head["parts"]
        if "alike" not in study.about(first):
            return None  # made when backgrounds could be lent by pictures of the same class
        if there != list(ids) or study.stacked("targets", numbers).tolist() != [int(one) for one in targets]:
            return None
        table = intervention_table(study, len(there))
        return table if interventions_fit(table, len(there), classes) else None
    except Exception:  # damaged or taken away
        return None
