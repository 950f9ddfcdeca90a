"""Tests and effect sizes, against SciPy and against cases worked out by hand."""

import time

import numpy as np
import pytest
from scipy import stats as scipy_stats
from scipy.special import logit
from sklearn.metrics import roc_auc_score

from xai_core import stats

RNG = np.random.default_rng(1)
TREND = RNG.normal(size=(20, 5)) + 0.5 * np.arange(5)
NOISE = RNG.normal(size=(20, 5))


def test_friedman_is_scipys_and_w_follows_from_chi2():
    result = stats.friedman(TREND)
    chi2, p = scipy_stats.friedmanchisquare(*TREND.T)
    assert (result.value, result.p) == (pytest.approx(chi2), pytest.approx(p))
    w = chi2 / (20 * 4)
    assert stats.kendalls_w(TREND) == pytest.approx(w)
    assert result.effect == pytest.approx((20 * w - 1) / 19)  # the mean rank correlation of two pictures
    assert result.interval[0] <= result.effect <= result.interval[1]
    assert result.n == 20


def test_friedman_with_ties_keeps_w_and_chi2_together():
    tied = np.round(TREND)
    result = stats.friedman(tied)
    assert stats.kendalls_w(tied) == pytest.approx(result.value / (20 * 4))


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
    assert np.isnan(result.interval).all()  # of four pictures
    low, high = stats.page_trend(np.vstack([table] * 4)).interval
    assert 0 <= low <= 0.5 <= high <= 1


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
    assert np.isnan(result.interval).all()  # it takes layers of a picture for independent


def test_kruskal_wallis_takes_the_pictures_that_it_counts():
    """As Friedman's and Page's test beside it: a picture without one of its values is in none of the three."""
    holed = TREND.copy()
    holed[0, 1] = np.nan
    result = stats.kruskal_wallis(holed)
    assert (result.n, result.value) == (len(TREND) - 1, pytest.approx(scipy_stats.kruskal(*TREND[1:].T).statistic))


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
    started = time.thread_time()
    pairs = stats.pairwise_wilcoxon(table, list("abcd"))
    assert time.thread_time() - started < 1  # enumerating every sign takes about ten
    every_sign = scipy_stats.PermutationMethod(n_resamples=2**14)
    expected = scipy_stats.wilcoxon(table[:, 1] - table[:, 0], method=every_sign).pvalue
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
    low, high = result.interval
    assert low <= result.effect <= high if sum(counts) >= 5 else np.isnan([low, high]).all()
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
    monkeypatch.setattr(stats.intervals, "RESAMPLED_ROWS", 30 * 300 + 29)
    pieces = stats.bootstrap_interval(values, mean)
    assert sizes == [(300, 30)] * 6 + [(200, 30)]
    assert pieces == pytest.approx(whole, abs=0.03)
    monkeypatch.setattr(stats.intervals, "RESAMPLED_ROWS", 1)  # fewer than one table: one at a time
    sizes.clear()
    assert stats.bootstrap_interval(values, mean, resamples=500) == pytest.approx(whole, abs=0.08)
    assert sizes == [(1, 30)] * 500


PAIR = np.random.default_rng(11).normal(size=(2, 15))


def cannot(result):
    return np.isnan([result.value, result.p, result.effect, *result.interval]).all()


@pytest.mark.parametrize("n", [3, 8, 15])
def test_paired_t_is_scipys_and_t_is_d_z_times_root_n(n):
    first, second = PAIR[:, :n]
    result, expected = stats.paired_t(first, second, resamples=0), scipy_stats.ttest_rel(first, second)
    assert (result.value, result.p) == pytest.approx((expected.statistic, expected.pvalue))
    assert result.value == pytest.approx(result.effect * np.sqrt(n))
    assert result.effect == pytest.approx((first - second).mean() / (first - second).std(ddof=1))
    assert (result.name, result.statistic, result.effect_name, result.n) == ("Paired t", "t", "d_z", n)
    assert (result.alternative, result.reason, result.confidence) == ("two-sided", "", 0.95)


def test_paired_t_by_hand():
    # Differences 1, 2, 3: mean 2, standard deviation 1, t = 2 sqrt(3).
    result = stats.paired_t(np.array([2, 4, 6]), np.array([1, 2, 3]), resamples=0)
    assert (result.effect, result.value) == pytest.approx((2, 2 * 3**0.5))
    assert stats.paired_t(np.array([1, 2, 3]), np.array([2, 4, 6]), resamples=0).effect == pytest.approx(-2)


