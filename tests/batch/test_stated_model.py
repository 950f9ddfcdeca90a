"""What is stated of a model in a study: in its record, its address, its report, and when it is taken up again."""

import json
import zipfile
from urllib.parse import parse_qs, urlsplit

import xai_core as xai
from tests.support.command import kept, study, summary

STATED = ("--input-size", "48x40", "--fit", "stretch", "--mean", "0.5,0.5,0.5", "--outputs", "logits")


def test_a_study_keeps_what_is_stated_of_its_model(tmp_path, capsys):
    out = tmp_path / "out"
    assert study("layers", out, "--limit", 8, *STATED) == 0
    request = json.loads((out / "study.json").read_text())["request"]
    stated = {"input-size": "48x40", "fit": "stretch", "mean": "0.5,0.5,0.5", "outputs": "logits"}
    assert {key: request[key] for key in stated} == stated
    assert not {"std", "white", "axes"} & set(request)  # what is the model's own stands nowhere
    query = parse_qs(urlsplit(summary(out)["address"]).query)
    assert (query["size"], query["fit"], query["mean"], query["outputs"]) == (
        ["48x40"],
        ["Stretched"],
        ["0.5,0.5,0.5"],
        ["Logits"],
    )
    with zipfile.ZipFile(out / "report.zip") as archive:
        record = json.loads(archive.read("report.json"))
    (line,) = [line for line in record["code"].splitlines() if line.startswith("model = ")]
    model = eval(line.removeprefix("model = "), {"xai": xai})
    assert model.id == json.loads((out / "study.json").read_text())["model_id"]
    assert study("layers", out, "--limit", 8, *STATED[:1], "48 x 40", *STATED[2:]) == 0  # written otherwise: the same
    capsys.readouterr()
    assert study("layers", kept(out, tmp_path / "copy"), "--limit", 8, *STATED, "--mean", "0.4,0.4,0.4") == 4
    assert "its --mean is '0.5,0.5,0.5', not '0.4,0.4,0.4'" in capsys.readouterr().err
