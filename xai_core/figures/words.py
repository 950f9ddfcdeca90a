"""Names in plotly's figures, which take some HTML in any text for what it says: tags, links, entities."""

from __future__ import annotations

from html import escape


def as_text(name: object) -> str:
    """A name that plotly shows as it is; quotes stay, since plotly does not know their entities."""
    return escape(str(name), quote=False)
