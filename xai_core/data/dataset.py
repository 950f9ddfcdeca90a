"""A data set: pictures that are read when asked for, and the choice of some of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, NamedTuple

from xai_core.data.decisions.options import Chosen
from xai_core.data.decisions.records import Decisions
from xai_core.data.decisions.whole import SetReading
from xai_core.data.groups import groups_note
from xai_core.data.items import Item, mapped, taking_turns
from xai_core.errors import DataError, PictureError
from xai_core.types import Sample
from xai_core.types.counts import form, number_of
from xai_core.types.display import Displayed

__all__ = ["Dataset", "Item", "Problem", "Reading", "call_text"]


@dataclass(frozen=True)
class Problem:
    """A picture that could not be read, and why.

    Attributes
    ----------
    name : str
        Of the picture or file.
    reason : str
        A sentence.

    Examples
    --------
    >>> import xai_core as xai
    >>> xai.from_uploads([("broken.png", b"no picture")]).read()[1][0].name
    'broken.png'
    """

    name: str
    reason: str


class Reading(NamedTuple):
    """What was read of a data set.

    Attributes
    ----------
    samples : list of Sample
        Those that can be read.
    problems : list of Problem
        The others, each with the reason.
    """

    samples: list[Sample]
    problems: list[Problem]


@dataclass(frozen=True, eq=False)
class Dataset(Displayed, Sequence[Sample]):
    """Pictures in a fixed order; indexing reads one.

    Attributes
    ----------
    key : str
        Its name in code: that of the registry, or a folder's path.
    title : str
        Its name for people.
    items : tuple of Item
        One a picture, nothing read yet.
    skipped : tuple of Problem
        Files that are no pictures by their name, and other things that were passed over.
    code : str
        The Python expression that gives the same pictures again, with `import xai_core as xai`; or empty.
    models : tuple of str
        Keys of the models that know such pictures, the usual one first; empty where ImageNet's classes do.
    notes : tuple of str
        What was decided of the whole set when its files were listed, a sentence each: what folders stand for, which
        files are masks.
    reading : SetReading, optional
        How its files are read, as was decided for all of them.
    options : Mapping of str to object
        What it was loaded with besides its split.

    Examples
    --------
    >>> import xai_core as xai
    >>> digits = xai.load_dataset("textured_digits")
    >>> len(digits), digits[0].pixels.shape, len(digits[:5])
    (300, (64, 64, 3), 5)
    """

    key: str
    title: str
    items: tuple[Item, ...]
    skipped: tuple[Problem, ...] = ()
    code: str = ""
    models: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    reading: SetReading | None = None
    options: Mapping[str, Any] = field(default_factory=dict)

    def __repr__(self) -> str:
        labels = number_of(len(self.labels), "label")
        return f"<Dataset {self.title!r}: {number_of(len(self.items), 'picture')}, {labels}>"

    @property
    def decisions(self) -> Decisions:
        """What was decided of its files as a whole; some of them are looked at when it is asked for the first time."""
        if self.reading is None:
            return SetReading([item.read for item in self.items], Chosen()).decisions
        return self.reading.decisions

    @property
    def how_read(self) -> tuple[str, ...]:
        """What was decided when its files were listed, and of the files as a whole, a sentence each."""
        return (*self.notes, *groups_note(self.groups), *self.decisions.sentences)

    @cached_property
    def labels(self) -> tuple[str, ...]:
        """The labels that occur, in order of first appearance."""
        return tuple(dict.fromkeys(label for item in self.items for label in item.every_label))

    @property
    def labelled(self) -> tuple[tuple[str, str | None, Mapping[str, str] | None], ...]:
        """Each label that occurs, with its WordNet id and what it was said to stand for; in order of appearance."""
        found: dict[str, tuple[str, str | None, Mapping[str, str] | None]] = {}
        for item in self.items:
            for label in item.every_label:
                found.setdefault(label, (label, item.wnid, item.label_map))
        return tuple(found.values())

    @property
    def groups(self) -> tuple[str | None, ...]:
        """What each picture belongs to; empty where no picture belongs to anything."""
        found = tuple(item.group for item in self.items)
        return found if any(found) else ()

    @property
    def several_labels(self) -> bool:
        """Whether its pictures can have several labels each."""
        return any(item.labels is not None for item in self.items)

    def __len__(self) -> int:
        return len(self.items)

    def __getitem__(self, index):  # type: ignore[no-untyped-def]
        """One sample, or a data set of some.

        Raises
        ------
        PictureError
            If the picture cannot be read.
        """
        if isinstance(index, slice):
            return self._some(self.items[index], f"[{index!r}]")
        return self.items[index].read()

    def _some(self, items: Sequence[Item], how: str) -> Dataset:
        return replace(self, items=tuple(items), code=self.code and self.code + how)

    def __iter__(self) -> Iterator[Sample]:
        return (item.read() for item in self.items)

    def choose(
        self, labels: Sequence[str] | str | None = None, limit: int | None = None, also: Sequence[str] = ()
    ) -> Dataset:
        """The pictures of some labels, at most `limit`, the labels taking turns.

        Parameters
        ----------
        labels : str or Sequence[str], optional
            None and an empty list take all.
        limit : int, optional
            1 or more.
        also : Sequence[str]
            Names of pictures to add beyond the limit; those that are not here are passed over.

        Returns
        -------
        Dataset

        Raises
        ------
        DataError
            If a label has no pictures, or limit is below one.

        Examples
        --------
        >>> import xai_core as xai
        >>> [sample.name for sample in xai.load_dataset("photos").choose(["tabby", "espresso"])]
        ['coffee', 'chelsea']
        """
        labels = [labels] if isinstance(labels, str) else labels
        also = [also] if isinstance(also, str) else also
        if unknown := [label for label in labels or () if label not in self.labels]:
            known = ", ".join(self.labels) or "none: its pictures are not labelled"
            raise DataError(f"{self.title} has no pictures of {unknown[0]!r}. Its labels are: {known}.")
        if limit is not None and limit < 1:
            raise DataError(f"limit must be at least 1, got {limit}.")
        wanted = set(labels or ())
        items = self.items
        if wanted:
            items = tuple(item for item in items if not wanted.isdisjoint(item.every_label))
        kept = list(items if limit is None or limit >= len(items) else taking_turns(items, limit))
        there = {item.name for item in kept} if also else set()
        besides = [item for item in self.items if item.name in also and item.name not in there] if also else []
        if len(kept) + len(besides) == len(self) and kept == list(self.items):
            return self
        asked = {
            "labels": list(labels or ()),
            "limit": int(limit) if limit is not None and len(kept) < len(items) else None,
            "also": [item.name for item in besides],
        }
        return self._some([*kept, *besides], f".choose({call_text(**{k: v for k, v in asked.items() if v})})")

    def map_labels(self, label_map: Mapping[str, str]) -> Dataset:
        """The same pictures, with what their labels stand for among a model's classes.

        Parameters
        ----------
        label_map : Mapping of str to str
            Label -> a class's name or number; empty for none. Labels that do not occur are named in `notes`.

        Returns
        -------
        Dataset
            Labels stay as they are; only what is right or wrong goes by the classes.

        Examples
        --------
        >>> import xai_core as xai
        >>> photos = xai.load_dataset("photos").map_labels({"tabby": "tiger cat"})
        >>> xai.true_classes(xai.load_model("efficientnet_lite0"), list(photos.choose("tabby")))
        [282]
        """
        names = dict.fromkeys([*self.labels, *(name for item in self.items for name in item.annotated)])
        there = {label: str(label_map[label]) for label in names if label in label_map}
        absent = [label for label in label_map if label not in there]
        said = f"{', '.join(map(repr, absent))} {form(len(absent), 'occurs', 'occur')} in no picture."
        notes = (f"Of the labels and classes that were given, {said}",) if absent else ()
        found = replace(self, notes=(*self.notes, *notes))
        if not there:
            return found
        items = tuple(mapped(item, there) for item in self.items)
        return replace(found, items=items, code=self.code and f"{self.code}.map_labels({there!r})")

    def take(self, indices: Sequence[int]) -> Dataset:
        """Some of the pictures, in the order asked for.

        Parameters
        ----------
        indices : Sequence[int]
            Places of the pictures, each in [0, N).

        Returns
        -------
        Dataset

        Examples
        --------
        >>> import xai_core as xai
        >>> [sample.name for sample in xai.load_dataset("photos").take([1, 0])]
        ['chelsea', 'coffee']
        """
        return self._some([self.items[index] for index in indices], f".take({[int(index) for index in indices]!r})")

    def taking_turns(self) -> Dataset:
        """The same pictures, the labels taking turns: the first n are then of all labels, as far as there are.

        Returns
        -------
        Dataset

        Examples
        --------
        >>> import xai_core as xai
        >>> xai.load_dataset("textured_digits").taking_turns()[:10].labels
        ('4', '6', '1', '3', '5', '0', '9', '2', '7', '8')
        """
        return self._some(taking_turns(self.items), ".taking_turns()")

    def read(self) -> Reading:
        """All samples that can be read, and the others with the reason."""
        samples, problems = [], []
        for item in self.items:
            try:
                samples.append(item.read())
            except PictureError as error:
                problems.append(Problem(item.name, str(error)))
        return Reading(samples, problems)


def call_text(*positional: object, **named: object) -> str:
    """Arguments as they are written in a call."""
    return ", ".join([*map(repr, positional), *(f"{name}={value!r}" for name, value in named.items())])
