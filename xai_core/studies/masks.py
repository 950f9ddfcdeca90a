"""Masks as the maps have them: put through the crop and resize that the pictures went through."""

from __future__ import annotations

from collections.abc import Iterable

from xai_core.errors import DataError, PictureError
from xai_core.types import ByteArray, Heatmaps, Sample

Masked = Iterable[Sample] | Iterable[ByteArray | None]


def masks_in_view(heatmaps: Heatmaps, masked: Masked) -> list[ByteArray | None]:
    """The mask of each picture at the size of the network's input.

    Parameters
    ----------
    heatmaps : Heatmaps
        Of N pictures; their `view` says how the pictures were cut.
    masked : Iterable of Sample, or of uint8 (H, W) or None
        N samples, whole or as the network saw them, such as a `Dataset`; or masks, 0 background, 1 foreground, 255
        ignore. A bare mask of the input's size is taken to be cut already.

    Returns
    -------
    list of uint8 (H, W) or None
        N masks at the input's size.

    Raises
    ------
    DataError
        If there are not as many masks as maps, or one has another size and the maps do not know their view.
    PictureError
        If a sample was cut for a model with another view.
    """
    masks = [_mask_in_view(heatmaps, item) for item in masked]
    if len(masks) != heatmaps.n_pictures:
        raise DataError(f"Masks: {len(masks)}; pictures with maps: {heatmaps.n_pictures}. Give one for each.")
    for mask in masks:
        if mask is not None and mask.shape != tuple(heatmaps.input_size):
            raise DataError(
                f"A mask has {mask.shape[0]} x {mask.shape[1]} pixels, the network's input {heatmaps.input_size[0]} x "
                f"{heatmaps.input_size[1]}: put it through the model's preprocessing first."
            )
    return masks


def _mask_in_view(heatmaps: Heatmaps, item: Sample | ByteArray | None) -> ByteArray | None:
    view = heatmaps.view
    if not isinstance(item, Sample):
        cut = item is None or view is None or item.shape == tuple(heatmaps.input_size)
        return item if cut else view.mask(item)  # type: ignore[union-attr, arg-type]
    if item.mask is None or view is None or item.view_of == view:
        return item.mask
    if item.view_of is not None:
        raise PictureError(f"{item.name} was already cut for a model with another input size or crop.")
    return view.mask(item.mask)
