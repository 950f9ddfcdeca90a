"""Tests and effect sizes, against SciPy and against cases worked out by hand."""

import time

import numpy as np
import pytest
from scipy import stats as scipy_stats

from xai_core import stats

RNG = np.random.default_rng(1)
TREND = RNG.normal(size=(20, 5)) + 0.5 * np.arange(5)
NOISE = RNG.normal(size=(20, 5))


def test_friedman_is_scipys_and_w_follows_from_chi2():
    result = stats.friedman(TREND)
    chi2, p = scipy_stats.friedmanchisquare(*TREND.T)
    assert (result.value, result.p) == (pytest.approx(chi2), pytest.approx(p))
    assert result.effect == pytest.approx(chi2 / (20 * 4))
    assert result.interval[0] <= result.effect <= result.interval[1]
    assert result.n == 20


def test_friedman_with_ties_keeps_w_and_chi2_together():
    tied = np.round(TREND)
    result = stats.friedman(tied)
    assert result.effect == pytest.approx(result.value / (20 * 4))


def test_complete_agreement_has_w_one():
    table = np.tile(np.arange(4.0), (6, 1))
    assert stats.friedman(table).effect == pytest.approx(1)
    assert stats.page_trend(table).effect == pytest.approx(1)
    assert stats.page_trend(-table).effect == pytest.approx(-1)


def test_page_is_scipys_doubled_and_its_effect_is_the_mean_spearman():
    result = stats.page_trend(TREND)
    rising = scipy_stats.page_trend_test(TREND, method="asymptotic")
    assert result.value == pytest.approx(rising.statistic)
    assert result.p == pytest.approx(2 * rising.pvalue)
    expected = np.mean([scipy_stats.spearmanr(np.arange(5), row).statistic for row in TREND])
    assert result.effect == pytest.approx(expected)


def test_a_picture_without_differences_counts_as_no_trend():
    table = np.vstack([np.zeros(3), np.arange(3.0), np.arange(3.0), np.zeros(3)])
    result = stats.page_trend(table)
    assert result.effect == pytest.approx(0.5)
    # Page's L on the scale from -1 to 1: 12 L / (n k (k^2 - 1)) - 3 (k + 1) / (k - 1), had the ties full spread.
    assert result.value == pytest.approx((0.5 + 3 * 4 / 2) * 4 * 3 * 8 / 12)
    assert 0 <= result.interval[0] <= 0.5 <= result.interval[1] <= 1


def test_page_finds_a_falling_trend_as_well():
    rising, falling = stats.page_trend(TREND), stats.page_trend(-TREND)
    assert falling.p == pytest.approx(rising.p)
    assert falling.effect == pytest.approx(-rising.effect)
    assert falling.p < 0.001


def test_kruskal_wallis_is_scipys_with_epsilon_squared():
    result = stats.kruskal_wallis(TREND)
    h, p = scipy_stats.kruskal(*TREND.T)
    assert (result.value, result.p) == (pytest.approx(h), pytest.approx(p))
    assert result.effect == pytest.approx(h / 99)
    assert result.interval[0] < result.effect < result.interval[1]


def test_kruskal_wallis_misses_what_paired_tests_find():
    # Pictures differ far more than layers do: the paired tests see the trend, Kruskal-Wallis cannot.
    table = 10 * RNG.normal(size=(20, 1)) + 0.5 * np.arange(5) + 0.3 * RNG.normal(size=(20, 5))
    assert stats.kruskal_wallis(table).p > 0.5
    assert stats.friedman(table).p < 1e-6
    assert stats.page_trend(table).p < 1e-6


def test_false_positives_of_page_stay_near_its_level():
    rng = np.random.default_rng(5)
    found = [stats.page_trend(rng.normal(size=(20, 5)), resamples=0).p < 0.05 for _ in range(1000)]
    assert 0.03 < np.mean(found) < 0.07