def test_the_studys_published_numbers_are_consistent():
    """t = 14.755 over 32 pictures is d_z = 2.608."""
    wiggle = RNG.normal(size=32)
    wiggle = (wiggle - wiggle.mean()) / wiggle.std(ddof=1)
    result = stats.paired_t(wiggle + 14.755 / np.sqrt(32), np.zeros(32))
    assert result.value == pytest.approx(14.755)
    assert round(result.effect, 3) == 2.608
    assert result.p == pytest.approx(2 * scipy_stats.t.sf(14.755, 31))
    assert result.p < 0.001
    assert result.interval[0] < 2.608 < result.interval[1]


@pytest.mark.parametrize("n", [5, 8, 15])
def test_wilcoxon_is_scipys(n):
    first, second = PAIR[:, :n]
    result, expected = stats.wilcoxon_signed_rank(first, second), scipy_stats.wilcoxon(first, second)
    assert (result.value, result.p) == pytest.approx((expected.statistic, expected.pvalue))
    assert result.effect == pytest.approx(stats.rank_biserial((first - second)[:, None])[0])
    assert (result.name, result.statistic, result.effect_name, result.n) == ("Wilcoxon", "W", "rank-biserial r", n)


def test_wilcoxon_by_hand():
    # Ranks 1, 2, 3, 4; the 2 is against: (8 - 2) / 10. Exact p: 6 of 16 sign patterns have W <= 2.
    result = stats.wilcoxon_signed_rank(np.array([1, -2, 3, 4.0]), np.zeros(4))
    assert (result.value, result.effect, result.p) == pytest.approx((2, 0.6, 6 / 16))


@pytest.mark.parametrize("values", [[0, 0, 0.1], [0, 1, 1, -2], [1, 1, 1, 1, 2, 2, -1, 3, 0, 4]])
def test_wilcoxon_with_ties_and_zeros(values):
    differences = np.array(values, float)
    result = stats.wilcoxon_signed_rank(differences, np.zeros(len(values)))
    every_sign = scipy_stats.PermutationMethod(n_resamples=2**12)
    expected = scipy_stats.wilcoxon(differences, method=every_sign)
    assert (result.value, result.p) == pytest.approx((expected.statistic, expected.pvalue))
    if np.count_nonzero(differences) < 5:
        assert np.isnan(result.interval).all()
    else:
        assert -1 <= result.interval[0] < result.effect < result.interval[1] <= 1


def test_shapiro_is_scipys():
    assert stats.shapiro_p(PAIR[0]) == scipy_stats.shapiro(PAIR[0]).pvalue
    many = np.random.default_rng(2).normal(size=6000)
    assert stats.shapiro_p(many) == scipy_stats.shapiro(many[:5000]).pvalue


@pytest.mark.parametrize("values", [[], [1.0], [1.0, 2.0], [3.0, 3.0, 3.0]])
def test_shapiro_needs_three_values_that_differ(values):
    assert np.isnan(stats.shapiro_p(np.array(values)))


def test_d_av_by_hand():
    # Means 4 and 2, standard deviations 2 and 1: 2 / 1.5.
    effect, interval = stats.d_av(np.array([2, 4, 6]), np.array([1, 2, 3]), resamples=0)
    assert effect == pytest.approx(4 / 3)
    assert np.isnan(interval).all()


def test_d_av_with_equal_spreads_is_the_difference_over_the_spread():
    first = PAIR[0]
    assert stats.d_av(first + 0.5, first[::-1])[0] == pytest.approx(0.5 / first.std(ddof=1))


def test_a_constant_second_condition():
    first, second = PAIR[0], np.full(15, 0.1)
    result, expected = stats.paired_t(first, second), scipy_stats.ttest_1samp(first, 0.1)
    assert (result.value, result.p) == pytest.approx((expected.statistic, expected.pvalue))
    assert stats.wilcoxon_signed_rank(first, second).p == pytest.approx(scipy_stats.wilcoxon(first - 0.1).pvalue)
    # Only one of the two varies, so the mean standard deviation is half of its own.
    assert stats.d_av(first, second)[0] == pytest.approx(2 * result.effect)


