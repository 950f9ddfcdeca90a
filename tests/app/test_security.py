"""Names as text wherever they are shown, errors without details, and the server's protections."""

import html as entities
import json
import logging
import re
import tomllib
import zipfile
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch
from PIL import Image
from streamlit import config
from streamlit.delta_generator import DeltaGenerator
from streamlit.testing.v1 import AppTest

import xai_core as xai
from app.controls import plain
from tests.support import runs as drawn
from tests.support.markdown import markdown
from tests.support.pages import MAIN, html, open_page, run, text
from xai_core import figures, studies
from xai_core.data.label_map import label_address
from xai_core.figures.words import as_text
from xai_core.models import ARCHITECTURES
from xai_core.records import PictureSource, RunWriter
from xai_core.shipped import RUNS
from xai_core.types import Layer

ROOT = Path(__file__).parents[2]
HOSTILE = "<img src=x onerror=alert(1)> **b** [x](javascript:alert(1)) :red[r] $x$"
# A file name holds no slash, and a folder's name has its underscores turned to spaces.
FILE = "<img src=x onerror=alert(1)> **b** [x](javascript:alert(1)) :red[r] $x$.png"
ACTIVE = re.compile(r"(?<!\\)(?:\*\*b|\[x|:red|\$x|<img src=x|!\[i|:streamlit:)")


# Markdown


def test_numbers_are_printed_as_in_a_book():
    """ "n = 6" and "7 × 7" do not break over two lines, and a negative number has a minus sign; names stay names."""
    assert plain("n = 6, p < 0.001, 7 × 7") == "n\xa0=\xa06, p\xa0\\<\xa00.001, 7\xa0×\xa07"
    assert plain("by -84.5 points, -2 to 3%") == "by −84.5 points, −2 to 3%"
    assert plain("8-16 and 3-0446") == "8\\-16 and 3\\-0446"


@pytest.mark.parametrize(
    "name",
    [HOSTILE, "`code`", "# head", "- list", "> quote", "| a | b |", "~~s~~", "&lt;b&gt;", "![i](http://e.example)"],
)
def test_all_that_markdown_acts_on_is_escaped(name):
    said = plain(name)
    assert said.replace("\\", "").replace("\N{WORD JOINER}", "") == name.replace("\\", "")
    assert not re.search(r"(?<!\\)[\\`*_{}\[\]<>()#+\-!|$:~&](?![\\`*_{}\[\]<>()#+\-!|$:~&])", said.replace("\\\\", ""))


def test_a_name_stays_in_its_line_and_begins_no_list():
    assert plain("a\n\n# b\r\nc\u2028d") == r"a  \# b c d"
    assert plain("1. first") == r"1\. first"
    assert plain("2) second") == r"2\) second"
    assert plain("0.5 of 3. x") == "0.5 of 3. x"


def test_a_name_turns_no_sentence_around():
    """Behind U+202E everything is written from right to left: "2% of cats" would be read as "stac fo %2"."""
    kept = ("\u2068חתול\u2069 3", "\u2066abc\u2069", "\u202bحمار 12\u202c", "\u200fחתול", "👩\u200d👧", "نام\u200cها")
    assert [plain(name) for name in kept] == list(kept)  # pairs around a name turn nothing else around
    for names in ("\u2067cat\u2069", "\u2068א and then \u2069", "\u2067\x1bא\u2069"):
        assert "\u2069" not in plain(names)
    assert plain("cat\u202e\u2067\x1b\0").replace("\\\\", "\\") == r"cat\u202e\u2067\x1b\x00"
    assert plain("قطة \u200f") == "قطة \u200f"  # as such names are written


@pytest.mark.parametrize("address", ["http://e.example", "HTTPS://e.example", "www.e.example", "a@e.example"])
def test_addresses_in_names_do_not_become_links(address):
    said = plain(address).replace("\\", "")
    assert said != address
    assert said.replace("\N{WORD JOINER}", "") == address
    assert plain(":material/home:").replace("\\", "") == ":\N{WORD JOINER}material/home:"


# Figures


