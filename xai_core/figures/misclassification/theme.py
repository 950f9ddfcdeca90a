"""Colours of the page that shows a table or gallery; the fallbacks are for a file of its own."""

from __future__ import annotations

# Colours of the page that shows them; the fallbacks are for a file of its own.
THEME = "<style>.cm,.gl{color:var(--st-text-color,#222);font-family:var(--st-font,sans-serif)}</style>"
