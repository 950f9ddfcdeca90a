"""Positive gradients times positive activations, summed over channels."""

import xai_core as xai


@xai.register(
    title="Example CAM",
    paper="the documentation of plug-ins",
    unit="logit",
    signed=False,
    place="layer",
    drawing="evidence",
    legend="evidence for the class, bright is more",
)
def example_cam(model, images, **options):
    """Maps (N, h, w) at each layer."""

    def combine(activation, gradient):  # (N, C, h, w) each
        return (activation.clamp(min=0) * gradient.clamp(min=0)).sum(1)

    return xai.layer_maps(model, images, combine, **options)
