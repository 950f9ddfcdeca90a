"""Whatever bytes are read, they are read or refused with a sentence, in 2 s and in bounded memory.

Valid small inputs with bits flipped, parts cut out, doubled and put in from others, and bytes of no kind at all. A few
hundred of each, always the same. The long form, each time with others, is `make fuzz`.
"""

import io
import json
from collections import Counter

import numpy as np
import pytest
import torch
from hypothesis import strategies as some
from PIL import Image, TiffImagePlugin
from torch import nn

import xai_core as xai
from tests.support.deep import png16, tiff16
from tests.support.fuzzing import COUNT, any_of, as_json, check, rewritten
from xai_core.batch.store import StudyFolder, identity
from xai_core.models import ARCHITECTURES
from xai_core.models.architectures import Architecture
from xai_core.models.checkpoints import Description, to_checkpoint
from xai_core.questions.foreground.stored import stored_intervention
from xai_core.questions.misclassified.stored import stored_evaluation
from xai_core.records import PictureSource, RunWriter
from xai_core.types import Preprocessing

TINY = Preprocessing(8, 8)


def encoded(image, kind, **options):
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def drawn(mode, size=(12, 9)):
    """A small picture of a mode."""
    rng = np.random.default_rng(len(mode))
    if mode == "I;16":
        return Image.fromarray(rng.integers(0, 65536, size[::-1]).astype(np.uint16))
    if mode == "F":
        return Image.fromarray(rng.random(size[::-1]).astype(np.float32))
    return Image.fromarray(rng.integers(0, 256, (*size[::-1], 4), dtype=np.uint8)).convert(mode)


def picture_files():
    turned = Image.Exif()
    turned[0x0112] = 6
    rgb, palette = drawn("RGB"), drawn("P")
    yield encoded(rgb, "JPEG", quality=60)
    yield encoded(rgb, "JPEG", progressive=True, exif=turned)
    yield encoded(drawn("CMYK"), "JPEG")
    for mode in ("1", "L", "P", "LA", "RGB", "RGBA", "I;16"):
        yield encoded(drawn(mode), "PNG")
    yield encoded(palette, "PNG", transparency=3)
    yield encoded(rgb, "PNG", save_all=True, append_images=[drawn("RGB"), rgb])
    yield encoded(palette, "GIF")
    yield encoded(palette, "GIF", save_all=True, append_images=[drawn("L"), palette])
    yield encoded(rgb, "WEBP")
    yield encoded(drawn("RGBA"), "WEBP", lossless=True, exif=turned)
    for mode in ("1", "L", "P", "RGB"):
        yield encoded(drawn(mode), "BMP")
    yield encoded(rgb, "PPM")
    yield b"P2 3 2 255\n1 2 3\n4 5 6\n"
    for mode in ("1", "L", "P", "RGB", "RGBA", "CMYK", "I;16", "F"):
        yield encoded(drawn(mode), "TIFF")
    for packing in ("tiff_lzw", "tiff_adobe_deflate", "packbits"):
        yield encoded(rgb, "TIFF", compression=packing, exif=turned)
    yield encoded(drawn("L"), "TIFF", save_all=True, append_images=[drawn("L")] * 2)
    tags = TiffImagePlugin.ImageFileDirectory_v2()
    tags[322] = tags[323] = 16
    yield encoded(rgb, "TIFF", compression="tiff_lzw", tiffinfo=tags)
    deep = np.random.default_rng(0).integers(0, 4096, (9, 12, 4), dtype=np.uint16)
    yield from (png16(deep[..., :channels]) for channels in (2, 3, 4))
    yield from (tiff16(deep[..., :3], order) for order in "<>")


def test_pictures():
    def read(content):
        sample = xai.from_uploads([("any.png", content)])[0]
        assert (sample.pixels.dtype, sample.pixels.shape[2:]) == (np.uint8, (3,))
        assert TINY.prepare(sample).pixels.shape == (8, 8, 3)

    check(any_of(*picture_files()), read)


def test_masks(tmp_path):
    for name in ("images", "masks"):
        (tmp_path / name).mkdir()
    drawn("RGB").save(tmp_path / "images" / "1.png")
    tally = Counter()

    def read(content):
        (tmp_path / "masks" / "1.png").write_bytes(content)
        sample = xai.load_dataset(tmp_path)[0]
        if sample.mask is None:
            assert any(note.startswith("no mask: ") for note in sample.notes)
            raise xai.PictureError("No mask.")
        assert (sample.mask.shape, sample.mask.dtype) == ((9, 12), np.uint8)
        assert set(np.unique(sample.mask).tolist()) <= {0, 1, 255}
        tally.update(TINY.prepare(sample).mask.ravel().tolist())

    trimap = Image.fromarray(np.resize(np.array([0, 1, 255], np.uint8), (9, 12)))
    check(any_of(encoded(trimap, "PNG"), *picture_files()), read)
    assert set(tally) == {0, 1, 255}


