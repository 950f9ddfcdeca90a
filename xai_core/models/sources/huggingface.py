"""A Hugging Face image classifier: a folder that `save_pretrained` wrote, or one in the cache by its id.

Nothing is fetched and no code of the folder is run: files on this disk, with tensors only.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from xai_core import bounded_json, regular
from xai_core.errors import NO_PATH, ModelError, install
from xai_core.models import imagenet
from xai_core.models.hub import hub_caches
from xai_core.models.imagenet import each_once, is_imagenet
from xai_core.models.kinds import MAX_CLASSES, MAX_CONFIG, Network, check_size
from xai_core.models.registry import register_source
from xai_core.models.sources.checkpoint import open_checkpoint
from xai_core.models.sources.huggingface_bounds import NoMoreThan, check_files, weights_size
from xai_core.models.state_files import SAFETENSORS, check_beside, check_head
from xai_core.types import Preprocessing

SCHEME = "hf:"
CONFIG = "config.json"
_WEIGHTS = ("model.safetensors", "pytorch_model.bin")
_ATTENTION = ("eager", "sdpa", "flash_attention_2", "flash_attention_3", "flex_attention")  # of transformers itself
_INSTALL = f"Hugging Face models need the package transformers: {install('xai-core[huggingface]')}."


def _takes(model: Any) -> bool:
    if isinstance(model, str) and model.startswith(SCHEME):
        return True
    if not isinstance(model, str | Path):
        return False
    try:
        path = Path(model).expanduser()
        return path.is_dir() or (path.name in _WEIGHTS and path.is_file() and (path.parent / CONFIG).is_file())
    except NO_PATH:
        return False


def _caches(name: str) -> tuple[Path, ...]:
    return hub_caches() if str(name).startswith(SCHEME) else ()


def _find(name: str) -> Path | None:
    return _cached(name.removeprefix(SCHEME).strip()) if _caches(name) else None


@register_source("huggingface", takes=_takes, order=20, caches=_caches, find=_find)
def open_huggingface(model: str | Path, architecture: str | None, n_names: int | None) -> Network:
    """The network of a Hugging Face folder or cached id.

    Parameters
    ----------
    model : str or pathlib.Path
        A folder with config.json and weights, the weights in one, or "hf:" and an id such as "microsoft/resnet-18".
    architecture : str, optional
        None for a folder, which says its own; with one, a file is read like any other checkpoint.
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
    name, folder = _place(model)
    if architecture is not None:
        if (folder / CONFIG).is_file() and not _is_file(model):
            raise ModelError(f"{name} says its own architecture: leave architecture={architecture!r} out.")
        return open_checkpoint(model, architecture, n_names)  # a file like any other
    said = _config(folder, name)
    if "pretrained_cfg" in said and "architecture" in said:
        from xai_core.models.sources.timm_models import open_timm_folder

        return open_timm_folder(folder)
    return _open(folder, name, said)


def _is_file(model: str | Path) -> bool:
    return not str(model).startswith(SCHEME) and Path(model).expanduser().is_file()


def _place(model: str | Path) -> tuple[str, Path]:
    """What messages call it, and its folder."""
    if isinstance(model, str) and model.startswith(SCHEME):
        identity = model.removeprefix(SCHEME).strip()
        return identity, _cached(identity)
    path = Path(model).expanduser()
    folder = path if path.is_dir() else path.parent
    return folder.name or str(folder), folder


def _cached(identity: str) -> Path:
    """The folder of an id in Hugging Face's cache."""
    try:
        from huggingface_hub import snapshot_download
        from huggingface_hub.errors import HFValidationError
    except ModuleNotFoundError as error:
        raise ModelError(_INSTALL) from error
    try:
        return Path(snapshot_download(identity, local_files_only=True))
    except HFValidationError as error:
        raise ModelError(f'{identity!r} is no id of a Hugging Face model, such as "microsoft/resnet-18".') from error
    except Exception as error:  # not in the cache, which the package says in several ways
        raise ModelError(
            f"{identity!r} is not in the cache of Hugging Face's models, and nothing is fetched here. "
            f"Fetch it once with: hf download {identity}"
        ) from error


def _config(folder: Path, name: str) -> dict[str, Any]:
    check_beside(folder)
    for file in folder.glob(f"*{SAFETENSORS}"):
        check_head(file)
    try:
        said = bounded_json.loads(regular.read_bytes(folder / CONFIG, MAX_CONFIG))
    except FileNotFoundError as error:
        raise ModelError(
            f"{name} is a folder without {CONFIG}, so it is no Hugging Face model. Give the file with the weights, or "
            "a folder that save_pretrained wrote."
        ) from error
    except (OSError, ValueError) as error:
        raise ModelError(f"The {CONFIG} of {name} cannot be read: it is damaged, or no JSON.") from error
    if not isinstance(said, dict):
        raise ModelError(f"The {CONFIG} of {name} cannot be read: it is damaged, or of something else.")
    check_files(folder, name)
    if foreign := _foreign_code(said):
        raise ModelError(f"{name} asks for code from elsewhere ({foreign}), which is not run here.")
    if "/" in (elsewhere := str(said.get("transformers_weights") or "")):
        raise ModelError(f"The {CONFIG} of {name} names weights outside of its folder: {elsewhere!r}.")
    count = said.get("num_labels")
    if isinstance(count, int) and count > MAX_CLASSES:
        raise ModelError(f"{name} says that it has {count:,} classes; at most {MAX_CLASSES:,} are taken.")
    if "quantization_config" in said:
        raise ModelError(f"{name} is quantised, which gives no gradients here. Take the weights from before that.")
    if said.get("problem_type") == "regression":
        raise ModelError(f"{name} is a regression: it gives quantities and no classes, which cannot be explained here.")
    return said


