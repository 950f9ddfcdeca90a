"""Claim: all layers of ResNet-50 at once, 16 pictures, against Captum, grad-cam and torchcam layer by layer.

Targets: 16 blocks at least 12 times as fast as Captum, 4 stages at least 5 times, and at most 1.25 times the
bare forward and backward pass down to the first of those layers. Seeded weights: speed does not depend on them.
"""

from __future__ import annotations

import torch
from captum.attr import LayerGradCam
from harness import Row, paired_times, report

import xai_core as xai
from xai_core._torchvision import torchvision

PICTURES, CLASS, ROUNDS = 16, 7, 3


def bare(model: xai.Classifier, inputs: torch.Tensor, first: str) -> None:
    """One forward pass and one backward pass that ends at `first`, nothing else."""
    leaf: list[torch.Tensor] = []

    def start_here(_module: object, _inputs: object, output: torch.Tensor) -> torch.Tensor:
        leaf.append(output.detach().requires_grad_())
        return leaf[0].clone()

    handle = model.net.get_submodule(first).register_forward_hook(start_here)
    try:
        torch.autograd.grad(model.net(inputs)[:, CLASS].sum(), leaf)
    finally:
        handle.remove()


def main() -> list[Row]:
    zoo = torchvision().models  # before the packages below, which import it without help
    from pytorch_grad_cam import GradCAM
    from pytorch_grad_cam.utils.model_targets import ClassifierOutputTarget
    from torchcam.methods import GradCAM as TorchCam

    torch.manual_seed(0)
    resnet = zoo.resnet50(weights=None)
    model = xai.load_model(resnet, class_names="imagenet", device="cpu")
    inputs = torch.randn(PICTURES, 3, 224, 224)
    fast = inputs.to(memory_format=torch.channels_last)
    resnet.eval()  # the libraries get the network as a user has it: contiguous, parameters not frozen

    rows = []
    for group, target in (("stages", 5.0), ("blocks", 12.0)):
        names = [layer.name for layer in model.select(group)]

        def ours(group: str = group) -> None:
            xai.grad_cam(model, inputs, layers=group, targets=CLASS)

        def captum(names: list[str] = names) -> None:
            for name in names:
                LayerGradCam(resnet, resnet.get_submodule(name)).attribute(inputs, target=CLASS)

        def grad_cam_package(names: list[str] = names) -> None:
            for name in names:
                with GradCAM(resnet, [resnet.get_submodule(name)]) as cam:
                    cam(inputs, [ClassifierOutputTarget(CLASS)] * PICTURES)

        def torchcam_package(names: list[str] = names) -> None:
            with TorchCam(resnet, names) as cam:
                cam([CLASS] * PICTURES, resnet(inputs.requires_grad_()))
            inputs.requires_grad_(False)

        def floor(first: str = names[0]) -> None:
            bare(model, fast, first)

        times = paired_times(
            {"xai": ours, "bare": floor, "captum": captum, "grad-cam": grad_cam_package, "torchcam": torchcam_package},
            ROUNDS,
            once=frozenset({"grad-cam"}),  # minutes a call, and no bound is claimed for it
        )
        label = f"ResNet-50, {PICTURES} pictures, {len(names)} {group}"
        rows += [
            Row(f"{label}: Captum / ours", times["captum"] / times["xai"], at_least=target),
            Row(f"{label}: ours / bare pass", times["xai"] / times["bare"], at_most=1.25),
            Row(f"{label}: grad-cam / ours", times["grad-cam"] / times["xai"]),
            Row(f"{label}: torchcam / ours", times["torchcam"] / times["xai"]),
            Row(f"{label}: ours, seconds", times["xai"]),
        ]
    return rows


if __name__ == "__main__":
    report("grad_cam_speed", main())
