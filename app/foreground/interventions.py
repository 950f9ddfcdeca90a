"""Object or background taken away: what the model then says."""

from __future__ import annotations

import numpy as np
import pandas as pd
import streamlit as st

from app import cache, controls
from app.charts import quiet, show_chart
from app.foreground.maps import MeasuredMaps
from app.foreground.progress import Report
from app.tables import show_table
from xai_core import figures, studies
from xai_core.questions.foreground.findings import interventions_of
from xai_core.studies.columns import INTERVENTION_HEADINGS
from xai_core.studies.reliance_in_words import reliance_evidence


def drops(table: pd.DataFrame) -> np.ndarray:
    """Probability lost with another background, by picture."""
    wide = table.pivot(index="picture", columns="kind", values="p")
    return (wide["whole"] - wide["swapped"]).to_numpy()


def intervene(shown: MeasuredMaps, fill: str, report: Report) -> pd.DataFrame:
    """Object alone, background alone, another background."""
    progress = report(f"Interventions on {shown.model.title}:")
    table = cache.interventions.intervention(shown.model, shown.samples, shown.targets, fill, progress)
    return studies.with_groups(table, (shown.samples[row].group for row in table["picture"]))


def show_intervention(shown: MeasuredMaps, table: pd.DataFrame, fill: str) -> None:
    """What happens when object or background is taken away."""
    st.header("Remove it and see (occlusion test)", anchor=False)
    key = (shown.key, fill)
    found = cache.results.kept(key, studies.rests_on, table)
    answer, *numbers = (controls.plain(one.sentence) for one in reliance_evidence(found, table))
    st.markdown(answer)
    show_chart(
        st,
        cache.results.kept(key, figures.intervention_figure, {shown.model.title: table}, interventions_of(table)),
        key="interventions",
        config=quiet("interventions"),
        alt="Probability of the class as it is, with the object alone, the background alone, another background",
    )
    st.caption(
        "A point is a picture. A box holds the middle half of them; its solid line is the median, the dashed one the "
        "mean. A cut-out object and a background with a hole are unlike the pictures that the model learned from, so "
        "part of the fall in probability may be due to that."
    )
    with st.expander("Numbers, and tests against the whole picture"):
        st.markdown("\n".join(f"- {one}" for one in numbers))
        show_table(
            cache.results.kept(key, studies.intervention_tests, table).replace({"kind": interventions_of(table)}),
            INTERVENTION_HEADINGS,
        )
        unit = "Group by group" if "group" in table else "Picture by picture"
        st.caption(
            f"{unit}: paired t-tests with d_z and Wilcoxon's rank-biserial correlation. p (Holm) is that of sign-flip "
            "tests of the mean, corrected over the interventions."
        )
