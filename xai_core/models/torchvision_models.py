"""torchvision's classifiers: what is known of each without loading torchvision, and how each is built.

`torchvision_models.tsv` holds one a line: its name, the input of its weights, how many tensors it has, and which
weights are taken. ResNets, ResNeXts and wide ResNets keep the original recipe's (`IMAGENET1K_V1`), with which most
studies were made; the others have those that torchvision recommends.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from xai_core.types import Preprocessing

if TYPE_CHECKING:
    from torch import nn

COMMON = 11  # the first lines: those that lists show first
_SCALES = {
    "imagenet": ((0.485, 0.456, 0.406), (0.229, 0.224, 0.225)),
    "half": ((0.5, 0.5, 0.5), (0.5, 0.5, 0.5)),
}  # mean and std
# Both have classifiers beside the last one, for training alone. torchvision's pretrained ones scale their input again,
# which no tensor says.
_WITH_AUXILIARY = ("googlenet", "inception_v3")
_RESCALES = "It is taken to scale its input again, as torchvision's pretrained networks of this kind do."
AUXILIARY = ("aux1", "aux2", "AuxLogits")  # the modules that are left out


@dataclass(frozen=True)
class Row:
    """One of torchvision's classifiers.

    Attributes
    ----------
    key, title : str
        torchvision's name, and one for people.
    preprocessing : Preprocessing
        Of its weights.
    tensors : int
        In its state dict, counters of batches aside.
    weights, file : str
        Which of torchvision's weights, and the file that holds them.
    megabytes : float
        Of that file, in 10**6 bytes.
    common : bool
        Whether lists show it among the first.
    assumed : tuple of str
        What no tensor says, in sentences.
    """

    key: str
    title: str
    preprocessing: Preprocessing
    tensors: int
    weights: str
    file: str
    megabytes: float
    common: bool
    assumed: tuple[str, ...]


@cache
def rows() -> dict[str, Row]:
    """All of them, by their names: the best known first, the others by name."""
    text = (files(__package__) / "torchvision_models.tsv").read_text(encoding="utf-8")
    found = {}
    for number, row in enumerate(csv.DictReader(text.splitlines(), delimiter="\t")):
        mean, std = _SCALES[row["scale"]]
        settings: dict[str, Any] = {"mean": mean, "std": std, "interpolation": row["interpolation"]}
        found[row["key"]] = Row(
            row["key"],
            row["title"],
            Preprocessing(int(row["resize"]), int(row["crop"]), **settings),
            int(row["tensors"]),
            row["weights"],
            row["file"],
            float(row["mb"]),
            number < COMMON,
            (_RESCALES,) if row["key"] in _WITH_AUXILIARY else (),
        )
    return found


def build(key: str, num_classes: int, **settings: Any) -> nn.Module:
    """The network without weights.

    Parameters
    ----------
    key : str
        torchvision's name.
    num_classes : int
        Outputs, at least 1.
    **settings : object
        Further arguments of torchvision's builder.

    Returns
    -------
    torch.nn.Module
    """
    from xai_core._torchvision import torchvision

    if key in _WITH_AUXILIARY:
        settings = {"aux_logits": False, "init_weights": False, "transform_input": True} | settings
    return torchvision().models.get_model(key, weights=None, num_classes=num_classes, **settings)
