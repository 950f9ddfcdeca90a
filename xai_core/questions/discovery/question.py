"""Discovery: what does a class rely on that nobody asked about?"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from xai_core.questions import choices
from xai_core.questions.question import Choice, Guide, Pairs, Question, listed_texts

if TYPE_CHECKING:
    from xai_core.types import Classifier


def _asked_pairs(chosen: Mapping[str, Any], model: Classifier) -> Pairs:
    return [(ASKED.address, label) for label in chosen["asked"]]


ASKED = Choice(
    key="asked",
    title="Classes asked about",
    default=(),
    help="Choose none to ask about all classes. Parts are put into pictures of the other classes.",
    address="asked",
    about="labels to ask about; default: all. Parts are put into pictures of the other labels",
    metavar="A,B",
    parse=listed_texts,
    pairs=_asked_pairs,
)
AGAINST = Choice(
    key="against",
    title="Near duplicates in split",
    default="",
    help="Another split of the same data, such as train: pictures that are nearly the same in both are no fair test.",
    address="against",
    about="another split of the same data, such as train, in which near duplicates are looked for",
    metavar="SPLIT",
    parse=str.strip,
    pairs=lambda chosen, model: [("against", chosen["against"])] if chosen["against"] else [],
)
DISCOVERY = Question(
    key="discover",
    title="Discovery",
    page="discovery",
    icon=":material/travel_explore:",
    order=50,
    short="Does the model rely on something other than the object?",
    question="Which pictures of a class does the model recognise in the same way, and is that a shortcut?",
    about="what does a class rely on that nobody asked about? (the page Discovery)",
    choices=(ASKED, choices.METHOD, choices.LAYER, AGAINST),
    suits=lambda method: method.at_layers,
    study="xai_core.questions.discovery.study:DiscoveryStudy",
    so_far="xai_core.questions.discovery.so_far:SO_FAR",
    fails={"shortcut": "suspected shortcuts"},
    guide=Guide(
        look=(
            "**The sentence on a card.** What is put into other pictures, how much does it add, and in how many "
            "pictures of the class is it?",
            "**The six pictures and their maps.** Do you see what they have in common, and does it belong to the "
            "class?",
            "**The mean map.** Does it point at one place, although the object is not always there?",
            "**What could have been found.** Nothing found among twenty pictures says less than among two hundred.",
        ),
        question="Nothing is suspected. Does the model recognise the objects?",
        answer="**Not by that alone.** A shortcut is suspected only if its part raises the class in other pictures and "
        "is no object: the same content again and again, the surroundings, or the colour. What varies as an object "
        "does, such as a ruler at every angle, looks like one. The groups that are not suspected show what the model "
        "sees alike: look at these, too.",
    ),
)
