"""What docs/security.md promises to those who run a server for others."""

import io
import re
import zipfile
from pathlib import Path

import pytest
from PIL import Image

import xai_core as xai
from xai_core import quotas

SECURITY = (Path(__file__).parents[2] / "docs" / "security.md").read_text()


def test_every_bound_is_in_the_table_with_its_default():
    rows = re.findall(r"^\| `(XAI_\w+)` \| (\d+) \| (.+) \|$", SECURITY, re.MULTILINE)
    said = {name: (int(default), what) for name, default, what in rows}
    known = {one.variable: (one.default, one.bounds) for one in quotas.QUOTAS}
    assert said == known
    assert len(rows) == len(said)
    assert {one for one in vars(quotas).values() if isinstance(one, quotas.Quota)} == set(quotas.QUOTAS)


# Uploads are known by their content and not by their name


def picture(level, kind="PNG"):
    file = io.BytesIO()
    Image.new("RGB", (8, 8), (level, level, level)).save(file, kind)
    return file.getvalue()


def test_an_upload_is_another_under_the_same_name_and_the_same_under_another():
    light, dark = picture(200), picture(20)
    one, other, again = (
        xai.from_uploads([(name, content)]) for name, content in (("a.png", light), ("a.png", dark), ("b.png", light))
    )
    assert one.items[0].stamp != other.items[0].stamp
    assert (one[0].id, one[0].pixels.max(), other[0].pixels.max()) == (again[0].id, 200, 20)


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "BMP", "GIF", "WEBP"])
def test_what_an_upload_is_does_not_depend_on_its_ending(kind):
    for name in ("a.png", "a.jpg", "a.exe", "a"):
        (sample,), problems = xai.from_uploads([(name, picture(200, kind))]).read()
        assert not problems
        assert sample.pixels.shape == (8, 8, 3)


def test_an_archive_is_no_picture_whatever_it_is_called():
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("a.png", picture(0))
    for name in ("a.zip", "a.png"):
        samples, problems = xai.from_uploads([(name, file.getvalue())]).read()
        assert (len(samples), len(problems)) == (0, 1)
