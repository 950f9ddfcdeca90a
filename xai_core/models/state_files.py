"""Reads the tensors of a file with weights. Tensors only: nothing is unpickled as code."""

from __future__ import annotations

import argparse
import io
import os
import pickle
import pickletools
import threading
import warnings
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

import torch

from xai_core import regular
from xai_core.archives import archive_of, has_one_list
from xai_core.errors import ModelError
from xai_core.inflated import is_inflated
from xai_core.models.pickled import check_pickles

# The names under which training programs keep weights in a checkpoint, the plain ones before the averaged.
_WRAPPERS = ("state_dict", "model_state_dict", "model", "net", "weights", "module", "model_state", "params", "network")
_AVERAGED = ("state_dict_ema", "model_state_dict_ema", "model_ema", "ema_state_dict", "params_ema", "ema")
_PROGRAM = (
    "{} is a program that torch.jit or torch.export saved, and no state dict. In Python and on the command line it is "
    "loaded as it is, without an architecture; maps by gradients need the weights: "
    "torch.save(model.state_dict(), path)."
)
_DAMAGED = "{} cannot be read as a checkpoint; it is damaged or cut off."
_ARCHITECTURE = ("arch", "architecture", "model_name", "model")  # where training programs keep its name
_ARGUMENTS = ("args", "hyper_parameters", "config", "hparams")  # and its arguments, that among them
_LONGEST_NAME = 200  # letters
_reading = threading.Lock()  # which plain values are let through is a setting of torch's
_ZIP = b"PK\x03\x04"  # by which torch tells its archives
_LARGEST_PICKLE = 64 << 20  # bytes of a pickle's opcodes that are looked through for what to say
SAFETENSORS = ".safetensors"
_LENGTH = 8  # bytes that say how long the head of a file of safetensors is
_MAX_HEAD = 4 << 20  # bytes of the head of a file of safetensors: a hundred thousand class names
_MAX_TENSORS = 10_000  # that it names: every known architecture is held against each of them
State = dict[str, torch.Tensor]


class _Number:
    """Stands for a NumPy number in a checkpoint, such as the best accuracy so far, of which nothing is needed."""

    def __init__(self, *given: Any) -> None:
        pass

    def __setstate__(self, state: Any) -> None:
        pass


# What a training keeps beside its tensors and runs nothing: its arguments, and numbers, which are passed over.
_NUMBERS = ("numpy.dtype", "numpy._core.multiarray.scalar", "numpy.core.multiarray.scalar")
_PLAIN: list[Any] = [argparse.Namespace, *((_Number, name) for name in _NUMBERS)]


@dataclass(frozen=True)
class Found:
    """The tensors of a file.

    Attributes
    ----------
    state : dict of str to torch.Tensor
        Name -> tensor.
    notes : tuple of str
        Which of several weights were taken, in sentences.
    architecture : str
        What the training called its network; empty where it does not say.
    """

    state: State
    notes: tuple[str, ...] = ()
    architecture: str = ""


def absent(path: Path) -> ModelError:
    """What is said of a checkpoint that is not there."""
    return ModelError(f"There is no checkpoint {path.name!r} at {path.absolute().parent}.")


def check_beside(folder: Path) -> None:
    """That nothing in a folder which other packages read on makes them wait without end.

    Raises
    ------
    ModelError
        Which names a pipe or a device.
    """
    try:
        odd = regular.waits(folder)
    except OSError as error:
        raise ModelError(f"{folder} cannot be listed: {error.strerror or error}.") from error
    if odd is not None:
        raise ModelError(f"{odd.name} at {folder} is not an ordinary file. Move it out of the model's folder.")


def program_in(path: Path) -> Literal["torchscript", "pt2"] | None:
    """Which kind of program a file holds, as saved by torch.jit or torch.export; None if it holds neither.

    Parameters
    ----------
    path : pathlib.Path
        Of a file, which is only looked into.

    Returns
    -------
    {"torchscript", "pt2"} or None
    """
    try:
        with regular.opened(path) as file, archive_of(file) as archive:
            names = archive.namelist()
    except (OSError, zipfile.BadZipFile, ValueError, NotImplementedError):
        return None
    inner = {name.partition("/")[2] for name in names} | set(names)
    if "constants.pkl" in inner and any(name.startswith("code/") for name in inner):
        return "torchscript"
    return "pt2" if "archive_format" in inner or "serialized_exported_program.json" in inner else None


