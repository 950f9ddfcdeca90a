"""An ONNX file, as a black box: predictions, evaluation, and what else needs no gradients. It is data, no code."""

from __future__ import annotations

import ast
import glob
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from xai_core.errors import ModelError, Unanswered, install
from xai_core.models.imagenet import each_once
from xai_core.models.kinds import Network, check_size
from xai_core.models.registry import register_source
from xai_core.models.sources import onnx_bounds
from xai_core.types import Preprocessing

if TYPE_CHECKING:
    from xai_core.models.black_box import Answer

_TYPES = {
    "tensor(float)": "float32",
    "tensor(float16)": "float16",
    "tensor(double)": "float64",
    "tensor(uint8)": "uint8",
}
_CHANNELS = (3, 1)  # as pictures have them
_GREY = ((0.449,), (0.226,))  # the means of ImageNet's
_USUAL = 224  # pixels of a side where the file leaves it open


def _takes(model: Any) -> bool:
    return isinstance(model, str | Path) and str(model).lower().endswith(".onnx")


@register_source("onnx", takes=_takes, order=40)
def open_onnx(model: str | Path, architecture: str | None, n_names: int | None) -> Network:
    """The black box of an ONNX file.

    Parameters
    ----------
    model : str or pathlib.Path
        Of the file; its external data lies beside it.
    architecture : str, optional
        Must be None: the file holds the whole network.
    n_names : int, optional
        How many class names the user gave.

    Returns
    -------
    Network

    Raises
    ------
    ModelError
        With a sentence that says what to do.
    """
    from xai_core.models.state_files import absent, check_beside

    path = Path(model).expanduser()
    if architecture is not None:
        raise ModelError(f"{path.name} holds a whole network: leave architecture={architecture!r} out.")
    if not path.is_file():
        raise absent(path)
    check_beside(path.parent)
    session = _session(path)
    inputs = session.get_inputs()
    if len(inputs) != 1 or len(inputs[0].shape) != 4 or inputs[0].type not in _TYPES:
        had = "; ".join(f"{one.name[:80]!r} {one.shape} of {one.type}" for one in inputs)
        raise ModelError(f"{path.name} takes {had[:400]}, where pictures (N, channels, height, width) are expected.")
    net, preprocessing, guessed, notes = _prepared(session, path)
    check_size(preprocessing, path.name)
    names = _class_names(session)
    return Network(net, f"{path.name} (ONNX)", preprocessing, names, differentiable=False, notes=notes, guessed=guessed)


def _own(path: Path) -> str:
    """What tells a file, and its state."""
    status = path.stat()
    return f"{path.resolve()}:{status.st_mtime_ns}:{status.st_size}:{status.st_ino}"


def _session(path: Path) -> Any:
    own = _own(path)
    try:
        import onnxruntime
    except ModuleNotFoundError as error:
        raise ModelError(f"ONNX files need the package onnxruntime: {install('xai-core[onnx]')}.") from error
    import torch

    options = onnx_bounds.session_options()
    options.intra_op_num_threads = torch.get_num_threads()
    options.log_severity_level = 4
    try:
        settings = {"providers": ["CPUExecutionProvider"], "disabled_optimizers": [onnx_bounds.AHEAD]}
        make = partial(onnxruntime.InferenceSession, str(path), options, **settings)
        return onnx_bounds.opened(make, options, own)
    except TimeoutError as error:
        raise ModelError(f"{path.name} {error}.") from error
    except Exception as error:  # onnxruntime has a dozen kinds
        if onnx_bounds.is_of_memory(error):
            raise ModelError(f"{path.name} {onnx_bounds.too_large()}.") from error
        line = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
        raise ModelError(f"{path.name} cannot be read as an ONNX file: {line[:300]}") from error


def _prepared(session: Any, path: Path) -> tuple[Any, Preprocessing, bool, tuple[str, ...]]:
    """The network, its preprocessing, whether that is guessed, and what was assumed."""
    import torch

    from xai_core.models.black_box import BlackBox, digest, joined

    given = session.get_inputs()[0]
    sides: list[int | None] = [side if isinstance(side, int) and side > 0 else None for side in given.shape]
    last = sides[3] in _CHANNELS and sides[1] not in _CHANNELS
    batch, channels, high, wide = (sides[index] for index in ((0, 3, 1, 2) if last else (0, 1, 2, 3)))
    own = _own(path)
    channels, size = channels or 3, (high or _USUAL, wide or _USUAL)
    kind, names = _TYPES[given.type], [one.name for one in session.get_outputs() if one.type in _TYPES]
    if not names:
        raise ModelError(f"{path.name} gives no numbers that could be scores of classes.")

    def ask(pictures: torch.Tensor) -> Answer:
        if batch is None and len(pictures) > onnx_bounds.MOST_AT_ONCE:
            return joined([ask(part) for part in pictures.split(onnx_bounds.MOST_AT_ONCE)])
        array = pictures.permute(0, 2, 3, 1).contiguous().numpy() if last else pictures.numpy()
        array = (array.round().clip(0, 255) if kind == "uint8" else array).astype(kind)
        try:
            with onnx_bounds.bounded(len(array), own) as options:
                run = partial(session.run, names, {given.name: array}, options)
                found = onnx_bounds.waited(run, partial(setattr, options, "terminate", True))
        except TimeoutError as error:
            raise Unanswered(f"{path.name} (ONNX) {error}.") from error
        answers = [torch.from_numpy(one).float() for one in found]
        return answers[0] if len(names) == 1 else dict(zip(names, answers, strict=True))

    if (batch or 1) * channels * size[0] * size[1] * 4 > onnx_bounds.MAX_BATCH:
        raise ModelError(
            f"{path.name} takes {batch:,} pictures at once and no fewer; at most {onnx_bounds.MAX_BATCH >> 20} MB of "
            "them are made. Export it for any number of pictures."
        )
    beside = sorted(path.parent.glob(f"{glob.escape(path.name)}?*"))  # where exporters put the weights of large files
    if sum(one.stat().st_size for one in (path, *beside)) > onnx_bounds.most_bytes():
        raise ModelError(f"{path.name} and the files beside it that are named like it are {onnx_bounds.too_many()}.")
    net = BlackBox(ask, digest(path, *beside), batch)
    settings: dict[str, Any] = {"resize": size, "crop": size}
    if None in (high, wide):
        settings["resize"] = tuple(side * 256 // _USUAL for side in size)
    if channels != len(Preprocessing().mean):
        mean, std = (values * channels for values in _GREY)
        settings |= {"channels": "L" if channels == 1 else "?" * channels, "mean": mean, "std": std}
    notes = ("It takes pictures with their channels last.",) if last else ()
    if kind == "uint8":
        settings |= {"mean": (0.0,) * channels, "std": (1.0,) * channels, "white": 255.0}
    return net, Preprocessing(**settings), kind != "uint8", notes


def _class_names(session: Any) -> Sequence[str] | None:
    """The names that some exporters write into a file: {0: 'cat', 1: 'dog'}, or a list."""
    said = session.get_modelmeta().custom_metadata_map.get("names", "")
    try:
        found = ast.literal_eval(said) if 0 < len(said) <= onnx_bounds.MAX_NAMES else None
    except (ValueError, SyntaxError, RecursionError, MemoryError):
        return None
    if isinstance(found, dict):
        found = [found.get(number) for number in range(len(found))]
    if not isinstance(found, list) or not all(isinstance(name, str) for name in found):
        return None
    return each_once(found)
