"""What the charts of the pages have in common."""

from __future__ import annotations

from typing import Any

from app.controls.files import named


def quiet(name: str) -> dict[str, Any]:
    """Plotly without its bar of buttons but for the picture of a chart, when the pointer is on it.

    The picture is as large as a slide, and its file says what it shows: the chart, data, label, model and day.

    Parameters
    ----------
    name : of the chart, as in a file's name
    """
    filename = named(f"{name}.png").removesuffix(".png")
    return {
        "displaylogo": False,
        "modeBarButtons": [["toImage"]],
        "toImageButtonOptions": {"format": "png", "filename": filename, "width": 1600, "height": 900, "scale": 2},
    }
