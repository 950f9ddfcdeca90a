"""Every test that a card can show is explained, in the page, in reports and in the docs, in the same words."""

import re
from pathlib import Path

import numpy as np
import pytest

from xai_core import reports, stats
from xai_core.reports import Report, Section
from xai_core.studies import Hypothesis
from xai_core.studies.explained_tests import TESTS, explained
from xai_core.studies.limits import cited

ROOT = Path(__file__).parents[2]
RNG = np.random.default_rng(0)
ONE, TWO = RNG.normal(size=(2, 12))
RIGHT = RNG.random((2, 12)) < 0.5
RESULTS = (
    stats.sign_flip(ONE, TWO),
    stats.paired_t(ONE, TWO),
    stats.wilcoxon_signed_rank(ONE, TWO),
    stats.page_trend(RNG.normal(size=(12, 4))),
    stats.friedman(RNG.normal(size=(12, 4))),
    stats.kruskal_wallis(RNG.normal(size=(12, 4))),
    stats.brunner_munzel(ONE, TWO),
    stats.clustered_area(ONE, TWO, np.arange(len(ONE)), np.arange(len(TWO))),
    stats.rank_sum(ONE, TWO),
    stats.mcnemar(*RIGHT),
    stats.window_change(RNG.random((8, 12)) < 0.5, 4),
)


@pytest.mark.parametrize("result", RESULTS, ids=lambda one: one.name)
def test_each_test_of_the_library_is_explained(result):
    (found,) = explained([result])
    assert all((found.title, found.asks, found.goes, found.effect, found.beware, found.sources))


def test_no_test_of_the_library_is_missing_above():
    """Every name under which a module of statistics gives a result."""
    text = "".join(path.read_text("utf-8") for path in (ROOT / "xai_core" / "stats").glob("*.py"))
    names = set(re.findall(r'^    name, .*?= "([^"]+)"', text, re.MULTILINE))
    assert names == {result.name for result in RESULTS}


@pytest.mark.parametrize("test", TESTS, ids=lambda one: one.title)
def test_the_docs_say_each_as_the_pages_do(test):
    text = (ROOT / "docs" / "tests.md").read_text("utf-8")
    links = ", ".join(map(cited, test.sources))
    assert (
        f"## {test.title}\n\n{test.asks} {test.goes}\n\n**Effect.** {test.effect}\n\n"
        f"**Beware.** {test.beware}\n\nSource: {links}.\n"
    ) in text


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
    card = Hypothesis("Q?", "H0", "H1", "m", "yes", "Yes", "It does.", RESULTS[0], RESULTS[1:3])
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
