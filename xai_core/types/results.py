"""What a statistical test gives."""

from __future__ import annotations

from dataclasses import dataclass

from xai_core.types.display import Plotted


@dataclass(frozen=True)
class StatResult(Plotted):
    """One statistical test.

    Attributes
    ----------
    name : str
        The test.
    statistic : str
        What the value is called ("chi2", "H", "L", "W").
    value, p : float
        NaN where the test cannot be computed; `reason` then says why.
    effect_name : str
        What the effect size is called.
    effect : float
        The effect size; NaN where it cannot be computed.
    interval : tuple of float
        (low, high) of the effect, over pictures; (NaN, NaN) where not computed, as of too few pictures.
    confidence : float
        The interval's level, in (0, 1).
    n : int
        Number of pictures that the test used.
    alternative : str
        "two-sided", "less" or "greater".
    reason : str
        Why it cannot be computed, or empty.
    in_points : bool
        Whether the effect is a difference of shares, which people read in percentage points.

    Examples
    --------
    >>> import numpy as np
    >>> from xai_core import stats
    >>> result = stats.friedman(np.tile(np.arange(3.0), (6, 1)))
    >>> result.name, result.n, round(result.effect, 2), result.reason
    ('Friedman', 6, 1.0, '')
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
    in_points: bool = False
