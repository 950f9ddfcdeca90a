"""Claims: what methods cost beyond the passes that they need, all measured in turn within one run.

Four gradient CAMs at the 16 blocks of ResNet-50 take at most 1.3 times Grad-CAM alone. Finer-CAM's gradient is of
another score, so five with it need a second backward pass; what that costs stands beside the bare passes.
Integrated Gradients with 50 steps are no slower than Captum at its best batch, with the network as a user has it.
Occlusion, RISE and KernelSHAP take at most 1.15 times the bare forward passes, superpixels and all. Seeded weights
where speed does not depend on them.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable

import torch
from captum.attr import IntegratedGradients
from harness import Row, paired_times, report

import xai_core as xai
from xai_core._torchvision import torchvision

PICTURES, CLASS, ROUNDS = 8, 7, 5
SHARED = ("grad_cam", "hires_cam", "layer_cam", "grad_cam_pp")
STEPS, PATH_PICTURES, CAPTUM_BATCHES = 50, 2, (8, 16, 32, 100)
SAMPLES, CHUNK = 1000, 48
PRECISE = {"precision": "float32"}
SAMPLING = {
    "occlusion": {"patches": 16, "overlap": 2, **PRECISE},  # 1,024 positions
    "rise": {"num_samples": SAMPLES, **PRECISE},
    "kernel_shap": {"num_samples": SAMPLES, **PRECISE},
}


def bare_passes(model: xai.Classifier, inputs: torch.Tensor, first: str, backward: int) -> None:
    """One forward pass and so many backward passes that end at a layer, nothing else."""
    leaf: list[torch.Tensor] = []

    def start_here(_module: object, _inputs: object, output: torch.Tensor) -> torch.Tensor:
        leaf.append(output.detach().requires_grad_())
        return leaf[0].clone()

    handle = model.net.get_submodule(first).register_forward_hook(start_here)
    try:
        score = model.net(inputs)[:, CLASS].sum()
        for turn in range(backward):
            torch.autograd.grad(score, leaf, retain_graph=turn < backward - 1)
    finally:
        handle.remove()


def cams(model: xai.Classifier) -> list[Row]:
    """Grad-CAM alone against several CAMs at once."""
    inputs = torch.randn(PICTURES, 3, 224, 224)
    fast, first = inputs.to(memory_format=torch.channels_last), model.select("blocks")[0].name

    def ask(*methods: str) -> Callable[[], None]:
        def call() -> None:
            xai.explain_together(model, inputs, methods=methods, layers="blocks", targets=CLASS, batch_size=PICTURES)

        return call

    times = paired_times(
        {
            "one": ask("grad_cam"),
            "four": ask(*SHARED),
            "five": ask(*SHARED, "finer_cam"),
            "bare": lambda: bare_passes(model, fast, first, 1),
            "bare twice": lambda: bare_passes(model, fast, first, 2),
        },
        ROUNDS,
    )
    return [
        Row("four CAMs, 16 blocks / Grad-CAM alone", times["four"] / times["one"], at_most=1.3),
        Row("five CAMs, Finer-CAM among them / Grad-CAM alone", times["five"] / times["one"]),
        Row("... / a bare forward and two backward passes", times["five"] / times["bare twice"]),
        Row("bare: two backward passes / one", times["bare twice"] / times["bare"]),
    ]


def integrated_gradients(model: xai.Classifier, plain: torch.nn.Module) -> list[Row]:
    """50 steps against Captum at each of several batches, with the network as a user has it and with ours, prepared."""
    inputs = torch.randn(PATH_PICTURES, 3, 224, 224)
    fast = inputs.to(memory_format=torch.channels_last)

    def ours() -> None:
        xai.explain(model, inputs, method="integrated_gradients", targets=CLASS, steps=STEPS)

    def captum(net: torch.nn.Module, given: torch.Tensor, size: int) -> Callable[[], None]:
        def call() -> None:
            IntegratedGradients(net).attribute(
                given, torch.zeros_like(given), CLASS, n_steps=STEPS, internal_batch_size=size
            )

        return call

    theirs = {f"plain {size}": captum(plain, inputs, size) for size in CAPTUM_BATCHES}
    prepared = {f"prepared {size}": captum(model.net, fast, size) for size in CAPTUM_BATCHES}
    times = paired_times({"ours": ours, **theirs, **prepared}, ROUNDS)
    label = f"Integrated Gradients, {STEPS} steps: Captum's best batch / ours"
    return [
        Row(label, min(times[name] for name in theirs) / times["ours"], at_least=1.0),
        Row(f"{label}, on the network prepared by us", min(times[name] for name in prepared) / times["ours"]),
    ]


def sampling(key: str) -> Row:
    """A method that grows against bare forward passes, a chunk of each in turn."""
    model, photo = xai.load_model("efficientnet_lite0", device="cpu"), xai.load_dataset("photos")[0]
    batch = torch.randn(16, 3, 224, 224).contiguous(memory_format=torch.channels_last)
    grow = xai.get_method(key).grow
    assert grow is not None

    def bare(count: int) -> float:
        started = time.perf_counter()
        with torch.no_grad():
            for start in range(0, count, len(batch)):
                model.net(batch[: count - start])
        return time.perf_counter() - started

    bare(CHUNK)
    chunks, done, started = [], 0, time.perf_counter()
    for found in grow(model, photo, targets=[CLASS, CLASS + 1], every=CHUNK, **SAMPLING[key]):
        own = time.perf_counter() - started
        count, done = found.done - done, found.done
        chunks.append((own / count, bare(count) / count, count))
        started = time.perf_counter()
    own, floor = (statistics.median(chunk[which] for chunk in chunks[1:]) for which in (0, 1))
    before = max(0.0, chunks[0][0] - own) * chunks[0][2]  # superpixels, and the picture itself
    title = xai.get_method(key).title
    return Row(f"{title}, {done} forwards / bare", (own * done + before) / (floor * done), at_most=1.15)


def main() -> list[Row]:
    torch.manual_seed(0)
    plain = torchvision().models.resnet50(weights=None).eval()
    model = xai.load_model(plain, class_names="imagenet", device="cpu")
    return [*cams(model), *integrated_gradients(model, plain), *(sampling(key) for key in SAMPLING)]


if __name__ == "__main__":
    report("methods_speed", main())
