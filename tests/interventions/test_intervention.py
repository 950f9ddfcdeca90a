"""Interventions pixel by pixel, and against nets whose answer is known."""

import importlib
from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import nn

import xai_core as xai
from tests.support.nets import is_free, unscaled
from xai_core.checks.deletion import filling
from xai_core.interventions.by_mask import GIVEN, KINDS, NOBODY, PLACES
from xai_core.interventions.lenders import siblings

module = importlib.import_module("xai_core.interventions.by_mask")  # the package has a function of that name
SIDE = 12
MASK = np.zeros((SIDE, SIDE), np.uint8)
MASK[4:9, 5:10] = 1
MASK[3, 5:10] = 255  # ignored, above the object
OBJECT = MASK != 0
FILLS = ("blur", "mean", "noise")


def sample(seed=0, mask=MASK, label="red", side=SIDE):
    pixels = np.random.default_rng(1000 + seed).integers(0, 256, (side, side, 3), dtype=np.uint8)
    return xai.Sample(f"id{seed}", pixels, label=label, mask=mask, name=f"picture {seed}")


def with_pixels(one, where, seed=99):
    """The sample with other pixels there."""
    other = np.random.default_rng(seed).integers(0, 256, one.pixels.shape, dtype=np.uint8)
    return replace(one, pixels=np.where(where[..., None], other, one.pixels))


class LeftColumns(nn.Module):
    """The probability of "red" is a quarter plus half the mean red of the two left columns, which are background."""

    def __init__(self):
        super().__init__()
        self.weight = nn.Parameter(torch.tensor(0.5))

    def forward(self, x):
        p = 0.25 + self.weight * x[:, 0, :, :2].mean((1, 2))
        return torch.stack([p.log(), (1 - p).log()], dim=1)


def left_columns(view):
    return 0.25 + 0.5 * (view[:, :2, 0] / 255).mean()


@pytest.fixture(scope="module")
def model():
    return unscaled(LeftColumns(), SIDE, ["red", "blue"])


@pytest.fixture(scope="module")
def pictures():
    labels = ("red", "red", "blue", "blue", "red")
    return [sample(seed, label=label) for seed, label in enumerate(labels)]


# the pixels


def test_whole_is_the_picture():
    one = sample()
    np.testing.assert_array_equal(xai.intervene(one, "whole"), one.pixels)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("other", [None, sample(1)])
def test_a_picture_without_mask_stays_whole(kind, other):
    one = sample(mask=None)
    np.testing.assert_array_equal(xai.intervene(one, kind, other=other), one.pixels)


@pytest.mark.parametrize("fill", FILLS)
@pytest.mark.parametrize(("kind", "kept"), [("object", OBJECT), ("background", ~OBJECT)])
def test_the_kept_part_is_untouched_and_ignored_pixels_go_with_the_object(kind, kept, fill):
    one = sample()
    before = one.pixels.copy()
    view = xai.intervene(one, kind, fill=fill)
    assert view.shape == (SIDE, SIDE, 3)
    assert view.dtype == np.uint8
    np.testing.assert_array_equal(view[kept], one.pixels[kept])
    assert (view[~kept] != one.pixels[~kept]).any(axis=1).mean() > 0.9
    np.testing.assert_array_equal(one.pixels, before)


@pytest.mark.parametrize(("kind", "kept"), [("object", OBJECT), ("background", ~OBJECT)])
def test_mean_is_the_mean_of_the_kept_part(kind, kept):
    one = sample()
    view = xai.intervene(one, kind, fill="mean")
    mean = np.rint(one.pixels[kept].mean(axis=0))
    np.testing.assert_array_equal(view[~kept], np.broadcast_to(mean, (int((~kept).sum()), 3)))


@pytest.mark.parametrize(("kind", "kept"), [("object", OBJECT), ("background", ~OBJECT)])
def test_noise_is_that_of_its_seed(kind, kept):
    one = sample()
    view = xai.intervene(one, kind, fill="noise", seed=3)
    np.testing.assert_array_equal(view[~kept], filling(one.pixels, "noise", 3)[~kept])
    np.testing.assert_array_equal(view, xai.intervene(one, kind, fill="noise", seed=3))
    assert (view != xai.intervene(one, kind, fill="noise", seed=4)).any()


