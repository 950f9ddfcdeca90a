"""Which models there are by name, and what else a model is made of: sources of `sources/` and those of plug-ins."""

from __future__ import annotations

import pkgutil
import threading
from collections.abc import Callable, Sequence
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from xai_core import plugins
from xai_core.errors import ModelError, XaiError
from xai_core.models.kinds import ModelInfo, ModelSource, NamedModel, Network, Weights, always
from xai_core.models.spelling import similar
from xai_core.types import Preprocessing

if TYPE_CHECKING:
    from xai_core.download import Progress

GROUP = "xai_core.models"
_PACKAGE = "xai_core.models.sources"
F = TypeVar("F", bound=Callable[..., Any])
_named: dict[str, NamedModel] = {}
_sources: dict[str, ModelSource] = {}
_lock = threading.RLock()
_own: list[str] = []  # modules of sources/ that were imported


def register_model(
    key: str,
    title: str,
    *,
    classes: int,
    preprocessing: Preprocessing | None = None,
    class_names: Sequence[str] | None = None,
    download_mb: float = 0.0,
    is_there: Callable[[], bool] = always,
    fetch: Callable[[Progress | None], None] | None = None,
    weights: Callable[[Progress | None], Weights] | None = None,
    order: int = 100,
    common: bool = True,
) -> Callable[[F], F]:
    """Make a function a model by name; everything that offers models then offers it, too.

    Parameters
    ----------
    key : str
        Its name in Python, in commands and in records.
    title : str
        Its name for people.
    classes : int
        Number of classes, K.
    preprocessing : Preprocessing, optional
        Of its pictures; None takes ImageNet's, 256 and 224 pixels.
    class_names : Sequence[str], optional
        K names in the order of its outputs; None numbers them.
    download_mb, is_there, fetch, weights, order, common
        See `NamedModel`.

    Returns
    -------
    callable
        A decorator for ``load(progress) -> torch.nn.Module``; `progress` is passed to a download.

    Raises
    ------
    ModelError
        If another model has that key or title.

    Examples
    --------
    >>> import xai_core as xai
    >>> from xai_core.types import Preprocessing
    >>> @xai.register_model("by_colour", "By colour", classes=3, preprocessing=Preprocessing(8, 8))
    ... def by_colour(progress):
    ...     from torch import nn
    ...     return nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten())
    >>> xai.load_model("by_colour").class_names
    ('class 0', 'class 1', 'class 2')
    >>> xai.unregister_model("by_colour")
    """

    def decorate(load: F) -> F:
        with _lock:
            before = _named.get(key)
            if before is not None and before.load.__module__ != load.__module__:
                raise ModelError(f"There is a model {key!r} already: {before.title}.")
            if taken := next((one for one in _named.values() if one.title == title and one.key != key), None):
                raise ModelError(f"There is a model with the title {title!r} already: {taken.key}.")
            plugins.heard(load.__module__)
            view = preprocessing or Preprocessing()
            _named[key] = NamedModel(
                key, title, classes, load, download_mb, view, class_names, is_there, fetch, weights, order, common
            )
        return load

    return decorate


def register_source(
    key: str,
    *,
    takes: Callable[[Any], bool],
    order: int = 100,
    caches: Callable[[str], tuple[Path, ...]] | None = None,
    find: Callable[[str], Path | None] | None = None,
) -> Callable[[Callable[[Any, str | None, int | None], Network]], Callable[[Any, str | None, int | None], Network]]:
    """Make a function a source of models that are not loaded by name.

    Parameters
    ----------
    key, takes, order, caches, find
        See `ModelSource`.

    Returns
    -------
    callable
        A decorator for ``open(model, architecture, n_names) -> Network``.
    """

    def decorate(
        open_model: Callable[[Any, str | None, int | None], Network],
    ) -> Callable[[Any, str | None, int | None], Network]:
        with _lock:
            _sources[key] = ModelSource(key, takes, open_model, order, caches, find)
        return open_model

    return decorate


