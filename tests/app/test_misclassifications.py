"""The Misclassifications page, driven through the entry point by Streamlit's own harness."""

import re
import time
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from safetensors.torch import save_file
from streamlit.testing.v1 import AppTest

import xai_core as xai
from app import cache, jobs
from tests.support.pages import clickables, in_the_bar, read
from xai_core import studies
from xai_core.models.architectures import ARCHITECTURES

MAIN = str(Path(__file__).parents[2] / "app" / "main.py")
NAMES = ["ant", "bee", "cat"]

AT_ONCE = 9  # pictures of a page of the gallery


def open_page(**url):
    at = AppTest.from_file(MAIN, default_timeout=180)
    at.query_params.update({key.replace("_", "-"): value for key, value in url.items()})
    at.switch_page("views/misclassifications.py")
    at.run()
    assert not at.exception, at.exception[0].value
    return at


def text(at):
    kinds = ("title", "header", "markdown", "caption", "info", "warning", "error")
    parts = [element.value for kind in kinds for element in getattr(at, kind)]
    return read("\n".join([*parts, *(expander.label for expander in at.expander)]))


def html(at):
    """What stands on the page as HTML: plain, and what can be clicked."""
    plain = "\n".join(element.proto.body for element in at.get("html"))
    return plain + "\n".join(clickables(at))


def picks(at, kind=""):
    return re.findall(rf'data-pick="({kind}[^"]*)"', "\n".join(clickables(at)))


def gallery(at):
    """The pictures that the gallery shows at once, in its order."""
    return [pick for pick in picks(at) if ":" not in pick]


def address(at):
    """The page's address: name -> value."""
    return {key: value if isinstance(value, str) else value[0] for key, value in at.query_params.items()}


def metric(at, label):
    return next(element.value for element in at.metric if element.label == label)


def finish(at):
    """Look again until LIME is done, as the page does by itself in a browser."""
    deadline = time.monotonic() + 120
    while [button for button in at.button if button.label == "Stop LIME"]:
        assert time.monotonic() < deadline
        time.sleep(0.2)
        at.run()
    assert not at.exception


def press(at, label):
    (button,) = [button for button in at.button if label in button.label.replace("\\", "")]
    button.click().run()
    assert not at.exception, at.exception[0].value


def folder(path, labels=NAMES, n=3, size=40, seed=0):
    rng = np.random.default_rng(seed)
    for label in labels:
        (path / label).mkdir(parents=True, exist_ok=True)
        for i in range(n):
            cells = rng.integers(0, 256, (5, 5, 3), dtype=np.uint8)
            Image.fromarray(cells).resize((size, size)).save(path / label / f"{i}.png")
    return path


def checkpoint(path, classes=3, spoil=None, seed=0):
    torch.manual_seed(seed)
    state = ARCHITECTURES["resnet20_cifar"].build(classes).state_dict()
    if spoil:
        spoil(state)
    save_file(state, path)
    return str(path)


def own(tmp_path, weights=None, names=NAMES, **url):
    """The page with pictures in folders and an untrained checkpoint."""
    weights = weights or checkpoint(tmp_path / "net.safetensors", len(names))
    data = tmp_path / "data"
    return open_page(
        data="Folder",
        path=str(data),
        model="Checkpoint",
        weights=weights,
        arch="ResNet-20 for CIFAR",
        classes="\n".join(names),
        **url,
    )


@pytest.fixture(scope="module")
def evaluated():
    model = xai.load_model("digits")
    return model, xai.evaluate(model, xai.load_dataset("textured_digits"))


def test_it_opens_on_the_honest_digits_and_says_what_evaluate_says(evaluated):
    model, table = evaluated
    at = open_page()
    summary = studies.summarise(table, model.class_names)
    assert metric(at, "Accuracy") == f"{100 * summary.accuracy:.1f}%"
    assert metric(at, "Wrong") == str((~table["correct"]).sum())
    assert "Top-5" not in [element.label for element in at.metric]  # ten classes only
    said = text(at)
    for finding in studies.misclassification_findings(table, model.class_names):
        assert finding.sentence in said
    wrong = table[~table["correct"]].sort_values("confidence", ascending=False)
    assert gallery(at) == wrong["id"].head(AT_ONCE).tolist()
    assert f"{len(wrong)} pictures. Click one to see why." in said
    pairs = set(zip(table["true"], table["predicted"], strict=True))
    assert set(picks(at, "cell:")) == {f"cell:{i}:{j}" for i, j in pairs}
    # The surest mistake is explained, against its label.
    first = wrong.iloc[0]
    assert f"**{first['predicted_class']}**" in said
    assert f"is {first['true_class']} · wrong" in said
    assert at.selectbox(key="class-1").value == first["predicted"]
    assert at.selectbox(key="class-2").value == first["true"]
    assert address(at)["picture"] == first["picture"]


