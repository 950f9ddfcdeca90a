"""The docs: the site builds without a warning and asks nobody; cells print what stands below; links lead to files."""

import re
import shutil
import subprocess
import sys
import tomllib
from html.parser import HTMLParser
from pathlib import Path

import pytest

import xai_core as xai
from tests.support.cells import alike, cells, printed
from xai_core import stats

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
TUTORIALS = sorted((DOCS / "tutorials").glob("*.md"))
CONFIG = tomllib.loads((ROOT / "zensical.toml").read_text("utf-8"))["project"]
LINK = re.compile(r"!?\[[^\]]*\]\(([^)#\s]+)(?:#[^)]*)?\)")
FETCHING = {"script": "src", "img": "src", "link": "href", "iframe": "src", "source": "src", "video": "src"}


def pages(nav):
    """The files that a table of contents names."""
    for entry in nav:
        if isinstance(entry, str):
            yield entry
        else:
            for value in entry.values():
                yield from [value] if isinstance(value, str) else pages(value)


class Fetched(HTMLParser):
    """Addresses that a browser asks for to show a page."""

    def __init__(self, text):
        super().__init__()
        self.addresses = []
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        address = dict(attributes).get(FETCHING.get(tag, ""))
        if address:
            self.addresses.append(address)


@pytest.mark.process
@pytest.mark.long
def test_the_site_builds_without_a_warning_and_fetches_nothing_from_elsewhere(tmp_path):
    for name in ("zensical.toml", "CHANGELOG.md"):
        shutil.copy(ROOT / name, tmp_path)
    shutil.copytree(DOCS, tmp_path / "docs")
    for name in ("xai_core", "app"):
        (tmp_path / name).symlink_to(ROOT / name)
    build = [sys.executable, "-m", "zensical", "build", "--strict"]
    done = subprocess.run(build, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    built = sorted((tmp_path / "site").rglob("*.html"))
    assert {path.relative_to(tmp_path / "site").as_posix() for path in built} >= {
        page.replace(".md", ".html") for page in pages(CONFIG["nav"])
    }
    for path in built:
        fetched = Fetched(path.read_text("utf-8")).addresses
        assert fetched
        assert not [address for address in fetched if re.match(r"(?:https?:)?//", address)], path.name
    reference = (tmp_path / "site" / "reference" / "maps.html").read_text("utf-8")
    assert 'id="xai_core.grad_cam"' in reference
    assert xai.grad_cam.__doc__.splitlines()[0].rstrip(".") in reference


def test_every_page_of_the_docs_is_in_the_table_of_contents():
    there = {path.relative_to(DOCS).as_posix() for path in DOCS.rglob("*.md")}
    assert there == set(pages(CONFIG["nav"]))


def test_the_reference_has_every_public_name_once():
    text = "".join(path.read_text("utf-8") for path in (DOCS / "reference").glob("*.md"))
    said = re.findall(r"^::: xai_core\.(.+)$", text, re.MULTILINE)
    assert sorted(said) == sorted([*xai.__all__, *(f"stats.{name}" for name in stats.__all__)])


@pytest.mark.parametrize("name", ["README.md", "CONTRIBUTING.md"])
def test_links_from_outside_the_docs_lead_to_files(name):
    links = [link for link in LINK.findall((ROOT / name).read_text("utf-8")) if not link.startswith("http")]
    assert len(links) > 3
    assert not [link for link in links if not (ROOT / link).exists()]


@pytest.mark.parametrize("path", [*TUTORIALS, ROOT / "README.md"], ids=lambda path: path.stem)
def test_cells_print_what_stands_below_them(path):
    """As far as words go to the letter; numbers differ by rounding at most."""
    said = [cell.output for cell in cells(path)]
    assert any(said)
    for stands, text in zip(said, printed(path), strict=True):
        assert stands is None or alike(stands, text), f"{stands}\nstands below a cell that prints\n{text}"


def test_readme_is_short_and_the_tutorials_are_one_for_each_recorded_question():
    assert len((ROOT / "README.md").read_text("utf-8").splitlines()) < 90
    assert [path.stem for path in TUTORIALS] == ["foreground", "layers", "misclassified", "training"]


@pytest.mark.parametrize(
    ("text", "other", "same"),
    [("p is 0.12", "p is 0.14", True), ("p is 0.12", "p is 0.16", False), ("12 of 40", "12 in 40", False)],
)
def test_outputs_are_compared_to_the_last_digits(text, other, same):
    assert alike(text, other) is same
