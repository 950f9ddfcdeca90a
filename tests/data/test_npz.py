"""NPZ files: MedMNIST's and others, labels, volumes, and what is refused."""

import io
import zipfile

import numpy as np
import pytest

import xai_core as xai
from xai_core.data import list_splits

RNG = np.random.default_rng(0)
GREY = RNG.integers(0, 256, (4, 6, 5), dtype=np.uint8)
COLOUR = RNG.integers(0, 256, (4, 6, 5, 3), dtype=np.uint8)
CLASSES = np.array([[0], [1], [8], [1]])


@pytest.mark.parametrize("save", [np.savez, np.savez_compressed])
def test_medmnist(tmp_path, save):
    path = tmp_path / "pathmnist_64.npz"
    save(path, train_images=COLOUR, train_labels=CLASSES, test_images=COLOUR[::-1], test_labels=CLASSES[::-1])
    assert list_splits(path) == ("test", "train")
    dataset = xai.load_dataset(path, split="train")
    assert [item.label for item in dataset.items] == [
        "adipose",
        "background",
        "colorectal adenocarcinoma epithelium",
        "background",
    ]
    assert all((sample.pixels == pixels).all() for sample, pixels in zip(dataset, COLOUR, strict=True))
    assert (xai.load_dataset(path)[0].pixels == COLOUR[3]).all()
    assert dataset.code == f"xai.load_dataset({str(path)!r}, split='train')"
    assert dataset[0].name == "train_images[0]"


@pytest.mark.parametrize(
    ("names", "splits"),
    [
        (("x_train", "y_train"), ("train",)),
        (("images", "labels"), ()),
        (("X", "y"), ()),
        (("val_images", "val_labels"), ("val",)),
        (("data", "target"), ()),
    ],
)
def test_names_of_arrays(tmp_path, names, splits):
    np.savez(tmp_path / "a.npz", **dict(zip(names, (GREY, CLASSES.ravel()), strict=True)))
    dataset = xai.load_dataset(tmp_path / "a.npz")
    assert list_splits(tmp_path / "a.npz") == splits
    assert [item.label for item in dataset.items] == ["0", "1", "8", "1"]
    assert (dataset[1].pixels == GREY[1][..., None]).all()


def test_several_labels_and_one_each(tmp_path):
    np.savez(tmp_path / "chestmnist.npz", images=GREY[:2], labels=np.eye(14, dtype=np.uint8)[:2] + np.eye(14)[1])
    with pytest.raises(xai.DataError, match="holds other values than 0 and 1"):
        xai.load_dataset(tmp_path / "chestmnist.npz")
    np.savez(tmp_path / "chestmnist.npz", images=GREY[:2], labels=np.array([[1, 1] + [0] * 12, [0] * 14]))
    dataset = xai.load_dataset(tmp_path / "chestmnist.npz")
    assert [item.labels for item in dataset.items] == [("atelectasis", "cardiomegaly"), ()]
    assert dataset[1].annotated[-1] == "hernia"
    np.savez(tmp_path / "one.npz", images=GREY, labels=np.eye(4)[[2, 0, 1, 3]])
    assert [item.label for item in xai.load_dataset(tmp_path / "one.npz").items] == ["2", "0", "1", "3"]


def test_slices_of_a_volume_belong_together(tmp_path):
    volumes = RNG.integers(0, 256, (2, 7, 6, 5), dtype=np.uint8)
    np.savez(tmp_path / "nodulemnist3d.npz", test_images=volumes, test_labels=[[1], [0]])
    dataset = xai.load_dataset(tmp_path / "nodulemnist3d.npz")
    assert len(dataset) == 14
    assert {item.group for item in dataset.items} == {"test_images[0]", "test_images[1]"}
    assert [item.label for item in dataset.items[6:8]] == ["malignant", "benign"]
    assert (dataset[9].pixels == volumes[1, 2][..., None]).all()
    assert dataset[9].name == "test_images[1] slice 2"


