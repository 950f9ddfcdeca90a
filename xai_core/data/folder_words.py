"""What folders and files are called that hold pictures, masks or splits, in any case and with words around."""

from __future__ import annotations

import re

from xai_core.data.folders import SPLITS

# Of equal meaning, the names that folders have; the first of each is what the others answer to as well.
SYNONYMS = (
    ("test", "testing", "tst", "eval", "evaluation"),
    ("val", "valid", "validation", "dev"),
    ("train", "training", "trn"),
)
SPLIT_WORDS = tuple(word for words in SYNONYMS for word in words)
_IMAGES = (
    "image images img imgs picture pictures photo photos jpegimages jpg jpeg original originals input inputs rgb "
    "frames scans slices"
)
_MASKS = (
    "mask masks gt gts groundtruth groundtruths segmentation segmentations segmentationmasks seg segs annotation "
    "annotations annot annots label labels trimap trimaps"
)
IMAGES, MASKS = frozenset(_IMAGES.split()), frozenset(_MASKS.split())
_MASK = r"masks?|seg|segm|segmentation|gt|ground[ _-]?truth|annotation|annot|labels?|trimap|matte"
_ANYWHERE = re.compile(_MASK, re.IGNORECASE)  # most names have none of them, which is soon found
_BEHIND = re.compile(rf"^(?P<stem>.+?)[ _.-]+(?P<word>{_MASK})(?:[ _-]*\(?\d+\)?)?$", re.IGNORECASE)
_BEFORE = re.compile(rf"^(?P<word>{_MASK})[ _.-]+(?P<stem>.+)$", re.IGNORECASE)


def plain(name: str) -> str:
    """A name in lower case, letters and digits alone.

    Parameters
    ----------
    name : str

    Returns
    -------
    str

    Examples
    --------
    >>> plain("Ground_Truth")
    'groundtruth'
    """
    return re.sub(r"[\W_]+", "", name.lower())


def split_word(name: str) -> str:
    """The split that a folder's name speaks of: "Train", "seg_train", "test-set"; an empty text where none or two.

    Parameters
    ----------
    name : str
        Of a folder.

    Returns
    -------
    str
        In lower case, as the name has it.

    Examples
    --------
    >>> split_word("Training"), split_word("seg_test"), split_word("trainset"), split_word("tests of cats")
    ('training', 'test', 'train', '')
    """
    parts = [part.removesuffix("set") for part in re.split(r"[^a-z]+", name.lower())]
    found = list(dict.fromkeys(part for part in parts if part in SPLIT_WORDS))
    return found[0] if len(found) == 1 else ""


def is_split_name(name: str) -> bool:
    """Whether a name is that of a split and nothing else, whatever its case."""
    return name.lower() in SPLITS


def masked_stem(stem: str) -> tuple[str, str] | None:
    """A mask's file name without its suffix as (that of its picture, the word): "x_mask_1" -> ("x", "mask").

    Parameters
    ----------
    stem : str
        Of a file, without its ending.

    Returns
    -------
    (str, str) or None
        None where no word for masks stands at either end.

    Examples
    --------
    >>> masked_stem("benign (1)_mask_1"), masked_stem("ISIC_01_segmentation"), masked_stem("gt-7"), masked_stem("cat")
    (('benign (1)', 'mask'), ('ISIC_01', 'segmentation'), ('7', 'gt'), None)
    """
    if _ANYWHERE.search(stem) and (match := _BEHIND.match(stem) or _BEFORE.match(stem)):
        return match["stem"], match["word"].lower()
    return None
