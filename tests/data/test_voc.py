"""Pascal VOC's layout: an item for each picture and class, its mask to the pixel, and all that may be missing."""

import io
import os

import numpy as np
import pytest
from PIL import Image

import xai_core as xai
from xai_core.data import Problem, voc
from xai_core.errors import DataError, PictureError
from xai_core.types import content_id

DOG, PERSON, VOID = 12, 15, 255
# VOC's palette as published with the devkit, index 0 to 20.
COLOURS = [
    (0, 0, 0),
    (128, 0, 0),
    (0, 128, 0),
    (128, 128, 0),
    (0, 0, 128),
    (128, 0, 128),
    (0, 128, 128),
    (128, 128, 128),
    (64, 0, 0),
    (192, 0, 0),
    (64, 128, 0),
    (192, 128, 0),
    (64, 0, 128),
    (192, 0, 128),
    (64, 128, 128),
    (192, 128, 128),
    (0, 64, 0),
    (128, 64, 0),
    (0, 192, 0),
    (128, 192, 0),
    (0, 64, 128),
]
BORDER = (224, 224, 192)
CLASSES = (
    "aeroplane",
    "bicycle",
    "bird",
    "boat",
    "bottle",
    "bus",
    "car",
    "cat",
    "chair",
    "cow",
    "dining table",
    "dog",
    "horse",
    "motorbike",
    "person",
    "potted plant",
    "sheep",
    "sofa",
    "train",
    "tv monitor",
)
BOTH = np.array([[0, DOG, DOG, VOID], [0, 0, VOID, PERSON], [PERSON, VOID, 0, 0]], np.uint8)
ONE = np.array([[7, 7, 0, 0], [0, 0, 0, 0], [0, 0, 0, 0]], np.uint8)


def palette():
    colours = [*COLOURS, *([(9, 9, 9)] * (255 - len(COLOURS))), BORDER]
    return [part for colour in colours for part in colour]


def indexed(values, colours=None):
    image = Image.fromarray(np.asarray(values, np.uint8))
    indices = Image.frombytes("P", image.size, image.tobytes())
    indices.putpalette(colours or palette())
    return indices


def in_colours(values):
    lookup = np.zeros((256, 3), np.uint8)
    lookup[: len(COLOURS)] = COLOURS
    lookup[VOID] = BORDER
    return Image.fromarray(lookup[np.asarray(values)])


def png(image):
    buffer = io.BytesIO()
    image.save(buffer, "PNG")
    return buffer.getvalue()


def put(base, stem, mask=None, picture=(4, 3)):
    """A picture of its own grey, and its mask: an image, an array of indices, or bytes."""
    for folder in ("JPEGImages", "SegmentationClass", "ImageSets/Segmentation"):
        (base / folder).mkdir(parents=True, exist_ok=True)
    if picture is not None:
        Image.new("RGB", picture, (int(stem[-2:]),) * 3).save(base / "JPEGImages" / f"{stem}.jpg", quality=100)
    path = base / "SegmentationClass" / f"{stem}.png"
    if isinstance(mask, bytes):
        path.write_bytes(mask)
    elif mask is not None:
        (mask if isinstance(mask, Image.Image) else indexed(mask)).save(path)


def lists(base, **names):
    for split, stems in names.items():
        path = base / "ImageSets" / "Segmentation" / f"{split}.txt"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("".join(f"{stem}\n" for stem in stems))


def build(root, year="VOC2012"):
    """Validation: a dog with a person, and a car. Training: the car."""
    base = root / year
    put(base, "2007_000042", BOTH)
    put(base, "2007_000033", ONE)
    lists(base, val=["2007_000042", "2007_000033"], train=["2007_000033"], trainval=["2007_000033", "2007_000042"])
    return base


def one(tmp_path, mask, **options):
    """The data set of one picture with that mask."""
    base = tmp_path / "VOC2012"
    put(base, "a01", mask, **options)
    lists(base, val=["a01"])
    return voc.load(base)


