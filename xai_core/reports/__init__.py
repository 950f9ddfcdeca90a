"""What a page or a batch found, as one file that somebody else can read and repeat; each question makes its own."""

from xai_core.reports.report import Chart, Markup, Part, Report, Section, Table, Text, to_html, to_zip

__all__ = ["Chart", "Markup", "Part", "Report", "Section", "Table", "Text", "to_html", "to_zip"]
