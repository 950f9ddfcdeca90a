"""Claims: evaluating 1,000 pictures of 32 x 32 takes at most 1.3 times the bare forward passes over the same batches;
with 10,000 evaluated pictures the server answers a click within 500 ms, explanations of a new picture aside.
"""

from __future__ import annotations

import json
import statistics
import tempfile
import time
from pathlib import Path

import numpy as np
import torch
from harness import Row, paired_times, report
from PIL import Image
from streamlit.testing.v1 import AppTest

import xai_core as xai
from xai_core.inference.batches import batch_size
from xai_core.models.architectures import ARCHITECTURES

PICTURES, MANY, ROUNDS = 1000, 10_000, 5
MAIN = Path(__file__).parents[1] / "app" / "main.py"
NAMES = [f"class {i}" for i in range(10)]


def evaluation() -> Row:
    torch.manual_seed(0)
    model = xai.load_model(ARCHITECTURES["resnet20_cifar"].build(10), input_size=32, class_names=NAMES, device="cpu")
    rng = np.random.default_rng(0)
    samples = [
        xai.Sample(f"{i:016x}", rng.integers(0, 256, (32, 32, 3), dtype=np.uint8), NAMES[i % 10], name=str(i))
        for i in range(PICTURES)
    ]
    size = batch_size(model)
    inputs = torch.from_numpy(np.stack([model.preprocessing.array(sample) for sample in samples]))
    batches = [part.contiguous(memory_format=torch.channels_last) for part in inputs.split(size)]

    def bare() -> None:
        with torch.no_grad():
            for batch in batches:
                model.net(batch)

    def evaluate() -> None:
        xai.evaluate(model, samples)

    times = paired_times({"bare": bare, "evaluate": evaluate}, ROUNDS)
    return Row("evaluate 1,000 / bare forwards", times["evaluate"] / times["bare"], at_most=1.3)


def clicks(folder: Path) -> list[Row]:
    """10,000 pictures in ten class folders, and a checkpoint without training, which gets most of them wrong."""
    from safetensors.torch import save_file

    rng = np.random.default_rng(0)
    for name in NAMES:
        (folder / "data" / name).mkdir(parents=True)
    for i in range(MANY):
        picture = rng.integers(0, 256, (32, 32, 3), dtype=np.uint8)
        Image.fromarray(picture).save(folder / "data" / NAMES[i % 10] / f"{i}.bmp")
    torch.manual_seed(0)
    save_file(ARCHITECTURES["resnet20_cifar"].build(10).state_dict(), folder / "net.safetensors")

    at = AppTest.from_file(str(MAIN), default_timeout=600)
    for key, value in {
        "data": "Folder",
        "path": str(folder / "data"),
        "n": str(MANY),
        "model": "Checkpoint",
        "weights": str(folder / "net.safetensors"),
        "arch": "ResNet-20 for CIFAR",
        "classes": "\n".join(NAMES),
    }.items():
        at.query_params[key] = value
    at.switch_page("views/misclassifications.py")
    started = time.perf_counter()
    at.run()
    assert not at.exception, at.exception[0].value
    assert any(f"{MANY:,} pictures" in caption.value for caption in at.caption), [c.value for c in at.caption]
    first = time.perf_counter() - started
    keys = [button.key for button in at.button if (button.key or "").startswith("pair-")][:6]
    rounds: list[list[float]] = []
    for _ in range(2):  # the second time the pictures that the clicks open have been explained
        seconds = []
        for key in keys:
            started = time.perf_counter()
            at.button(key=key).click().run()
            seconds.append(time.perf_counter() - started)
            assert not at.exception, at.exception[0].value
        rounds.append(seconds)
    print(json.dumps({"clicks_s": [[round(s, 3) for s in seconds] for seconds in rounds]}))
    new, known = (1000 * statistics.median(seconds) for seconds in rounds)
    return [
        Row("10,000 pictures: from the address to the page, s", first),
        Row("10,000 pictures: a click, ms", known, at_most=500),
        Row("10,000 pictures: a click that opens a picture not explained before, ms", new),
    ]


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as place:
        report("evaluation_speed", [evaluation(), *clicks(Path(place))])
