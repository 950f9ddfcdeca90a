"""Sheets of a herbarium: sheets.csv names each with its species, and shots/ has a picture of either side."""

import csv
from functools import partial

import xai_core as xai
from xai_core.data import Item, stamp

SIDE = xai.Setting("side", "Side of the sheet", "front", ("front", "back"), help="Which side is the picture.")


def recognises(root):
    """Whether a folder is one of these."""
    return (root / "sheets.csv").is_file() and (root / "shots").is_dir()


@xai.register_layout("example_sheets", "Herbarium sheets", recognises=recognises, options=(SIDE,))
def sheets(root, split=None, side="front"):
    """One side of each sheet; one whose picture is not there is passed over and named."""
    items, problems = [], []
    with (root / "sheets.csv").open(newline="", encoding="utf-8") as table:
        for row in csv.DictReader(table):
            path = root / "shots" / f"{row['sheet']}_{side}.png"
            if path.is_file():
                read = partial(xai.open_picture, path, label=row["species"], name=path.stem)
                items.append(Item(path.stem, row["species"], read, stamp(path)))
            else:
                problems.append(xai.Problem(path.stem, "Its picture is not there."))
    return xai.Dataset(str(root), f"{root.name}, {side}", tuple(items), tuple(problems))
