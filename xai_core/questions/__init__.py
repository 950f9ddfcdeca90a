"""The questions that the dashboard asks of a classifier, each described once, in a folder of its own.

`question.py` there is the record, under the folder's name in capitals: pages, command, addresses, guide and start page
read it. To add a question, add its folder and its page.
"""

import pkgutil
from importlib import import_module

from xai_core.errors import DataError
from xai_core.questions.question import Choice, Guide, Question

_FOLDERS = [found.name for found in pkgutil.iter_modules(__path__) if found.ispkg]
_ALL: tuple[Question, ...] = tuple(
    sorted(
        (getattr(import_module(f"{__name__}.{name}.question"), name.upper()) for name in _FOLDERS),
        key=lambda one: (one.order, one.title),
    )
)
# Those with a page of their own, in the order of the navigation and of the start page; those in a section of others.
QUESTIONS = tuple(one for one in _ALL if not one.section)
SECTIONS = tuple(one for one in _ALL if one.section)

__all__ = ["QUESTIONS", "SECTIONS", "Choice", "Guide", "Question", "get_question"]


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
