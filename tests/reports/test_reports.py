"""Reports: their lines of Python give their numbers again, the page needs nothing from outside, names stay text."""

import io
import json
import math
import re
import zipfile
from dataclasses import dataclass, field, replace
from html.parser import HTMLParser

import numpy as np
import pandas as pd
import plotly.graph_objects as go
import pytest

import xai_core as xai
from xai_core import figures, shipped, studies
from xai_core.figures import Card
from xai_core.questions.evolution import findings as evolution_findings
from xai_core.questions.evolution.report import evolution_report
from xai_core.questions.foreground.findings import INTERVENTIONS, find
from xai_core.questions.foreground.report import foreground_report
from xai_core.questions.layers import findings as layers_findings
from xai_core.questions.layers.findings import Findings as LayersFindings
from xai_core.questions.layers.report import layers_report
from xai_core.questions.misclassified import findings as misclassified_findings
from xai_core.questions.misclassified.report import misclassified_report
from xai_core.reports import Chart, Report, Section, Table, Text, all_tables, to_html, to_zip
from xai_core.reports.versions import PACKAGES
from xai_core.studies.limits import address_of

KEYS = ["layers", "foreground", "misclassified", "evolution"]
EVIL = "<script>alert(1)</script></script> \"q\" 'a' & {{ 7*7 }} {% raw %} <b>b</b>"


@dataclass
class Page:
    """A page as a browser reads it."""

    elements: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    text: str = ""  # outside of scripts and styles
    scripts: list[tuple[dict[str, str], str]] = field(default_factory=list)
    styles: list[str] = field(default_factory=list)

    def all(self, tag):
        return [attributes for name, attributes in self.elements if name == tag]


def parsed(html):
    page = Page()

    class Reader(HTMLParser):
        inside = ""

        def handle_starttag(self, tag, attrs):
            attributes = {name: value or "" for name, value in attrs}
            page.elements.append((tag, attributes))
            self.inside = tag if tag in ("script", "style") else ""
            if tag == "script":
                page.scripts.append((attributes, ""))
            elif tag == "style":
                page.styles.append("")

        def handle_endtag(self, tag):
            self.inside = ""

        def handle_data(self, data):
            if self.inside == "script":
                page.scripts[-1] = (page.scripts[-1][0], page.scripts[-1][1] + data)
            elif self.inside == "style":
                page.styles[-1] += data
            else:
                page.text += data

    reader = Reader()
    reader.feed(html)
    reader.close()
    page.text = re.sub(r"\s+", " ", page.text)
    return page


def record_of(html):
    """The data in the page, as strictly as a browser reads JSON."""
    (text,) = [body for attributes, body in parsed(html).scripts if attributes.get("id") == "record"]
    return strict(text)


def strict(text):
    def refuse(name):
        raise AssertionError(f"{name} is no JSON")

    return json.loads(text, parse_constant=refuse)


def alike(first, second):
    """Numbers of a record, where null stands for NaN."""
    known = {name: float("nan") if value is None else float(value) for name, value in first.items()}
    assert known == pytest.approx(dict(second), rel=1e-5, nan_ok=True)


# -------------------------------------------------------------------------------------------------- reports


@pytest.fixture(scope="module")
def model():
    return xai.load_model("digits", device="cpu")


@pytest.fixture(scope="module")
def data():
    return xai.load_dataset("textured_digits", limit=12)


@pytest.fixture(scope="module")
def samples(model, data):
    return [model.preprocessing.prepare(sample) for sample in data]


def layers_of(model, samples, code):
    stages = model.select("stages")
    heatmaps = xai.grad_cam(model, samples, layers=[layer.name for layer in stages])
    captions = figures.captions(samples, heatmaps, model.class_names, xai.true_classes(model, samples))
    said = layers_answer(heatmaps, stages, samples, "share", 0.7)
    left_out = ["x.png is empty (0 bytes)."]
    found = LayersFindings(model, code, samples, stages, heatmaps, captions, said, left_out=left_out)
    return layers_report(found, chosen=3, settings={"map for": "the prediction"})


