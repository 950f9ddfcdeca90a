"""A module that cannot be imported."""

raise RuntimeError("It was not finished.")
