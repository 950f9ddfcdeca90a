"""Names of groups stay with a study's folder, and only with that study."""

import json

import pytest

from xai_core.batch.store import StudyFolder
from xai_core.errors import DataError
from xai_core.questions.discovery.names import FILE, LONGEST, read_names, write_names


@pytest.fixture
def folder(tmp_path):
    return StudyFolder(tmp_path, {"kind": "discover", "input_size": [64, 64]})


def test_names_come_back(folder):
    assert read_names(folder) == {}
    write_names(folder, {"ship, group 1": "  watermark ", "ship, all": " ", "cat, group 2": "x" * 200})
    assert read_names(folder) == {"ship, group 1": "watermark", "cat, group 2": "x" * LONGEST}
    assert [path.name for path in folder.folder.iterdir()] == [FILE]


def test_names_of_another_study_and_damaged_ones_do_not_count(folder):
    write_names(folder, {"ship, group 1": "watermark"})
    assert read_names(StudyFolder(folder.folder, {"kind": "layers", "input_size": [64, 64]})) == {}
    for text in ("[", "[]", json.dumps({"study": folder.identity, "names": ["a"]})):
        (folder.folder / FILE).write_text(text)
        assert read_names(folder) == {}


def test_a_folder_that_is_gone_is_said_and_not_made_again(folder):
    gone = folder.folder / "gone"
    with pytest.raises(DataError, match=r"The names cannot be kept: the folder .* is not there any more"):
        write_names(StudyFolder(gone, {"input_size": [64, 64]}), {"a": "b"})
    assert not gone.exists()


def test_a_place_that_cannot_be_written_is_said(folder):
    (folder.folder / FILE).mkdir()
    with pytest.raises(DataError, match=r"The names cannot be kept\. names\.json could not be written"):
        write_names(folder, {"a": "b"})