def layers_answer(heatmaps, stages, samples, measure, threshold):
    masks = [sample.mask for sample in samples]
    measured = {grid: studies.measure_maps(heatmaps, grid=grid, masks=masks) for grid in layers_findings.GRIDS}
    return layers_findings.answer(measured, stages, [sample.name for sample in samples], measure, threshold)


def foreground_of(model, samples, code):
    layer = model.select("stages")[-1].name
    heatmaps = xai.grad_cam(model, samples, layers=[layer])
    table = xai.foreground_background(heatmaps, samples)
    taken = xai.intervention(model, samples, targets=heatmaps.targets.tolist(), fill="blur")
    return foreground_report(find(model, code, samples, heatmaps, table, "energy", intervention=taken))


def misclassified_of(model, samples, code, pictures):
    table = xai.evaluate(model, pictures)
    cards = [
        Card(sample.id, sample.pixels, sample.name, "7", 0.5, sample.label or "", False, "a note")
        for sample in samples[:3]
    ]
    return misclassified_report(misclassified_findings.find(model, code, table, cards=cards, samples=samples[:3]))


def evolution_of(run, code, other=None):
    order = studies.choose_rows(run, run.measures())
    rows = studies.evolution_rows(run, order, run.measures())
    comparison = studies.compare_runs(run, other) if other is not None else None
    found = evolution_findings.find(run, code, picture=5, comparison=comparison)
    return evolution_report(found, figures.evolution_figure(run, rows))


@pytest.fixture(scope="module")
def made(model, data, samples):
    mixed = xai.load_dataset("textured_digits", labels=["3", "8", "5"], limit=60)
    folders = [folder for _, folder in shipped.RUNS.values()]
    run, other = map(xai.TrainingRun.open, folders)
    return {
        "layers": layers_of(model, samples, data.code),
        "foreground": foreground_of(model, samples, data.code),
        "misclassified": misclassified_of(model, samples, mixed.code, mixed),
        "evolution": evolution_of(run, f"xai.TrainingRun.open({str(run.folder)!r})", other),
    }


@pytest.fixture(scope="module")
def pages(made):
    return {key: to_html(report) for key, report in made.items()}


@pytest.mark.parametrize("key", KEYS)
def test_the_lines_of_python_give_the_numbers_of_the_report(key, made, capsys):
    report = made[key]
    assert report.key == key
    found = {}
    exec(report.code, found)
    alike(found["numbers"], report.numbers)
    assert capsys.readouterr().out.startswith("{'")


def test_the_numbers_are_those_of_the_studies(made, model, samples):
    layers, foreground = made["layers"].numbers, made["foreground"].numbers
    assert layers["n"] <= 12
    assert sorted(layers) == sorted(
        ["n", "page_p", "correlation with depth", "friedman_p"]
        + [f"median of {layer.name}" for layer in model.select("stages")]
    )
    (card,) = [
        part for section in made["layers"].sections for part in section.parts if isinstance(part, studies.Hypothesis)
    ]
    stages = [layer.name for layer in model.select("stages")]
    trend = xai.layer_focus(xai.grad_cam(model, samples, layers=stages), 0.7).trend
    found = layers["page_p"], layers["correlation with depth"], layers["n"]
    assert found == pytest.approx((trend.p, trend.effect, trend.n))
    assert studies.MEASURES["share"].focus_sign < 0  # of the measure itself the correlation has the other sign
    assert found == (card.carries.p, card.carries.effect, card.carries.n)  # as the sentences have it
    assert (layers["friedman_p"]) == card.beside[0].p
    assert [name for name in foreground if name.startswith("mean p, ")] == [
        f"mean p, {title}" for title in INTERVENTIONS.values()
    ]
    wrong = made["misclassified"].numbers
    assert wrong["accuracy"] == pytest.approx(wrong["right"] / wrong["n"])
    assert wrong["n"] == 60


def test_maps_of_several_classes_are_asked_for_one_by_one(made):
    assert re.search(r"targets=\[\d(, \d)+\]\)", made["layers"].code)
    assert re.search(r"\ntargets = \[\d(, \d)+\]\n", made["foreground"].code)


