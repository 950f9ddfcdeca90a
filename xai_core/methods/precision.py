"""The choice between float32 and bfloat16 of the methods whose passes can be either."""

from __future__ import annotations

from xai_core.types import Classifier, Setting


def _offered(model: Classifier) -> bool:
    from xai_core.inference.half import computes_in_bfloat16

    return computes_in_bfloat16(model.device)


FAST = Setting(
    "fast",
    "Precision",
    False,
    (False, True),
    {False: "float32", True: "bfloat16, fast"},
    help="How far fast maps agree with float32 stands beside them: well at the last stage, less before.",
    offered=_offered,
)