def texts(figure):
    """Every text in a figure that plotly would read as HTML."""
    found = []

    def walk(value, key=""):
        if isinstance(value, dict):
            for name, inner in value.items():
                walk(inner, name)
        elif isinstance(value, list | tuple):
            for inner in value:
                walk(inner, key)
        elif isinstance(value, str):
            found.append(value)

    walk(json.loads(figure.to_json()))
    return found


def check(figure, name=HOSTILE):
    said = texts(figure)
    assert any(as_text(name) in one for one in said), "the name is nowhere in the figure"
    assert not any("<img" in one for one in said)


def hostile_run(probabilities=True, epochs=3):
    made = drawn.draw(1, epochs, 6, 3, probabilities)
    return xai.TrainingRun(
        **{key: getattr(made, key) for key in ("labels", "epochs", "predictions", "p_predicted", "p_true", "log")},
        name=HOSTILE,
        class_names=tuple(f"{HOSTILE} {i}" for i in range(3)),
        pictures=tuple(f"{HOSTILE} {i}" for i in range(6)),
    )


def test_plotly_takes_names_as_text():
    assert as_text('<b>"it\'s" & 1</b>') == '&lt;b&gt;"it\'s" &amp; 1&lt;/b&gt;'
    assert as_text(1) == "1"


@pytest.mark.parametrize("view", ["class", "correct", "p_true"])
@pytest.mark.parametrize("by_class", [True, False])
def test_names_in_the_evolution_are_text(view, by_class):
    made = hostile_run()
    rows = studies.evolution_rows(made, np.arange(6), made.measures(), by_class=by_class)
    check(figures.evolution_figure(made, rows, view=view, by_class=by_class))


def test_names_in_the_other_figures_of_a_run_are_text():
    made = hostile_run()
    check(figures.picture_lines(made, 0))
    check(figures.picture_lines(hostile_run(probabilities=False), 0))
    check(figures.confusion_film(made, [0, 1, 2]))
    check(figures.cell_lines(made, [(0, 1), (1, 1)]))
    check(figures.comparison_figure(studies.compare_runs(made, made)))
    for page in (figures.class_legend_html(made), figures.to_html(figures.cell_lines(made, [(0, 1)]), HOSTILE)):
        assert "<img src=x" not in page
    heat = xai.Heatmaps(
        {"layer": np.ones((2, 2, 2), np.float32)},
        np.array([0, 1]),
        xai.Predictions(np.array([0, 0]), np.full((2, 3), 1 / 3, np.float32)),
        (8, 8),
        "Grad-CAM",
        "logit",
    )
    check(figures.evolution_film([heat, heat], [1, 2], np.zeros((8, 8, 3), np.uint8), made.class_names, 1))


def test_names_in_the_figures_of_the_other_pages_are_text():
    pair = np.array([0.1, 0.2]), np.array([0.2, 0.1])
    check(figures.differences_figure(*pair, [HOSTILE, "b"], ("on", "off"), [0, 1], 0))
    effects = {"label": [HOSTILE], "n": [3], "d_z": [1.0], "low": [0.5], "high": [1.5], "p_holm": [0.01]}
    check(figures.forest_figure(pd.DataFrame(effects), "label"))
    rows = pd.DataFrame({"picture": [0, 0], "kind": ["whole", "swapped"], "p": [0.5, 0.4]})
    check(figures.intervention_figure({HOSTILE: rows}, {"whole": "Whole", "swapped": "Swapped"}))
    curves = pd.DataFrame({"method": ["random", "LIME", "LIME"], "hidden": [0.0, 0.0, 1.0], "p": [0.5, 0.5, 0.1]})
    check(figures.deletion_figure(curves, HOSTILE, 0.3))
    layers = [Layer(name, name, (4, 4), 1) for name in ("one", "two")]
    measured = studies.measure_maps(
        xai.Heatmaps(
            {layer.name: np.random.default_rng(0).random((3, 4, 4)).astype(np.float32) for layer in layers},
            np.zeros(3, int),
            xai.Predictions(np.zeros(3, int), np.ones((3, 1), np.float32)),
            (8, 8),
            "m",
            "u",
        ),
        grid="own",
        masks=[None] * 3,
    )
    names = [HOSTILE, "b", "c"]
    check(figures.focus_boxes(studies.layer_focus(measured, 0.85, measure="share", samples=names), layers, names, 0))


