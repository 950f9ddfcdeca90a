"""Maps against those of random weights: numbers worked out by hand, and what they do to the answer."""

import numpy as np
import pandas as pd
import pytest

from xai_core import studies
from xai_core.measures import FOREGROUND_MEASURES
from xai_core.studies import ForegroundVerdict, UntrainedMaps


def table(beyond):
    """Rows whose mean activation on the object is so much beyond that on other pictures' objects."""
    values = np.asarray(beyond, float)
    columns = {name: np.full(len(values), 0.5) for kind in FOREGROUND_MEASURES.values() for name in needed(kind)}
    found = pd.DataFrame(columns).assign(**{studies.column_of(key): 0.0 for key in FOREGROUND_MEASURES})
    return found.assign(mean_inside=0.6 + values, mean_outside=0.5, control_mean=0.1, reason="")


def needed(kind):
    return (kind.inside, *((kind.chance,) if isinstance(kind.chance, str) else ()))


def draw(values):
    return pd.DataFrame({key: np.asarray(values, float) for key in FOREGROUND_MEASURES})


def test_the_difference_by_hand():
    found = studies.untrained_maps(table([0.2, 0.3, 0.1]), "mean", [draw([0.1, 0.1, 0.0]), draw([0.0, 0.1, 0.1])])
    assert found.trained == pytest.approx(0.2)
    assert found.draws == pytest.approx((0.2 / 3, 0.2 / 3))
    assert found.p == 0.25  # of eight ways to set three signs, two give as large a sum
    assert found.n == 3


def test_pictures_without_a_map_in_either_are_left_out():
    nan = float("nan")
    found = studies.untrained_maps(table([0.2, nan, 0.1]), "mean", [draw([0.1, 0.5, nan])])
    assert (found.n, found.trained) == (1, pytest.approx(0.2))
    assert studies.untrained_maps(table([nan]), "mean", [draw([0.1])]) is None
    assert studies.untrained_maps(table([0.1]), "mean", []) is None


def test_it_has_to_go_further_than_chance_and_than_one_more_draw():
    rng = np.random.default_rng(0)
    own = 0.2 + rng.normal(0, 0.02, 20)
    for level, beyond in ((0.0, True), (0.199, False), (0.3, False)):
        found = studies.untrained_maps(table(own), "mean", [draw(level + rng.normal(0, 0.02, 20)), draw(np.zeros(20))])
        assert found.beyond("more") is beyond
        assert not found.beyond("less")
    assert studies.untrained_maps(table(-own), "mean", [draw(np.zeros(20))] * 2).beyond("less")
    one = studies.untrained_maps(table(-own), "mean", [draw(np.zeros(20))])
    assert not one.beyond("less")  # how much draws differ is not known


def test_one_of_several_networks_that_learnt_nothing_is_seldom_told_from_the_others():
    """They differ, and of 144 pictures each difference is significant; the largest of six goes beyond the others."""
    rng, said = np.random.default_rng(0), []
    for _ in range(200):
        level, *others = rng.normal(0.04, 0.016, 6)
        nets = [draw(one + rng.normal(0, 0.02, 144)) for one in others]
        said.append(studies.untrained_maps(table(level + rng.normal(0, 0.02, 144)), "mean", nets).beyond("more"))
    assert np.mean(said) <= 0.05
    learned = studies.untrained_maps(table(0.14 + rng.normal(0, 0.02, 144)), "mean", nets)
    assert learned.beyond("more")


def test_pictures_that_belong_together_count_once():
    alone = studies.untrained_maps(table([0.2, 0.3, 0.1, 0.2]), "mean", [draw(np.zeros(4))])
    pairs = table([0.2, 0.3, 0.1, 0.2]).assign(group=["a", "a", "b", "b"])
    together = studies.untrained_maps(pairs, "mean", [draw(np.zeros(4))])
    assert (alone.n, alone.p, together.n, together.p) == (4, 0.125, 2, 0.5)


def test_means_and_p_are_of_the_same_unit():
    """A film of four frames with much and one picture with nothing: each of the two counts once."""
    films = table([0.4, 0.4, 0.4, 0.4, 0.0]).assign(group=[*"aaaa", None])
    found = studies.untrained_maps(films, "mean", [draw([0.2, 0.2, 0.2, 0.2, 0.0]), draw(np.zeros(5))])
    assert found.trained == pytest.approx(0.2)
    assert found.draws == pytest.approx((0.1, 0.0))
    pairs = table([0.2, 0.3] * 12).assign(unit=[place // 2 for place in range(24)], others=1.0)
    assert studies.untrained_maps(pairs, "mean", [draw(np.zeros(24))]).n == 12


def test_a_map_that_a_draw_lacks_moves_neither_means_nor_differences():
    """Draws differ by much, and each lacks other pictures: what is left of a difference is no draw's."""
    rng, own = np.random.default_rng(1), 0.2 + np.random.default_rng(0).normal(0, 0.02, 30)
    levels = np.array([-0.3, 0.0, 0.3])
    whole = own - 0.05 + levels[:, None]
    holed = np.where(rng.random(whole.shape) < 0.3, np.nan, whole)
    holed[0, np.isnan(holed).all(axis=0)] = (own - 0.35)[np.isnan(holed).all(axis=0)]
    full, some = (studies.untrained_maps(table(own), "mean", list(map(draw, one))) for one in (whole, holed))
    assert some.draws == pytest.approx(full.draws)
    assert some.trained - np.mean(some.draws) == pytest.approx(0.05)
    assert some.p == pytest.approx(full.p)


MORE = UntrainedMaps((0.0, 0.01), 0.2, 0.001, 20, False)
SAME = UntrainedMaps((0.19, 0.2), 0.2, 0.4, 20, False)


@pytest.mark.parametrize(
    ("outcome", "random", "answer"),
    [("more", None, "unknown"), ("more", MORE, "yes"), ("more", SAME, "unknown"), ("less", SAME, "unknown")],
)
def test_maps_that_random_weights_give_as_well_are_no_answer(outcome, random, answer):
    verdict = ForegroundVerdict(outcome, "", "What the maps say.", "", "", None, None)
    found = studies.conclude(verdict, untrained=random)
    assert found.answer == answer
    assert [one.name for one in found.evidence] == ["Maps", "Random weights"]
    assert ("random weights" in found.headline) is (answer == "unknown")


def test_the_sentence():
    assert MORE.sentence("more") == (
        "With random weights the same architecture puts +0.005 (+0.000 to +0.010 in 2 draws, of which one more would "
        "lie between -0.105 and +0.115 in 95% of cases) on a picture's own object beyond the objects of others; the "
        "trained network puts +0.200 there, clearly more (p = 0.001, n = 20)."
    )
    assert "not clearly more" in SAME.sentence("more")
    assert "not clearly less" in SAME.sentence("less")