def test_the_numbers_by_class_are_those_of_the_library(evaluated):
    model, table = evaluated
    at = open_page()
    frame = next(element.value for element in at.dataframe if "precision (%)" in element.value.columns)
    expected = studies.class_report(table, model.class_names)
    np.testing.assert_allclose(frame["recall (%)"], expected["recall"])
    assert frame["false positives"].tolist() == expected["false_positives"].tolist()


def test_the_table_by_class_stays_in_its_place_when_it_is_drawn_from_what_is_kept():
    for at in (first := open_page(), open_page(), first.run()):
        (place,) = (one for one in at.expander if one.label.startswith("By class"))
        assert [list(one.value.columns)[:2] for one in place.dataframe] == [["class", "pictures"]]


def test_a_pair_fills_the_gallery_and_the_address_restores_it(evaluated):
    _, table = evaluated
    at = open_page()
    counts = table[~table["correct"]].groupby(["true", "predicted"]).size()
    true, predicted = counts.idxmax()
    press(at, f"{true} → {predicted}: {counts.max()}")
    expected = table[(table["true"] == true) & (table["predicted"] == predicted)]["id"]
    assert set(gallery(at)) == set(expected)
    assert address(at)["is"] == str(true)
    assert address(at)["taken-for"] == str(predicted)
    again = open_page(**address(at))
    assert gallery(again) == gallery(at)


@pytest.mark.parametrize(
    ("order", "column", "falling"),
    [("Least confident", "confidence", False), ("Smallest margin", "margin", False), ("Largest loss", "loss", True)],
)
def test_the_gallery_is_sorted(evaluated, order, column, falling):
    _, table = evaluated
    at = open_page(order=order, which="All")
    expected = table.sort_values(column, ascending=not falling, kind="stable")
    assert gallery(at) == expected["id"].head(AT_ONCE).tolist()


def test_sorted_by_disagreement_of_the_methods(evaluated):
    model, table = evaluated
    at = open_page(order="Methods disagree most")
    data = xai.load_dataset("textured_digits")
    layer = model.groups["stages"][-1]
    values = {}
    for _, row in table[~table["correct"]].iterrows():
        sample = data[int(row["index"])]
        cam = xai.grad_cam(model, [sample], layers=[layer], targets=int(row["predicted"]))[layer][0]
        pixels = xai.saliency(model, [sample], targets=int(row["predicted"]))["input"][0]
        values[row["id"]] = studies.agreement(cam, pixels)[0]
    assert gallery(at) == sorted(values, key=values.__getitem__)[:AT_ONCE]
    assert f"agreement {min(values.values()):.2f}" in html(at)
    assert f"median rank correlation {np.median(list(values.values())):.2f}" in text(at)


@pytest.mark.parametrize("by", ["picture", "id"])
def test_a_picture_from_the_address_is_explained_and_a_right_one_against_the_runner_up(evaluated, by):
    model, table = evaluated
    row = table[table["correct"]].iloc[5]
    at = open_page(picture=row[by])
    assert address(at)["picture"] == row["picture"]
    assert f"is {row['true_class']} · right" in text(at)
    p = xai.predict(model, xai.load_dataset("textured_digits")[int(row["index"])]).probabilities[0]
    assert at.selectbox(key="class-1").value == row["predicted"]
    assert at.selectbox(key="class-2").value == int(np.argsort(-p)[1])
    assert at.selectbox(key="class-2").label == "against the runner-up"


def test_an_address_with_a_picture_that_is_not_there_says_so_and_shows_the_first(evaluated):
    _, table = evaluated
    at = open_page(picture="0123456789abcdef")
    assert "The picture 0123456789abcdef is not among these pictures." in text(at)
    (first,) = table.loc[table["id"] == gallery(at)[0], "picture"]
    assert address(at)["picture"] == first