def test_maps_of_one_class_and_the_common_grid_come_out_again(model, data, samples, capsys):
    """A class is asked for once for all pictures; the measure, threshold and grid are those of the report."""
    stages = model.select("stages")
    heatmaps = xai.grad_cam(model, samples, layers=[layer.name for layer in stages], targets=[3] * len(samples))
    said = layers_answer(heatmaps, stages, samples, "gini", 0.6)
    captions = figures.captions(samples, heatmaps, model.class_names, [None] * len(samples))
    report = layers_report(LayersFindings(model, data.code, samples, stages, heatmaps, captions, said, grid="common"))
    assert "targets=[3] * len(samples)" in report.code
    found = {}
    exec(report.code, found)
    alike(found["numbers"], report.numbers)


def test_without_interventions_there_are_none_in_the_lines(model, data, samples, capsys):
    layer = model.select("stages")[-1].name
    heatmaps = xai.grad_cam(model, samples, layers=[layer])
    table = xai.foreground_background(heatmaps, samples)
    report = foreground_report(find(model, data.code, samples, heatmaps, table, "auc"))
    assert "intervention" not in report.code
    found = {}
    exec(report.code, found)
    alike(found["numbers"], report.numbers)
    assert "Interventions" not in report.tables


# ----------------------------------------------------------------------------------------------------- page


@pytest.mark.parametrize("key", KEYS)
def test_the_page_needs_nothing_from_outside(key, pages):
    page = parsed(pages[key])
    assert not page.all("link")
    assert not page.all("iframe") + page.all("object") + page.all("base")
    for tag, attributes in page.elements:
        for name in ("src", "href", "xlink:href", "srcset", "data", "poster", "action"):
            if name in attributes:
                assert attributes[name].startswith(("data:", "#")), (tag, name, attributes[name][:80])
    for css in [*page.styles, *(attributes["style"] for _, attributes in page.elements if "style" in attributes)]:
        assert "@import" not in css
        assert all(place.startswith("data:") for place in re.findall(r"url\(\s*['\"]?([^)]*)", css))
    assert not [attributes for attributes, _ in page.scripts if "src" in attributes]


@pytest.mark.parametrize("key", KEYS)
def test_the_page_says_all_that_the_report_holds(key, made, pages):
    report, page = made[key], parsed(pages[key])
    said = [report.title, report.question, *(section.title for section in report.sections)]
    cards = 0
    for section in report.sections:
        for part in section.parts:
            if isinstance(part, studies.Hypothesis):
                cards += 1
                said += [part.headline, part.sentence, part.h0, part.h1, part.measured, *part.caveats]
                said += [f"{one.name}: {one.sentence}" for one in (*part.assumptions, *part.changes)]
                assert part.limits
                said += [f"{one.title}: {one.sentence}" for one in part.limits]
                said += [address_of(source) for one in part.limits for source in one.sources]
                said += [value for row in part.tests().astype(str).to_numpy() for value in row]
            elif isinstance(part, Text):
                said.append(part.text)
            elif isinstance(part, Chart):
                said.append(part.alt)
            elif isinstance(part, Table):
                said.append(f"{part.title} ({len(part.frame)})")
    assert cards == (2 if key == "evolution" else 1)
    for text in said:
        assert re.sub(r"\s+", " ", text).strip() in page.text, text
    assert len(page.all("article")) == cards
    assert re.sub(r"\s+", " ", report.code).strip() in page.text
    for name in report.numbers:
        assert name in page.text


def test_pictures_carry_their_names_and_the_accuracy_is_said_once(pages, samples):
    said = parsed(pages["foreground"]).text
    assert (
        "Below each name: share of energy on the object minus that in an even map; then how much of the map's energy"
        in said
    )
    assert any(sample.name in said for sample in samples)
    findings = parsed(pages["misclassified"]).text.partition("Macro F1")[0]
    assert len(re.findall(r" pictures are right", findings)) == 1


