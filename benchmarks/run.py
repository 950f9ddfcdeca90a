"""Runs every benchmark in a process of its own; exits with 1 if any claim is missed."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent
FILES = sorted(path for path in HERE.glob("*_speed.py"))

if __name__ == "__main__":
    sys.exit(max(subprocess.run([sys.executable, str(path)], check=False).returncode for path in FILES))
