"""Methods: which attribution method at which layer finds what a model goes by?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from xai_core.questions import choices
from xai_core.questions.question import Choice, Guide, Pairs, Question, listed_texts

if TYPE_CHECKING:
    from xai_core.types import Classifier

PICTURES = 24  # of a random sample, as long as nothing else is asked for


def _most(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise ValueError(f"{text!r} is no whole number from 1")
    return int(text)


def _methods_pairs(chosen: Mapping[str, Any], model: Classifier) -> Pairs:
    """The methods of each group by its own parameter, where they were chosen."""
    from xai_core.methods import method_groups, usable_methods

    if not chosen["methods"]:
        return []
    groups = method_groups(usable_methods(model, ranks=True))
    return [
        (f"compare-{group.key}", title)
        for group in groups
        for title in [one.title for one in group.methods if one.key in chosen["methods"]] or [""]
    ]


def _layers_pairs(chosen: Mapping[str, Any], model: Classifier) -> Pairs:
    value = chosen["layers"]
    return [("compare-layers", LAYERS.name_of(value))] if value in LAYERS.options else []


METHODS_COMPARED = Choice(
    key="methods",
    title="Methods",
    default=(),
    address="compare-layer",
    about="methods by their keys; default: all that explain the model in a single pass",
    metavar="KEY,KEY",
    parse=listed_texts,
    pairs=_methods_pairs,
)
LAYERS = Choice(
    key="layers",
    title="Layers",
    default="stages",
    options=choices.LAYERS.options,
    address="compare-layers",
    about="for methods that give a map for each (default: stages)",
    metavar="stages|blocks|NAME,NAME",
    parse=choices.LAYERS.parse,
    pairs=_layers_pairs,
)
MAPS = replace(choices.MAPS, about=choices.MAPS.about.replace("in place of a method", "compared as one more method"))
SAMPLE = Choice(
    key="sample",
    title="Pictures",
    default=PICTURES,
    help="A random sample of the page's pictures; the comparison uses these alone.",
    address="compare-n",
    about=f"how many pictures of a random sample are looked at (default: {PICTURES}), each by every method at every "
    "layer; after the first, the bar says how long the others take",
    metavar="N",
    parse=_most,
)
METHODS = Question(
    key="methods",
    title="Methods",
    page="misclassifications",  # and any other with the section
    icon=":material/rule:",
    section=True,
    short="Which layer, which method?",
    question="Which attribution method at which layer finds what this model goes by on these pictures?",
    about="which method at which layer? Deletion, insertion, random weights, masks, stability, time",
    choices=(METHODS_COMPARED, LAYERS, MAPS, SAMPLE),
    study="xai_core.questions.methods.study:MethodsStudy",
    guide=Guide(
        look=(
            "**The recommendation.** On how many pictures does it rest, and what cannot be told apart from it?",
            "**Random orders.** A map that does no better than hiding the picture at random has found nothing.",
            "**Left with random weights.** A map that a network with random weights gives, too, shows the picture and "
            "not what was learned, however good it looks.",
            "**On the object.** Does the recommended map lie on the object? It need not: that hangs on the model.",
        ),
        question="One method's maps lie on the object far more often than another's. Is it the better method?",
        answer="**Not by that.** A method is good if it shows what the *model* goes by. If a model goes by the "
        "background, a map on the object is wrong, however sensible it looks. So the recommendation goes by what "
        "happens to the answer when the picture is hidden and uncovered in the map's order. That has a limit, too: "
        "pictures with holes are unlike those that the model learned from, so compare with random orders, and not "
        "with nothing.",
    ),
)
