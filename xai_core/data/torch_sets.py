"""A data set of torch's as one of pictures: its items are read when asked for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol
from uuid import uuid4

import numpy as np
import numpy.typing as npt

from xai_core.data.array_pictures import channels_last, picture_bytes
from xai_core.data.dataset import Dataset, Item
from xai_core.data.pictures import make_sample
from xai_core.errors import DataError, PictureError
from xai_core.types import Sample
from xai_core.types.counts import form, number_of

_TARGETS = ("targets", "labels", "_labels", "y")  # attributes in which data sets of torchvision keep the classes
_PICTURES, _LABELS = ("image", "img"), ("label", "labels")  # fields of an item that is a dict
_PAIRS = ("samples", "imgs")  # or (file, class)


class SizedItems(Protocol):
    """What a data set of torch's is: items by their number, and how many there are."""

    def __getitem__(self, index: int, /) -> Any: ...
    def __len__(self) -> int: ...


def is_torch_set(given: object) -> bool:
    """Whether something is like a data set of torch's: it has a length, and items by their number."""
    known = isinstance(given, str | bytes | dict | list | tuple | np.ndarray | Dataset)
    return not known and hasattr(given, "__getitem__") and hasattr(given, "__len__")


def from_torch(given: Any, class_names: Sequence[str] | None = None) -> Dataset:
    """The pictures of a data set of torch's, whose items are (picture, class).

    Parameters
    ----------
    given : torch.utils.data.Dataset
        Its pictures are PIL images, arrays (H, W), (H, W, 3) or tensors (C, H, W): uint8, or floats from 0 to 1. The
        classes are numbers, or None.
    class_names : Sequence[str], optional
        None takes those of its attribute `classes`, else the numbers.

    Returns
    -------
    Dataset
        The classes come from `targets`, `labels` or `samples`, as torchvision's have them; where it has none of
        those, each item is read once for its class.

    Raises
    ------
    DataError
        If an item is no (picture, class), or a class has no name.

    Examples
    --------
    >>> import numpy as np
    >>> pairs = [(np.full((4, 4), 7, np.uint8), 1)]
    >>> class Pairs:
    ...     def __len__(self):
    ...         return len(pairs)
    ...     def __getitem__(self, index):
    ...         return pairs[index]
    >>> from_torch(Pairs(), ["cat", "dog"])[0].label
    'dog'
    """
    title = type(given).__name__
    count = len(given)
    if not count:
        raise DataError(f"{title} holds no pictures.")
    names = class_names if class_names is not None else _own_names(given)
    if isinstance(names, str):
        raise DataError(f"class_names is a list of names, one a class; got the text {names!r}.")
    numbers = _kept_numbers(given, count)
    if numbers is None:
        numbers = [_number(_pair(given, index, title)[1], index, title) for index in range(count)]
    items = []
    mark = uuid4().hex  # what it holds cannot be asked without reading it, so no result of another one may be taken
    for index, number in enumerate(numbers):
        label = None if number is None else _name(number, names, index, title)
        picture = _Picture(given, index, f"{title}[{index}]", label)
        items.append(Item(picture.name, label, picture.read, f"{title}:{mark}:{index}"))
    return Dataset(title, title, tuple(items))


@dataclass(frozen=True, eq=False)
class _Picture:
    """An item, to be read later."""

    given: Any
    index: int
    name: str
    label: str | None

    def read(self) -> Sample:
        picture, _ = _pair(self.given, self.index, type(self.given).__name__)
        return make_sample(_content(picture, self.name), self.name, label=self.label)


def _content(picture: Any, name: str) -> bytes:
    """A picture as a file's content, whatever it is.

    Raises
    ------
    PictureError
        If it is none.
    """
    from PIL import Image

    if isinstance(picture, Image.Image):
        if picture.mode in ("L", "RGB", "RGBA", "I", "F", "I;16"):
            return picture_bytes(np.asarray(picture), name)
        return picture_bytes(np.asarray(picture.convert("RGBA" if "A" in picture.getbands() else "RGB")), name)
    if hasattr(picture, "detach") and hasattr(picture, "cpu"):  # a tensor; the library may know torch, not this module
        values = picture.detach().cpu()
        values = values.float().numpy() if str(values.dtype) in ("torch.float16", "torch.bfloat16") else values.numpy()
    else:
        try:
            values = np.asarray(picture)
        except Exception as error:  # rows of different lengths, or whatever somebody's object does
            what = type(picture).__name__
            raise PictureError(f"{name} is {what}, where an image, an array or a tensor was expected.") from error
    values = channels_last(values)
    if values.dtype.kind == "f" and values.size:
        _check_range(values, name)
        values = np.round(values * 255).astype(np.uint8)  # as torchvision's to_pil_image
    return picture_bytes(values, name)


