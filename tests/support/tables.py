"""Tables of measures on masks, of hand-made numbers."""

import numpy as np
import pandas as pd
from scipy import stats as scipy_stats

from xai_core import measures


def table_of(**columns):
    """Rows of one layer, as `foreground_background` gives them, of hand-made numbers."""
    n = max(len(np.atleast_1d(values)) for values in columns.values())
    whole = dict.fromkeys(measures.columns(), 0.5) | {"pointing": 1.0, "reason": ""} | columns
    return pd.DataFrame({key: np.broadcast_to(np.asarray(values), n) for key, values in whole.items()})


def spread(n, mean, sd=1.0):
    """n values with exactly this mean and standard deviation, about normal."""
    values = scipy_stats.norm.ppf((np.arange(n) + 0.5) / n)
    values = (values - values.mean()) / values.std(ddof=1)
    return mean + sd * values
