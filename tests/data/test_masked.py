"""images/ beside masks/: which files belong together, and what each kind of mask means to the pixel."""

import io

import numpy as np
import pytest
from PIL import Image

import xai_core as xai
from xai_core.data import Problem, masked
from xai_core.data.files import MAX_DECODED
from xai_core.data.mask_files import read_mask_file
from xai_core.errors import DataError, PictureError
from xai_core.types import content_id

FIGURE = np.array([[0, 0, 1, 1], [0, 1, 1, 0], [0, 0, 0, 0]], np.uint8)
BORDER = np.array([[0, 255, 1, 1], [0, 2, 1, 255], [0, 0, 0, 0]], np.uint8)
OPEN_BORDER = [[0, 255, 1, 1], [0, 1, 1, 255], [0, 0, 0, 0]]
LOOSE = "Lies beside the class folders, so it has no label."


def encoded(image, kind="PNG", **options):
    buffer = io.BytesIO()
    (image if isinstance(image, Image.Image) else Image.fromarray(image)).save(buffer, kind, **options)
    return buffer.getvalue()


def put(path, content=None, size=(4, 3)):
    """A grey picture of that size; or bytes, an image, an array."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if content is None:
        content = Image.new("RGB", size, (90, 90, 90))
    path.write_bytes(content if isinstance(content, bytes) else encoded(content))


def pair(root, name, mask=FIGURE, **options):
    put(root / "images" / f"{name}.jpg", **options)
    put(root / "masks" / f"{name}.png", mask)


def only(root, mask=FIGURE, **options):
    """The sample of one picture with that mask."""
    pair(root, "1", mask, **options)
    return masked.load(root)[0]


def indexed(values, colours):
    values = np.asarray(values, np.uint8)
    image = Image.frombytes("P", values.shape[::-1], values.tobytes())
    image.putpalette(colours)
    return image


def test_class_folders_give_the_labels(tmp_path):
    for name in ("horse/2", "horse/10", "n02099601_golden_retriever/1"):
        pair(tmp_path / "set", name)
    dataset = xai.load_dataset(tmp_path / "set")
    assert [(item.name, item.label) for item in dataset.items] == [
        ("horse/10.jpg", "horse"),
        ("horse/2.jpg", "horse"),
        ("n02099601_golden_retriever/1.jpg", "golden retriever"),
    ]
    assert (dataset.key, dataset.title, dataset.skipped) == (str(tmp_path / "set"), "set", ())
    sample = dataset[2]
    assert (sample.name, sample.label, sample.wnid) == (
        "n02099601_golden_retriever/1.jpg",
        "golden retriever",
        "n02099601",
    )
    np.testing.assert_array_equal(sample.mask, FIGURE)
    assert (sample.mask.dtype, sample.notes, sample.id) == (np.uint8, (), content_id(sample.pixels, FIGURE))


def test_flat_folders_give_no_labels(tmp_path):
    pair(tmp_path, "b")
    pair(tmp_path, "a", 1 - FIGURE)
    dataset = xai.load_dataset(tmp_path)
    assert [(item.name, item.label) for item in dataset.items] == [("a.jpg", None), ("b.jpg", None)]
    np.testing.assert_array_equal(dataset[0].mask, 1 - FIGURE)
    np.testing.assert_array_equal(dataset[1].mask, FIGURE)


def test_there_are_no_splits(tmp_path):
    pair(tmp_path, "1")
    assert xai.list_splits(tmp_path) == ()
    with pytest.raises(DataError) as caught:
        xai.load_dataset(tmp_path, split="val")
    assert str(caught.value) == f"{tmp_path} has no split 'val', nor any other: it holds images/ and masks/."


def test_the_layout_is_recognised_by_both_folders(tmp_path):
    pair(tmp_path, "1")
    assert masked.recognises(tmp_path)
    (tmp_path / "masks").rename(tmp_path / "other")
    assert not masked.recognises(tmp_path)
    assert xai.load_dataset(tmp_path).labels == ("images", "other")  # then they are classes


def test_what_has_no_partner_is_reported(tmp_path):
    for name in ("horse/1", "cow/1"):
        pair(tmp_path, name)
    put(tmp_path / "images/horse/2.jpg")
    put(tmp_path / "masks/horse/3.png")
    put(tmp_path / "images/cow/4.jpg")
    put(tmp_path / "masks/4.png")  # in no class folder: another place than the picture's
    put(tmp_path / "images/dog/5.jpg")
    put(tmp_path / "masks/hen/6.png")
    dataset = masked.load(tmp_path)
    assert [item.name for item in dataset.items] == ["cow/1.jpg", "horse/1.jpg"]
    assert set(dataset.skipped) == {
        Problem("images/horse/2.jpg", "masks/horse/ has no mask named '2' for it."),
        Problem("masks/horse/3.png", "images/horse/ has no picture named '3' for it."),
        Problem("images/cow/4.jpg", "masks/cow/ has no mask named '4' for it."),
        Problem("masks/4.png", "images/ has no picture named '4' for it."),
        Problem("images/dog/5.jpg", "masks/dog/ has no mask named '5' for it."),
        Problem("masks/hen/6.png", "images/hen/ has no picture named '6' for it."),
    }
    assert len(dataset.skipped) == 6


def test_what_else_lies_there_is_reported(tmp_path):
    pair(tmp_path, "horse/1")
    pair(tmp_path, "loose")
    put(tmp_path / "masks/horse/1.tif", FIGURE)
    put(tmp_path / "images/horse/notes.txt", b"text")
    put(tmp_path / "masks/readme", b"text")
    put(tmp_path / "images/.hidden", b"text")
    dataset = masked.load(tmp_path)
    assert [item.name for item in dataset.items] == ["horse/1.jpg"]
    assert set(dataset.skipped) == {
        Problem("images/loose.jpg", LOOSE),
        Problem("masks/horse/1.tif", "masks/horse/1.png is used instead."),
        Problem("images/horse/notes.txt", "Not a picture by its name."),
        Problem("masks/readme", "Not a picture by its name."),
    }


def test_no_pair_at_all_is_refused_with_an_example(tmp_path):
    put(tmp_path / "images/1.jpg")
    put(tmp_path / "masks/1_mask.png")
    with pytest.raises(DataError) as caught:
        xai.load_dataset(tmp_path)
    assert str(caught.value) == (
        f"{tmp_path} holds no picture with a mask. They belong together by name: images/1.jpg and masks/1.png, "
        "or images/horse/1.jpg and masks/horse/1.png."
    )


BLACK_WHITE = [0, 0, 0, 255, 255, 255]
RGB_FIGURE = np.repeat(FIGURE[..., None] * np.uint8(255), 3, axis=2)
CUT_OUT = np.dstack([np.full((3, 4, 3), 30, np.uint8), FIGURE * np.uint8(255)])
TRANSPARENT = np.dstack([np.where(FIGURE[..., None] == 1, 255, 7).repeat(3, 2), FIGURE * 255]).astype(np.uint8)
CLASSES = indexed(BORDER, [0, 0, 0, 128, 0, 0, 0, 128, 0, *[9] * (252 * 3), 224, 224, 192])
RED = np.where(FIGURE[..., None] == 1, np.array([200, 0, 0]), 0).astype(np.uint8)


@pytest.mark.parametrize(
    "content",
    [
        encoded(FIGURE),
        encoded(FIGURE * np.uint8(255)),
        encoded(FIGURE * np.uint8(7)),
        encoded(Image.fromarray(FIGURE * np.uint8(255)).convert("1")),
        encoded(indexed(FIGURE, BLACK_WHITE)),
        encoded(indexed(1 - FIGURE, BLACK_WHITE[::-1])),
        encoded(indexed(FIGURE, [0, 0, 0, 128, 0, 0])),
        encoded(indexed(FIGURE, [0, 0, 0] * 2)),
        encoded(RGB_FIGURE),
        encoded(Image.fromarray(RGB_FIGURE).convert("RGBA")),
        encoded(Image.fromarray(FIGURE * np.uint8(255)).convert("LA")),
        encoded(CUT_OUT),
        encoded(TRANSPARENT),
        encoded(RED),
        encoded(FIGURE.astype(np.uint16)),
        encoded(FIGURE.astype(np.uint16) * np.uint16(255)),
        encoded(FIGURE.astype(np.uint16) * np.uint16(65535)),
        encoded(FIGURE.astype(np.int32), "TIFF"),
        encoded(FIGURE.astype(np.float32), "TIFF"),
        encoded(FIGURE * np.uint8(255), "BMP"),
        encoded(FIGURE * np.uint8(255), "GIF"),
    ],
    ids=[
        "0/1",
        "0/255",
        "0/7",
        "1 bit",
        "palette",
        "palette, white first",
        "coloured palette",
        "all-black palette",
        "RGB",
        "RGBA",
        "grey with opacity",
        "cut out by opacity",
        "transparent is background",
        "RGB in one colour",
        "16 bit 0/1",
        "16 bit 0/255",
        "16 bit 0/65535",
        "32 bit",
        "float",
        "BMP",
        "GIF",
    ],
)
def test_every_kind_of_mask_with_two_values_is_understood_without_a_word(tmp_path, content):
    sample = only(tmp_path, content)
    np.testing.assert_array_equal(sample.mask, FIGURE)
    assert sample.notes == ()


def test_several_values_are_foreground_and_255_beside_them_is_open(tmp_path):
    sample = only(tmp_path, BORDER)
    np.testing.assert_array_equal(sample.mask, OPEN_BORDER)
    assert sample.notes == (
        "its mask holds 4 values: all but 0 count as foreground, "
        "but 255 is left open (neither foreground nor background)",
    )


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (CLASSES, "255"),
        (BORDER.astype(np.uint16), "255"),
        (np.where(BORDER == 255, 65535, BORDER * 300.0).astype(np.uint16), "65535"),
        (np.stack([BORDER, BORDER, np.where(BORDER == 2, 9, BORDER)], 2), "white"),
    ],
    ids=["palette", "16 bit", "16 bit to the top", "colours"],
)
def test_what_is_open_in_other_kinds_of_masks(tmp_path, content, name):
    sample = only(tmp_path, content)
    np.testing.assert_array_equal(sample.mask, OPEN_BORDER)
    assert f"but {name} is left open" in sample.notes[0]


def test_several_values_without_255_are_all_foreground(tmp_path):
    sample = only(tmp_path, FIGURE * np.array([[1, 2, 3, 200]], np.uint8))
    np.testing.assert_array_equal(sample.mask, FIGURE)
    assert sample.notes == ("its mask holds 4 values: all but 0 count as foreground",)


def test_smooth_edges_are_cut_in_the_middle(tmp_path):
    levels = np.array([[0, 20, 127, 128, 240, 255, 255, 255, 255, 255]], np.uint8)
    sample = only(tmp_path, levels, size=(10, 1))
    assert sample.mask.tolist() == [[0, 0, 0, 1, 1, 1, 1, 1, 1, 1]]
    assert sample.notes == ("its mask holds shades of grey: from 128 of 255 on they count as foreground",)
    deep = only(tmp_path / "deep", levels.astype(np.uint16) * np.uint16(257), size=(10, 1))
    assert deep.mask.tolist() == sample.mask.tolist()
    assert deep.notes == ("its mask holds shades of grey: from 32768 of 65535 on they count as foreground",)
    for name, content in (
        ("coloured", encoded(np.repeat(levels[..., None], 3, axis=2))),
        ("float", encoded((levels / 255).astype(np.float32), "TIFF")),
    ):
        other = only(tmp_path / name, content, size=(10, 1))
        assert (other.mask.tolist(), other.notes) == (sample.mask.tolist(), sample.notes)


def test_few_or_low_or_frequent_levels_are_numbers_of_classes(tmp_path):
    """Where they are regions; the same values as a rim between black and white are shades of it."""

    def regions(levels):
        return np.kron(np.array([levels], np.uint8), np.ones((5, 5), np.uint8))

    few = only(tmp_path / "few", regions([0, 0, 100, 128, 255, 255, 255]), size=(35, 5))
    assert few.mask[0, ::5].tolist() == [0, 0, 1, 1, 255, 255, 255]
    low = only(tmp_path / "low", np.array([[0, 1, 2, 63, 255, 255, 255, 255]], np.uint8), size=(8, 1))
    assert low.mask.tolist() == [[0, 1, 1, 1, 255, 255, 255, 255]]
    frequent = only(tmp_path / "frequent", regions([0, 50, 100, 150, 255, 255, 255]), size=(35, 5))
    assert frequent.mask[0, ::5].tolist() == [0, 1, 1, 1, 255, 255, 255]
    rim = only(tmp_path / "rim", np.array([[0, 0, 100, 128, 255, 255, 255]], np.uint8), size=(7, 1))
    assert rim.mask.tolist() == [[0, 0, 0, 1, 1, 1, 1]]


def test_a_jpeg_is_cut_in_the_middle_whatever_it_made_of_the_values(tmp_path):
    figure = np.kron(FIGURE, np.ones((9, 9), np.uint8))
    content = encoded(figure * np.uint8(255), "JPEG", quality=50)
    with Image.open(io.BytesIO(content)) as image:
        assert len(np.unique(np.asarray(image))) > 5  # black and white no more
    sample = only(tmp_path, content, size=(36, 27))
    np.testing.assert_array_equal(sample.mask, figure)
    assert sample.notes == ("its mask holds shades of grey: from 128 of 255 on they count as foreground",)


def test_a_jpeg_whose_black_and_white_have_faded_is_cut_as_well(tmp_path):
    figure = np.kron(FIGURE, np.ones((8, 8), np.uint8))
    content = encoded(np.where(figure == 1, np.uint8(200), np.uint8(3)), "JPEG", quality=100)
    sample = only(tmp_path, content, size=(32, 24))
    np.testing.assert_array_equal(sample.mask, figure)


def test_a_jpeg_in_several_colours_is_refused(tmp_path):
    figure = np.kron(FIGURE, np.ones((16, 16), np.uint8))[..., None]
    two = np.where(figure == 1, np.array([200, 0, 0]), np.array([0, 0, 180])).astype(np.uint8)
    sample = only(tmp_path, encoded(two, "JPEG"), size=(64, 48))
    assert sample.mask is None
    assert sample.notes == ("no mask: masks/1.png is a JPEG in colours, which changes them; save it as PNG.",)


def test_a_jpeg_in_shades_of_one_colour_is_cut_in_the_middle(tmp_path):
    figure = np.kron(FIGURE, np.ones((16, 16), np.uint8))
    red = np.where(figure[..., None] == 1, np.array([200, 0, 0]), 0).astype(np.uint8)
    sample = only(tmp_path, encoded(red, "JPEG"), size=(64, 48))
    np.testing.assert_array_equal(sample.mask, figure)


@pytest.mark.parametrize("value", [0, 1, 255])
def test_masks_of_one_value_stay_as_they_are(tmp_path, value):
    sample = only(tmp_path, np.full((3, 4), value, np.uint8))
    np.testing.assert_array_equal(sample.mask, np.full((3, 4), value > 0))
    assert sample.notes == ()


def test_a_mask_of_another_size_is_resized_to_the_nearest_value(tmp_path):
    sample = only(tmp_path, BORDER, size=(8, 6))
    np.testing.assert_array_equal(sample.mask, np.kron(OPEN_BORDER, np.ones((2, 2))))
    assert sample.notes[1:] == ("its mask resized from 4 x 3 pixels",)
    smaller = only(tmp_path / "smaller", np.kron(FIGURE, np.ones((3, 3), np.uint8)))
    np.testing.assert_array_equal(smaller.mask, FIGURE)
    assert smaller.notes == ("its mask resized from 12 x 9 pixels",)


@pytest.mark.parametrize(("width", "fits"), [(97, False), (98, True), (102, True), (103, False)])
def test_the_aspect_ratio_may_differ_by_two_percent(tmp_path, width, fits):
    sample = only(tmp_path, np.ones((50, width), np.uint8), size=(200, 100))
    if fits:
        assert sample.mask.shape == (100, 200)
        assert sample.notes == (f"its mask resized from {width} x 50 pixels",)
    else:
        assert (sample.mask, sample.id) == (None, content_id(sample.pixels))
        assert sample.notes == (
            f"no mask: masks/1.png has {width} x 50 pixels, another shape than the picture's 200 x 100.",
        )


def turned(orientation):
    exif = Image.Exif()
    exif[0x0112] = orientation
    return encoded(Image.new("RGB", (4, 3), (90, 90, 90)), "JPEG", exif=exif)


def test_a_mask_drawn_on_the_upright_picture_stays(tmp_path):
    sample = only(tmp_path, FIGURE.T, content=turned(6))
    np.testing.assert_array_equal(sample.mask, FIGURE.T)
    assert (sample.pixels.shape, sample.notes) == ((4, 3, 3), ("turned upright as its EXIF says",))


@pytest.mark.parametrize(
    ("orientation", "expected"),
    [(5, FIGURE.T), (6, np.rot90(FIGURE, -1)), (7, np.rot90(FIGURE, 2).T), (8, np.rot90(FIGURE))],
)
def test_a_mask_drawn_on_the_stored_pixels_is_turned_as_the_picture_is(tmp_path, orientation, expected):
    sample = only(tmp_path, FIGURE, content=turned(orientation))
    np.testing.assert_array_equal(sample.mask, expected)
    assert sample.notes == ("turned upright as its EXIF says", "its mask turned upright as well")


def test_a_mask_with_an_orientation_of_its_own_is_turned_by_it(tmp_path):
    exif = Image.Exif()
    exif[0x0112] = 3
    sample = only(tmp_path, encoded(FIGURE, exif=exif))
    np.testing.assert_array_equal(sample.mask, np.rot90(FIGURE, 2))


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "masks/1.png is empty (0 bytes)."),
        (encoded(np.kron(FIGURE, np.ones((40, 40), np.uint8)))[:90], "masks/1.png is damaged or cut off and"),
        (b"no picture", "masks/1.png is not a picture of a kind that is read here"),
        (encoded(np.full((3, 4), np.nan, np.float32), "TIFF"), "masks/1.png holds NaN or infinite values."),
    ],
    ids=["empty", "cut off", "text", "NaN"],
)
def test_a_mask_that_cannot_be_read_leaves_the_picture_without_one(tmp_path, content, reason):
    sample = only(tmp_path, content)
    assert sample.mask is None
    assert len(sample.notes) == 1
    assert sample.notes[0].startswith(f"no mask: {reason}")


def test_a_picture_that_cannot_be_read_is_an_error(tmp_path):
    pair(tmp_path, "1", content=b"\xff\xd8 cut off")
    with pytest.raises(PictureError, match=r"^1\.jpg is"):
        masked.load(tmp_path)[0]


def test_huge_masks_are_not_decoded():
    side = int(MAX_DECODED**0.5) + 1
    with pytest.raises(PictureError, match="at most 100 million are read"):
        read_mask_file(encoded(Image.new("1", (side, side))), "huge.png")


def test_values_beyond_the_range_stay_foreground():
    file = read_mask_file(encoded(np.array([[0.0, -3.0, 1e12]], np.float32), "TIFF"), "float.tif")
    assert (file.levels, file.kind, file.lossy) == ((-3, 0, 2**31 - 1), "grey", False)
    assert masked.interpret(file)[0].tolist() == [[0, 1, 1]]


def test_the_stamp_changes_with_either_file(tmp_path):
    pair(tmp_path, "1")
    first = masked.load(tmp_path).items[0].stamp
    put(tmp_path / "masks/1.png", BORDER)
    second = masked.load(tmp_path).items[0].stamp
    put(tmp_path / "images/1.jpg", size=(8, 6))
    third = masked.load(tmp_path).items[0].stamp
    assert len({first, second, third}) == 3


def test_the_real_layout(shared_data):
    root = shared_data / "horses"
    if not root.is_dir():
        pytest.skip(f"needs the horses in {root}, which are not there")
    dataset = xai.load_dataset(root)
    assert (len(dataset), dataset.skipped, dataset.labels) == (64, (), ())
    for index in range(0, 64, 9):
        sample = dataset[index]
        with Image.open(root / "masks" / sample.name.replace(".jpg", ".png")) as image:
            values = np.asarray(image)
        assert sample.mask.shape == sample.pixels.shape[:2]
        np.testing.assert_array_equal(sample.mask, values // 255)
        assert 0.01 < sample.mask.mean() < 0.95
        assert sample.notes == ()