def _check_range(values: npt.NDArray[Any], name: str) -> None:
    """That floats are from 0 to 1; else it was forgotten to leave out what normalises them."""
    low, high = float(values.min()), float(values.max())
    if not (low >= 0 and high <= 1):
        raise PictureError(
            f"{name} holds values from {low:.3g} to {high:.3g}; floats are read from 0 (black) to 1 (white). Leave out "
            "the transform that normalises them: the model's own preprocessing does."
        )


def _pair(given: Any, index: int, title: str) -> tuple[Any, Any]:
    try:
        item = given[index]
    except Exception as error:  # it is somebody else's code
        raise PictureError(f"{title}[{index}] cannot be read: {type(error).__name__}: {error}.") from error
    if isinstance(item, dict):
        found = [
            next((item[key] for key in keys if key in item), None) for keys in (("image", "img"), ("label", "labels"))
        ]
        item = tuple(found) if found[0] is not None else item
    if not isinstance(item, tuple | list) or len(item) < 2:
        raise PictureError(f"{title}[{index}] is {type(item).__name__}, where a pair (picture, class) was expected.")
    return item[0], item[1]


def _number(value: Any, index: int, title: str) -> int | str | None:
    """A class as an item has it: a number, also in a tensor or array; a name; or None."""
    if value is None or isinstance(value, str):
        return value
    single = value.item() if hasattr(value, "item") and _is_single(value) else value
    if isinstance(single, bool | int | np.integer) or (isinstance(single, float) and single.is_integer()):
        return int(single)
    raise DataError(f"{title}[{index}] has the class {str(value)[:60]}, where a whole number was expected.")


def _is_single(value: Any) -> bool:
    return all(side == 1 for side in getattr(value, "shape", ()))


def _own_names(given: Any) -> Sequence[str] | None:
    """The names of the classes that a data set of torchvision's or of Hugging Face's has."""
    names = getattr(given, "classes", None) or getattr(getattr(given, "dataset", None), "classes", None)
    if names is None and isinstance(features := getattr(given, "features", None), dict):
        names = next((getattr(features[key], "names", None) for key in _LABELS if key in features), None)
    return names


def _kept_numbers(given: Any, count: int) -> list[int | str | None] | None:
    """The classes that a data set keeps beside its pictures; None where it does not."""
    inner, places = getattr(given, "dataset", None), getattr(given, "indices", None)
    if inner is not None and places is not None:  # a subset
        kept = _kept_numbers(inner, len(inner))
        return None if kept is None else [kept[int(place)] for place in places]
    features = getattr(given, "features", None)  # of Hugging Face's, which keep a column a field
    if isinstance(features, dict) and (key := next((key for key in _LABELS if key in features), None)):
        return [_number(value, index, type(given).__name__) for index, value in enumerate(given[key])]
    found = next((kept for name in _TARGETS if (kept := getattr(given, name, None)) is not None), None)
    if found is None:
        pairs = next((kept for name in _PAIRS if (kept := getattr(given, name, None)) is not None), None)
        found = None if pairs is None else [pair[1] for pair in pairs]
    if found is None or not hasattr(found, "__len__") or len(found) != count:
        return None
    title = type(given).__name__
    try:
        return [_number(value, index, title) for index, value in enumerate(found)]
    except DataError:  # several classes a picture, or something else of that name
        return None


def _name(number: int | str, names: Sequence[str] | None, index: int, title: str) -> str:
    if isinstance(number, str):
        return number
    if names is None:
        return str(number)
    if not 0 <= number < len(names):
        known = f"{form(len(names), 'is', 'are')} {number_of(len(names), 'class name')}"
        raise DataError(f"{title}[{index}] is of class {number}, but there {known}, from 0 on.")
    return str(names[number])
