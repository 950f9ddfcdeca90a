"""Studies by any method that suits: one that a test makes up, one without layers, and folders older than the choice."""

import json
import zipfile
from urllib.parse import parse_qs, urlsplit

import numpy as np
import pytest

import xai_core as xai
from tests.support.command import study, summary
from xai_core import plugins
from xai_core.batch.store import StudyFolder


@pytest.fixture
def made_up():
    """A method at layers that only this test knows."""

    @xai.register(
        title="Made-up maps",
        paper="a test",
        unit="logit",
        signed=True,
        place="layer",
        drawing="evidence",
        legend="bright is more",
        settings=(xai.Setting("power", "Power", 1, (1, 2)),),
    )
    def made_up(model, images, *, power=1, **options):
        return xai.layer_maps(model, images, lambda a, g: (a * g).sum(1) ** power, **options)

    yield made_up
    xai.unregister("made_up")


def numbers_again(out):
    """What the lines of Python in the report give."""
    with zipfile.ZipFile(out / "report.zip") as archive:
        code, record = archive.read("code.py").decode(), json.loads(archive.read("report.json"))
    found = {}
    exec(code, found)
    return code, record, found["numbers"]


@pytest.mark.parametrize("kind", ["layers", "foreground"])
def test_a_made_up_method(kind, tmp_path, made_up):
    out = tmp_path / "out"
    assert study(kind, out, "--limit", 20, "--method", "made_up", "--set", "power=2") == 0
    said, folder = summary(out), StudyFolder.open(out)
    assert (folder.method, folder.settings) == ("made_up", {"power": 2})
    query = parse_qs(urlsplit(said["address"]).query)
    assert (query["method"], query["made_up-power"]) == (["Made-up maps"], ["2"])
    code, record, numbers = numbers_again(out)
    assert "method='made_up', power=2, " in code
    assert (record["settings"]["method"], record["settings"]["power"]) == ("Made-up maps", 2)
    assert numbers == pytest.approx(said["numbers"], rel=1e-4, abs=1e-6, nan_ok=True)
    report = (out / "report.html").read_text()
    assert "of Made-up maps " in report
    assert "Grad-CAM" not in report


def test_a_study_holds_the_maps_of_its_method_and_settings_alone(tmp_path, made_up):
    out = tmp_path / "out"
    assert study("layers", out, "--limit", 4, "--method", "made_up", "--set", "power=2", "--target", "3") == 0
    model = xai.load_model("digits")
    data = xai.load_dataset("textured_digits", split="val", limit=4)
    samples = [model.preprocessing.prepare(sample) for sample in data]
    ask = (model.id, [sample.id for sample in samples], ["stages.1"], [3] * 4)
    folder = StudyFolder.open(out)
    found = folder.heatmaps(*ask, method="made_up", settings={"power": 2})
    expected = xai.explain(model, samples, method="made_up", targets=3, layers=["stages.1"], power=2)
    np.testing.assert_array_equal(found["stages.1"], expected["stages.1"])
    assert (found.method, found.key, found.settings) == (expected.method, expected.key, expected.settings)
    assert folder.heatmaps(*ask) is None
    assert folder.heatmaps(*ask, method="made_up") is None
    assert study("layers", out, "--limit", 4, "--method", "made_up", "--target", "3") == 4


def test_a_method_without_layers(tmp_path, capsys):
    out = tmp_path / "out"
    assert study("foreground", out, "--limit", 20, "--method", "saliency", "--no-interventions") == 0
    assert StudyFolder.open(out).head["layers"] == ["input"]
    code, record, numbers = numbers_again(out)
    assert "layers=" not in code
    assert (record["settings"]["method"], record["settings"]["layer"]) == ("Saliency", "input")
    assert numbers == pytest.approx(summary(out)["numbers"], rel=1e-4, abs=1e-6, nan_ok=True)
    capsys.readouterr()
    assert study("foreground", tmp_path / "b", "--method", "saliency", "--layer", "stages.1") == 2
    assert "no layer can be chosen" in capsys.readouterr().err


def test_a_method_that_draws_samples(tmp_path):
    out = tmp_path / "out"
    more = ("--limit", 3, "--method", "lime", "--set", "num_samples=200", "--set", "segments=quickshift")
    assert study("foreground", out, *more, "--no-interventions") == 0
    assert StudyFolder.open(out).settings == {"num_samples": 200, "segments": "quickshift"}


@pytest.mark.parametrize(
    ("kind", "more", "said"),
    [
        ("layers", ("--method", "saliency"), "Saliency gives no maps that Layer Explorer could use"),
        ("foreground", ("--method", "saliency_signed"), "gives no maps that Foreground vs Background could use"),
        ("layers", ("--method", "nothing"), "There is no method 'nothing'"),
        ("foreground", ("--method", "lime", "--set", "colour=red"), "no setting 'colour=red'"),
    ],
)
def test_what_does_not_suit_is_said(kind, more, said, tmp_path, capsys):
    assert study(kind, tmp_path / "out", *more) == 2
    assert said in capsys.readouterr().err


def test_a_folder_older_than_the_choice_of_a_method_goes_on(layers_out, tmp_path):
    """Its head says no method; that counts as the one that there was, and its parts are its own."""
    import shutil

    from xai_core.batch.head import identity

    out = tmp_path / "out"
    shutil.copytree(layers_out, out)
    new = StudyFolder.open(out)
    head = json.loads((out / "study.json").read_text())
    for name in ("method", "set"):
        del head["request"][name]
    (out / "study.json").write_text(json.dumps(head))
    old = StudyFolder.open(out)
    assert old.identity == identity(head) != new.identity
    for number in range(head["parts"]):  # as the older program wrote them
        about, arrays = new.about(number), {}
        for name in about["arrays"]:
            arrays[name] = new.array(number, name)
        old.write(
            number, {key: value for key, value in about.items() if key not in ("arrays", "study", "number")}, arrays
        )
    times = {path.name: path.stat().st_mtime_ns for path in (out / "parts").iterdir()}
    assert study("layers", out, "--limit", 20) == 0
    assert {path.name: path.stat().st_mtime_ns for path in (out / "parts").iterdir()} == times
    assert StudyFolder.open(out).method == "grad_cam"
    assert study("layers", out, "--limit", 20, "--measure", "gini") == 4


def test_a_broken_plug_in_is_said_and_costs_itself_alone(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(plugins, "problems", lambda: ("The plug-in 'mine' cannot be used: ImportError: no.",))
    assert study("layers", tmp_path / "out", "--limit", 2) == 0
    assert "The plug-in 'mine' cannot be used" in capsys.readouterr().err
