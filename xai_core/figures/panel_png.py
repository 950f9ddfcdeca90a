"""The panel of rival explanations as a picture on white."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from PIL import Image, ImageDraw, ImageFont

from xai_core.figures.panel import SIDE, Block, flat_text
from xai_core.figures.tiles import fitted
from xai_core.types import Method


def panel_png(blocks: Sequence[Block], notes: Mapping[Method, str], heading: str) -> Image.Image:
    """The same panel as a picture on white.

    Parameters
    ----------
    blocks : Sequence of Block
        The picture itself first.
    notes : Mapping[Method, str]
        What stands below a method's name (seconds, layer), in the order of the rows.
    heading : str
        What stands above it; cut where it is too long.

    Returns
    -------
    PIL.Image.Image
    """
    side, left, top, gap = SIDE, 170, 250, 8
    n = sum(len(block.heads) for block in blocks)
    width = left + n * (side + gap) + 16 * len(blocks)
    foot = top + len(notes) * (side + gap) + 8
    image = Image.new("RGB", (width, foot + 20 * (len(notes) + 1) + 8), "white")
    draw = ImageDraw.Draw(image)
    big, small = ImageFont.load_default(18), ImageFont.load_default(14)
    draw.text((8, 8), fitted(draw, heading, big, width - 16), "black", big)
    for row, (method, note) in enumerate(notes.items()):
        y = top + row * (side + gap)
        draw.text((8, y + 8), fitted(draw, method.title, big, left - 16), "black", big)
        for turn, part in enumerate(note.split(", ")):
            draw.text((8, y + 34 + 18 * turn), fitted(draw, part, small, left - 16), "#555555", small)
    legend = [f"{method.title}: {method.legend}" for method in notes]
    legend.append("Difference: red speaks for the first class, blue for the second, on the scale of the maps beside it")
    for turn, line in enumerate(legend):
        draw.text((8, foot + 20 * turn), fitted(draw, line, small, width - 16), "#333333", small)
    x = left
    for block in blocks:
        room = len(block.heads) * (side + gap) - gap
        draw.text((x, 40), fitted(draw, block.title, big, room), "black", big)
        image.paste(Image.fromarray(block.view).resize((144, 144)), (x, 68))
        for turn, line in enumerate(block.lines):
            draw.text((x + 154, 70 + 20 * turn), fitted(draw, line, small, room - 160), "#333333", small)
        for turn, head in enumerate(block.heads):
            draw.text(
                (x + turn * (side + gap), top - 26), fitted(draw, head.replace("−", "-"), small, side), "black", small
            )
        for row, method in enumerate(notes):
            for turn, tile in enumerate(block.tiles[method.key]):
                place = (x + turn * (side + gap), top + row * (side + gap))
                if tile is not None:
                    image.paste(Image.fromarray(tile.pixels).resize((side, side)), place)
                words = "not run" if tile is None else flat_text(method.drawing) if tile.flat else ""
                if words:
                    draw.text((place[0] + 6, place[1] + side - 22), words, "#14161c", small)
        x += len(block.heads) * (side + gap) + 16
    return image
