"""Whom a server and the processes that it begins ask beyond this machine: noted by Python itself, at each socket."""

import os
from pathlib import Path

WATCHED = Path(__file__).with_name("watched")


def watching(notes, around=os.environ):
    """The environment of a process that notes them in a file."""
    path = os.pathsep.join([str(WATCHED), *filter(None, [around.get("PYTHONPATH")])])
    return {**around, "PYTHONPATH": path, "XAI_TEST_STRANGERS": str(notes)}


def asked(notes):
    """Whom they asked."""
    return notes.read_text(encoding="utf-8").splitlines() if notes.exists() else []
