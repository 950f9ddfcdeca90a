"""Which method at which layer: planted truths, and what may not be claimed."""

import numpy as np
import pandas as pd
import pytest

from xai_core import stats, studies
from xai_core.checks.method_comparison import MethodComparison
from xai_core.questions.methods.findings import methods_hypothesis
from xai_core.studies.method_ranking import BEST, ELSEWHERE, EQUAL, RANDOM, UNKNOWN, UNSEEN, UNTRAINED, WORSE


def pictures(gains, weights=None, n=12, spread=0.05, seed=0):
    """Rows of candidates whose deletion and insertion lie around a gain; the noise of a picture is of all of them."""
    rng = np.random.default_rng(seed)
    common = rng.normal(0, spread, n)
    rows = []
    for place, (name, gain) in enumerate(gains.items()):
        own = rng.normal(0, spread, (2, n))
        left = 0.0 if weights is None else weights[place]
        for i in range(n):
            both = gain + common[i] + own[:, i]
            rows.append((i, name, "m", "M", name, name, place, *both, left, np.nan, 1.0, False, 0.1 + place))
    names = "picture name method title layer layer_title depth deletion insertion weights object stability flat seconds"
    return pd.DataFrame(rows, columns=names.split())


def card(rows, groups=None):
    """The card of a comparison with such rows."""
    ranked = studies.rank_methods(rows, groups)
    n = rows["picture"].nunique()
    return methods_hypothesis(MethodComparison(ranked.table, rows, ranked.sentence, ranked.best, n, n, n, 1.0, ()))


def outcomes(found):
    return dict(zip(found.table["name"], found.table["outcome"], strict=True))


def test_the_best_is_recommended_and_the_worse_one_is_told_apart():
    found = studies.rank_methods(pictures({"weak": 0.1, "strong": 0.4}))
    assert found.best == "strong"
    assert outcomes(found) == {"strong": BEST, "weak": WORSE}
    assert list(found.table["name"]) == ["strong", "weak"]
    assert found.sentence.startswith("Take strong: over 12 pictures, ")
    assert "It does better than each of the others that beat random orders, too" in found.sentence


def test_the_mean_of_deletion_and_insertion_decides_as_worked_out_by_hand():
    rows = pictures({"a": 0.2}, spread=0.1)
    found = studies.rank_methods(rows).table.iloc[0]
    by_hand = (rows["deletion"] + rows["insertion"]) / 2
    assert found["found"] == pytest.approx(by_hand.mean())
    assert (found["found_low"], found["found_high"]) == pytest.approx(stats.mean_interval(by_hand.to_numpy()))
    assert found["p_random"] == pytest.approx(stats.sign_flip(by_hand.to_numpy(), np.zeros(12)).p)
    assert found["seconds"] == pytest.approx(0.1)


def test_two_that_cannot_be_told_apart_are_said_with_the_faster_one():
    found = studies.rank_methods(pictures({"quick": 0.3, "slow": 0.301}, seed=2))
    assert sorted(outcomes(found).values()) == [BEST, EQUAL]
    other = next(name for name, outcome in outcomes(found).items() if outcome == EQUAL)
    assert f"It cannot be told apart from {other} (paired sign flips, Holm over all pairs)" in found.sentence
    assert "It was chosen for doing well on these pictures, so its interval is somewhat too narrow." in found.sentence
    assert ("quick is the fastest" in found.sentence) == (found.best == "slow")


def test_maps_that_stay_with_random_weights_are_never_recommended():
    found = studies.rank_methods(pictures({"edges": 0.5, "learned": 0.3}, weights=[0.9, 0.1]))
    assert found.best == "learned"
    assert outcomes(found) == {"edges": UNTRAINED, "learned": BEST}
    alone = studies.rank_methods(pictures({"edges": 0.5}, weights=[0.9]))
    assert alone.best == ""
    assert "(edges) stay nearly the same with random weights" in alone.sentence


def test_what_is_not_known_of_a_map_that_nobody_can_make_again_is_said():
    found = studies.rank_methods(pictures({"brought": 0.5, "ours": 0.3}, weights=[np.nan, 0.1]))
    assert found.best == "brought"
    assert "cannot be made with random weights" in found.sentence
    black_box = studies.rank_methods(pictures({"a": 0.5, "b": 0.3}, weights=[np.nan, np.nan]))
    assert "whether it shows the model or the picture alone is not known" in black_box.sentence


def test_maps_that_do_no_more_than_those_of_other_pictures_are_not_recommended():
    rows = pictures({"blob": 0.5, "ours": 0.3}, weights=[np.nan, 0.1])
    blob = rows["name"] == "blob"
    same = (rows["deletion"] + rows["insertion"]) / 2
    held = rows.assign(others=np.where(blob, same, np.nan))
    found = studies.rank_methods(held)
    assert found.best == "ours"
    assert outcomes(found) == {"blob": ELSEWHERE, "ours": BEST}
    alone = studies.rank_methods(held[blob])
    assert alone.best == ""
    assert "blob does more than random orders, but no more than the same maps of other pictures do" in alone.sentence
    assert studies.rank_methods(held.assign(others=np.where(blob, same - 0.2, np.nan))).best == "blob"


