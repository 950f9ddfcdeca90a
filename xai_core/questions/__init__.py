"""The questions that the dashboard asks of a classifier, each described once, in a folder of its own.

`question.py` there is the record: pages, command, addresses, guide and start page read it. To add a question, add its
folder, its page, and a line here.
"""

from xai_core.questions.evolution.question import EVOLUTION
from xai_core.questions.foreground.question import FOREGROUND
from xai_core.questions.layers.question import LAYERS
from xai_core.questions.misclassified.question import MISCLASSIFIED
from xai_core.questions.question import Choice, Guide, Question

QUESTIONS: tuple[Question, ...] = (
    LAYERS,
    FOREGROUND,
    MISCLASSIFIED,
    EVOLUTION,
)  # in the order of the navigation and of the start page

__all__ = [
    "EVOLUTION",
    "FOREGROUND",
    "LAYERS",
    "MISCLASSIFIED",
    "QUESTIONS",
    "Choice",
    "Guide",
    "Question",
    "get_question",
]


def get_question(key: str) -> Question:
    """A question by its key, or by the name of its page."""
    return next(one for one in QUESTIONS if key in (one.key, one.page))