@pytest.mark.parametrize("fill", FILLS)
@pytest.mark.parametrize(("kind", "kept"), [("object", OBJECT), ("background", ~OBJECT)])
@pytest.mark.parametrize("seed", range(3))
def test_nothing_of_the_hidden_part_shines_through(kind, kept, fill, seed):
    one = sample(seed)
    view = xai.intervene(one, kind, fill=fill)
    np.testing.assert_array_equal(view, xai.intervene(with_pixels(one, ~kept), kind, fill=fill))
    if fill != "noise":  # and it is made of what is kept
        assert (view[~kept] != xai.intervene(with_pixels(one, kept), kind, fill=fill)[~kept]).any()


@pytest.mark.parametrize("fill", FILLS)
@pytest.mark.parametrize(("kind", "value"), [("object", 0), ("background", 1), ("background", 255)])
def test_nothing_shines_through_where_everything_is_hidden(kind, value, fill):
    one = sample(mask=np.full_like(MASK, value))
    hidden = np.ones_like(OBJECT)
    view = xai.intervene(one, kind, fill=fill)
    np.testing.assert_array_equal(view, xai.intervene(with_pixels(one, hidden), kind, fill=fill))


@pytest.mark.parametrize("fill", FILLS)
@pytest.mark.parametrize(("kind", "value"), [("object", 1), ("object", 255), ("background", 0)])
def test_where_nothing_is_hidden_the_picture_stays(kind, value, fill):
    one = sample(mask=np.full_like(MASK, value))
    np.testing.assert_array_equal(xai.intervene(one, kind, fill=fill), one.pixels)


@pytest.mark.parametrize(("kind", "kept"), [("object", OBJECT), ("background", ~OBJECT)])
def test_the_blur_of_one_colour_is_that_colour(kind, kept):
    one = with_pixels(sample(), ~kept)
    one = replace(one, pixels=np.where(kept[..., None], np.array([10, 255, 77], np.uint8), one.pixels))
    np.testing.assert_array_equal(
        xai.intervene(one, kind, fill="blur"), np.broadcast_to([10, 255, 77], one.pixels.shape)
    )


def test_the_blur_takes_the_colour_of_what_is_near():
    mask = np.zeros((48, 48), np.uint8)
    mask[16:32, 16:32] = 1
    pixels = np.zeros((48, 48, 3), np.uint8)
    pixels[:, :24, 0] = 200  # background: red at the left, blue at the right
    pixels[:, 24:, 2] = 200
    view = xai.intervene(xai.Sample("x", pixels, mask=mask), "background", fill="blur").astype(int)
    assert view[24, 17, 0] > 190
    assert view[24, 30, 2] > 190
    assert view[20:28, 16:32, 0].mean(axis=0).argsort().tolist() == list(range(16))[::-1]


def test_far_from_what_is_kept_the_blur_is_its_mean():
    mask = np.zeros((96, 96), np.uint8)
    mask[:4, :4] = 1
    one = sample(mask=mask, side=96)
    view = xai.intervene(one, "object", fill="blur")
    np.testing.assert_array_equal(view[-1, -1], np.rint(one.pixels[:4, :4].mean(axis=(0, 1))))


@pytest.mark.parametrize("value", [0, 255])
@pytest.mark.parametrize("kind", ["object", "background"])
def test_black_and_white_stay_in_range(kind, value):
    one = replace(sample(), pixels=np.full((SIDE, SIDE, 3), value, np.uint8))
    for fill in ("blur", "mean"):
        np.testing.assert_array_equal(xai.intervene(one, kind, fill=fill), one.pixels)


def test_an_unknown_fill_is_refused():
    with pytest.raises(ValueError, match="blur"):
        xai.intervene(sample(), "object", fill="grey")


def test_an_unknown_kind_is_refused():
    with pytest.raises(ValueError, match="swapped"):
        xai.intervene(sample(), "swaped", other=sample(1))


# another's background


def test_same_needs_another_picture():
    with pytest.raises(ValueError, match="needs the picture whose background"):
        xai.intervene(sample(), "same")


