"""Textured digits: scikit-learn's handwritten digits drawn over scikit-image's textures and photos, with masks.

Everything about a picture follows from (seed, split, redraw, index), so the set is the same everywhere. In the
training and validation splits the background can be tied to the class; the test split never is, so a model that
learned the background instead of the digit is found out there.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, partial

import numpy as np
from PIL import Image

from xai_core.data.bundled import package_folder
from xai_core.data.dataset import Dataset, Item
from xai_core.data.registry import register_dataset
from xai_core.errors import DataError
from xai_core.types import ByteArray, IntArray, Sample, content_id

KEY, TITLE = "textured_digits", "Textured digits"
SHORTCUT_KEY, SHORTCUT_TITLE = "textured_digits_shortcut", "Textured digits (shortcut)"
STRENGTH = 0.95  # of the shortcut, where a data set's name is all that is asked for
SPLITS = ("test", "val", "train")
MODELS = ("digits", "digits_shortcut", "digits_25", "digits_50", "digits_75")  # that come along and know digits
SIDE = 64
CLASS_NAMES = tuple("0123456789")
# The background of class c, where it is tied, is the c-th of these.
BACKGROUNDS = (
    "brick.png",
    "grass.png",
    "gravel.png",
    "coins.png",
    "hubble_deep_field.jpg",
    "ihc.png",
    "retina.jpg",
    "motorcycle_left.png",
    "coffee.png",
    "chelsea.png",
)
_BACKGROUND_SIDE = 200  # shorter side, so that a crop of 64 shows what it is cut from
_HELD_OUT = {"test": 30, "val": 20}  # digits of each class; the other 1,297 are for training


@cache
def _backgrounds() -> tuple[ByteArray, ...]:
    """The ten backgrounds, uint8 (h, w, 3), shorter side 200."""
    pictures = []
    for name in BACKGROUNDS:
        with Image.open(package_folder("skimage") / "data" / name) as image:
            scale = _BACKGROUND_SIDE / min(image.size)
            size = (round(image.width * scale), round(image.height * scale))
            pictures.append(np.asarray(image.convert("RGB").resize(size, Image.Resampling.BOX)))
    return tuple(pictures)


@cache
def _digits() -> tuple[ByteArray, IntArray, dict[str, IntArray]]:
    """Ink uint8 (1797, 8, 8), classes (1797,) and the digits of each split, the same for every seed."""
    # The file itself: importing scikit-learn for it takes seconds.
    table = np.loadtxt(package_folder("sklearn") / "datasets" / "data" / "digits.csv.gz", delimiter=",")
    ink = np.rint(table[:, :-1].reshape(-1, 8, 8) * (255 / 16)).astype(np.uint8)
    classes = table[:, -1].astype(np.int64)
    order = np.random.default_rng(1797).permutation(len(classes))
    splits: dict[str, list[IntArray]] = {name: [] for name in SPLITS}
    for digit in range(10):
        members = order[classes[order] == digit]
        test, val = _HELD_OUT["test"], _HELD_OUT["test"] + _HELD_OUT["val"]
        for name, part in (("test", members[:test]), ("val", members[test:val]), ("train", members[val:])):
            splits[name].append(part)
    return ink, classes, {name: np.sort(np.concatenate(parts)) for name, parts in splits.items()}


@dataclass(frozen=True)
class _Draw:
    """What settles how a picture is drawn, apart from its digit."""

    split: str
    shortcut: float
    seed: int
    redraw: int

    def picture(self, index: int) -> tuple[ByteArray, ByteArray]:
        """Pixels uint8 (64, 64, 3) and mask uint8 (64, 64), 1 wherever there is ink, of one digit."""
        ink, classes, _ = _digits()
        rng = np.random.default_rng((self.seed, SPLITS.index(self.split), self.redraw, index))
        u = rng.random(12)
        tied = u[0] < self.shortcut
        texture = _backgrounds()[int(classes[index]) if tied else int(u[1] * len(BACKGROUNDS))]
        top, left = (int(u[2 + axis] * (texture.shape[axis] - SIDE + 1)) for axis in (0, 1))
        pixels = texture[top : top + SIDE, left : left + SIDE].copy()
        if u[4] < 0.5:
            pixels = pixels[:, ::-1].copy()
        size = 30 + int(u[5] * 23)
        y, x = int(u[6] * (SIDE - size + 1)), int(u[7] * (SIDE - size + 1))
        stroke = np.asarray(Image.fromarray(ink[index]).resize((size, size), Image.Resampling.BICUBIC))
        cover = np.clip(stroke.astype(np.int32) - 92, 0, 64)  # of 64
        patch = pixels[y : y + size, x : x + size]
        # Light ink on dark ground and dark ink on light, or the digit could not be read.
        base = 186 if int(patch.sum()) < 118 * patch.size else 0
        colour = base + (u[8:11] * 70).astype(np.int32)
        patch[:] = (patch * (64 - cover[..., None]) + colour * cover[..., None] + 32) // 64
        mask = np.zeros((SIDE, SIDE), np.uint8)
        mask[y : y + size, x : x + size] = cover > 0
        return pixels, mask

    def sample(self, index: int) -> Sample:
        pixels, mask = self.picture(index)
        label = CLASS_NAMES[_digits()[1][index]]
        return Sample(content_id(pixels, mask), pixels, label, None, mask, self.name(index))

    def name(self, index: int) -> str:
        return f"{CLASS_NAMES[_digits()[1][index]]}-{index:04d}"


def textured_digits(split: str = "test", *, shortcut: float = 0.0, seed: int = 0, redraw: int = 0) -> Dataset:
    """Handwritten digits at a random place and size over real textures and photos, 64 x 64, with exact masks.

    A digit belongs to one split, whatever the seed: 300 to test, 200 to val, 1,297 to train, thirty and twenty of
    each class held out. The mask is 1 wherever there is ink; every other pixel is the background's own.

    Parameters
    ----------
    split : "test", "val" or "train"
    shortcut : float
        In [0, 1], the share of pictures whose background is that of their class; the others draw theirs from
        all ten. The test split draws from all ten whatever the shortcut: the same pictures for every strength.
    seed : int
        Of place, size, ink and background, from 0.
    redraw : int
        Number of the drawing, from 0; the same digits drawn anew, for training.

    Returns
    -------
    Dataset

    Raises
    ------
    DataError
        If the split is unknown, or the shortcut, seed or redraw out of range.

    References
    ----------
    Digits: E. Alpaydin, C. Kaynak, Optical Recognition of Handwritten Digits, as scikit-learn carries them.

    Examples
    --------
    >>> import xai_core as xai
    >>> digit = xai.textured_digits("test", shortcut=0.95)[0]
    >>> digit.label, digit.mask.shape
    ('4', (64, 64))
    """
    if split not in SPLITS:
        raise DataError(f"{TITLE} has no split {split!r}. Choose one of: {', '.join(SPLITS)}.")
    if not 0 <= shortcut <= 1:
        raise DataError(f"The shortcut's strength lies between 0 and 1; got {shortcut}.")
    if seed < 0 or redraw < 0:
        raise DataError(f"Seed and redraw are whole numbers from 0; got {seed} and {redraw}.")
    draw = _Draw(split, float(shortcut) if split != "test" else 0.0, seed, redraw)
    classes = _digits()[1]
    items = (
        Item(draw.name(int(i)), CLASS_NAMES[classes[i]], partial(draw.sample, int(i)), repr(draw))
        for i in _digits()[2][split]
    )
    key = KEY if not shortcut else SHORTCUT_KEY if shortcut == STRENGTH else f"{KEY} with shortcut {shortcut:g}"
    note = "Pictures and masks are drawn, not read from files: a mask is the digit's own pixels."
    return Dataset(key, SHORTCUT_TITLE if shortcut else TITLE, tuple(items), notes=(note,))


@register_dataset(KEY, TITLE, splits=SPLITS, models=MODELS, order=10)
def _honest(split: str | None) -> Dataset:
    return textured_digits(split or SPLITS[0])


@register_dataset(SHORTCUT_KEY, SHORTCUT_TITLE, splits=SPLITS, models=(MODELS[1], MODELS[0], *MODELS[2:]), order=11)
def _tied(split: str | None) -> Dataset:
    return textured_digits(split or SPLITS[0], shortcut=STRENGTH)
