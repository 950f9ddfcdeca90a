"""Which layer, which method? The section of any page with pictures and a model that can be explained."""

from app.comparing.section import Compared, report_parts, show, shown

__all__ = ["Compared", "report_parts", "show", "shown"]
