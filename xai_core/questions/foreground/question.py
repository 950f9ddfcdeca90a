"""Foreground vs Background: is it the object, or what stands behind it?"""

from __future__ import annotations

from xai_core.measures import FOREGROUND_MEASURES, FOREGROUND_TITLES
from xai_core.questions import choices
from xai_core.questions.question import Choice, Guide, Question

MEASURE = Choice(
    key="measure",
    title="Measure",
    default="mean",
    options=FOREGROUND_TITLES,
    help=" ".join(one.help for one in FOREGROUND_MEASURES.values()),
    address="fg-measure",
)
FILL = Choice(
    key="fill",
    title="Fill hidden pixels with",
    default="blur",
    options=choices.FILLS,
    address="fg-fill",
    about="what stands in for what is hidden",
)
WITH_INTERVENTIONS = Choice(
    key="interventions",
    title="Interventions",
    default=True,
    option="--no-interventions",
    about="maps alone, which give no yes or no without --untrained",
)

FOREGROUND = Question(
    key="foreground",
    title="Foreground vs Background",
    page="foreground",
    icon=":material/deselect:",
    order=20,
    short="Is it the object, or what stands behind it?",
    question="Does the model look at the object and use it, rather than the background?",
    about="does it look at the object? Maps and interventions by mask (Foreground vs Background)",
    choices=(
        choices.TARGET,
        choices.METHOD,
        choices.SETTINGS,
        choices.MAPS,
        choices.LAYER,
        MEASURE,
        FILL,
        WITH_INTERVENTIONS,
        choices.UNTRAINED,
    ),
    suits=lambda method: method.ranks,
    study="xai_core.questions.foreground.study:ForegroundStudy",
    so_far="xai_core.questions.foreground.so_far:SO_FAR",
    guide=Guide(
        look=(
            "**The verdict and its effect.** On how many pictures does it rest, how large is the effect, and does "
            "its interval reach zero?",
            "**The measure.** Change from *Mean activation* to *Share of energy*, and "
            "compare it with the share of the picture that the object covers: an even map has exactly that much on it.",
            "**The worst pictures.** Unfold all of them, *worst first*. What lies under the strongest colour when "
            "it is not the object?",
            "**The experiment.** Under *Remove it and see (occlusion test)*: how sure is the model with the object "
            "alone, with the background alone, and in front of another picture's background?",
        ),
        question="A model's maps lie on the object. Has it been shown that the model decides by the object?",
        answer="**No.** A map says where one method finds evidence at one layer. It changes nothing, so it cannot say "
        "what the decision *depends* on, and coarse maps may spill over an object's edge. The interventions do "
        "change something: if another background costs much of the probability, the model needed the background, "
        "whatever the map shows; if it costs little and the background alone is not enough, that speaks for the "
        "object. They have a limit, too: a picture with a part filled in is unlike any that the model learned from. "
        "Trust what maps and interventions agree on, and ask further where they do not.",
    ),
)
