"""Two shares: against published numbers, scipy, and simulated coverage."""

import numpy as np
import pytest
from scipy.stats import binom, binomtest, fisher_exact

from xai_core import stats


def test_agresti_and_caffos_interval_by_its_formula():
    """A success and a failure more in either: 57 of 72 against 49 of 82."""
    found = stats.two_shares((56, 48), (70, 80))
    assert found.effect == pytest.approx(0.2)
    p, q = 57 / 72, 49 / 82
    reach = 1.959964 * (p * (1 - p) / 72 + q * (1 - q) / 82) ** 0.5
    assert found.interval == pytest.approx((p - q - reach, p - q + reach), abs=1e-6)
    assert found.p == fisher_exact([[56, 14], [48, 32]]).pvalue
    assert found.n == 150


@pytest.mark.parametrize("n", [1, 5, 16, 40])
def test_the_interval_of_a_share_covers_whatever_the_share_is(n):
    ends = np.array([stats.share_interval(right, n) for right in range(n + 1)])
    shares = np.linspace(0.0013, 0.9987, 503)
    chance = binom.pmf(np.arange(n + 1)[:, None], n, shares)
    held = (ends[:, :1] <= shares) & (shares <= ends[:, 1:])
    assert (chance * held).sum(axis=0).min() >= 0.95


@pytest.mark.parametrize(("right", "n"), [(0, 1), (0, 12), (1, 12), (7, 12), (12, 12), (9_100, 10_000)])
def test_the_interval_of_a_share_lies_within_clopper_and_pearsons(right, n):
    low, high = stats.share_interval(right, n)
    wider = binomtest(right, n).proportion_ci(method="exact")
    assert wider.low - 1e-9 <= low <= right / n <= high <= wider.high + 1e-9
    assert stats.share_interval(n - right, n) == pytest.approx((1 - high, 1 - low), abs=1e-9)


def test_of_no_pictures_there_is_no_interval():
    assert np.isnan(stats.share_interval(0, 0)).all()


@pytest.mark.parametrize(
    ("gained", "lost", "n"), [(12, 2, 30), (0, 3, 9), (9, 0, 9), (0, 9, 9), (5, 5, 40), (1, 0, 30)]
)
def test_tangos_interval_holds_what_its_score_cannot_tell_from_what_was_seen(gained, lost, n):
    low, high = stats.gain_interval(gained, lost, n)
    assert -1 <= low <= (gained - lost) / n <= high <= 1
    for end in (low, high):
        if abs(end) < 1:
            assert abs(score(gained, lost, n, end)) == pytest.approx(1.959964, abs=1e-4)
    assert stats.gain_interval(lost, gained, n) == pytest.approx((-high, -low), abs=1e-9)


def test_where_no_picture_is_gained_or_lost_the_interval_is_no_point():
    low, high = stats.gain_interval(0, 0, 20)
    assert low == pytest.approx(-high)
    assert 0.1 < high < 0.2


def score(gained, lost, n, difference):
    """Distance in standard errors, the likeliest shares so far apart looked for one by one."""
    nuisance = np.linspace(max(0, -difference), (1 - difference) / 2, 200_001)[1:-1]  # of the pictures that are lost
    with np.errstate(divide="ignore"):
        likely = (
            gained * np.log(nuisance + difference)
            + lost * np.log(nuisance)
            + (n - gained - lost) * np.log(1 - 2 * nuisance - difference)
        )
    lost_share = nuisance[np.nanargmax(likely)]
    return (gained - lost - n * difference) / np.sqrt(n * (2 * lost_share + difference * (1 - difference)))


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
