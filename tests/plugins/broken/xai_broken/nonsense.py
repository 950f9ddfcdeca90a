"""A method that gives no maps."""

import xai_core as xai


@xai.register(
    title="Nonsense", paper="none", unit="none", signed=False, place="layer", drawing="evidence", legend="nothing"
)
def nonsense(model, images, **options):
    """A number in place of maps."""
    return 42
