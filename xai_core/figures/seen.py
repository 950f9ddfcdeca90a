"""The part of a picture that a network sees, drawn on the whole picture."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from xai_core.figures.tiles import jpeg_uri
from xai_core.types import ByteArray
from xai_core.types.seen import SIDE, SeenWhole

_WORTH_A_WORD = 0.005  # share of the object outside
_STYLE = (
    "<style>.seen{display:flex;gap:12px;flex-wrap:wrap;align-items:flex-start}"
    ".seen figure{margin:0;max-width:100%}.seen figcaption{font-size:.8rem;opacity:.75;margin-top:4px;max-width:256px}"
    ".seen>figure>div{position:relative;overflow:hidden;border-radius:4px;line-height:0;width:fit-content;"
    "max-width:100%}"
    ".seen img{display:block;height:auto;max-width:100%;border-radius:4px}"
    ".seen i{position:absolute;box-sizing:border-box;border:2px solid #fff;outline:1px solid #159A92;"
    "box-shadow:0 0 0 9999px rgba(0,0,0,.55)}</style>"
)


@dataclass(frozen=True)
class SeenPart:
    """A small copy of a whole picture, as pages show it, and what of it the network sees.

    Attributes
    ----------
    source : str
        The picture as the source of an HTML image, a JPEG.
    width, height : int
        Of the copy, in pixels.
    box : tuple of float
        (left, top, right, bottom) of what is seen, as shares of width and height, in [0, 1].
    object_seen : float
        How much of the object's mask is seen, in [0, 1]; NaN where there is none.
    """

    source: str
    width: int
    height: int
    box: tuple[float, float, float, float]
    object_seen: float = float("nan")

    @property
    def share(self) -> float:
        """How much of the picture is seen, in [0, 1]."""
        left, top, right, bottom = self.box
        return (right - left) * (bottom - top)


def seen_part(whole: SeenWhole) -> SeenPart:
    """What a network sees of a picture, as pages show it.

    Parameters
    ----------
    whole : SeenWhole
        As `seen_whole` gives it.

    Returns
    -------
    SeenPart
    """
    height, width = whole.pixels.shape[:2]
    return SeenPart(jpeg_uri(whole.pixels), width, height, whole.box, whole.object_seen)


def seen_html(part: SeenPart | None, name: str, view: ByteArray | None = None) -> str:
    """The whole picture with a frame around what the network sees, the rest dimmed; beside it what it sees.

    Parameters
    ----------
    part : SeenPart or None
        None where the network sees all of it.
    name : str
        What a person calls the picture.
    view : ndarray, optional
        uint8 (h, w, 3), what the network sees.

    Returns
    -------
    str
        HTML.
    """
    whole = "" if part is None else _whole(part, name)
    seen = "" if view is None else _view(view, name)
    return f'{_STYLE}<div class="seen">{whole}{seen}</div>'


def all_seen_html(parts: Sequence[tuple[str, SeenPart]]) -> str:
    """Several pictures, each with a frame around what the network sees of it.

    Parameters
    ----------
    parts : Sequence of (str, SeenPart)
        What a person calls each, and what is seen of it.

    Returns
    -------
    str
        HTML.
    """
    return f'{_STYLE}<div class="seen">{"".join(_whole(part, name, named=True) for name, part in parts)}</div>'


def _whole(part: SeenPart, name: str, *, named: bool = False) -> str:
    left, top, right, bottom = (100 * value for value in part.box)
    said = f"{escape(name)}." if named else "The whole picture."
    frame = f'<i style="left:{left:.2f}%;top:{top:.2f}%;width:{right - left:.2f}%;height:{bottom - top:.2f}%"></i>'
    return (
        f"<figure><div>{_image(part.source, part.width, part.height, f'{name}, whole')}{frame}</div>"
        f"<figcaption>{said} The model sees the {part.share:.0%} in the frame.{_of_object(part)}"
        "</figcaption></figure>"
    )


def _of_object(part: SeenPart) -> str:
    """How much of the object is not seen, where that is something."""
    outside = 1 - part.object_seen
    return f" {outside:.0%} of the object's mask lies outside it." if outside >= _WORTH_A_WORD else ""


def _view(view: ByteArray, name: str) -> str:
    height, width = view.shape[:2]
    image = _image(jpeg_uri(view), width, height, f"{name}, as the model sees it")
    return f"<figure><div>{image}</div><figcaption>What it sees: {width} × {height} pixels.</figcaption></figure>"


def _image(source: str, width: int, height: int, alt: str) -> str:
    """An image whose longer side has a fixed length on the page."""
    scale = SIDE / max(width, height)
    size = f'width="{round(scale * width)}" height="{round(scale * height)}"'
    return f'<img src="{source}" {size} alt="{escape(alt)}">'
