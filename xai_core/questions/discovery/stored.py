"""What a study's folder holds of the pass over its pictures, for its results and for the page that opens it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields

from xai_core.batch.maps import Looked
from xai_core.batch.opening import data_stamp
from xai_core.batch.store import StudyFolder
from xai_core.data import Dataset, load_dataset
from xai_core.discovery.discover import concluded
from xai_core.discovery.pictures import Pictures
from xai_core.discovery.planning import chosen_layer, look_across, plan
from xai_core.discovery.records import Discovery
from xai_core.errors import DataError
from xai_core.methods.registry import DEFAULT
from xai_core.questions.discovery.findings import SEED
from xai_core.questions.discovery.question import DISCOVERY
from xai_core.types import Classifier
from xai_core.types.shapes import has_shape

ARRAYS = [one.name for one in fields(Pictures) if one.name not in ("ids", "names", "groups")]


def _fits(pictures: Pictures, classes: int, there: int) -> bool:
    """Whether arrays are of the same pictures, of this model and of these data: whoever may write can change parts."""
    n = len(pictures.ids)
    numbers, whole = ("probabilities", "where", "what", "features"), ("places", "targets", "thumbs", "sizes")
    return (
        all(getattr(pictures, name).dtype.kind == "f" for name in numbers)
        and all(getattr(pictures, name).dtype.kind in "iu" for name in whole)
        and pictures.probabilities.shape == (n, classes)
        and has_shape(pictures.where, n, None, None)
        and has_shape(pictures.what, n, None)
        and has_shape(pictures.features, n, None)
        and has_shape(pictures.thumbs, n, None, None, 3)
        and (pictures.places.shape, pictures.targets.shape, pictures.sizes.shape) == ((n,), (n,), (n, 2))
        and bool(((pictures.targets >= 0) & (pictures.targets < classes)).all())
        and bool(((pictures.places >= 0) & (pictures.places < there)).all())
    )


@dataclass(frozen=True, eq=False)
class Pass:
    """Pictures that were looked at, and name and reason of those that were left out."""

    pictures: Pictures
    problems: Sequence[tuple[str, str]]


def stored_pass(study: StudyFolder) -> Pass:
    """The pass over the pictures, from the parts of a study whose pass is complete.

    Raises
    ------
    DataError
        If none of the pictures could be used.
    """
    looked = Looked.of(study)
    if not looked.samples:
        raise DataError(
            f"None of the pictures can be used. The first is {looked.problems[0][0]}. {looked.problems[0][1]}"
        )
    numbers = [number for number in looked.numbers if study.about(number)["ids"]]
    pictures = Pictures(
        ids=tuple(sample.id for sample in looked.samples),
        names=tuple(sample.name for sample in looked.samples),
        groups=tuple(sample.group for sample in looked.samples),
        **{name: study.stacked(f"view/{name}", numbers) for name in ARRAYS},
    )
    return Pass(pictures, looked.problems)


def other_split(data: Dataset, split: str) -> Dataset | None:
    """Another split of the same data, read in the same way, its labels standing for the same classes.

    None where none is named.

    Raises
    ------
    DataError
        If there is no such split; the message names those that there are.
    """
    if not split:
        return None
    found = load_dataset(data.key, split=split, **data.options)
    known = {label: name for _, _, label_map in data.labelled for label, name in (label_map or {}).items()}
    known = {label: name for label, name in known.items() if label in found.labels}
    return found.map_labels(known) if known else found


def from_study(
    study: StudyFolder | None,
    model: Classifier,
    data: Dataset,
    asked: Sequence[str],
    method: str,
    layer: str,
    against: str = "",
) -> Discovery | None:
    """What a complete study of the same pictures, model and choices found, without another pass over the pictures.

    Groups are found and tested again, which gives the same: pictures that are put together are in no folder.

    Parameters
    ----------
    study : StudyFolder, optional
    model : Classifier
    data : Dataset
    asked : Sequence[str]
        Labels asked about; empty for all.
    method, layer : str
        Of the maps.
    against : str
        The other split in which near duplicates are looked for; empty for none.

    Returns
    -------
    Discovery or None
        None where it is another study, not complete, or damaged.
    """
    if study is None or not study.answers(DISCOVERY.key, model.id):
        return None
    request = study.request
    same = (request.get("method", DEFAULT), chosen_layer(model, request["layer"]), tuple(request["asked"]))
    if same != (method, layer, tuple(asked)) or study.head["stamp"] != data_stamp(data):
        return None
    try:
        found = stored_pass(study)
        if not _fits(found.pictures, len(model.class_names), len(data)):
            return None
    except Exception:  # damaged or taken away
        return None
    planned = plan(data, asked or None, SEED)
    settings = {"method": method, "layer": layer, "seed": SEED}
    split = other_split(data, against)
    other = look_across(model, split, method, layer, SEED) if split is not None else None
    return concluded(model, data, found.pictures, planned.labels, found.problems, planned.sentences, settings, other)
