"""Misclassifications: what does the model mix up, and why?"""

from __future__ import annotations

from xai_core.questions.question import Guide, Question

MISCLASSIFIED = Question(
    key="misclassified",
    title="Misclassifications",
    page="misclassifications",
    icon=":material/compare:",
    short="What does it mix up, and why?",
    question="What does the model mix up, and what in the picture speaks for the wrong class?",
    about="what is mixed up, and is confidence a warning? (Misclassifications)",
    study="xai_core.questions.misclassified.study:MisclassifiedStudy",
    taking_turns=True,
    guide=Guide(
        look=(
            "**The matrix.** A row is a true class, a column what it was taken for. Which two classes are mixed up, "
            "and is it as often one way as the other?",
            "**One kind of mistake.** Click its number, and its pictures fill the gallery. How sure was the model, and "
            "would you have been?",
            "**Why.** The same picture is explained for both classes. Where does the *difference* speak for the wrong "
            "one? Compare with the pictures beside it that are right.",
            "**Does it matter?** Hide what a method calls important. Does the probability fall faster than in the "
            "random order?",
        ),
        question="The maps for the predicted and for the actual class look nearly alike. What does that tell you about "
        "the mistake?",
        answer="Mostly that both classes find their evidence **in the same place**. A map says *where*, not *what* the "
        "model sees there, and the same stroke or ear can speak for both. So compare strengths, not only places: in "
        "the panel a method's maps share one scale, and the *difference* shows what speaks for one class "
        "more than for the other. Then test it: hiding a place shows whether it mattered, and the random order shows "
        "how much is lost by hiding anything at all. Where methods disagree, a single map explains little.",
    ),
)