@pytest.mark.parametrize("test", [stats.paired_t, stats.wilcoxon_signed_rank])
@pytest.mark.parametrize(
    ("first", "second", "reason"),
    [
        ([], [], "It needs at least three pictures; there are 0."),
        ([1], [2], "It needs at least three pictures; there is 1."),
        ([1, 5], [2, 4], "It needs at least three pictures; there are 2."),
        ([2, 3, 4], [1, 2, 3], "All differences are equal, so there is no spread to measure them by."),
        ([1, 2, 3], [1, 2, 3], "All differences are equal, so there is no spread to measure them by."),
        ([0.3, 0.2, 0.4], [0.1, 0.0, 0.2], "All differences are equal, so there is no spread to measure them by."),
    ],
)
def test_paired_tests_that_cannot_be_computed_say_why(test, first, second, reason):
    first, second = np.array(first, float), np.array(second, float)
    result = test(first, second)
    assert cannot(result)
    assert (result.reason, result.n) == (reason, len(first))
    effect, interval = stats.d_av(first, second)
    assert np.isnan([effect, *interval]).all()


@pytest.mark.parametrize("test", [stats.paired_t, stats.wilcoxon_signed_rank])
def test_paired_intervals_contain_the_effect_and_are_reproducible(test):
    result = test(*PAIR)
    assert result.interval[0] < result.effect < result.interval[1]
    assert test(*PAIR) == result
    narrow = test(*PAIR, confidence=0.5)
    assert result.interval[0] < narrow.interval[0] < narrow.interval[1] < result.interval[1]
    assert narrow.confidence == 0.5


def test_the_interval_of_d_av_contains_it_and_is_reproducible():
    effect, (low, high) = stats.d_av(*PAIR)
    assert low < effect < high
    assert stats.d_av(*PAIR) == (effect, (low, high))


def test_intervals_in_standard_deviations_lie_around_hedges_estimate_and_hold_the_effect():
    """Of 15 pictures such an effect is 3 / 55 too large on average (Hedges 1981); of two values it is hardly."""
    result, (effect, interval) = stats.paired_t(*PAIR + np.array([[2], [0]])), stats.d_av(*PAIR + np.array([[2], [0]]))
    for found, (low, high) in ((result.effect, result.interval), (effect, interval)):
        assert (low + high) / 2 == pytest.approx(found * (1 - 3 / 55))
    two_values = stats.paired_t(np.repeat([20.0, 20.5], 8), np.zeros(16))
    assert two_values.interval[1] == two_values.effect


@pytest.mark.parametrize("differences", [[1, 2, 3], [-1, -2, -3.5], [1, 2, -4], [0, 0, 0.1], [0.1, 0.2, 0.4, 0.5]])
def test_intervals_of_the_fewest_pictures_are_usable_or_not_given(differences):
    """With three pictures one resample in nine draws the same one thrice, which has no spread to divide by."""
    first = np.array(differences, float)
    result = stats.paired_t(first, np.zeros(len(first)))
    for effect, (low, high) in ((result.effect, result.interval), stats.d_av(first, np.zeros(len(first)))):
        if np.isnan(low) or np.isnan(high):
            assert np.isnan([low, high]).all()
        else:
            assert low <= effect <= high
            assert max(abs(low), abs(high)) < 1e6


TWO_GROUPS = {
    "apart": (RNG.normal(1, 1, 30), RNG.normal(0, 2, 21)),
    "unequal sizes": (RNG.normal(size=3), RNG.normal(size=90)),
    "few, exact": (np.array([0.3, 0.9, 0.7]), np.array([0.1, 0.4, 0.8, 0.2])),
    "ties": (np.round(RNG.normal(size=25), 0), np.round(RNG.normal(0.5, 1, 40), 0)),
    "never above": (np.arange(5.0), np.arange(5.0) + 10),
}


@pytest.mark.parametrize("name", list(TWO_GROUPS))
def test_rank_sum_is_scipys_with_the_area_under_the_roc_curve(name):
    first, second = TWO_GROUPS[name]
    result = stats.rank_sum(first, second)
    expected = scipy_stats.mannwhitneyu(first, second, alternative="two-sided")
    assert (result.value, result.p) == pytest.approx((expected.statistic, expected.pvalue))
    labels = np.repeat([1, 0], [len(first), len(second)])
    assert result.effect == pytest.approx(roc_auc_score(labels, np.concatenate([first, second])))
    assert result.effect == pytest.approx(result.value / len(first) / len(second))
    assert (result.name, result.statistic, result.effect_name) == ("Mann-Whitney", "U", "AUROC")
    assert (result.n, result.alternative, result.reason) == (len(first) + len(second), "two-sided", "")


