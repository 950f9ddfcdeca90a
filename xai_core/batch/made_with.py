"""What the bytes of a part depend on besides its study: versions, device and threads; and a bound on threads."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from importlib import metadata
from typing import Any

MADE_WITH = "made_with"  # in a study's head it is no part of what makes one study another
MOST_THREADS = 1024
_TITLES = {"torch": "PyTorch", "numpy": "NumPy", "pillow": "Pillow", "cpu": "CPU instructions"}


@contextmanager
def bounded_threads(count: int) -> Iterator[None]:
    """Compute with so many threads within the block: sums in another order can differ in their last digits.

    Parameters
    ----------
    count : int
        From 1.
    """
    import torch
    from threadpoolctl import threadpool_limits

    before = torch.get_num_threads()
    with threadpool_limits(limits=count):
        torch.set_num_threads(count)
        try:
            yield
        finally:
            torch.set_num_threads(before)


def made_with(device: str) -> dict[str, Any]:
    """What this process computes with.

    Parameters
    ----------
    device : str
        Of the model, as torch names its type.

    Returns
    -------
    dict of str to object
        Versions of PyTorch, NumPy and Pillow, the device, the CPU's instructions and the threads.

    Examples
    --------
    >>> from xai_core.batch.made_with import made_with
    >>> sorted(made_with("cpu"))
    ['cpu', 'device', 'numpy', 'pillow', 'threads', 'torch']
    """
    import torch

    return {
        "torch": str(torch.__version__),
        "numpy": metadata.version("numpy"),
        "pillow": metadata.version("pillow"),
        "device": torch.cuda.get_device_name() if device == "cuda" else device,
        "cpu": torch.backends.cpu.get_cpu_capability(),
        "threads": torch.get_num_threads(),
    }


def begun_threads(said: Mapping[str, Any]) -> int:
    """The threads of `made_with`; 0 where it does not say, or nothing that could be."""
    found = said.get("threads")
    return found if isinstance(found, int) and 0 < found <= MOST_THREADS else 0


def mixed(found: Iterable[Mapping[str, Any]]) -> str:
    """What parts of one study were made with differently, as a sentence; empty where they were not.

    Parameters
    ----------
    found : Iterable of Mapping of str to object
        What `made_with` said of each.

    Returns
    -------
    str

    Examples
    --------
    >>> from xai_core.batch.made_with import mixed
    >>> print(mixed([{"threads": 2}, {"threads": 1}]))
    Parts of this study were made with different settings (threads: 1 and 2), so numbers can differ in their last \
digits from those of a study that was made with one of them.
    """
    said: dict[str, set[str]] = {}
    for one in found:
        for key, value in one.items():
            said.setdefault(key, set()).add(str(value))
    differing = [
        f"{_TITLES.get(key, key)}: {' and '.join(sorted(values))}" for key, values in said.items() if len(values) > 1
    ]
    if not differing:
        return ""
    return (
        f"Parts of this study were made with different settings ({'; '.join(differing)}), so numbers can differ in "
        "their last digits from those of a study that was made with one of them."
    )