def test_swapped_without_another_picture_takes_a_texture():
    one = sample()
    view = xai.intervene(one, "swapped", seed=3)
    assert (view.shape, view.dtype) == (one.pixels.shape, np.uint8)
    np.testing.assert_array_equal(view[OBJECT], one.pixels[OBJECT])
    assert (view[~OBJECT] != one.pixels[~OBJECT]).any(axis=1).mean() > 0.9
    np.testing.assert_array_equal(view, xai.intervene(one, "swapped", seed=3))
    np.testing.assert_array_equal(view, xai.intervene(with_pixels(one, ~OBJECT), "swapped", seed=3))
    for other in (xai.intervene(one, "swapped", seed=4), xai.intervene(sample(1), "swapped", seed=3)):
        assert (view[~OBJECT] != other[~OBJECT]).mean() > 0.5


@pytest.mark.parametrize("fill", FILLS)
def test_same_is_made_as_swapped_is(fill):
    one, other = sample(), sample(1)
    np.testing.assert_array_equal(
        xai.intervene(one, "same", other=other, fill=fill), xai.intervene(one, "swapped", other=other, fill=fill)
    )


@pytest.mark.parametrize("fill", FILLS)
def test_swapped_keeps_the_object_and_takes_the_others_background(fill):
    one, mask = sample(), np.zeros_like(MASK)
    mask[:4, :6] = 1
    other = sample(1, mask=mask)
    view = xai.intervene(one, "swapped", other=other, fill=fill)
    np.testing.assert_array_equal(view[OBJECT], one.pixels[OBJECT])
    clear = ~OBJECT & (mask == 0)
    np.testing.assert_array_equal(view[clear], other.pixels[clear])
    # Where the other's object was, its nearest background.
    places = np.argwhere(mask == 0)
    for row, column in np.argwhere(~OBJECT & (mask == 1)):
        far = ((places - (row, column)) ** 2).sum(axis=1)
        nearest = other.pixels[tuple(places[far == far.min()].T)]
        assert (nearest == view[row, column]).all(axis=1).any()


def test_swapped_shows_nothing_of_the_others_object_or_its_own_background():
    one, mask = sample(), np.zeros_like(MASK)
    mask[:4, :6] = 1
    other = sample(1, mask=mask)
    view = xai.intervene(one, "swapped", other=other)
    np.testing.assert_array_equal(view, xai.intervene(one, "swapped", other=with_pixels(other, mask == 1)))
    np.testing.assert_array_equal(view, xai.intervene(with_pixels(one, ~OBJECT), "swapped", other=other))


def test_swapped_shows_nothing_of_the_others_ignored_rim():
    """Ignored pixels go with the object, so they are not what an object is painted over with."""
    one, mask = sample(), np.full_like(MASK, 0)
    mask[1:8, 0:7] = 255
    mask[2:7, 0:6] = 1
    other = sample(1, mask=mask)
    view = xai.intervene(one, "swapped", other=other)
    np.testing.assert_array_equal(view, xai.intervene(one, "swapped", other=with_pixels(other, mask != 0)))


def test_a_lender_that_is_all_object_shows_nothing_of_it():
    one, other = sample(), sample(1, mask=np.ones_like(MASK))
    hidden = with_pixels(other, np.ones_like(OBJECT))
    try:
        view = xai.intervene(one, "swapped", other=other)
    except ValueError:
        return  # to refuse it is an answer, too
    np.testing.assert_array_equal(view, xai.intervene(one, "swapped", other=hidden))


@pytest.mark.parametrize("mask", [None, np.zeros_like(MASK)])
def test_a_lender_without_object_lends_all_its_pixels(mask):
    one, other = sample(), sample(1, mask=mask)
    view = xai.intervene(one, "swapped", other=other)
    np.testing.assert_array_equal(view, np.where(OBJECT[..., None], one.pixels, other.pixels))


# who lends to whom


def test_partners_are_reproducible_and_differ_by_seed(pictures):
    many = pictures * 4
    assert xai.partners(many) == xai.partners(many, 0) == xai.partners(many, seed=0)
    assert len({tuple(xai.partners(many, seed)) for seed in range(5)}) > 1


def test_backgrounds_are_used_about_evenly():
    found = xai.partners([sample(i, label=str(i % 5)) for i in range(40)])
    assert max(np.bincount(found, minlength=40)) <= 5


