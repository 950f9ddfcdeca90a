"""The Foreground vs Background page, driven through the entry point by Streamlit's own harness."""

import json
import re
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from streamlit.testing.v1 import AppTest

import xai_core as xai
from app.foreground import start
from tests.support.pages import gallery, press_labelled, read
from xai_core import studies
from xai_core.stats.paired import FEWEST_FOR_EFFECT
from xai_core.studies.reliance_in_words import reliance_evidence

MAIN = str(Path(__file__).parents[2] / "app" / "main.py")


def open_page(**url):
    at = AppTest.from_file(MAIN, default_timeout=180)
    at.query_params.update({key.replace("_", "-"): value for key, value in url.items()})
    at.switch_page("views/foreground.py")
    at.run()
    assert not at.exception, at.exception[0].value
    return at


def text(at):
    kinds = ("title", "header", "subheader", "markdown", "caption", "info", "warning", "error", "success")
    return read("\n".join(element.value for kind in kinds for element in getattr(at, kind)))


def metric(at, label):
    return next(read(element.value) for element in at.metric if read(element.label).startswith(label))


def numbers(at, test):
    """A test's row of the table of all numbers."""
    table = next(element.value for element in at.dataframe if "statistic" in element.value.columns)
    return table.set_index("test").loc[test]


def press(at, label):
    (button,) = [button for button in at.button if label in button.label]
    button.click().run()
    assert not at.exception, at.exception[0].value


def pair(path, masks, size=48):
    """images/ and masks/ with one picture for each mask."""
    rng = np.random.default_rng(0)
    for folder in ("images", "masks"):
        (path / folder).mkdir(parents=True)
    for i, mask in enumerate(masks):
        cells = rng.integers(0, 256, (6, 6, 3), dtype=np.uint8)
        Image.fromarray(cells).resize((size, size)).save(path / "images" / f"{i}.png")
        Image.fromarray(mask).save(path / "masks" / f"{i}.png")
    return str(path)


RAW = "Paired t, on the object against off it"  # the study's own test, beside the one that decides


def disc(size=48, radius=12):
    y, x = np.mgrid[:size, :size] - size // 2
    return ((x**2 + y**2 < radius**2) * 255).astype(np.uint8)


@pytest.fixture(scope="module")
def pictures():
    return xai.load_dataset("textured_digits_shortcut", split="val", limit=64)


@pytest.fixture(scope="module")
def cheat(pictures):
    """Model, pictures as it sees them, and the table of its last stage for the label."""
    model = xai.load_model("digits_shortcut")
    samples = [model.preprocessing.prepare(sample) for sample in pictures]
    layer = model.groups["stages"][-1]
    maps = xai.grad_cam(model, samples, layers=[layer], targets=xai.true_classes(model, samples))
    return model, samples, xai.foreground_background(maps, samples)


def test_it_opens_on_the_cheating_model_and_unmasks_it(cheat):
    model, samples, table = cheat
    at = open_page()
    said = text(at)
    assert "No: the maps lie off the object, and the model uses the background (10 classes, n = 64)" in said
    tests, control = studies.measure_tests(table, "mean"), studies.control_tests(table, "mean")
    assert studies.foreground_verdict(table, "mean", tests).sentence in said
    assert metric(at, f"{control.result.name}, n") == f"{control.result.effect:.2f}"
    assert metric(at, RAW) == f"{tests.t.effect:.2f}"
    assert numbers(at, RAW)["statistic"] == f"t = {tests.t.value:.4g}"
    assert numbers(at, RAW)["effect"] == f"d_z = {tests.t.effect:.2f}"
    assert numbers(at, RAW)["p"] == studies.format_p(tests.t.p)
    assert numbers(at, "Standardised difference (d_av)")["effect"] == f"d_av = {tests.d_av:.2f}"
    assert "H0: " in said
    assert "H1: " in said
    interventions = xai.intervention(model, samples, targets=[sample.label for sample in samples])
    for piece in reliance_evidence(studies.rests_on(interventions), interventions):
        assert f"{piece.name}.** {piece.sentence}" in said
    # Side by side with the honest model, which stands there from the start.
    assert re.search(
        r"Against Digits \(shortcut\), Digits \(honest\) has more mean activation on the object, "
        r"beyond what comes from where objects usually lie \(\+0\.\d\d against -0\.\d\d, p < 0\.001\), and another "
        r"background costs it less \(\d+ points against \d\d, p < 0\.001\)\.",
        said,
    )


