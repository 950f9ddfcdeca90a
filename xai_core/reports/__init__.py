"""What a page or a batch found, as one file that somebody else can read and repeat; each question makes its own."""

from xai_core.reports.archive import all_tables, to_zip
from xai_core.reports.page import to_html
from xai_core.reports.report import Chart, Markup, Part, Report, Section, Table, Text

__all__ = ["Chart", "Markup", "Part", "Report", "Section", "Table", "Text", "all_tables", "to_html", "to_zip"]