@pytest.mark.parametrize("key", KEYS)
def test_headings_of_tables_are_words_on_the_page_and_short_names_in_the_files(key, made, pages):
    heads = "".join(re.findall(r"<thead>.*?</thead>", pages[key], re.DOTALL))
    headings = re.findall(r"<th[^>]*>([^<]*)</th>", heads)
    of = {"layers": "median", "foreground": "d_z", "misclassified": "confidence", "evolution": "difference"}
    assert any(one.startswith(f"{of[key]} from") for one in headings)  # which interval or range it is
    assert [one for one in headings if "_" in one.replace("d_z", "")] == []
    names = {str(column) for frame in all_tables(made[key]).values() for column in frame}
    assert {"low", "high"} <= names
    if key == "foreground":
        assert "p (Holm)" in headings
        assert "p_holm" in names
        assert "<td>swapped</td>" not in pages[key]
        assert "another class's background" in parsed(pages[key]).text


@pytest.mark.parametrize("key", KEYS)
def test_the_page_says_where_it_comes_from(key, made, pages, model):
    report, page = made[key], parsed(pages[key])
    provenance = report.provenance()
    assert set(provenance["versions"]) <= set(PACKAGES)
    assert {"torch", "numpy", "scipy", "pandas", "plotly"} <= set(provenance["versions"])
    for name, known in provenance["versions"].items():
        assert f"{name}{known}" in page.text.replace(" ", "")
    assert provenance["python"] in page.text
    assert provenance["system"] in page.text
    for name, value in report.settings.items():
        assert name in page.text
        shown = {True: "yes", False: "no"}.get(value, value) if isinstance(value, bool) else value
        for word in re.findall(r"[^\s{}\[\](),:']+", str(shown)):
            assert word in page.text
    if key == "evolution":
        assert "model" not in provenance
    else:
        assert model.id in page.text
        assert model.title in page.text
    for sample in report.samples:
        assert sample.id in page.text
        assert sample.name in page.text


@pytest.mark.parametrize("key", KEYS)
def test_the_data_in_the_page_is_the_record(key, made, pages):
    record = record_of(pages[key])
    assert record == strict(json.dumps(made[key].record(), default=str))
    assert record["report"] == key
    alike(record["numbers"], made[key].numbers)
    assert record["code"] == made[key].code
    assert [one["SHA-256"] for one in record["pictures"]] == [sample.id for sample in made[key].samples]


@pytest.mark.parametrize("key", KEYS)
def test_plotly_comes_along_once_and_every_chart_with_its_words(key, made, pages):
    page = parsed(pages[key])
    charts = [part for section in made[key].sections for part in section.parts if isinstance(part, Chart)]
    assert charts
    assert len([body for _, body in page.scripts if len(body) > 1_000_000]) == 1
    assert sum("Plotly.newPlot" in body and len(body) < 1_000_000 for _, body in page.scripts) == len(charts)
    labels = [attributes["aria-label"] for attributes in page.all("figure")]
    assert labels == [chart.alt for chart in charts]


# ----------------------------------------------------------------------------------------------------- names


@pytest.fixture(scope="module")
def evil(model, data, samples):
    """The same reports with a name that tries to be code wherever there is one."""
    names = tuple(f"{EVIL}{i}" for i in range(len(model.class_names)))
    nasty = replace(model, title=EVIL, class_names=names)
    pictures = [replace(s, name=f"{EVIL}{i}", label=f"{EVIL}{s.label}") for i, s in enumerate(samples)]
    run = xai.TrainingRun.open(shipped.RUNS["digits"][1])
    bad = replace(run, name=EVIL, class_names=names, pictures=tuple(f"{EVIL}{i}" for i in range(len(run.pictures))))
    return {
        "layers": layers_of(nasty, pictures, repr(EVIL)),
        "foreground": foreground_of(nasty, pictures, repr(EVIL)),
        "misclassified": misclassified_of(nasty, pictures, repr(EVIL), pictures),
        "evolution": evolution_of(bad, repr(EVIL), replace(bad, name=f"{EVIL} 2")),
    }


@pytest.mark.parametrize("key", KEYS)
def test_names_labels_and_settings_are_text_only(key, evil, pages):
    report = replace(evil[key], settings=dict(evil[key].settings) | {EVIL: EVIL})
    html = to_html(report)
    page, usual = parsed(html), parsed(pages[key])
    assert len(page.scripts) == len(usual.scripts)
    assert not [body for _, body in page.scripts if body.strip().startswith("alert")]
    assert not [name for _, attributes in page.elements for name in attributes if name.startswith("on")]
    assert len(page.all("b")) == len(usual.all("b"))
    assert EVIL in page.text
    assert "{{ 7*7 }}" in page.text
    record = record_of(html)
    assert record["settings"][EVIL] == EVIL
    if key != "evolution":
        assert record["model"]["title"] == EVIL
        assert record["pictures"][0]["name"] == f"{EVIL}0"


