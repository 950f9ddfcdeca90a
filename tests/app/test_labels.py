"""The pages with a model of independent labels, whose mistakes are planted."""

import re

import pytest

import xai_core as xai
from app import frame, state
from tests.support.labels import LABELS, OUTPUTS, PICTURES, offered, squares_model, write_squares
from tests.support.pages import clickables, open_page, run, text
from xai_core import reports, studies


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    return write_squares(tmp_path_factory.mktemp("labels") / "squares", PICTURES, LABELS)


@pytest.fixture(scope="module", autouse=True)
def model():
    with offered() as title:
        yield title


@pytest.fixture(scope="module")
def evaluation(root):
    return xai.evaluate_labels(squares_model(), xai.load_dataset(str(root)))


def opened(root, page="misclassifications", **url):
    return open_page(page, data="Folder", path=str(root), model="Squares", outputs=OUTPUTS, **url)


def html(at):
    return "\n".join(element.proto.body for element in at.get("html")) + "\n".join(clickables(at))


def cards(at):
    """What each card of the gallery says."""
    (gallery,) = (one for one in clickables(at) if 'class="gl"' in one)
    found = re.findall(r'title="([^"]+)"', gallery)
    return [one.split(": ")[0] for one in found], found


def metric(at, label):
    return next(element.value for element in at.metric if element.label == label)


def test_it_says_what_evaluate_labels_says(root, evaluation):
    at = opened(root)
    summary = studies.summarise_labels(evaluation)
    assert metric(at, "Mean AP") == f"{summary.mean_average_precision:.3f}"
    assert metric(at, "Macro F1") == f"{summary.macro_f1:.3f}"
    assert metric(at, "Every label right") == "71.4%"
    assert (metric(at, "Missed"), metric(at, "False positives")) == ("1", "1")
    said = text(at)
    assert "19 of 21 decisions about a label are right" in said
    assert "red is missed most often (1 of 4 pictures that have it)" in said
    (report,) = (one.value for one in at.dataframe if "average precision" in one.value)
    expected = studies.label_report(evaluation)
    assert report["average precision"].tolist() == expected["average_precision"].tolist()
    assert report["prevalence (%)"].tolist() == pytest.approx([4 / 7, 3 / 7, 2 / 7])


def test_nothing_on_it_assumes_one_right_class(root):
    at = opened(root)
    said = text(at) + html(at) + " ".join(one.label for one in [*at.metric, *at.expander, *at.selectbox])
    for word in ("Confusion matrix", "Accuracy", "Top-5", "Calibration error", "taken for", "margin", "runner-up"):
        assert word not in re.sub(r"<style>.*?</style>", "", said, flags=re.DOTALL), word
    assert "they need not add up to 100%" in said


def test_the_matrix_is_labels_by_labels(root):
    matrix = next(one for one in clickables(opened(root)) if 'class="cm"' in one)
    assert 'aria-label="Labels together"' in matrix
    assert re.search(r'data-pick="cell:2:1"[^>]*>1<', matrix)  # green is predicted falsely beside blue
    true = next(one for one in clickables(opened(root, together="True labels")) if 'class="cm"' in one)
    assert not re.search(r'data-pick="cell:2:1"', true)


@pytest.mark.parametrize(
    ("url", "pictures"),
    [
        ({}, {"f.png", "g.png"}),
        ({"label": "red", "outcome": "Missed"}, {"g.png"}),
        ({"label": "green", "outcome": "False positives"}, {"f.png"}),
        ({"label": "red", "outcome": "Found"}, {"a.png", "c.png", "e.png"}),
        ({"label": "green", "outcome": "Predicted", "has": "blue"}, {"f.png"}),
        ({"outcome": "All", "has": "no label"}, {"d.png"}),
    ],
)
def test_the_gallery_shows_the_pictures_of_a_label_and_an_outcome(root, url, pictures):
    names, _ = cards(opened(root, **url))
    assert set(names) == pictures


def test_a_missed_label_is_explained_with_maps_for_that_label(root):
    at = opened(root, label="red", outcome="Missed")
    _, said = cards(at)
    assert said == ["g.png: red 1.8%, missed; the picture has red, green"]
    assert at.selectbox(key="class-1").value == 0
    assert at.selectbox(key="class-2").value == 1  # the label that it has and that is found
    panel = html(at)
    assert "for red" in panel
    assert "red − green" in panel
    assert "red 1.8%, missed" in panel
    assert "correctly detected red" in panel
    bars = re.findall(r'title="(\w+)">.*?<small>([^<]+)</small>', panel)
    assert bars[:3] == [("green", "true"), ("red", "missed"), ("blue", "absent")]


def test_both_maps_are_of_the_label_looked_at_and_of_another_that_is_true(root, evaluation):
    at = opened(root, both_maps="true", outcome="All")
    shown = re.findall(r"<section><header>(.*?)</header>", html(at))
    rows = studies.choose_labelled(evaluation, only="all")
    assert shown[0] == "Mean of 6 pictures"  # one of the seven has flat maps, which have no mean
    assert sorted(shown[1:]) == sorted(rows["picture"])
    assert "red speaks for the label looked at, blue for the other one" in text(at)
    first = rows.iloc[0]
    other = studies.other_label(evaluation, int(first["row"]), int(first["class"]))
    assert f"for {evaluation.label_names[other]}" in html(at)
    assert at.button(key="compare-start").label == "Compare"  # methods and layers are compared for them, too


