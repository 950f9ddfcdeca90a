"""Why this class and not that: rival explanations of one picture, beside others that are right, and a check."""

from app.explanations.labels import OfLabels
from app.explanations.page import report_parts, show
from app.explanations.subjects import OfOneClass

__all__ = ["OfLabels", "OfOneClass", "report_parts", "show"]
