"""A corpus of folders as they lie on people's disks, each with its right labels, counts and masks."""

import re
from collections import Counter
from dataclasses import dataclass, field

import numpy as np
from PIL import Image

PICTURES = (".png", ".jpg", ".jpeg", ".JPEG", ".bmp", ".tif", ".gif")
SIDES = (12, 10)  # width and height
OBJECT = (slice(2, 7), slice(3, 9))  # of each mask: rows and columns


@dataclass(frozen=True)
class Case:
    """A folder, and what is right.

    `files` are paths; one that ends in " m" is a mask, and a pair is a path and its text, or what writes it.
    """

    name: str
    files: tuple
    labels: dict
    masks: int = 0
    skipped: tuple = ()
    splits: tuple = ()
    split: str | None = None
    options: dict = field(default_factory=dict)
    groups: dict = field(default_factory=dict)
    says: tuple = ()

    def write(self, root):
        for number, file in enumerate(self.files):
            path, text = file if isinstance(file, tuple) else (file, None)
            mask = text is None and path.endswith(" m")
            place = root / path.removesuffix(" m")
            place.parent.mkdir(parents=True, exist_ok=True)
            if callable(text):
                text(place)
            elif text is not None:
                place.write_text(text, encoding="utf-8")
            elif place.suffix in PICTURES:
                _picture(place, number, mask)
            else:
                place.write_bytes(b"no picture")
        return root


def _picture(place, number, mask):
    if mask:
        values = np.zeros(SIDES[::-1], np.uint8)
        values[OBJECT] = 255
        Image.fromarray(values).save(place)
    else:
        Image.fromarray(np.random.default_rng(number).integers(0, 256, (*SIDES[::-1], 3), dtype=np.uint8)).save(place)


def of(pattern, *values):
    """Paths from a pattern with {} in it."""
    return tuple(pattern.format(value) for value in values)


def _busi(label, count):
    pictures = of(f"{label}/{label} ({{}}).png", *range(1, count + 1))
    return (*pictures, *(f"{path[:-4]}_mask.png m" for path in pictures), f"{label}/{label} (1)_mask_1.png m")