def _foreign_code(said: Any) -> str:
    """The setting, at any depth, that names a kernel to be fetched, which transformers would import; else empty."""
    for key, value in said.items() if isinstance(said, Mapping) else ():
        if "implementation" in key and value is not None and value not in _ATTENTION:
            return f"{key} = {value!r}"
        if inner := _foreign_code(value):
            return inner
    return ""


@contextmanager
def _quiet(utilities: Any) -> Iterator[None]:
    """Without transformers' bars and remarks, which a page cannot show."""
    verbosity, bars = utilities.logging.get_verbosity(), utilities.logging.is_progress_bar_enabled()
    utilities.logging.set_verbosity_error()
    utilities.logging.disable_progress_bar()
    try:
        yield
    finally:
        utilities.logging.set_verbosity(verbosity)
        if bars:
            utilities.logging.enable_progress_bar()


def _open(folder: Path, name: str, said: Mapping[str, Any]) -> Network:
    from xai_core._torchvision import torchvision

    torchvision()  # before transformers imports it
    try:
        import transformers
    except ModuleNotFoundError as error:
        raise ModelError(_INSTALL) from error
    import torch

    settings = {"local_files_only": True, "trust_remote_code": False}
    with _quiet(transformers.utils):
        try:
            with NoMoreThan(weights_size(folder)):
                net, about = transformers.AutoModelForImageClassification.from_pretrained(
                    folder,
                    **settings,
                    weights_only=True,
                    dtype=torch.float32,
                    attn_implementation="eager",  # the plain form, whose gradients have gradients
                    output_loading_info=True,
                    ignore_mismatched_sizes=True,  # so that the tensor can be named
                )
        except Exception as error:  # config, weights, sizes, a class that it does not know
            kind = said.get("model_type", "unknown")
            raise ModelError(f"{name} (of the kind {kind!r}) cannot be loaded: {_first_line(error)}") from error
        if wrong := sorted(about["mismatched_keys"]):
            tensor, had, expected = wrong[0]
            raise ModelError(
                f"The weights of {name} do not fit its {CONFIG}: the tensor {tensor!r} has the shape {tuple(had)}, "
                f"expected {tuple(expected)}."
            )
        if missing := sorted(about["missing_keys"]):
            raise ModelError(
                f"{name} has no weights for {len(missing)} of its tensors, first {missing[0]!r}; they would be random. "
                "It was probably saved before it was trained as a classifier."
            )
        preprocessing, guessed, notes = _preprocessing(transformers, folder, net.config, settings)
    check_size(preprocessing, name)
    names, wnids = _class_names(net.config)
    labels = said.get("problem_type") == "multi_label_classification"
    return Network(
        net,
        f"{name} ({type(net).__name__.removesuffix('ForImageClassification')})",
        preprocessing,
        names,
        wnids,
        outputs="label_logits" if labels else None if net.config.num_labels == 1 else "logits",
        notes=notes,
        guessed=guessed,
    )


def _first_line(error: Exception) -> str:
    line = next((line.strip() for line in str(error).splitlines() if line.strip()), type(error).__name__)
    return line if len(line) <= 300 else f"{line[:300]} …"


def _preprocessing(
    transformers: Any, folder: Path, config: Any, settings: Mapping[str, Any]
) -> tuple[Preprocessing, bool, tuple[str, ...]]:
    """That of its processor, and what is said of it; where there is none, what is usual for the size of its input."""
    from xai_core.models.processors import of_processor

    said: tuple[str, ...] = ()
    if any((folder / name).is_file() for name in ("preprocessor_config.json", "processor_config.json")):
        try:
            processor = transformers.AutoImageProcessor.from_pretrained(folder, backend="pil", **settings)
            found = of_processor(processor)
            return found.preprocessing, False, found.notes
        except Exception as error:  # whatever its settings are wrong in
            said = (f"Its image processor could not be used: {_first_line(error)}",)
    size = getattr(config, "image_size", None)
    sides = [size, size] if isinstance(size, int) else list(size or ())
    if len(sides) == 2 and all(isinstance(side, int) for side in sides):
        high, wide = sides
        return Preprocessing(resize=(high, wide), crop=(high, wide), fit="stretch"), True, said
    return Preprocessing(), True, said


def _class_names(config: Any) -> tuple[Sequence[str] | None, Sequence[str] | None]:
    """Names and WordNet ids in the order of the outputs; None for names that only number them."""
    names = [str(config.id2label.get(number, f"LABEL_{number}")) for number in range(config.num_labels)]
    if all(name == f"LABEL_{number}" for number, name in enumerate(names)):
        return None, None
    if is_imagenet(names):
        return imagenet.class_names(), imagenet.wnids()
    return each_once(names), None