@pytest.mark.parametrize("name", list(TWO_GROUPS))
@pytest.mark.parametrize("test", [stats.rank_sum, stats.brunner_munzel])
def test_the_interval_of_an_area_is_never_a_point(test, name):
    first, second = TWO_GROUPS[name]
    result = test(first, second)
    if min(len(first), len(second)) < 5:
        assert np.isnan(result.interval).all()
        return
    low, high = result.interval
    assert 0 <= low <= result.effect <= high <= 1
    assert high - low > 0.05
    narrow = test(first, second, confidence=0.5)
    assert np.ptp(narrow.interval) < high - low
    assert (narrow.confidence, narrow.p) == (0.5, result.p)


def test_newcombes_interval_by_its_formula():
    # Of groups that lie apart nothing varies, so nothing is widened: the ends solve (area - a)^2 = z^2 var(a).
    first, second = np.arange(10.0) + 20, np.arange(10.0)
    result = stats.rank_sum(first, second)
    for end in result.interval:
        variance = end * (1 - end) * (1 + 9 * (1 - end) / (2 - end) + 9 * end / (1 + end)) / 100
        assert abs(result.effect - end) == pytest.approx(1.96 * variance**0.5, abs=0.003)


@pytest.mark.parametrize("sizes", [(60, 80), (200, 55)])
def test_brunner_munzel_is_scipys_with_many(sizes):
    rng = np.random.default_rng(3)
    first, second = rng.normal(0.3, 1, sizes[0]), rng.normal(0, 2, sizes[1])
    result, expected = stats.brunner_munzel(first, second), scipy_stats.brunnermunzel(second, first)
    assert (result.value, result.p) == pytest.approx((expected.statistic, expected.pvalue))
    assert result.effect == pytest.approx(stats.rank_sum(first, second).effect)


def test_brunner_munzel_with_few_is_a_permutation_test():
    rng = np.random.default_rng(4)
    first, second = rng.normal(1, 1, 6), rng.normal(0, 1, 5)

    def distance(one, two):
        with np.errstate(divide="ignore", invalid="ignore"):  # groups that lie apart are infinitely far
            return abs(scipy_stats.brunnermunzel(one, two, distribution="normal").statistic)

    every = scipy_stats.permutation_test((second, first), distance, alternative="greater")
    assert stats.brunner_munzel(first, second).p == pytest.approx(every.pvalue, abs=0.015)


def test_groups_that_spread_differently_are_not_called_different():
    """Both have AUROC 1/2; Mann and Whitney's test rejects in 13 to 18%."""
    rng = np.random.default_rng(1)
    ours, theirs = [], []
    for _ in range(300):
        right, wrong = rng.normal(0, 1, 190), rng.normal(0, 3, 60)
        ours.append(stats.brunner_munzel(right, wrong).p < 0.05)
        theirs.append(stats.rank_sum(right, wrong).p < 0.05)
    assert np.mean(ours) <= 0.07
    assert np.mean(theirs) > 0.1


def test_sign_flips_try_every_sign_of_few():
    differences = np.array([0.3, -0.1, 0.7, 0.2, 0.5])
    signs = np.array(np.meshgrid(*[[-1, 1]] * 5)).reshape(5, -1).T
    expected = np.mean(np.abs(signs @ differences) >= differences.sum() - 1e-12)
    result = stats.sign_flip(differences, np.zeros(5))
    assert (result.p, result.effect) == pytest.approx((expected, differences.mean()))
    assert stats.sign_flip(-differences, np.zeros(5)).p == result.p


def test_sign_flips_of_many_are_drawn_and_near_the_t_test():
    differences = np.random.default_rng(6).normal(0.25, 1, 80)
    result = stats.sign_flip(differences, np.zeros(80))
    assert result == stats.sign_flip(differences, np.zeros(80))
    assert result.p == pytest.approx(scipy_stats.ttest_1samp(differences, 0).pvalue, abs=0.006)


def test_power_is_that_of_simulated_t_tests():
    rng = np.random.default_rng(7)
    found = scipy_stats.ttest_1samp(rng.normal(0.5, 1, (20_000, 15)), 0, axis=1).pvalue < 0.05
    assert stats.paired_power(15, 0.5) == pytest.approx(found.mean(), abs=0.01)
    assert stats.paired_power(15, stats.detectable_effect(15)) == pytest.approx(0.8)


