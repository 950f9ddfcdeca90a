"""A method with the key of another."""

import xai_core as xai


@xai.register(
    key="grad_cam", title="Mine", paper="none", unit="none", signed=False, place="layer", drawing="evidence", legend="x"
)
def mine(model, images, **options):
    """Never asked."""
