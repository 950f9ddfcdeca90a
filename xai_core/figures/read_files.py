"""A few pictures as they were read: each with its object's outline, and what of it counts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

import numpy as np
from PIL import Image

from xai_core.figures.foreground.pictures import outlined
from xai_core.figures.tiles import jpeg_uri
from xai_core.types import ByteArray, Sample
from xai_core.types.geometry import Window, cut

_SIDE = 160  # pixels of the longer side of a copy
_OBJECT, _IGNORED, _BACKGROUND = (236, 187, 36), (128, 128, 128), (24, 26, 32)
_STYLE = (
    "<style>.read-files{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(100%,13rem),1fr));gap:14px 12px}"
    ".read-files figure{margin:0;min-width:0;display:grid;grid-template-columns:1fr 1fr;gap:4px 6px}"
    ".read-files img{width:100%;height:auto;max-height:9rem;object-fit:contain;object-position:left top;display:block;"
    "border-radius:3px;outline:1px solid rgba(138,143,152,.3)}"
    ".read-files figcaption{font-size:.75rem;line-height:1.35;opacity:.85;overflow-wrap:anywhere}"
    ".read-files .masked figcaption{grid-column:1/-1}"
    ".read-files-key{font-size:.75rem;opacity:.85;margin-top:8px}.read-files-key b{display:inline-block;width:.7em;"
    "height:.7em;border-radius:2px;margin:0 .3em 0 .8em;border:1px solid rgba(138,143,152,.6)}"
    ".read-files-key b:first-child{margin-left:0}</style>"
)


@dataclass(frozen=True)
class ReadExample:
    """A picture as it was read, small.

    Attributes
    ----------
    name : str
        What a person calls it.
    picture : str
        Source of an HTML image: the picture, with its object's outline where it has a mask.
    counts : str
        Source of an HTML image: object, background and what is ignored; empty without a mask.
    inside, ignored : float
        Shares of the picture, in [0, 1]; NaN without a mask.
    notes : tuple of str
        What was done to it on reading.
    """

    name: str
    picture: str
    counts: str
    inside: float
    ignored: float
    notes: tuple[str, ...]


def read_example(sample: Sample) -> ReadExample:
    """A picture as it was read.

    Parameters
    ----------
    sample : Sample
        The whole picture.

    Returns
    -------
    ReadExample
    """
    pixels = _small(sample.pixels, Image.Resampling.BOX)
    if sample.mask is None:
        return ReadExample(sample.name, jpeg_uri(pixels), "", float("nan"), float("nan"), sample.notes)
    mask = _small(sample.mask, Image.Resampling.NEAREST)
    colours = np.empty((*mask.shape, 3), np.uint8)
    colours[:] = _BACKGROUND
    colours[mask == 1], colours[mask == 255] = _OBJECT, _IGNORED
    return ReadExample(
        sample.name,
        jpeg_uri(outlined(pixels, mask, _SIDE)),
        jpeg_uri(colours, 95),
        float((sample.mask == 1).mean()),
        float((sample.mask == 255).mean()),
        sample.notes,
    )


def read_files_html(examples: Sequence[ReadExample]) -> str:
    """Examples side by side, and what their colours mean.

    Parameters
    ----------
    examples : Sequence of ReadExample
        Three at most.

    Returns
    -------
    str
        HTML.
    """
    figures = "".join(_figure(example) for example in examples)
    key = ""
    if any(example.counts for example in examples):
        named = (("object", _OBJECT), ("ignored", _IGNORED), ("background", _BACKGROUND))
        key = "".join(f'<b style="background:rgb{colour}"></b>{name}' for name, colour in named)
        key = f'<div class="read-files-key">{key}</div>'
    return f'{_STYLE}<div class="read-files">{figures}</div>{key}'


def _figure(example: ReadExample) -> str:
    name = escape(example.name)
    images = f'<img src="{example.picture}" alt="{name}">'
    said = name
    if example.counts:
        images += f'<img src="{example.counts}" alt="What counts of {name}">'
        said += f"<br>{example.inside:.1%} object" + (f", {example.ignored:.1%} ignored" if example.ignored else "")
    kind = ' class="masked"' if example.counts else ""
    return f"<figure{kind}>{images}<figcaption>{said}</figcaption></figure>"


def _small(pixels: ByteArray, how: Image.Resampling) -> ByteArray:
    height, width = pixels.shape[:2]
    scale = min(1.0, _SIDE / max(height, width))
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    if how == Image.Resampling.BOX:  # by bands, since a large picture as Pillow has it takes as much memory again
        whole = size[::-1]
        return cut(pixels, Window(whole, (0, 0), whole), how)
    return np.asarray(Image.fromarray(pixels).resize(size, how))
