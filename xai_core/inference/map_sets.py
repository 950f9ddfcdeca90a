"""The maps of a whole set of pictures that were made elsewhere: looked at once, then found by a picture's name."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import numpy as np

from xai_core.errors import DataError
from xai_core.inference.map_files import MOST_CELLS
from xai_core.inference.map_reading import Given, Stack, read_maps
from xai_core.maps import is_flat, pool, upsample
from xai_core.types import FloatArray
from xai_core.types.counts import form, number_of
from xai_core.types.heatmaps import GIVEN


@dataclass(frozen=True, eq=False)
class GivenMaps:
    """Maps of the pictures of a set, found by the pictures' names and read when asked for.

    Attributes
    ----------
    maps : Mapping of str to sequence of ndarray
        Name of the maps -> N of (h, w), in the order of the set.
    places : Mapping of str to int
        Name of a picture -> its place in the set.
    shapes : Mapping of str to tuple of int
        (h, w) by name; None where they differ from picture to picture.
    signed : bool
        Whether any value is below zero.
    stamp : str
        Changes with what they hold.
    title : str
        What they are called.
    """

    maps: Mapping[str, Stack]
    places: Mapping[str, int]
    shapes: Mapping[str, tuple[int, int] | None]
    signed: bool
    stamp: str
    title: str = GIVEN

    @classmethod
    def open(cls, maps: Given, names: Sequence[str], *, title: str = GIVEN) -> GivenMaps:
        """The maps of pictures with these names; each is looked at once.

        Parameters
        ----------
        maps : str, pathlib.Path, ndarray, Mapping, sequence of ndarray or of MapFile
            As `given_maps` takes them, or files that were handed in.
        names : sequence of str
            Of all N pictures, each different, in the order of arrays.
        title : str
            What they are called.

        Raises
        ------
        DataError
            If a file cannot be read or is missing, or they are not N maps, or one holds NaN, or all are constant.
        """
        if doubled := [name for place, name in enumerate(names) if name in names[:place]][:1]:
            raise DataError(f"Two pictures are named {doubled[0]!r}, so their maps cannot be told apart.")
        found, digest = read_maps(maps, names), hashlib.sha256(repr(list(names)).encode("utf-8", "replace"))
        if not found:
            raise DataError("There are 0 arrays of maps; it takes one or more.")
        looks = {name: _looked_at(name, one, names, digest) for name, one in found.items()}
        return cls(
            found,
            {name: place for place, name in enumerate(names)},
            {name: look.shape for name, look in looks.items()},
            any(look.signed for look in looks.values()),
            digest.hexdigest()[:12],
            title,
        )

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the maps: one, or those of layers."""
        return tuple(self.maps)

    def only(self, name: str) -> GivenMaps:
        """One of several maps of each picture.

        Raises
        ------
        DataError
            If there is none of that name.
        """
        if name not in self.maps:
            raise DataError(f"There are no maps {name!r}. Choose one of: {', '.join(self.maps)}.")
        stamp = hashlib.sha256(f"{self.stamp} {name}".encode()).hexdigest()[:12]
        return replace(self, maps={name: self.maps[name]}, shapes={name: self.shapes[name]}, stamp=stamp)

    def of(self, pictures: Sequence[str], size: tuple[int, int]) -> dict[str, FloatArray]:
        """The maps of some pictures, by the pictures' names: name of the maps -> float32 (n, h, w).

        Parameters
        ----------
        pictures : sequence of str
            n names.
        size : tuple of int
            (H, W) of the network's input, at which maps are given whose resolutions differ.

        Raises
        ------
        DataError
            If a picture is none of the set.
        """
        if unknown := [name for name in pictures if name not in self.places]:
            raise DataError(f"{unknown[0]}: {self.title} hold no map of this picture.")
        places = [self.places[name] for name in pictures]
        found = {}
        for name, every in self.maps.items():
            shape = self.shapes[name] or size
            each = [np.asarray(every[place]).astype(np.float32) for place in places]
            found[name] = np.stack([one if one.shape == shape else at_size(one, shape) for one in each])
        return found


class _Look(NamedTuple):
    """What the maps of a name have in common: (h, w), None where it differs; whether any value is below zero."""

    shape: tuple[int, int] | None
    signed: bool


def _looked_at(name: str, maps: Stack, pictures: Sequence[str], digest: Any) -> _Look:
    """Look at each map once.

    Raises
    ------
    DataError
        If they are none, not those of these pictures, not finite, or all constant.
    """
    if len(maps) != len(pictures):
        raise DataError(
            f"{name!r}: {number_of(len(maps), 'map')} for {number_of(len(pictures), 'picture')}. Give one for each."
        )
    shapes, signed, bad, flat = set(), False, [], 0
    for place, one in enumerate(map(np.asarray, maps)):
        if one.dtype.kind not in "fiub" or one.ndim != 2 or not one.size:
            raise DataError(
                f"{name!r}: the map of {pictures[place]} is no array of numbers (h, w); got {one.dtype} {one.shape}."
            )
        if one.size > MOST_CELLS:
            raise DataError(
                f"{name!r}: the map of {pictures[place]} has {one.shape[1]:,} x {one.shape[0]:,} cells; at most "
                f"{MOST_CELLS:,} are read."
            )
        values = np.ascontiguousarray(one, np.float32)
        digest.update(repr(one.shape).encode())
        digest.update(values.ravel().data)
        shapes.add((one.shape[0], one.shape[1]))
        if not np.isfinite(values).all():
            bad.append(pictures[place])
            continue
        signed = signed or bool(values.min() < 0)
        flat += bool(is_flat(values))
    if bad:
        more = ", …" if len(bad) > 3 else ""
        held = f"{len(bad):,} of {number_of(len(pictures), 'map')} {form(len(bad), 'holds', 'hold')}"
        raise DataError(f"{name!r}: {held} NaN or infinity: {', '.join(bad[:3])}{more}.")
    if flat == len(pictures):
        raise DataError(f"{name!r}: each map is the same everywhere, so none points at any place.")
    return _Look(shapes.pop() if len(shapes) == 1 else None, signed)


def at_size(one: FloatArray, size: tuple[int, int]) -> FloatArray:
    """A map at a resolution: averaged where it is finer, interpolated where it is coarser."""
    fine = pool(one, (min(size[0], one.shape[0]), min(size[1], one.shape[1])))
    return upsample(fine, size)
