"""Training Evolution: what was predicted for each picture, epoch by epoch?"""

from __future__ import annotations

from xai_core.questions.question import Guide, Question

EVOLUTION = Question(
    key="evolution",
    title="Training Evolution",
    page="training_evolution",
    icon=":material/timeline:",
    order=40,
    short="When did it learn what it knows?",
    # It is asked again of the weights of each epoch: methods that draw samples would take minutes.
    suits=lambda method: method.ranks and not method.draws_samples,
    question="What did the model predict for each test picture, epoch by epoch, and what did it look at?",
    guide=Guide(
        look=(
            "**The curves on top**, where the record has losses. Does the validation loss turn while the training "
            "loss still falls?",
            "**The rows.** A row is a picture (or several), a column an epoch, the colour the predicted class. When "
            "does a row settle on one colour, and is it the right one?",
            "**Pictures that keep changing.** Sort by *Changes* or *Forgotten*, and click a bar to see its picture. "
            "What makes it hard?",
            "**What it looked at.** Where weights were kept, the film shows the maps epoch by epoch. Where pictures "
            "have masks, too, a curve says whether and when the evidence moves onto the object.",
        ),
        question="Two trainings end with the same accuracy. What can the way there tell you that this number cannot?",
        answer="**Which** pictures it rests on, and **how firmly**. The same accuracy can come from pictures that were "
        "settled early or from ones that flip until the last epoch, and two models can be wrong on different pictures: "
        "*Beside another run* shows which. It can also rest on different evidence: where there are masks, see "
        "whether more of the evidence comes to lie on the object than where objects usually lie. And an accuracy "
        "holds for the pictures it was measured on: if training and validation share a shortcut, it cannot give that "
        "away, and pictures without the shortcut can. One training is one draw, though: another seed may take another "
        "way.",
    ),
)
