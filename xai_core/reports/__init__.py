"""What a page or a batch found, as one file that somebody else can read and repeat. One file an analysis."""

from xai_core.reports.evolution import evolution_report
from xai_core.reports.foreground import KINDS, foreground_report
from xai_core.reports.layers import layers_report
from xai_core.reports.misclassified import misclassified_report
from xai_core.reports.report import Chart, Markup, Part, Report, Section, Table, Text, to_html, to_zip

__all__ = [
    "KINDS",
    "Chart",
    "Markup",
    "Part",
    "Report",
    "Section",
    "Table",
    "Text",
    "evolution_report",
    "foreground_report",
    "layers_report",
    "misclassified_report",
    "to_html",
    "to_zip",
]
