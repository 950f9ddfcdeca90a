"""The picture of the README: what two networks look at where both are right. Writes docs/two-networks.jpg."""

from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont

import xai_core as xai
from xai_core import figures

OUT = Path(__file__).parents[1] / "docs" / "two-networks.jpg"
NETWORKS = {"digits": "Network A\nlooks at\nthe digit", "digits_shortcut": "Network B\nlooks at\nthe background"}
PICTURES, SURE, SHOWN = 120, 0.9, 7  # among so many pictures; named by both with this confidence; one of each class
SIDE, GAP, LEFT = 150, 8, 178  # pixels


def chosen(data: xai.Dataset) -> list[int]:
    """The first picture of each class that both networks name with confidence."""
    tables = [xai.evaluate(xai.load_model(key), data) for key in NETWORKS]
    sure = np.all([table["correct"] & (table["confidence"] > SURE) for table in tables], axis=0)
    first: dict[str, int] = {}
    for index in np.flatnonzero(sure):
        first.setdefault(str(data[int(index)].label), int(index))
    return [index for _, index in sorted(first.items())][:SHOWN]


def drawn(key: str, samples: list[xai.Sample]) -> list[np.ndarray]:
    """The map of the last stage over each picture."""
    model = xai.load_model(key)
    prepared = [model.preprocessing.prepare(sample) for sample in samples]
    layer = model.select("stages")[-1].name
    views = [figures.enlarged(np.asarray(sample.pixels), SIDE) for sample in prepared]
    tiles = figures.draw_tiles(views, xai.grad_cam(model, prepared, layers=[layer]), figures.Style(opacity=0.65))
    return [tile.pixels for tile in tiles[layer]]


def main() -> None:
    data = xai.load_dataset("textured_digits_shortcut", split="val").choose(limit=PICTURES)
    samples = [data[index] for index in chosen(data)]
    rows = {"What they\nare shown": [np.asarray(sample.pixels) for sample in samples]}
    rows |= {text: drawn(key, samples) for key, text in NETWORKS.items()}
    image = Image.new("RGB", (LEFT + len(samples) * (SIDE + GAP) - GAP, len(rows) * (SIDE + GAP) - GAP), "white")
    draw, font = ImageDraw.Draw(image), ImageFont.load_default(19)
    for row, (text, pictures) in enumerate(rows.items()):
        top = row * (SIDE + GAP)
        draw.multiline_text((8, top + SIDE / 2), text, fill="#222222", font=font, anchor="lm", spacing=6)
        for column, pixels in enumerate(pictures):
            tile = Image.fromarray(pixels).resize((SIDE, SIDE), Image.Resampling.BICUBIC)
            image.paste(tile, (LEFT + column * (SIDE + GAP), top))
    image.save(OUT, quality=82, optimize=True)


if __name__ == "__main__":
    main()
