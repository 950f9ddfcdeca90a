"""Claims: all measures and tests of object against background on 64 pictures, one layer, with their Grad-CAM, take at
most 1.3 times the bare forward and backward pass; PGD of ten steps on 32 pictures reports at least each second.
"""

from __future__ import annotations

import time

import numpy as np
import torch
from harness import Row, paired_times, report

import xai_core as xai
from xai_core import studies
from xai_core.inference.batches import batch_size

PICTURES, ATTACKED, ROUNDS, CLASS = 64, 32, 3, 339


def main() -> list[Row]:
    model = xai.load_model("efficientnet_lite0", device="cpu")
    side, layer = model.preprocessing.crop, model.groups["stages"][-1]
    rng = np.random.default_rng(0)
    y, x = np.mgrid[:side, :side]
    samples = []
    for i in range(PICTURES):
        a, b, r = [*rng.integers(60, 160, 2).tolist(), int(rng.integers(30, 70))]
        mask = ((y - a) ** 2 + (x - b) ** 2 < r**2).astype(np.uint8)
        pixels = np.kron(rng.integers(0, 256, (14, 14, 3)), np.ones((16, 16, 1))).astype(np.uint8)
        pixels[mask == 1] = pixels[mask == 1] // 2 + 100
        samples.append(xai.Sample(f"{i:016x}", pixels, None, None, mask, str(i), view_of=model.preprocessing))
    inputs = torch.from_numpy(np.stack([model.preprocessing.array(sample) for sample in samples]))
    batches = [part.contiguous(memory_format=torch.channels_last) for part in inputs.split(batch_size(model))]

    def bare() -> None:
        for batch in batches:
            leaf: list[torch.Tensor] = []

            def start(_module: object, _inputs: object, output: torch.Tensor, leaf: list = leaf) -> torch.Tensor:
                leaf.append(output.detach().requires_grad_())
                return leaf[0].clone()

            handle = model.net.get_submodule(layer).register_forward_hook(start)
            try:
                torch.autograd.grad(model.net(batch)[:, CLASS].sum(), leaf)
            finally:
                handle.remove()

    def study() -> None:
        maps = xai.grad_cam(model, samples, layers=[layer], targets=CLASS)
        table = xai.foreground_background(maps, samples)
        for measure in studies.FOREGROUND_MEASURES:
            studies.measure_tests(table, measure)

    times = paired_times({"bare": bare, "study": study}, ROUNDS)
    moments = [time.perf_counter()]
    xai.perturb(model, samples[:ATTACKED], 8, steps=10, progress=lambda *_: moments.append(time.perf_counter()))
    moments.append(time.perf_counter())
    return [
        Row("64 pictures, all measures and tests / bare pass", times["study"] / times["bare"], at_most=1.3),
        Row("PGD, 32 pictures: longest wait for progress, s", float(np.diff(moments).max()), at_most=1.0),
        Row("PGD, 32 pictures, s", moments[-1] - moments[0]),
    ]


if __name__ == "__main__":
    report("foreground_speed", main())
