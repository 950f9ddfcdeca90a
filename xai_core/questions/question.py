"""What a question is: a record from which its page, command, address, guide, start page and report read.

Nothing heavy is imported here or in the records: the command's help and the navigation read them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from xai_core.types import Classifier, Method

Pairs = list[tuple[str, str]]


@dataclass(frozen=True, eq=False)
class Choice:
    """What a question leaves to its user: a control of the page, an option of the command, a line of the report.

    Attributes
    ----------
    key : str
        Its name in requests and records.
    title : str
        Its name for people, and the label of the page's control.
    default : object
        The value without a choice.
    options : Mapping
        Value -> its name for people, which is also its text in an address; empty for a free value.
    other : str
        The name of what stands for any value that is none of the options; empty where there is none.
    help : str
        Of the page's control.
    address : str
        Its parameter in the page's address, which is the key of its control, too; empty where the page has none.
    about : str
        Help of the command's option; empty for a list of options that says enough.
    option : str
        Of the command; empty for two dashes and the key.
    metavar : str
        What stands for the value in the command's help.
    parse : callable, optional
        A free value from its text; it raises ValueError with a sentence.
    repeated : bool
        Whether the command's option may be given several times, each time a value.
    counts : callable, optional
        Whether it plays a part, given all choices; without it, always.
    pairs : callable, optional
        ``pairs(choices, model)``: the address's parameters and texts, where they are not simply its own and its name.
    """

    key: str
    title: str
    default: Any = None
    options: Mapping[Any, str] = field(default_factory=dict)
    other: str = ""
    help: str = ""
    address: str = ""
    about: str = ""
    option: str = ""
    metavar: str = ""
    parse: Callable[[str], Any] | None = None
    repeated: bool = False
    counts: Callable[[Mapping[str, Any]], bool] | None = None
    pairs: Callable[[Mapping[str, Any], Classifier], Pairs] | None = None

    def name_of(self, value: Any) -> str:
        """A value as people read it."""
        return self.options.get(value, str(value))

    def in_address(self, choices: Mapping[str, Any], model: Classifier) -> Pairs:
        """Parameters and texts with which the page's address says what was chosen."""
        if not self.address or (self.counts is not None and not self.counts(choices)):
            return []
        if self.pairs is not None:
            return self.pairs(choices, model)
        return [(self.address, self.name_of(choices[self.key]))]


@dataclass(frozen=True)
class Guide:
    """How to read a page, in Markdown.

    Attributes
    ----------
    look : tuple of str
        What to look at, in order.
    question : str
        To think about before the answer is opened.
    answer : str
        True whatever data and model are chosen.
    """

    look: tuple[str, ...]
    question: str
    answer: str


@dataclass(frozen=True, eq=False)
class Question:
    """A question about a classifier, and where it is asked.

    Attributes
    ----------
    key : str
        Its name in commands, folders of studies and reports.
    title : str
        The page's name.
    page : str
        The page's file in ``app/views``, without its ending, and its path in the dashboard's address.
    icon : str
        The page's icon, ``:material/name:``.
    short : str
        The question in a few words, for the start page.
    question : str
        The question in full, under the page's title and at the head of the report.
    guide : Guide
        How to read the page.
    about : str
        Help of the command; empty for a question without a batch study.
    choices : tuple of Choice
        What the user may choose besides pictures and model, in the order of the page and of its address.
    study : str
        Module and class of the batch study, ``module:Class``, imported when it is asked for; empty where there is none.
    so_far : str
        Module and record of what an unfinished study says, ``module:record``, imported when it is asked for; empty
        where it says nothing.
    suits : callable, optional
        Whether a method's maps can answer it; None where it takes no method.
    taking_turns : bool
        Whether pictures come with the labels taking turns, so that a part of them is a fair sample.
    fails : Mapping of str to str
        What the command's ``--fail-if`` may name -> the count of the study that then must be zero.
    order : int
        Its place in the navigation and on the start page, the smallest first; equal ones by title.
    section : bool
        Whether it is asked in a section of other pages: with a command and a report, but no page of its own; `page` is
        then one of these.
    """

    key: str
    title: str
    page: str
    icon: str
    short: str
    question: str
    guide: Guide
    about: str = ""
    choices: tuple[Choice, ...] = ()
    study: str = ""
    so_far: str = ""
    suits: Callable[[Method], bool] | None = None
    taking_turns: bool = False
    fails: Mapping[str, str] = field(default_factory=dict)
    order: int = 100
    section: bool = False

    def choice(self, key: str) -> Choice:
        """One of its choices by its key."""
        return next(one for one in self.choices if one.key == key)

    def load_study(self) -> Callable[..., Any]:
        """The class of its batch study."""
        return _imported(self.study)

    def load_so_far(self) -> Any:
        """What an unfinished study says, a `so_far.SoFar`."""
        return _imported(self.so_far)


def _imported(place: str) -> Any:
    """What ``module:name`` stands for."""
    module, _, name = place.partition(":")
    return getattr(import_module(module), name)


def listed_texts(text: str) -> tuple[str, ...]:
    """Texts with commas between them.

    Parameters
    ----------
    text : str
        As the command takes it.

    Returns
    -------
    tuple of str
    """
    return tuple(part.strip() for part in text.split(",") if part.strip())


def sized(names: Sequence[str], model: Classifier, between: str) -> list[str]:
    """Layers as the pages call them where they are chosen by name: "layer4  (7 × 7)"."""
    return [f"{layer.name}{between}({layer.size[0]} × {layer.size[1]})" for layer in model.select(list(names))]
