"""What was discovered, in a notebook."""

from __future__ import annotations

from html import escape
from typing import Any

from xai_core.figures.displays.markup import table_html


def discovery_html(found: Any) -> str:
    """Suspected shortcuts in sentences, what could have been found, and every test.

    Parameters
    ----------
    found : Discovery

    Returns
    -------
    str
        HTML.
    """
    suspects = "".join(f"<li><b>{escape(one.name)}.</b> {escape(one.sentence)}</li>" for one in found.suspects)
    head = f"<ul>{suspects}</ul>" if suspects else "<p><b>No shortcut was found.</b></p>"
    said = "".join(f"<li>{escape(one)}</li>" for one in (*found.doubts, *found.left_out, *found.sentences))
    table = table_html(found.table) if len(found.table) else ""
    return f"{head}{f'<ul>{said}</ul>' if said else ''}{table}"
