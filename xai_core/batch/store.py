"""A study on disk: a folder that is whole after every batch, whatever happens in between.

    study.json          what was asked of which model on which pictures
    parts/00000.npz     a finished batch: its arrays, and `about`, JSON with its texts
    table.csv, tests.csv, report.html, report.zip, and last of all summary.json

Files are written beside their places and moved there; a part counts if its checksums hold and it names its study.
"""

from __future__ import annotations

import io
import json
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from itertools import chain
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import numpy as np

from xai_core import bounded_json, regular
from xai_core.archives import archive_of
from xai_core.batch.head import STUDY, as_asked_now, differences, identity, is_same, plain_values, read_head, to_json
from xai_core.batch.map_index import MapIndex
from xai_core.batch.part_file import is_too_large, largest_array, read_about, read_array
from xai_core.batch.writing import write_file
from xai_core.errors import RecordError, XaiError
from xai_core.inflated import is_inflated
from xai_core.methods.registry import DEFAULT
from xai_core.records.store import MAX_HEAD
from xai_core.types import Heatmaps

SUMMARY, PARTS = "summary.json", "parts"
RESULTS = ("table.csv", "tests.csv", "report.html", "report.zip")
IN_MEMORY = 256 << 20  # bytes of an array of all pictures; a larger one is a file of its own, mapped


class StudyConflict(XaiError):  # noqa: N818 (it is the folder that is in conflict, not the program)
    """A folder that holds another study, or in which another process works."""


def is_study(path: str | Path) -> bool:
    """Whether a folder holds a study, finished or not."""
    try:
        return (Path(path).expanduser() / STUDY).is_file()
    except (OSError, RuntimeError):  # a name that is too long, nobody's home, no leave to look
        return False


