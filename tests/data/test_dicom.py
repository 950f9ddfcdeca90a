"""DICOM: windows, rescaling and photometric interpretation by hand and against pydicom, frames, and what is refused."""

import io
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from pydicom import dcmread, examples
from pydicom.pixels import apply_modality_lut, apply_windowing

import xai_core as xai
from tests.support.dicom import dicom
from xai_core.data.dicom import Window, is_dicom

RAMP = np.arange(0, 4096, 273, dtype=np.uint16)[None].repeat(2, 0)  # 0 to 4095 in 16 steps


def sample(tmp_path, content, **options):
    (tmp_path / "cat").mkdir(exist_ok=True)
    (tmp_path / "cat" / "1.dcm").write_bytes(content)
    return xai.load_dataset(tmp_path, **options)[0]


def grey(found):
    assert (found.pixels[..., :1] == found.pixels).all()
    return found.pixels[..., 0]


def test_eight_bits_are_as_they_are(tmp_path):
    values = np.arange(12, dtype=np.uint8).reshape(3, 4)
    found = sample(tmp_path, dicom(values))
    assert (grey(found) == values).all()
    assert found.label == "cat"
    assert (grey(sample(tmp_path, dicom(values, "MONOCHROME1"))) == 255 - values).all()


def test_colours(tmp_path):
    values = np.random.default_rng(0).integers(0, 256, (3, 4, 3), dtype=np.uint8)
    assert (sample(tmp_path, dicom(values, "RGB")).pixels == values).all()
    grey_in_ybr = np.full((3, 4, 3), 128, np.uint8)
    grey_in_ybr[..., 0] = 77
    assert abs(sample(tmp_path, dicom(grey_in_ybr, "YBR_FULL")).pixels.astype(int) - 77).max() <= 1


def test_a_window_worked_out_by_hand(tmp_path):
    """Center 40, width 400 in Hounsfield units: black up to 40 - 0.5 - 199.5, white from 40 - 0.5 + 199.5 on."""
    units = np.array([[-1000, -161, -160, 39, 40, 239, 240, 3000]], np.int16)
    content = dicom(units + 1024, RescaleSlope=1, RescaleIntercept=-1024, WindowCenter=40, WindowWidth=400)
    found = sample(tmp_path, content)
    # (x - 39.5) / 399 + 0.5, of 255
    expected = [0, 0, 0, round((-0.5 / 399 + 0.5) * 255), round((0.5 / 399 + 0.5) * 255), 255, 255, 255]
    assert grey(found)[0].tolist() == expected
    assert found.notes == ("the file's window, 40 ± 200",)
    chosen = grey(sample(tmp_path, content, intensity_range=(-160, 240)))[0].tolist()
    assert chosen == [0, 0, 0, *(round(part / 400 * 255) for part in (199, 200, 399)), 255, 255]
    several = dicom(units, WindowCenter=[40, 500], WindowWidth=[400, 1000])
    assert grey(sample(tmp_path, several))[0].tolist() == expected


@pytest.mark.parametrize("function", ["LINEAR", "LINEAR_EXACT", "SIGMOID"])
@pytest.mark.parametrize(("center", "width"), [(2048, 4096), (1000, 500), (300.5, 77), (100, 2)])
def test_windows_are_pydicoms(function, center, width):
    file = dcmread(io.BytesIO(dicom(RAMP, bits=12)))
    file.WindowCenter, file.WindowWidth, file.VOILUTFunction = center, width, function
    theirs = apply_windowing(RAMP, file) / 4095 * 255
    assert abs(Window(center, width, function).apply(RAMP) - theirs).max() <= 0.5001


