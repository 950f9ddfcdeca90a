"""What runs beside the pages: the queues, and long work that several sessions share."""

from app.jobs import checks, evaluations, growing, queue

__all__ = ["checks", "evaluations", "growing", "queue"]
