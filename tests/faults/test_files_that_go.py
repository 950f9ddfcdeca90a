"""Models, pictures and runs that are deleted while a page shows them."""

import re
import shutil

import pytest

from app import cache
from app.controls import FOLDER
from tests.support.command import zoo
from tests.support.pages import address, html, in_the_bar, open_page, press, run, text
from tests.support.pictures import folder
from xai_core.models import ARCHITECTURES
from xai_core.models.checkpoints import Description, to_checkpoint
from xai_core.shipped import RUNS

ARCHITECTURE = "Small ResNet for 64 x 64"


@pytest.fixture
def weights(tmp_path):
    """A checkpoint of one's own."""
    path = tmp_path / "mine.safetensors"
    shutil.copy(RUNS["digits"][1] / "checkpoints" / "0008.safetensors", path)
    return path


def with_checkpoint(page, weights, **url):
    return open_page(page, model="Checkpoint", weights=str(weights), arch=ARCHITECTURE, **url)


def test_a_model_deleted_under_a_page_stays_until_another_is_chosen(weights):
    at = with_checkpoint("layer_explorer", weights, data="Textured digits", n="4")
    assert "mine.safetensors (Small ResNet for 64 x 64) on cpu · " in text(at)
    assert " · 4 pictures · 3 layers" in text(at)
    before, sentence = html(at), "There is no checkpoint 'mine.safetensors' at "
    weights.unlink()
    at.slider(key="opacity").set_value(0.2)
    run(at)
    assert sentence in text(at)
    assert "Until then the page stays with mine.safetensors (Small ResNet for 64 x 64)." in text(at)
    assert html(at) != before
    number = in_the_bar(at)[1]
    press(at, "next")
    assert in_the_bar(at)[1] == number + 1
    assert "mine.safetensors (Small ResNet for 64 x 64) on cpu · " in text(at)
    assert " · 4 pictures · 3 layers" in text(at)
    at.number_input(key="n").set_value(6)  # pictures that it has not seen yet
    assert " · 6 pictures · 3 layers" in text(run(at))
    at.selectbox(key="model").set_value("digits")
    said = text(run(at))
    assert sentence not in said
    assert "Until then" not in said
    assert " · 6 pictures · 3 layers" in said
    again = with_checkpoint("layer_explorer", weights, n="4")
    assert sentence in text(again)
    assert "Until then the page stays with EfficientNet-Lite0." in text(again)


def test_a_model_that_comes_back_is_loaded_again(weights):
    at = with_checkpoint("layer_explorer", weights, data="Textured digits", n="4")
    weights.unlink()
    run(at)
    shutil.copy(RUNS["digits"][1] / "checkpoints" / "0016.safetensors", weights)
    before = html(at)
    said = text(run(at))
    assert "There is no checkpoint" not in said
    assert "mine.safetensors (Small ResNet for 64 x 64) on cpu · " in said
    assert " · 4 pictures" in said
    assert html(at) != before


def test_a_deleted_model_that_others_pushed_out_of_the_memory_is_a_sentence(weights):
    at = with_checkpoint("layer_explorer", weights, data="Textured digits", n="4")
    weights.unlink()
    cache.models.classifier.clear()  # as three models of other sessions do
    at.run()
    assert not at.exception, at.exception[0].message
    assert "There is no checkpoint 'mine.safetensors' at " in text(at)


@pytest.mark.parametrize("page", ["foreground", "misclassifications"])
def test_a_model_deleted_under_the_other_pages_is_a_sentence(page, weights):
    data = "Textured digits (shortcut)" if page == "foreground" else "Textured digits"
    at = with_checkpoint(page, weights, data=data, n="8")
    weights.unlink()
    assert "There is no checkpoint 'mine.safetensors' at " in text(run(at))
    assert "Until then the page stays with mine.safetensors" in text(at)