@pytest.mark.parametrize("seed", range(4))
def test_elsewhere_hides_as_much_as_the_object_covers(seed):
    one = sample(seed, side=SIDE)
    view = xai.intervene(one, "elsewhere", fill="noise", seed=seed)
    hidden = (view != one.pixels).any(axis=2)
    assert OBJECT.sum() - 1 <= hidden.sum() <= OBJECT.sum()  # noise may happen to be what was there
    other = xai.intervene(one, "elsewhere", fill="noise", seed=seed + 10)
    assert not np.array_equal(hidden, (other != one.pixels).any(axis=2))


# the table


def test_a_row_for_each_picture_and_kind(model, pictures):
    table = xai.intervention(model, pictures)
    assert list(table.columns) == ["picture", "sample", "kind", "target", "p", "predicted", "other"]
    assert table["picture"].tolist() == np.repeat(np.arange(5), len(KINDS)).tolist()
    assert table["kind"].tolist() == list(KINDS) * 5
    assert table["sample"].tolist() == np.repeat([one.name for one in pictures], len(KINDS)).tolist()
    swapped = table["kind"] == "swapped"
    assert table.loc[swapped, "other"].tolist() == xai.partners(pictures)
    same = table["kind"] == "same"
    assert table.loc[same, "other"].tolist() == siblings(pictures)
    labels = np.array([one.label for one in pictures])
    assert (labels[table.loc[swapped, "other"]] != labels).all()
    assert (labels[table.loc[same, "other"]] == labels).all()
    assert (table.loc[~(swapped | same), "other"] == NOBODY).all()
    assert table["p"].between(0, 1).all()


@pytest.mark.parametrize("fill", FILLS)
def test_p_is_what_the_model_says_of_the_views(model, pictures, fill):
    table = xai.intervention(model, pictures, targets="blue", fill=fill, seed=2)
    lenders, alike = xai.partners(pictures, 2), siblings(pictures, 2)
    for row in table.itertuples():
        other = pictures[(alike if row.kind == "same" else lenders)[row.picture]]
        seeds = range(2, 2 + (PLACES if row.kind == "elsewhere" else 1))
        one = pictures[row.picture]
        views = [xai.intervene(one, row.kind, fill=fill, other=other, seed=seed) for seed in seeds]
        said = xai.predict(model, views)
        assert row.target == 1
        assert row.p == pytest.approx(float(said.probabilities[:, 1].mean()), abs=1e-6)
        assert row.predicted == said.classes[0]
        lent = {"swapped": lenders, "same": alike}.get(row.kind)
        assert row.other == (lent[row.picture] if lent else NOBODY)


def test_p_of_a_net_that_looks_at_the_background(model, pictures):
    table = xai.intervention(model, pictures, targets="red", fill="mean")
    wide = table.pivot(index="picture", columns="kind", values="p")
    lenders, alike = xai.partners(pictures), siblings(pictures)
    for i, one in enumerate(pictures):
        assert wide.loc[i, "whole"] == pytest.approx(left_columns(one.pixels), abs=1e-5)
        assert wide.loc[i, "background"] == pytest.approx(left_columns(one.pixels), abs=1e-5)
        assert wide.loc[i, "swapped"] == pytest.approx(left_columns(pictures[lenders[i]].pixels), abs=1e-5)
        assert wide.loc[i, "same"] == pytest.approx(left_columns(pictures[alike[i]].pixels), abs=1e-5)
        red = np.rint(one.pixels[OBJECT][:, 0].mean()) / 255
        assert wide.loc[i, "object"] == pytest.approx(0.25 + 0.5 * red, abs=1e-5)


def test_the_models_own_scaling_is_applied_once(pictures):
    scaled = xai.load_model(
        LeftColumns(), input_size=SIDE, class_names=["red", "blue"], mean=(0.1,) * 3, std=(2.0,) * 3, device="cpu"
    )
    table = xai.intervention(scaled, pictures[:2], targets=0, kinds=["whole"])
    for i, p in enumerate(table["p"]):
        red = (left_columns(pictures[i].pixels) - 0.25) * 2
        assert p == pytest.approx(0.25 + 0.5 * (red - 0.1) / 2, abs=1e-5)