def test_a_picture_gives_an_item_for_each_class_in_its_mask(tmp_path):
    build(tmp_path)
    dataset = xai.load_dataset(tmp_path)
    assert [(item.name, item.label) for item in dataset.items] == [
        ("2007_000042 dog", "dog"),
        ("2007_000042 person", "person"),
        ("2007_000033 car", "car"),
    ]
    assert (dataset.key, dataset.title, dataset.skipped) == (str(tmp_path), "VOC2012/val", ())
    sample = dataset[1]
    assert (sample.name, sample.label, sample.wnid, sample.notes) == ("2007_000042 person", "person", None, ())
    assert (sample.pixels.shape, sample.pixels[0, 0].tolist()) == ((3, 4, 3), [42, 42, 42])


def test_entries_of_one_photo_belong_together(tmp_path):
    """Else tests would count a photo once for each of its classes."""
    base = build(tmp_path)
    photos = xai.load_dataset(tmp_path)
    assert photos.groups == ("2007_000042", "2007_000042", "2007_000033")
    assert [one.group for one in photos] == list(photos.groups)
    lists(base, val=["2007_000033"])
    assert xai.load_dataset(tmp_path).groups == ()  # nothing to say where no photo has several


def test_the_mask_is_the_items_class_and_open_at_the_border(tmp_path):
    build(tmp_path)
    dog, person, car = xai.load_dataset(tmp_path)
    assert dog.mask.dtype == np.uint8
    np.testing.assert_array_equal(dog.mask, [[0, 1, 1, 255], [0, 0, 255, 0], [0, 255, 0, 0]])
    np.testing.assert_array_equal(person.mask, [[0, 0, 0, 255], [0, 0, 255, 1], [1, 255, 0, 0]])
    np.testing.assert_array_equal(car.mask, [[1, 1, 0, 0], [0, 0, 0, 0], [0, 0, 0, 0]])
    assert [sample.id for sample in (dog, person)] == [content_id(s.pixels, s.mask) for s in (dog, person)]


def test_other_classes_can_be_ignored_instead(tmp_path):
    build(tmp_path)
    background = xai.load_dataset(tmp_path, others="background")
    ignored = xai.load_dataset(tmp_path, others="ignore")
    np.testing.assert_array_equal(ignored[0].mask, [[0, 1, 1, 255], [0, 0, 255, 255], [255, 255, 0, 0]])
    np.testing.assert_array_equal(ignored[1].mask, [[0, 255, 255, 255], [0, 0, 255, 1], [1, 255, 0, 0]])
    np.testing.assert_array_equal(ignored[2].mask, background[2].mask)
    assert all(a.stamp != b.stamp for a, b in zip(background.items, ignored.items, strict=True))  # for caches
    assert [item.stamp for item in background.items] == [item.stamp for item in xai.load_dataset(tmp_path).items]


def test_what_becomes_of_other_classes_is_one_of_two(tmp_path):
    build(tmp_path)
    with pytest.raises(DataError) as caught:
        xai.load_dataset(tmp_path, others="drop")
    assert str(caught.value) == "others must be one of 'background', 'ignore', got 'drop'."


