"""A picture and its edited copy as a data set, so that whatever is asked of pictures can be asked of both."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from xai_core.data import Dataset, Item
from xai_core.data.viewing import read_viewed
from xai_core.errors import DataError
from xai_core.interventions.edits import apply_edits, region_mask
from xai_core.types import Classifier, Sample
from xai_core.types.counts import number_of
from xai_core.types.edits import EDITED, Edit
from xai_core.types.pictures import IGNORE


def with_edits(dataset: Dataset, name: str, edits: Sequence[Edit], model: Classifier) -> Dataset:
    """A picture of a data set and its edited copy.

    Parameters
    ----------
    dataset : Dataset
        All of it: pictures to paste from are looked up by name here.
    name : str
        Of the picture that is edited.
    edits : sequence of Edit
        In their order; at least one.
    model : Classifier
        The edits are made to the picture as this model sees it. Others with the same input see the same; with another
        input, the copy is refused.

    Returns
    -------
    Dataset
        Both, the unedited one first; the copy's name ends in " (edited)". It has the label of the unedited picture, and
        its mask, which moves and turns with the object; neither once all of the object is filled or has left the
        picture. `notes` say what was done.

    Raises
    ------
    DataError
        If there is no picture of that name.
    PictureError
        If it cannot be read, or one to paste from.
    ValueError
        If an edit cannot be made of it.

    Examples
    --------
    >>> import xai_core as xai
    >>> photos, model = xai.load_dataset("photos"), xai.load_model("efficientnet_lite0")
    >>> both = xai.with_edits(photos, "coffee", [xai.Edit.parse("grey:box.0.0.500.1000")], model)
    >>> [item.name for item in both.items], xai.predict(model, list(both)).probabilities.shape
    (['coffee', 'coffee (edited)'], (2, 1000))
    """
    if not edits:
        raise ValueError("There is nothing to show without an edit.")
    places = {item.name: place for place, item in enumerate(dataset.items)}
    if name not in places:
        raise DataError(f"{dataset.title} has no picture {name!r} that could be edited.")
    place, texts = places[name], [edit.text for edit in edits]
    item = dataset.items[place]
    sources = [dataset.items[places[one]] for one in dict.fromkeys(edit.source for edit in edits) if one in places]
    before = read_viewed(item.read, model.preprocessing).sample
    others = {one.name: read_viewed(one.read, model.preprocessing).sample for one in sources}
    after = apply_edits(before, edits, others)
    known = before.mask is not None and bool((before.mask == 1).any())  # where the object is
    gone = known and not _object_stays(before, edits)
    if gone:
        after = replace(after, mask=None, label=None, wnid=None, labels=None, annotated=(), label_map=None)
    said = "; ".join(edit.words for edit in edits)
    after = replace(after, name=name + EDITED)
    stamp = "|".join([*(one.stamp for one in (item, *sources)), *texts, repr(model.preprocessing)])
    about = {key: getattr(after, key) for key in ("label", "labels", "annotated", "group", "wnid", "label_map")}
    note = f"{after.name} is {name} after {number_of(len(edits), 'edit')}, made to the picture as {model.title} sees it"
    parsed = f"[xai.Edit.parse(text) for text in {texts!r}]"
    return replace(
        dataset.take([place]),
        title=f"{dataset.title}: {name} and its edited copy",
        items=(item, Item(after.name, read=lambda: after, stamp=stamp, **about)),
        code=dataset.code and f"xai.with_edits({dataset.code}, {name!r}, {parsed}, model)",
        notes=(*dataset.notes, f"{note}: {said}. {_kept(bool(before.every_label), known, gone)}"),
    )


def _object_stays(sample: Sample, edits: Sequence[Edit]) -> bool:
    """Whether any of the object can still be in the picture: what a fill covers becomes "ignored", and moves on so."""
    for edit in edits:
        mask = sample.mask
        if mask is None:
            return False
        if edit.region is None:
            sample = apply_edits(sample, [edit])
            continue
        filled = region_mask(edit.region, mask.shape, mask) & (mask == 1)
        mask = np.where(filled, np.uint8(IGNORE), mask)
        if not (mask == 1).any():
            return False
        sample = replace(sample, mask=mask)
    return sample.mask is not None


def _kept(labelled: bool, known: bool, gone: bool) -> str:
    """What became of label and mask, in a sentence."""
    if gone:
        return f"Nothing of the object is left in it, so it has no {'label and no ' if labelled else ''}mask."
    if known:
        what = "label and mask" if labelled else "mask"
        return f"It has the {what} of the unedited picture; the mask moves and turns with the object."
    return f"It has {'the label of the unedited picture' if labelled else 'no label'} and no mask."
