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
    question="What was found in the model, what had to be assumed, and how can you correct it?",
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
        "paler than in the training, a good part of what it learned may not have been asked at all: accuracy usually "
        "falls by a few percentage points without any warning, and the maps change with it.",
    ),
)
EDIT = Head(
    title="Edit and watch",
    page="edit",
    icon=":material/brush:",
    question="What happens to the probabilities and to the map when a part of the picture is changed?",
    guide=Guide(
        look=(
            "**Hide the hottest tenth.** If the map shows what the model needs, the probability falls. Does it fall "
            "further than when a box of the same size somewhere else is blurred?",
            "**Keep only the hottest tenth.** Is that enough for the model?",
            "**Move the object, or cut it out.** Does the map follow the object, or does it stay where it was?",
        ),
        question="You fill the object with grey, and the probability of its class falls to nearly nothing. Has the "
        "model therefore looked at the object?",
        answer="Not necessarily. A grey patch is something that the model has never seen, and an edge that no photo "
        "has: the change itself can take the probability down. Compare with the same patch beside the object, and with "
        "other fillings. If only the patch on the object costs much, whatever it is filled with, the object was "
        "needed.",
    ),
)
DUEL = Head(
    title="Which is which?",
    page="duel",
    icon=":material/balance:",
    question="Networks without their names: which one cheats, and which one was never trained?",
    guide=Guide(
        look=(
            "**Where the maps lie.** On the digit, or beside it? Look at all pictures before you decide.",
            "**How sure it is.** A network that cheats is as sure as an honest one, as long as the background fits.",
            "**The tally.** Between two, two right rounds prove nothing: chance alone gives that in one of four tries.",
        ),
        question="You were right in three of three rounds between two networks. Can you tell them apart?",
        answer="Perhaps, but three rounds do not show it: by chance alone one visitor in eight is right three times. "
        "The interval says so; it shrinks as you play on.",
    ),
)
DIAL = Head(
    title="From honest to cheating",
    page="dial",
    icon=":material/tune:",
    question="When does a network stop reading the digit and read the background?",
    guide=Guide(
        look=(
            "**The maps.** Turn the dial from one end to the other. On which network do they leave the digit?",
            "**Two accuracies.** With the background that goes with the digit, and with one that says nothing. Which "
            "of them would a usual test set show?",
            "**Where it turns.** Gradually, or at once?",
        ),
        question="Half of the training pictures had a background that gave the digit away. Must the network cheat?",
        answer="Not fully. In the other half the background is of no use, so the digit has to be learned as well. The "
        "less often a shortcut fails in training, the less there is to gain from learning anything else.",
    ),
)
LESSONS = Head(
    title="Lessons",
    page="lessons",
    icon=":material/school:",
    question="What does a heatmap show, and when is it evidence? Three lessons of ten minutes.",
    guide=Guide(
        look=(
            "**Answer before you look.** Each step asks first. A wrong guess is worth more than none.",
            "**The numbers are not quoted.** They are computed on this computer, with the included networks and "
            "pictures.",
            "**One sheet.** At the end of each lesson all claims print on one page.",
        ),
        question="A lesson says that a map has 59% on the object. Is that much?",
        answer="By itself nobody can say. It has to be compared with what a map would have there that knows nothing, "
        "such as a spot in the middle: the second lesson does that.",
    ),
)
CLASSROOM = Head(
    title="Ask a class",
    page="classroom",
    icon=":material/groups:",
    question="What does a room full of people expect, and what do the numbers say?",
    guide=Guide(
        look=(
            "**Answers before evidence.** Nobody sees how the others answered until the answer is revealed.",
            "**Chance.** With two choices, half of those who guess are right. Is the class better than that?",
            "**The interval.** It is over people: with ten phones it is wide, with thirty it is narrower.",
        ),
        question="Thirty people voted, and 18 were right between two choices. Did the class know?",
        answer="The vote does not show it: 60% has a 95% interval from 41 to 76%, and guessing gives 50%. "
        "And the thirty saw the same pictures: one striking picture can lead all of them the same way.",
    ),
)
HEADS = (LESSONS, CLASSROOM, EDIT, DUEL, DIAL, MODEL)
PAGES: tuple[Head | Question, ...] = (*QUESTIONS, *HEADS)  # in the order of the navigation
OPENED = {one.page: one for one in PAGES if one in (*QUESTIONS, EDIT)}  # where a picture can be taken to
