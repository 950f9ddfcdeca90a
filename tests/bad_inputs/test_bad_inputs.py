"""Every bad input gets its sentence, from the library and on the page; or it turns out to be fine, and is read."""

import html as markup
import re
from collections import Counter

import pytest
from streamlit.testing.v1 import AppTest

import xai_core as xai
from tests.bad_inputs.make import KINDS, MARKUP, make
from tests.support.limits import MEASURED, bounded
from tests.support.pages import MAIN, html, text

MODEL = "Textured digits, honest"
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


@pytest.fixture(scope="module")
def cases(tmp_path_factory):
    return make(tmp_path_factory.mktemp("bad"))


def outcome(case):
    """(error or None, what was said or came out)."""
    try:
        return None, case.open()
    except Exception as error:
        return type(error), str(error)


def fits(case, error, said):
    if case.error is None:
        return error is None and (said == case.says or said.startswith(f"{case.says}; "))
    return error is not None and issubclass(error, case.error) and case.says in said


def test_there_are_enough_of_every_kind(cases):
    assert len({case.name for case in cases}) == len(cases)
    counts = Counter(case.kind for case in cases)
    assert set(counts) == set(KINDS)
    assert sum(counts.values()) >= 60
    assert all(case.says or case.kind == "settings" for case in cases), "every case says what must come of it"


@pytest.mark.parametrize("kind", KINDS[:-1])
def test_what_is_opened_is_read_or_refused_in_time_and_in_bounds(cases, kind):
    if not MEASURED:
        print("This system does not tell how much memory was held, so that is not checked.")
    wrong = []
    chosen = [case for case in cases if case.kind == kind]
    for case in chosen:
        if case.skip:
            print(f"{case.name}: not tried, since {case.skip}.")
            continue
        try:
            with bounded(case.seconds):
                error, said = outcome(case)
        except pytest.fail.Exception as reason:
            wrong.append(f"{case.name}: {reason}")
            continue
        if not fits(case, error, said):
            wrong.append(f"{case.name}: expected {case.error} {case.says!r}, got {error} {said!r}")
        if error is not None and not (issubclass(error, xai.XaiError) and said.endswith((".", "?"))):
            wrong.append(f"{case.name}: no sentence of the library's own: {error} {said!r}")
    assert not wrong, "\n".join(wrong)


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
        if case.says.removeprefix(case.upload[0]) not in why if case.error else why:
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
        assert name.split()[0].replace("\\", "") in text(at)
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
