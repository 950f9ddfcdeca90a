"""From which epoch on it looks at the object, beside random weights: by hand, planted, and of what learned nothing."""

import numpy as np
import pytest

import xai_core as xai
from tests.support.benchmarks import benchmark
from xai_core import studies

FOREGROUND = benchmark("foreground_truth")
N = 10
SPREAD = np.array([-0.02, 0.0, 0.01, 0.02, -0.01])  # of draws of random weights


def looked(excess, p=None, n=N):
    """Shares on objects that usually hold a quarter; each picture differs a little from the others."""
    usual = np.full(n, 0.25)
    energy = usual + excess + np.linspace(-0.03, 0.03, n)
    return studies.ObjectAttention(energy, usual, usual, None if p is None else np.full(n, float(p)))


def against(*excess, random=0.0, seen=(), limit=0.0):
    """The table of such excesses, beside draws of random weights about another."""
    seen = seen or [None] * len(excess)
    found = {2**at: looked(one, p) for at, (one, p) in enumerate(zip(excess, seen, strict=True))}
    return studies.attention_table(found, draws=[looked(random + one) for one in SPREAD], limit=limit)


def test_the_table_holds_where_one_more_draw_would_lie_by_hand():
    found, draws = looked(0.2), [looked(0.1 + one) for one in SPREAD]
    row = studies.attention_table({3: found}, draws=draws).iloc[0]
    assert row["random"] == pytest.approx(0.1)
    half = 2.776445 * SPREAD.std(ddof=1) * np.sqrt(1 + 1 / 5)  # Student's t with four degrees of freedom
    assert (row["random_low"], row["random_high"]) == pytest.approx((0.1 - half, 0.1 + half))
    assert row["p_random"] == pytest.approx(2 / 2**N)  # every picture goes the same way
    assert row["beyond"]


@pytest.mark.parametrize(
    ("excess", "random", "said"),
    [
        (
            (0.01, 0.2, 0.2),
            0.0,
            "From epoch 2 on, the maps show that the model looks at the object: they lie on it more",
        ),
        ((0.2, 0.2, 0.2), 0.18, "It cannot be told: its maps lie on the object, and those of random weights may, too."),
        (
            (0.2, 0.05, 0.2),
            0.05,
            "From epoch 4 on, the maps show that the model looks at the object",
        ),  # the middle one is what random weights do
        ((0.2, 0.2, -0.15), 0.0, "At epoch 4, the maps lie off the object: they lie on it less"),
        ((-0.1,), -0.09, "It cannot be told: its maps lie off the object, and those of random weights may, too."),
        ((0.0,), -0.2, "It is not shown to look at the object: its maps say no more than where objects usually lie."),
    ],
)
def test_what_follows_beside_random_weights(excess, random, said):
    assert studies.attention_sentence(against(*excess, random=random)).startswith(said)


def test_the_numbers_of_random_weights_stand_beside_the_answer():
    words = studies.attention_sentence(against(0.2, random=0.05))
    assert "than the usual place of objects explains, and more than with random weights. At epoch 1, 45%" in words
    assert (
        "With random weights this difference is +5 points on average; with one more set of random weights it would lie "
        "between 0 points and +10 points in 95% of cases (p = 0.002 for the trained network "
        "against them). The object covers 25% of the picture."
    ) in words
    off = studies.attention_sentence(against(-0.2))
    assert "the usual place of objects explains, and less than with random weights." in off
    assert "By themselves" not in words + off


def test_classes_that_are_not_seen_are_evidence_of_nothing():
    table = against(0.2, 0.2, 0.2, seen=(0.12, 0.5, 0.9), limit=0.2)
    assert table["outcome"].tolist() == ["unseen", "more", "more"]
    assert studies.attention_sentence(table).startswith(
        "From epoch 2 on, the maps show that the model looks at the object"
    )
    assert studies.attention_sentence(against(0.2, 0.2, seen=(0.9, 0.12), limit=0.2)).startswith(
        "Whether it looks at the object cannot be told: at epoch 2 the network gives the classes that the maps explain "
        "12% on average, so it does not see them. At epoch 2, "
    )