def test_other_classes_and_fewer_methods_change_the_panel():
    at = open_page()
    assert html(at).count('class="xp-none"') == 7  # LIME starts when asked: three tiles here and two beside, twice
    at.selectbox(key="class-2").set_value(8).run()
    panel = html(at)
    assert "for 8" in panel
    assert "correctly classified 8" in panel
    at.button_group(key="methods").set_value(["saliency"]).run()
    assert not at.exception
    panel = html(at)
    assert panel.count('class="xp-tile"') == 7
    assert "Grad-CAM: evidence" not in panel
    at.button_group(key="methods").set_value([]).run()
    assert "Every method is switched off" in text(at)


def test_lime_starts_when_asked_and_gives_the_librarys_weights(evaluated):
    model, table = evaluated
    at = open_page(lime_samples="200", lime_beside="false")
    press(at, "Run LIME")
    finish(at)
    said = text(at)
    found = re.search(r"LIME: (\d+) superpixels and their weights", said)
    row = table[~table["correct"]].sort_values("confidence", ascending=False).iloc[0]
    sample = xai.load_dataset("textured_digits")[int(row["index"])]
    expected = xai.lime(
        model,
        sample,
        targets=[int(row["predicted"]), int(row["true"])],
        num_samples=200,
        segments="slic",
        precision="bfloat16" if "bfloat16" in html(at) else "float32",  # the faster one, when the page measured it
    )
    assert int(found[1]) == expected.weights.shape[1]
    frame = next(element.value for element in at.dataframe if "superpixel" in element.value.columns)
    column = frame.sort_values("superpixel")[f"for {row['predicted_class']}"]
    np.testing.assert_allclose(column, expected.weights[0], atol=6e-5)  # four decimals are shown
    assert "how much the probability of the class rises on average when the superpixel is there" in said
    assert "200 of 200" in html(at)
    assert not [button for button in at.button if "LIME" in button.label]
    assert html(at).count('class="xp-none"') == 4  # of the pictures beside it, for which it was switched off
    # What checks the explanations now checks LIME's, too.
    areas = next(element.value for element in at.dataframe if "below random (points)" in element.value.columns)
    assert "LIME" in areas["method"].tolist()


def test_hiding_says_what_deletion_says(evaluated):
    model, table = evaluated
    at = open_page(share="50", fill="Mean colour")
    row = table[~table["correct"]].sort_values("confidence", ascending=False).iloc[0]
    sample = model.preprocessing.prepare(xai.load_dataset("textured_digits")[int(row["index"])])
    layer = model.groups["stages"][-1]
    classes = [int(row["predicted"]), int(row["true"])]
    maps = {
        "Grad-CAM": xai.grad_cam(model, [sample], layers=[layer], targets=classes[0])[layer][0],
        "Saliency": xai.saliency(model, [sample], targets=classes[0])["input"][0],
    }
    curves = xai.deletion(model, sample, maps, targets=classes, fill="mean")
    own = curves[curves["target"] == classes[0]]
    assert studies.deletion_sentence(studies.deletion_areas(own), row["predicted_class"]) in text(at)
    half = own[(own["method"] == "Grad-CAM") & np.isclose(own["hidden"], 0.5)]["p"].iloc[0]
    assert f"<b>{100 * half:.1f}%</b>" in html(at)


# What is not as it should be.


def test_no_labels_are_said_before_anything_is_run(tmp_path):
    (tmp_path / "flat").mkdir()
    Image.new("RGB", (64, 64)).save(tmp_path / "flat" / "a.png")
    Image.new("RGB", (64, 64), "red").save(tmp_path / "flat" / "b.png")
    at = open_page(data="Folder", path=str(tmp_path / "flat"))
    assert "These pictures have no labels, so nothing can be right or wrong" in text(at)
    assert not at.metric
    drawn = [one.label if one.type == "button" else one.type for one in at.main]
    assert drawn.index("Reset") < drawn.index("warning")  # the bar of pictures stands above, as on all pages