@pytest.mark.parametrize("n", [6, 58, 300, 320, 1000, 100_000])
def test_power_of_many_pictures_and_large_effects_is_a_number_that_grows(n):
    powers = [stats.paired_power(n, effect) for effect in (0.0, 0.1, 0.3, 0.5, 0.8, 1.5, 5.0, 20.0)]
    assert (powers[0], powers[-1]) == pytest.approx((0.05, 1))
    assert np.all(np.diff(powers) >= -1e-9)


@pytest.mark.parametrize("n", [10, 64, 300])
@pytest.mark.parametrize("t", [5.0, 20.0, 60.0, -60.0])
def test_the_noncentral_interval_holds_the_effect_however_large(n, t):
    low, high = stats.noncentral_interval(t, n)
    assert low < t / np.sqrt(n) < high
    assert low * high > 0, "p is far below 0.05, so the interval leaves out zero"


def test_d_z_of_normal_differences_is_held_by_the_noncentral_t():
    low, high = stats.noncentral_interval(3.0, 9)
    assert scipy_stats.nct.sf(3.0, 8, low * 3) == pytest.approx(0.025, abs=1e-6)
    assert scipy_stats.nct.cdf(3.0, 8, high * 3) == pytest.approx(0.025, abs=1e-6)


@pytest.mark.parametrize("kind", ["normal", "skewed", "tied"])
def test_intervals_of_eight_pictures_cover(kind):
    rng = np.random.default_rng(8)
    held = []
    for _ in range(150):
        noise = {"normal": rng.normal(0, 1, 8), "skewed": (rng.gamma(4, 1, 8) - 4) / 2, "tied": rng.integers(-2, 3, 8)}
        differences = noise[kind] / (2**0.5 if kind == "tied" else 1) + 0.5
        if np.ptp(differences):
            mean, d_z = (test(differences, np.zeros(8)).interval for test in (stats.sign_flip, stats.paired_t))
            held.append((mean[0] <= 0.5 <= mean[1], d_z[0] <= 0.5 <= d_z[1]))
    assert (np.mean(held, axis=0) >= 0.91).all()


def test_where_all_agree_no_interval_is_a_point():
    low, high = stats.wilcoxon_signed_rank(np.arange(1.0, 9), np.zeros(8)).interval
    assert 0 < low < 0.9
    assert high == 1
    low, high = stats.page_trend(np.tile(np.arange(4.0), (8, 1))).interval
    assert (low, high) == (pytest.approx(2 * 0.025 ** (1 / 8) - 1), 1)


def test_the_agreement_of_noise_covers_nothing():
    rng = np.random.default_rng(9)
    found = [stats.friedman(rng.normal(size=(16, 5))) for _ in range(200)]
    assert np.mean([one.interval[0] <= 0.002 for one in found]) >= 0.93
    assert all(one.interval[0] <= one.effect <= one.interval[1] for one in found)
    assert np.mean([one.effect for one in found]) < 0.03  # W itself is 1 / 16


def test_windows_count_how_accuracy_goes_up_and_down():
    """All pictures get better and worse together from epoch to epoch: no picture says that this is noise."""
    rng = np.random.default_rng(10)
    rejected = []
    for _ in range(300):
        accuracy = 0.7 + rng.normal(0, 0.05, (12, 1))
        right = rng.random((12, 300)) < accuracy
        rejected.append(stats.window_change(right, 4).p < 0.05)
    assert np.mean(rejected) <= 0.07


@pytest.mark.parametrize(
    ("late", "reason"), [(0, "No picture changed"), (1, "Every picture changed by the same amount (+1.00)")]
)
def test_windows_without_variation_say_what_happened(late, reason):
    result = stats.window_change(np.repeat([0, late], 3)[:, None] * np.ones(8), 3)
    assert cannot(result)
    assert result.reason == f"{reason} between the windows, so there is no variation to test against."


def test_rank_sum_by_hand():
    # 3 exceeds 1 and 2, 5 exceeds all: 5 of 6 pairs. Of the 10 ways to draw ranks, 2 in each tail are as far out.
    result = stats.rank_sum(np.array([3, 5]), np.array([1, 2, 4]))
    assert (result.value, result.effect, result.p, result.n) == pytest.approx((5, 5 / 6, 4 / 10, 5))
    assert np.isnan(result.interval).all()  # of fewer than five a group


def test_a_tie_counts_half():
    assert stats.rank_sum(np.array([1.0, 2.0]), np.array([1.0, 2.0])).effect == pytest.approx(0.5)
    assert stats.rank_sum(np.array([2.0]), np.array([2.0, 1.0])).effect == pytest.approx(0.75)