def test_a_class_that_the_model_does_not_see_has_no_recommendation():
    found = studies.rank_methods(pictures({"a": 0.5}).assign(p=0.0014))
    assert found.best == ""
    assert outcomes(found) == {"a": UNSEEN}
    assert "on average the model is only 0.14% sure of what the maps explain, below 5%" in found.sentence
    of_ten = pictures({"a": 0.5}).assign(p=0.12, limit=studies.gate_limit(10))  # a network that learned nothing: 10%
    assert "only 12% sure of what the maps explain, below 20%" in studies.rank_methods(of_ten).sentence
    assert studies.rank_methods(of_ten.assign(limit=np.nan)).best == "a"  # of an older study


def test_where_nothing_beats_random_orders_nothing_is_recommended():
    found = studies.rank_methods(pictures({"a": 0.0, "b": -0.3}))
    assert found.best == ""
    assert set(outcomes(found).values()) == {RANDOM}
    assert found.sentence.startswith("No recommendation: over 12 pictures, no map's order of hiding and uncovering")


def test_too_few_pictures_are_no_test():
    found = studies.rank_methods(pictures({"a": 0.5}, n=5))
    assert found.best == ""
    assert outcomes(found) == {"a": UNKNOWN}
    assert "needs at least 6 pictures; there are 5" in found.sentence


@pytest.mark.parametrize(
    ("gains", "n", "headline"),
    [
        ({"weak": 0.1, "strong": 0.4}, 12, "strong (n = 12)"),
        ({"a": 0.3, "b": 0.29}, 8, "b, and others that cannot be told apart from it (n = 8)"),
        ({"a": 0.0}, 1200, "No method can be recommended (n = 1,200)"),
        ({"a": 0.5}, 5, "This cannot be tested (n = 5)"),
    ],
)
def test_every_headline_says_n(gains, n, headline):
    assert card(pictures(gains, n=n)).headline == headline


def test_a_headline_counts_groups_where_these_count():
    assert card(pictures({"a": 0.3}), [str(i // 2) for i in range(12)]).headline == "a (n = 6 groups)"


def test_random_maps_alone_are_seldom_recommended():
    """Of 60 comparisons of one candidate whose order does no more than random ones, about 5% by the level."""
    taken = sum(bool(studies.rank_methods(pictures({"random": 0.0}, seed=seed)).best) for seed in range(60))
    assert taken <= 6  # half of the level is expected, since only a better order is recommended


def test_pictures_of_a_group_count_once():
    rows = pictures({"a": 0.3, "b": 0.1}, n=14)
    found = studies.rank_methods(rows, [str(i // 2) for i in range(14)])
    assert set(found.table["n"]) == {7}
    assert "over 7 groups" in found.sentence


@pytest.mark.parametrize(("candidates", "fewest"), [(1, 6), (2, 7), (17, 10)])
def test_too_few_pictures_for_a_test_of_so_many_are_said_to_be(candidates, fewest):
    """By random signs, p of n pictures is at least 2 / 2 ** n, times the candidates: chance may not be blamed."""
    names = {f"candidate {i}": 0.5 for i in range(candidates)}
    found = studies.rank_methods(pictures(names, n=fewest - 1))
    assert set(outcomes(found).values()) == {UNKNOWN}
    assert f"needs at least {fewest} pictures; there are {fewest - 1}." in found.sentence
    assert studies.rank_methods(pictures(names, n=fewest)).best


def test_equal_candidates_are_seldom_told_apart_although_the_best_is_chosen_by_the_same_pictures():
    """Of 60 draws of eight equal candidates, at a level of 0.05, hardly more than three may claim a difference."""
    claims = 0
    for seed in range(60):
        table = np.random.default_rng(seed).normal(size=(10, 8))
        claims += bool(np.nanmin(stats.pairwise_flips(table)) < 0.05)
    assert claims <= 6  # 99% of binomial(60, 0.05)


@pytest.mark.parametrize("n", [9, 20])
def test_pairwise_flips_are_sign_flips_of_each_pair_corrected_by_holm(n):
    table = np.random.default_rng(n).normal([0.0, 0.3, 1.0], 1.0, (n, 3))
    found = stats.pairwise_flips(table)
    pairs = [(0, 1), (0, 2), (1, 2)]
    alone = stats.holm([stats.sign_flip(table[:, i], table[:, j]).p for i, j in pairs])
    assert [found[i, j] for i, j in pairs] == pytest.approx(alone, abs=1e-9 if n < 15 else 0.01)
    np.testing.assert_array_equal(found, found.T)
    assert np.isnan(np.diag(found)).all()


def test_no_pair_of_one_picture_is_tested():
    assert np.isnan(stats.pairwise_flips(np.zeros((1, 3)))).all()
