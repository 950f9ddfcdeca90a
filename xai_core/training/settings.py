"""What a training is to be: its settings, their limits, and the presets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from typing import Any

from xai_core.errors import TrainingError

# What may be done to training pictures, in the order in which it is done; `training.augment` does it.
AUGMENTATIONS: dict[str, str] = {
    "flip": "Mirror half of them",
    "rotate": "Rotate by up to 15 degrees",
    "crop": "Random crop: of what was resized, or of 4 pixels of padding",
    "dropout": "Coarse dropout: a grey rectangle over half of them",
}


@dataclass(frozen=True)
class Settings:
    """Everything that a training depends on; the same settings give the same numbers on the same machine.

    Attributes
    ----------
    name : str
        What people call the run.
    data : str
        Key of a data set, or a folder of class folders.
    architecture : str
        Key of `xai_core.models.ARCHITECTURES`.
    epochs, batch_size : int
        Whole numbers, at least 1 and 2.
    learning_rate : float
        The highest of the one-cycle schedule.
    weight_decay : float
        Of all weights.
    optimizer : str
        "sgd" (Nesterov momentum 0.9) or "adamw".
    seed : int
        Of weights, order and augmentation.
    augment : tuple of str
        Of `AUGMENTATIONS`.
    pretrained : bool
        Start from ImageNet weights, with a new last layer.
    freeze : bool
        Train the last layer only.
    shortcut : float
        Textured digits: share of backgrounds tied to the class, in [0, 1].
    redraws : int
        Textured digits: passes of newly drawn pictures in an epoch.
    checkpoint_every : int
        Keep the weights of the first, every so many and the last epoch; 0: of 1, 2, 4, 8, ... and the last.
    """

    name: str
    data: str
    architecture: str
    epochs: int = 24
    batch_size: int = 64
    learning_rate: float = 0.1
    weight_decay: float = 5e-4
    optimizer: str = "sgd"
    seed: int = 0
    augment: tuple[str, ...] = ()
    pretrained: bool = False
    freeze: bool = False
    shortcut: float = 0.0
    redraws: int = 1
    checkpoint_every: int = 1

    def __post_init__(self) -> None:
        for key in ("name", "data"):
            object.__setattr__(self, key, str(getattr(self, key)))
        limits: dict[str, tuple[float, float]] = {
            "epochs": (1, 10_000),
            "batch_size": (2, 4096),
            "seed": (0, 2**31 - 1),
            "redraws": (1, 100),
            "checkpoint_every": (0, 10_000),
            "learning_rate": (1e-8, 100),
            "weight_decay": (0, 1),
            "shortcut": (0, 1),
        }
        for key, (low, high) in limits.items():
            value = getattr(self, key)
            whole = isinstance(getattr(Settings, key, 0.0), int)
            right_kind = isinstance(value, int if whole else int | float) and not isinstance(value, bool)
            if not right_kind or value != value or not low <= value <= high:  # in this order: an int may be any size
                kind = "a whole number" if whole else "a number"
                raise TrainingError(f"{key} is {kind} from {low:.10g} to {high:.10g}; got {value!r}.")
        if unknown := [key for key in self.augment if key not in AUGMENTATIONS]:
            raise TrainingError(f"Unknown augmentation {unknown[0]!r}. Choose of: {', '.join(AUGMENTATIONS)}.")
        if self.optimizer not in ("sgd", "adamw"):
            raise TrainingError(f'The optimizer is "sgd" or "adamw"; got {self.optimizer!r}.')
        if self.freeze and not self.pretrained:
            raise TrainingError("Only a pretrained backbone can be frozen: an untrained one would stay untrained.")
        if not self.data:
            raise TrainingError("The training needs pictures: a data set's name, or a folder of class folders.")

    def keeps(self, epoch: int) -> bool:
        """Whether the weights after an epoch are kept."""
        if epoch in (1, self.epochs):
            return True
        every = self.checkpoint_every
        return epoch % every == 0 if every else epoch & (epoch - 1) == 0

    def to_dict(self) -> dict[str, Any]:
        """The fields, for JSON."""
        return asdict(self)

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Settings:
        """Settings from JSON.

        Raises
        ------
        TrainingError
            If a setting is missing, unknown or out of range.
        """
        if not isinstance(values, Mapping):
            raise TrainingError("The settings are not whole: they are no list of names and values.")
        if unknown := set(values) - {field.name for field in fields(cls)}:
            raise TrainingError(f"There is no setting {min(unknown)!r}.")
        try:
            return cls(**{**values, "augment": tuple(values.get("augment", ()))})
        except (TypeError, OverflowError) as error:
            raise TrainingError(f"The settings are not whole: {error}.") from error


@dataclass(frozen=True)
class Preset:
    """A training to begin from.

    Attributes
    ----------
    title : str
        For people.
    about : str
        What it is and how long it takes.
    settings : callable
        ``settings(**changes)`` gives them, changed as one likes; `data` is empty where a folder must be named.
    asks : frozenset of str
        Settings that the form leaves open for this preset, besides those that every preset has.
    """

    title: str
    about: str
    _settings: Mapping[str, Any]
    asks: frozenset[str] = frozenset()

    @property
    def data(self) -> str:
        """Where its pictures are; empty where a folder must be named."""
        return str(self._settings["data"])

    def settings(self, **changes: Any) -> Settings:
        """Its settings, with changes."""
        return Settings.from_dict({**self._settings, **changes})


def require_classes(labels: Sequence[str], data: str) -> None:
    """Raise a TrainingError unless there are two labels or more to tell apart.

    Parameters
    ----------
    labels : Sequence[str]
        Those that occur, each once.
    data : str
        What the message calls the data set.
    """
    if len(labels) < 2:
        found = f"only {labels[0]!r}" if labels else "none"
        raise TrainingError(f"A classifier needs pictures of two classes or more; in {data} there is {found}.")


PRESETS: dict[str, Preset] = {
    "digits": Preset(
        "Textured digits",
        "Handwritten digits over textures, a small residual network; a minute or two on two cores. With a "
        "shortcut the background gives the class away in training, and the model learns to cheat.",
        {
            "name": "Textured digits",
            "data": "textured_digits",
            "architecture": "small_resnet",
            "epochs": 24,
            "redraws": 3,
        },
        asks=frozenset({"shortcut"}),
    ),
    "cifar10": Preset(
        "CIFAR-10",
        "ResNet-18 with padding and random crop, coarse dropout and rotation, 40 epochs. Meant for a GPU: on two "
        "cores an epoch of 10,000 pictures takes minutes.",
        {
            "name": "CIFAR-10",
            "data": "cifar10",
            "architecture": "resnet18_cifar",
            "epochs": 40,
            "batch_size": 128,
            "augment": ("crop", "rotate", "dropout"),
            "checkpoint_every": 4,
        },
        asks=frozenset({"data", "augment"}),
    ),
    "scenes": Preset(
        "Your own classes",
        "An ImageNet model fine-tuned on any folder of class folders, its last layer only or all of it.",
        {
            "name": "Fine-tuned",
            "data": "",
            "architecture": "efficientnet_lite0",
            "epochs": 10,
            "batch_size": 32,
            "optimizer": "adamw",
            "learning_rate": 2e-3,
            "weight_decay": 1e-4,
            "augment": ("flip", "crop"),
            "pretrained": True,
            "freeze": True,
            "checkpoint_every": 2,
        },
        asks=frozenset({"data", "architecture", "freeze", "augment"}),
    ),
}
