"""Two shares: against published numbers, scipy, and simulated coverage."""

import numpy as np
import pytest
from scipy.stats import binom, binomtest, fisher_exact, hypergeom

from xai_core import stats


def test_agresti_and_caffos_interval_by_its_formula():
    """A success and a failure more in either: 57 of 72 against 49 of 82."""
    found = stats.two_shares((56, 48), (70, 80))
    assert found.effect == pytest.approx(0.2)
    p, q = 57 / 72, 49 / 82
    reach = 1.959964 * (p * (1 - p) / 72 + q * (1 - q) / 82) ** 0.5
    assert found.interval == pytest.approx((p - q - reach, p - q + reach), abs=1e-6)
    assert found.n == 150


def by_hand(n):
    """float (n + 1, n + 1): twice Boschloo's one-sided p where the first share is the larger one, by a fine grid."""
    right = np.arange(n + 1)
    fisher = hypergeom.sf(right[:, None] - 1, 2 * n, right[:, None] + right, n)
    chance = binom.pmf(right[:, None], n, np.linspace(0.002, 0.998, 499))
    both = (chance[:, None] * chance).reshape(fisher.size, -1)
    flat = fisher.ravel()
    return np.array([both[flat <= one * (1 + 1e-9)].sum(axis=0).max() for one in flat]).reshape(fisher.shape) * 2


def test_boschloos_test_by_hand_holds_its_level_and_finds_more_than_fishers():
    n, level = 20, 0.005
    mine = by_hand(n)
    pairs = [(one, two) for one in range(n + 1) for two in range(one)]
    p = np.ones_like(mine)
    for one, two in pairs:
        p[one, two] = stats.two_shares((one, two), (n, n)).p
    for one, two in pairs[::7]:
        assert p[one, two] == pytest.approx(min(1, mine[one, two]), rel=0.02)
        assert stats.two_shares((two, one), (n, n)).p == pytest.approx(p[one, two], rel=1e-3)

    def found(first, second, values):
        chance = np.outer(binom.pmf(np.arange(n + 1), n, first), binom.pmf(np.arange(n + 1), n, second))
        return (chance * (values < level)).sum()

    assert max(found(share, share, p) for share in np.linspace(0.02, 0.98, 49)) <= level / 2 * 1.01
    fishers = np.ones_like(p)
    for one, two in pairs:
        fishers[one, two] = fisher_exact([[one, n - one], [two, n - two]]).pvalue
    assert found(0.9, 0.5, p) > 0.49 > 0.37 > found(0.9, 0.5, fishers)


def test_of_many_pictures_it_is_fishers_which_says_so():
    found = stats.two_shares((560, 480), (700, 700))
    assert found.name == "Fisher's exact test"
    assert found.p == 2 * fisher_exact([[560, 480], [140, 220]], alternative="greater").pvalue
    assert stats.two_shares((56, 48), (70, 80)).name == "Boschloo's exact test"


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