# Pages


class Elements(HTMLParser):
    """What a browser would make of HTML: attributes that run, and pictures from elsewhere."""

    def __init__(self, content):
        super().__init__()
        self.wrong = []
        self.feed(content)

    def handle_starttag(self, tag, attrs):
        said = dict(attrs)
        runs = [key for key in said if key.startswith("on")]
        if runs or tag == "script" or said.get("src", "data:")[:5] != "data:" or "href" in said:
            self.wrong.append((tag, said))


def check_page(at):
    """No name in Markdown, labels of widgets or HTML does anything."""
    assert not [one for one in markdown(at) if ACTIVE.search(one[1])]
    assert not Elements(html(at)).wrong
    charts = [element.proto.spec for element in at.get("plotly_chart")]
    assert not [one for one in charts if "<img" in one]


@pytest.fixture
def hostile_folder(tmp_path):
    """Pictures in two classes, whose names and files are hostile."""
    rng = np.random.default_rng(0)
    for label in (HOSTILE, "espresso"):
        (tmp_path / "set" / label).mkdir(parents=True)
        for name in (FILE, "1.png"):
            cells = rng.integers(0, 256, (8, 8, 3), dtype=np.uint8)
            Image.fromarray(cells).resize((48, 48)).save(tmp_path / "set" / label / name)
    (tmp_path / "set" / "espresso" / f"{FILE}.txt").write_text("no picture")
    return tmp_path / "set"


def test_the_name_of_a_class_or_a_file_does_nothing_on_the_layer_page(hostile_folder):
    at = open_page("layer_explorer", data="Folder", path=str(hostile_folder))
    check_page(at)
    assert "javascript:alert(1)" in entities.unescape(html(at))


def test_the_name_of_a_class_or_a_file_does_nothing_on_the_mistakes_page(hostile_folder):
    at = open_page("misclassifications", data="Folder", path=str(hostile_folder), picture=f"espresso/{FILE}")
    check_page(at)
    assert "javascript:alert(1)" in text(at).replace("\N{WORD JOINER}", "")


def test_the_names_of_classes_in_a_link_do_nothing(hostile_folder):
    """The address names the classes of a checkpoint, and what labels stand for."""
    trained = xai.TrainingRun.open(RUNS["digits"][1])
    names = [f"![i](http://e.example/{digit}.png) :streamlit: {HOSTILE}" for digit in range(10)]
    stands_for = {label_address(label): name for label, name in zip("0123456789", names, strict=True)}
    where = {"data": "Textured digits", "n": "4", "model": "Checkpoint", "weights": str(trained.checkpoints[24])}
    at = AppTest.from_file(MAIN, default_timeout=180)
    at.query_params.update(where | stands_for | {"classes": "\n".join(names)})
    at = run(at.switch_page("views/misclassifications.py"))
    assert "Hide what speaks for" in [control.label for control in at.get("button_group")]  # a picture is explained
    check_page(at)
    assert "![i](http" in text(at)


def test_the_names_of_a_record_do_nothing(tmp_path):
    made = hostile_run()
    writer = RunWriter(tmp_path / "run")
    writer.begin(
        name=made.name,
        class_names=made.class_names,
        pictures=made.pictures,
        labels=made.labels,
        source=PictureSource(data=HOSTILE),
        settings={"left_out": [HOSTILE]},
    )
    for number, (row, p, q) in enumerate(zip(made.predictions, made.p_predicted, made.p_true, strict=True), start=1):
        writer.epoch(number, row, p, q)
    at = open_page("training_evolution", run="A record on disk", record=str(tmp_path / "run"))
    assert "What happened" in text(at)
    check_page(at)


def test_the_name_of_a_file_of_weights_does_nothing_in_a_progress_bar(tmp_path, monkeypatch):
    file = tmp_path / FILE.replace(".png", ".pth")
    torch.save(ARCHITECTURES["small_resnet"].build(10).state_dict(), file)
    said = []
    draw = DeltaGenerator.progress

    def progress(self, value, text=None, *args, **kwargs):
        said.append(str(text))
        return draw(self, value, text, *args, **kwargs)

    monkeypatch.setattr(DeltaGenerator, "progress", progress)
    titles = {info.key: info.title for info in xai.list_datasets()}
    at = open_page(
        "foreground",
        data=titles["textured_digits"],
        n="2",
        model="Checkpoint",
        weights=str(file),
        arch=ARCHITECTURES["small_resnet"].title,
    )
    assert "javascript" in text(at)
    assert any("javascript" in one for one in said)
    assert not [one for one in said if ACTIVE.search(one)]
    check_page(at)


