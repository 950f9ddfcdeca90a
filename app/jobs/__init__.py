"""What runs beside the pages: the queues, and long work that several sessions share."""

from app.jobs import checks, comparisons, evaluations, growing, queue

__all__ = ["checks", "comparisons", "evaluations", "growing", "queue"]