def test_maps_that_are_no_evidence_for_a_class_get_no_answer():
    words = studies.attention_sentence(against(0.2), "Its map is the same for every class.")
    assert words.startswith("Whether it looks at the object cannot be told. Its map is the same for every class. At ")


def test_pictures_of_a_group_count_once_beside_random_weights():
    found, draws = looked(0.2), [looked(one) for one in SPREAD]
    groups = [str(at // 2) for at in range(N)]
    row = studies.attention_table({1: found}, groups, draws).iloc[0]
    assert row["p_random"] == pytest.approx(2 / 2**5)  # five groups, all of one sign
    assert not row["beyond"]


@pytest.fixture(scope="module")
def digits():
    return xai.load_dataset("textured_digits")[:128]


def at_last_stage(model, digits):
    maps = xai.grad_cam(model, digits, layers=[model.select("stages")[-1].name])
    return studies.object_attention(maps, digits)


def test_networks_that_learned_nothing_are_not_said_to_look_at_the_object(digits):
    """Their maps lie on objects that stand out, and they see no class; nor without that gate is it said of them."""
    networks = [at_last_stage(one, digits) for one in xai.untrained(xai.load_model("digits"), draws=24, seed=100)]
    draws, runs = networks[:10], networks[10:]
    alone = studies.attention_table(dict(enumerate(runs)))
    assert (alone["outcome"] == "more").mean() > 0.5  # as maps by themselves say
    for limit, most in ((studies.gate_limit(10), 0), (0.0, 1)):
        said = [studies.attention_answer(studies.attention_table({1: one}, None, draws, limit=limit)) for one in runs]
        assert sum(one.claim != "" for one in said) <= most


def test_the_trained_network_is_said_to_look_at_the_object(digits):
    model = xai.load_model("digits")
    draws = [at_last_stage(one, digits) for one in xai.untrained(model, draws=10)]
    found = {24: at_last_stage(model, digits)}
    table = studies.attention_table(found, None, draws, limit=studies.gate_limit(10))
    assert studies.attention_sentence(table).startswith(
        "From epoch 24 on, the maps show that the model looks at the object"
    )


def of_pairs(rng, part, n=32):
    """Maps of which a part is their own picture's object, the rest a blob in the middle; two pictures of each label."""
    own = FOREGROUND.masks(rng, n)
    blobs = FOREGROUND.blob(rng, own)
    maps = (blobs + part * (FOREGROUND.following(rng, own) - blobs)).astype(np.float32)
    side = own[0].shape
    seen = xai.Predictions(np.zeros(n, int), np.ones((n, 1), np.float32))
    pixels = np.zeros((*side, 3), np.uint8)
    pictures = [xai.Sample(f"{i}", pixels, label=f"label {i // 2}", mask=mask) for i, mask in enumerate(own)]
    return studies.object_attention(xai.Heatmaps({"last": maps}, np.zeros(n, int), seen, side, "", ""), pictures)


def test_two_pictures_of_a_label_count_as_one():
    """Each is held against the other's mask: what masks differ in is the gain of one and the loss of the other."""
    found = {0.0: 0, 0.3: 0}
    for seed in range(40):
        for part in found:
            row = studies.attention_table({1: of_pairs(np.random.default_rng(seed), part)}).iloc[0]
            found[part] += row["outcome"] == "more"
            assert (row["n"], row["pictures"]) == (16, 32)
    assert found[0.0] <= 4
    assert found[0.3] >= 36
    few = studies.attention_table({1: of_pairs(np.random.default_rng(0), 0.3, n=20)}).iloc[0]
    assert few["n"] == 20  # ten pairs would need all signs
