"""A lesson on one sheet of paper: its questions, with the claims and their numbers."""

from __future__ import annotations

from html import escape

from app.lessons.lesson import Lesson

_CSS = """@page{size:A4;margin:14mm}
body{font:10.5pt/1.35 system-ui,sans-serif;color:#111;background:#fff;max-width:182mm;margin:0 auto}
h1{font-size:17pt;margin:0 0 2mm}p{margin:0 0 1.5mm}ol{padding-left:6mm;margin:3mm 0}
li{margin:0 0 3mm;break-inside:avoid}li b{display:block}.q{font-style:italic}
.foot{border-top:.3mm solid #999;padding-top:2mm;font-size:9pt;color:#333}"""


def sheet_html(lesson: Lesson) -> str:
    """A page that prints on one sheet of A4 and opens offline.

    Parameters
    ----------
    lesson : Lesson

    Returns
    -------
    str
        HTML; its numbers are computed on this computer.
    """
    items = []
    for step in lesson.steps:
        found = step.evidence()
        items.append(
            f"<li><b>{escape(step.title)}</b><p class='q'>{escape(step.question)}</p>"
            f"<p>{escape(found.claim)}</p><p>{escape(found.why)}</p></li>"
        )
    title = escape(lesson.title)
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{title}</title><style>{_CSS}</style></head>'
        f"<body><h1>{title}</h1><p>{escape(lesson.opening)}</p><ol>{''.join(items)}</ol>"
        f'<p class="foot">{escape(lesson.leads)} All numbers were computed on the computer on which this sheet was '
        "made, with the networks and pictures that are included in the dashboard.</p></body></html>"
    )
