"""A network, its optimizer and its schedule: all that an epoch leaves to the next."""

from __future__ import annotations

import io
from pathlib import Path

import torch
from torch import nn

from xai_core.errors import TrainingError
from xai_core.models.architectures import Architecture
from xai_core.models.checkpoints import fine_tunable, head_parameters
from xai_core.models.loading import named_state
from xai_core.quotas import shortage
from xai_core.records.files import write_whole
from xai_core.training.pictures import Material
from xai_core.training.settings import Settings


class TrainingState:
    """A network, its optimizer and its schedule, as they stand after an epoch."""

    def __init__(self, settings: Settings, kind: Architecture, found: Material, device: torch.device) -> None:
        self.settings, self.device = settings, device
        torch.manual_seed(settings.seed)
        if settings.pretrained:
            state, file = named_state(kind.key)
            net = fine_tunable(kind, state, file, found.class_names)
        else:
            net = kind.build(len(found.class_names))
        self.net = net.to(device, memory_format=torch.channels_last)  # type: ignore[call-overload]
        if settings.freeze:
            self.net.requires_grad_(False)
            for parameter in head_parameters(self.net):
                parameter.requires_grad_(True)
        learned = [parameter for parameter in self.net.parameters() if parameter.requires_grad]
        rate, decay = settings.learning_rate, settings.weight_decay
        self.optimizer: torch.optim.Optimizer = (
            torch.optim.SGD(learned, rate, momentum=0.9, weight_decay=decay, nesterov=True)
            if settings.optimizer == "sgd"
            else torch.optim.AdamW(learned, rate, weight_decay=decay)
        )
        steps = settings.epochs * len(self.cuts(found.size))
        # The schedule as a function of the step: nothing to keep, and never a step too many.
        cycle = torch.optim.lr_scheduler.OneCycleLR(
            torch.optim.SGD([torch.zeros(1, requires_grad=True)], rate),
            rate,
            total_steps=steps + 1,
            cycle_momentum=False,
        )
        self.rates = []
        for _ in range(steps):
            self.rates.append(cycle.get_last_lr()[0])
            cycle.optimizer.step()
            cycle.step()

    def cuts(self, n: int) -> list[tuple[int, int]]:
        """Where each batch begins and ends. One picture left over joins the last batch: alone it has no variance."""
        size = self.settings.batch_size
        starts = list(range(0, n, size))
        if len(starts) > 1 and n - starts[-1] == 1:
            starts.pop()
        return [(start, stop) for start, stop in zip(starts, [*starts[1:], n], strict=True)]

    def train_mode(self) -> None:
        """Frozen parts keep to what they measured in their own training."""
        self.net.train()
        if self.settings.freeze:
            for module in self.net.modules():
                if isinstance(module, nn.modules.batchnorm._BatchNorm):
                    module.eval()

    def state(self) -> bytes:
        buffer = io.BytesIO()
        torch.save({"net": self.net.state_dict(), "optimizer": self.optimizer.state_dict()}, buffer)
        return buffer.getvalue()

    def save(self, path: Path) -> None:
        """Write it down.

        Raises
        ------
        TrainingError, RecordError
            If the disk has no room for it, or it cannot be written.
        """
        content = self.state()
        if sentence := shortage(path.parent, len(content)):
            raise TrainingError(f"{sentence} What was recorded is kept; with more room the training goes on.")
        write_whole(path, content)

    def restore(self, path: Path) -> None:
        try:
            state = torch.load(path, map_location=self.device, weights_only=True)
            self.net.load_state_dict(state["net"])
            self.optimizer.load_state_dict(state["optimizer"])
        except Exception as error:  # torch raises a dozen kinds for a file that is missing, damaged or of another net
            raise TrainingError(
                f"The training cannot go on: its state after the last epoch, {path.name}, is missing, damaged or of "
                "another network. What was recorded is kept."
            ) from error
