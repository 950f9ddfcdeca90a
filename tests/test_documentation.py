"""Every public name says what it takes, in the form that documentation tools render, with an example."""

import inspect
import re
from pathlib import Path

import pytest

import xai_core as xai
from xai_core import figures, stats

# An error is raised, not called: its base's docstring and the sections "Raises" say when.
CALLED = [
    name
    for name in xai.__all__
    if not (inspect.isclass(getattr(xai, name)) and issubclass(getattr(xai, name), Exception))
]
SECTION = re.compile(r"^(\w[\w ]*)\n-{3,}$", re.MULTILINE)


def sections(text):
    """Titles of a numpydoc docstring with what stands below each."""
    found = list(SECTION.finditer(text))
    ends = [match.start() for match in found[1:]] + [len(text)]
    return {match[1]: text[match.end() : end].strip("\n") for match, end in zip(found, ends, strict=bool(found))}


def entries(section):
    """Name -> type, of the lines of a section that are not indented."""
    named = {}
    for line in section.splitlines():
        if line and not line[0].isspace():
            names, _, kind = line.partition(" : ")
            named |= {name.strip().lstrip("*"): kind for name in names.split(",")}
    return named


def documented(thing):
    found = sections(inspect.getdoc(thing))
    return entries(found.get("Parameters", "") + "\n" + found.get("Attributes", ""))


@pytest.mark.parametrize("name", CALLED)
def test_every_parameter_is_listed(name):
    thing = getattr(xai, name)
    assert set(inspect.signature(thing).parameters) <= set(documented(thing)), name


@pytest.mark.parametrize("name", CALLED)
def test_types_stand_in_the_type_slot(name):
    """A type is short; a sentence there is a description that documentation tools would take for one."""
    for parameter, kind in documented(getattr(xai, name)).items():
        assert not kind.endswith("."), (parameter, kind)
        assert not re.match(r"(a|an|the|of|whether|as|what|how|where|called|None takes)\b", kind), (parameter, kind)


@pytest.mark.parametrize("name", CALLED)
def test_every_name_has_an_example(name):
    """That it gives what it says, the tests of examples hold."""
    text = sections(inspect.getdoc(getattr(xai, name))).get("Examples", "")
    assert ">>> import xai_core as xai" in text or ">>> from xai_core import" in text, name
    assert text.count(">>> ") > 1


@pytest.mark.parametrize("name", stats.__all__)
def test_statistics_are_documented_the_same_way(name):
    thing = getattr(stats, name)
    assert set(inspect.signature(thing).parameters) == set(documented(thing))
    assert ">>> " in sections(inspect.getdoc(thing))["Examples"]


@pytest.mark.parametrize("name", [name for name in figures.__all__ if name.endswith(("_figure", "_html", "_png"))])
def test_figures_list_what_they_take(name):
    thing = getattr(figures, name)
    assert set(inspect.signature(thing).parameters) == set(documented(thing))
    assert "Returns" in sections(inspect.getdoc(thing)) or not documented(thing)


ROOT = Path(__file__).parents[1]
MAP = re.search(
    r"^## The map of the house\n\n```\n(.*?)```", (ROOT / "CONTRIBUTING.md").read_text("utf-8"), re.M | re.S
)[1]


def test_the_map_of_the_house_names_every_folder_and_every_single_file_of_the_library():
    named = set(re.findall(r"\w+(?:/|\.py)", MAP))
    folders = {f"{path.parent.name}/" for part in ("xai_core", "app") for path in (ROOT / part).glob("*/__init__.py")}
    files = {path.name for path in (ROOT / "xai_core").glob("*.py")} - {"__init__.py"}
    assert folders | files <= named


def test_what_the_map_of_the_house_names_is_there():
    places = [ROOT, *(ROOT / part for part in ("xai_core", "app", "tests", "xai_core/data"))]
    for name in re.findall(r"\w+(?:/|\.py)", MAP):
        assert any((place / name).exists() for place in places), name
