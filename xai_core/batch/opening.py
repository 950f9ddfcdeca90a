"""The pictures and the model of a study, as the pages open them, and what tells when either has changed."""

from __future__ import annotations

import contextlib
import hashlib
from dataclasses import dataclass, replace
from pathlib import Path

from xai_core import regular
from xai_core.batch.request import Request
from xai_core.data import Dataset, is_data_file, list_datasets, load_dataset
from xai_core.errors import NO_PATH, DataError, ModelError, RecordError
from xai_core.models import list_models, load_model, size_note
from xai_core.models.class_names import MAX_BYTES
from xai_core.records import holds_predictions, is_run
from xai_core.regular import named_path
from xai_core.remote import canonical
from xai_core.types import Classifier, Method
from xai_core.types.model_settings import stated_arguments


@dataclass(frozen=True, eq=False)
class Opened:
    """A request with what it names.

    Attributes
    ----------
    request : Request
        With absolute paths in place of relative ones.
    data : Dataset
        The chosen pictures, in the order of the study.
    model : Classifier
        The classifier.
    there : int
        How many pictures there were to choose from.
    labels : tuple of str
        That those had.
    method : Method, optional
        What makes the maps, once that is known; of a question that takes no method, maps that were made elsewhere.
    """

    request: Request
    data: Dataset
    model: Classifier
    there: int
    labels: tuple[str, ...]
    method: Method | None = None


def is_record(data: str) -> bool:
    """Whether a path is a recorded training: its folder, InstanceFlow's JSON or a table of predictions."""
    try:
        place = Path(data).expanduser()
        if place.suffix.lower() == ".json" and place.is_file():
            return not is_data_file(place)
        return is_run(place) or holds_predictions(place)
    except NO_PATH:
        return False


def _record(data: str) -> Dataset:
    from xai_core.records import TrainingRun
    from xai_core.training.pictures import run_pictures

    place = Path(data)
    try:
        return run_pictures(TrainingRun.open(place))
    except RecordError as error:
        raise DataError(str(error)) from error


def class_names(file: str) -> str | tuple[str, ...]:
    """Class names from a file with one a line; "imagenet" for that word, or for a file that holds it alone.

    Raises
    ------
    ModelError, DataError
        If there is no such file, or nothing in it.
    """
    if file == "imagenet":
        return file
    place = named_path(file)
    try:
        text = regular.read_bytes(place, MAX_BYTES).decode("utf-8-sig")
    except (OSError, ValueError) as error:
        raise ModelError(f"The class names in {file!r} cannot be read: {error}.") from error
    names = tuple(line.strip() for line in text.splitlines() if line.strip())
    if not names:
        raise ModelError(f"The file {file!r} holds no class names.")
    return "imagenet" if names == ("imagenet",) else names


def open_request(request: Request) -> Opened:
    """Find pictures and model.

    Parameters
    ----------
    request : Request

    Returns
    -------
    Opened

    Raises
    ------
    DataError, ModelError, DownloadError
        With a sentence that says what to do.
    """
    known = any(info.key == request.data for info in list_datasets())
    if not known and is_record(request.data):
        if request.split is not None:
            raise DataError("The record of a training has its own test pictures, so --split says nothing of it.")
        place = str(named_path(request.data).resolve())
        data = _record(place)
    else:
        folder = named_path(request.data)
        # However a folder, a file or an address is spelt, it is the same study.
        place = canonical(request.data)
        with contextlib.suppress(*NO_PATH):  # what may not be looked at is refused where it is loaded
            place = str(folder.resolve()) if not known and folder.exists() else place
        data = load_dataset(place, split=request.split, **request.options)
    if request.label_map:
        data = data.map_labels(request.label_map)
    there = data.choose(request.labels or None)
    chosen = data.choose(request.labels or None, request.limit)
    if not len(chosen):
        raise DataError(f"{data.title} holds no pictures.")
    model = canonical(request.model)
    if any(info.key == model for info in list_models()):
        if request.architecture or request.classes:
            raise ModelError(
                f"{model!r} has an architecture and class names of its own: "
                "--architecture and --classes belong to a checkpoint's path."
            )
    elif (file := named_path(model)).exists():
        model = str(file.resolve())
    classes = list(request.classes) if isinstance(request.classes, tuple) else request.classes
    classifier = load_model(
        model,
        architecture=request.architecture,
        class_names=classes,
        device=request.device,
        **stated_arguments(request.stated),
    )
    if note := size_note(classifier, chosen):
        classifier = replace(classifier, notes=(*classifier.notes, note))
    return Opened(replace(request, data=place, model=model), chosen, classifier, len(there), data.labels)


def data_stamp(data: Dataset) -> str:
    """Changes with the pictures of a data set, their names, labels and content; their order does not count.

    Parameters
    ----------
    data : Dataset

    Returns
    -------
    str
        16 hex digits.
    """
    lines = sorted(f"{item.stamp}\0{item.name}\0{item.truth}\n" for item in data.items)
    return hashlib.sha256("".join(lines).encode("utf-8", "surrogatepass")).hexdigest()[:16]
