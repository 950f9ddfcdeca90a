"""The names of a network's classes, from what users have: lists, id2label, files, one name for one output."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from xai_core import bounded_json, regular
from xai_core.errors import ModelError
from xai_core.models import imagenet
from xai_core.types import Outputs
from xai_core.types.names import unusable

Names = Sequence[str] | Mapping[Any, Any] | str | Path
_FILES = (".txt", ".json", ".csv", ".names", ".labels")
IMAGENET = "imagenet"

MAX_BYTES = 16 << 20  # of a file of class names


def listed(names: Names | None) -> list[str] | None:
    """Class names in the order of the outputs, as texts.

    Parameters
    ----------
    names : sequence of str, Mapping, "imagenet", or path of a file
        A mapping from place to name, as `id2label`, or from name to place; a file with one name a line, or JSON.

    Returns
    -------
    list of str or None
        None for None.

    Raises
    ------
    ModelError
        If they are no such thing.
    """
    if names is None:
        return None
    if isinstance(names, str | Path):
        if names == IMAGENET:
            return list(imagenet.class_names())
        if Path(names).suffix.lower() not in _FILES:
            raise ModelError(f'class_names takes a list of names or "imagenet", not {names!r}.')
        return listed(_of_file(Path(names)))
    if isinstance(names, Mapping):
        names = _of_mapping(names)
    texts = [str(name).strip() for name in names]
    if "" in texts:
        raise ModelError(f"The class name of output {texts.index('')} is empty; every class needs a name.")
    if wrong := unusable(texts):
        raise ModelError(f"A class has a name with {wrong}.")
    return texts


def _of_file(path: Path) -> Any:
    try:
        text = regular.read_bytes(regular.named_path(path), MAX_BYTES).decode("utf-8-sig")
    except (OSError, UnicodeError, ValueError) as error:
        raise ModelError(f"The class names cannot be read from {path.name}.") from error
    if path.suffix.lower() == ".json":
        try:
            content = bounded_json.loads(text)
        except ValueError as error:
            raise ModelError(f"{path.name} is no JSON with class names.") from error
        content = content.get("id2label", content) if isinstance(content, dict) else content
        if isinstance(content, dict | list):
            return content
        raise ModelError(f"{path.name} holds no list of class names.")
    return [line for line in text.splitlines() if line.strip()]


def _of_mapping(names: Mapping[Any, Any]) -> list[Any]:
    def numbers(values: Any) -> list[int] | None:
        try:
            return [int(value) for value in values]
        except (TypeError, ValueError, OverflowError):
            return None

    if (places := numbers(names)) is not None:
        by_place = dict(zip(places, names.values(), strict=True))
    elif (places := numbers(names.values())) is not None:  # label2id
        by_place = dict(zip(places, names, strict=True))
    else:
        raise ModelError("Class names in a dict go by the number of the output, such as {0: 'cat', 1: 'dog'}.")
    missing = [place for place in range(len(by_place)) if place not in by_place]
    if missing:
        raise ModelError(f"The class names have none for output {missing[0]}; they go from 0 to {len(by_place) - 1}.")
    return [by_place[place] for place in range(len(by_place))]


def complete(names: Sequence[str] | None, outputs: Outputs, count: int, title: str) -> tuple[str, ...]:
    """K names for K classes: numbered where there are none, the other one of two where one is given.

    Parameters
    ----------
    names : sequence of str or None
        As `listed` gives them.
    outputs : Outputs
        One output that stands for two classes may have one name, that of the second.
    count : int
        K.
    title : str
        The network's name for people.

    Raises
    ------
    ModelError
        If their number is another, or one is there twice.
    """
    if names is None:
        return ("negative", "positive") if outputs.single else tuple(f"class {index}" for index in range(count))
    if outputs.single and len(names) == 1:
        return f"not {names[0]}", names[0]
    if len(names) != count:
        has = "one output, for two classes" if outputs.single else f"{count} outputs"
        were = "class name was" if len(names) == 1 and outputs.single else "class names were"
        raise ModelError(f"{title} has {has}, but {len(names)} {were} given.")
    repeated = {name for name, times in Counter(names).items() if times > 1}
    if repeated and count == len(imagenet.wnids()):  # ImageNet's usual list has two cranes and two maillots
        names = [
            f"{name} ({wnid})" if name in repeated else name for name, wnid in zip(names, imagenet.wnids(), strict=True)
        ]
    elif repeated:
        raise ModelError(f"The class name {min(repeated)!r} is given twice; every class needs a name of its own.")
    return tuple(names)
