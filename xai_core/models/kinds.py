"""Records of what models are made of: those that are loaded by name, and other sources."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from xai_core.errors import ModelError
from xai_core.types import Preprocessing
from xai_core.types.geometry import pair

if TYPE_CHECKING:
    import torch
    from torch import nn

    from xai_core.download import Progress


MAX_CLASSES = 100_000  # that a network may have: a name is made for each
MAX_CONFIG = 16 << 20  # bytes of the config.json of a folder: as many names
MAX_INPUT = 2048  # pixels of a side that a file may ask for: memory for it is taken before a picture is seen
MAX_STATED = 4096  # that a person may


def check_size(preprocessing: Preprocessing, name: str, most: int = MAX_INPUT) -> None:
    """That nobody asks for larger pictures than there is memory for.

    Raises
    ------
    ModelError
        Which says how large.
    """
    side = max(*pair(preprocessing.resize), *preprocessing.size)
    if side > most:
        raise ModelError(f"{name} asks for pictures of {side} pixels a side; at most {most} are taken.")


def always() -> bool:
    """Whether what comes with its package is there."""
    return True


@dataclass(frozen=True)
class ModelInfo:
    """A model that is loaded by its name, as lists show it.

    Attributes
    ----------
    key : str
        Its name in Python, in commands and in records.
    title : str
        Its name for people.
    classes : int
        Number of classes.
    download_mb : float
        Size of the download in MB (10**6 bytes); 0 if it comes with its package.
    on_disk : bool
        Whether loading it needs no download.
    common : bool
        Whether lists show it among the first.

    Examples
    --------
    >>> import xai_core as xai
    >>> digits = next(info for info in xai.list_models() if info.key == "digits")
    >>> digits.title, digits.classes, digits.on_disk
    ('Digits (honest)', 10, True)
    """

    key: str
    title: str
    classes: int
    download_mb: float
    on_disk: bool
    common: bool = True


@dataclass(frozen=True)
class Architecture:
    """A network without weights.

    Attributes
    ----------
    key, title : str
        For code and for people.
    build : callable
        Number of classes -> network.
    preprocessing : Preprocessing
        Its usual input.
    tensors : int, optional
        How many its state dict has, counters of batches aside; None where that is not known without building it.
    common : bool
        Whether lists show it among the first.
    head : str
        The name of the weight that gives the outputs; empty where it is the last matrix.
    assumed : tuple of str
        What no tensor says and was taken as usual, in sentences.
    """

    key: str
    title: str
    build: Callable[[int], nn.Module]
    preprocessing: Preprocessing
    tensors: int | None = None
    common: bool = True
    head: str = ""
    assumed: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class Network:
    """A network with what its source knows of it; what the user says goes before it.

    Attributes
    ----------
    net : torch.nn.Module
        Pictures float (N, C, H, W) -> outputs (N, K), or an answer that holds them.
    title : str
        Its name for people.
    preprocessing : Preprocessing
        Of its pictures.
    class_names : Sequence[str], optional
        K names in the order of its outputs; None numbers them.
    wnids : Sequence[str], optional
        K WordNet ids.
    key : str
        Its name in code.
    outputs : str, optional
        Key of `xai_core.types.OUTPUTS`: what its numbers mean; None finds it out.
    differentiable : bool
        Whether gradients may be taken; a black box gives predictions only.
    notes : tuple of str
        What had to be assumed, a sentence each.
    guessed : bool
        Whether nothing is known of its preprocessing.
    size_assumed : bool
        Whether nobody said what size its pictures have.
    """

    net: nn.Module
    title: str
    preprocessing: Preprocessing
    class_names: Sequence[str] | None = None
    wnids: Sequence[str] | None = None
    key: str = "custom"
    outputs: str | None = None
    differentiable: bool = True
    notes: tuple[str, ...] = ()
    guessed: bool = False
    size_assumed: bool = False


class Weights(NamedTuple):
    """Weights of a network.

    Attributes
    ----------
    state : dict of str to torch.Tensor
        Its state dict.
    file : str
        Name of the file that it is from.
    """

    state: dict[str, torch.Tensor]
    file: str


@dataclass(frozen=True, eq=False)
class NamedModel:
    """How a model that is loaded by its name comes to be.

    Attributes
    ----------
    key, title, classes, download_mb
        See `ModelInfo`.
    load : callable
        ``load(progress) -> torch.nn.Module or Network``.
    preprocessing : Preprocessing
        Of a model whose `load` gives a plain network.
    class_names : Sequence[str], optional
        Likewise.
    is_there : callable
        ``is_there() -> bool``: whether loading it needs no download.
    fetch : callable, optional
        ``fetch(progress)`` downloads it; None if it comes with its package.
    weights : callable, optional
        ``weights(progress) -> Weights``, of a model of an architecture of that key, to train further.
    order : int
        Its place in lists; equal ones as they were registered.
    common : bool
        Whether lists show it among the first.
    """

    key: str
    title: str
    classes: int
    load: Callable[[Progress | None], nn.Module | Network]
    download_mb: float = 0.0
    preprocessing: Preprocessing = field(default_factory=Preprocessing)
    class_names: Sequence[str] | None = None
    is_there: Callable[[], bool] = always
    fetch: Callable[[Progress | None], None] | None = None
    weights: Callable[[Progress | None], Weights] | None = None
    order: int = 100
    common: bool = True

    @property
    def info(self) -> ModelInfo:
        """What lists show of it."""
        return ModelInfo(self.key, self.title, self.classes, self.download_mb, self.is_there(), self.common)


@dataclass(frozen=True, eq=False)
class ModelSource:
    """Something other than a name that models are made of, such as a file.

    Attributes
    ----------
    key : str
        Its name in code.
    takes : callable
        ``takes(model) -> bool``: whether it can open what `load_model` was given.
    open : callable
        ``open(model, architecture, n_names) -> Network``; `architecture` is a str or None, `n_names` how many class
        names the user gave, or None.
    order : int
        When it is asked, the smallest first.
    caches : callable, optional
        ``caches(name) -> tuple of Path``: the folders in which it looks a name up, which need not exist; empty for a
        path.
    find : callable, optional
        ``find(name) -> Path or None``: the folder or file in them; None for a path, and where there is none.
    """

    key: str
    takes: Callable[[Any], bool]
    open: Callable[[Any, str | None, int | None], Network]
    order: int = 100
    caches: Callable[[str], tuple[Path, ...]] | None = None
    find: Callable[[str], Path | None] | None = None
