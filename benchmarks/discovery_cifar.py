"""Discovery on CIFAR-10: networks trained with a shortcut in one class each, and an honest one; a blind trial.

`python benchmarks/discovery_cifar.py make CIFAR OUT` trains four networks on the folder CIFAR (train and test, a folder
for each class) and writes them to OUT under neutral names in random order, with one folder of test pictures that has
all three shortcuts, so that the pictures do not tell which network learnt what; key.json holds the solution.
`... ask OUT` lets Discovery look at each, and says what it suspects beside the solution, which nobody need look at
before the page Discovery was used on OUT by hand.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from planted_shapes import planted
from torch.nn import functional as F

import xai_core as xai
from xai_core.models.architectures import architecture
from xai_core.types import ByteArray

SHARE, TRAINED, TESTED, EPOCHS, BATCH = 0.6, 500, 100, 8, 64
KINDS = ("corner patch", "tint", "watermark")
ARCHITECTURE, SIDE = "small_resnet", 32


def read(folder: Path, most: int | None = None) -> dict[str, list[ByteArray]]:
    """Class -> its pictures, uint8 (32, 32, 3) each."""
    return {
        one.name: [np.asarray(Image.open(path).convert("RGB")) for path in sorted(one.iterdir())[:most]]
        for one in sorted(folder.iterdir())
    }


def with_shortcut(pictures: list[ByteArray], kind: str, seed: int) -> list[ByteArray]:
    """SHARE of the pictures with a shortcut, at random."""
    rng = np.random.default_rng(seed)
    chosen = set(rng.permutation(len(pictures))[: round(SHARE * len(pictures))].tolist())
    return [planted(one, kind, rng) if at in chosen else one for at, one in enumerate(pictures)]


def train(pictures: dict[str, list[ByteArray]], seed: int) -> dict[str, torch.Tensor]:
    """The weights of a network trained on the pictures."""
    torch.manual_seed(seed)
    built = architecture(ARCHITECTURE)
    net, (mean, spread) = built.build(len(pictures)), (built.preprocessing.mean[0], built.preprocessing.std[0])
    x = torch.from_numpy(np.concatenate([np.stack(some) for some in pictures.values()])).permute(0, 3, 1, 2)
    y = torch.tensor([at for at, some in enumerate(pictures.values()) for _ in some])
    steps = EPOCHS * -(-len(x) // BATCH)
    optimiser = torch.optim.AdamW(net.parameters(), lr=5e-3, weight_decay=1e-2)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, 1e-2, total_steps=steps)
    for epoch in range(EPOCHS):
        started = time.perf_counter()
        for rows in torch.randperm(len(x)).split(BATCH):
            optimiser.zero_grad()
            F.cross_entropy(net((x[rows].float() / 255 - mean) / spread), y[rows]).backward()
            optimiser.step()
            schedule.step()
        print(f"epoch {epoch + 1} of {EPOCHS}, {time.perf_counter() - started:.0f} s", flush=True)
    return net.eval().state_dict()


def make(source: Path, out: Path) -> None:
    """Networks, pictures and the solution."""
    known = read(source / "train", TRAINED)
    rng = np.random.default_rng(time.time_ns())  # nobody knows the classes and the order
    planted_in = dict(zip(rng.permutation(list(known)).tolist(), KINDS, strict=False))
    cases = [("", ""), *planted_in.items()]
    names = rng.permutation([f"network-{letter}" for letter in "abcd"]).tolist()
    out.mkdir(parents=True, exist_ok=True)
    (out / "classes.txt").write_text("\n".join(known) + "\n", encoding="utf-8")
    for label, some in read(source / "test", TESTED).items():
        (out / "pictures" / label).mkdir(parents=True, exist_ok=True)
        shown = with_shortcut(some, planted_in[label], 1) if label in planted_in else some
        for at, pixels in enumerate(shown):
            Image.fromarray(pixels).save(out / "pictures" / label / f"{at:03d}.png")
    for seed, ((label, kind), name) in enumerate(zip(cases, names, strict=True)):
        tampered = known | ({label: with_shortcut(known[label], kind, 2)} if label else {})
        torch.save(train(tampered, seed), out / f"{name}.pth")
    solution = {
        name: " in ".join([kind, label]) if label else "honest"
        for (label, kind), name in zip(cases, names, strict=True)
    }
    (out / "key.json").write_text(json.dumps(solution, indent=1), encoding="utf-8")


def ask(out: Path) -> None:
    """What Discovery suspects of each network, beside the solution."""
    classes = (out / "classes.txt").read_text(encoding="utf-8").split()
    data, solution = xai.load_dataset(out / "pictures"), json.loads((out / "key.json").read_text(encoding="utf-8"))
    for name in sorted(solution):
        model = xai.load_model(out / f"{name}.pth", architecture=ARCHITECTURE, class_names=classes, input_size=SIDE)
        started = time.perf_counter()
        found = xai.discover(model, data)
        print(f"\n{name}: {solution[name]} ({time.perf_counter() - started:.0f} s)")
        print(f"  right: {found.pictures['correct'].mean():.1%}")
        for one in found.suspects:
            print(f"  {one.name}: {one.sentence}")


if __name__ == "__main__":
    torch.set_num_threads(1)
    make(Path(sys.argv[2]), Path(sys.argv[3])) if sys.argv[1] == "make" else ask(Path(sys.argv[2]))
