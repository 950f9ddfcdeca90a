"""Methods at layers, compared on the model and the digits that come along."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import spearmanr

import xai_core as xai
from xai_core import studies
from xai_core.checks import method_comparison
from xai_core.checks.compared_maps import DRAWS, ORDERS, STEPS
from xai_core.checks.method_comparison import growing_comparison

LAYERS = ["stages.1", "stages.2"]
ASKED = {"methods": ["grad_cam", "saliency"], "layers": LAYERS, "pictures": 6, "seed": 3}


@pytest.fixture(scope="module")
def model():
    return xai.load_model("digits", device="cpu")


@pytest.fixture(scope="module")
def digits():
    return list(xai.load_dataset("textured_digits", limit=40))


@pytest.fixture(scope="module")
def grown(model, digits):
    steps = []
    return list(growing_comparison(model, digits, **ASKED, progress=lambda *done: steps.append(done))), steps


@pytest.fixture(scope="module")
def compared(grown):
    return grown[0][-1]


def test_a_candidate_is_a_method_at_a_layer(compared):
    assert set(zip(compared.table["method"], compared.table["layer"], strict=True)) == {
        ("grad_cam", "stages.1"),
        ("grad_cam", "stages.2"),
        ("saliency", ""),
    }
    assert len(compared.pictures) == 3 * 6
    assert compared.sampled == "It uses a random sample of 6 of 40 pictures."
    assert compared.recommendation == studies.rank_methods(compared.pictures).sentence


def test_it_grows_by_a_few_pictures_and_says_how_far_it_is(grown):
    found, steps = grown
    assert [one.done for one in found] == [4, 6]
    assert found[0].sampled == "It uses 4 so far, of a random sample of 6 of 40 pictures."
    assert not found[0].complete
    assert found[1].complete
    assert [done for done, _ in steps] == list(range(1, len(steps) + 1))
    assert steps[-1][0] == steps[-1][1]


def test_each_number_of_a_picture_by_another_way(model, digits, compared):
    row = compared.pictures[compared.pictures["layer"] == "stages.2"].iloc[0]
    sample = model.preprocessing.prepare(digits[row["picture"]])
    target = int(xai.predict(model, [sample]).classes[0])
    heatmap = xai.grad_cam(model, [sample], targets=[target], layers="stages.2")["stages.2"][0]
    asked = {"targets": target, "steps": STEPS, "draws": ORDERS, "seed": 3}
    for name, curves, share, sign in (
        ("deletion", xai.deletion, "hidden", 1),
        ("insertion", xai.insertion, "shown", -1),
    ):
        table = curves(model, sample, {"own": heatmap}, **asked)
        means = table.groupby(["method", "draw"]).apply(lambda part, x=share: np.trapezoid(part["p"], part[x]))
        assert row[name] == pytest.approx(sign * (means["random"].mean() - means["own"].mean()))
    left = [
        spearmanr(heatmap.ravel(), xai.grad_cam(net, [sample], targets=[target], layers="stages.2")["stages.2"].ravel())
        for net in xai.untrained(model, draws=DRAWS, seed=3)
    ]
    assert row["weights"] == pytest.approx(np.mean([one.statistic for one in left]), abs=1e-5)
    fine, mask = xai.upsample(xai.rectify(heatmap), (64, 64)), sample.mask
    inside, outside = fine[mask == 1], fine[mask == 0]
    above = (inside[:, None] > outside).mean() + (inside[:, None] == outside).mean() / 2
    assert row["object"] == pytest.approx(above, abs=1e-3)
    assert 0.9 < row["stability"] <= 1


def test_the_same_seed_gives_the_same(model, digits, compared):
    again = xai.compare_methods(model, digits, **ASKED)
    both = [one.pictures.drop(columns="seconds") for one in (again, compared)]
    assert both[0].equals(both[1])


def test_a_bound_in_time_keeps_what_is_there_and_says_so(model, digits):
    found = xai.compare_methods(model, digits, **ASKED | {"methods": ["saliency"], "layers": "stages"}, seconds=0)
    assert (found.done, found.planned) == (4, 6)
    assert "4 so far" in found.sampled


def test_without_masks_nothing_is_said_of_objects(model, digits):
    bare = [replace(one, mask=None) for one in digits[:4]]
    found = xai.compare_methods(model, bare, methods=["saliency"])
    assert found.pictures["object"].isna().all()
    assert found.sampled == "It uses all 4 pictures."


def test_flat_maps_count_as_random_orders(model, digits):
    @xai.register(
        title="Nothing at all",
        paper="a test",
        unit="none",
        signed=True,
        place="input",
        drawing="magnitude",
        legend="none",
    )
    def nothing_at_all(model, images, **options):
        found = xai.saliency(model, images, targets=options["targets"])
        return replace(found, maps={"input": np.zeros_like(found["input"])})

    try:
        found = xai.compare_methods(model, digits, methods=["nothing_at_all"], pictures=2).pictures
    finally:
        xai.unregister("nothing_at_all")
    assert found["flat"].all()
    assert (found[["deletion", "insertion"]] == 0).all(axis=None)
    assert found[["weights", "stability"]].isna().all(axis=None)


def test_a_method_whose_values_do_not_rank_places_is_refused(model, digits):
    with pytest.raises(xai.MethodError, match="do not say how much a place matters, so it cannot be compared"):
        xai.compare_methods(model, digits, methods=["saliency_signed"])


def test_a_method_that_the_model_cannot_serve_is_left_out_and_said(model, digits):
    found = xai.compare_methods(model, digits, methods=["saliency", "legrad"], pictures=1)
    assert set(found.table["method"]) == {"saliency"}
    assert "cannot explain" in found.left_out[0]
    with pytest.raises(xai.MethodError, match="cannot explain"):
        xai.compare_methods(model, digits, methods=["legrad"])


def test_no_picture_is_no_comparison(model, digits):
    with pytest.raises(xai.PictureError, match="at least one picture; got 0"):
        xai.compare_methods(model, digits, pictures=0)


def test_pictures_that_cannot_be_read_are_left_out_and_said(model, digits):
    class Torn(list):
        def __getitem__(self, index):
            if index == self.torn:
                raise xai.PictureError("torn.png cannot be read.")
            return super().__getitem__(index)

    some = Torn(digits[:3])
    some.torn = 1
    found = xai.compare_methods(model, some, methods=["saliency"])
    assert sorted(found.pictures["picture"]) == [0, 2]
    assert found.left_out == ("torn.png cannot be read.",)


def test_without_a_choice_all_methods_of_a_single_pass_are_compared(model):
    candidates, left_out = method_comparison.candidates_of(model, None, "stages")
    assert {one.cost for one in candidates.methods} == {"pass"}
    assert left_out == []