def test_labels_of_other_classes_are_refused_with_both_lists(tmp_path):
    folder(tmp_path / "data", ["lion", "tiger"])
    at = own(tmp_path)
    said = text(at)
    assert "None of the 2 labels is one of the model's 3 classes" in said
    assert "The labels are: lion, tiger. The classes are: ant, bee, cat." in said
    assert not at.metric


def test_some_labels_that_the_model_does_not_know_are_left_out_and_counted(tmp_path):
    folder(tmp_path / "data", ["Ant", "tiger"])
    at = own(tmp_path)
    assert "3 of 6 pictures have no label that is a class of net.safetensors (ResNet-20 for CIFAR) (tiger)" in text(at)
    assert int(metric(at, "Wrong")) <= 3
    assert "of 3 pictures are right" in text(at)


def test_fewer_classes_in_the_data_than_in_the_model(tmp_path):
    folder(tmp_path / "data", ["bee"])
    at = own(tmp_path)
    assert "of 3 pictures are right" in text(at)
    assert set(picks(at, "true:")) == {"true:1"}


def test_everything_right(tmp_path):
    folder(tmp_path / "data", ["ant"])

    def always_ant(state):
        state["linear.weight"].zero_()
        state["linear.bias"].copy_(torch.tensor([2.0, 0, 1]))

    at = own(tmp_path, checkpoint(tmp_path / "ant.safetensors", spoil=always_ant))
    said = text(at)
    assert "3 of 3 pictures are right" in said
    assert "No class is confused with another." in said
    assert len(gallery(at)) == 3  # with nothing wrong, the right ones are shown
    assert "· right" in said
    assert at.selectbox(key="class-2").value == 2
    at.button_group(key="which").set_value("wrong").run()
    assert "Every picture is right: there is no mistake to look at" in text(at)


def test_other_class_names_are_another_evaluation(tmp_path):
    folder(tmp_path / "data")
    weights = checkpoint(tmp_path / "net.safetensors")
    at = own(tmp_path, weights, names=["x", "y", "z"])
    assert "None of the 3 labels is one of the model's 3 classes" in text(at)
    at = own(tmp_path, weights)
    assert "of 9 pictures are right" in text(at)
    assert "no label that" not in text(at)


def test_a_click_opens_the_first_picture_and_a_second_one_lets_go(evaluated):
    _, table = evaluated
    at = open_page()
    counts = table[~table["correct"]].groupby(["true", "predicted"]).size()
    true, predicted = counts.idxmax()
    label = f"{true} → {predicted}: {counts.max()}"
    press(at, label)
    inside = table[(table["true"] == true) & (table["predicted"] == predicted)]
    first = inside.sort_values("confidence", ascending=False, kind="stable").iloc[0]
    assert address(at)["picture"] == first["picture"]
    assert f"is {true} · wrong" in text(at)
    assert in_the_bar(at)[1:] == (1, len(inside))
    at.segmented_control(key="which").set_value("right").run()  # none of a mistake is
    right = table[table["correct"] & (table["true"] == true)]
    assert "No picture matches" not in text(at)
    assert f"{len(right)} pictures. Click one to see why." in text(at)
    assert in_the_bar(at)[1:] == (1, len(right))
    press(at, label)
    press(at, label)
    wrong = int((~table["correct"]).sum())
    assert "is" not in address(at)
    assert f"{wrong} pictures. Click one to see why." in text(at)
    assert in_the_bar(at)[1:] == (1, wrong)


def test_one_picture(tmp_path):
    folder(tmp_path / "data", ["bee"], n=1)
    at = own(tmp_path)
    assert "The one picture is " in text(at)
    assert len(gallery(at)) == 1


def test_a_picture_smaller_than_the_input(tmp_path):
    folder(tmp_path / "data", n=2, size=7)
    at = own(tmp_path)
    assert "of 6 pictures are right" in text(at)
    assert 'class="xp-grid"' in html(at)


def test_a_model_that_answers_nan(tmp_path):
    folder(tmp_path / "data")
    spoilt = checkpoint(tmp_path / "nan.safetensors", spoil=lambda state: state["bn1.running_var"].fill_(-1))
    at = own(tmp_path, spoilt)
    assert "To 9 of 9 pictures the model answers NaN instead of probabilities" in text(at)
    assert not at.metric


