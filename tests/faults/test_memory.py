"""Too little memory: batches are halved, and where even one picture is too much, a sentence says so."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import streamlit as st
import torch

import xai_core as xai
from app.jobs import queue as work
from tests.support.pages import html, open_page, text
from xai_core.shipped import RUNS

ROOT = Path(__file__).parents[2]
CPU = (
    "[enforce fail at alloc_cpu.cpp:127] err == 0. DefaultCPUAllocator: can't allocate memory: you tried to allocate "
    "67108864 bytes. Error code 12 (Cannot allocate memory)"
)
ERRORS = {
    "accelerator": torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB."),
    "processor": RuntimeError(CPU),
    "Python": MemoryError(),
}
REAL = """
import resource, sys
import numpy as np, psutil, torch
import xai_core as xai
torch.set_num_threads(1)
model = xai.load_model("digits", device="cpu")
pictures = torch.rand(768, 3, 64, 64)
expected = xai.predict(model, pictures, batch_size=16).probabilities
room = psutil.Process().memory_info().vms + (200 << 20)
resource.setrlimit(resource.RLIMIT_AS, (room, room))
found = xai.predict(model, pictures, batch_size=768).probabilities
print(np.abs(found - expected).max() < 1e-5)
"""


def forget():
    """What pages before computed, as after the server's start."""
    st.cache_data.clear()
    st.cache_resource.clear()
    work._queues.clear()


@pytest.fixture(autouse=True)
def nothing_kept():
    forget()
    yield
    forget()


@pytest.fixture
def short_of_memory(monkeypatch):
    """Called with an error and how many pictures have room: the model of all pages, and the sizes that it was given."""

    def make(error, room):
        model = xai.load_model(RUNS["digits"][1] / "checkpoints" / "0004.safetensors", device="cpu")
        forward, sizes = model.net.forward, []

        def limited(x):
            sizes.append(len(x))
            if len(x) > room:
                raise error
            return forward(x)

        monkeypatch.setattr(model.net, "forward", limited)
        monkeypatch.setattr("app.cache.models.classifier", lambda *_: model)
        return model, sizes

    return make


@pytest.mark.parametrize("kind", ERRORS)
def test_batches_that_do_not_fit_are_halved(kind, short_of_memory):
    samples = list(xai.load_dataset("textured_digits").choose(limit=8))
    model, sizes = short_of_memory(ERRORS[kind], 2)
    found = xai.grad_cam(model, samples)
    halved, said = sizes.copy(), xai.predict(model, samples).probabilities
    assert max(halved) == 8
    assert sum(halved[-4:]) == 8
    whole, _ = short_of_memory(ERRORS[kind], 100)
    expected = xai.grad_cam(whole, samples)
    for layer in expected:
        np.testing.assert_allclose(found[layer], expected[layer], rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(said, xai.predict(whole, samples).probabilities, rtol=1e-4, atol=1e-6)


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="needs a limit of memory that the system keeps")
def test_memory_that_really_ends_halves_a_batch():
    done = subprocess.run([sys.executable, "-c", REAL], cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "True\n"), done.stderr


@pytest.mark.parametrize("kind", ERRORS)
def test_a_page_whose_batches_do_not_fit_shows_the_right_maps(kind, short_of_memory, monkeypatch):
    real, made = xai.explain, []

    def explain(*args, **kwargs):
        found = real(*args, **kwargs)
        made.extend([found] if kwargs["method"] == "grad_cam" else [])
        return found

    monkeypatch.setattr("xai_core.explain", explain)
    _, sizes = short_of_memory(ERRORS[kind], 2)
    at = open_page("layer_explorer", data="Textured digits", n="8")
    assert " · 8 pictures · 3 layers" in text(at)
    assert max(sizes) > 2
    assert html(at).count("<img") == 4 * 4
    short_of_memory(ERRORS[kind], 100)
    forget()
    at = open_page("layer_explorer", data="Textured digits", n="8")
    first, second = made
    for layer in second:
        np.testing.assert_allclose(first[layer], second[layer], rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("kind", ERRORS)
@pytest.mark.parametrize("page", ["layer_explorer", "foreground", "misclassifications"])
def test_a_page_without_room_for_one_picture_says_so_in_a_sentence(page, kind, short_of_memory):
    short_of_memory(ERRORS[kind], 0)
    data = "Textured digits (shortcut)" if page == "foreground" else "Textured digits"
    at = open_page(page, data=data, n="8")
    said = text(at)
    assert "memory" in said
    assert "Traceback" not in said
    assert "enforce fail" not in said


def test_a_run_whose_film_has_no_room_says_so_in_a_sentence(short_of_memory, monkeypatch):
    model, _ = short_of_memory(ERRORS["accelerator"], 0)
    monkeypatch.setattr("app.cache.models.checkpoint", lambda path: model)
    at = open_page("training_evolution")
    said = text(at)
    assert "memory" in said
    assert "Confusion matrix by epoch" in said


def test_after_too_little_memory_the_same_page_works_again(short_of_memory):
    """Nothing of the failure is kept."""
    from streamlit.testing.v1 import AppTest

    from tests.support.pages import MAIN, run

    short_of_memory(ERRORS["accelerator"], 0)
    at = AppTest.from_file(MAIN, default_timeout=120)
    at.query_params.update({"data": "Textured digits", "n": "8"})
    at.switch_page("views/layer_explorer.py")
    at.run()
    assert " · 8 pictures" not in text(at)
    short_of_memory(ERRORS["accelerator"], 100)
    assert " · 8 pictures · 3 layers" in text(run(at))
