"""The panel "How the files were read", uploads with masks, and what a model's crop loses, on the pages."""

import io

import numpy as np
import pytest
import tifffile
from PIL import Image

from tests.support.deep import encoded
from tests.support.pages import open_page, run, text
from xai_core.data.decisions.codings import CODINGS

SIDE = 64
RNG = np.random.default_rng(0)
NOISE = [RNG.integers(0, 256, (SIDE, SIDE, 3), dtype=np.uint8) for _ in range(5)]
TRIMAP = np.zeros((SIDE, SIDE), np.uint8)
TRIMAP[10:50, 10:50] = 128
TRIMAP[18:42, 18:42] = 255
AUTO = "As found in the files"


def html(at):
    return "\n".join(element.proto.body for element in at.get("html"))


def trimaps(root, n=4):
    for part in ("images", "masks"):
        (root / part).mkdir(parents=True)
    for i in range(n):
        Image.fromarray(NOISE[i]).save(root / "images" / f"{i}.png")
        Image.fromarray(TRIMAP).save(root / "masks" / f"{i}.png")
    return str(root)


def open_panel(at):
    at.session_state["files-read"] = True
    return run(at)


def test_the_panel_says_what_was_decided_and_lets_it_be_changed(tmp_path):
    at = open_page("foreground", data="Folder", path=trimaps(tmp_path / "set"))
    assert "looked at" not in text(at)  # nothing is computed for a panel that is closed
    open_panel(at)
    assert "Of 4 pictures 4 were looked at: all have 8 bits a channel and are used as they are." in text(at)
    assert "Masks: trimap, 255 the object, 128 ignored (4 of 4 masks looked at say so)." in text(at)
    shown = html(at)
    assert shown.count("What counts of") == 3
    assert "14.1% object, 25.0% ignored" in shown
    chooser = at.selectbox(key="mask-coding")
    assert chooser.options == [AUTO, *(coding.title for coding in CODINGS.values())]
    chooser.set_value(CODINGS["nonzero"].title)
    run(at)
    assert "Masks: all but 0 is the object (as you chose)." in text(at)
    assert "39.1% object<" in html(at)
    assert at.session_state["address of this run"]["mask-coding"] == CODINGS["nonzero"].title


def test_the_address_holds_what_was_chosen_of_the_files(tmp_path):
    path = trimaps(tmp_path / "set")
    at = open_page("layer_explorer", data="Folder", path=path, mask_coding=CODINGS["white_ignored"].title, n="2")
    open_panel(at)
    assert "Masks: all but 0 is the object, white is ignored (as you chose)." in text(at)
    assert "25.0% object, 14.1% ignored" in html(at)
    wrong = open_page("layer_explorer", data="Folder", path=path, intensities="wide", n="2")
    assert "intensity_range must be 'auto', or the intensities that become black and white" in text(wrong)


def test_a_range_of_intensities_is_found_said_and_changed(tmp_path):
    for label in ("a", "b"):
        (tmp_path / label).mkdir()
        for i in range(2):
            deep = (NOISE[i][..., 0].astype(np.uint16) << 4) | 15
            (tmp_path / label / f"{i}.tif").write_bytes(encoded(deep, "TIFF"))
    at = open_panel(open_page("layer_explorer", data="Folder", path=str(tmp_path), n="2"))
    assert "Of 4 pictures 4 were looked at: 4 of them with more than 8 bits a channel." in text(at)
    assert "Intensities from 0 to 4,095 become black to white in every picture (12 bits, as" in text(at)
    assert "0.tif: scaled to 8 bits, from 0 to 4,095" in text(at)
    at.text_input(key="intensities").set_value("0:1023")
    run(at)
    assert "Intensities from 0 to 1,023 become black to white in every picture (as you chose)." in text(at)
    assert "0.tif: scaled to 8 bits, from 0 to 1,023" in text(at)


def test_data_sets_that_come_along_have_the_panel_without_choices():
    at = open_panel(open_page("layer_explorer", n="2"))
    assert "Masks come with the photos: outlines drawn by hand" in text(at)
    assert "Of 8 pictures 8 were looked at" in text(at)
    assert html(at).count("What counts of") == 3
    assert not {"mask-coding", "intensities", "pages", "bands"} & {
        one.key for kind in ("selectbox", "text_input") for one in getattr(at, kind)
    }


def test_the_report_says_how_the_files_were_read(tmp_path, monkeypatch):
    offered = {}
    monkeypatch.setattr("app.controls.offer_files", offered.update)
    open_page("layer_explorer", data="Folder", path=trimaps(tmp_path / "set"), mask_coding=CODINGS["zero"].title, n="2")
    report = offered["Report (HTML)"][2]()
    assert "<summary>How the files were read</summary>" in report
    assert "<li>Masks: 0 is the object (as you chose).</li>" in report


