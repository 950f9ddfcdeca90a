"""Every test that a card can show is explained, in the page, in reports and in the docs, in the same words."""

import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tests.support import docs
from xai_core import reports, stats
from xai_core.reports import Report, Section
from xai_core.studies import Hypothesis
from xai_core.studies.explained_tests import TESTS, explained

ROOT = Path(__file__).parents[2]
RNG = np.random.default_rng(0)
ONE, TWO = RNG.normal(size=(2, 12))
RESULTS = (stats.sign_flip(ONE, TWO), stats.paired_t(ONE, TWO), stats.wilcoxon_signed_rank(ONE, TWO))
# Every name under which a module of statistics gives a result.
NAMES = sorted(
    name
    for path in (ROOT / "xai_core" / "stats").glob("*.py")
    for name in re.findall(r'^    name, .*?= "([^"]+)"', path.read_text("utf-8"), re.MULTILINE)
)


@pytest.mark.parametrize("name", NAMES)
def test_each_test_of_the_library_is_explained(name):
    (found,) = explained([replace(RESULTS[0], name=name)])
    assert all((found.title, found.asks, found.goes, found.effect, found.beware, found.sources))


def test_the_names_are_those_of_results():
    assert {one.name for one in RESULTS} < set(NAMES)


def test_the_docs_say_each_as_the_pages_do():
    text = (docs.DOCS / "tests.md").read_text("utf-8")
    assert text == docs.tests(text), "python -m tests.support.docs writes it"
    assert [f"## {one.title}" for one in TESTS] == [line for line in text.splitlines() if line.startswith("## ")]


def test_what_is_said_of_numbers_is_so():
    five, six = np.arange(1.0, 6), np.arange(1.0, 7)
    assert stats.sign_flip(five, 0 * five).p > 0.05 > stats.sign_flip(six, 0 * six).p
    up_and_down = np.tile([1.0, 2.0, 4.0, 3.0, 2.5], (20, 1))
    assert stats.page_trend(up_and_down).p < 0.05
    same_middle = RNG.normal(size=200), 20 * RNG.normal(size=200)
    assert stats.rank_sum(*same_middle).effect == pytest.approx(0.5, abs=0.1)
    noise = [stats.friedman(RNG.normal(size=(8, 4))).effect for _ in range(200)]
    assert 0 <= min(noise) <= np.mean(noise) < 0.08  # uncorrected, 1 / 8


def test_a_reports_heading_leads_to_what_its_tests_ask():
    card = Hypothesis("Q?", "H0", "H1", "m", "yes", "Yes", "It does.", RESULTS[0], RESULTS[1:])
    page = reports.to_html(Report("layers", "t", "q", (Section("One", (card, card)),), {}, "", {}))
    targets = re.findall(r'href="#(tests-[\d-]+)">How it is tested', page)
    assert len(set(targets)) == 2
    for target in targets:
        found = page.split(f'id="{target}"')[1].split("</details>")[0]
        assert re.findall("<dt>(.*?)</dt>", found) == [
            "Sign-flip permutation test",
            "Paired t-test",
            "Wilcoxon&#39;s signed-rank test",
        ]