def test_another_label_in_the_filter_is_another_map(root):
    at = opened(root, picture="f.png", outcome="All", label="blue")
    assert at.selectbox(key="class-1").value == 2
    at.selectbox(key="label").select(1)
    run(at)
    assert at.selectbox(key="class-1").value == 1
    assert "green 99%, false positive" in html(at)


def test_thresholds_change_numbers_matrix_and_gallery(root, evaluation):
    at = opened(root, decision="0.99")
    assert metric(at, "False positives") == "0"
    assert metric(at, "Missed") == str(int(evaluation.at(0.99).missed.sum()))
    own = opened(root, decisions="red=0.01")
    assert metric(own, "False positives") == str(int(evaluation.at({"red": 0.01}).false_positives.sum()))
    assert metric(own, "Missed") == "0"
    wrong = opened(root, decisions="pink=0.1")
    assert "There is no label 'pink' to have a threshold of its own" in text(wrong)
    assert metric(wrong, "Missed") == "1"


def test_labels_that_are_not_annotated_are_said_and_not_counted(tmp_path):
    some = write_squares(tmp_path / "some", PICTURES, LABELS, names=("red", "green"))
    at = opened(some)
    said = text(at)
    assert "Of 21 labels of these pictures, 7 are not annotated" in said
    assert "they do not count as absent" in said
    (report,) = (one.value for one in at.dataframe if "average precision" in one.value)
    blue = report[report["label"] == "blue"].iloc[0]
    assert (blue["known"], blue["false positives"]) == (0, 0)
    assert blue["reason"] == "The data do not say which pictures have it."
    assert "not annotated" in html(at)


def test_the_report_is_of_the_page_as_it_stands(root, monkeypatch):
    made = []

    def make_at_once(_name, make, _files):
        made.append(make(state.board() | {"address": "here"}))

    monkeypatch.setattr(frame, "offer_export", make_at_once)
    opened(root, label="red", outcome="Missed", decision="0.4")
    report = made[-1]
    assert report.settings["threshold"] == "0.4"
    assert [sample.name for sample in report.samples] == ["g.png"]
    assert report.numbers["wrong"] == 2
    page = reports.to_html(report)
    assert "Which labels occur together" in page
    assert "g.png: red against green" in page
    assert "threshold=0.4" in report.code


def test_pictures_without_labels_are_sent_to_a_table(tmp_path):
    plain = tmp_path / "plain"
    write_squares(plain, PICTURES)
    (plain / "labels.csv").unlink()
    assert "Put a table of labels (CSV) beside them" in text(opened(plain))


def test_the_layer_explorer_explains_the_likeliest_true_label(root):
    at = opened(root, "layer_explorer", rows="8")
    said = text(at)
    assert "for the likeliest true label" in said
    grid = html(at)
    assert "<div>label</div><div>input</div>" in grid
    assert "predicted" not in re.sub(r"<style>.*?</style>", "", grid, flags=re.DOTALL)
    names = re.findall(
        r'xg-pred">(\w+) <span>([^<]+)</span></div><div>label: ([^<]*?) <.*?xg-name" title="([\w.]+)"', grid
    )
    by_name = {name: (label, p, known) for label, p, known, name in names}
    assert by_name["g.png"] == ("green", "99%", "red, green")
    assert by_name["f.png"][:1] == ("blue",)
    assert "1 of 7 pictures has no label that Squares knows" in said  # d.png, which has none


def test_the_layer_explorer_explains_any_label_that_is_chosen(root):
    at = opened(root, "layer_explorer", target="A class", rows="8", **{"class": "red"})
    labels = re.findall(r'class="xg-pred">(\w+) <span>', html(at))
    assert labels
    assert set(labels) == {"red"}
    assert "✗" in html(at)  # g.png is said to have red


@pytest.fixture(scope="module")
def masked(tmp_path_factory):
    pictures = {name: colours for name, colours in PICTURES.items() if colours}
    return write_squares(tmp_path_factory.mktemp("masked") / "squares", pictures, masks=True)


def test_foreground_explains_the_likeliest_true_label_and_groups_by_it(masked):
    at = opened(masked, "foreground")
    assert not at.error, [one.value for one in at.error]
    groups = next(one.value for one in at.dataframe if "label" in one.value.columns)
    assert set(groups["label"]) == {"red", "green"}  # of two that are as likely, the first
    assert "By class" in text(at)


def test_what_becomes_of_the_label_is_counted_under_attack(masked):
    at = opened(masked, "foreground")
    at.button(key="attack-start").click()
    run(at)
    said = text(at)
    assert "share of pictures in which the label is predicted" in said
    assert not re.search("halves? the accuracy", said)


def test_a_model_of_one_class_says_how_several_labels_count(root):
    at = open_page("misclassifications", data="Folder", path=str(root), model="Squares")
    assert "counts as right where it is any of a picture's labels" in text(at)


def test_data_with_one_label_a_picture_say_that_others_count_as_absent(tmp_path):
    for name, colours in {"a.png": ("red",), "b.png": ("green",)}.items():
        write_squares(tmp_path / "all" / colours[0], {name: colours})
        (tmp_path / "all" / colours[0] / "labels.csv").unlink()
    said = text(opened(tmp_path / "all"))
    assert "all others count as absent" in said