def test_the_groups_the_other_way_round_have_the_rest_of_the_area():
    first, second = TWO_GROUPS["ties"]
    there, back = stats.rank_sum(first, second), stats.rank_sum(second, first)
    assert back.p == pytest.approx(there.p)
    assert back.effect == pytest.approx(1 - there.effect)
    assert back.interval == pytest.approx((1 - there.interval[1], 1 - there.interval[0]))


@pytest.mark.parametrize(
    ("first", "second", "reason"),
    [
        ([], [1, 2], "It needs pictures of both kinds; all are of one."),
        ([1, 2], [], "It needs pictures of both kinds; all are of one."),
        ([], [], "It needs pictures of both kinds; all are of one."),
        ([0.5, 0.5], [0.5, 0.5, 0.5], "All values are equal."),
    ],
)
def test_rank_sum_says_why_it_cannot_be_computed(first, second, reason):
    result = stats.rank_sum(np.array(first), np.array(second))
    assert cannot(result)
    assert (result.reason, result.n) == (reason, len(first) + len(second))


@pytest.mark.parametrize(("first", "second"), [([3], [1, 2, 4, 5]), ([1, 2, 4, 5], [3]), ([1], [2])])
def test_a_group_of_one_has_a_test_but_no_interval(first, second):
    result = stats.rank_sum(np.array(first), np.array(second))
    assert result.p == pytest.approx(scipy_stats.mannwhitneyu(first, second).pvalue)
    assert result.effect == pytest.approx(
        roc_auc_score(np.repeat([1, 0], [len(first), len(second)]), [*first, *second])
    )
    assert np.isnan(result.interval).all()
    assert result.reason == ""


def test_delongs_interval_covers():
    rng = np.random.default_rng(9)
    truth = scipy_stats.norm.cdf(1 / 2**0.5)  # of N(1, 1) above N(0, 1)
    held = 0
    for _ in range(400):
        low, high = stats.rank_sum(rng.normal(1, 1, 40), rng.normal(0, 1, 30)).interval
        held += low <= truth <= high
    assert 0.91 < held / 400 < 0.98


@pytest.mark.parametrize("n", [5, 8, 16, 33])
def test_the_interval_of_a_median_covers(n):
    rng = np.random.default_rng(n)
    held = [low <= np.log(2) <= high for low, high in map(stats.median_interval, rng.exponential(size=(1500, n)))]
    assert 0.93 - 0.013 <= np.mean(held) <= 0.97 + 0.01


def test_the_interval_of_a_median_by_hand():
    """Of eleven values the second from either end holds it in 98.83%, the third in 93.46%: between the two."""
    assert np.isnan(stats.median_interval(np.arange(4.0))).all()
    assert stats.median_interval(np.arange(5.0)) == (0, 4)
    third, second = 1 - 2 * 67 / 2048, 1 - 2 * 12 / 2048
    share = (second - 0.95) / (second - third)
    inwards = 9 * share / (2 + 7 * share)
    assert stats.median_interval(np.arange(1.0, 12)) == pytest.approx((2 + inwards, 10 - inwards))


def test_effects_in_standard_deviations_get_an_interval_from_eight_pictures_on():
    differences = np.array([1.0, 2, 4, 0.5, -1, 3, 2.5, 1.5])
    for n, given in ((7, False), (8, True)):
        low = stats.paired_t(differences[:n], np.zeros(n)).interval[0]
        assert bool(np.isfinite(low)) is given
        assert bool(np.isfinite(stats.d_av(differences[:n], np.arange(n) / n).interval[0])) is given


def wandering(rng, alike, epochs, pictures, spread=0.033, course=0.0):
    """A course that wanders, each epoch like the one before it; a level one where none is given."""
    level, steps = np.zeros(epochs), rng.normal(0, spread, epochs)
    level[0] = steps[0]
    for epoch in range(1, epochs):
        level[epoch] = alike * level[epoch - 1] + (1 - alike**2) ** 0.5 * steps[epoch]
    return rng.random((epochs, pictures)) < (0.6 + course + level)[:, None]


def learnt(epochs):
    """Of a training that rises to its level in the first half."""
    return -0.4 * np.exp(-12 * np.arange(epochs) / epochs)