def upload(at, *files):
    at.file_uploader(key="files").set_value([(name, content, "image/png") for name, content in files])
    return run(at)


def test_all_uploads_are_shown_however_many_are_dropped_later():
    files = [(f"{i}.png", encoded(NOISE[i])) for i in range(5)]
    at = upload(open_page("layer_explorer", data="Upload"), *files[:2])
    assert "2 pictures · 5 layers" in text(at)
    upload(at, *files)
    assert "5 pictures · 5 layers" in text(at)


def test_pages_and_bands_of_uploads_are_chosen_in_the_panel():
    stack = io.BytesIO()
    pages = [Image.fromarray(one) for one in NOISE[:3]]
    pages[0].save(stack, "TIFF", save_all=True, append_images=pages[1:])
    scene = io.BytesIO()
    tifffile.imwrite(scene, np.concatenate(NOISE[:2], axis=2), photometric="minisblack", planarconfig="contig")
    files = (("stack.tif", stack.getvalue()), ("scene.tif", scene.getvalue()))
    at = upload(open_panel(open_page("layer_explorer", data="Upload")), *files)
    assert "1 picture · 5 layers" in text(at)
    (left_out,) = [frame.value for frame in at.dataframe if "why" in frame.value]
    assert left_out["why"][0].startswith(
        "scene.tif has 6 bands, and which of them are red, green and blue is not known."
    )
    at.text_input(key="bands").set_value("4, 5, 6")
    at.selectbox(key="pages").set_value("Each, as a picture of its own")
    run(at)
    assert "4 pictures · 5 layers" in text(at)
    assert "Each page is a picture: 1 of 2 files has several pages, 4 pages in all" in text(at)
    assert "stack.tif page 3: page 3 of 3  \nscene.tif: bands 4, 5, 6 of 6" in text(at)
    address = at.session_state["address of this run"]
    assert (address["bands"], address["pages"]) == ("4, 5, 6", "Each, as a picture of its own")
    at.text_input(key="bands").set_value("4, 5")
    assert "bands must be three numbers from 1 on for red, green and blue, such as" in text(run(at))


def test_notes_name_their_file_a_line_each():
    turned = Image.Exif()
    turned[0x0112] = 6
    deep = encoded(np.arange(64, dtype=np.uint16).reshape(8, 8) * 1000)
    at = upload(
        open_page("layer_explorer", data="Upload"),
        ("plain.png", encoded(NOISE[0])),
        ("phone.jpg", encoded(NOISE[1], "JPEG", exif=turned)),
        ("deep.png", deep),
    )
    assert "phone.jpg: turned upright as its EXIF says  \ndeep.png: scaled to 8 bits" in text(at)


def test_a_mask_can_be_dropped_beside_its_picture():
    at = upload(
        open_page("foreground", data="Upload"),
        ("scan.jpg", encoded(NOISE[0], "JPEG")),
        ("scan_mask.png", encoded(TRIMAP)),
        ("other.png", encoded(NOISE[1])),
    )
    assert "1 of 2 pictures is left out because it has no mask." in text(at)
    assert "1 picture with a mask" in text(at)
    assert "scan.jpg: its mask from scan_mask.png; its mask is a trimap" in text(at)


@pytest.fixture
def portraits(tmp_path):
    for part in ("images", "masks"):
        (tmp_path / part).mkdir()
    for i in range(2):
        tall = np.vstack([NOISE[i]] * 4)
        mask = np.zeros(tall.shape[:2], np.uint8)
        mask[80 - 16 * i : 112 - 16 * i, 10:50] = 255  # partly above what is seen
        Image.fromarray(tall).save(tmp_path / "images" / f"{i}.png")
        Image.fromarray(mask).save(tmp_path / "masks" / f"{i}.png")
    return str(tmp_path)


def test_what_the_crop_loses_is_said_and_drawn(portraits):
    at = open_page("foreground", data="Folder", path=portraits, picture="0.png")
    said = text(at)
    assert (
        "sees only the middle of a picture: in 2 of 2 pictures (0.png, …), 81% of the area is cut off on average"
        in said
    )
    # Seen are the 56 rows in the middle, from row 100 on: 12 of the rows 80 to 111, and none of 64 to 95.
    assert "in 2 of 2 pictures (0.png, …), 81% of the object's mask is cut off on average." in said
    assert "The whole picture. The model sees the 19% in the frame." in html(at)
    layers = open_page("layer_explorer", data="Folder", path=portraits)
    assert "81% of the area is cut off" in text(layers)
    assert html(layers).count("The model sees the") == 2


def test_square_pictures_are_not_warned_of(tmp_path):
    at = open_page("foreground", data="Folder", path=trimaps(tmp_path / "set"))
    assert "sees the middle" not in text(at)