def test_pictures_that_cannot_be_read_are_left_out_and_listed(tmp_path):
    folder(tmp_path / "data")
    (tmp_path / "data" / "ant" / "broken.png").write_bytes(b"no picture")
    at = own(tmp_path)
    assert "of 9 pictures are right" in text(at)
    assert "1 picture was left out" in text(at)
    listed = next(element.value for element in at.dataframe if "why" in element.value.columns)
    assert "broken.png" in listed["why"][0]


def test_a_superpixel_method_that_finds_one_segment(tmp_path):
    (tmp_path / "data" / "bee").mkdir(parents=True)
    Image.new("RGB", (40, 40), "teal").save(tmp_path / "data" / "bee" / "flat.png")
    at = own(tmp_path, which="All", lime_samples="200", segments="quickshift")
    press(at, "Run LIME")
    finish(at)
    assert "The whole picture is one superpixel, so LIME has nothing to tell apart. Choose SLIC" in text(at)


def test_what_was_done_before_cancel_stays_and_can_be_gone_on_with(tmp_path):
    folder(tmp_path / "data", n=60)
    path = checkpoint(tmp_path / "net.safetensors")
    model = xai.load_model(path, architecture="resnet20_cifar", class_names=NAMES)
    data = xai.load_dataset(tmp_path / "data").taking_turns()
    stamp = cache.stamps.data_stamp(model, data)
    jobs.evaluations.evaluation(model, stamp, data).advance(model, data)  # another session's first batch
    at = AppTest.from_file(MAIN, default_timeout=120)
    at.query_params.update(
        {
            "data": "Folder",
            "path": str(tmp_path / "data"),
            "model": "Checkpoint",
            "weights": path,
            "n": "180",
            "arch": "ResNet-20 for CIFAR",
            "classes": "\n".join(NAMES),
        }
    )
    at.session_state[f"stopped {model.id} {stamp}"] = True
    at.switch_page("views/misclassifications.py").run()
    assert not at.exception
    assert "Stopped after 128 of 180 pictures" in text(at)
    assert "of 128 pictures are right" in text(at)
    press(at, "Go on")
    assert "of 180 pictures are right" in text(at)
    expected = xai.evaluate(model, data)["correct"].sum()
    assert f"{expected} of 180 pictures are right" in text(at)


def test_names_are_text_whatever_they_contain(tmp_path):
    evil = "<img src=x onerror=alert(1)>"
    folder(tmp_path / "data", ["ant"])
    always = checkpoint(
        tmp_path / "net.safetensors", spoil=lambda s: s["linear.bias"].copy_(torch.tensor([0, 99.0, 0]))
    )
    at = own(tmp_path, always, names=["ant", evil, "cat"])
    assert evil not in html(at)
    assert "&lt;img src=x onerror=alert(1)&gt;" in html(at)


def test_more_than_ten_classes_have_a_top_five_and_imagenet_photos_map_by_name():
    at = open_page(data="Sample photos", model="EfficientNet-Lite0")
    assert "4 of 8 pictures have no label that is a class of EfficientNet-Lite0" in text(at)
    assert metric(at, "Top-5").endswith("%")


def test_a_real_checkpoint_on_the_pictures_of_a_real_record(shared_data):
    weights = shared_data / "checkpoints" / "resnet20_cifar10.th"
    record = shared_data / "instanceflow_cifar10" / "cifar10.json"
    for needed in (weights, record):
        if not needed.is_file():
            pytest.skip(f"{needed.name} is not among the shared data")
    names = ["Plane", "Auto", "Bird", "Cat", "Deer", "Dog", "Frog", "Horse", "Ship", "Truck"]
    at = open_page(
        data="Folder",
        path=str(record),
        model="Checkpoint",
        weights=str(weights),
        arch="ResNet-20 for CIFAR",
        classes="\n".join(names),
    )
    assert metric(at, "Accuracy") == "91.5%"
    assert "915 of 1,000 pictures are right" in text(at)


def test_what_was_drawn_before_is_drawn_again_in_its_box():
    for _ in range(2):  # the second visitor sees what was kept of the first
        at = open_page(n="60")
        (box,) = (one for one in at.expander if one.label == "Show the test")
        assert [one for one in box.caption if one.value.startswith("H0")]