def second_half(right, width):
    return stats.window_change(right[(len(right) - 1) // 2 :], width, alike=stats.epochs_alike(right, width))


@pytest.mark.parametrize("pictures", [64, 1000])
@pytest.mark.parametrize(("alike", "epochs", "width"), [(0.5, 24, 4), (0.8, 24, 4), (0.5, 60, 10), (0.8, 60, 10)])
def test_epochs_that_resemble_their_neighbours_count_less(alike, epochs, width, pictures):
    rng = np.random.default_rng(1)
    runs = [wandering(rng, alike, epochs, pictures, 0.05, learnt(epochs)) for _ in range(200)]
    half = (epochs - 1) // 2
    taken_as_independent = np.mean([stats.window_change(right[half:], width, alike=0.0).p < 0.05 for right in runs])
    assert taken_as_independent > 0.08 or pictures == 64
    assert np.mean([second_half(right, width).p < 0.05 for right in runs]) <= 0.08


@pytest.mark.parametrize(("gain", "epochs", "width", "least"), [(0.3, 24, 4, 54), (0.1, 36, 6, 42)])
def test_a_rise_is_found_however_epochs_wander(gain, epochs, width, least):
    """Little by little in the second half, or (30 points) at once."""
    rng, half = np.random.default_rng(2), (epochs - 1) // 2
    rises = [np.r_[np.zeros(half), np.linspace(0, gain, epochs - half)], gain * (np.arange(epochs) >= half + 6)]
    for rise in rises[: 2 if gain == 0.3 else 1]:
        runs = [wandering(rng, 0.0, epochs, 500, 0.015, learnt(epochs) + rise) for _ in range(60)]
        assert sum(second_half(right, width).p < 0.05 for right in runs) >= least


def test_how_alike_epochs_are_by_hand():
    rng = np.random.default_rng(3)
    level = rng.random((16, 300)) < 0.5
    assert stats.epochs_alike(level[:13], 2) == 0.8  # nothing tells
    assert stats.epochs_alike(np.repeat(level[:1], 16, axis=0), 4) == 0.0  # no epoch differs
    assert stats.epochs_alike(wandering(rng, 0.0, 300, 2000), 4) < 0.3
    assert 0.55 < stats.epochs_alike(wandering(rng, 0.6, 300, 2000, 0.1), 4) < 0.75
    assert stats.epochs_alike(wandering(rng, 0.0, 60, 2000, 0.01, learnt(60)), 10) < 0.5  # its course is none of it


@pytest.mark.parametrize("epochs", [6, 12, 24, 60])
def test_level_courses_neither_rise_nor_fall(epochs):
    """Neighbours as alike as can be told; drawn here by a loop."""
    rng, said = np.random.default_rng(epochs), np.zeros(2)
    for _ in range(300):
        course = [rng.normal()]
        for _ in range(epochs - 1):
            course.append(0.8 * course[-1] + 0.6 * rng.normal())
        said += np.array(stats.rise_and_fall(np.array(course))) < 0.05
    assert max(said) <= scipy_stats.binom.ppf(0.995, 300, 0.025)


def test_the_scale_and_the_level_of_a_course_do_not_count():
    course = np.random.default_rng(1).normal(size=30).cumsum()
    assert stats.rise_and_fall(7 - 3 * course[:5]) == pytest.approx((np.nan, np.nan), nan_ok=True)
    assert stats.rise_and_fall(7 + 3 * course) == pytest.approx(stats.rise_and_fall(course))
    assert stats.rise_and_fall(np.full(8, 0.4)) == (1, 1)


def test_a_clustered_area_of_pictures_alone_is_that_of_leaving_each_out():
    """A slow second way: the area without each group, pair by pair."""
    rng = np.random.default_rng(4)
    one, two = rng.normal(0.5, 1, 30).round(1), rng.normal(0, 1, 24).round(1)
    of_one, of_two = rng.integers(0, 8, 30), rng.integers(0, 8, 24)

    def area(first, second):
        return np.mean([(a > b) + (a == b) / 2 for a in first for b in second])

    without = np.array([area(one[of_one != g], two[of_two != g]) for g in range(8)])
    error = np.sqrt(7 / 8 * ((without - without.mean()) ** 2).sum())
    found = stats.clustered_area(one, two, of_one, of_two)
    assert found.effect == pytest.approx(area(one, two))
    assert found.value == pytest.approx(logit(found.effect) * found.effect * (1 - found.effect) / error)
    assert found.interval[0] < found.effect < found.interval[1]


def test_a_clustered_area_that_cannot_be_tested_says_why():
    values, groups = np.arange(6.0), np.array([0, 0, 1, 1, 2, 2])
    assert "both kinds" in stats.clustered_area(values, values[:0], groups, groups[:0]).reason
    assert "two groups" in stats.clustered_area(values, values[:2], groups, groups[:2]).reason
    assert "equal" in stats.clustered_area(np.ones(6), np.ones(6), groups, groups).reason
    apart = stats.clustered_area(values + 10, values, groups, groups)
    assert apart.effect == 1
    assert apart.interval[1] == 1
    assert 0.1 < apart.interval[0] < 1
    assert apart.p == pytest.approx(2 * 0.5**3)  # of three groups each: as heads or tails three times


@pytest.mark.parametrize(("groups", "shift"), [(3, 0), (3, 3), (5, 0), (5, 3), (12, 0), (12, 3), (12, 8)])
def test_an_area_of_frames_says_what_its_interval_says_and_nothing_of_three_groups(groups, shift):
    """Right and wrong answers of a group have their own level; or two groups hold all wrong ones."""
    rng, said = np.random.default_rng(groups + shift), {False: 0, True: 0}
    for turn in range(100):
        film, whole = np.repeat(np.arange(groups), 8), turn % 2 == 1
        right = film > 1 if whole else rng.random(8 * groups) < 0.7
        level = 2 * rng.normal(size=(groups, 2))
        sure = level[film, right.astype(int)] + rng.normal(size=len(film)) + shift * right
        found = stats.clustered_area(sure[right], sure[~right], film[right], film[~right])
        if found.reason:
            continue
        low, high = found.interval
        assert 0 <= low <= found.effect <= high <= 1
        assert (found.p < 0.05) == (not low <= 0.5 <= high)
        said[whole] += found.p < 0.05
    if groups == 3:
        assert said == {False: 0, True: 0}
    elif not shift:
        assert max(said.values()) <= scipy_stats.binom.ppf(0.999, 50, 0.05)
    elif groups == 12:
        assert said[False] >= 30


@pytest.mark.parametrize(("n", "right"), [(40, 31), (40, 40), (12, 0)])
def test_a_clustered_share_of_pictures_alone_is_clopper_and_pearsons(n, right):
    low, high = stats.clustered_share(np.arange(n) < right, np.arange(n))
    exact = scipy_stats.binomtest(right, n).proportion_ci(0.95)
    assert (low, high) == pytest.approx((exact.low, exact.high))
    copies = stats.clustered_share(np.repeat(np.arange(n) < right, 7), np.repeat(np.arange(n), 7))
    assert copies == pytest.approx((low, high))
    assert np.isnan(stats.clustered_share(np.zeros(0, bool), np.zeros(0, int))).all()


@pytest.mark.parametrize("groups", [10, 20, 40])
def test_an_area_of_frames_that_know_nothing_is_seldom_called_other_than_one_half(groups):
    rng, said = np.random.default_rng(groups), 0
    for _ in range(150):
        film = np.repeat(np.arange(groups), rng.geometric(1 / 12, groups))
        right = 0.95 * rng.normal(size=groups)[film] + 0.3 * rng.normal(size=len(film)) > -0.5
        sure = 0.95 * rng.normal(size=groups)[film] + 0.3 * rng.normal(size=len(film))
        said += stats.clustered_area(sure[right], sure[~right], film[right], film[~right]).p < 0.05
    assert said <= scipy_stats.binom.ppf(0.999, 150, 0.06)


def test_an_additive_fit_is_least_squares():
    rng = np.random.default_rng(2)
    table = rng.normal(size=(7, 5))
    table[rng.random((7, 5)) < 0.3] = np.nan
    cells = np.argwhere(np.isfinite(table))
    design = np.zeros((len(cells), 12))
    design[np.arange(len(cells)), cells[:, 0]] = design[np.arange(len(cells)), 7 + cells[:, 1]] = 1
    expected = design @ np.linalg.lstsq(design, table[tuple(cells.T)], rcond=None)[0]
    rows, columns = stats.additive_fit(table, np.tile(np.arange(5), (7, 1)), 5)
    np.testing.assert_allclose((rows[:, None] + columns)[tuple(cells.T)], expected, atol=1e-7)
    lone = stats.additive_fit(np.array([[np.nan], [3.0]]), np.array([[1], [0]]), 2)
    assert np.isnan(lone.rows[0])
    assert (lone.rows[1], lone.columns.tolist()) == (3, [0, 0])
