"""What is done to training pictures; randomness comes from torch's own generator, seeded for each epoch."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import torch

from xai_core._torchvision import torchvision

Augment = Callable[[torch.Tensor], torch.Tensor]
PADDING = 4


def augmentation(names: Sequence[str], side: int) -> Augment:
    """From uint8 (n, 3, S, S) to uint8 (n, 3, side, side), each picture changed for itself.

    Parameters
    ----------
    names : Sequence[str]
        Of `AUGMENTATIONS`; with "crop", S may be larger than the side.
    side : int
        Of the network's input.
    """
    if not names:
        return lambda pictures: pictures
    torchvision()
    from torchvision.transforms import v2

    grey = [124, 116, 104]  # ImageNet's mean colour
    steps: list[Augment] = []
    if "flip" in names:
        steps.append(v2.RandomHorizontalFlip())
    if "rotate" in names:
        steps.append(v2.RandomRotation(15, interpolation=v2.InterpolationMode.BILINEAR, fill=grey))
    cut = v2.RandomCrop(side) if "crop" in names else v2.CenterCrop(side)
    erase = v2.RandomErasing(0.5, scale=(0.02, 0.2), value=grey) if "dropout" in names else None

    def one(picture: torch.Tensor) -> torch.Tensor:
        if "crop" in names and picture.shape[-1] <= side:
            picture = torch.nn.functional.pad(picture, (PADDING,) * 4)
        for step in steps:
            picture = step(picture)
        picture = cut(picture)
        return erase(picture) if erase else picture

    def all_of_them(pictures: torch.Tensor) -> torch.Tensor:
        return torch.stack([one(picture) for picture in pictures])

    return all_of_them