def test_all_twenty_classes_have_their_index_and_name(tmp_path):
    dataset = one(tmp_path, np.arange(21).reshape(3, 7), picture=(7, 3))
    assert dataset.labels == CLASSES
    for index, sample in enumerate(dataset, start=1):
        assert np.argwhere(sample.mask == 1).tolist() == [[index // 7, index % 7]]
        assert set(np.unique(sample.mask)) == {0, 1}


def test_labels_and_limit_choose_among_the_items(tmp_path):
    build(tmp_path)
    assert [item.name for item in xai.load_dataset(tmp_path, labels="person").items] == ["2007_000042 person"]
    assert len(xai.load_dataset(tmp_path, limit=2)) == 2


def test_a_year_is_loaded_as_its_devkit_is(tmp_path):
    base = build(tmp_path)
    whole, year = xai.load_dataset(tmp_path), xai.load_dataset(base)
    assert [item.name for item in year.items] == [item.name for item in whole.items]
    assert (year.key, year.title) == (str(base), "VOC2012/val")


def test_of_several_years_the_latest_is_loaded_and_the_others_are_named(tmp_path):
    build(tmp_path, "VOC2012")
    older = build(tmp_path, "VOC2007")
    (tmp_path / "VOC2012" / "JPEGImages" / "2007_000033.jpg").unlink()
    dataset = xai.load_dataset(tmp_path)
    assert dataset.title == "VOC2012/val"
    assert dataset.skipped[0] == Problem("VOC2007", f"Another year: choose {older} to see it.")
    assert len(dataset.skipped) == 2
    assert xai.load_dataset(older).skipped == ()


def test_splits_are_read_from_their_lists(tmp_path):
    base = build(tmp_path)
    assert xai.list_splits(tmp_path) == xai.list_splits(base) == ("val", "train", "trainval")
    training = xai.load_dataset(tmp_path, split="train")
    assert ([item.name for item in training.items], training.title) == (["2007_000033 car"], "VOC2012/train")
    names = [item.name for item in xai.load_dataset(tmp_path, split="trainval").items]
    assert names == ["2007_000033 car", "2007_000042 dog", "2007_000042 person"]


def test_a_list_may_have_blank_and_doubled_lines(tmp_path):
    base = build(tmp_path)
    lists(base, val=["2007_000033 1", "", "2007_000033", "  "])
    assert [item.name for item in voc.load(base).items] == ["2007_000033 car"]


def test_an_empty_list_is_no_split(tmp_path):
    base = build(tmp_path)
    lists(base, val=[])
    assert xai.list_splits(tmp_path) == ("train", "trainval")
    assert xai.load_dataset(tmp_path).title == "VOC2012/train"
    with pytest.raises(DataError) as caught:
        xai.load_dataset(tmp_path, split="val")
    path = base / "ImageSets" / "Segmentation" / "val.txt"
    assert str(caught.value) == f"{path} lists no picture that is there with a mask of VOC's classes."


@pytest.mark.parametrize(("split", "left"), [("val", "train, trainval"), ("test", "val, train, trainval")])
def test_a_list_that_is_missing_is_named(tmp_path, split, left):
    base = build(tmp_path)
    path = base / "ImageSets" / "Segmentation" / f"{split}.txt"
    path.unlink(missing_ok=True)
    with pytest.raises(DataError) as caught:
        xai.load_dataset(tmp_path, split=split)
    expected = f"{base} has no split {split!r}: {path} is not there, and it would list the pictures. It has: {left}."
    assert str(caught.value) == expected


def test_without_any_list_the_one_for_validation_is_expected(tmp_path):
    base = build(tmp_path)
    for name in ("val", "train", "trainval"):
        (base / "ImageSets" / "Segmentation" / f"{name}.txt").unlink()
    with pytest.raises(DataError) as caught:
        xai.load_dataset(tmp_path)
    assert f"{base / 'ImageSets' / 'Segmentation' / 'val.txt'} is not there" in str(caught.value)
    assert str(caught.value).endswith("It has: none.")
    assert xai.list_splits(tmp_path) == ()


def test_a_split_of_another_name_is_refused_even_if_there_is_such_a_file(tmp_path):
    base = build(tmp_path)
    lists(base, dogs=["2007_000042"])
    with pytest.raises(DataError, match=r"has no split 'dogs'.*It has: val, train, trainval\.$"):
        xai.load_dataset(tmp_path, split="dogs")


def test_a_list_that_is_no_text_is_refused(tmp_path):
    base = build(tmp_path)
    path = base / "ImageSets" / "Segmentation" / "val.txt"
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(DataError) as caught:
        xai.load_dataset(tmp_path)
    assert str(caught.value) == f"{path} cannot be read, and it lists the pictures of the split 'val'."


def test_a_devkit_without_masks_says_what_is_expected(tmp_path):
    base = tmp_path / "VOC2007"
    put(base, "a01")
    (base / "SegmentationClass").rmdir()
    with pytest.raises(DataError) as caught:
        xai.load_dataset(tmp_path)
    assert str(caught.value) == (
        f"{base / 'SegmentationClass'} is not there, and only VOC's segmentation part is read here. "
        f"For the pictures alone, choose {base / 'JPEGImages'}."
    )
    assert len(xai.load_dataset(base / "JPEGImages")) == 1


def test_the_layout_is_recognised_by_its_folders(tmp_path):
    assert not voc.recognises(tmp_path)
    (tmp_path / "JPEGImages").mkdir()
    assert not voc.recognises(tmp_path)  # a class that somebody calls so
    (tmp_path / "SegmentationClass").mkdir()
    assert voc.recognises(tmp_path)
    (tmp_path / "other" / "VOC2009" / "JPEGImages").mkdir(parents=True)
    (tmp_path / "other" / "VOC2009" / "ImageSets").mkdir()
    assert voc.recognises(tmp_path / "other")
    (tmp_path / "other" / "VOC2009").rename(tmp_path / "other" / "mine")
    assert not voc.recognises(tmp_path / "other")


def test_pictures_and_masks_that_are_missing_are_reported(tmp_path):
    base = build(tmp_path)
    put(base, "b01", ONE, picture=None)
    put(base, "b02", None)
    lists(base, val=["b01", "2007_000042", "b02", "b03"])
    dataset = voc.load(base)
    assert [item.label for item in dataset.items] == ["dog", "person"]
    assert dataset.skipped == (
        Problem("b01", "Listed in val.txt, but JPEGImages/b01.jpg is not there."),
        Problem("b02", "Listed in val.txt, but SegmentationClass/b02.png is not there."),
        Problem("b03", "Listed in val.txt, but JPEGImages/b03.jpg and SegmentationClass/b03.png are not there."),
    )


def test_pictures_that_no_list_names_are_none_of_its_business(tmp_path):
    base = build(tmp_path)
    put(base, "c01")  # most of VOC's pictures have no mask
    assert voc.load(base).skipped == ()


@pytest.mark.parametrize(
    ("mask", "reason"),
    [
        (b"", "is empty (0 bytes)."),
        (png(in_colours(np.tile(BOTH, (40, 40))))[:200], "is damaged or cut off and cannot be decoded."),
        (np.zeros((3, 4)), "holds none of VOC's 20 classes."),
        (np.full((3, 4), VOID), "holds none of VOC's 20 classes."),
        (np.full((3, 4), 21), "holds the value 21, but VOC's are 0 to 20, and 255."),
        (Image.new("RGB", (4, 3), (1, 2, 3)), "holds the colour #010203, which is not in VOC's palette."),
    ],
)
def test_masks_without_a_class_are_reported(tmp_path, mask, reason):
    base = build(tmp_path)
    put(base, "b01", mask)
    lists(base, val=["b01", "2007_000042"])
    dataset = voc.load(base)
    assert dataset.skipped == (Problem("b01", f"SegmentationClass/b01.png {reason}"),)
    assert len(dataset) == 2


def sorted_anew():
    """The colours of BOTH, found at other indices: what PNG optimisers make of a palette."""
    order = [PERSON, VOID, 0, DOG]
    colours = {**dict(enumerate(COLOURS)), VOID: BORDER}
    values = np.select([value == BOTH for value in order], range(4))
    return indexed(values, [part for index in order for part in colours[index]])


@pytest.mark.parametrize(
    "mask",
    [
        indexed(BOTH),
        indexed(BOTH, [value for index in range(256) for value in (index,) * 3]),
        indexed(BOTH, [0, 0, 0] * 256),
        Image.fromarray(BOTH),
        in_colours(BOTH),
        in_colours(BOTH).convert("RGBA"),
        sorted_anew(),
    ],
    ids=["VOC's palette", "grey palette", "black palette", "grey", "RGB", "RGBA", "sorted palette"],
)
def test_every_way_of_storing_the_same_mask_is_understood(tmp_path, mask):
    dog, person = one(tmp_path, mask)
    assert (dog.label, person.label) == ("dog", "person")
    np.testing.assert_array_equal(dog.mask, [[0, 1, 1, 255], [0, 0, 255, 0], [0, 255, 0, 0]])
    np.testing.assert_array_equal(person.mask, [[0, 0, 0, 255], [0, 0, 255, 1], [1, 255, 0, 0]])


@pytest.mark.parametrize("index", range(1, 21))
def test_the_colours_of_all_classes_are_mapped_back(tmp_path, index):
    values = np.array([[0, index, VOID]], np.uint8)
    [sample] = one(tmp_path, in_colours(values), picture=(3, 1))
    assert (sample.label, sample.mask.tolist()) == (CLASSES[index - 1], [[0, 1, 255]])


def test_a_mask_of_another_size_is_left_out_and_the_note_says_so(tmp_path):
    dog, _ = one(tmp_path, BOTH, picture=(8, 6))
    assert dog.mask is None
    assert dog.notes == ("no mask: SegmentationClass/a01.png has 4 x 3 pixels, the picture 8 x 6.",)
    assert dog.id == content_id(dog.pixels)


@pytest.mark.parametrize(
    ("orientation", "turned"),
    [
        (2, BOTH[:, ::-1]),
        (3, BOTH[::-1, ::-1]),
        (4, BOTH[::-1]),
        (5, BOTH.T),
        (6, BOTH.T[:, ::-1]),
        (7, BOTH.T[::-1, ::-1]),
        (8, BOTH.T[::-1]),
    ],
)
def test_a_mask_is_turned_as_its_picture_is(tmp_path, orientation, turned):
    base = build(tmp_path)
    exif = Image.Exif()
    exif[0x0112] = orientation
    Image.new("RGB", (4, 3)).save(base / "JPEGImages" / "2007_000042.jpg", exif=exif)
    [dog] = xai.load_dataset(tmp_path, labels="dog")
    assert dog.notes == ("turned upright as its EXIF says",)
    np.testing.assert_array_equal(dog.mask, np.select([turned == DOG, turned == VOID], [1, 255]))


def test_listing_decodes_no_picture(tmp_path):
    base = build(tmp_path)
    (base / "JPEGImages" / "2007_000033.jpg").write_bytes(b"\xff\xd8 no picture")
    dataset = voc.load(base)
    assert [item.label for item in dataset.items] == ["dog", "person", "car"]
    with pytest.raises(PictureError, match=r"^2007_000033 car is"):
        dataset[2]
    assert [problem.name for problem in dataset.read()[1]] == ["2007_000033 car"]


def test_a_mask_that_goes_away_after_listing_leaves_the_picture_without_one(tmp_path):
    base = build(tmp_path)
    dataset = voc.load(base)
    (base / "SegmentationClass" / "2007_000033.png").unlink()
    sample = dataset[2]
    assert (sample.label, sample.mask) == ("car", None)
    assert sample.notes == ("no mask: SegmentationClass/2007_000033.png cannot be opened: No such file or directory.",)


def test_masks_are_listed_once_until_they_change(tmp_path, monkeypatch):
    base = build(tmp_path)
    first = voc.load(base)
    read = []
    original = voc.read_mask_file
    monkeypatch.setattr(voc, "read_mask_file", lambda path, name: read.append(path.name) or original(path, name))
    assert [item.stamp for item in voc.load(base).items] == [item.stamp for item in first.items]
    assert read == []
    mask = base / "SegmentationClass" / "2007_000033.png"
    indexed(np.where(ONE == 7, 8, 0)).save(mask)
    os.utime(mask, ns=(1, 1))
    again = voc.load(base)
    assert (read, again.items[2].label) == (["2007_000033.png"], "cat")
    assert again.items[2].stamp != first.items[2].stamp


def test_the_real_layout(shared_data):
    root = shared_data / "VOCdevkit"
    if not root.is_dir():
        pytest.skip(f"needs a VOCdevkit in {root}, which is not there")
    dataset = xai.load_dataset(root)
    assert (len(dataset), dataset.skipped, dataset.title) == (129, (), "VOC2012/val")
    assert xai.list_splits(root)[0] == "val"
    assert {"person", "dog", "horse", "dining table"} < set(dataset.labels) < set(CLASSES)
    stems = [item.name.split(" ", 1)[0] for item in dataset.items]
    assert len(set(stems)) == 78
    ignored = xai.load_dataset(root, others="ignore")
    for index in range(0, len(dataset), 16):
        sample = dataset[index]
        path = root / "VOC2012" / "SegmentationClass" / f"{stems[index]}.png"
        with Image.open(path) as image:
            assert image.mode == "P"
            values = np.asarray(image)
        number = CLASSES.index(sample.label) + 1
        np.testing.assert_array_equal(sample.mask == 1, values == number)
        np.testing.assert_array_equal(sample.mask == 255, values == 255)
        assert (sample.mask == 1).any()
        np.testing.assert_array_equal(ignored[index].mask == 0, values == 0)
