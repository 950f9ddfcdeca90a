"""What a statistical test gives."""

from __future__ import annotations

from dataclasses import dataclass

from xai_core.types.display import Plotted


@dataclass(frozen=True)
class StatResult(Plotted):
    """One statistical test.

    Attributes
    ----------
    name : the test
    statistic : the name of the value ("chi2", "H", "L", "W")
    value, p : NaN where the test cannot be computed; `reason` then says why
    effect_name, effect : the effect size and what it is called
    interval : (low, high) of the effect, bootstrap over pictures; (NaN, NaN) where not computed
    confidence : the interval's level
    n : number of pictures that the test used
    alternative : "two-sided", "less" or "greater"
    reason : why it cannot be computed, or an empty text
    """

    name: str
    statistic: str
    value: float
    p: float
    effect_name: str
    effect: float
    interval: tuple[float, float]
    confidence: float
    n: int
    alternative: str = "two-sided"
    reason: str = ""
