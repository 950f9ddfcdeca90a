"""Maps that were made elsewhere, read from arrays, NPZ, PNG or a folder of these beside the pictures."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from PIL import Image, UnidentifiedImageError

from xai_core import regular
from xai_core.errors import NO_PATH, DataError
from xai_core.maps import pool, upsample
from xai_core.types import Classifier, FloatArray, Heatmaps, Sample
from xai_core.types.heatmaps import GIVEN

if TYPE_CHECKING:
    from xai_core.inference.batches import Targets

SUFFIXES = (".npy", ".npz", ".png")
MOST = 1 << 30  # bytes of a file, and of what it unpacks to
_PREFIX = "map/"  # of the archives that `xai.to_npz` and reports write


def given_maps(
    maps: str | Path | np.ndarray | Mapping[str, np.ndarray] | Sequence[np.ndarray],
    model: Classifier,
    samples: Sequence[Sample],
    *,
    targets: Targets = None,
    method: str = GIVEN,
    unit: str = "as given",
) -> Heatmaps:
    """Anybody's maps as maps of ours, which statistics, deletion, agreement and reports take.

    Parameters
    ----------
    maps : str, pathlib.Path, ndarray, Mapping of str to ndarray, or sequence of ndarray
        Numbers (N, h, w), such by name, or N of (h, w), each of any resolution; or a file of these: NPY, NPZ, as
        `xai.to_npz` writes it, or with a map by each picture's name; or a folder with a map for each picture, NPY, NPZ
        of one array, or a grey PNG, named as the picture is. They cover the network's input edge to edge.
    model : Classifier
        What they explain.
    samples : sequence of Sample
        N pictures, in the order of the maps.
    targets : int, str, None or a sequence of them
        The classes that they explain, by index or name; None is the prediction.
    method, unit : str
        Who made them, and what a value means, for people.

    Returns
    -------
    Heatmaps
        Without a key, since no method of ours can make them again.

    Raises
    ------
    DataError, TargetError
        If a file cannot be read or is missing, or a map is not one of these pictures.

    Examples
    --------
    >>> import numpy as np
    >>> import xai_core as xai
    >>> model, digits = xai.load_model("digits"), xai.load_dataset("textured_digits")[:2]
    >>> maps = xai.given_maps([np.eye(8), np.ones((5, 5)) - np.eye(5)], model, digits)
    >>> maps["given"].shape
    (2, 64, 64)
    """
    from xai_core.inference.batches import resolve_targets
    from xai_core.inference.prediction import predict

    found = _read(Path(maps).expanduser(), samples) if isinstance(maps, str | Path) else maps
    size = model.preprocessing.size
    named = dict(found) if isinstance(found, Mapping) else {"given": _stacked(found, size)}
    said = predict(model, list(samples))
    wanted = resolve_targets(model, targets, len(samples))
    classes = np.where(wanted < 0, said.classes, wanted)
    view = model.preprocessing
    return Heatmaps.from_arrays(named, said, size, targets=classes, method=method, unit=unit, view=view)


def _stacked(maps: np.ndarray | Sequence[np.ndarray], size: tuple[int, int]) -> np.ndarray:
    """Maps of one resolution as they are; of several, each at the input's."""
    if isinstance(maps, np.ndarray):
        return maps
    every = [np.asarray(one) for one in maps]
    if any(one.ndim != 2 or one.dtype.kind not in "fiub" or not one.size for one in every):
        raise DataError(f"Maps are numbers of shape (h, w); got {', '.join(str(one.shape) for one in every[:4])}.")
    if len({one.shape for one in every}) == 1:
        return np.stack(every)
    return np.stack([_at(one.astype(np.float32), size) for one in every]) if every else np.zeros((0, 1, 1))


def _at(one: FloatArray, size: tuple[int, int]) -> FloatArray:
    """A map at a resolution: averaged where it is finer, interpolated where it is coarser."""
    fine = pool(one, (min(size[0], one.shape[0]), min(size[1], one.shape[1])))
    return upsample(fine, size)