def read_state(path: Path) -> State:
    """The tensors of a checkpoint: a state dict, bare or inside a dict, or a safetensors file.

    Parameters
    ----------
    path : pathlib.Path
        Of the file.

    Returns
    -------
    Mapping of str to torch.Tensor
        Name -> tensor.

    Raises
    ------
    ModelError
        If the file is missing, is neither kind, or holds Python objects beyond tensors.
    """
    return read_weights(path).state


def read_weights(path: Path) -> Found:
    """The tensors of a checkpoint, and which they are where it holds several weights; as `read_state`."""
    if not path.is_file():
        raise absent(path)
    content: Any
    _check_unpacked(path)
    try:
        _check_pickles(path)
        if path.suffix == SAFETENSORS:
            check_head(path)
            from safetensors.torch import load_file

            content = load_file(path)
        else:
            with _reading, torch.serialization.safe_globals(_PLAIN), warnings.catch_warnings():
                warnings.simplefilter("ignore")  # of pickle protocols that are refused right after
                content = torch.load(path, map_location="cpu", weights_only=True)
    except ModelError:
        raise
    except Exception as error:  # torch and safetensors raise a dozen kinds for a damaged file
        raise ModelError(_why(path, error)) from error
    return replace(_unwrap(content, path.name), architecture=_said_architecture(content))


def check_head(path: Path) -> None:
    """That the head of a file of safetensors, which is JSON, is none that fills the memory once it is read.

    Raises
    ------
    ModelError
        If it is too large, or names too many tensors.
    """
    try:
        with regular.opened(path) as file:
            size, there = int.from_bytes(file.read(_LENGTH), "little"), os.fstat(file.fileno()).st_size
            tensors = file.read(size).count(b"{") - 1 if size <= _MAX_HEAD else 0  # an object each
    except OSError:
        return  # which is said when it is read, as that it is cut off
    if _MAX_HEAD < size < there:
        raise ModelError(f"{path.name} has a head of {size >> 20:,} MB; at most {_MAX_HEAD >> 20} MB are read.")
    if tensors > _MAX_TENSORS:
        raise ModelError(f"{path.name} names {tensors:,} tensors; at most {_MAX_TENSORS:,} are read.")


def _check_unpacked(path: Path) -> None:
    """That a file of torch.save holds its tensors as they are; torch unpacks whatever an archive holds."""
    with regular.opened(path) as file:
        is_archive = file.read(len(_ZIP)) == _ZIP
        try:
            with archive_of(file) as archive:
                inflated = is_inflated(archive, os.fstat(file.fileno()).st_size)
                whole = has_one_list(archive, file)
        except (OSError, zipfile.BadZipFile, ValueError, NotImplementedError):
            inflated = whole = False
    if is_archive and not (inflated or whole):  # torch reads some that zipfile does not, and others otherwise
        raise ModelError(_DAMAGED.format(path.name))
    if inflated:
        if program_in(path):
            raise ModelError(_PROGRAM.format(path.name))
        raise ModelError(
            f"{path.name} is compressed, which torch.save does not do, and may unpack to any size: it was not read. "
            "Save it again: torch.save(model.state_dict(), path)."
        )


def _check_pickles(path: Path) -> None:
    """That nothing in a file of torch.save keeps the process busy, or fills its memory, once torch unpickles it."""
    with path.open("rb") as file:
        if file.read(len(_ZIP)) != _ZIP:
            if path.suffix != SAFETENSORS:
                file.seek(0)
                check_pickles(file, path.name)
            return
    # By torch's own reader: another one might find other members in a crafted archive.
    content = torch._C.PyTorchFileReader(str(path)).get_record("data.pkl")
    check_pickles(io.BytesIO(content), path.name)


