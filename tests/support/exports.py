"""Digits as people would have exported them from a tool: pictures, and a file that says what they are."""

import csv
import itertools
import json

import numpy as np
from PIL import Image

import xai_core as xai


def digits(root, count=12, labels=("3", "8")):
    """Pictures of digits in images/, and their samples."""
    samples = list(xai.load_dataset("textured_digits", split="val", labels=list(labels), limit=count))
    (root / "images").mkdir(parents=True, exist_ok=True)
    for number, sample in enumerate(samples):
        Image.fromarray(sample.pixels).save(root / "images" / f"{number}.png")
    return samples


def with_table(root, count=12):
    """A table of digits with splits, masks and groups of three; the test split has the first half."""
    samples = digits(root, count)
    (root / "masks").mkdir()
    with (root / "labels.csv").open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["filename", "class", "split", "mask", "patient_id"])
        for number, sample in enumerate(samples):
            Image.fromarray((sample.mask == 1).astype(np.uint8) * 255).save(root / "masks" / f"{number}.png")
            split = "test" if 2 * number < count else "train"
            writer.writerow([f"{number}.png", sample.label, split, f"masks/{number}.png", f"p{number // 3}"])
    return root / "labels.csv", samples


def outline(mask):
    """Run lengths of a mask, as COCO has them."""
    values = (mask == 1).T.ravel()
    changes = np.flatnonzero(np.diff(values.astype(np.int8))) + 1
    edges = [0, *changes.tolist(), values.size]
    counts = [end - start for start, end in itertools.pairwise(edges)]
    return {"size": list(mask.shape), "counts": [0, *counts] if values[0] else counts}


def with_coco(root, count=12):
    """COCO's JSON of digits; the first half by run lengths, the others by box."""
    samples = digits(root, count)
    names = sorted({sample.label for sample in samples})
    images, annotations = [], []
    for number, sample in enumerate(samples):
        height, width = sample.mask.shape
        images.append({"id": number, "file_name": f"{number}.png", "height": height, "width": width})
        rows, columns = np.nonzero(sample.mask == 1)
        corner = (int(columns.min()), int(rows.min()))
        size = (int(columns.max()) + 1 - corner[0], int(rows.max()) + 1 - corner[1])
        segmentation = outline(sample.mask) if 2 * number < count else []
        annotation = {"image_id": number, "category_id": names.index(sample.label), "bbox": [*corner, *size]}
        annotations.append(annotation | {"segmentation": segmentation})
    categories = [{"id": number, "name": name} for number, name in enumerate(names)]
    content = {"images": images, "annotations": annotations, "categories": categories}
    (root / "annotations").mkdir()
    path = root / "annotations" / "instances_default.json"
    path.write_text(json.dumps(content))
    return path, samples
