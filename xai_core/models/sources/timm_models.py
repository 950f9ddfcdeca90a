"""A pretrained network of timm by its name, from weights that are on this disk: nothing is fetched."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from xai_core import bounded_json, regular
from xai_core.errors import ModelError
from xai_core.models import imagenet
from xai_core.models.hub import hub_caches
from xai_core.models.kinds import MAX_CLASSES, MAX_CONFIG, Network, check_size
from xai_core.models.registry import register_source
from xai_core.models.timm_networks import SCHEME, known, preprocessing_of, timm_package

_FILES = ("model.safetensors", "pytorch_model.bin")


def _takes(model: Any) -> bool:
    return isinstance(model, str) and model.startswith(SCHEME)


def _caches(_name: str) -> tuple[Path, ...]:
    from xai_core.models.sources.imagenet_weights import weights_folder

    return *hub_caches(), weights_folder()


def _find(name: str) -> Path | None:
    config = timm_package().get_pretrained_cfg(known(name.removeprefix(SCHEME).strip()))
    return _cached(config) if config is not None else None


@register_source("timm", takes=_takes, order=30, caches=_caches, find=_find)
def open_timm(model: str, architecture: str | None, n_names: int | None) -> Network:
    """A pretrained network of timm.

    Parameters
    ----------
    model : str
        "timm:" and a name of timm's, such as "timm:vit_tiny_patch16_224".
    architecture : str, optional
        Must be None: the name says it.
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
    name = model.removeprefix(SCHEME).strip()
    if architecture is not None:
        raise ModelError(
            f"{model!r} says its own architecture. For weights of yours, give their file and architecture={model!r}."
        )

    timm = timm_package()
    config = timm.get_pretrained_cfg(known(name))
    if config is None or not (config.hf_hub_id or config.url):
        raise ModelError(f"timm has no weights for {name!r}. Give a file of yours, and architecture={model!r}.")
    file = _cached(config)
    if file is None:
        where = config.hf_hub_id or config.url
        raise ModelError(
            f"The weights of {name!r} are not in the cache, and nothing is fetched here. Fetch them once with: "
            f"python -c \"import timm; timm.create_model('{name}', pretrained=True)\" (from {where}). "
            f"Or give a file of yours, and architecture={model!r}."
        )
    return _build(name, file, config.to_dict(), {})


def _cached(config: Any) -> Path | None:
    """The file of a pretrained configuration in the caches of Hugging Face and of torch."""
    from xai_core.models.sources.imagenet_weights import weights_folder

    if config.hf_hub_id:
        from huggingface_hub import try_to_load_from_cache

        named = config.hf_hub_filename
        for one in (named,) if named else _FILES:
            found = try_to_load_from_cache(str(config.hf_hub_id).partition("@")[0], one)
            if isinstance(found, str):
                return Path(found)
    if config.url:
        file = weights_folder() / str(config.url).rpartition("/")[2]
        if file.is_file():
            return file
    return None


def open_timm_folder(folder: Path) -> Network:
    """A folder as timm writes it for Hugging Face: config.json with an architecture, and weights.

    Parameters
    ----------
    folder : pathlib.Path

    Returns
    -------
    Network

    Raises
    ------
    ModelError
        With a sentence that says what is missing.
    """
    try:
        said = bounded_json.loads(regular.read_bytes(folder / "config.json", MAX_CONFIG))
        name, config = str(said["architecture"]), dict(said["pretrained_cfg"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ModelError(f"{folder.name} is no folder of timm's: its config.json does not say what it is.") from error
    timm_package()
    known(name)
    file = next((folder / one for one in _FILES if (folder / one).is_file()), None)
    if file is None:
        raise ModelError(f"{folder.name} holds no weights; expected {' or '.join(_FILES)}.")
    about = {key: said[key] for key in ("num_classes", "label_names", "label_descriptions") if key in said}
    return _build(name, file, config, about | {"title": folder.name})


def _build(name: str, file: Path, config: Mapping[str, Any], about: Mapping[str, Any]) -> Network:
    from xai_core.models.sources.huggingface_bounds import NoMoreThan
    from xai_core.models.state_files import read_state

    timm = timm_package()
    count = about.get("num_classes", config.get("num_classes"))
    if not count:
        raise ModelError(f"{name!r} of timm gives features and no classes, so there is nothing to explain.")
    if isinstance(count, int) and count > MAX_CLASSES:
        raise ModelError(f"{file.name} is said to have {count:,} classes; at most {MAX_CLASSES:,} are taken.")
    nowhere_else = {"hf_hub_id": None, "url": None, "file": None, "source": ""}
    overlay = {**config, **nowhere_else, "state_dict": read_state(file), "num_classes": count}
    try:
        with NoMoreThan(file.stat().st_size):
            net = timm.create_model(name, pretrained=True, num_classes=count, pretrained_cfg_overlay=overlay)
    except Exception as error:  # names, shapes or settings that do not fit
        line = str(error).strip().splitlines()
        raise ModelError(f"{file.name} does not fit {name!r} of timm: {' '.join(line[:3])[:300]}") from error
    net.pretrained_cfg.pop("state_dict", None)
    names, wnids = _class_names(int(count), about)
    preprocessing = preprocessing_of(config)
    check_size(preprocessing, name)
    return Network(net, f"{about.get('title', name)} (timm)", preprocessing, names, wnids, outputs="logits")


def _class_names(count: int, about: Mapping[str, Any]) -> tuple[Sequence[str] | None, Sequence[str] | None]:
    """Names and WordNet ids: of the folder, of ImageNet, or of the larger ImageNet; None where there are none."""
    named = about.get("label_names")
    if isinstance(named, list) and len(named) == count and tuple(named) != imagenet.wnids():
        said = about.get("label_descriptions") or {}
        return imagenet.each_once(
            [str(said.get(one, one)) if isinstance(said, dict) else str(one) for one in named]
        ), None
    if count == len(imagenet.wnids()):
        return imagenet.class_names(), imagenet.wnids()
    from timm.data.imagenet_info import ImageNetInfo, infer_imagenet_subset

    subset = infer_imagenet_subset({"num_classes": count})
    if subset is None:
        return None, None
    info = ImageNetInfo(subset)
    return imagenet.each_once(list(info.label_descriptions())), info.label_names()