def test_the_two_models_differ_in_energy_and_in_the_drop(pictures):
    """What the page says of the two, without the page."""
    found = {}
    for key in ("digits", "digits_shortcut"):
        model = xai.load_model(key)
        samples = [model.preprocessing.prepare(sample) for sample in pictures]
        assert xai.evaluate(model, samples)["correct"].mean() > 0.9  # both look accurate
        layer = model.groups["stages"][-1]
        maps = xai.grad_cam(model, samples, layers=[layer], targets=[sample.label for sample in samples])
        wide = xai.intervention(model, samples, targets=[sample.label for sample in samples])
        wide = wide.pivot(index="picture", columns="kind", values="p")
        found[key] = (xai.foreground_background(maps, samples)["energy_inside"], wide["whole"] - wide["swapped"])
    energy = studies.paired_tests(found["digits"][0].to_numpy(), found["digits_shortcut"][0].to_numpy())
    drop = studies.paired_tests(found["digits_shortcut"][1].to_numpy(), found["digits"][1].to_numpy())
    for tests in (energy, drop):
        assert tests.outcome == "more"
        assert tests.t.p < 0.001
        assert tests.wilcoxon.p < 0.001


def test_pictures_are_sorted_worst_first_and_one_can_stand_out(cheat):
    _, samples, table = cheat
    difference = (table["mean_inside"] - table["mean_outside"]).to_numpy()
    at = open_page()
    order = [samples[i].id for i in np.argsort(difference, kind="stable")]
    assert gallery(at) == [*order[::-1][:3], *order[:3], *order[:16]]  # three for the object, three against, then all
    at = open_page(picture=samples[int(np.argsort(difference, kind="stable")[40])].name)
    assert gallery(at)[6:] == [order[40], *order[:16]]
    row = table.iloc[int(np.argsort(difference, kind="stable")[40])]
    assert f"Mean activation {row['mean_inside']:.2f} on it, {row['mean_outside']:.2f} off it" in text(at)


@pytest.mark.parametrize("measure", ["Share of energy", "Rank accuracy", "AUC"])
def test_other_measures(cheat, measure):
    _, _, table = cheat
    key = next(key for key, kind in studies.FOREGROUND_MEASURES.items() if kind.title == measure)
    at = open_page(fg_measure=measure)
    tests = studies.measure_tests(table, key)
    assert metric(at, RAW) == f"{tests.t.effect:.2f}"
    assert numbers(at, RAW)["statistic"] == f"t = {tests.t.value:.4g}"
    assert studies.foreground_verdict(table, key, tests).sentence in text(at)


def test_the_honest_model_looks_at_the_object():
    at = open_page(model="Digits (honest)", data="Textured digits")
    said = text(at)
    assert "Yes: the maps lie on the object, and the model uses it" in said


def test_random_weights_are_compared_when_asked():
    at = open_page(data="Textured digits", model="Digits (honest)", n="16")
    assert "**Random weights.** Not compared yet" in text(at)
    at.toggle(key="random-weights").set_value(True).run()
    assert "**Random weights.** With random weights the same architecture puts" in text(at)
    linked = open_page(data="Textured digits", model="Digits (honest)", n="16", random_weights="true")
    assert "**Random weights.** With random weights the same architecture puts" in text(linked)


def test_an_attack_is_run_when_asked_and_says_dose_and_response():
    at = open_page(n="8", attack="FGSM")
    press(at, "Attack 8 pictures")
    assert not [button for button in at.button if "Attack" in button.label]
    assert "the class to be lost" in text(at)
    html = "\n".join(element.proto.body for element in at.get("html"))
    assert "after, ε = 16/255" in html
    figure = next(chart for chart in at.get("plotly_chart") if "clean maps" in chart.proto.spec)
    traces = {trace["name"]: trace for trace in json.loads(figure.proto.spec)["data"]}
    assert set(traces) == {"accuracy", "energy on the object", "an even map", "similarity to the clean maps"}


# What is not as it should be.


