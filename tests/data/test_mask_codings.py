"""A corpus of masks as people have them, each with the truth: what is object, what is ignored."""

import io

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFilter

import xai_core as xai
from tests.support.deep import encoded, png16
from xai_core.data import files
from xai_core.data.decisions.codings import CODINGS, parse_coding
from xai_core.errors import DataError

SIDE = 64
NOTHING = np.zeros((SIDE, SIDE), bool)
# A rectangle at twice the size whose edges lie between the pixels of half the size.
DOUBLE = np.zeros((2 * SIDE, 2 * SIDE), np.uint8)
DOUBLE[21:91, 31:101] = 255
BOX = np.asarray(Image.fromarray(DOUBLE).resize((SIDE, SIDE), Image.Resampling.BOX)) >= 128
ONE_EDGE = np.zeros((2 * SIDE, 2 * SIDE), np.uint8)
ONE_EDGE[20:90, 31:101] = 255
ONE_EDGE_BOX = np.asarray(Image.fromarray(ONE_EDGE).resize((SIDE, SIDE), Image.Resampling.BOX)) >= 128
DISC = Image.new("L", (SIDE, SIDE), 0)
ImageDraw.Draw(DISC).ellipse([18, 14, 47, 43], fill=255)
DISC_TRUE = np.asarray(DISC) >= 128
RING = np.zeros((SIDE, SIDE), bool)
RING[18:46, 18:46] = True
CORE = np.zeros((SIDE, SIDE), bool)
CORE[22:42, 22:42] = True
RING &= ~CORE
WIDE = np.zeros((SIDE, SIDE), bool)
WIDE[16:49, 16:49] = True
WIDE &= ~CORE
FIRST, SECOND = NOTHING.copy(), NOTHING.copy()
FIRST[5:20, 5:20] = SECOND[30:50, 30:50] = True
EDGE = NOTHING.copy()
EDGE[:2] = True


def vessels():
    image = Image.new("L", (4 * SIDE, 4 * SIDE), 0)
    draw = ImageDraw.Draw(image)
    for k in range(6):
        draw.line([(10 + 40 * k, 5), (60 + 30 * k, 250)], fill=255, width=3)
    return image.resize((2 * SIDE, 2 * SIDE), Image.Resampling.BILINEAR)


VESSELS = vessels()


def once_jpeg(image, quality):
    content = encoded(image, "JPEG", quality=quality)
    with Image.open(io.BytesIO(content)) as opened:
        return opened.convert("L")


def grey(*regions):
    values = np.zeros((SIDE, SIDE), np.uint8)
    for region, value in regions:
        values[region] = value
    return values


def coloured(*regions, background=(0, 0, 0)):
    values = np.full((SIDE, SIDE, 3), background, np.uint8)
    for region, colour in regions:
        values[region] = colour
    return values


def indexed(values, *colours):
    image = Image.frombytes("P", (SIDE, SIDE), values.tobytes())
    image.putpalette([channel for colour in colours for channel in colour])
    return image


def greys_as_palette(values):
    return indexed(values, *[(level, level, level) for level in range(256)])


def small(image, how):
    return Image.fromarray(image).resize((SIDE, SIDE), how)