def test_holm_by_hand_and_with_nan():
    adjusted = stats.holm([0.01, 0.04, 0.03, np.nan])
    np.testing.assert_allclose(adjusted, [0.03, 0.06, 0.06, np.nan])


def test_rank_biserial_by_hand():
    # Ranks of |d| are 1, 2, 3; against: rank 1. (2 + 3 - 1) / 6; zeros do not count.
    differences = np.array([[-0.1], [0.2], [0.3], [0.0]])
    assert stats.rank_biserial(differences)[0] == pytest.approx(4 / 6)


def test_pairwise_wilcoxon_is_scipys():
    pairs = stats.pairwise_wilcoxon(TREND, list("abcde"))
    assert len(pairs) == 10
    row = pairs[(pairs["first"] == "b") & (pairs["second"] == "e")].iloc[0]
    expected = scipy_stats.wilcoxon(TREND[:, 4] - TREND[:, 1])
    assert row["p"] == pytest.approx(expected.pvalue)
    assert row["median_difference"] == pytest.approx(np.median(TREND[:, 4] - TREND[:, 1]))
    assert row["rank_biserial"] > 0
    np.testing.assert_allclose(pairs["p_holm"], stats.holm(pairs["p"].to_numpy()))


def test_pairs_with_no_difference_say_so():
    table = TREND.copy()
    table[:, 1] = table[:, 0]
    pairs = stats.pairwise_wilcoxon(table, list("abcde"))
    assert np.isnan(pairs["p"].iloc[0])
    assert pairs["reason"].iloc[0] == "All differences are zero."
    assert pairs["p"].iloc[1:].notna().all()


def test_ties_in_a_dozen_pictures_do_not_take_seconds():
    table = np.round(RNG.normal(size=(12, 4)), 1)
    started = time.perf_counter()
    pairs = stats.pairwise_wilcoxon(table, list("abcd"))
    assert time.perf_counter() - started < 1  # enumerating every sign takes about ten
    expected = scipy_stats.wilcoxon(table[:, 1] - table[:, 0], method="asymptotic").pvalue
    assert pairs["p"].iloc[0] == pytest.approx(expected)


def test_pictures_with_a_missing_value_are_left_out_of_paired_tests():
    table = TREND.copy()
    table[3, 2] = np.nan
    assert stats.friedman(table).n == 19
    assert stats.friedman(table).value == pytest.approx(stats.friedman(np.delete(TREND, 3, 0)).value)


@pytest.mark.parametrize("test", [stats.friedman, stats.page_trend, stats.kruskal_wallis])
@pytest.mark.parametrize(
    ("table", "words"),
    [
        (TREND[:1], "at least two pictures"),
        (TREND[:0], "there are 0"),
        (np.full((4, 3), np.nan), "there are 0"),
        (np.tile(RNG.normal(size=(4, 1)), (1, 3)), "same value at every layer"),
        (TREND[:, :1], "layers; there is 1"),
    ],
)
def test_what_cannot_be_computed_is_nan_with_a_reason(test, table, words):
    result = test(table)
    assert np.isnan(result.p)
    assert np.isnan(result.effect)
    assert words in result.reason


def test_intervals_are_seeded_and_cover():
    assert stats.friedman(NOISE) == stats.friedman(NOISE)
    rng = np.random.default_rng(3)
    inside = 0
    for _ in range(200):
        low, high = stats.bootstrap_interval(rng.normal(1, 1, 40), lambda r: r.mean(axis=1), resamples=400)
        inside += low < 1 < high
    assert 0.88 < inside / 200 < 0.99


def answers(both, only_first, only_second, neither):
    """Who is right on how many pictures, as two columns of right and wrong."""
    first = np.repeat([True, True, False, False], [both, only_first, only_second, neither])
    second = np.repeat([True, False, True, False], [both, only_first, only_second, neither])
    return first, second