def test_a_data_set_deleted_under_a_page_is_a_sentence(tmp_path):
    place = folder(tmp_path / "set")
    at = open_page("layer_explorer", data="Folder", path=str(place))
    assert "6 pictures" in text(at)
    shutil.rmtree(place)
    at.slider(key="opacity").set_value(0.2)
    assert re.search(r"There is no folder or file '.*set'", text(run(at)))
    assert "in the sidebar, which says what is missing" not in text(at)  # the error says it
    (said,) = [one.value for one in at.main.error]  # on a phone the sidebar is closed
    assert "There is no folder" in said
    assert "There is no folder" in text(run(at))
    at.selectbox(key="data").set_value("photos")
    assert "8 pictures" in text(run(at))
    folder(place)
    at.selectbox(key="data").set_value(FOLDER)
    run(at).text_input(key="path").set_value(str(place))
    assert "6 pictures" in text(run(at))


@pytest.mark.parametrize("page", ["foreground", "misclassifications", "training_evolution"])
def test_what_is_deleted_under_the_other_pages_is_a_sentence(page, tmp_path):
    if page == "training_evolution":
        place = tmp_path / "set"
        shutil.copytree(RUNS["digits"][1], place)
        at = open_page(page, run="A record on disk", record=str(place))
        words = "There is no folder or file"
    else:
        place = zoo(tmp_path / "set")
        at = open_page(page, data="Folder", path=str(place), model="Digits (honest)")
        words = "There is no folder or file"
    shutil.rmtree(place)
    assert words in text(run(at))
    assert words in text(run(at))


def test_a_picture_deleted_under_a_page_is_left_out(tmp_path):
    place = folder(tmp_path / "set")
    at = open_page("layer_explorer", data="Folder", path=str(place))
    press(at, "next")
    name = in_the_bar(at)[0]
    (gone,) = (path for path in place.rglob("*.png") if str(path.relative_to(place)) == name)
    gone.unlink()
    at.slider(key="opacity").set_value(0.2)
    said = text(run(at))
    assert "5 pictures" in said
    assert f"{name} is not among the pictures shown." in said or name not in html(at)
    press(at, "next")
    assert in_the_bar(at)[2] == 5
    assert address(at)["picture"] != name


def test_a_picture_that_goes_between_listing_and_reading_is_listed_with_its_reason(tmp_path, monkeypatch):
    """Its folder's date is what tells a page to list again."""
    place = folder(tmp_path / "set")
    nothing = cache.watched.Watched((), cache.watched.Watched((), "").now)
    monkeypatch.setattr(cache.listing, "watch", lambda path: nothing)
    monkeypatch.setattr(cache.listing, "changed_since", lambda found: "")
    at = open_page("layer_explorer", data="Folder", path=str(place), n="2")
    assert "2 pictures" in text(at)
    for label in ("n07920052_espresso", "n02123045_tabby"):
        (place / label / "2.png").unlink()
    at.number_input(key="n").set_value(6)
    assert "4 pictures" in text(run(at))
    left_out = next(table.value for table in at.dataframe if "why" in table.value)
    assert len(left_out) == 2
    assert left_out["why"].str.contains("cannot be opened: No such file or directory").all()


def test_a_data_set_that_goes_while_its_dates_are_read_has_none(tmp_path, monkeypatch):
    place, real = folder(tmp_path / "set"), cache.watched._below

    def looked(path):
        found = real(path)
        shutil.rmtree(place)
        return found

    monkeypatch.setattr(cache.watched, "_below", looked)
    watched = cache.watched.watch(str(place))
    assert {cache.stamps.file_stamp(path) for path in watched.places} == {""}
    assert watched.now == watched.stamp


