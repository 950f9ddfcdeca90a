"""Oxford-IIIT Pet as its archives lie on disk when unpacked: images/ and annotations/ with lists and trimaps."""

from __future__ import annotations

from pathlib import Path

from xai_core.data.dataset import Dataset
from xai_core.data.named_splits import chosen_split
from xai_core.data.oxford_pets import LISTS, MASKS_NOTE, SOURCE, read_split
from xai_core.data.registry import register_layout


def _base(root: Path) -> Path | None:
    return next((one for one in (root, root / SOURCE.unpacked) if _lists(one) and (one / "images").is_dir()), None)


def _lists(base: Path) -> tuple[str, ...]:
    folder = base / "annotations"
    return tuple(split for split, name in LISTS.items() if (folder / name).is_file() and (folder / "trimaps").is_dir())


def recognises(root: Path) -> bool:
    """Whether a folder is the data set's own.

    Parameters
    ----------
    root : pathlib.Path
        Of the folder.

    Returns
    -------
    bool
    """
    return _base(root) is not None


def splits(root: Path) -> tuple[str, ...]:
    """Those whose list is there."""
    base = _base(root)
    return _lists(base) if base else ()


@register_layout("pets", "Oxford-IIIT Pet's folder", recognises=recognises, splits=splits, order=14)
def load(root: Path, split: str | None = None) -> Dataset:
    """One split, each picture with its animal's mask; the border is left open (255).

    Parameters
    ----------
    root : pathlib.Path
        Of the folder.
    split : str, optional
        None takes the test split.

    Returns
    -------
    Dataset

    Raises
    ------
    DataError
        If there is no such split, or none of its pictures.
    """
    base, there = _base(root) or root, splits(root)
    chosen = chosen_split(split, there, root)
    items, missing = read_split(base, chosen)
    return Dataset(str(root), f"{root.name}/{chosen}", tuple(items), tuple(missing), notes=(MASKS_NOTE,))
