"""Results as files: arrays, tables, text and numbers, and records made of those; nothing that could run."""

from __future__ import annotations

import dataclasses
import io
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from xai_core import bounded_json, regular
from xai_core.inflated import parquet_frame, stored_archive
from xai_core.result_types import require_fields

MAX_TABLE = 500 << 20  # bytes of all tables of a result: ten million pictures with six numbers each
MAX_RESULT = 1 << 30  # bytes of a file: maps of 64 pictures at 16 layers have 200 MB


class Unpackable(TypeError):  # noqa: N818 (the value is that)
    """A value of another kind than can be kept."""


class _Members:
    """The arrays of a file, each of which is a result's part once: else a small one would be there a million times.

    Parameters
    ----------
    archive : Mapping of str to ndarray
        All members of the file.
    """

    def __init__(self, archive: Mapping[str, np.ndarray]) -> None:
        self._archive, self._unread, self._left = archive, set(archive), MAX_TABLE

    def take(self, number: int) -> np.ndarray:
        self._unread.remove(f"a{number}")
        return self._archive[f"a{number}"]

    def table(self, number: int) -> pd.DataFrame:
        found = parquet_frame(self.take(number).tobytes(), self._left)
        self._left -= int(found.memory_usage(deep=True).sum())
        return found


class ResultFormat:
    """How results are written and read.

    Parameters
    ----------
    types : tuple of type
        Dataclasses and named tuples that they consist of, beside arrays, tables, text, numbers, tuples, lists, dicts.
    """

    def __init__(self, types: tuple[type, ...]) -> None:
        self._types = {kind.__name__: kind for kind in types}

    def pack(self, value: object, of: str) -> bytes:
        """A result as the content of a file.

        Parameters
        ----------
        value : object
        of : str
            Its request's digest, which is the file's name: under another one it counts as damaged.

        Raises
        ------
        Unpackable
            If it holds what no file here does, or is too large.
        """
        arrays: list[np.ndarray] = []
        about = json.dumps(self._encode(value, arrays)).encode()
        buffer = io.BytesIO()
        members = {f"a{index}": array for index, array in enumerate(arrays)}
        whose = np.frombuffer(of.encode(), np.uint8)
        np.savez(buffer, allow_pickle=False, about=np.frombuffer(about, np.uint8), of=whose, **members)
        if len(buffer.getbuffer()) > MAX_RESULT:
            raise Unpackable(f"more than {MAX_RESULT >> 20:,} MB")
        return buffer.getvalue()

    def read(self, place: Path) -> Any:
        """A result from its file; what is wrong with that raises a dozen kinds."""
        with regular.opened(place) as file:
            if os.fstat(file.fileno()).st_size > MAX_RESULT:  # of which most may be holes
                raise ValueError("It is larger than any that is kept.")
            with stored_archive(file, place.name):
                file.seek(0)
            with np.load(file, allow_pickle=False) as members:
                if "of" in members and members["of"].tobytes().decode() != place.stem:
                    raise ValueError("It is the result of another request.")
                return self._decode(bounded_json.loads(members["about"].tobytes()), _Members(members))

    def _encode(self, value: Any, arrays: list[np.ndarray]) -> Any:
        if value is None or type(value) in (bool, int, float, str):
            return value
        if isinstance(value, np.ndarray | np.generic):
            array = np.asarray(value)
            if array.dtype.hasobject:
                raise Unpackable("an array of objects")
            arrays.append(array)
            return {"array" if isinstance(value, np.ndarray) else "number": len(arrays) - 1}
        if isinstance(value, pd.DataFrame):
            buffer = io.BytesIO()
            value.to_parquet(buffer)
            arrays.append(np.frombuffer(buffer.getvalue(), np.uint8))
            return {"table": len(arrays) - 1}
        if type(value) in (tuple, list):
            return {type(value).__name__: [self._encode(one, arrays) for one in value]}
        if isinstance(value, Mapping) and not dataclasses.is_dataclass(value):
            return {"dict": [[self._encode(key, arrays), self._encode(one, arrays)] for key, one in value.items()]}
        kind = type(value)
        if self._types.get(kind.__name__) is not kind:
            raise Unpackable(kind.__name__)
        # A named tuple has the names of its fields; a dataclass is asked for them.
        names = getattr(kind, "_fields", None) or [one.name for one in dataclasses.fields(kind)]
        return {kind.__name__: {name: self._encode(getattr(value, name), arrays) for name in names}}

    def _decode(self, said: Any, members: _Members) -> Any:
        if not isinstance(said, dict):
            return said
        ((kind, inside),) = said.items()
        if kind == "array":
            return members.take(inside)
        if kind == "number":
            return members.take(inside)[()]
        if kind == "table":
            return members.table(inside)
        if kind in ("tuple", "list"):
            found = [self._decode(one, members) for one in inside]
            return tuple(found) if kind == "tuple" else found
        if kind == "dict":
            return {self._decode(key, members): self._decode(one, members) for key, one in inside}
        found = self._types[kind](**{name: self._decode(one, members) for name, one in inside.items()})
        require_fields(found)
        return found