def plain(**changes):
    values = {
        "key": "layers",
        "title": "T",
        "question": "Q?",
        "sections": (),
        "settings": {},
        "code": "numbers = {}\n",
        "numbers": {},
    }
    return Report(**(values | changes))


def test_every_text_of_a_report_is_only_text():
    frame = pd.DataFrame({EVIL: [EVIL], "n": [1]})
    card = studies.confidence_hypothesis(
        pd.DataFrame({"true": [0], "usable": [True], "correct": [True], "confidence": [0.5], "margin": [0.1]})
    )
    checked = studies.Checked(EVIL, False, EVIL)
    card = replace(
        card,
        question=EVIL,
        h0=EVIL,
        h1=EVIL,
        measured=EVIL,
        headline=EVIL,
        sentence=EVIL,
        assumptions=(checked,),
        changes=(checked,),
        caveats=(EVIL,),
        carries=replace(card.carries, name=EVIL, reason=EVIL),
    )
    chart = Chart(go.Figure(go.Scatter(x=[1], y=[2], name=EVIL, text=[EVIL]), layout_title_text=EVIL), EVIL)
    report = plain(
        title=EVIL,
        question=EVIL,
        settings={EVIL: {"a": [EVIL]}},
        code=f"# {EVIL}\n",
        numbers={EVIL: 1.5},
        sections=(Section(EVIL, (Text(EVIL), Text(EVIL, warning=True), Table(EVIL, frame), card, chart)),),
        tables={EVIL: frame},
        arrays={"a": np.zeros(2)},
    )
    html = to_html(report)
    page = parsed(html)
    assert not page.all("b")
    assert not [name for _, attributes in page.elements for name in attributes if name.startswith("on")]
    # Plotly itself, the chart, the record.
    assert len(page.scripts) == len(
        parsed(to_html(plain(sections=(Section("", (replace(chart, figure=go.Figure()),)),)))).scripts
    )
    assert not [body for _, body in page.scripts if body.strip().startswith("alert")]
    assert page.text.count("{{ 7*7 }}") == page.text.count("alert(1)") > 15
    record = record_of(html)
    assert (record["title"], record["settings"], record["code"]) == (EVIL, {EVIL: {"a": [EVIL]}}, f"# {EVIL}\n")
    with zipfile.ZipFile(io.BytesIO(to_zip(report))) as archive:
        assert all(re.fullmatch(r"(tables/[a-z0-9-]+\.csv|[a-z]+\.[a-z]+)", name) for name in archive.namelist())
        assert archive.read("code.py").decode() == f"# {EVIL}\n"


# --------------------------------------------------------------------------------------------------- archive


@pytest.mark.parametrize("key", KEYS)
def test_the_archive_holds_the_numbers_themselves(key, made, pages):
    report = made[key]
    with zipfile.ZipFile(io.BytesIO(to_zip(report))) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    tables = all_tables(report)
    wanted = {"report.html", "report.json", "code.py", *(f"tables/{name}.csv" for name in tables)}
    assert set(files) == wanted | ({"arrays.npz"} if report.arrays else set())
    assert re.sub(r"[0-9a-f-]{36}", "", files["report.html"].decode()) == re.sub(r"[0-9a-f-]{36}", "", pages[key])
    assert strict(files["report.json"].decode()) == record_of(pages[key])
    assert files["code.py"].decode() == report.code
    shown = [part for section in report.sections for part in section.parts]
    cards = sum(isinstance(part, studies.Hypothesis) for part in shown)
    assert len(tables) == cards + sum(isinstance(part, Table) for part in shown) + len(report.tables)
    for name, frame in tables.items():
        text = files[f"tables/{name}.csv"].decode()
        again = pd.read_csv(
            io.StringIO(text),
            dtype=dict.fromkeys(frame.select_dtypes(["object", "str"]).columns, str),
            keep_default_na=True,
        )
        assert again.columns.tolist() == frame.columns.tolist()
        assert len(again) == len(frame)
        for column in frame:
            if frame[column].dtype == object or str(frame[column].dtype).startswith("str"):
                assert again[column].fillna("").tolist() == frame[column].fillna("").astype(str).tolist()
            else:
                np.testing.assert_allclose(
                    again[column].to_numpy(float), frame[column].to_numpy(float), rtol=1e-6, equal_nan=True
                )
    if report.arrays:
        with np.load(io.BytesIO(files["arrays.npz"]), allow_pickle=False) as arrays:
            assert set(arrays.files) == set(report.arrays)
            for name, values in report.arrays.items():
                np.testing.assert_array_equal(arrays[name], values)


