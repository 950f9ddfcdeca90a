"""Tiny ImageNet's own layout: labels in words, WordNet ids, and object boxes as masks."""

import io

import numpy as np
import pytest
from PIL import Image

from xai_core.data import Problem, load_dataset
from xai_core.data.tiny_imagenet import load, recognises
from xai_core.errors import DataError

FISH, CRANE_BIRD, CRANE = "n01443537", "n02012849", "n03126707"
MISSING = "Listed in the annotations, but not there."


def write_picture(path, value):
    path.parent.mkdir(parents=True, exist_ok=True)
    buffer = io.BytesIO()
    Image.new("RGB", (8, 6), (value, value, value)).save(buffer, "PNG")
    path.write_bytes(buffer.getvalue())


def build(root):
    """Three classes, two of them called crane; of five pictures for validation, one is not there."""
    (root / "val" / "images").mkdir(parents=True)
    (root / "wnids.txt").write_text(f"{CRANE}\n{FISH}\n{CRANE_BIRD}\n")
    (root / "words.txt").write_text(
        f"n00001740\tentity\n{FISH}\tgoldfish, Carassius auratus\n{CRANE_BIRD}\tcrane\n{CRANE}\tcrane, hoist\n"
    )
    (root / "val" / "val_annotations.txt").write_text(
        f"val_0.JPEG\t{FISH}\t1\t2\t4\t5\n"
        f"val_1.JPEG\t{CRANE_BIRD}\t0\t0\t7\t5\n"
        f"val_2.JPEG\t{CRANE}\t3\t3\t3\t3\n"
        f"val_3.JPEG\t{FISH}\t0\t0\t0\t0\n"
        f"val_4.JPEG\t{FISH}\tleft\t0\t0\t0\n"
    )
    for index in (0, 1, 2, 4):
        write_picture(root / "val" / "images" / f"val_{index}.JPEG", index)
    for wnid, value in ((FISH, 10), (CRANE, 20)):
        folder = root / "train" / wnid
        write_picture(folder / "images" / f"{wnid}_0.JPEG", value)
        (folder / f"{wnid}_boxes.txt").write_text(f"{wnid}_0.JPEG\t0\t1\t2\t3\n{wnid}_1.JPEG\t0\t0\t1\t1\n")
    return root


def box(left, top, right, bottom):
    mask = np.zeros((6, 8), np.uint8)
    mask[top : bottom + 1, left : right + 1] = 1
    return mask


def test_validation_is_the_default_and_sorted_as_the_ids_are(tmp_path):
    dataset = load(build(tmp_path / "tiny"))
    assert [(item.name, item.label) for item in dataset.items] == [
        (f"{CRANE}/val_2.JPEG", f"crane ({CRANE})"),
        (f"{FISH}/val_0.JPEG", "goldfish"),
        (f"{FISH}/val_4.JPEG", "goldfish"),
        (f"{CRANE_BIRD}/val_1.JPEG", f"crane ({CRANE_BIRD})"),
    ]
    assert (dataset.key, dataset.title) == (str(tmp_path / "tiny"), "tiny/val")


def test_two_ids_with_the_same_first_word_are_told_apart(tmp_path):
    assert load(build(tmp_path)).labels == (f"crane ({CRANE})", "goldfish", f"crane ({CRANE_BIRD})")


def test_boxes_become_masks_with_both_ends_included(tmp_path):
    samples = {sample.name.split("/")[1]: sample for sample in load(build(tmp_path))}
    np.testing.assert_array_equal(samples["val_0.JPEG"].mask, box(1, 2, 4, 5))
    np.testing.assert_array_equal(samples["val_1.JPEG"].mask, np.ones((6, 8)))
    np.testing.assert_array_equal(samples["val_2.JPEG"].mask, box(3, 3, 3, 3))
    assert samples["val_0.JPEG"].mask.sum() == 16
    assert samples["val_4.JPEG"].mask is None  # its box cannot be read


