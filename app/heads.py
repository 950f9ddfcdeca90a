"""Pages that ask no question: what stands at their head and in the navigation."""

from __future__ import annotations

from dataclasses import dataclass

from xai_core.questions import QUESTIONS, Guide, Question


@dataclass(frozen=True)
class Head:
    """A page without a question.

    Attributes
    ----------
    title : its name
    page : its file in views/, without its ending
    icon : ``:material/name:``
    question : what it shows, in a sentence
    guide : how to read it
    """

    title: str
    page: str
    icon: str
    question: str
    guide: Guide


MODEL = Head(
    title="Model",
    page="model",
    icon=":material/schema:",
    question="What was found in the model, what had to be assumed, and how can it be corrected?",
    guide=Guide(
        look=(
            "**What was assumed.** A file of weights says nothing of how its pictures were prepared. Do mean, standard "
            "deviation and input size agree with the training's?",
            "**The picture, framed.** What lies outside the frame, the network never sees. Is the object inside?",
            "**The layers.** A *map* of 7 × 7 cells on a picture of 224 pixels has cells of 32 pixels: no map made "
            "there can be finer.",
        ),
        question="A network answers well with a wrong mean and standard deviation. Are its maps those of the network "
        "that was trained?",
        answer="No. The maps explain the answers to the pictures as they were given to it. If these were darker or "
        "paler than in the training, a good part of what it learnt may not have been asked at all: accuracy usually "
        "falls by a few points without a word, and the maps move with it.",
    ),
)
HEADS = (MODEL,)
PAGES: tuple[Head | Question, ...] = (*QUESTIONS, *HEADS)  # in the order of the navigation
