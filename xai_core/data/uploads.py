"""Pictures that were handed in, as by a file uploader."""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Sequence
from functools import partial
from pathlib import PurePath
from typing import Any

from xai_core.data.dataset import Dataset, Item
from xai_core.data.decided import decided
from xai_core.data.decisions.options import FILE_OPTIONS, chosen_of
from xai_core.data.pages import by_page
from xai_core.data.upload_files import Upload, read_upload

_MASK = re.compile(r"^(?P<stem>.+)[_\-. ](?:mask|masks|segmentation|seg|gt|label|labels)$", re.IGNORECASE)


def _masks(files: Sequence[Upload]) -> dict[int, int]:
    """Place of a picture -> place of its mask: "x_mask.png" beside "x.png" or "x.jpg", whatever the case."""
    stems = {PurePath(name).stem.casefold(): place for place, (name, _) in reversed(list(enumerate(files)))}
    found: dict[int, int] = {}
    for place, (name, _) in enumerate(files):
        match = _MASK.match(PurePath(name).stem.casefold())
        picture = stems.get(match["stem"]) if match else None
        if picture is not None and picture not in found:
            found[picture] = place
    return {picture: mask for picture, mask in found.items() if picture not in found.values()}


def from_uploads(
    files: Sequence[tuple[str, bytes]],
    *,
    intensity_range: Any = None,
    mask_coding: Any = None,
    pages: Any = None,
    bands: Any = None,
) -> Dataset:
    """Pictures that were handed in; read when asked for, like all others.

    Parameters
    ----------
    files : Sequence of (str, bytes)
        Name and content of each; a repeated name gets a number. "x_mask.png" is the mask of "x.png" or "x.jpg", where
        that is among them.
    intensity_range, mask_coding, pages, bands
        As of `load_dataset`.

    Returns
    -------
    Dataset
        Without labels.

    Raises
    ------
    DataError
        If one of these cannot be.

    Examples
    --------
    >>> import xai_core as xai
    >>> [item.name for item in xai.from_uploads([("a.png", b""), ("a.png", b""), ("a_mask.png", b"")]).items]
    ['a.png', 'a.png (2)']
    """
    given = {
        option.key: option.normal(value)
        for option, value in zip(FILE_OPTIONS, (intensity_range, mask_coding, pages, bands), strict=True)
        if option.normal is not None
    }
    seen: Counter[str] = Counter()
    named = []
    for name, content in files:
        seen[name] += 1
        named.append(Upload(name if seen[name] == 1 else f"{name} ({seen[name]})", content))
    masks = _masks(named)
    items = []
    for place, upload in enumerate(named):
        if place in masks.values():
            continue
        mask = named[masks[place]] if place in masks else None
        stamp = "|".join(hashlib.sha256(one.content).hexdigest()[:16] for one in (upload, mask) if one is not None)
        items.append(Item(upload.name, None, partial(read_upload, upload, mask), stamp))
    names = [name for name, _ in files]
    usual = {option.key: option.default for option in FILE_OPTIONS}
    asked = "".join(f", {key}={value!r}" for key, value in given.items() if value != usual[key])
    code = f"xai.from_uploads([(name, __import__('pathlib').Path(name).read_bytes()) for name in {names!r}]{asked})"
    chosen = chosen_of(given)
    dropped = Dataset("uploads", "Your pictures", tuple(items), code=code)
    return decided(by_page(dropped, given["pages"], chosen.bands), chosen)