def test_what_is_in_the_archives(made, model, samples):
    layers, foreground = made["layers"], made["foreground"]
    deep = len(model.select("stages"))
    table = layers.tables["Every picture and layer"]
    assert len(table) == 12 * deep
    assert table["id"].tolist() == [sample.id for sample in samples for _ in range(deep)]
    assert layers.arrays["samples"].tolist() == [sample.id for sample in samples]
    assert {f"map/{layer.name}" for layer in model.select("stages")} < set(layers.arrays)
    assert foreground.tables["Every picture"]["label"].tolist() == [sample.label for sample in samples]
    assert set(foreground.tables["Interventions"]["kind"]) == set(INTERVENTIONS)
    assert len(made["misclassified"].tables["Evaluation"]) == 60
    run = xai.TrainingRun.open(shipped.RUNS["digits"][1])
    np.testing.assert_array_equal(made["evolution"].arrays["predictions"], run.predictions)
    tables = all_tables(made["evolution"])
    assert [name for name in tables if name.startswith("tests")] == ["tests", "tests-2"]
    assert next(iter(tables.values())).equals(studies.class_gaps(run))


@pytest.mark.parametrize(("rows", "said"), [(200, False), (201, True)])
def test_long_tables_say_that_they_are_cut(rows, said):
    frame = pd.DataFrame({"name": [f"row-{i:04d}" for i in range(rows)], "x": np.arange(rows) / 3})
    report = plain(sections=(Section("S", (Table("Long", frame),)),))
    html = to_html(report)
    page = parsed(html)
    assert f"Long ({rows})" in page.text
    assert ("The first 200 rows; the archive holds all." in page.text) is said
    assert len(re.findall(r"row-\d{4}", page.text)) == 200
    with zipfile.ZipFile(io.BytesIO(to_zip(report))) as archive:
        pd.testing.assert_frame_equal(pd.read_csv(archive.open("tables/long.csv")), frame)


def test_long_texts_in_tables_are_printed_whole():
    words = "It needs at least two pictures with a usable map at every layer; there is 1. " * 3
    page = parsed(to_html(plain(sections=(Section("S", (Table("T", pd.DataFrame({"note": [words]})),)),))))
    assert words.strip() in page.text


def test_tables_of_one_name_or_of_none_are_all_there():
    frames = [pd.DataFrame({"x": [i]}) for i in range(6)]
    titles = ["Same", "same!", "–", "…", "Runs 2", "Runs"]
    report = plain(sections=(Section("S", tuple(map(Table, titles, frames))),))
    found = all_tables(report)
    assert sorted(frame["x"].item() for frame in found.values()) == list(range(6))
    assert list(found)[:4] == ["same", "same-2", "table", "table-2"]


def test_the_picture_of_a_training_is_followed_in_words(made):
    run = xai.TrainingRun.open(shipped.RUNS["digits"][1])
    (course,) = [one for one in made["evolution"].sections if one.title == "One picture"]
    said = course.parts[0].text
    assert said.startswith(f"{run.pictures[5]}, a picture of {run.class_names[run.labels[5]]}, is predicted as ")
    assert f"wrong at {1 - run.correct[:, 5].mean():.0%} of epochs" in said


