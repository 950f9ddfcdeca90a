"""The comparison that a study on disk holds."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from xai_core import studies
from xai_core.batch.maps import Looked
from xai_core.batch.store import StudyFolder
from xai_core.batch.tables import table_of
from xai_core.checks.compared_maps import COLUMNS, LATER
from xai_core.checks.method_comparison import MethodComparison
from xai_core.questions.methods.question import METHODS
from xai_core.studies.method_ranking import NAMES

TEXTS = ("sample", *(name for name in NAMES if name != "depth"))


def comparison_of(study: StudyFolder, left_out: Sequence[str] = ()) -> MethodComparison:
    """All batches together."""
    looked = Looked.of(study)
    table: pd.DataFrame = table_of(study, looked.numbers, ("picture", *TEXTS, "depth", *COLUMNS), TEXTS, LATER)
    available = int(study.head["pictures"])
    groups = dict(zip(map(int, looked.places), looked.kin(study), strict=True))
    ranked = studies.rank_methods(table, groups if any(groups.values()) else None)
    planned = min(int(study.request["sample"]), available)
    seconds = float(table.drop_duplicates(["picture", "method"])["seconds"].sum())
    return MethodComparison(
        ranked.table, table, ranked.sentence, ranked.best, planned, planned, available, seconds, tuple(left_out)
    )


def stored_comparison(study: StudyFolder, model_id: str) -> MethodComparison | None:
    """The comparison of a complete study of a model, in the form of `xai.compare_methods`; None where it holds none.

    Parameters
    ----------
    study : StudyFolder
    model_id : str
        Of the model that is asked about.
    """
    if not study.answers(METHODS.key, model_id):
        return None
    try:
        return comparison_of(study)
    except Exception:  # damaged or taken away
        return None
