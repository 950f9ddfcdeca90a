"""What the command is given that nobody would mean, and bounds that are no numbers."""

import io
import zipfile

import numpy as np
import pytest
from PIL import Image

import xai_core as xai
from tests.support.limits import bounded
from xai_core import plugins, quotas
from xai_core.command import main
from xai_core.inference.map_reading import read_maps
from xai_core.methods import maps_in_files

STUDY = ("study", "layers", "--data", "textured_digits", "--out", "x")


def test_a_model_without_a_name_is_refused(capsys):
    with pytest.raises(SystemExit):
        main([*STUDY, "--model", ""])
    assert "argument --model: it is empty" in capsys.readouterr().err


def test_a_plugin_without_a_name_is_refused(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "__init__.py").write_text("")  # the folder where the command was started would else be run
    with pytest.raises(plugins.PluginError, match="is empty"):
        plugins.state("")


@pytest.mark.parametrize("more", [[], ["--port", "8745"]])
def test_an_address_that_is_none_of_this_computer_is_a_sentence(more, capsys):
    assert main(["--address", "203.0.113.1", "--no-browser", *more]) == 2
    assert "cannot listen at --address '203.0.113.1'" in capsys.readouterr().err


@pytest.mark.parametrize("said", ["9" * 5_000, "9" * 10, "-1", "nan", "1e9", "²"])
def test_a_bound_that_no_system_counts_is_not_taken(said, monkeypatch, caplog):
    for one in quotas.QUOTAS:
        monkeypatch.setenv(one.variable, said)
        assert one.value == one.default
    assert "is no whole number of at most 9 digits" in caplog.text


# Maps that a visitor drops


def packed(**arrays):
    file = io.BytesIO()
    np.savez_compressed(file, **arrays)
    return file.getvalue()


@pytest.mark.parametrize("pictures", [1, 60])
def test_maps_that_unpack_to_more_than_may_be_dropped_are_refused(pictures):
    content = packed(maps=np.zeros((pictures, 60 // pictures * 1_000, 1_000), np.float32))  # 240 kB
    names = [str(place) for place in range(pictures)]
    with bounded(1.0, 60), pytest.raises(xai.DataError, match="unpacks to more than 200 MB"):  # 1 GB of them before
        maps_in_files([("maps.npz", content)], names)


def test_a_map_of_more_cells_than_one_needs_is_refused():
    large = np.zeros((4_097, 4_097), np.uint8)
    large[0, 0] = 1
    with pytest.raises(xai.DataError, match="has 4,097 x 4,097 cells; at most 16,777,216"):
        maps_in_files([("a.npz", packed(a=large))], ["a"])
    file = io.BytesIO()
    Image.fromarray(large).save(file, "PNG")
    with pytest.raises(xai.DataError, match="too many for a map"):
        maps_in_files([("a.png", file.getvalue())], ["a"])


def test_members_that_are_no_arrays_are_none():
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("a.npy", b"")
        archive.writestr("notes", b"text")
    with pytest.raises(xai.DataError, match="holds no array"):
        maps_in_files([("a.npz", file.getvalue())], ["a"])


# Paths that are none, and devices that are not here

NOWHERE = {"~nobodyxyz/x": "Nobody here has the home '~nobodyxyz'", "x" * 5_000: "is too long"}


@pytest.mark.parametrize("option", ["--data", "--model", "--labels-file", "--classes", "--maps", "--out", "--plugin"])
@pytest.mark.parametrize(("place", "says"), NOWHERE.items(), ids=["home", "length"])
def test_a_path_that_can_be_none_is_a_sentence(option, place, says, tmp_path, capsys):
    given = {"--data": "textured_digits", "--model": "digits", "--out": str(tmp_path / "out"), option: place}
    arguments = [part for pair in given.items() for part in pair]
    try:
        code = main(["study", "layers", "--limit", "2", "--quiet", *arguments])
    except SystemExit as end:  # of a plug-in, before the command's own arguments are read
        code = end.code
    said = capsys.readouterr().err
    assert (code, says in said, len(said) < 200) == (2, True, True)


@pytest.mark.parametrize("option", ["--data", "--model"])
@pytest.mark.parametrize(("place", "says"), [*NOWHERE.items(), ("/dev/zero", "neither a folder nor an ordinary file")])
def test_the_dashboard_opens_with_nothing_else(option, place, says, capsys):
    assert main([option, place, "--no-browser", "--json"]) == 2
    assert says in capsys.readouterr().err


def test_a_card_is_not_written_into_the_home_of_nobody(tmp_path, capsys):
    out = tmp_path / "out"
    assert main([*STUDY[:-1], str(out), "--model", "digits", "--limit", "2", "--quiet"]) == 0
    assert main(["card", str(out), "--out", "~nobodyxyz/card.md"]) == 2
    assert "Nobody here has the home '~nobodyxyz'" in capsys.readouterr().err


def test_a_model_that_is_listed_often_is_one(tmp_path, capsys):
    models = ",".join(["digits"] * 300)  # too long for the name of a file
    assert main([*STUDY[:-1], str(tmp_path / "out"), "--model", models, "--limit", "2", "--quiet"]) == 0


@pytest.mark.parametrize("device", ["meta", "mps:99", "cuda:99", "hpu", "x" * 5_000])
def test_a_device_that_is_not_here_is_a_sentence(device, tmp_path, capsys):
    out = str(tmp_path / "out")
    assert main([*STUDY[:-1], out, "--model", "digits", "--limit", "2", "--quiet", "--device", device]) == 2
    assert f"There is no device '{device[:80]}' on this computer. Choose cpu" in capsys.readouterr().err


def test_an_address_with_a_zero_byte_is_a_sentence(capsys):
    assert main(["--address", "\0", "--no-browser"]) == 2
    assert "cannot listen at --address" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("shape", "says"),
    [((2, 30_000, 30_000), "is larger than 1,073 MB"), ((1, 12_000, 12_000), "has maps of 144,000,000 cells")],
)
def test_maps_of_holes_are_refused_before_they_are_read(shape, says, tmp_path):
    place = tmp_path / "maps.npy"
    with place.open("wb") as file:
        np.lib.format.write_array_header_1_0(file, {"descr": "<f4", "fortran_order": False, "shape": shape})
        file.truncate(file.tell() + 4 * int(np.prod(shape)))
    with bounded(1.0, 60), pytest.raises(xai.DataError, match=says):
        read_maps(place, ["a", "b"][: shape[0]])
