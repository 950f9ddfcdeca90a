"""What the numbers mean that a network gives."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal


@dataclass(frozen=True)
class Outputs:
    """What a network's outputs are, and so which scores are explained and which probabilities are shown.

    Attributes
    ----------
    key : str
        Its name in Python and in commands.
    title : str
        Its name for people.
    sentence : str
        What they are and what the maps explain.
    form : {"logit", "probability", "log_probability"}
        What each output is.
    link : {"softmax", "sigmoid"}
        How scores become probabilities: over classes that exclude each other, or each by itself.
    single : bool
        Whether one output stands for two classes.
    """

    key: str
    title: str
    sentence: str
    form: Literal["logit", "probability", "log_probability"]
    link: Literal["softmax", "sigmoid"] = "softmax"
    single: bool = False

    @property
    def independent(self) -> bool:
        """Whether several labels can be true of one picture."""
        return self.link == "sigmoid" and not self.single


LOGITS = Outputs("logits", "Logits", "The outputs are logits; maps explain the logit of a class.", "logit")
OUTPUTS: Mapping[str, Outputs] = MappingProxyType(
    {
        one.key: one
        for one in (
            LOGITS,
            Outputs(
                "probabilities",
                "Probabilities",
                "The outputs are probabilities; maps explain their logarithm.",
                "probability",
            ),
            Outputs(
                "log_probabilities",
                "Logarithms of probabilities",
                "The outputs are logarithms of probabilities; maps explain them.",
                "log_probability",
            ),
            Outputs(
                "one_logit",
                "One logit for two classes",
                "The one output is the logit of the second class; maps of the first class explain its negative.",
                "logit",
                "sigmoid",
                single=True,
            ),
            Outputs(
                "one_probability",
                "One probability for two classes",
                "The one output is the probability of the second class; maps explain its logit, those of the first "
                "class the negative.",
                "probability",
                "sigmoid",
                single=True,
            ),
            Outputs(
                "label_logits",
                "Logits of independent labels",
                "The outputs are logits of independent labels, of which several can be true; maps explain a label's "
                "logit.",
                "logit",
                "sigmoid",
            ),
            Outputs(
                "label_probabilities",
                "Probabilities of independent labels",
                "The outputs are probabilities of independent labels, of which several can be true; maps explain a "
                "label's logit.",
                "probability",
                "sigmoid",
            ),
        )
    }
)