@pytest.mark.parametrize(
    "asked",
    [
        {"data": "Folder", "path": f"/{HOSTILE}"},
        {"data": HOSTILE},
        {"model": HOSTILE},
        {"model": "Checkpoint", "weights": f"/{HOSTILE}"},
        {"study": f"/{HOSTILE}"},
        {"picture": HOSTILE},
        {"labels": HOSTILE},
        {"layer": HOSTILE, "target": HOSTILE},
    ],
    ids=lambda asked: "-".join(asked),
)
def test_what_an_address_says_does_nothing(asked):
    check_page(open_page("layer_explorer", **asked))


def test_no_page_runs_the_code_of_a_model(tmp_path, monkeypatch):
    """Neither a function that an address names, nor a program in a file."""
    (tmp_path / "of_somebody.py").write_text(f"open({str(tmp_path / 'it ran')!r}, 'w').close()\ndef build(): pass\n")
    monkeypatch.syspath_prepend(tmp_path)
    with zipfile.ZipFile(tmp_path / "mine.pt", "w") as archive:
        archive.writestr("mine/constants.pkl", b"")
        archive.writestr("mine/code/__torch__.py", b"")
    for model in ("of_somebody:build", str(tmp_path / "mine.pt")):
        at = open_page("layer_explorer", model="Checkpoint", weights=model, n="2")
        assert "was not loaded, since that would run its code" in text(at)
        check_page(at)
    assert not (tmp_path / "it ran").exists()


# The server


def test_the_settings_of_the_server_protect_it():
    said = tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text())
    assert said["server"]["address"] == "localhost"
    assert said["server"]["enableXsrfProtection"] is True
    assert said["server"]["enableCORS"] is True
    assert said["server"]["maxUploadSize"] <= 20
    assert said["server"]["enableAgentApi"] is False
    assert said["server"]["enableStaticServing"] is False
    assert said["browser"]["gatherUsageStats"] is False
    assert said["client"]["showErrorDetails"] == "none"
    assert said["client"]["showErrorLinks"] is False
    unknown = [
        f"{part}.{key}"
        for part in ("server", "browser", "client")
        for key in said[part]
        if f"{part}.{key}" not in config.get_config_options()
    ]
    assert not unknown  # a name that Streamlit does not know protects nothing


def test_no_page_shows_raw_html_in_markdown():
    for path in (ROOT / "app").rglob("*.py"):
        assert "unsafe_allow_html" not in path.read_text(encoding="utf-8"), path.name


def test_an_error_that_nobody_foresaw_shows_a_sentence_and_logs_the_rest(tmp_path, monkeypatch, caplog):
    """As Streamlit does it; a page that ends so is no dead page."""
    page = tmp_path / "page.py"
    page.write_text(
        "import streamlit as st\nst.title('A page')\nif st.checkbox('Fail', True):\n"
        "    raise RuntimeError('secret in /home/me')\nst.write('Whole')\n"
    )
    options = {"client.showErrorDetails": "none", "logger.enableRich": False}
    real = config.get_option
    monkeypatch.setattr(config, "get_option", lambda key: options.get(key, real(key)))
    streamlit = logging.getLogger("streamlit")
    monkeypatch.setattr(streamlit, "propagate", True)
    at = AppTest.from_file(str(page)).run(timeout=60)
    (shown,) = at.exception
    assert shown.proto.message.startswith("This app has encountered an error. The original error message is redacted")
    assert not shown.proto.type
    assert not list(shown.proto.stack_trace)
    assert "secret" not in str(at.main)
    assert "secret in /home/me" in caplog.text or "secret in /home/me" in repr(
        [record.exc_info for record in caplog.records]
    )
    at.checkbox[0].uncheck()
    run(at)
    assert at.markdown[0].value == "Whole"
