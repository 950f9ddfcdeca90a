"""The lock without torch and what its build with CUDA brings along: `python without_cuda.py requirements.lock`."""

import re
import sys
from pathlib import Path

CUDA = re.compile(r"(?:torch|triton|nvidia-.+|cuda-.+)==")


def without_cuda(lock: str) -> str:
    """The entries that a CPU needs, each with its hashes and comments."""
    entries = re.split(r"^(?=[a-z0-9])", lock, flags=re.MULTILINE)
    return "".join(entry for entry in entries if not CUDA.match(entry))


if __name__ == "__main__":
    print(without_cuda(Path(sys.argv[1]).read_text("utf-8")), end="")
