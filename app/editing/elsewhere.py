"""The edited picture on other pages, and pictures from elsewhere in the data set in this one."""

from __future__ import annotations

from collections.abc import Sequence

import xai_core as xai
from app import controls, state
from app.editing import history
from xai_core.data import places_text
from xai_core.types.edits import EDITED

PAGES = ("layer_explorer", "foreground", "misclassifications")  # they can look at two pictures


def opened_in(page: str, whole: xai.Dataset, name: str) -> state.Address | None:
    """Where another page shows a picture, with its edited copy beside it; None where it cannot.

    Parameters
    ----------
    whole : all that the pictures of the page were chosen from
    name : of the picture
    """
    address, edits = state.address_for(page), history.edits_of(name)
    if address is None or page not in PAGES or not edits:
        return address
    places = [place for place, item in enumerate(whole.items) if item.name == name]
    return address | {
        controls.ONLY: places_text(whole, places),
        state.EDITS: [edit.text for edit in edits],
        state.PICTURE: name + EDITED,
    }


def used(whole: xai.Dataset, name: str, edits: Sequence[xai.Edit]) -> xai.Dataset:
    """A picture and those that its edits paste from."""
    names = {name, *(edit.source for edit in edits)}
    return whole.take([place for place, item in enumerate(whole.items) if item.name in names])
