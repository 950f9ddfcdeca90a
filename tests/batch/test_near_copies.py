"""Batch studies look for near copies as pages do: what their summary and report say of pictures that count twice."""

import numpy as np
import pytest
from PIL import Image

import xai_core as xai
from tests.support.command import kept, study, summary
from xai_core.batch.maps import REDUCED, Looked
from xai_core.batch.store import SUMMARY, StudyFolder
from xai_core.studies import near_copies

SAID = "4 of 22 pictures look nearly the same as another one (2 sets of near copies)"


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Twenty digits with masks, and two of them a little brighter once more."""
    folder = tmp_path_factory.mktemp("copies")
    for name in ("images", "masks"):
        (folder / name).mkdir()
    digits = list(xai.load_dataset("textured_digits", split="val", limit=20))
    brighter = [np.clip(one.pixels * 1.1, 0, 255).astype(np.uint8) for one in digits[:2]]
    pictures = [*((one.pixels, one.mask) for one in digits), *zip(brighter, (one.mask for one in digits), strict=False)]
    for number, (pixels, mask) in enumerate(pictures):
        Image.fromarray(pixels).save(folder / "images" / f"{number:02d}.png")
        Image.fromarray(255 * mask).save(folder / "masks" / f"{number:02d}.png")
    return folder


@pytest.fixture(scope="module", params=["layers", "foreground"])
def done(request, folder, tmp_path_factory):
    out = tmp_path_factory.mktemp(request.param) / "out"
    assert study(request.param, out, common=("--data", folder, "--model", "digits")) == 0
    return out


def test_a_study_says_which_pictures_count_twice(done, folder):
    found = summary(done)
    assert found["findings"][0].startswith(SAID)
    assert found["tone"] not in ("yes", "no")
    assert SAID in (done / "report.html").read_text()
    model = xai.load_model("digits")
    seen = near_copies([model.preprocessing.prepare(one) for one in xai.load_dataset(folder)])
    there = StudyFolder.open(done)
    assert Looked.of(there).near_copies(there) == seen


def test_a_study_that_did_not_look_says_nothing_of_copies(done, folder, tmp_path):
    """Parts of an older version hold no small copies of pictures; they count all the same."""
    older = StudyFolder.open(kept(done, tmp_path / "older"))
    for number in range(older.head["parts"]):
        about = older.about(number)
        arrays = {name: older.array(number, name) for name in about.pop("arrays") if name != REDUCED}
        older.write(number, about, arrays)
    (older.folder / SUMMARY).unlink()
    assert study(older.kind, older.folder, common=("--data", folder, "--model", "digits")) == 0
    assert summary(older.folder)["headline"] == summary(done)["headline"]
    assert not any("nearly the same" in one for one in summary(older.folder)["findings"])
