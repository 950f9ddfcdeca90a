"""Stop: a method that is left in the middle keeps what it has, and leaves neither hook nor lock behind."""

import numpy as np
import pytest

import xai_core as xai
from app import cache
from tests.support.nets import hooks, is_free

SAMPLED = {
    "occlusion": {"patches": 8, "overlap": 1},
    "rise": {"num_samples": 96},
    "kernel_shap": {"num_samples": 200},
    "lime": {"num_samples": 96},
}
GRADIENT = {"integrated_gradients": {"steps": 20}, "smooth_grad": {"samples": 10}, "guided_grad_cam": {}}


class Stopped(Exception):  # noqa: N818 (nothing is wrong)
    """What a visitor's click raises."""


@pytest.fixture(scope="module")
def digits():
    return xai.load_dataset("textured_digits").choose(limit=9)


@pytest.fixture(scope="module")
def model():
    return xai.load_model("digits", device="cpu")


@pytest.mark.parametrize("key", SAMPLED)
def test_what_draws_samples_keeps_its_estimate_and_can_go_on(key, model, digits):
    method = xai.get_method(key)
    settings = SAMPLED[key] | {"precision": "float32"}
    steps = method.grow(model, digits[0], targets=[2, 5], every=32, **settings)
    first = next(steps)
    assert 0 < first.done < first.planned
    assert not first.complete
    (maps,) = first.heatmaps.values()
    assert maps.shape[0] == 2
    assert np.isfinite(maps).all()
    assert np.ptp(maps) > 0  # a map already, of what was drawn
    assert is_free(model.lock)  # whoever else asks the model need not wait while it stands still
    *_, last = steps
    assert last.complete
    whole = list(method.grow(model, digits[0], targets=[2, 5], every=10**9, **settings))[-1]
    for one, other in zip(last.heatmaps.values(), whole.heatmaps.values(), strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("key", SAMPLED)
def test_what_draws_samples_can_be_left_for_good(key, model, digits):
    steps = xai.get_method(key).grow(model, digits[0], targets=[2], every=32, **SAMPLED[key], precision="float32")
    next(steps)
    steps.close()
    assert is_free(model.lock)
    assert hooks(model.net) == 0


@pytest.mark.parametrize("key", GRADIENT)
def test_gradients_stopped_between_pictures_leave_nothing_behind(key, model, digits):
    def stop(done, total):
        raise Stopped

    with pytest.raises(Stopped):
        xai.explain(model, digits, method=key, batch_size=4, progress=stop, **GRADIENT[key])
    assert is_free(model.lock)
    assert hooks(model.net) == 0
    assert not any(parameter.requires_grad for parameter in model.net.parameters())


@pytest.mark.parametrize("key", GRADIENT)
def test_a_page_that_is_stopped_goes_on_where_it_was(key, model, digits, monkeypatch):
    """Finished batches are kept: another run computes the rest alone, and gives what an undisturbed one gives."""
    samples = [model.preprocessing.prepare(one) for one in digits]
    method, asked = xai.get_method(key), []
    layers = model.select("stages")[-1:] if method.at_layers else ()
    explain = xai.explain
    monkeypatch.setattr(xai, "explain", lambda *given, **more: asked.append(len(given[1])) or explain(*given, **more))

    def maps(progress):
        return cache.maps.heatmaps(
            model, samples, layers, [None] * len(samples), progress, method=method, settings=GRADIENT[key]
        )

    def stop(done, total):
        raise Stopped

    with pytest.raises(Stopped):
        maps(stop)
    assert asked == [8]
    found = maps(lambda done, total: None)
    assert asked == [8, 1]
    whole = explain(model, samples, method=key, **({"layers": layers} if layers else {}), **GRADIENT[key])
    for one, other in zip(found.values(), whole.values(), strict=True):
        np.testing.assert_allclose(one, other, atol=1e-4 * np.abs(other).max())