CASES = (
    Case("class folders", ("cat/1.jpg", "cat/2.jpg", "dog/1.jpg"), {"cat": 2, "dog": 1}),
    Case("flat", ("1.jpg", "2.png", "notes.txt"), {None: 2}, skipped=("notes.txt",)),
    Case(
        "splits",
        ("train/cat/1.jpg", "test/cat/2.jpg", "test/dog/3.jpg"),
        {"cat": 1, "dog": 1},
        splits=("test", "train"),
    ),
    Case(
        "splits in capitals",
        ("Train/cat/1.jpg", "Test/cat/2.jpg", "Validation/dog/3.jpg"),
        {"cat": 1},
        splits=("test", "validation", "train"),
        says=("Splits: test is Test/, validation is Validation/, train is Train/.",),
    ),
    Case(
        "a split by a synonym",
        ("TRAINING/cat/1.jpg", "TRAINING/dog/1.jpg", "TESTING/cat/2.jpg"),
        {"cat": 1, "dog": 1},
        splits=("testing", "training"),
        split="train",
    ),
    Case(
        "Intel scenes",
        (
            *of("seg_train/seg_train/{}/1.jpg", "buildings", "forest"),
            *of("seg_test/seg_test/{}/1.jpg", "buildings", "forest", "sea"),
            *of("seg_pred/seg_pred/{}.jpg", 1, 2),
        ),
        {"buildings": 1, "forest": 1, "sea": 1},
        splits=("test", "train"),
        skipped=("seg_pred/",),
        says=("The pictures lie in seg_test/seg_test/.",),
    ),
    Case(
        "Intel's training part by itself",
        of("seg_train/seg_train/{}/1.jpg", "buildings", "forest"),
        {"buildings": 1, "forest": 1},
        splits=("train",),
    ),
    Case(
        "an archive within folders",
        of("archive/PetImages/{}.jpg", "Cat/1", "Cat/2", "Dog/1"),
        {"Cat": 2, "Dog": 1},
        says=("The pictures lie in archive/PetImages/.",),
    ),
    Case(
        "rubbish beside splits",
        (
            "train/cat/1.jpg",
            "test/cat/2.jpg",
            "__MACOSX/train/cat/._1.jpg",
            "__MACOSX/1.jpg",
            ".ipynb_checkpoints/a.jpg",
        ),
        {"cat": 1},
        splits=("test", "train"),
        skipped=("__MACOSX",),
    ),
    Case(
        "rubbish in class folders",
        ("cat/1.jpg", "cat/Thumbs.db", "cat/.DS_Store", "dog/2.jpg", "dog/desktop.ini", "@eaDir/1.jpg"),
        {"cat": 1, "dog": 1},
        skipped=("cat/Thumbs.db", "dog/desktop.ini", "@eaDir"),
    ),
    Case(
        "a class called train beside others",
        ("train/1.jpg", "bus/1.jpg", "car/1.jpg"),
        {"bus": 1, "car": 1, "train": 1},
    ),
    Case(
        "sub-classes joined",
        ("cat/1.jpg", "cat/siamese/2.jpg", "cat/persian/3.jpg", "dog/poodle/4.jpg"),
        {"cat": 3, "dog": 1},
        says=("3 pictures lie in folders within folders, such as cat/persian/: they are of the outer folder's class.",),
    ),
    Case(
        "sub-classes kept",
        ("cat/1.jpg", "cat/siamese/2.jpg", "cat/persian/3.jpg", "dog/poodle/4.jpg"),
        {"cat": 1, "cat/siamese": 1, "cat/persian": 1, "dog/poodle": 1},
        options={"subfolders": "kept"},
    ),
    Case(
        "folds above classes",
        of("fold{}/cat/1.jpg", 1, 2, 3) + of("fold{}/dog/1.jpg", 1, 2),
        {"cat": 3, "dog": 2},
        options={"subfolders": "inner"},
    ),
    Case(
        "patients within classes",
        ("benign/p1/1.png", "benign/p1/2.png", "benign/p2/1.png", "malignant/p3/1.png"),
        {"benign": 3, "malignant": 1},
        options={"subfolders": "groups"},
        groups={"p1": 2, "p2": 1, "p3": 1},
    ),
    Case(
        "classes within patients",
        ("p1/benign/1.png", "p1/malignant/2.png", "p2/benign/1.png"),
        {"benign": 2, "malignant": 1},
        options={"subfolders": "outer_groups"},
        groups={"p1": 2, "p2": 1},
    ),
    Case(
        "BUSI",
        tuple(
            f"Dataset_BUSI_with_GT/{file}" for label in ("benign", "malignant", "normal") for file in _busi(label, 3)
        ),
        {"benign": 3, "malignant": 3, "normal": 3},
        masks=9,
        says=("9 of 9 pictures have a mask, by the suffix mask; 3 from several files.",),
    ),
    Case(
        "BUSI with its masks taken for pictures",
        _busi("benign", 2) + _busi("normal", 1),
        {"benign": 5, "normal": 3},
        options={"mask_files": "pictures"},
    ),
    Case(
        "a mask without its picture",
        ("cat/1.png", "cat/1_seg.png m", "cat/2_seg.png m", "dog/3.png"),
        {"cat": 1, "dog": 1},
        masks=1,
        skipped=("cat/2_seg.png",),
    ),
    Case(
        "pictures whose names speak of masks",
        (*of("with_mask/with_mask_{}.jpg", 1, 2), "none/1.jpg"),
        {"with mask": 2, "none": 1},
    ),
    Case("face masks", ("mask/1.jpg", "mask/2.jpg", "no_mask/1.jpg", "no_mask/2.jpg"), {"mask": 2, "no mask": 2}),
    Case(
        "suffixes of every kind, flat",
        (
            "a.jpg",
            "a_segmentation.png m",
            "b.jpg",
            "b-mask.png m",
            "c.jpg",
            "c_GT.png m",
            "d.jpg",
            "mask_d.png m",
            "e.jpg",
        ),
        {None: 5},
        masks=4,
    ),
    Case(
        "images and masks in each split",
        tuple(
            f"{s}/{kind}/{i}.png{' m' if kind == 'masks' else ''}"
            for s in ("train", "val")
            for kind in ("images", "masks")
            for i in (1, 2)
        ),
        {None: 2},
        masks=2,
        splits=("val", "train"),
    ),
    Case(
        "splits in images and masks",
        ("images/train/1.jpg", "images/val/2.jpg", "masks/train/1.png m", "masks/val/2.png m"),
        {None: 1},
        masks=1,
        splits=("val", "train"),
    ),
    Case(
        "splits and classes in images and masks",
        (
            "img/train/cat/1.jpg",
            "img/val/dog/1.jpg",
            "gt/train/cat/1.png m",
            "gt/val/dog/1.png m",
            "gt/val/dog/2.png m",
        ),
        {"cat": 1},
        masks=1,
        splits=("val", "train"),
        split="train",
        skipped=("gt/val/dog/2.png",),
    ),
    Case(
        "Images and GroundTruth",
        ("Images/1.jpg", "Images/2.jpg", "GroundTruth/1.png m", "GroundTruth/2.png m", "GroundTruth/3.png m"),
        {None: 2},
        masks=2,
        skipped=("GroundTruth/3.png",),
    ),
    Case(
        "images and labels that are pictures",
        ("images/1.jpg", "images/2.jpg", "labels/1.png m", "labels/2.png m"),
        {None: 2},
        masks=2,
    ),
    Case(
        "images and masks in each class",
        tuple(
            f"{c}/{kind}/{c}-{i}.png{m}"
            for c in ("COVID", "Normal")
            for kind, m in (("images", ""), ("masks", " m"))
            for i in (1, 2)
        ),
        {"COVID": 2, "Normal": 2},
        masks=4,
    ),
    Case(
        "masks in a folder with class folders",
        ("cat/1.jpg", "dog/1.jpg", "masks/cat/1.png m", "masks/dog/1.png m"),
        {"cat": 1, "dog": 1},
        masks=2,
    ),
    Case("one folder of images", ("images/1.jpg", "images/2.jpg", "README.md"), {None: 2}),
    Case(
        "boxes of another program beside images",
        ("set/images/1.jpg", "set/images/2.jpg", "set/Annotations/1.xml", "set/Annotations/2.xml"),
        {None: 2},
        skipped=("Annotations/",),
    ),
    Case("WordNet ids", ("n02123045_tabby/1.JPEG", "n02690373/2.JPEG"), {"tabby": 1, "n02690373": 1}),
    Case(
        "class folders with images within",
        ("train/n02123045/images/1.JPEG", "train/n02690373/images/2.JPEG"),
        {"n02123045": 1, "n02690373": 1},
        splits=("train",),
    ),
    Case(
        "scripts of many countries",
        ("猫/1.jpg", "собака/2.jpg", "HER2+/3.jpg", "C++/4.jpg"),
        {"猫": 1, "собака": 1, "HER2+": 1, "C++": 1},
    ),
)


def counted(dataset):
    """Label -> how many pictures have it."""
    return dict(Counter(item.label for item in dataset.items))


_SEVERAL = (
    "pictures|files|masks|labels|classes|groups|folders|pages|objects|notes|layers|tables|columns|cells|frames|bands|"
    "epochs|are|were|have"
)
_ONE_OF_SEVERAL = re.compile(
    rf"(?<![\w.,])1 (?:{_SEVERAL})\b|(?<![\w.,])1 of [\d,]+ \w+ (?:are|have|were|say|belong)\b(?= |$)"
)


def wrongly_counted(text):
    """Where a text puts one thing in the plural, such as "1 pictures"."""
    return _ONE_OF_SEVERAL.findall(text)