def test_samples_carry_id_label_and_pixels(tmp_path):
    sample = load(build(tmp_path))[1]
    assert (sample.name, sample.label, sample.wnid) == (f"{FISH}/val_0.JPEG", "goldfish", FISH)
    assert (sample.pixels.shape, sample.pixels.max()) == ((6, 8, 3), 0)


def test_the_training_split_has_labels_ids_and_boxes_too(tmp_path):
    dataset = load(build(tmp_path), "train")
    assert [item.name for item in dataset.items] == [f"{CRANE}/{CRANE}_0.JPEG", f"{FISH}/{FISH}_0.JPEG"]
    assert [sample.wnid for sample in dataset] == [CRANE, FISH]
    assert [sample.label for sample in dataset] == [f"crane ({CRANE})", "goldfish"]
    assert [sample.pixels.max() for sample in dataset] == [20, 10]
    for sample in dataset:
        np.testing.assert_array_equal(sample.mask, box(0, 1, 2, 3))
    assert [problem.name for problem in dataset.skipped] == [f"{FISH}/{FISH}_1.JPEG", f"{CRANE}/{CRANE}_1.JPEG"]


def test_listed_files_that_are_not_there_are_reported(tmp_path):
    assert load(build(tmp_path)).skipped == (Problem(f"{FISH}/val_3.JPEG", MISSING),)


def test_without_words_the_ids_are_the_labels(tmp_path):
    root = build(tmp_path)
    (root / "words.txt").unlink()
    assert load(root).labels == (CRANE, FISH, CRANE_BIRD)


@pytest.mark.parametrize(
    ("split", "table"), [("val", "val/val_annotations.txt"), ("train", f"train/{CRANE}/{CRANE}_boxes.txt")]
)
def test_missing_annotations_are_refused(tmp_path, split, table):
    root = build(tmp_path)
    (root / table).unlink()
    with pytest.raises(DataError) as caught:
        load(root, split)
    assert str(caught.value) == f"{root / table} cannot be read, and the layout of Tiny ImageNet needs it."


def test_a_split_that_is_not_there_lists_those_that_are(tmp_path):
    root = build(tmp_path)
    with pytest.raises(DataError) as caught:
        load(root, "test")
    assert str(caught.value) == f"{root} has no split 'test'. It has: val, train."


def test_annotations_without_any_file_are_refused(tmp_path):
    root = build(tmp_path)
    (root / "val" / "val_annotations.txt").write_text(f"gone.JPEG\t{FISH}\t0\t0\t1\t1\n")
    with pytest.raises(DataError) as caught:
        load(root)
    assert str(caught.value) == f"{root / 'val'} lists no picture that is there."


def test_the_layout_is_recognised_by_its_ids_and_splits(tmp_path):
    assert not recognises(tmp_path)
    root = build(tmp_path / "tiny")
    assert recognises(root)
    assert load_dataset(root, labels="goldfish", limit=1)[0].mask.sum() == 16
    (root / "wnids.txt").unlink()
    assert not recognises(root)


def test_the_real_layout(shared_data):
    root = shared_data / "tiny-imagenet-200"
    if not root.is_dir():
        pytest.skip(f"needs Tiny ImageNet in {root}, which is not there")
    validation, training = load_dataset(root), load_dataset(root, split="train")
    assert (len(validation), len(training)) == (400, 480)
    assert validation.skipped == training.skipped == ()
    assert validation.labels == training.labels
    assert {"goldfish", "koala", "tabby"} < set(validation.labels)
    sample = next(item.read() for item in validation.items if item.name == "n03444034/val_0.JPEG")
    assert (sample.pixels.shape, sample.wnid) == ((64, 64, 3), "n03444034")
    rows, columns = np.nonzero(sample.mask)
    assert (columns.min(), rows.min(), columns.max(), rows.max()) == (0, 32, 44, 62)
    assert sample.mask.sum() == 45 * 31