TRIMAP = grey((RING, 128), (CORE, 255))
VOC = grey((BOX, 15), (NOTHING | EDGE, 255))
BLURRED = np.asarray(DISC.filter(ImageFilter.GaussianBlur(2)))
# name: (content, object, ignored)
CORPUS = {
    "0 and 1": (encoded(grey((BOX, 1))), BOX, NOTHING),
    "0 and 255": (encoded(grey((BOX, 255))), BOX, NOTHING),
    "0 and 254": (encoded(grey((BOX, 254))), BOX, NOTHING),
    "1 bit": (encoded(Image.fromarray(grey((BOX, 255))).convert("1")), BOX, NOTHING),
    "16 bits, 0 and 65535": (encoded(grey((BOX, 255)).astype(np.uint16) * 257), BOX, NOTHING),
    "16 bits, instances up to 300": (encoded(np.where(BOX, 300, 0).astype(np.uint16)), BOX, NOTHING),
    "float, 0 and 1": (encoded(BOX.astype(np.float32), "TIFF"), BOX, NOTHING),
    "averaged at the edges": (encoded(small(DOUBLE, Image.Resampling.BOX)), BOX, NOTHING),
    "bilinear at the edges": (encoded(small(DOUBLE, Image.Resampling.BILINEAR)), BOX, NOTHING),
    "one grey at two edges": (encoded(small(ONE_EDGE, Image.Resampling.BOX)), ONE_EDGE_BOX, NOTHING),
    "lines thinner than their rims": (encoded(VESSELS), np.asarray(VESSELS) >= 128, NOTHING),
    "blurred": (encoded(BLURRED), BLURRED >= 128, NOTHING),
    "blurred, 16 bits": (encoded(BLURRED.astype(np.uint16) * 257), BLURRED >= 128, NOTHING),
    "blurred, in colours": (encoded(np.repeat(BLURRED[..., None], 3, axis=2)), BLURRED >= 128, NOTHING),
    "blurred, in a palette": (encoded(greys_as_palette(BLURRED)), BLURRED >= 128, NOTHING),
    "blurred, in red": (encoded(np.stack([BLURRED, BLURRED // 4, 0 * BLURRED], axis=2)), BLURRED >= 128, NOTHING),
    "shares in percent": (
        encoded((BLURRED / 255 * 100).round().astype(np.uint8)),
        BLURRED / 255 * 100 >= 50.5,
        NOTHING,
    ),
    "a JPEG": (encoded(DISC, "JPEG", quality=75), DISC_TRUE, NOTHING),
    "a JPEG, saved as PNG": (encoded(once_jpeg(DISC, 75)), DISC_TRUE, NOTHING),
    "a poor JPEG, saved as PNG": (encoded(once_jpeg(DISC, 30)), DISC_TRUE, NOTHING),
    "a JPEG in red": (encoded(coloured((BOX, (255, 0, 0))), "JPEG", quality=80), BOX, NOTHING),
    "trimap 0, 128, 255": (encoded(TRIMAP), CORE, RING),
    "trimap with a wide border": (encoded(grey((WIDE, 128), (CORE, 255))), CORE, WIDE),
    "trimap 0, 127, 254": (encoded(grey((RING, 127), (CORE, 254))), CORE, RING),
    "trimap 1, 2, 3": (encoded(np.where(CORE, 1, np.where(RING, 3, 2)).astype(np.uint8)), CORE, RING),
    "1 and 2, no 0": (encoded(np.where(BOX, 2, 1).astype(np.uint8)), BOX, NOTHING),
    "two instances": (encoded(grey((FIRST, 1), (SECOND, 2))), FIRST | SECOND, NOTHING),
    "two classes 128, 255": (encoded(grey((FIRST, 128), (SECOND, 255))), FIRST | SECOND, NOTHING),
    "liver 128, tumour 255 in it": (
        encoded(grey((DISC_TRUE, 128), (CORE & (np.arange(SIDE) < 26), 255))),
        None,
        NOTHING,
    ),
    "classes with 255 void": (encoded(VOC), BOX & ~EDGE, EDGE),
    "palette, instance 3": (encoded(indexed(grey((BOX, 3)), *[(9, 9, 90)] * 256)), BOX, NOTHING),
    "palette, 15 and void": (encoded(indexed(VOC, *[(i, 90, 9) for i in range(256)])), BOX & ~EDGE, EDGE),
    "palette, white before black": (encoded(indexed(grey((~BOX, 1)), (255,) * 3, (0,) * 3)), BOX, NOTHING),
    "red on black": (encoded(coloured((BOX, (200, 0, 0)))), BOX, NOTHING),
    "red, green and white on black": (
        encoded(coloured((FIRST, (200, 0, 0)), (SECOND, (0, 200, 0)), (EDGE, (255, 255, 255)))),
        FIRST | SECOND,
        EDGE,
    ),
    "cut out by opacity": (encoded(np.dstack([coloured(), grey((BOX, 255))])), BOX, NOTHING),
    "16 bits in each colour": (
        png16(np.repeat((grey((BOX, 255)).astype(np.uint16) * 257)[..., None], 3, 2)),
        BOX,
        NOTHING,
    ),
}


def folder(root, *contents, name="png"):
    """A folder of pictures of noise beside these masks."""
    rng = np.random.default_rng(0)
    for part in ("images", "masks"):
        (root / part).mkdir(parents=True, exist_ok=True)
    for number, content in enumerate(contents):
        with Image.open(io.BytesIO(content)) as image:
            size = image.size[::-1]
        Image.fromarray(rng.integers(0, 256, (*size, 3), dtype=np.uint8)).save(root / "images" / f"{number:03}.png")
        (root / "masks" / f"{number:03}.{name}").write_bytes(content)
    return root


@pytest.mark.parametrize("name", CORPUS)
def test_every_coding_is_read_right_by_itself_and_in_a_set(tmp_path, name):
    content, inside, ignored = CORPUS[name]
    inside = DISC_TRUE | (CORE & (np.arange(SIDE) < 26)) if inside is None else inside
    alone = xai.load_dataset(folder(tmp_path / "one", content))[0]
    assert alone.mask is not None, alone.notes
    np.testing.assert_array_equal(alone.mask == 1, inside, alone.notes)
    np.testing.assert_array_equal(alone.mask == 255, ignored if ignored.any() else np.zeros_like(inside))
    several = xai.load_dataset(folder(tmp_path / "five", *[content] * 5))
    for sample in several:
        np.testing.assert_array_equal(sample.mask, alone.mask)
    assert several.decisions.masks == 5
    opened = xai.open_picture(alone.pixels, mask=content)
    np.testing.assert_array_equal(opened.mask, alone.mask)


def test_the_corpus_is_large():
    assert len(CORPUS) >= 30


def test_what_one_mask_does_not_say_is_said_by_the_others(tmp_path):
    """A picture with nothing but object and void: only the others show that 255 is no object."""
    only_void = encoded(grey((BOX, 255)))
    dataset = xai.load_dataset(folder(tmp_path, only_void, *[encoded(VOC)] * 4))
    assert dataset.decisions.coding.key == "white_ignored"
    assert (dataset.decisions.voices, dataset.decisions.others) == (4, 0)
    assert set(np.unique(dataset[0].mask)) == {0, 255}
    assert xai.open_picture(dataset[0].pixels, mask=only_void).mask.max() == 1


def test_plain_masks_beside_a_few_of_another_kind_are_read_by_themselves(tmp_path):
    plain = encoded(grey((BOX, 255)))
    dataset = xai.load_dataset(folder(tmp_path, *[plain] * 5, encoded(VOC)))
    assert dataset.decisions.coding is None
    np.testing.assert_array_equal(dataset[0].mask, BOX)
    np.testing.assert_array_equal(dataset[5].mask == 255, EDGE)


def test_the_decision_is_the_same_for_each_part_and_each_split(tmp_path):
    for split, content in (("train", TRIMAP), ("val", grey((CORE, 255)))):
        for label in ("a", "b"):
            folder(tmp_path / split / label, encoded(content))
    part = xai.load_dataset(folder(tmp_path / "flat", encoded(grey((CORE, 255))), *[encoded(TRIMAP)] * 3))
    assert part.take([0]).decisions == part[:1].decisions == part.decisions
    assert part.decisions.coding.key == "trimap_255"


@pytest.mark.parametrize(
    ("coding", "inside", "ignored"),
    [
        ("nonzero", RING | CORE, NOTHING),
        ("white_ignored", RING, CORE),
        ("half", RING | CORE, NOTHING),
        ("trimap_255", CORE, RING),
        ("zero", ~(RING | CORE), NOTHING),
        ("128", RING, NOTHING),
        ("255/128", CORE, RING),
        ({"object": [255], "ignored": [128]}, CORE, RING),
        ({"object": 128}, RING, NOTHING),
    ],
)
def test_a_coding_can_be_chosen(tmp_path, coding, inside, ignored):
    dataset = xai.load_dataset(folder(tmp_path, encoded(TRIMAP)), mask_coding=coding)
    np.testing.assert_array_equal(dataset[0].mask == 1, inside)
    np.testing.assert_array_equal(dataset[0].mask == 255, ignored)
    assert dataset.decisions.coding_chosen
    assert "as you chose" in " ".join(dataset.decisions.sentences)
    again = eval(dataset.code, {"xai": xai})
    np.testing.assert_array_equal(again[0].mask, dataset[0].mask)
    assert again.items[0].stamp == dataset.items[0].stamp != xai.load_dataset(tmp_path).items[0].stamp


@pytest.mark.parametrize("wrong", ["halves", "1,x", "1/1", "/255", "", {"objects": [1]}])
def test_a_coding_that_is_none_is_refused_with_the_choices(tmp_path, wrong):
    with pytest.raises(DataError, match="mask_coding") as caught:
        xai.load_dataset(folder(tmp_path, encoded(TRIMAP)), mask_coding=wrong)
    assert "says of" in str(caught.value) or all(repr(key) in str(caught.value) for key in CODINGS)


def test_colours_can_be_chosen(tmp_path):
    content = CORPUS["red, green and white on black"][0]
    dataset = xai.load_dataset(folder(tmp_path, content), mask_coding="#00c800/#c80000")
    np.testing.assert_array_equal(dataset[0].mask == 1, SECOND & ~EDGE)
    np.testing.assert_array_equal(dataset[0].mask == 255, FIRST & ~EDGE)
    assert parse_coding("#00c800").title == "#00c800 the object"


def test_what_was_decided_is_said(tmp_path):
    plain = xai.load_dataset(folder(tmp_path / "plain", *[encoded(grey((BOX, 1)))] * 3))
    assert plain.decisions.sentences == (
        "Of 3 pictures 3 were looked at: all have 8 bits a channel and are used as they are.",
        "Masks: all but 0 is the object (3 masks looked at, with two values each).",
    )
    trimaps = xai.load_dataset(folder(tmp_path / "mixed", *[encoded(TRIMAP)] * 3, encoded(BLURRED)))
    assert trimaps.decisions.sentences[1] == (
        "Masks: trimap, 255 the object, 128 ignored (3 of 4 masks looked at say so; 1 looks coded in another way)."
    )


def test_ten_thousand_names_are_listed_without_reading(tmp_path, monkeypatch):
    dataset = xai.load_dataset(folder(tmp_path, *[encoded(TRIMAP)] * 70))
    opened, read = [], files.content_of

    def noted(source, name):
        opened.append(name)
        return read(source, name)

    monkeypatch.setattr(files, "content_of", noted)
    assert len(dataset) == 70
    assert not opened
    assert dataset.decisions.looked_at == 64
    assert len(opened) == 128  # a picture's header and a mask each
    dataset.decisions  # noqa: B018
    assert len(opened) == 128