class StudyFolder:
    """A study, finished or not; `StudyFolder.open` reads it. Arrays are read when asked for.

    Attributes
    ----------
    folder : pathlib.Path
        Where it lies.
    head : dict of str to object
        All of `study.json`.
    """

    def __init__(self, folder: Path, head: dict[str, Any]) -> None:
        self.folder, self.head = folder, head
        self.identity, self._most = identity(head), largest_array(head)

    @classmethod
    def open(cls, path: str | Path) -> StudyFolder:
        """A study from its folder.

        Raises
        ------
        RecordError
            If there is none, or its `study.json` is damaged.
        """
        return cls(*read_head(path))

    @classmethod
    def begin(cls, folder: Path, head: dict[str, Any], *, overwrite: bool = False) -> StudyFolder:
        """The study to work on: that of the folder where it is the same one, else a new one in an empty place.

        Raises
        ------
        StudyConflict
            If the folder holds another study, or results of none, unless they are to be overwritten; or its parts are
            a link, through which those of another place would be overwritten.
        """
        way_out = "Choose another folder, or start over with --overwrite."
        if (folder / PARTS).is_symlink():
            raise StudyConflict(
                f"{folder / PARTS} is a link, and nothing is written through it. Choose another folder."
            )
        if is_study(folder):
            try:
                there = cls.open(folder)
            except RecordError as error:
                if not overwrite:
                    raise StudyConflict(f"{error} {way_out}") from error
            else:
                before = as_asked_now(there.head, head)
                if is_same(before, head):
                    return there
                if not overwrite:
                    said = "; ".join(differences(before, head))
                    raise StudyConflict(f"{folder} holds another study: {said}. {way_out}")
        elif not overwrite:
            ours = [name for name in (*RESULTS, SUMMARY, PARTS) if (folder / name).exists()]
            if ours:
                raise StudyConflict(f"{folder} has a {ours[0]} but no {STUDY}: it is not known whose. {way_out}")
        # The new study comes first: parts and results of the old one name the old one, and count no more.
        write_file(folder / STUDY, to_json(head))
        for name in (SUMMARY, *RESULTS):
            (folder / name).unlink(missing_ok=True)
        for path in (folder / PARTS).glob("*.npz"):
            path.unlink()
        return cls(folder, head)

    # What it is.

    @property
    def kind(self) -> str:
        """The key of its question."""
        return str(self.head["kind"])

    @property
    def request(self) -> dict[str, Any]:
        """Every argument by its name on the command line."""
        return dict(self.head["request"])

    @property
    def method(self) -> str:
        """The key of the method that its maps were made with."""
        return str(self.head["request"].get("method", DEFAULT))

    @property
    def settings(self) -> dict[str, Any]:
        """The method's settings that differ from its defaults for the model."""
        return dict(self.head["request"].get("set", {}))

    @property
    def model_id(self) -> str:
        """The content id of the model that was asked."""
        return str(self.head["model_id"])

    @cached_property
    def summary(self) -> dict[str, Any] | None:
        """What `summary.json` holds; None until the study is complete."""
        try:
            found = bounded_json.loads(regular.read_bytes(self.folder / SUMMARY, MAX_HEAD))
        except (OSError, ValueError):
            return None
        return found if isinstance(found, dict) and found.get("study") == self.identity else None

    @property
    def complete(self) -> bool:
        """Whether it has come to its end."""
        return self.summary is not None

    def answers(self, kind: str, model_id: str) -> bool:
        """Whether it has come to its end, and is of a kind and of a model."""
        return self.kind == kind and self.complete and self.model_id == model_id

    @property
    def address(self) -> tuple[str, dict[str, list[str]]]:
        """The page of the dashboard that shows the same, and its parameters; nothing until the study is complete."""
        page, _, query = str((self.summary or {}).get("address", "")).partition("?")
        return page.strip("/"), parse_qs(query)

    # Its parts.

    def place_of(self, number: int) -> Path:
        """The file of a part, whether or not it is there."""
        return self.folder / PARTS / f"{number:05d}.npz"

    def write(self, number: int, about: Mapping[str, Any], arrays: Mapping[str, np.ndarray]) -> None:
        """Write a finished batch.

        Raises
        ------
        StudyWriteError
            If it cannot be written; a full disk is called that.
        """
        said = {**about, "number": number, "study": self.identity, "arrays": sorted(arrays)}
        texts = np.frombuffer(json.dumps(said, allow_nan=False).encode(), np.uint8)
        buffer = io.BytesIO()
        np.savez(buffer, allow_pickle=False, about=texts, **arrays)
        write_file(self.place_of(number), buffer.getvalue())

    def problem(self, number: int) -> str:
        """Why a batch does not count: "absent", "damaged", "of another study"; or an empty text."""
        path = self.place_of(number)
        if not path.is_file():
            return "absent"
        try:
            with regular.opened(path) as file, archive_of(file) as archive:
                size = path.stat().st_size
                if is_inflated(archive, size) or is_too_large(archive, self._most) or archive.testzip() is not None:
                    return "damaged"
                names = sorted(name.removesuffix(".npy") for name in archive.namelist())
            about = self.about(number)
            if names != sorted([*about["arrays"], "about"]):
                return "damaged"
            return "" if (about["number"], about["study"]) == (number, self.identity) else "of another study"
        except Exception:  # a damaged archive raises a dozen kinds
            return "damaged"

    def about(self, number: int) -> dict[str, Any]:
        """The texts of a batch."""
        return read_about(self.place_of(number), self._called(number))

    def array(self, number: int, name: str) -> np.ndarray:
        """One array of a batch; the others are not read."""
        return read_array(self.place_of(number), name, self._called(number), self._most)

    def _called(self, number: int) -> str:
        return f"Part {number} of {self.folder}"

    def stacked(self, name: str, numbers: Sequence[int]) -> np.ndarray:
        """An array of all pictures of some batches; a large one is mapped from a file that goes with the process."""
        parts = (array for number in numbers if len(array := self.array(number, name)))
        first = next(parts)
        rows = sum(len(self.about(number)["ids"]) for number in numbers)
        shape = (rows, *first.shape[1:])
        if rows * first[0].nbytes <= IN_MEMORY:
            whole = np.empty(shape, first.dtype)
        else:
            with tempfile.TemporaryFile(dir=self.folder) as file:
                whole = np.memmap(file, first.dtype, "w+", shape=shape)
        start = 0
        for array in chain([first], parts):
            if (array.dtype, array.shape[1:], len(array) <= rows - start) != (first.dtype, first.shape[1:], True):
                break
            whole[start : start + len(array)] = array
            start += len(array)
        if start != rows:
            raise RecordError(f"{self.folder} is damaged: its parts do not fit together in their {name!r}.")
        return whole

    def finish(self, results: Mapping[str, bytes], summary: Mapping[str, Any]) -> None:
        """Write the results, the summary last."""
        (self.folder / SUMMARY).unlink(missing_ok=True)  # a half new, half old set of results is not complete
        for name, content in results.items():
            write_file(self.folder / name, content)
        write_file(self.folder / SUMMARY, to_json({**summary, "study": self.identity}))
        self.__dict__.pop("summary", None)

    # What a page asks instead of computing.

    @cached_property
    def _index(self) -> MapIndex:
        return MapIndex(self.head, self.identity, self.about, self.array)

    def heatmaps(
        self,
        model_id: str,
        ids: Sequence[str],
        layers: Sequence[str],
        targets: Sequence[int | None],
        *,
        method: str = DEFAULT,
        settings: Mapping[str, Any] | None = None,
    ) -> Heatmaps | None:
        """Maps of some pictures, where the study holds all of them.

        Parameters
        ----------
        model_id : str
            `Classifier.id`.
        ids : Sequence[str]
            N content ids of pictures (`Sample.id`).
        layers : Sequence[str]
            Names, in order of depth; of a method without layers the one name of its maps, which is its place.
        targets : Sequence[int or None]
            N classes; None for the prediction, found where the map in store is for the prediction.
        method : str
            The method's key.
        settings : Mapping[str, object], optional
            The method's settings that differ from its defaults for the model, as `Heatmaps.settings` has them.

        Returns
        -------
        Heatmaps or None
            None unless every picture is there, undamaged, at every layer for its target.
        """
        if model_id != self.model_id or not ids or not layers or set(layers) - set(self.head["layers"]):
            return None
        if (method, plain_values(settings or {})) != (self.method, self.settings):
            return None
        found = self._index.heatmaps(ids, layers, targets)
        return replace(found, settings=dict(settings or {})) if found is not None else None
