"""The Layer Explorer, driven through the entry point by Streamlit's own harness."""

import io
import re
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from streamlit.testing.v1 import AppTest

import xai_core as xai
from tests.support.pages import read
from tests.support.pictures import folder
from xai_core import studies
from xai_core.models.architectures import ARCHITECTURES

MAIN = str(Path(__file__).parents[2] / "app" / "main.py")


def open_page(**url):
    at = AppTest.from_file(MAIN, default_timeout=120)
    for key, value in url.items():
        at.query_params[key] = value
    at.switch_page("views/layer_explorer.py")
    at.run()
    assert not at.exception, at.exception[0].value
    return at


def text(at):
    """Everything that the page says, Markdown's escapes taken out."""
    parts = [*at.title, *at.header, *at.markdown, *at.caption, *at.info, *at.error, *at.warning]
    return read("\n".join(part.value for part in parts))


def html(at):
    return "\n".join(element.proto.body for element in at.get("html"))


def tiles(at):
    """How many pictures and maps the grid has; what the crop loses is drawn outside of it."""
    grids = [element.proto.body for element in at.get("html") if 'class="xg' in element.proto.body]
    return sum(grid.count("<img") for grid in grids)


def test_it_opens_with_pictures_maps_and_a_verdict():
    at = open_page()
    said = text(at)
    assert "EfficientNet-Lite0 on cpu · " in said
    assert " · 8 pictures · 5 layers" in said
    assert "3 of 8 pictures have no label that EfficientNet-Lite0 knows (astronaut, flower, rocket)" in said
    assert "H0: " in said
    assert "H1: " in said
    assert re.search(
        r"Over 8 pictures, the median share of pixels above 0\.85 \w+ from .*Page's trend test gives p", said
    )
    assert tiles(at) == 4 * 6
    assert "espresso <span>95%" in html(at)


def test_of_pictures_without_any_label_it_says_what_the_foreground_page_says(tmp_path):
    for name in "ab":
        Image.fromarray(np.random.default_rng(ord(name)).integers(0, 256, (48, 48, 3), np.uint8)).save(
            tmp_path / f"{name}.png"
        )
    said = text(open_page(data="Folder", path=str(tmp_path), target="Label"))
    assert "The pictures have no labels: their maps explain the prediction." in said
    assert "no label that" not in said


def test_the_numbers_on_the_page_are_the_librarys():
    at = open_page()
    model = xai.load_model("efficientnet_lite0")
    samples = list(xai.load_dataset("photos"))
    maps = xai.grad_cam(model, samples, targets=xai.true_classes(model, samples))
    for threshold in (0.85, 0.6):
        at.slider(key="t").set_value(threshold).run()
        focus = xai.layer_focus(maps, threshold)
        number = f"{focus.trend.effect:+.2f}, 95% interval "
        assert f"{number}{focus.trend.interval[0]:+.2f}" in text(at)
        first = studies.format_value(focus.medians["median"].iloc[0], True)
        assert f"above {threshold:g} rises from {first} (stage 1)" in text(at)


def test_threshold_opacity_and_colours_never_run_the_model(monkeypatch):
    at = open_page()
    before = html(at)

    def fail(*args, **kwargs):
        raise AssertionError("the model was run")

    monkeypatch.setattr("xai_core.explain", fail)
    monkeypatch.setattr("xai_core.predict", fail)
    at.slider(key="t").set_value(0.6)
    at.slider(key="opacity").set_value(0.2)
    at.selectbox(key="colours").set_value("Viridis")
    at.run()
    assert not at.exception
    assert html(at) != before


def test_measure_grid_and_sweep():
    at = open_page()
    assert "averaged to the same size" in text(at)
    assert re.search(r"At every threshold from 0\.5 to 0\.95|of 46 thresholds, including 0\.85", text(at))
    at.button_group(key="measure").set_value("gini").run()
    assert "Gini concentration" in text(at)
    assert "Does the threshold matter?" not in [tab.label for tab in at.tabs]
    at.button_group(key="grid").set_value("common").run()
    assert not at.exception
    offered = ["Share above threshold", "Gini concentration", "Energy inside the object"]  # the photos have masks
    assert at.button_group(key="measure").options == offered