@pytest.mark.parametrize("counts", [(50, 3, 12, 5), (0, 7, 7, 0), (900, 40, 20, 40), (1, 0, 1, 0), (10, 6, 0, 2)])
def test_mcnemar_is_scipys_binomial_test_on_the_discordant_pictures(counts):
    _, lost, gained, _ = counts
    result = stats.mcnemar(*answers(*counts))
    assert (result.name, result.value, result.n) == ("McNemar", gained, sum(counts))
    assert result.p == pytest.approx(scipy_stats.binomtest(min(gained, lost), gained + lost, 0.5).pvalue)
    assert result.effect == pytest.approx((gained - lost) / sum(counts))
    assert result.interval[0] <= result.effect <= result.interval[1]
    assert result.reason == ""


def test_mcnemar_by_hand():
    # Five of five discordant pictures for the second: twice 1 / 2^5.
    result = stats.mcnemar(*answers(3, 0, 5, 2))
    assert result.p == pytest.approx(1 / 16)
    assert result.effect == pytest.approx(0.5)
    # One against three: twice (1 + 4) / 2^4.
    assert stats.mcnemar(*answers(0, 1, 3, 0)).p == pytest.approx(10 / 16)


def test_mcnemar_the_other_way_round_has_the_opposite_effect():
    first, second = answers(30, 4, 15, 6)
    there, back = stats.mcnemar(first, second), stats.mcnemar(second, first)
    assert back.p == pytest.approx(there.p)
    assert back.effect == pytest.approx(-there.effect)
    assert back.interval == pytest.approx((-there.interval[1], -there.interval[0]), abs=0.01)


def test_mcnemars_interval_is_the_normal_one_with_many_pictures():
    result = stats.mcnemar(*answers(2000, 120, 240, 640))
    share = 120 / 3000, 240 / 3000
    spread = 1.96 * np.sqrt((share[0] + share[1] - (share[1] - share[0]) ** 2) / 3000)
    assert result.interval == pytest.approx((result.effect - spread, result.effect + spread), abs=0.0015)
    assert result.confidence == 0.95
    narrow = stats.mcnemar(*answers(2000, 120, 240, 640), confidence=0.5)
    assert np.ptp(narrow.interval) < 0.5 * np.ptp(result.interval)


@pytest.mark.parametrize("counts", [(5, 0, 0, 3), (4, 0, 0, 0), (0, 0, 0, 1)])
def test_mcnemar_without_discordant_pictures_says_so(counts):
    result = stats.mcnemar(*answers(*counts))
    assert np.isnan([result.p, result.value, result.effect, *result.interval]).all()
    assert result.reason == "Both are right and wrong on the very same pictures, so there is nothing to test."
    assert result.n == sum(counts)


def test_mcnemars_false_positives_stay_below_its_level():
    rejected = [stats.mcnemar(*answers(0, 40 - gained, gained, 0)).p < 0.05 for gained in range(41)]
    level = scipy_stats.binom.pmf(np.arange(41), 40, 0.5)[rejected].sum()
    assert 0.03 < level <= 0.05


def test_an_interval_drawn_in_pieces_is_the_one_drawn_at_once(monkeypatch):
    values = np.random.default_rng(4).normal(1, 1, 30)
    sizes = []

    def mean(drawn):
        sizes.append(drawn.shape)
        return drawn.mean(axis=1)

    whole = stats.bootstrap_interval(values, mean)
    assert sizes == [(2000, 30)]
    sizes.clear()
    monkeypatch.setattr(stats, "_RESAMPLED_ROWS", 30 * 300 + 29)
    pieces = stats.bootstrap_interval(values, mean)
    assert sizes == [(300, 30)] * 6 + [(200, 30)]
    assert pieces == pytest.approx(whole, abs=0.03)
    monkeypatch.setattr(stats, "_RESAMPLED_ROWS", 1)  # fewer than one table: one at a time
    sizes.clear()
    assert stats.bootstrap_interval(values, mean, resamples=500) == pytest.approx(whole, abs=0.08)
    assert sizes == [(1, 30)] * 500