def test_a_record_deleted_under_the_page_is_a_sentence_and_a_copy_brings_it_back(tmp_path):
    place = tmp_path / "copy"
    shutil.copytree(RUNS["digits"][1], place)
    at = open_page("training_evolution", run="A record on disk", record=str(place))
    assert "300 pictures · 10 classes · 24 epochs · weights kept at 6 epochs" in text(at)
    shutil.rmtree(place)
    at.selectbox(key="sort").set_value("name")
    said = text(run(at))
    assert "copy" in said
    assert "There is no folder or file" in said
    assert "300 pictures" not in said
    at.selectbox(key="run").set_value("digits")
    assert "300 pictures · 10 classes · 24 epochs" in text(run(at))
    shutil.copytree(RUNS["digits"][1], place)
    at.selectbox(key="run").set_value("file")
    assert "300 pictures · 10 classes · 24 epochs" in text(run(at))


def test_weights_of_a_run_deleted_under_the_page_cost_what_needs_them(tmp_path):
    place = tmp_path / "copy"
    shutil.copytree(RUNS["digits"][1], place)
    at = open_page("training_evolution", run="A record on disk", record=str(place))
    shutil.rmtree(place / "checkpoints")
    press(at, "next")
    assert "300 pictures · 10 classes · 24 epochs" in text(at)
    said = text(at)
    for sentence in ("What the model looked at cannot be shown", "This cannot be shown"):
        assert re.search(rf"^{sentence}\. .*0001\.safetensors", said, re.MULTILINE)
    assert "Confusion matrix by epoch" in said


def test_weights_replaced_by_those_of_fewer_classes_cost_the_film_alone(tmp_path):
    place = tmp_path / "copy"
    shutil.copytree(RUNS["digits"][1], place)
    at = open_page("training_evolution", run="A record on disk", record=str(place), picture="9-1146")
    kind = ARCHITECTURES["small_resnet"]
    said = Description(kind.key, ("0", "1", "2"), kind.preprocessing)
    for path in (place / "checkpoints").iterdir():
        path.write_bytes(to_checkpoint(kind.build(3), said))
    at.run()
    assert not at.exception, at.exception[0].message
    assert "9 is no class of" in text(at)
    assert "Confusion matrix by epoch" in text(at)


def test_an_open_page_of_another_run_is_not_hurt_by_a_training_that_goes(tmp_path, monkeypatch):
    monkeypatch.setenv("XAI_RUNS", str(tmp_path / "runs"))
    from xai_core.training import PRESETS, jobs

    place = jobs.prepare(PRESETS["digits"].settings(name="Mine", epochs=4))
    for name in ("run.json", "pictures.parquet", "epochs"):
        source = RUNS["digits"][1] / name
        (shutil.copytree if source.is_dir() else shutil.copy)(source, place / name)
    at = open_page("training_evolution", run=f"Mine ({place.name})")
    assert "300 pictures" in text(at)
    shutil.rmtree(place)
    assert "300 pictures · 10 classes · 24 epochs" in text(run(at))
    assert at.selectbox(key="run").value == "digits"


@pytest.mark.parametrize("label", ["Resume", "Delete for good"])
def test_a_button_of_a_training_whose_folder_went_is_a_sentence(label, tmp_path, monkeypatch):
    monkeypatch.setenv("XAI_RUNS", str(tmp_path / "runs"))
    from app import training_panel
    from xai_core.training import PRESETS, jobs

    place = jobs.prepare(PRESETS["digits"].settings(name="Mine", epochs=4))
    at = open_page("training_evolution", run=f"Mine ({place.name})")
    real = training_panel.show

    def show(job):
        """Another window deletes it once this one has read how it stands."""
        shutil.rmtree(job.folder, ignore_errors=True)
        real(job)

    monkeypatch.setattr(training_panel, "show", show)
    next(button for button in at.button if button.label == label).click()
    at.run()
    assert not at.exception, at.exception[0].message


def test_the_bar_of_a_training_whose_folder_went_is_a_sentence(tmp_path, monkeypatch):
    """It looks each second, without the rest of the page."""
    from streamlit.testing.v1 import AppTest

    def bar(place):
        from app import training_panel

        training_panel._watch(place)

    at = AppTest.from_function(bar, args=(str(tmp_path / "gone"),), default_timeout=60)
    at.run()
    assert not at.exception, at.exception[0].message
