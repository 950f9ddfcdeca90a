"""A model of which only the answers are known, as a network that can be asked but not differentiated."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from torch import nn

from xai_core import regular

_CHUNK = 1 << 20  # bytes

Answer = torch.Tensor | dict[str, torch.Tensor]


def digest(*paths: Path) -> torch.Tensor:
    """uint8 (32,), the SHA-256 of files, by which two black boxes are told apart."""
    found = hashlib.sha256()
    for path in paths:
        with regular.opened(path) as file:
            while part := file.read(_CHUNK):
                found.update(part)
    return torch.tensor(list(found.digest()), dtype=torch.uint8)


class BlackBox(nn.Module):
    """Asks a model on the CPU, without gradients.

    Parameters
    ----------
    ask : callable
        float32 (N, C, H, W) on the CPU -> a tensor (N, ...), or several by name.
    content : torch.Tensor
        As `digest` gives it.
    batch : int, optional
        The only number of pictures that it takes at once; None takes any.
    """

    content: torch.Tensor

    def __init__(self, ask: Callable[[torch.Tensor], Answer], content: torch.Tensor, batch: int | None = None) -> None:
        super().__init__()
        self.register_buffer("content", content)
        self._ask, self.batch = ask, batch

    def __deepcopy__(self, memo: Any) -> BlackBox:
        return self  # what it asks is not changed by asking

    def forward(self, inputs: torch.Tensor) -> Answer:
        """Its answer, on the device of the inputs."""
        with torch.no_grad():
            pictures = inputs.detach().to("cpu", torch.float32).contiguous()
            return _moved(self._all(pictures) if self.batch is None else self._parts(pictures), inputs.device)

    def _all(self, pictures: torch.Tensor) -> Answer:
        """The answer to all at once; to one at a time where it turns out to take no more."""
        failed: Exception | None = None
        try:
            answer = self._ask(pictures)
            if len(pictures) < 2 or all(t.ndim and len(t) == len(pictures) for t in _tensors(answer)):
                return answer
        except TimeoutError:  # one at a time it would take no less
            raise
        except Exception as error:  # whatever it raises
            if len(pictures) < 2:
                raise
            failed = error
        self.batch = 1
        try:
            return self._parts(pictures)
        except Exception as error:
            self.batch = None
            raise error from failed

    def _parts(self, pictures: torch.Tensor) -> Answer:
        return joined([self._part(part) for part in pictures.split(self.batch or 1)])

    def _part(self, pictures: torch.Tensor) -> Answer:
        """The answer to at most a whole batch, which is filled up with the last picture."""
        n, missing = len(pictures), (self.batch or 1) - len(pictures)
        if missing:
            pictures = torch.cat([pictures, pictures[-1:].expand(missing, -1, -1, -1)])
        answer = self._ask(pictures)
        if isinstance(answer, torch.Tensor):
            return answer[:n]
        return {name: tensor[:n] for name, tensor in answer.items()}


def _tensors(answer: Answer) -> list[torch.Tensor]:
    return [answer] if isinstance(answer, torch.Tensor) else list(answer.values())


def _moved(answer: Answer, device: torch.device) -> Answer:
    if isinstance(answer, torch.Tensor):
        return answer.to(device)
    return {name: tensor.to(device) for name, tensor in answer.items()}


def joined(parts: list[Answer]) -> Answer:
    first = parts[0]
    if isinstance(first, torch.Tensor):
        return torch.cat([part for part in parts if isinstance(part, torch.Tensor)])
    return {name: torch.cat([part[name] for part in parts if not isinstance(part, torch.Tensor)]) for name in first}
