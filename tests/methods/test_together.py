"""Several methods at once: the maps are those of each alone, and those of the CAM family share their passes."""

import numpy as np
import pytest

import xai_core as xai
from tests.support.cams import TARGETS, noise, seeded
from tests.support.nets import hooks, left_alive

CAMS = ["grad_cam", "hires_cam", "layer_cam", "grad_cam_pp", "finer_cam"]


@pytest.fixture(scope="module")
def net():
    return seeded("resnet18")


def test_the_maps_are_those_of_each_method_alone(net):
    methods = [*CAMS, "saliency"]
    settings = {"finer_cam": {"rivals": 2}, "saliency": {"reduce": "mean"}}
    found = xai.explain_together(net, noise(), methods=methods, targets=TARGETS, layers="blocks", settings=settings)
    assert list(found) == methods
    for key in methods:
        where = {"layers": "blocks"} if key in CAMS else {}
        alone = xai.explain(net, noise(), method=key, targets=TARGETS, **where, **settings.get(key, {}))
        assert list(found[key]) == list(alone)
        for name in alone:
            np.testing.assert_allclose(found[key][name], alone[name], rtol=0, atol=1e-6 * np.abs(alone[name]).max())
        same = ("method", "key", "unit", "settings")
        assert [getattr(found[key], one) for one in same] == [getattr(alone, one) for one in same]
        np.testing.assert_array_equal(found[key].targets, TARGETS)
    assert hooks(net.net) == 0


def test_the_cams_share_one_forward_pass(net, forwards_of):
    sizes = forwards_of(net, room=8)
    xai.explain_together(net, noise(), methods=CAMS, batch_size=2)
    assert sizes == [2]


def test_an_unknown_method_is_said_before_anything_runs(net):
    with pytest.raises(xai.MethodError, match="There is no method 'shap'"):
        xai.explain_together(net, noise(), methods=["grad_cam", "shap"])


def test_nothing_of_a_batch_stays_alive(net):
    assert left_alive(lambda: xai.explain_together(net, noise(), methods=CAMS)) <= 0