def test_the_tests_are_the_librarys_and_the_common_grid_is_held_against_them():
    at = open_page()
    model = xai.load_model("efficientnet_lite0")
    samples = list(xai.load_dataset("photos"))
    maps = xai.grad_cam(model, samples, targets=xai.true_classes(model, samples))
    own, common = (xai.layer_focus(maps, 0.85, grid=grid) for grid in ("own", "common"))
    tables = [element.value for element in at.dataframe]
    tests = next(table for table in tables if "effect" in table)
    for row, test in zip(tests.itertuples(), (own.trend, *own.results[1:]), strict=True):
        assert (row.test, row.n) == (test.name, 8)
        assert row.statistic.endswith(f" = {test.value:.4g}")
        assert row.p == studies.format_p(test.p)
        assert row.effect == f"{test.effect_name} = {test.effect:.2f}"
    size = " × ".join(map(str, common.table[["height", "width"]].iloc[0]))
    said = (
        f"(rank correlation with depth {common.trend.effect:+.2f}, {studies.format_p(common.p_trend)}, n = {common.n}"
    )
    assert re.search(rf"\*\*All maps averaged to {size}\.\*\* .*{re.escape(said)}", text(at))
    pairs = next(table for table in tables if "p (Holm)" in table)
    assert len(pairs) == 10


@pytest.mark.parametrize(
    ("data", "model"), [("Textured digits", "digits"), ("Textured digits (shortcut)", "digits_shortcut")]
)
def test_digits_come_with_the_model_that_learned_from_such_pictures(data, model):
    assert open_page(data=data, n="2").selectbox(key="model").value == model


def test_random_weights_are_compared_when_asked():
    at = open_page(data="Textured digits", model="Digits (honest)", n="12")
    said = "than the same architecture with random weights: rank correlation of focus with depth"
    assert "Not compared yet. The comparison would show whether an untrained network" in text(at)
    assert said not in text(at)
    at.toggle(key="random-weights").set_value(True).run()
    assert said in text(at)
    assert "Not compared yet. The comparison would show whether an untrained network" not in text(at)


def test_deletion_by_layer_stands_beside_each_layer_when_asked():
    at = open_page(data="Textured digits", model="Digits (honest)", n="6")
    assert "Deletion by layer" not in text(at)
    at.toggle(key="deletion").set_value(True).run()
    assert not at.exception
    assert "on 6 of 6 pictures. So much more of the class's probability goes in the map's order" in text(at)
    beside = next(one.value for one in at.dataframe if "p (deletion, Holm)" in one.value)
    assert beside["layer"].tolist() == ["stage 1", "stage 2", "stage 3"]
    assert beside["rank correlation"].notna().all()
    assert beside["n (deletion)"].tolist() == [6, 6, 6]


def test_each_layer_says_how_far_it_shows_the_gradients_that_it_averages():
    at = open_page(n="4")
    assert (
        "**Averaged gradients.** Grad-CAM averages each channel's gradient over all places, so its maps can be"
        in text(at)
    )
    assert "Averaged gradients" not in text(open_page(n="4", method="HiResCAM"))


def test_blocks_and_chosen_layers():
    at = open_page(layers="Blocks")
    assert "16 layers" in text(at)
    at.button_group(key="layers").set_value("choice").run()
    at.multiselect(key="pick").set_value(["_bn1", "_blocks.3"]).run()
    assert not at.exception
    assert "2 layers" in text(at)
    assert "It needs at least 3 layers; there are 2." in text(at)
    at.multiselect(key="pick").set_value([]).run()
    assert "No layer was chosen" in text(at)


def test_the_target_is_label_prediction_or_any_class():
    at = open_page()
    assert "map for: tabby" in html(at)
    at.button_group(key="target").set_value("prediction").run()
    assert "map for:" not in html(at)
    at.button_group(key="target").set_value("class").run()
    at.selectbox(key="class").set_value("goldfish").run()
    assert html(at).count("map for: goldfish") == 4
    assert "Grad-CAM for goldfish" in text(at)


def test_a_folder_with_labels_and_a_limit(tmp_path):
    at = open_page(data="Folder", path=str(folder(tmp_path)), n="4")
    assert "4 pictures" in text(at)
    at.multiselect(key="labels").set_value(["tabby"]).run()
    assert "3 pictures" in text(at)
    assert "label: tabby" in html(at)
    assert "label: espresso" not in html(at)


def test_near_copies_are_said_above_the_answer(tmp_path):
    for photo in list(xai.load_dataset("photos"))[:2]:
        small = Image.fromarray(photo.pixels).resize((96, 96))
        small.save(tmp_path / f"{photo.id}.png")
        small.crop((1, 1, 95, 95)).save(tmp_path / f"{photo.id}-cropped.png")
    at = open_page(data="Folder", path=str(tmp_path))
    (said,) = (one.value for one in at.warning if "near copies" in one.value)
    assert said.startswith("4 of 4 pictures look nearly the same as another one \\(2 sets of near copies\\)")