def unregister_model(key: str) -> None:
    """Forget a model, as tests and notebooks do with one of their own.

    Parameters
    ----------
    key : str
        Of a model; an unknown one is passed over.

    Examples
    --------
    >>> import xai_core as xai
    >>> @xai.register_model("mine", "My model", classes=3)
    ... def mine(progress):
    ...     raise NotImplementedError
    >>> xai.unregister_model("mine")
    >>> "mine" in [info.key for info in xai.list_models()]
    False
    """
    with _lock:
        _named.pop(key, None)


def _load() -> None:
    with _lock:
        if not _own:
            for found in pkgutil.iter_modules(import_module(_PACKAGE).__path__, f"{_PACKAGE}."):
                import_module(found.name)
                _own.append(found.name)
    plugins.load(GROUP)


def named_models() -> dict[str, NamedModel]:
    """How the models that are loaded by name come to be, by their keys, in the order of lists."""
    _load()
    with _lock:
        return {one.key: one for one in sorted(_named.values(), key=lambda one: one.order)}


def list_models() -> list[ModelInfo]:
    """All models that `load_model` knows by name.

    Returns
    -------
    list of ModelInfo
        The included ones first; those of plug-ins last.

    Examples
    --------
    >>> import xai_core as xai
    >>> [info.key for info in xai.list_models()][:3]
    ['efficientnet_lite0', 'digits', 'digits_shortcut']
    """
    return [one.info for one in named_models().values()]


def open_named(named: NamedModel, progress: Progress | None) -> Network:
    """The network of a model by name, which may be of somebody else's making.

    Parameters
    ----------
    named : NamedModel
    progress : Progress or None
        Of a download.

    Returns
    -------
    Network

    Raises
    ------
    ModelError
        If what it is made with raises, or gives no network.
    """
    from torch import nn

    try:
        found = named.load(progress)
    except (XaiError, OSError, MemoryError):
        raise
    except Exception as error:
        raise ModelError(f"{named.title} cannot be loaded: {type(error).__name__}: {error}") from error
    if isinstance(found, nn.Module):
        return Network(found, named.title, named.preprocessing, named.class_names, None, named.key)
    if not isinstance(found, Network):
        raise ModelError(f"{named.title} cannot be loaded: it gives {type(found).__name__}, not a network.")
    return found


def choices(key: str) -> str:
    """What a message says of the models that there are, to somebody who wrote `key`.

    Parameters
    ----------
    key : str
        As it was written.

    Returns
    -------
    str
        "one of the models: ...", and whole sentences behind it.
    """
    known = named_models()
    first = [one.key for one in known.values() if one.common]
    more = f", or another of the {len(known)} of xai.list_models()" if len(first) < len(known) else ""
    close = similar(key, known)
    meant = f" Did you mean {' or '.join(map(repr, close))}?" if close else ""
    return f"one of the models: {', '.join(first)}{more}.{meant}"


def source_of(model: Any) -> ModelSource:
    """The source that opens what is no name: the first that takes it; a checkpoint's path, where no other does.

    Parameters
    ----------
    model : object
        As `load_model` takes it.

    Returns
    -------
    ModelSource
    """
    _load()
    with _lock:
        sources = sorted(_sources.values(), key=lambda one: one.order)
    return next((one for one in sources if one.takes(model)), sources[-1])


def caches_of(name: str) -> tuple[Path, ...]:
    """The folders in which a model is looked up that is named rather than given by its path, as "hf:me/mine" is.

    Parameters
    ----------
    name : str
        As `load_model` takes it.

    Returns
    -------
    tuple of Path
        They need not exist; empty for a path.
    """
    caches = source_of(name).caches
    return caches(name) if caches is not None else ()


def cached_place(name: str) -> Path | None:
    """The file or folder in a cache that a model's name stands for.

    Parameters
    ----------
    name : str
        As `load_model` takes it.

    Returns
    -------
    pathlib.Path or None
        None for a path, and where the model is in no cache.
    """
    find = source_of(name).find
    try:
        return find(name) if find is not None else None
    except ModelError:
        return None
