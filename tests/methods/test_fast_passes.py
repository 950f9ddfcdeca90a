"""Passes in bfloat16: off unless asked for, where the machine has it, with what they have in common with float32."""

import numpy as np
import pytest
import torch

import xai_core as xai
from xai_core.inference import half, layer_maps
from xai_core.methods.precision import FAST

CAMS = ("grad_cam", "hires_cam", "layer_cam", "grad_cam_pp", "finer_cam")


@pytest.fixture(scope="module")
def model():
    return xai.load_model("digits", device="cpu")


@pytest.fixture(scope="module")
def digits():
    return xai.load_dataset("textured_digits").choose(limit=6)


@pytest.fixture
def native(monkeypatch):
    """As on a machine that computes in bfloat16; others give the same numbers, slowly."""
    monkeypatch.setattr(half, "computes_in_bfloat16", lambda device: True)


@pytest.mark.parametrize("key", CAMS)
def test_maps_agree_with_float32_and_say_how_far(key, model, digits, native):
    exact = xai.explain(model, digits, method=key, batch_size=3)
    fast = xai.explain(model, digits, method=key, batch_size=3, targets=exact.targets, fast=True)
    assert fast.settings == {"fast": True}
    (said,) = fast.quality.values()
    assert np.isnan(said[half.COMPARED :]).all()
    expected = half.agreement(fast.take(slice(half.COMPARED)).maps, exact.take(slice(half.COMPARED)).maps)
    np.testing.assert_allclose(said[: half.COMPARED], expected, atol=1e-6)
    assert expected.mean() > 0.99
    assert all((fast[layer] != exact[layer]).any() for layer in exact)  # it is another precision


def test_several_share_their_passes_in_either_precision(model, digits, native):
    alone = {key: xai.explain(model, digits, method=key, fast=key != "finer_cam") for key in CAMS}
    settings = {key: {"fast": True} for key in CAMS if key != "finer_cam"}
    found = xai.explain_together(model, digits, methods=CAMS, settings=settings)
    for key in CAMS:
        assert (found[key].quality is None) == (key == "finer_cam")
        for layer in alone[key]:
            np.testing.assert_array_equal(found[key][layer], alone[key][layer])


def test_it_is_off_and_refused_where_the_machine_lacks_it(model, digits, monkeypatch):
    monkeypatch.setattr(half, "computes_in_bfloat16", lambda device: False)
    assert xai.explain(model, digits, method="grad_cam").quality is None
    with pytest.raises(xai.MethodError, match="does not compute in bfloat16 itself"):
        xai.explain(model, digits, method="grad_cam", fast=True)
    assert FAST.offered(model) is False
    assert FAST.parsed("True") is True
    assert FAST.parsed("bfloat16, fast") is True


@pytest.mark.parametrize(("flags", "there"), [("fma avx512_bf16", True), ("asimd bf16 i8mm", True), ("avx2", False)])
def test_a_processor_says_whether_it_has_it(flags, there, tmp_path, monkeypatch):
    info = tmp_path / "cpuinfo"
    info.write_text(f"flags : fpu {flags}\n")
    monkeypatch.setattr(half, "_INFO", info)
    assert half.computes_in_bfloat16(torch.device("cpu")) is there


def test_agreement_leaves_out_layers_on_which_a_map_is_flat():
    ramp = np.arange(16.0, dtype=np.float32).reshape(1, 4, 4)
    found = half.agreement({"a": ramp, "b": ramp}, {"a": -ramp, "b": np.zeros_like(ramp)})
    np.testing.assert_allclose(found, [-1])
    assert np.isnan(half.agreement({"a": ramp}, {"a": np.zeros_like(ramp)})).all()


def test_the_engine_names_no_precision_by_itself(model, digits):
    assert layer_maps.layer_maps(model, digits, lambda a, g: (a * g).sum(1)).quality is None
