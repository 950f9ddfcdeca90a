"""Why this class and not that: rival explanations of one picture, beside others that are right, and a check."""

from app.explanations.page import report_parts, show

__all__ = ["report_parts", "show"]