def test_larger_pictures_are_cut_first(model):
    large = [sample(i, mask=np.kron(MASK, np.ones((2, 2), np.uint8)), side=2 * SIDE) for i in range(3)]
    small = [model.preprocessing.prepare(one) for one in large]
    one, other = xai.intervention(model, large), xai.intervention(model, small)
    assert one.equals(other)


def test_targets_none_is_the_prediction_of_the_whole_picture(model, pictures):
    table = xai.intervention(model, pictures)
    classes = xai.predict(model, pictures).classes
    assert len(set(classes.tolist())) == 2  # or this says little
    assert table["target"].tolist() == np.repeat(classes, len(KINDS)).tolist()
    assert table.loc[table["kind"] == "whole", "predicted"].tolist() == classes.tolist()


def test_targets_by_name_index_and_picture(model, pictures):
    named = xai.intervention(model, pictures, targets="blue")
    assert named.equals(xai.intervention(model, pictures, targets=1))
    each = xai.intervention(model, pictures, targets=["blue", 0, None, "red", 1])
    third = int(xai.predict(model, pictures).classes[2])
    assert each["target"].tolist() == np.repeat([1, 0, third, 0, 1], len(KINDS)).tolist()
    assert each.equals(xai.intervention(model, pictures, targets=np.array([1, 0, third, 0, 1])))
    np.testing.assert_allclose(each["p"][:6], named["p"][:6], rtol=0, atol=1e-6)


@pytest.mark.parametrize("targets", ["green", 2, -1, ["red"], ["red"] * 6, [0, 0, 0, 0, "green"]])
def test_unusable_targets_are_refused(model, pictures, targets):
    with pytest.raises(xai.TargetError, match=r"is no class of|targets for 5 pictures"):
        xai.intervention(model, pictures, targets=targets)


def test_pictures_without_mask_give_no_rows(model, pictures):
    some = [replace(one, mask=None) if i in (0, 3) else one for i, one in enumerate(pictures)]
    table = xai.intervention(model, some, targets=["red", "blue", "red", "blue", "blue"])
    assert sorted(set(table["picture"])) == [1, 2, 4]
    assert table["target"].tolist() == [1] * 6 + [0] * 5 + [1] * 6  # there is no other blue one with a mask
    assert table.loc[table["kind"] == "same", ["picture", "other"]].values.tolist() == [[1, 4], [4, 1]]
    lent = table[table["kind"] == "swapped"].set_index("picture")["other"]
    assert set(lent) <= {1, 2, 4}
    assert all(other != i for i, other in lent.items())
    for i, other in lent.items():
        view = xai.intervene(some[i], "swapped", other=some[other])
        p = table[(table["picture"] == i) & (table["kind"] == "swapped")]["p"].item()
        target = 0 if i == 2 else 1
        assert p == pytest.approx(float(xai.predict(model, view).probabilities[0, target]), abs=1e-6)


@pytest.mark.parametrize("samples", [[], [sample(mask=None)]])
def test_without_a_mask_the_table_is_empty(model, samples):
    calls = []
    table = xai.intervention(model, samples, progress=lambda *numbers: calls.append(numbers))
    assert len(table) == 0
    assert list(table.columns) == ["picture", "sample", "kind", "target", "p", "predicted", "other"]
    assert calls == []


def test_one_picture_is_put_on_a_texture(model):
    table = xai.intervention(model, [sample()], targets=0, seed=4)
    assert table["kind"].tolist() == ["whole", "object", "background", "elsewhere", "swapped"]
    assert table["other"].tolist() == [NOBODY] * 5
    view = xai.intervene(sample(), "swapped", seed=4)
    np.testing.assert_allclose(table["p"][4], left_columns(view), atol=1e-5)


@pytest.mark.parametrize("label", ["red", None])
def test_pictures_of_one_label_lend_each_other_no_background_of_another_class(model, label):
    few = [sample(i, label=label) for i in range(3)]
    table = xai.intervention(model, few, targets=0)  # without labels the explained class stands for them
    swapped = table[table["kind"] == "swapped"]
    assert swapped["other"].tolist() == [NOBODY] * 3
    expected = [left_columns(xai.intervene(one, "swapped")) for one in few]
    np.testing.assert_allclose(swapped["p"], expected, atol=1e-5)
    assert table.loc[table["kind"] == "same", "other"].tolist() == siblings(few, targets=[0] * 3)