def test_a_table_has_the_numbers_and_headings_of_the_page_and_its_file_all_digits():
    frame = pd.DataFrame({"kind": ["a"], "true": [3], "p_holm": [5.169e-31], "low": [0.83694], "t": [2718.28]})
    table = Table("T", frame, headings={"low": "d_z from", "true": ""})
    report = plain(sections=(Section("S", (table,)),))
    printed = to_html(report).split("<h2>S</h2>")[1].split("</table>")[0]
    assert re.findall(r"<th>(.*?)</th>", printed) == ["kind", "p (Holm)", "d_z from", "t"]
    assert re.findall(r"<td>(.*?)</td>", printed) == ["a", "&lt; 0.001", "0.837", "2,718"]
    with zipfile.ZipFile(io.BytesIO(to_zip(report))) as archive:
        pd.testing.assert_frame_equal(pd.read_csv(archive.open("tables/t.csv")), frame)


def test_settings_are_printed_without_the_brackets_of_python():
    settings = {
        "layers": ["a", "b"],
        "gallery": {"only": "wrong", "true": [], "size": (3, 4)},
        "masks": True,
        "none": None,
    }
    page = parsed(to_html(plain(settings=settings))).text
    for name, said in (("layers", "a, b"), ("gallery", "only: wrong; size: 3, 4"), ("masks", "yes"), ("none", "–")):
        assert re.search(rf"{name}\s*{said}", page), name


def test_numbers_that_are_none_become_null_and_a_dash():
    frame = pd.DataFrame({"x": [math.nan, math.inf, 1.5], "n": [1, 2, 3]})
    report = plain(numbers={"p": math.nan, "t": math.inf, "n": 3.0}, sections=(Section("S", (Table("T", frame),)),))
    html = to_html(report)
    assert record_of(html)["numbers"] == {"p": None, "t": None, "n": 3.0}
    with zipfile.ZipFile(io.BytesIO(to_zip(report))) as archive:
        assert strict(archive.read("report.json").decode())["numbers"] == {"p": None, "t": None, "n": 3.0}
        assert "arrays.npz" not in archive.namelist()
    cells = re.findall(r"<td>(.*?)</td>", html.split("<h2>S</h2>")[1].split("</table>")[0])
    assert cells == ["–", "1", "–", "2", "1.5", "3"]


def test_a_number_that_is_none_is_a_dash_on_the_page():
    html = to_html(plain(numbers={"p of nothing": math.nan, "effect": 0.25}))
    assert re.findall(r"<td>(p of nothing|effect)</td><td>(.*?)</td>", html) == [
        ("p of nothing", "–"),
        ("effect", "0.25"),
    ]


def test_settings_that_are_no_numbers_are_json_all_the_same():
    report = plain(settings={"rate": math.nan, "nested": {"x": [math.inf]}, "path": np.int64(3)})
    record = record_of(to_html(report))
    assert record["settings"]["rate"] is None
    assert record["settings"]["nested"] == {"x": [None]}


def test_the_top_of_a_page_counts_the_pictures_that_were_asked_about(pages):
    """Not those that are drawn: of an evaluation, some pictures only are."""
    top = {key: parsed(html.split("</header>")[0].split("<header>")[1]).text for key, html in pages.items()}
    assert " · 12 pictures · " in top["layers"]
    assert " · 12 pictures · " in top["foreground"]
    assert " · 3 pictures · " not in top["misclassified"]


def test_all_right_is_a_report_without_a_number_for_its_confidence(model, data, capsys):
    said = xai.predict(model, list(data)).classes
    right = data.take([i for i, item in enumerate(data.items) if item.label == str(said[i])])
    report = misclassified_of(model, [model.preprocessing.prepare(s) for s in right], right.code, right)
    assert report.numbers["accuracy"] == 1
    assert math.isnan(report.numbers["auroc"])
    found = {}
    exec(report.code, found)
    alike(found["numbers"], report.numbers)
    assert record_of(to_html(report))["numbers"]["auroc"] is None
    assert "It needs pictures of both kinds; all are of one." in parsed(to_html(report)).text


def test_a_report_without_charts_brings_no_plotly():
    page = parsed(to_html(plain(sections=(Section("S", (Text("words"),)),))))
    assert [attributes.get("id") for attributes, _ in page.scripts] == ["record"]