def _read(place: Path, samples: Sequence[Sample]) -> Any:
    """Arrays from a file or a folder."""
    try:
        if place.is_dir():
            return _of_folder(place, samples)
        if len(samples) == 1 and place.suffix.lower() != ".npz":
            return [_one(place)]
        found = _arrays(place)
    except NO_PATH as error:
        if isinstance(error, DataError):
            raise
        raise DataError(f"{place.name} cannot be read as maps: {error}.") from error
    layers = {name.removeprefix(_PREFIX): one for name, one in found.items() if name.startswith(_PREFIX)}
    if layers:
        return layers
    if len(found) == 1 and next(iter(found.values())).ndim == 3:
        return next(iter(found.values()))
    if all(sample.name in found for sample in samples):
        return [found[sample.name] for sample in samples]
    several = {name: one for name, one in found.items() if one.ndim == 3}
    if several:
        return several
    missing = [sample.name for sample in samples if sample.name not in found]
    raise DataError(
        f"{place.name} holds no array (pictures, h, w), and no map named {', '.join(missing[:3])}; it holds "
        f"{', '.join(list(found)[:6])}."
    )


def _of_folder(place: Path, samples: Sequence[Sample]) -> list[np.ndarray]:
    """A map for each picture: the file of its name, with or without the folders in it."""
    files = sorted(path for path in place.rglob("*") if path.suffix.lower() in SUFFIXES)
    known: dict[str, list[Path]] = {}
    for path in files:
        inside = path.relative_to(place).with_suffix("").as_posix()
        for name in {inside, path.stem, path.relative_to(place).as_posix()}:
            known.setdefault(name, []).append(path)
    chosen = []
    for sample in samples:
        called = Path(sample.name.replace("\\", "/"))
        names = (called.as_posix(), called.with_suffix("").as_posix(), called.name, called.stem)
        there = next((known[one] for one in names if one in known), [])
        if len(there) != 1:
            what = "several maps are named like it" if there else "no map is named like it"
            raise DataError(f"{sample.name}: {what} in {place.name}, which holds {len(files)} maps.")
        chosen.append(there[0])
    return [_one(path) for path in chosen]


def _one(path: Path) -> np.ndarray:
    """The one map of a file."""
    if path.suffix.lower() == ".png":
        return _grey(path)
    arrays = list(_arrays(path).values())
    if len(arrays) != 1 or arrays[0].squeeze().ndim != 2:
        raise DataError(f"{path.name} holds {', '.join(str(one.shape) for one in arrays)} in place of one map (h, w).")
    return arrays[0].squeeze()


def _arrays(path: Path) -> dict[str, np.ndarray]:
    """The arrays of an NPY or NPZ file; nothing is unpickled."""
    with regular.opened(path) as file:
        content = file.read(MOST + 1)
    if len(content) > MOST:
        raise DataError(f"{path.name} is larger than {MOST >> 20} MB.")
    try:
        if path.suffix.lower() == ".npz":
            with zipfile.ZipFile(io.BytesIO(content)) as archive:
                if sum(member.file_size for member in archive.infolist()) > MOST:
                    raise DataError(f"{path.name} unpacks to more than {MOST >> 20} MB.")
            with np.load(io.BytesIO(content), allow_pickle=False) as read:
                return {name: read[name] for name in read.files}
        return {path.stem: np.load(io.BytesIO(content), allow_pickle=False)}
    except DataError:
        raise
    except Exception as error:  # a damaged file raises one of a dozen errors
        raise DataError(f"{path.name} cannot be read as arrays: {error}.") from error


def _grey(path: Path) -> np.ndarray:
    """A PNG with one channel, its values as they are."""
    with regular.opened(path) as file:
        content = file.read(MOST + 1)
    try:
        with Image.open(io.BytesIO(content), formats=["PNG"]) as image:
            if image.width * image.height > MOST >> 4:
                raise DataError(f"{path.name} has {image.width} x {image.height} pixels, which is too many for a map.")
            if image.mode not in ("L", "I", "I;16", "F", "1"):
                raise DataError(
                    f"{path.name} is in colour ({image.mode}). A map has one value a pixel: save it in grey."
                )
            return np.asarray(image).astype(np.float32)
    except DataError:
        raise
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError) as error:
        raise DataError(f"{path.name} cannot be read as a PNG: {error}.") from error