def test_pictures_with_masks_as_a_set():
    """Some of a set's files decide for the others: whatever they are, each is read or refused."""
    trimap = encoded(Image.fromarray(np.resize(np.array([0, 128, 255], np.uint8), (9, 12))), "PNG")
    seeds = [trimap, *picture_files()]

    def read(contents):
        names = ("a.png", "b.tif", "b_mask.png", "c.png", "c_mask.png")
        dataset = xai.from_uploads(list(zip(names, contents, strict=True)))
        assert dataset.decisions.sentences
        samples, problems = dataset.read()
        assert len(samples) + len(problems) == 3
        for sample in samples:
            assert sample.pixels.dtype == np.uint8
            assert sample.mask is None or sample.mask.shape == sample.pixels.shape[:2]
        if not samples:
            raise xai.PictureError(problems[0].reason)

    check(some.lists(any_of(*seeds), min_size=5, max_size=5), read, max(COUNT // 4, 60))


def test_choices_about_files():
    grey = np.arange(12, dtype=np.uint8).reshape(3, 4) * 20
    texts = some.one_of(some.text(max_size=12), some.text("0123456789,/#abcdef:-. ", max_size=12))
    keys = some.sampled_from(["auto", "half", "zero", "trimap_255", "1,20/40", "#140000", "0:4095", "-5:7.5"])

    def read(chosen):
        coding, span = chosen
        sample = xai.open_picture(grey.astype(np.uint16) * 99, mask=grey, mask_coding=coding, intensity_range=span)
        assert set(np.unique(sample.mask)) <= {0, 1, 255}

    check(some.tuples(some.one_of(texts, keys), some.one_of(texts, keys, some.none(), some.none())), read)


@pytest.fixture
def record(tmp_path):
    """The files of a small record, and its folder."""
    writer = RunWriter(tmp_path / "run")
    png = encoded(drawn("RGB", (4, 4)), "PNG")
    writer.begin(
        name="run",
        class_names=["cat", "dog"],
        pictures=["a", "b", "c"],
        labels=np.array([0, 1, 1]),
        source=PictureSource("textured_digits", "test", "pictures"),
        files=["a.png", "b.png", "c.png"],
        pngs=[png] * 3,
        settings={"seed": 1},
        versions={"torch": "2"},
    )
    for number in (1, 2):
        half = np.full(3, 0.5, np.float32)
        writer.epoch(number, np.array([0, 1, 0]), half, half, train_loss=0.5, seconds=1.0)
    return writer.folder


def use_run(run):
    """What the page asks of a run first."""
    assert len(run.measures()) == len(run.pictures)
    assert run.confusion().sum() == len(run.pictures)


def use_pictures(run):
    for item in xai.run_pictures(run).items:
        item.read()


def test_records(record):
    files = {name: (record / name).read_bytes() for name in ("run.json", "pictures.parquet", "epochs/0002.parquet")}
    changed = some.one_of(*(some.tuples(some.just(name), any_of(content)) for name, content in files.items()))

    def read(change):
        name, content = change
        (record / name).write_bytes(content)
        try:
            run = xai.TrainingRun.open(record)
            use_run(run)
            use_pictures(run)
        finally:
            (record / name).write_bytes(files[name])

    check(changed, read)


def test_the_head_of_a_record(record):
    head = record / "run.json"
    whole = json.loads(head.read_text())

    def read(changed):
        head.write_text(json.dumps(changed))
        run = xai.TrainingRun.open(record)
        use_run(run)
        use_pictures(run)

    check(rewritten(whole), read)


def instanceflow():
    return {
        "name": "flow",
        "labels": ["cat", "dog"],
        "instances": [{"id": i, "actual": i % 2, "image": f"{i}.png"} for i in range(3)],
        "epochs": [{"id": str(n), "classifications": [0, 1, n % 2]} for n in range(3)],
    }


def test_instanceflow():
    whole = instanceflow()
    content = json.dumps(whole).encode()
    changed = some.one_of(any_of(content, content.decode().encode("utf-16")), rewritten(whole).map(as_json))

    def read(content):
        use_run(xai.TrainingRun.from_instanceflow(content))

    check(changed, read)


class Tiny(nn.Module):
    """The smallest network that gives maps and classes."""

    def __init__(self, num_classes):
        super().__init__()
        self.conv, self.linear = nn.Conv2d(3, 2, 3, padding=1), nn.Linear(2, num_classes)

    def forward(self, x):
        return self.linear(self.conv(x).relu().mean((2, 3)))


@pytest.fixture
def tiny(monkeypatch):
    """A network of the tiny architecture, which is known while the test runs."""
    monkeypatch.setitem(ARCHITECTURES, "tiny", Architecture("tiny", "Tiny", Tiny, TINY))
    torch.manual_seed(0)
    return Tiny(3)


def saved(content, **options):
    buffer = io.BytesIO()
    torch.save(content, buffer, **options)
    return buffer.getvalue()


def reader(path):
    picture = xai.from_uploads([("grey.png", encoded(Image.new("L", (8, 8), 99), "PNG"))])[0]

    def read(content):
        path.write_bytes(content)
        model = xai.load_model(path, architecture="tiny", device="cpu")
        assert xai.predict(model, [picture]).probabilities.shape == (1, len(model.class_names))

    return read


def test_safetensors(tiny, tmp_path):
    content = to_checkpoint(tiny, Description("tiny", ("a", "b", "c"), TINY))
    size = int.from_bytes(content[:8], "little")
    head, body = json.loads(content[8 : 8 + size]), content[8 + size :]

    def whole(header):
        text = json.dumps(header).encode()
        return len(text).to_bytes(8, "little") + text + body

    said = json.loads(head["__metadata__"]["xai_core"])
    others = rewritten(said).map(lambda one: whole(head | {"__metadata__": {"xai_core": json.dumps(one)}}))
    check(some.one_of(any_of(content), rewritten(head).map(whole), others), reader(tmp_path / "any.safetensors"))


def test_pth(tiny, tmp_path):
    state = tiny.state_dict()
    zipped, old = saved(state), saved({"state_dict": state}, _use_new_zipfile_serialization=False)
    check(any_of(zipped, old), reader(tmp_path / "any.pth"))


@pytest.fixture
def study(tmp_path):
    """The head of a finished study, what its part holds, and its folder."""
    head = {
        "format": "xai-core study",
        "version": 1,
        "kind": "layers",
        "request": {"fill": "grey", "interventions": 0},
        "model_id": "model",
        "parts": 1,
        "pictures": 2,
        "layers": ["conv"],
        "input_size": [8, 8],
        "stamp": "s",
        "batch": 2,
        "class_names": ["a", "b"],
    }
    arrays = {
        "targets": np.array([0, 1]),
        "predictions": np.array([0, 0]),
        "map/conv": np.zeros((2, 4, 4), np.float32),
        "probabilities": np.zeros((2, 2), np.float32),
    }
    write_study(tmp_path / "study", head, {"ids": ["x", "y"]}, arrays)
    return tmp_path / "study", head, arrays


def write_study(folder, head, about, arrays):
    made = StudyFolder.begin(folder, head, overwrite=True)
    made.write(0, about, arrays)
    made.finish({"table.csv": b""}, {"address": "layer_explorer?n=2"})


def use_study(folder):
    """All that pages ask of a study; whether it held the maps."""
    there = StudyFolder.open(folder)
    page, address = there.address
    assert isinstance(page, str)
    assert isinstance(address, dict)
    assert isinstance(there.problem(0), str)
    stored_evaluation(there, "model", 2, ["a", "b"])
    stored_intervention(there, "model", ["x", "y"], [0, 1], "grey", 2)
    found = there.heatmaps("model", ["x", "y"], ["conv"], [0, 1])
    if found is None:
        raise xai.RecordError("It does not hold the maps.")


def test_the_files_of_a_study(study):
    folder, _, _ = study
    files = {name: (folder / name).read_bytes() for name in ("study.json", "summary.json", "parts/00000.npz")}
    changed = some.one_of(*(some.tuples(some.just(name), any_of(content)) for name, content in files.items()))

    def read(change):
        name, content = change
        (folder / name).write_bytes(content)
        try:
            use_study(folder)
        finally:
            (folder / name).write_bytes(files[name])

    check(changed, read)


def test_the_texts_of_a_study(study):
    """Heads and parts that say other things, and agree with one another on which study it is."""
    folder, head, arrays = study
    part, about = folder / "parts" / "00000.npz", {"ids": ["x", "y"], "number": 0, "arrays": sorted(arrays)}

    def read(change):
        other, said = change
        (folder / "study.json").write_text(json.dumps(other))
        which = {"study": identity(other) if isinstance(other, dict) else "0" * 16}
        (folder / "summary.json").write_text(json.dumps({"address": "layer_explorer?n=2"} | which))
        texts = np.frombuffer(json.dumps(said | which if isinstance(said, dict) else said).encode(), np.uint8)
        with part.open("wb") as file:
            np.savez(file, about=texts, **arrays)
        use_study(folder)

    check(some.tuples(some.one_of(some.just(head), rewritten(head)), rewritten(about)), read)