def test_masks_and_groups(tmp_path):
    masks = (GREY > 99).astype(np.uint8)
    np.savez(tmp_path / "a.npz", images=GREY, masks=masks, labels=["a", "b", "a", "b"], patients=[7, 7, 8, 8])
    dataset = xai.load_dataset(tmp_path / "a.npz")
    assert all((sample.mask == mask).all() for sample, mask in zip(dataset, masks, strict=True))
    assert [sample.group for sample in dataset] == ["7", "7", "8", "8"]
    np.savez(tmp_path / "a.npz", images=GREY, masks=masks[:, :3])
    assert xai.load_dataset(tmp_path / "a.npz")[0].notes == ("no mask: masks[0] has another shape than its picture.",)


@pytest.mark.parametrize(
    ("values", "first"),
    [
        (GREY.astype(bool), 255 * GREY[0].astype(bool)),
        (np.moveaxis(COLOUR, 3, 1), COLOUR[0]),
        (GREY[..., None], GREY[0]),
        (np.asfortranarray(COLOUR), COLOUR[0]),
        (COLOUR / np.float32(255), COLOUR[0]),
        (COLOUR.astype(np.int64), None),
    ],
)
def test_types_and_axes(tmp_path, values, first):
    np.savez(tmp_path / "a.npz", images=values)
    pixels = xai.load_dataset(tmp_path / "a.npz")[0].pixels
    assert pixels.shape == (6, 5, 3)
    assert first is None or (pixels == (first if first.ndim == 3 else first[..., None])).all()


def broken(path, content):
    path.write_bytes(content)
    return path


def test_what_is_refused(tmp_path):
    path = tmp_path / "a.npz"
    np.savez(path, images=GREY, labels=CLASSES[:3])
    with pytest.raises(xai.DataError, match=r"labels has the shape \(3, 1\), but images has 4 pictures"):
        xai.load_dataset(path)
    np.savez(path, weights=GREY)
    with pytest.raises(xai.DataError, match="holds weights; images and labels, or test_images"):
        xai.load_dataset(path)
    np.savez(path, images=np.zeros((3, 4)))
    with pytest.raises(xai.DataError, match=r"has the shape \(3, 4\); expected is \(N, H, W\)"):
        xai.load_dataset(path)
    np.savez(path, images=np.array([{"a": 1}], object), allow_pickle=True)
    with pytest.raises(xai.DataError, match="holds Python objects, which are not read"):
        xai.load_dataset(path)
    np.savez(path, images=GREY + 1j)
    with pytest.raises(xai.PictureError, match="complex128, which are no intensities"):
        xai.load_dataset(path)[0]
    np.savez(path, images=COLOUR * 2.0)
    with pytest.raises(xai.PictureError, match="as floats they are read from 0 to 1"):
        xai.load_dataset(path)[0]
    np.savez(path, images=GREY, labels=CLASSES)
    for content in (b"", b"PK", path.read_bytes()[:300], path.read_bytes()[:-40]):
        with pytest.raises(xai.DataError, match="is damaged or no NPZ file"):
            xai.load_dataset(broken(tmp_path / "b.npz", content))
    with pytest.raises(xai.DataError, match=r"has no split 'test'. It has: none"):
        xai.load_dataset(path, split="test")


def test_a_header_that_promises_more_than_there_is_is_refused(tmp_path):
    header = io.BytesIO()
    np.lib.format.write_array_header_1_0(header, {"descr": "|u1", "fortran_order": False, "shape": (10**6, 9, 9)})
    for compression in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        with zipfile.ZipFile(tmp_path / "a.npz", "w", compression) as archive:
            archive.writestr("images.npy", header.getvalue() + bytes(999))
        with pytest.raises(xai.DataError, match="the file has no room for that"):
            xai.load_dataset(tmp_path / "a.npz")


def test_rows_are_read_where_they_lie(tmp_path, monkeypatch):
    """Of a large file that is not compressed, no array is ever read whole."""
    np.savez(tmp_path / "a.npz", images=GREY)
    monkeypatch.setattr("xai_core.data.npz_arrays._unpacked", lambda array: pytest.fail("read whole"))
    assert (xai.load_dataset(tmp_path / "a.npz")[3].pixels[..., 0] == GREY[3]).all()