def test_without_a_window_one_range_holds_for_the_set(tmp_path):
    (tmp_path / "cat").mkdir()
    (tmp_path / "cat" / "1.dcm").write_bytes(dicom(RAMP, bits=12))
    (tmp_path / "cat" / "2.dcm").write_bytes(dicom(RAMP // 4, bits=12))
    first, second = xai.load_dataset(tmp_path)
    assert (grey(first).min(), grey(first).max()) == (0, 255)
    assert grey(second).max() == pytest.approx(255 / 4, abs=1)
    inverted = sample(tmp_path, dicom(RAMP, "MONOCHROME1", bits=12))
    assert (grey(inverted) == 255 - grey(first)).all()


def test_pydicoms_own_files(tmp_path):
    """A CT slice with its units, and pictures in a palette and compressed."""
    ct = examples.ct
    content = Path(examples.get_path("ct")).read_bytes()
    units = apply_modality_lut(ct.pixel_array, ct)
    found = grey(sample(tmp_path, content, intensity_range=(-1000, 1000)))
    assert abs(found - np.clip((units + 1000) / 2000 * 255, 0, 255)).max() <= 1
    for name in ("rgb_color", "palette_color", "jpeg2k", "overlay"):
        shown = getattr(examples, name)
        pixels = sample(tmp_path, Path(examples.get_path(name)).read_bytes()).pixels
        assert pixels.shape == (shown.Rows, shown.Columns, 3)
        assert pixels.std() > 5
    rgb = examples.rgb_color
    content = Path(examples.get_path("rgb_color")).read_bytes()
    assert (sample(tmp_path, content).pixels == rgb.pixel_array).all()


def test_frames(tmp_path):
    values = np.random.default_rng(0).integers(0, 256, (3, 4, 5), dtype=np.uint8)
    (tmp_path / "cat").mkdir()
    (tmp_path / "cat" / "1.dcm").write_bytes(dicom(values))
    first = xai.load_dataset(tmp_path)[0]
    assert (grey(first) == values[0]).all()
    assert first.notes == ("first of 3 frames",)
    each = xai.load_dataset(tmp_path, pages="each")
    assert [item.name for item in each.items] == [f"cat/1.dcm page {number}" for number in (1, 2, 3)]
    assert {item.group for item in each.items} == {"cat/1.dcm"}
    assert {item.label for item in each.items} == {"cat"}
    assert all((grey(found) == frame).all() for found, frame in zip(each, values, strict=True))
    assert len(xai.load_dataset(tmp_path / "cat" / "1.dcm")) == 3


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (dicom(RAMP)[:400], "damaged or cut off|without a picture"),
        (b"\0" * 128 + b"DICM", "damaged|without a picture"),
        (b"\0" * 128 + b"DICM" + bytes(999), "damaged|without a picture"),
        (dicom(RAMP, Rows=60_000, Columns=60_000), "at most 100 million are read"),
        (dicom(RAMP, Rows=60, Columns=60), "cannot be decoded|damaged"),
    ],
)
def test_what_is_damaged_is_said(tmp_path, content, said):
    with pytest.raises(xai.PictureError, match=said):
        sample(tmp_path, content)


def test_the_missing_package_is_named(tmp_path):
    path = tmp_path / "1.dcm"
    path.write_bytes(dicom(RAMP))
    hidden = "import sys; sys.modules['pydicom'] = None; import xai_core as xai; from pathlib import Path; "
    for code, said in (
        (f"xai.from_uploads([('1.dcm', Path({str(path)!r}).read_bytes())])[0]", "pip install 'xai-core[medical]'."),
        (f"xai.load_dataset({str(tmp_path)!r})", ".dcm: install the extra `medical`."),
    ):
        done = subprocess.run([sys.executable, "-c", hidden + code], capture_output=True, text=True, check=False)
        assert said in done.stderr


def test_uploads_and_names_without_an_ending(tmp_path):
    content = dicom(np.arange(12, dtype=np.uint8).reshape(3, 4))
    assert is_dicom(content)
    assert grey(xai.from_uploads([("IM0001", content)])[0]).max() == 11
    (tmp_path / "cat").mkdir()
    (tmp_path / "cat" / "IM0001").write_bytes(content)
    assert [item.name for item in xai.load_dataset(tmp_path).items] == ["cat/IM0001"]
