"""The questions that the dashboard asks of a classifier, each described once, in a folder of its own.

`question.py` there is the record, under the folder's name in capitals: pages, command, addresses, guide and start page
read it. To add a question, add its folder, its page, and its name to ORDER.
"""

from importlib import import_module

from xai_core.errors import DataError
from xai_core.questions.methods.question import METHODS
from xai_core.questions.question import Choice, Guide, Question

# Folders, in the order of the navigation and of the start page.
ORDER = ("layers", "foreground", "misclassified", "evolution", "discovery")
QUESTIONS: tuple[Question, ...] = tuple(
    getattr(import_module(f"xai_core.questions.{name}.question"), name.upper()) for name in ORDER
)

# Asked in a section of other pages: with a command and a report, but no page of their own; `page` is one of these.
SECTIONS = (METHODS,)

__all__ = ["ORDER", "QUESTIONS", "SECTIONS", "Choice", "Guide", "Question", "get_question"]


def get_question(key: str) -> Question:
    """A question by its key, or by the name of its page.

    Parameters
    ----------
    key : str
        Its key, or the name of its page.

    Returns
    -------
    Question

    Raises
    ------
    DataError
        If there is none, such as that of a study whose plug-in is not here.
    """
    known = (*QUESTIONS, *SECTIONS)
    found = next((one for one in known if key in (one.key, one.page)), None)
    if found is None:
        raise DataError(f"There is no question {key!r} here. There are: {', '.join(one.key for one in known)}.")
    return found
