"""What a Hugging Face folder may ask for: its JSON says which files are read, and how many numbers are made."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import torch
from torch.overrides import TorchFunctionMode

from xai_core import bounded_json, regular
from xai_core.errors import ModelError
from xai_core.models.kinds import MAX_CONFIG

MAX_TENSORS = 20_000  # that are made for a network: one of a million layers is a line in its configuration
_SPARE = 1 << 22  # numbers beyond those of the weights: tables of positions, masks
_TWICE = 2  # a network may be made once without numbers and once with them
_INDEX = ".index.json"
_FILES = (f"*{_INDEX}", "*config.json")  # which transformers reads beside the weights
_WEIGHTS = ("*.safetensors", "*.bin")
_MAKERS = (torch.empty, torch.zeros, torch.ones, torch.full, torch.rand, torch.randn, torch.arange, torch.linspace)


def check_files(folder: Path, name: str) -> None:
    """That no JSON of a folder fills the memory, and that its weights lie in it.

    Parameters
    ----------
    folder : pathlib.Path
    name : str
        What sentences call the model.

    Raises
    ------
    ModelError
        With the file.
    """
    for path in sorted({path for pattern in _FILES for path in folder.glob(pattern)}):
        try:
            if path.stat().st_size > MAX_CONFIG:
                raise ValueError
            said = bounded_json.loads(regular.read_bytes(path, MAX_CONFIG))
        except json.JSONDecodeError:
            continue  # which is said where it is needed
        except (OSError, ValueError) as error:
            raise ModelError(f"The {path.name} of {name} is too large to be read.") from error
        places = said.get("weight_map", {}) if isinstance(said, dict) and path.name.endswith(_INDEX) else {}
        files = places.values() if isinstance(places, dict) else [places]
        if wrong := next((file for file in files if not _is_in_folder(file)), None):
            raise ModelError(f"The {path.name} of {name} names weights outside of its folder: {str(wrong)[:80]!r}.")


def _is_in_folder(file: Any) -> bool:
    return isinstance(file, str) and not {"/", "\\"} & set(file) and file not in ("", ".", "..")


def weights_size(folder: Path) -> int:
    """Bytes of the files with weights in a folder."""
    return sum(path.stat().st_size for pattern in _WEIGHTS for path in folder.glob(pattern))


class NoMoreThan(TorchFunctionMode):
    """A block in which a network is made that has hardly more numbers than its weights have bytes.

    Parameters
    ----------
    size : int
        Bytes of the weights.
    """

    def __init__(self, size: int) -> None:
        super().__init__()
        self._numbers, self._tensors = _TWICE * size + _SPARE, MAX_TENSORS

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        made = func(*args, **kwargs or {})
        if func in _MAKERS:
            self._numbers -= made.numel()
            self._tensors -= 1
            if min(self._numbers, self._tensors) < 0:
                raise ModelError("its configuration asks for a far larger network than its weights are")
        return made