def test_lenders_can_be_given(model, pictures):
    lenders = [sample(20), None, sample(22), sample(23), None]
    table = xai.intervention(model, pictures, targets=0, lenders=lenders, seed=1)
    assert "same" not in set(table["kind"])  # nobody of the same label is given
    swapped = table[table["kind"] == "swapped"]
    assert swapped["other"].tolist() == [NOBODY if one is None else GIVEN for one in lenders]
    views = [xai.intervene(one, "swapped", other=lent, seed=1) for one, lent in zip(pictures, lenders, strict=True)]
    np.testing.assert_allclose(swapped["p"], [left_columns(view) for view in views], atol=1e-5)
    alike = [None, sample(31), None, None, sample(34)]
    both = xai.intervention(model, pictures, targets=0, lenders=lenders, alike=alike, seed=1)
    same = both[both["kind"] == "same"]
    assert same[["picture", "other"]].values.tolist() == [[1, GIVEN], [4, GIVEN]]
    np.testing.assert_allclose(same["p"], [left_columns(alike[i].pixels) for i in (1, 4)], atol=1e-5)


@pytest.mark.parametrize(
    ("kinds", "found"),
    [
        ([], ["whole"]),
        (["object"], ["whole", "object"]),
        (["swapped", "whole", "object"], ["whole", "swapped", "object"]),
        (["background", "background"], ["whole", "background"]),
    ],
)
def test_whole_is_always_there_and_first(model, pictures, kinds, found):
    table = xai.intervention(model, pictures, kinds=kinds)
    assert table["kind"].tolist() == found * 5
    all_kinds = xai.intervention(model, pictures).set_index(["picture", "kind"])["p"]
    some = table.set_index(["picture", "kind"])["p"]
    np.testing.assert_allclose(some, all_kinds[some.index], rtol=0, atol=1e-6)


def test_an_unknown_kind_is_not_asked_of_the_model(model, pictures):
    with pytest.raises(ValueError, match="swaped"):
        xai.intervention(model, pictures, kinds=["swaped"])


@pytest.mark.parametrize("room", [1, 4, 9, 64])
def test_batches_change_nothing_and_progress_counts_pictures(model, pictures, monkeypatch, room):
    whole = xai.intervention(model, pictures)
    monkeypatch.setattr(module, "batch_size", lambda _: room)
    calls = []
    table = xai.intervention(model, pictures, progress=lambda *numbers: calls.append(numbers))
    np.testing.assert_allclose(table["p"], whole["p"], rtol=0, atol=1e-6)
    assert table.drop(columns="p").equals(whole.drop(columns="p"))
    step = max(1, room // (len(KINDS) - 1 + PLACES))
    assert calls == [(min(done, 5), 5) for done in range(step, 5 + step, step)]


def test_what_progress_raises_ends_the_run(model, pictures, monkeypatch, forwards_of):
    monkeypatch.setattr(module, "batch_size", lambda _: 4)
    sizes = forwards_of(model)

    def stop(done, _):
        assert is_free(model.lock)
        if done == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        xai.intervention(model, pictures, progress=stop)
    assert sum(sizes) == 2 * (len(KINDS) - 1 + PLACES)
    assert is_free(model.lock)


def test_the_lock_is_held_during_forwards_only(model, pictures, monkeypatch):
    forward, free = model.net.forward, []

    def watched(x):
        free.append(is_free(model.lock))
        assert not torch.is_grad_enabled()
        return forward(x)

    monkeypatch.setattr(model.net, "forward", watched)
    xai.intervention(model, pictures)
    assert free
    assert not any(free)
    assert is_free(model.lock)


def test_it_is_reproducible_and_the_seed_matters(model, pictures):
    one = xai.intervention(model, pictures, fill="noise", seed=5)
    assert one.equals(xai.intervention(model, pictures, fill="noise", seed=5))
    assert not one.equals(xai.intervention(model, pictures, fill="noise", seed=6))


def test_the_samples_stay_as_they_are(model, pictures):
    before = [(one.pixels.copy(), one.mask.copy()) for one in pictures]
    xai.intervention(model, pictures)
    for one, (pixels, mask) in zip(pictures, before, strict=True):
        np.testing.assert_array_equal(one.pixels, pixels)
        np.testing.assert_array_equal(one.mask, mask)