def test_pictures_without_masks():
    at = open_page(data="CIFAR-10")
    assert "CIFAR" in text(at)  # a download is offered
    at = open_page(data="Folder", path=str(Path(MAIN).parents[1] / "docs"))
    assert "None of these pictures has a mask that tells object from background" in text(at)
    assert "Stop" not in [one.label for one in at.button]
    assert "left out" not in text(at)  # which would say the same again
    assert "How " not in text(at)  # nothing that could be decided of masks, or of a crop, would help


def test_masks_that_say_nothing_are_left_out_and_counted(tmp_path):
    whole, empty = np.full((48, 48), 255, np.uint8), np.zeros((48, 48), np.uint8)
    path = pair(tmp_path / "p", [disc(), disc(radius=9), disc(radius=15), disc(radius=7), whole, empty])
    at = open_page(data="Folder", path=path, model="EfficientNet-Lite0", beside_models="")
    said = text(at)
    assert "2 of 6 pictures are left out" in said
    assert "4 pictures with masks" in said


def test_a_long_computation_waits_for_run_says_how_long_it_takes_and_stops(tmp_path, monkeypatch):
    monkeypatch.setattr(start, "LONG_S", 0.0)
    path = pair(tmp_path / "p", [disc(), disc(radius=9), disc(radius=15)])
    at = open_page(n="4")
    assert not waits(at)  # what comes with the dashboard begins by itself
    at.selectbox(key="data").set_value("folder").run()
    at.text_input(key="path").set_value(path).run()
    assert not at.exception
    assert waits(at)
    assert re.search(r"The answer for 3 pictures takes about .*s", text(at))
    assert not [one for one in at.header if one.value.startswith("Remove it and see")]
    press(at, "Run")
    assert not waits(at)
    assert "Stop" not in [one.label for one in at.button]  # it is done
    assert "3 pictures with masks" in text(at)
    at.segmented_control(key="fg-fill").set_value("noise").run()
    assert not waits(at)  # it was asked for
    at.number_input(key="n").set_value(2).run()
    assert waits(at)


def test_a_link_and_a_short_computation_begin_by_themselves(tmp_path, monkeypatch):
    path = pair(tmp_path / "p", [disc(), disc(radius=9), disc(radius=15)])
    at = open_page(n="4")
    at.selectbox(key="data").set_value("folder").run()
    at.text_input(key="path").set_value(path).run()
    assert not waits(at)  # a second or so
    monkeypatch.setattr(start, "LONG_S", 0.0)
    at = open_page(data="Folder", path=path, model="Digits (honest)")
    assert not waits(at)
    at.number_input(key="n").set_value(2).run()
    assert waits(at)


def waits(at):
    """Whether the page waits for *Run*."""
    return bool([one for one in at.button if one.label == "Run"])


def test_fewer_than_three_pictures(tmp_path):
    path = pair(tmp_path / "p", [disc(), disc(radius=9)])
    at = open_page(data="Folder", path=path, model="EfficientNet-Lite0")
    said = text(at)
    assert "Cannot tell" in said
    assert "It needs at least three pictures; there are 2." in said


def test_the_horses_with_the_bundled_model(shared_data):
    path = shared_data / "horses"
    if not path.is_dir():
        pytest.skip("horses is not among the shared data")
    chosen = {"model": "EfficientNet-Lite0", "target": "A class", "class": "sorrel", "n": "24"}
    at = open_page(data="Folder", path=str(path), **chosen)
    said = text(at)
    assert "he maps lie on the object" in said
    assert re.search(r"\(sorrel, n = \d+ of 24\)", said)  # without labels, those predicted alike lend one another masks
    assert "Take what the maps say with caution: the pictures have no labels." in said
    assert "which only shows where objects usually lie" in said
    assert float(numbers(at, RAW)["statistic"].removeprefix("t = ")) > 20
    assert re.search(r"n = (1\d|2[0-4])", read(next(element.label for element in at.metric)))


def test_near_copies_are_said_and_the_answer_is_marked(tmp_path):
    path = Path(pair(tmp_path, [disc()] * 3))
    for place in "01":
        for folder in ("images", "masks"):
            (path / folder / f"{place}-copy.png").write_bytes((path / folder / f"{place}.png").read_bytes())
    at = open_page(data="Folder", path=str(path), model="EfficientNet-Lite0")
    (said,) = (one.value for one in at.warning if "near copies" in one.value)
    assert said.startswith("4 of 5 pictures look nearly the same as another one")
    assert "intervals too narrow" in text(at).split(said)[-1]  # and among what the answer assumes


