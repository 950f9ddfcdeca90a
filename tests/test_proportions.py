"""Two shares: against published numbers, scipy, and simulated coverage."""

import numpy as np
import pytest
from scipy.stats import fisher_exact

from xai_core import stats


def test_newcombes_own_example():
    """56 of 70 against 48 of 80: the paper's method 10 gives 0.0524 to 0.3339."""
    found = stats.two_shares((56, 48), (70, 80))
    assert found.effect == pytest.approx(0.2)
    assert found.interval == pytest.approx((0.0524, 0.3339), abs=5e-5)
    assert found.p == fisher_exact([[56, 14], [48, 32]]).pvalue
    assert found.n == 150


def test_at_the_ends_it_has_a_width():
    low, high = stats.two_shares((20, 20), (20, 20)).interval
    assert -0.2 < low < 0 < high < 0.2
    assert stats.two_shares((0, 20), (20, 20)).interval[1] < -0.7


def test_nothing_to_compare():
    assert stats.two_shares((0, 3), (0, 5)).reason == "One has no pictures."


@pytest.mark.parametrize(("p", "q", "n", "m"), [(0.9, 0.9, 20, 30), (0.5, 0.3, 16, 16), (0.98, 0.8, 50, 25)])
def test_the_interval_covers(p, q, n, m):
    rng = np.random.default_rng(0)
    pairs = zip(rng.binomial(n, p, 2000).tolist(), rng.binomial(m, q, 2000).tolist(), strict=True)
    seen = dict.fromkeys(pairs)
    ends = {pair: stats.two_shares(pair, (n, m)).interval for pair in seen}
    rng = np.random.default_rng(0)
    drawn = zip(rng.binomial(n, p, 2000).tolist(), rng.binomial(m, q, 2000).tolist(), strict=True)
    covered = np.mean([ends[pair][0] <= p - q <= ends[pair][1] for pair in drawn])
    assert 0.93 <= covered <= 0.985
