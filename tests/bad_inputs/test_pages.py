"""Every bad input gets its sentence on the page, and its name stays a name there."""

import html as markup
import re

import pytest
from streamlit.testing.v1 import AppTest

import xai_core as xai
from tests.bad_inputs.make import MARKUP
from tests.support.pages import MAIN, html, text
from xai_core.errors import printable

MODEL = "Digits (honest)"
ESCAPED = re.compile(r"\\[\\`*_{}\[\]<>()#+\-!|$:~]")
# What Markdown would act on, of what the inputs are called.
ACTIVE = (
    "<img",
    "<script",
    "<b>",
    "**bold**",
    "**b**",
    "**x**",
    "$x",
    "$$y",
    ":red[",
    ":material/home:",
    "[click]",
    "`code`",
)


def sources(at):
    """Everything on the page that is read as Markdown."""
    kinds = ("title", "header", "subheader", "markdown", "caption", "info", "warning", "error", "success")
    for kind in kinds:
        yield from (element.value for element in getattr(at, kind))
    yield from (element.proto.label for element in at.get("expander"))
    for kind in ("button", "selectbox", "multiselect", "checkbox", "toggle", "slider"):
        yield from (element.label for element in getattr(at, kind))
    for element in at.get("button_group"):
        yield from (option.content for option in element.proto.options)


def active(at):
    """What on the page would run or be formatted, and came from an input."""
    found = [(what, source) for source in sources(at) for what in ACTIVE if what in ESCAPED.sub("\0", source)]
    return found + [(what, "HTML") for what in ("<img src=x", "<script", "<b>run") if what in html(at)]


def open_page(page, uploads=(), **address):
    """Open a page at an address in a session of its own, as a link does; models are shared."""
    at = AppTest.from_file(MAIN, default_timeout=120)
    at.query_params.update(address)
    if uploads:
        at.session_state["uploaded pictures"] = list(uploads)
    return at.switch_page(f"views/{page}.py").run()


def complaints(at, case):
    """What is wrong with the page that a case has led to."""
    if at.exception:
        return [f"{case.name}: {at.exception[0].value}"]
    said = text(at) + "\n".join(str(one.value.to_csv()) for one in at.dataframe) + labels(at)
    wanted = case.on_page or ((case.says,) if case.error is not None else ())
    wrong = [f"{case.name}: the page lacks {one!r}" for one in wanted if one.replace("\\", "") not in said]
    return wrong + [f"{case.name}: {what} stands in {source!r}" for what, source in active(at)]


def labels(at):
    return "\n".join(element.proto.label for element in at.get("expander"))


def test_the_page_takes_every_picture(cases):
    uploads = [case for case in cases if case.upload]
    at = open_page("layer_explorer", [case.upload for case in uploads], data="Upload", model=MODEL, n=str(len(uploads)))
    assert not at.exception, at.exception[0].value
    listed = dict(next(one.value for one in at.dataframe if list(one.value.columns) == ["file", "why"]).to_numpy())
    wrong = []
    names = [item.name for item in xai.from_uploads([case.upload for case in uploads]).items]
    for case, name in zip(uploads, names, strict=True):
        why = listed.pop(name, "")
        if case.says.removeprefix(printable(case.upload[0])) not in why if case.error else why:
            wrong.append(f"{case.name}: {why!r}")
    assert not wrong, "\n".join(wrong)
    assert listed == {}
    assert active(at) == []


def test_the_names_of_pictures_are_text_wherever_they_stand(cases):
    uploads = [case.upload for case in cases if case.upload and case.upload[0] in MARKUP.values() and not case.error]
    assert len(uploads) == len(MARKUP)
    for name, _ in uploads:
        at = open_page("layer_explorer", uploads, data="Upload", model=MODEL, rows="16", picture=name)
        assert not at.exception, at.exception[0].value
        assert active(at) == []
        assert printable(name.split()[0]).replace("\\", "") in text(at)
        assert markup.escape(name.split()[0], quote=False) in html(at).replace("&quot;", '"').replace("&#x27;", "'")


@pytest.mark.parametrize("kind", ["mask", "folder", "checkpoint", "run", "study", "settings"])
def test_the_pages_take_all_else(cases, kind):
    fixed = {
        "mask": {"data": "Folder", "model": MODEL},
        "folder": {"data": "Folder", "model": MODEL},
        "checkpoint": {"data": "Textured digits", "model": "Checkpoint", "n": "2"},
        "run": {"run": "A record on disk"},
        "study": {"data": "Textured digits", "model": MODEL, "n": "2"},
    }.get(kind, {})
    wrong = []
    for case in cases:
        if case.kind != kind or not case.page or case.skip:
            continue
        begins = {"data": "Textured digits", "model": MODEL, "n": "2"} if case.page == "layer_explorer" else {}
        base = fixed or begins
        if kind == "checkpoint" and case.error:
            base = base | {"data": "Upload"}  # nothing is there to be computed with the model that stays
        wrong += complaints(open_page(case.page, **(base | case.address)), case)
    assert not wrong, "\n".join(wrong)
