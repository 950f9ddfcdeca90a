"""Grids of studies, as the command line makes them."""

from xai_core.command import main

SAID = [
    "study",
    "foreground",
    "--data",
    "textured_digits",
    "--limit",
    "12",
    "--no-interventions",
    "--untrained",
    "--quiet",
]
MODELS, METHODS = ("digits", "digits_shortcut"), ("grad_cam", "layer_cam")


def made(out, *more):
    """The folder of a grid that has been made."""
    main([*SAID, "--method", ",".join(METHODS), *more, "--out", str(out)])
    return out
