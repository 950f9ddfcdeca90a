"""Results on disk as the pages use them: found by the next server, computed again where damaged, said once."""

import time

import numpy as np
import pytest

import xai_core as xai
from app import controls, jobs
from tests.support.kept_results import begin_anew, entries, kept_in
from tests.support.pages import html, open_page, press, run, text
from tests.support.pictures import png

DIGITS = {"data": "Textured digits", "n": "4"}


@pytest.fixture
def folder(tmp_path, monkeypatch):
    with kept_in(tmp_path / "cache", monkeypatch) as folder:
        yield folder


def refuse(*_, **__):
    raise AssertionError("It is computed though it is on disk.")


def test_nothing_is_written_unless_it_is_asked_for(tmp_path, monkeypatch):
    monkeypatch.delenv("XAI_CACHE_DIR", raising=False)
    begin_anew()
    assert jobs.queue.disk() is None
    assert jobs.queue.stored("one", 1, lambda: 5) == 5


def test_the_next_server_finds_the_maps(folder, monkeypatch):
    before = html(open_page("layer_explorer", **DIGITS))
    assert entries(folder)
    begin_anew()
    monkeypatch.setattr(xai, "explain", refuse)
    assert html(open_page("layer_explorer", **DIGITS)) == before


def test_damaged_results_are_computed_again_and_that_is_said_once(folder):
    before = html(open_page("layer_explorer", **(DIGITS | {"n": "16"})))
    assert len(entries(folder)) > 1
    for entry in entries(folder):
        content = bytearray(entry.read_bytes())
        content[len(content) // 2] ^= 0xFF
        entry.write_bytes(content)
    begin_anew()
    at = open_page("layer_explorer", **(DIGITS | {"n": "16"}))
    assert html(at) == before
    assert [toast.value for toast in at.toast] == [
        "A result on the server's disk was damaged. It is computed again; the log names each."
    ]
    run(at)
    assert not at.toast
    begin_anew()
    assert not open_page("layer_explorer", **(DIGITS | {"n": "16"})).toast


def test_a_folder_that_cannot_be_written_costs_nothing_but_a_sentence(folder):
    folder.write_bytes(b"a file")
    at = open_page("layer_explorer", **DIGITS)
    assert "4 pictures · 3 layers" in text(at)
    assert any("cannot be kept" in toast.value or "cannot be read" in toast.value for toast in at.toast)
    said = len(at.toast)
    assert said <= 2
    at = open_page("foreground", data="Textured digits (shortcut)", n="8")
    assert not any("cannot be kept" in toast.value for toast in at.toast)


def test_an_evaluation_is_found_as_far_as_it_came(folder, monkeypatch):
    address = {"data": "Textured digits", "part": "test", "n": "200", "model": "SmallResNet on digits"}
    before = text(open_page("misclassifications", **address))
    begin_anew()
    monkeypatch.setattr(xai, "evaluate_batch", refuse)
    after = text(open_page("misclassifications", **address))
    words = [line for line in before.splitlines() if "right" in line or "wrong" in line]
    assert words
    assert [line for line in after.splitlines() if "right" in line or "wrong" in line] == words


def test_lime_and_the_checks_of_a_map_are_found(folder, monkeypatch):
    model = xai.load_model("digits")
    sample = model.preprocessing.prepare(xai.load_dataset("textured_digits")[0])
    settings = {"num_samples": 60, "segments": "slic"}
    asked = ("lime", model.id, sample.id, (1, 2), tuple(settings.items()))
    first = jobs.growing.growing_run(*asked)
    assert first.latest is None
    first.want(lambda: xai.get_method("lime").grow(model, sample, targets=[1, 2], every=30, **settings))
    deadline = time.monotonic() + 60
    while not first.complete or first._thread is not None:
        first.want(refuse)
        assert time.monotonic() < deadline
        time.sleep(0.02)
    checks = jobs.checks.TrustRun()
    checks.compute(model, sample, xai.get_method("saliency"), 1, None, [], lambda *_: None)
    begin_anew()
    found = jobs.growing.growing_run(*asked)
    assert found.complete
    for name, maps in first.latest.heatmaps.items():
        np.testing.assert_array_equal(found.latest.heatmaps[name], maps)
    monkeypatch.setattr(jobs.checks, "trust_map", refuse)
    again = jobs.checks.TrustRun()
    again.compute(model, sample, xai.get_method("saliency"), 1, None, [], lambda *_: None)
    assert again.result.trust == checks.result.trust


def test_the_uploads_of_a_session_are_bounded(monkeypatch):
    monkeypatch.setattr(controls.uploads, "MAX_UPLOADS", 3)
    at = open_page("layer_explorer", data="Upload")
    files = [(f"{number}.png", png(number), "image/png") for number in range(5)]
    at.file_uploader(key="files").set_value(files)
    run(at)
    assert "The first 3 of 5 pictures are used: a session may keep 3, of 200 MB in all." in text(at)
    assert len(at.session_state["uploaded pictures"]) == 3
    size = sum(len(content) for _, content, _ in files[:2])
    monkeypatch.setattr(controls.uploads, "MAX_UPLOAD_MB", (size + 1) / 1e6)
    at.file_uploader(key="files").set_value(files)
    run(at)
    assert [name for name, _ in at.session_state["uploaded pictures"]] == ["0.png", "1.png"]
    monkeypatch.undo()
    press(at, "anew")
