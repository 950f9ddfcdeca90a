"""A small net with independent labels whose truth is planted, pictures of coloured squares, and tables of labels."""

import csv
from contextlib import contextmanager

import numpy as np
import torch
from PIL import Image
from torch import nn

import xai_core as xai
from xai_core.types import Preprocessing

COLOURS = {"red": (230, 20, 20), "green": (20, 230, 20), "blue": (20, 20, 230)}
SIZE = 16


class Squares(nn.Module):
    """Finds coloured squares: a label's logit is 8 where a fifth of the picture has its colour, and -4 where none.

    A channel a colour is that colour less the two others, cut at 0; its mean over the picture is what counts.
    """

    def __init__(self, colours=3):
        super().__init__()
        mix = 2 * torch.eye(3) - torch.ones(3, 3)
        self.conv = nn.Conv2d(3, colours, 1, bias=False)
        self.relu = nn.ReLU()
        self.head = nn.Linear(colours, colours)
        with torch.no_grad():
            self.conv.weight.copy_(mix[:colours, :, None, None])
            self.head.weight.copy_(80 * torch.eye(colours))
            self.head.bias.fill_(-4.0)

    def forward(self, x):
        return self.head(self.relu(self.conv(x)).mean((2, 3)))


def squares_model(names=("red", "green", "blue"), outputs="label_logits"):
    net = Squares(len(names))
    return xai.load_model(
        net, input_size=SIZE, class_names=names, mean=(0, 0, 0), std=(1, 1, 1), outputs=outputs, device="cpu"
    )


def squares(*colours, size=SIZE, seed=0):
    """uint8 (size, size, 3): grey, with a square of each colour in a corner of its own."""
    pixels = np.full((size, size, 3), 100 + seed, np.uint8)
    half = size // 2
    for corner, colour in enumerate(colours):
        top, left = half * (corner // 2), half * (corner % 2)
        pixels[top + 1 : top + half - 1, left + 1 : left + half - 1] = COLOURS[colour]
    return pixels


def write_squares(root, pictures, labels=None, table="labels.csv", names=tuple(COLOURS), masks=False):
    """Pictures as files with a table beside them: name -> colours drawn; `labels` where the table says others.

    With `masks`, each has one of its first square in the folder masks.
    """
    root.mkdir(parents=True, exist_ok=True)
    for seed, (name, colours) in enumerate(pictures.items()):
        Image.fromarray(squares(*colours, seed=seed)).save(root / name)
    if masks:
        (root / "masks").mkdir()
    for name in pictures if masks else ():
        mask = np.zeros((SIZE, SIZE), np.uint8)
        mask[1 : SIZE // 2 - 1, 1 : SIZE // 2 - 1] = 1
        Image.fromarray(mask).save(root / "masks" / name)
    said = {**pictures, **(labels or {})}
    with (root / table).open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["file", *names, *(["mask"] if masks else [])])
        for name, colours in said.items():
            mask = [f"masks/{name}"] if masks else []
            writer.writerow([name, *(int(colour in colours) for colour in names), *mask])
    return root


@contextmanager
def offered(title="Squares", names=tuple(COLOURS)):
    """Inside, the net is among the models that pages and commands offer; what its outputs mean is theirs to state."""
    view = Preprocessing(resize=SIZE, crop=SIZE, mean=(0, 0, 0), std=(1, 1, 1))

    @xai.register_model("squares_net", title, classes=len(names), preprocessing=view, class_names=names)
    def squares_by_name(progress):
        return Squares(len(names))

    try:
        yield title
    finally:
        xai.unregister_model("squares_net")


OUTPUTS = "Logits of independent labels"  # as pages call them
# What a command is told of it.
STATED = ("--model", "squares_net", "--outputs", "label_logits", "--device", "cpu")


# Drawn and said to hold: five pictures are right; one holds green unsaid (a false alarm), one is said to hold red
# that it does not (a miss).
PICTURES = {
    "a.png": ("red",),
    "b.png": ("green",),
    "c.png": ("red", "green"),
    "d.png": (),
    "e.png": ("blue", "red"),
    "f.png": ("green", "blue"),
    "g.png": ("green",),
}
LABELS = {"f.png": ("blue",), "g.png": ("green", "red")}
