"""Layer Explorer: where does each layer look, and do deeper layers focus more?"""

from __future__ import annotations

import re

from xai_core.measures import FOCUS_MEASURES, FOCUS_TITLES
from xai_core.measures.focus import DEFAULT
from xai_core.questions import choices
from xai_core.questions.question import Choice, Guide, Question


def _threshold(text: str) -> float:
    """The thresholds of the page's slider, for which a study has every number."""
    if re.fullmatch(r"0?\.\d+", text) and (value := float(text)) == round(value, 2) and 0.5 <= value <= 0.95:
        return value
    raise ValueError(f"{text!r} is none of 0.50, 0.51, ... 0.95")


MEASURE = Choice(
    key="measure",
    title="Measure",
    default=DEFAULT,
    options=FOCUS_TITLES,
    help=" ".join(one.help for one in FOCUS_MEASURES.values()),
    address="measure",
)
THRESHOLD = Choice(
    key="threshold",
    title="Threshold",
    default=0.85,
    help="Of the map's own maximum, after ReLU, min-max and bilinear upsampling.",
    address="t",
    about="of the measure share, as a part of the map's maximum; default 0.85",
    parse=_threshold,
    counts=lambda chosen: FOCUS_MEASURES[chosen["measure"]].by_threshold,
    pairs=lambda chosen, model: [("t", f"{chosen['threshold']:g}")],
)

LAYERS = Question(
    key="layers",
    title="Layer Explorer",
    page="layer_explorer",
    icon=":material/layers:",
    order=10,
    short="Where does each layer look?",
    question="Where in a picture does each layer find evidence for a class, and do deeper layers focus more?",
    about="do deeper layers focus more? maps at every layer (the page Layer Explorer)",
    choices=(
        choices.TARGET,
        choices.METHOD,
        choices.SETTINGS,
        choices.MAPS,
        choices.LAYERS,
        MEASURE,
        THRESHOLD,
        choices.UNTRAINED,
        choices.DELETION,
    ),
    suits=lambda method: method.at_layers,
    study="xai_core.questions.layers.study:LayerStudy",
    so_far="xai_core.questions.layers.so_far:SO_FAR",
    guide=Guide(
        look=(
            "**One picture, from left to right.** Its maps go from early layers to late ones. Where does each layer "
            "find evidence for the class, and how coarse is its map?",
            "**How strong, not only where.** Under *Display*, every map has its own scale at first, so even weak "
            "evidence is drawn in full colour. Choose *one for all*: which maps fade?",
            "**The verdict.** Read it in this order: how many pictures, how large the effect and its interval, and "
            "only then the p-value. Then read the caveats below it.",
            "**The threshold** of the share. Move it. Does the outcome stay? *Does the threshold matter?* shows "
            "them all at once.",
        ),
        question="Suppose the verdict is that deeper layers focus more. What must be ruled out before you may say that "
        "the model has learned to focus?",
        answer="**Resolution.** Layers may differ in how many cells their maps have, and a measure such as the share "
        "above a threshold moves with the number of cells alone. So the page averages all maps down to the coarsest "
        "layer's cells and tests again: what is left *on the common grid* does not come from the maps' sizes. "
        "Then there is **chance**, which a wide interval and few pictures leave room for. And even a real effect says "
        "how *concentrated* the maps are, not that they lie in the right place: a map can focus on the background.",
    ),
)
