"""Every check of one map, on the model and the included digits."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import torch

import xai_core as xai
from xai_core import studies
from xai_core.checks.map_trust import trust_map
from xai_core.errors import LayerError, TargetError


@pytest.fixture(scope="module")
def model():
    return xai.load_model("digits", device="cpu")


@pytest.fixture(scope="module")
def sample(model):
    """A digit that is read rightly and surely."""
    data = xai.load_dataset("textured_digits", limit=10)
    said = xai.predict(model, list(data))
    right = [str(one) == item.label for one, item in zip(said.classes, data.items, strict=True)]
    return data[int(np.argmax(np.where(right, said.confidences, 0)))]


@pytest.fixture(scope="module")
def weights(model):
    """As they were before any check."""
    return {name: tensor.clone() for name, tensor in model.net.state_dict().items()}


@pytest.fixture(scope="module")
def grad_cam(model, sample, weights):
    steps = []
    return trust_map(model, sample, progress=lambda *done: steps.append(done)), steps


@pytest.fixture(scope="module")
def lime(model, sample, weights):
    steps = []
    return trust_map(
        model,
        sample,
        method="lime",
        settings={"num_samples": 60, "hide": "mean"},
        progress=lambda *done: steps.append(done),
    ), steps


@pytest.fixture
def made_up():
    """Makes a function a method for the length of a test; its key."""

    def make(function):
        xai.register(
            key="made_up",
            title="Made up",
            paper="none",
            unit="none",
            signed=False,
            place="input",
            drawing="magnitude",
            legend="nothing",
        )(function)
        return "made_up"

    yield make
    xai.unregister("made_up")


def checks(found):
    return {check.name: check for check in found.trust.checks}


def test_grad_cam_of_a_digit_holds_up_and_falls_with_the_weights(grad_cam, model, sample):
    found, _ = grad_cam
    assert (found.method, found.layer) == ("grad_cam", model.select("stages")[-1].name)
    assert found.target == int(sample.label)
    last = found.randomisation[found.randomisation["step"] == found.randomisation["step"].max()]
    assert last["share"].tolist() == [1.0] * 3
    assert last["rank_correlation"].fillna(0).mean() < 0.5
    assert found.randomisation.loc[found.randomisation["step"] == 0, "rank_correlation"].tolist() == pytest.approx(
        [1] * 3
    )
    assert found.randomisation["step"].nunique() == 7
    assert found.trust.checks[0].grade == "holds"
    assert found.trust == studies.judge(found.trust.checks)
    assert found.trust.grade in ("holds", "care")
    assert found.seeds.shape == (0,)


def test_the_map_that_is_checked_is_that_of_the_page(grad_cam, model, sample):
    found, _ = grad_cam
    expected = xai.grad_cam(model, [sample], layers=[found.layer], targets=[found.target])[found.layer][0]
    np.testing.assert_allclose(found.heatmap, expected, rtol=1e-5, atol=1e-6)
    assert found.heatmap.dtype == np.float32


def test_the_checks_are_those_of_the_tables(grad_cam, model):
    found, _ = grad_cam
    assert found.trust.checks == (
        studies.randomisation_check(found.randomisation),
        studies.deletion_check(
            found.deletion, found.insertion, "Grad-CAM", found.target, model.class_names[found.target]
        ),
        studies.agreement_check(found.agreements, "Grad-CAM"),
        studies.reference_check(found.references, model.class_names[found.target]),
    )
    assert set(found.agreements["first"]) | set(found.agreements["second"]) == {
        one.title for one in xai.list_methods() if one.ranks and one.usual
    }
    for table, column in ((found.deletion, "hidden"), (found.insertion, "shown")):
        assert set(table["method"]) == {"Grad-CAM", "random"}
        assert sorted(table.loc[table["method"] == "random", "draw"].unique()) == list(range(11))
        assert table[column].nunique() == 11


class Two(torch.nn.Module):
    """Fewer modules with weights than the cascade has steps."""

    def __init__(self):
        super().__init__()
        generator = torch.Generator().manual_seed(0)
        self.conv, self.head = torch.nn.Conv2d(3, 4, 3, stride=4), torch.nn.Linear(4, 3)
        with torch.no_grad():
            for parameter in self.parameters():
                parameter.copy_(torch.randn(parameter.shape, generator=generator))

    def forward(self, x):
        return 20 * self.head(self.conv(x).relu().mean((2, 3)))  # sure of a class, so that it has a grade


def test_progress_of_a_small_network_gets_there_as_well(sample):
    steps = []
    model = xai.load_model(Two(), class_names=["a", "b", "c"], input_size=64, device="cpu")
    found = trust_map(model, sample, method="saliency", progress=lambda *done: steps.append(done))
    assert len(found.trust.checks) == 4
    assert steps[-1][0] == steps[-1][1]


@pytest.mark.parametrize("which", ["grad_cam", "lime"])
def test_progress_goes_up_to_its_total(which, request):
    _, steps = request.getfixturevalue(which)
    done, total = zip(*steps, strict=True)
    assert len(set(total)) == 1
    assert list(done) == sorted(done)
    assert done[0] == 1
    assert done[-1] == total[0]
    assert done.count(total[0]) == 1  # not there before the end


def test_lime_is_asked_again_with_other_seeds(lime, sample, model):
    found, _ = lime
    assert (found.method, found.layer) == ("lime", "")
    assert found.seeds.shape == (3,)
    assert (np.abs(found.seeds) <= 1).all()
    assert found.trust.checks[-1] == studies.seeds_check(found.seeds, found.top_shared)
    assert found.top_shared.shape == (3,)
    assert len(found.trust.checks) == 5
    assert len(found.randomisation) == 1 + 3  # one draw of three steps
    parts = np.unique(found.heatmap)
    assert found.heatmap.shape == model.preprocessing.prepare(sample).pixels.shape[:2]
    assert 3 < len(parts) < 500  # a number a superpixel


def test_more_samples_steady_lime(model, sample, lime):
    steady = trust_map(model, sample, method="lime", settings={"num_samples": 300, "hide": "mean"})
    assert steady.seeds.mean() > lime[0].seeds.mean()


def test_saliency_is_at_the_inputs_resolution(model, sample, weights):
    found = trust_map(model, sample, method="saliency", target=sample.label, layer=model.select("stages")[0].name)
    assert (found.method, found.layer, found.target) == ("saliency", "", int(sample.label))
    assert found.heatmap.shape == (64, 64)
    assert len(found.trust.checks) == 4
    assert found.deletion["method"].unique().tolist() == ["Saliency", "random"]


def test_the_same_call_gives_the_same(grad_cam, model, sample):
    first, _ = grad_cam
    second = trust_map(model, sample)
    assert second.trust == first.trust
    np.testing.assert_array_equal(second.heatmap, first.heatmap)
    for name in ("randomisation", "deletion", "insertion", "agreements"):
        pd.testing.assert_frame_equal(getattr(second, name), getattr(first, name))


def test_another_seed_draws_other_weights(grad_cam, model, sample):
    other = trust_map(model, sample, seed=7).randomisation
    first = grad_cam[0].randomisation
    assert not other["rank_correlation"].equals(first["rank_correlation"])


def test_the_shared_models_weights_stay(model, weights, grad_cam, lime):
    after = model.net.state_dict()
    assert all(torch.equal(after[name], tensor) for name, tensor in weights.items())
    assert not model.net.training
    assert not any(parameter.requires_grad for parameter in model.net.parameters())
    assert not [m for m in model.net.modules() if m._forward_hooks or m._backward_hooks or m._forward_pre_hooks]


def test_an_impossible_method_lists_the_possible_ones(model, sample):
    with pytest.raises(
        ValueError,
        match=r"^There is no method 'shap'\. Choose one of: grad_cam, saliency, .*lime, .*finer_cam, .*hires_cam.*\.$",
    ):
        trust_map(model, sample, method="shap")


def test_an_impossible_layer_or_class_says_so(model, sample):
    with pytest.raises(LayerError, match="has no layer 'nowhere'"):
        trust_map(model, sample, layer="nowhere")
    with pytest.raises(TargetError, match="eleven"):
        trust_map(model, sample, target="eleven")


@pytest.mark.parametrize(
    ("value", "said"), [(0.0, "no place speaks for the class"), (2.5, "it points at no place"), (np.nan, "no numbers")]
)
def test_a_flat_map_fails_with_its_reason_and_nothing_else_is_done(value, said, model, sample, made_up):
    def flat(net, pictures, **asked):
        maps = xai.saliency(net, pictures, **asked)
        return replace(maps, maps={name: np.full_like(values, value) for name, values in maps.items()})

    found = trust_map(model, sample, method=made_up(flat))
    assert found.trust.grade == "fails"
    assert found.trust.headline == "Do not rely on it"
    (check,) = found.trust.checks
    assert said in check.sentence
    for name in ("randomisation", "deletion", "insertion", "agreements", "seeds"):
        assert len(getattr(found, name)) == 0


def test_a_class_that_nothing_speaks_for_fails_with_its_reason(model):
    """A real digit, a 1, of which no place speaks for a 5."""
    item = next(item for item in xai.load_dataset("textured_digits", limit=10).items if item.name == "1-0011")
    steps = []
    found = trust_map(model, item.read(), target="5", progress=lambda *done: steps.append(done))
    assert found.target == 5
    assert found.heatmap.max() <= 0
    assert (found.trust.grade, found.trust.headline) == ("fails", "Do not rely on it")
    (check,) = found.trust.checks
    assert "no place speaks for the class" in check.sentence
    assert len(found.randomisation) == len(found.deletion) == len(found.agreements) == 0
    assert steps[-1][0] <= steps[-1][1]


def test_a_plain_picture_is_checked_as_its_sample_is():
    model, (digit,) = xai.load_model("digits"), xai.load_dataset("textured_digits")[:1]
    whole, plain = xai.trust_map(model, digit), xai.trust_map(model, digit.pixels)
    assert plain.trust == whole.trust