def test_a_voc_folder_gives_a_row_for_each_class(shared_data):
    path = shared_data / "VOCdevkit"
    if not path.is_dir():
        pytest.skip("VOCdevkit is not among the shared data")
    data = xai.load_dataset(path)
    at = open_page(data="Folder", path=str(path), model="Digits (honest)", n=str(len(data)))
    frame = next(element.value for element in at.dataframe if "label" in element.value.columns)
    assert set(frame["label"]) == set(data.labels)
    assert {"t", "p (Holm)", "d_z", "d_z from", "d_z to"} <= set(frame.columns)


def test_effects_say_what_they_are_and_from_how_many_pictures_there_is_an_interval():
    at = open_page(n="24")
    assert FEWEST_FOR_EFFECT == 8
    said = text(at)
    assert "Digits (shortcut) on cpu · Textured digits (shortcut), val split · 24 pictures" in said
    assert (
        "Right of 0, there is more on the object than off it; the farther from 0, the clearer (effect d_z). Rows of "
        "8 or more pictures have a 95% interval." in said
    )
    assert "Bold: mean activation on the object minus that off it. Below it: how much of the map's energy lies" in said
    assert "its solid line is the median, the dashed one the mean." in said


def test_classes_are_a_tab_only_where_there_are_several(tmp_path):
    """Without labels it is the explained class, which is one of three copies of a picture."""
    sample = xai.load_dataset("textured_digits", split="val", limit=1).read()[0][0]
    for folder in ("images", "masks"):
        (tmp_path / folder).mkdir()
    for number in range(3):
        Image.fromarray(sample.pixels).save(tmp_path / "images" / f"{number}.png")
        Image.fromarray(sample.mask.astype(np.uint8) * 255).save(tmp_path / "masks" / f"{number}.png")
    at = open_page(data="Folder", path=str(tmp_path), model="Digits (honest)", target="Prediction")
    asked = [[one.label for one in found.tabs] for found in (at, open_page(n="4"))]
    assert [("By class" in labels, "Other models" in labels) for labels in asked] == [(False, True), (True, True)]


def test_depth_is_a_tab_only_where_maps_have_layers():
    found = {method: [one.label for one in open_page(n="4", method=method).tabs] for method in ("grad_cam", "saliency")}
    assert {method: "By depth" in labels for method, labels in found.items()} == {"grad_cam": True, "saliency": False}


def test_classes_of_one_picture_have_no_empty_chart_and_unknown_labels_are_those_without_any_class():
    at = open_page(n="4")
    at.selectbox(key="data").set_value("photos").run()
    said = text(at)
    assert "No class has enough pictures for an effect" in said
    assert "d_z: the mean difference" not in said  # nothing explains a chart that is not there
    assert "3 of 8 pictures have no label that EfficientNet-Lite0 knows" in said  # as on the Layer Explorer


def test_models_to_compare_that_a_page_begins_with_do_not_stay_with_other_pictures():
    at = open_page(n="4")
    assert at.multiselect(key="beside-models").value == ["digits"]
    at.selectbox(key="data").set_value("photos").run()
    assert at.multiselect(key="beside-models").value == []


def test_a_model_that_was_chosen_stays_with_other_pictures_and_one_that_was_not_goes_along():
    at = open_page(n="4")
    at.selectbox(key="data").set_value("photos").run()
    assert at.selectbox(key="model").value == "efficientnet_lite0"
    at.selectbox(key="model").set_value("digits").run()
    at.selectbox(key="data").set_value("textured_digits_shortcut").run()
    at.selectbox(key="data").set_value("photos").run()
    assert at.selectbox(key="model").value == "digits"
    assert not at.exception


@pytest.mark.page
def test_where_the_model_does_not_see_the_labels_one_press_asks_about_its_predictions():
    """The shortcut is of no use on the test pictures: nearly all their labels have a probability of about nothing."""
    at = open_page(data="Textured digits", split="test", n="12", model="Digits (shortcut)")
    assert "the maps explain classes of which the model is only" in text(at)
    press_labelled(at, "Explain the predictions instead")
    assert at.segmented_control(key="target").value == "prediction"
    assert "Cannot tell" not in text(at)
    assert not [one for one in at.button if one.label == "Explain the predictions instead"]
    assert "of 12 pictures the class that is explained is not the label" in text(at)
