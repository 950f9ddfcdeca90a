"""Digits as people would have exported them from a tool: pictures, and a file that says what they are."""

import csv

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
