"""The picture and its edited copy: what the model says of both."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

import xai_core as xai
from app import cache
from app.controls import plain
from xai_core import figures
from xai_core.studies import percent, share_on_object
from xai_core.types import Layer, Method


@dataclass(frozen=True, eq=False)
class Watched:
    """What is asked of the model.

    Attributes
    ----------
    layer : of the maps; None where the method has none, and where no method can explain the model
    method : None where no method can
    """

    model: xai.Classifier
    method: Method | None
    settings: Mapping[str, Any]
    layer: Layer | None


@dataclass(frozen=True, eq=False)
class Edited:
    """A picture before and after its edits.

    Attributes
    ----------
    before, after : as the network sees them
    p : float32 (2, K), what the model says of them
    explained : the class of both maps
    heatmaps : of both at one layer, or None
    """

    edits: Sequence[xai.Edit]
    before: xai.Sample
    after: xai.Sample
    p: np.ndarray
    explained: int
    heatmaps: xai.Heatmaps | None

    @property
    def maps(self) -> np.ndarray | None:
        """float32 (2, h, w), raw."""
        return None if self.heatmaps is None else next(iter(self.heatmaps.values()))

    @property
    def on_object(self) -> tuple[float, float]:
        """The share of each map's energy on the object; NaN where there is none."""
        if self.maps is None:
            return float("nan"), float("nan")
        before, after = self.maps
        return share_on_object(before, self.before.mask), share_on_object(after, self.after.mask)


def edited(
    watched: Watched,
    sample: xai.Sample,
    edits: Sequence[xai.Edit],
    others: Mapping[str, xai.Sample],
    explain: Literal["before", "now"] | int = "before",
) -> Edited:
    """The picture with its edits, and what the model says.

    Parameters
    ----------
    explain : the class of both maps: the prediction before the edits, that now, or a class by its number

    Raises
    ------
    ValueError
        If an edit cannot be made of this picture.
    """
    after = xai.apply_edits(sample, edits, others)
    model, method = watched.model, watched.method
    p = cache.maps.probabilities(model.id, sample.id, model, sample)
    explained, heatmaps = int(np.nan_to_num(p).argmax()) if isinstance(explain, str) else explain, None
    if method is None:
        p_after = cache.maps.probabilities(model.id, after.id, model, after)
        explained = int(np.nan_to_num(p_after).argmax()) if explain == "now" else explained
    else:
        asked = None if explain == "now" else explained
        last = _maps(watched, after, asked)  # one pass: it says the probabilities as well
        explained, p_after = int(last.targets[0]), last.predictions.probabilities[0]
        heatmaps = xai.Heatmaps.concatenate([_maps(watched, sample, explained), last])
    p = np.stack([p, p_after])
    return Edited(edits, sample, after, p, explained, heatmaps)


def _maps(watched: Watched, sample: xai.Sample, target: int | None) -> xai.Heatmaps:
    """The map of one picture; None explains its prediction."""
    assert watched.method is not None
    layers = [] if watched.layer is None else [watched.layer]
    how: dict[str, Any] = {"method": watched.method, "settings": watched.settings}
    return cache.maps.heatmaps(watched.model, [sample], layers, [target], lambda *_: None, **how)


def sentence(found: Edited, model: xai.Classifier) -> str:
    """What happened to the explained class, and to the prediction."""
    name = model.class_names[found.explained]
    old, new = (float(row[found.explained]) for row in found.p)
    first, last = (model.class_names[int(np.nan_to_num(row).argmax())] for row in found.p)
    if not found.edits:
        return f"The model predicts {first} with a probability of {percent(old)}. Change the picture: what moves?"
    changed = f"The prediction changes from {first} to {last}." if first != last else f"The prediction stays {first}."
    said = f"{changed} The probability of {name} was {percent(old)} before the edits and is {percent(new)} now."
    shares = found.on_object
    if np.isfinite(shares).all():
        before, after = map(percent, shares)
        moves = f"stays at {after}" if before == after else f"goes from {before} to {after}"
        said += f" The share of the map on the object {moves}."
    return said


def maps_html(found: Edited, model: xai.Classifier, *, pictures: bool = False) -> str:
    """Both maps; with `pictures`, both pictures as well."""
    assert found.heatmaps is not None
    name = model.class_names[found.explained]
    captions = [f"{when}: what speaks for {name}." for when in ("Before", "After")]
    plain = ("Before the edits.", "After the edits.") if pictures else ()
    return figures.edited_maps_html([found.before.pixels, found.after.pixels], found.heatmaps, captions, pictures=plain)


def listed(edits: Sequence[xai.Edit]) -> str:
    """The edits as a numbered list in Markdown."""
    return "\n".join(f"{number}. {plain(edit.words)}" for number, edit in enumerate(edits, start=1))