def _said_architecture(content: Any) -> str:
    """What a training called its network, in its checkpoint or among its arguments."""
    if not isinstance(content, Mapping):
        return ""
    places = [content]
    for name in _ARGUMENTS:
        said = content.get(name)
        places += [vars(said)] if isinstance(said, argparse.Namespace) else [said] if isinstance(said, Mapping) else []
    named = [place.get(key) for place in places for key in _ARCHITECTURE]
    return next((name for name in named if isinstance(name, str) and 0 < len(name) <= _LONGEST_NAME), "")


def _why(path: Path, error: Exception) -> str:
    """Why a file cannot be read as tensors."""
    if program_in(path):
        return _PROGRAM.format(path.name)
    if not isinstance(error, pickle.UnpicklingError):
        return _DAMAGED.format(path.name)
    if not _looks_pickled(path):
        return f"{path.name} is no checkpoint: neither what torch.save writes, nor safetensors."
    network = _pickled_network(path)
    what = f"is a whole network ({network}): it holds" if network else "holds"
    alternative = "" if network else ", or is no checkpoint"
    return (
        f"{path.name} {what} Python objects beyond tensors{alternative}. It was refused, since loading such a file "
        "can run any code in it. Save the weights alone: torch.save(model.state_dict(), path), or as safetensors."
    )


def _looks_pickled(path: Path) -> bool:
    """Whether a file begins as what torch.save writes: an archive, or formerly a pickle of protocol 2 or later."""
    start = regular.read_bytes(path, 4)
    return start[:2] == b"PK" or start[:1] == b"\x80"


def _pickled_network(path: Path) -> str:
    """The class of the object that a file of torch.save is, if it is a module; read from the opcodes, not unpickled."""
    try:
        with regular.opened(path) as file, archive_of(file) as archive:
            name = next(name for name in archive.namelist() if name.endswith("/data.pkl"))
            if archive.getinfo(name).file_size > _LARGEST_PICKLE:
                return ""
            content = archive.read(name)
        named = [arg for op, arg, _ in pickletools.genops(content) if op.name == "GLOBAL"]
    except Exception:  # whatever is wrong with it: it is refused in any case
        return ""
    classes = [str(one).replace(" ", ".") for one in named]
    return classes[0] if any(one.startswith("torch.nn.modules.") for one in classes) else ""


def _is_plain(tensor: torch.Tensor) -> bool:
    """Whether a tensor's numbers are all in the file: none without numbers, sparse, or one repeated a billion times."""
    dense = tensor.layout == torch.strided and tensor.device.type == "cpu" and not tensor.is_quantized
    dense = dense and not tensor.is_complex()
    return dense and not tensor.is_nested and tensor.nbytes <= tensor.untyped_storage().nbytes()


def _unwrap(content: Any, name: str, depth: int = 3) -> Found:
    if isinstance(content, Mapping) and depth:
        # Before the tensors, since one may lie beside it ("best_acc1").
        there = [wrapper for wrapper in (*_WRAPPERS, *_AVERAGED) if isinstance(content.get(wrapper), Mapping)]
        if there:
            found = _unwrap(content[there[0]], name, depth - 1)
            averaged = [wrapper for wrapper in there[1:] if wrapper in _AVERAGED]
            said = [f"{name} holds averaged weights, too ({', '.join(averaged)}); those under {there[0]!r} were taken."]
            return Found(found.state, found.notes + tuple(said if averaged else ()))
        tensors = {k: v for k, v in content.items() if isinstance(k, str) and isinstance(v, torch.Tensor)}
        if tensors:
            for key, tensor in tensors.items():
                if not _is_plain(tensor):
                    raise ModelError(f"{name} holds no plain numbers in its tensor {key!r}; save dense tensors.")
            return Found(tensors)
    raise ModelError(
        f"{name} holds no state dict. Expected names with tensors, bare or under one of: "
        f"{', '.join((*_WRAPPERS, *_AVERAGED))}."
    )
