"""Which of the pictures have a mask that can be used, and why the others are left out."""

from __future__ import annotations

import pandas as pd
import streamlit as st

import xai_core as xai
from app import cache, controls, notices
from app.foreground.progress import Report
from app.seen import warn_of_crops
from xai_core import studies
from xai_core.studies import uncapitalised
from xai_core.studies.words import listed
from xai_core.types.counts import form, part_of


def read(data: xai.Dataset, model: xai.Classifier, report: Report) -> list[xai.Sample] | None:
    """The pictures with masks that can be used; None with the reason shown."""
    samples, problems = cache.data.pictures(data, model, report("Reading pictures"))
    notices.problems([*problems, *data.skipped])
    reasons = [studies.mask_problem(sample.mask) for sample in samples]
    usable = [sample for sample, reason in zip(samples, reasons, strict=True) if not reason]
    counts = pd.Series([reason for reason in reasons if reason], dtype=object).value_counts()
    masked = any(sample.mask is not None for sample in samples)
    if len(counts) and masked:
        whys = [f"{form(n, '', ', each')} because {uncapitalised(str(one))[:-1]}" for one, n in counts.items()]
        why = whys[0] if len(whys) == 1 else ": " + listed([f"{n}{one}" for n, one in zip(counts, whys, strict=True)])
        st.info(
            controls.plain(f"{part_of(counts.sum(), len(samples), 'picture', 'is', 'are')} left out{why}."),
            icon=":material/deselect:",
        )
    if not usable:
        decided = " What the values of masks mean can be chosen in the sidebar, under “How the files were read”."
        st.warning(
            "None of these pictures has a mask that tells object from background. Choose textured digits, the "
            "sample photos, Oxford-IIIT Pet, a VOCdevkit, or a folder with images/ and masks/."
            + (decided if masked else ""),
            icon=":material/deselect:",
        )
        return None
    warn_of_crops(model, samples)
    notices.near_copies(usable)
    notices.notes(usable)
    if by_box := sum(sample.by_box for sample in usable):
        st.caption(
            f"By box: {form(by_box, 'the mask', 'the masks')} of "
            f"{part_of(by_box, len(usable), 'picture', 'is a box', 'are boxes')} around the object, so what lies in a "
            "box beside the object counts as object, too."
        )
    return usable
