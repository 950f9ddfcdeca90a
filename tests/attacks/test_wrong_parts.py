"""Parts of studies that are whole, of the right study, and hold what it cannot have found: pages compute it again."""

import json
import shutil

import numpy as np
import pytest

import xai_core as xai
from tests.support.command import study
from tests.support.kept_results import begin_anew
from tests.support.pages import open_page
from xai_core.batch.store import StudyFolder
from xai_core.questions.misclassified.stored import stored_evaluation

DATA = ("--data", "textured_digits", "--model", "digits")
PAGES = {
    "layers": "layer_explorer",
    "foreground": "foreground",
    "misclassified": "misclassifications",
    "discover": "discovery",
}


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """Makes a study of a kind once."""
    root = tmp_path_factory.mktemp("studies")

    def made(kind):
        if not (root / kind).exists():
            assert study(kind, root / kind, "--limit", "8", common=DATA) == 0
        return root / kind

    return made


@pytest.fixture
def crafted(whole, tmp_path):
    """Writes a copy of a study whose parts were changed, and gives its folder; nobody has opened it before."""
    begin_anew()

    def craft(kind, change):
        folder = shutil.copytree(whole(kind), tmp_path / kind)
        for place in sorted((folder / "parts").glob("*.npz")):
            with np.load(place) as part:
                arrays = {name: part[name] for name in part.files}
            about = json.loads(arrays.pop("about").tobytes())
            change(about, arrays)
            about["arrays"] = sorted(arrays)
            with place.open("wb") as file:
                np.savez(file, about=np.frombuffer(json.dumps(about).encode(), np.uint8), **arrays)
        return folder

    return craft


def of(name, function):
    """Changes an array where it is."""
    return lambda about, arrays: arrays.update({name: function(arrays[name])}) if name in arrays else None


def said(name, value):
    """Changes a text of every picture's row."""
    return lambda about, arrays: about["columns"].update({name: [value] * len(about["ids"])})


def said_in(name, value):
    """Changes a text that every part says of its pictures."""
    return lambda about, arrays: about.update({name: [f"{value}{place}" for place in range(len(about["ids"]))]})


WRONG = [
    ("discover", "a number for probabilities", of("view/probabilities", lambda one: np.array(3))),
    ("discover", "no labels", lambda about, arrays: about.pop("labels")),
    ("discover", "labels by name", lambda about, arrays: about.update(labels={})),
    ("discover", "names that are none", lambda about, arrays: about.update(names=[[1]] * len(about["ids"]))),
    ("discover", "places in a column", of("view/places", lambda one: one[:, None])),
    ("discover", "places of no data", of("view/places", lambda one: one + 10**12)),
    ("discover", "no places", of("view/places", lambda one: one[:0])),
    ("discover", "features of more pictures", of("view/features", lambda one: np.concatenate([one] * 3))),
    ("discover", "pictures in a row", of("view/thumbs", lambda one: one.reshape(-1))),
    ("discover", "no pictures", lambda about, arrays: arrays.pop("view/thumbs")),
    ("layers", "probabilities in a row", of("probabilities", lambda one: one.reshape(-1))),
    ("layers", "probabilities of one class", of("probabilities", lambda one: one[:, :1])),
    ("layers", "classes that there are not", of("predictions", lambda one: one * 0 + 10**18)),
    ("layers", "maps of four sides", of("map/stages.0", lambda one: one[..., None])),
    ("layers", "maps without pixels", of("map/stages.0", lambda one: one[:, :1, :0])),
    ("layers", "maps of texts", of("map/stages.0", lambda one: one.astype("U9"))),
    ("layers", "maps of whole numbers", of("map/stages.0", lambda one: one.astype(int))),
    ("foreground", "probabilities in a row", of("probabilities", lambda one: one.reshape(-1))),
    ("foreground", "pictures that there are not", of("column/picture", lambda one: one + 10**9)),
    ("foreground", "classes that there are not", of("column/predicted", lambda one: one + 99)),
    ("misclassified", "a name in a list", said("picture", [None])),
    ("misclassified", "a class in words of none", said("predicted_class", {"a": 1})),
    ("misclassified", "a class of another model", said("predicted_class", "zebra")),
    ("misclassified", "places below none", of("column/index", lambda one: one - 10**9)),
    ("misclassified", "places of no data", of("column/index", lambda one: one * 0 + 10**18)),
    ("misclassified", "true classes that there are not", of("column/true", lambda one: one * 0 + 99)),
    ("misclassified", "answers that there are not", of("column/predicted", lambda one: one * 0 - 5)),
    ("misclassified", "confidence in words", of("column/confidence", lambda one: one.astype("U9"))),
    ("misclassified", "complex confidence", of("column/confidence", lambda one: one.astype(complex))),
    ("misclassified", "dates for confidence", of("column/confidence", lambda one: one.astype("M8[s]"))),
    ("misclassified", "endless confidence", of("column/confidence", lambda one: one * np.inf)),
]


CUT = [(kind, f"half of a letter in {kind}", said_in("names", "\ud800cat")) for kind in PAGES]


@pytest.mark.parametrize(("kind", "_", "change"), [*WRONG, *CUT], ids=[w[1] for w in (*WRONG, *CUT)])
def test_a_page_opens(kind, _, change, crafted):
    folder = crafted(kind, change)
    there = StudyFolder.open(folder)
    assert there.complete
    page, query = there.address
    assert page == PAGES[kind]
    at = open_page(page, **{name: values[0] for name, values in query.items()} | {"study": str(folder)})
    assert not at.error, [one.value for one in at.error]


LAYERS = [change for kind, _, change in WRONG if kind == "layers"]


@pytest.mark.parametrize("change", LAYERS, ids=[name for kind, name, _ in WRONG if kind == "layers"])
def test_maps_that_are_none_are_not_handed_out(change, whole, crafted):
    model = xai.load_model("digits")
    for folder, there in ((whole("layers"), True), (crafted("layers", change), False)):
        found = StudyFolder.open(folder)
        ids = found.about(0)["ids"]
        maps = found.heatmaps(model.id, ids, found.head["layers"], found.array(0, "targets").tolist())
        assert (maps is not None) == there


TABLES = [change for kind, _, change in WRONG if kind == "misclassified"]


@pytest.mark.parametrize("change", TABLES, ids=[name for kind, name, _ in WRONG if kind == "misclassified"])
def test_evaluations_that_are_none_are_not_handed_out(change, whole, crafted):
    model = xai.load_model("digits")
    asked = (model.id, 8, model.class_names)
    assert stored_evaluation(StudyFolder.open(whole("misclassified")), *asked) is not None
    assert stored_evaluation(StudyFolder.open(crafted("misclassified", change)), *asked) is None


def test_an_evaluation_of_more_pictures_or_other_classes_is_not_handed_out(whole):
    model, found = xai.load_model("digits"), StudyFolder.open(whole("misclassified"))
    assert stored_evaluation(found, model.id, 7, model.class_names) is None
    assert stored_evaluation(found, model.id, 8, model.class_names[::-1][:9]) is None
