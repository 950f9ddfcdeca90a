"""Forty digits, each with its mask."""

import xai_core as xai


@xai.register_dataset("example_digits", "Example digits", models=("example_net", "digits"))
def example_digits(split=None):
    """The first forty of the textured digits."""
    return xai.load_dataset("textured_digits", split="val").take(range(40))