def test_the_url_restores_the_page(tmp_path):
    path = str(folder(tmp_path))
    at = open_page(
        data="Folder",
        path=path,
        labels="tabby",
        n="2",
        layers="Blocks",
        target="Prediction",
        t="0.7",
        view="Raw, signed",
        measure="Gini concentration",
    )
    assert "2 pictures · 16 layers · Grad-CAM for the prediction" in text(at)
    assert at.slider(key="t").value == 0.7
    assert "against and for the class that is explained" in html(at)
    assert "median Gini concentration" in text(at)


def test_boxes_offer_energy_inside(shared_data):
    at = open_page(data="Folder", path=str(shared_data / "tiny-imagenet-200"), labels="goldfish", n="8")
    at.button_group(key="measure").set_value("energy_inside").run()
    assert "positive energy inside the object" in text(at)
    assert "Page's trend test gives" in text(at)


def test_one_picture_says_why_nothing_can_be_tested(tmp_path):
    at = open_page(data="Folder", path=str(folder(tmp_path, n=1, labels=("n02123045_tabby",))))
    assert "This cannot be tested" in text(at)
    assert "at least two pictures" in text(at)
    assert tiles(at) == 6


def test_bad_pictures_are_listed_and_the_others_shown(tmp_path):
    good = folder(tmp_path, labels=("n02123045_tabby",)) / "n02123045_tabby"
    (good / "empty.jpg").write_bytes(b"")
    (good / "text.jpg").write_text("not a picture")
    buffer = io.BytesIO()
    Image.new("RGB", (64, 64)).save(buffer, "JPEG")
    (good / "half.jpg").write_bytes(buffer.getvalue()[: len(buffer.getvalue()) // 2])
    (good / "<img src=x>.jpg").write_bytes(b"")
    at = open_page(data="Folder", path=str(tmp_path))
    assert "3 pictures" in text(at)
    left_out = next(table.value for table in at.dataframe if "why" in table.value)
    assert len(left_out) == 4
    assert left_out["why"].str.contains("empty|not a picture|damaged").all()


def written(path):
    path.write_text("no pictures")
    return str(path)


@pytest.mark.parametrize(
    ("prepare", "words"),
    [
        (lambda path: str(path / "nowhere"), "There is no folder or file"),
        (lambda path: str(path), "holds no pictures"),
        (lambda path: written(path / "notes.txt"), "is neither a folder"),
    ],
)
def test_a_wrong_path_is_a_sentence_and_the_page_stays_alive(tmp_path, prepare, words):
    at = open_page(data="Folder", path=prepare(tmp_path))
    assert words in text(at)
    at.selectbox(key="data").set_value("photos").run()
    assert "8 pictures" in text(at)


def test_a_label_that_is_gone_from_the_link_is_ignored(tmp_path):
    at = open_page(data="Folder", path=str(folder(tmp_path)), labels="zebra")
    assert "6 pictures" in text(at)


def test_nothing_readable_is_said(tmp_path):
    (tmp_path / "a.png").write_bytes(b"")
    at = open_page(data="Folder", path=str(tmp_path))
    assert "None of the pictures can be read" in text(at)


def test_uploads_are_explained_and_asked_for():
    at = open_page(data="Upload")
    assert "Your own pictures" in "".join(one.value for one in at.main.markdown)
    png = io.BytesIO()
    Image.fromarray(np.random.default_rng(0).integers(0, 256, (50, 70, 3), dtype=np.uint8)).save(png, "PNG")
    at.file_uploader(key="files").set_value(
        [("mine.png", png.getvalue(), "image/png"), ("bad.png", b"x", "image/png")]
    ).run()
    assert not at.exception
    assert "1 picture · 5 layers · Grad-CAM for the prediction" in text(at)
    assert "mine.png" in html(at)
    assert any("bad.png" in str(table.value) for table in at.dataframe)


def test_a_model_that_is_not_here_is_offered_and_the_page_goes_on(monkeypatch, tmp_path):
    monkeypatch.setenv("TORCH_HOME", str(tmp_path))
    monkeypatch.setattr(
        "xai_core.models.sources.imagenet_weights._weights_url", lambda key: "http://127.0.0.1:9/none.pth"
    )
    at = open_page()
    at.selectbox(key="model").set_value("resnet50").run()
    assert "ResNet-50 is not on this disk. It takes 102 MB." in text(at)
    assert "EfficientNet-Lite0 on cpu" in text(at)
    next(button for button in at.button if button.label == "Download ResNet-50").click().run()
    assert "could not be downloaded" in text(at)
    assert "Check the network" in text(at)
    assert "EfficientNet-Lite0 on cpu" in text(at)


def test_a_model_in_the_cache_is_simply_there(monkeypatch, tmp_path):
    monkeypatch.setenv("TORCH_HOME", str(tmp_path))
    target = tmp_path / "hub" / "checkpoints" / "resnet18-f37072fd.pth"
    target.parent.mkdir(parents=True)
    torch.manual_seed(0)
    torch.save(ARCHITECTURES["resnet18"].build(1000).state_dict(), target)
    at = open_page(model="ResNet-18", n="2")
    assert "ResNet-18 on cpu · " in text(at)
    assert " · 2 pictures · 4 layers" in text(at)
    target.unlink()


def checkpoint(path, change=None):
    torch.manual_seed(0)
    state = ARCHITECTURES["resnet20_cifar"].build(3).state_dict()
    if change:
        change(state)
    torch.save({"state_dict": {f"module.{k}": v for k, v in state.items()}}, path)
    return str(path)


def test_a_checkpoint_of_ones_own(tmp_path):
    at = open_page(model="Checkpoint", weights=checkpoint(tmp_path / "mine.pth"), arch="ResNet-20 for CIFAR", n="2")
    assert "mine.pth (ResNet-20 for CIFAR) on cpu · " in text(at)
    assert " · 2 pictures · 3 layers" in text(at)
    assert re.search(r'xg-pred">class [012] ', html(at))
    at.text_area(key="classes").set_value("cat\ndog\ntabby").run()
    assert not at.exception
    assert re.search(r'xg-pred">(cat|dog|tabby) ', html(at))
    assert "label: tabby" in html(at)
    at.text_area(key="classes").set_value("cat, dog, tabby").run()
    assert "label: tabby" in html(at)
    at.text_area(key="classes").set_value("cat").run()
    assert "but 1 class name was given" in text(at)
    at.text_area(key="classes").set_value("cat\ndog").run()
    assert "has 3 classes (its tensor 'linear.weight' has 3 rows), but 2 class names were given" in text(at)
    assert "Until then the page stays with mine.pth" in text(at)


def spoil(state):
    state["layer1.0.conv1.weight"][0] = float("nan")


def test_nan_weights_are_refused_by_the_tensors_name(tmp_path):
    at = open_page(model="Checkpoint", weights=checkpoint(tmp_path / "nan.pth", spoil), arch="ResNet-20 for CIFAR")
    assert "its tensor 'layer1.0.conv1.weight' holds NaN" in text(at)
    assert "EfficientNet-Lite0 on cpu" in text(at)


def test_a_model_without_a_spatial_layer_says_so(monkeypatch):
    flat = xai.load_model(torch.nn.Sequential(torch.nn.Flatten(), torch.nn.Linear(3 * 224 * 224, 5)), input_size=224)
    monkeypatch.setattr("app.cache.models.classifier", lambda *args: flat)
    at = open_page()
    assert "has no layers whose maps could be shown" in text(at)
    assert not at.exception


def test_maps_without_evidence_are_marked_and_left_out(tmp_path, monkeypatch):
    real, flat = xai.explain, []

    def with_a_hole(*args, **kwargs):
        found = real(*args, **kwargs)
        found.maps["_blocks.15"][0] = -1
        flat.append(np.array([xai.is_flat(xai.rectify(maps)) for maps in found.values()]))  # (L, N)
        return found

    monkeypatch.setattr("xai_core.explain", with_a_hole)
    at = open_page(data="Folder", path=str(folder(tmp_path, seed=7)))
    assert flat[0][-1, 0]
    assert f"{flat[0].sum()} of 30 maps (6 pictures at 5 layers) hold no positive evidence" in text(at)
    assert f"{flat[0].any(axis=0).sum()} pictures are left out because of a layer without a usable map" in text(at)
    assert f"on {(~flat[0].any(axis=0)).sum()} pictures." in text(at)
    assert html(at).count('class="xg-flat"') == flat[0][:, :4].sum()


@pytest.mark.parametrize("by", ["name", "id"])
def test_the_chosen_picture_stands_out(by):
    flower = next(sample for sample in xai.load_dataset("photos") if sample.name == "flower")
    at = open_page(picture=getattr(flower, by))
    assert at.query_params["picture"] == "flower"
    assert "Highlighted, and first in the grid above: flower" in text(at)
    assert tiles(at) == 5 * 6
    assert html(at).index("label: flower") < html(at).index("label: espresso")
    next(button for button in at.button if button.label == "Clear selection").click().run()
    assert not at.exception
    assert "Highlighted" not in text(at)
    assert "picture" not in at.query_params
    assert tiles(at) == 4 * 6


def test_eight_pictures_and_four_layers_stay_below_the_limit():
    at = open_page(rows="8", layers="Choice")
    at.multiselect(key="pick").set_value(["_blocks.0", "_blocks.4", "_blocks.10", "_blocks.15"]).run()
    assert tiles(at) == 8 * 5
    assert len(html(at)) < 1_500_000
