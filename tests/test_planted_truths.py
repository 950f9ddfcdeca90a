"""A part of `make truth`: headlines where the truth is planted, and how often intervals cover."""

from pathlib import Path

import numpy as np
import pytest

from tests.support.benchmarks import benchmark

TRUTH, COVERAGE, SHARES = benchmark("truth"), benchmark("interval_coverage"), benchmark("share_coverage")
HELD = benchmark("held_claims")
TESTS = Path(__file__).parent
DOCS = TESTS.parent / "docs"
REPEATS = 20
QUICK = [case for case in TRUTH.CASES if case.page in (TRUTH.MISTAKES, TRUTH.TRAINING)]
BY_FORMULA = [
    (kind, data)
    for kind in COVERAGE.KINDS
    for data in kind.data
    if kind.title not in ("mean difference", "d_z", "d_av") and "skewed" not in data
]


@pytest.mark.parametrize("case", QUICK, ids=lambda case: case.title)
def test_headlines_find_what_is_planted_and_nothing_else(case):
    yes, no = TRUTH.rates(case, 32 if case.truth == "nothing" else 64, REPEATS)
    assert not TRUTH.wrong(case, yes, no, REPEATS), (yes, no)


@pytest.mark.parametrize(
    "title", ["skewed noise, share", "the same centred blobs at each layer, share", "a blob in the middle"]
)
def test_maps_that_never_saw_a_picture_get_neither_yes_nor_no(title):
    case = next(case for case in TRUTH.CASES if case.title == title)
    assert case.say(np.random.default_rng(0), 32) == ""


def test_a_share_that_is_too_large_is_wrong():
    nothing, planted = (next(case for case in TRUTH.CASES if case.truth == truth) for truth in ("nothing", "yes"))
    assert TRUTH.wrong(nothing, 0.1, 0.1, 100)
    assert not TRUTH.wrong(nothing, 0.03, 0.02, 100)
    assert TRUTH.wrong(planted, 0.8, 0.0, 100)


@pytest.mark.parametrize(("kind", "data"), BY_FORMULA, ids=lambda one: one if isinstance(one, str) else one.title)
def test_intervals_of_sixteen_pictures_cover(kind, data):
    slack = 2 * np.sqrt(kind.least * (1 - kind.least) / 100)
    assert COVERAGE.coverage(kind, kind.data[data], 16, 100) >= kind.least - slack


def test_intervals_that_are_too_narrow_stand_out():
    assert [COVERAGE.cell(share) for share in (0.9, 0.95, 0.99, np.nan)] == ["**90.0**", "95.0", "*99.0*", "–"]


@pytest.mark.parametrize("row", SHARES.ROWS, ids=lambda row: f"{row.interval} {row.truth}")
def test_intervals_of_shares_fall_short_at_no_truth(row):
    assert row.least <= row.share(8) <= 1


def test_wilsons_interval_falls_short_at_some():
    assert SHARES.of_one(16, wilson=True).min() < 0.86


def test_the_tables_in_the_docs_have_a_row_for_each():
    truth, coverage = ((DOCS / name).read_text("utf-8") for name in ("truth.md", "coverage.md"))
    assert truth.startswith(TRUTH.HEAD), "`make truth` writes another text"
    assert "the same 12 networks and 144 pictures" in TRUTH.HEAD  # of which the errors know nothing
    assert [case.title for case in TRUTH.CASES if f"| {case.page} | {case.title} |" not in truth] == []
    assert [kind.title for kind in COVERAGE.KINDS if f"| {kind.title} |" not in coverage] == []
    assert [row.truth for row in SHARES.ROWS if f"| {row.interval} | {row.truth} |" not in coverage] == []


@pytest.mark.parametrize("row", HELD.ROWS, ids=lambda row: row.given)
def test_every_claim_that_once_went_too_far_has_a_test_that_exists(row):
    assert row.tests
    for test in row.tests:
        path, name = test.split("::")
        assert f"\ndef {name}(" in (TESTS / path).read_text("utf-8"), test


def test_the_claims_stand_in_the_docs():
    assert HELD.table() in (DOCS / "truth.md").read_text("utf-8")
