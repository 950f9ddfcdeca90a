"""Guesses held against hand-made maps: shares, hits and chance worked out by hand, and every sentence."""

import numpy as np
import pytest

from xai_core import studies
from xai_core.errors import DataError
from xai_core.studies import GuessScore, guess_sentence, guesses_sentence, score_guess


def grid_map(values, size=7):
    """A map with these values at these squares (row * size + column), zero elsewhere."""
    raw = np.zeros(size * size, np.float32)
    raw[list(values)] = list(values.values())
    return raw.reshape(size, size)


# Of all the evidence, 10, square 24 holds 4, square 25 3, square 17 2 and square 3 1.
MAP = grid_map({24: 4, 25: 3, 17: 2, 3: 1})


def test_shares_hits_and_chance():
    score = score_guess(MAP, [24, 17, 40])
    assert score == GuessScore(
        grid=7,
        marked=3,
        strongest=(24, 25, 17),
        hits=2,
        iou=2 / 4,
        chance=pytest.approx(3 * 3 / 49),
        evidence=pytest.approx(0.6),
        even=3 / 49,
    )
    assert guess_sentence(score) == (
        "You marked 3 of 49 squares. They hold 60% of the evidence; as many squares at random would hold 6.1% on "
        "average. 2 of your 3 squares are among the model's 3 strongest; chance gives 0.2."
    )


def test_negative_evidence_counts_for_nothing():
    raw = MAP.copy()
    raw[6, 6] = -50
    assert score_guess(raw, [24, 48]) == score_guess(MAP, [24, 48])
    assert score_guess(raw, [48]).evidence == 0


def test_all_of_the_best_squares_and_none_of_them():
    best = score_guess(MAP, [24, 25, 17, 3])
    assert (best.hits, best.iou) == (4, 1)
    assert best.evidence == pytest.approx(1)
    worst = score_guess(MAP, [0, 1])
    assert (worst.hits, worst.iou, worst.evidence) == (0, 0, 0)


def test_squares_marked_twice_count_once_and_all_squares_are_chance():
    assert score_guess(MAP, [24, 24]) == score_guess(MAP, {24})
    score = score_guess(np.abs(np.random.default_rng(0).normal(size=(7, 7))).astype(np.float32), range(49))
    assert (score.hits, score.iou, score.even) == (49, 1, 1)
    assert score.chance == pytest.approx(49)
    assert score.evidence == pytest.approx(1)


def test_ties_rank_in_reading_order():
    raw = grid_map({40: 1, 30: 1, 20: 1, 10: 2})
    assert score_guess(raw, [1, 2, 3]).strongest == (10, 20, 30)


def test_a_square_without_evidence_is_never_among_the_strongest():
    score = score_guess(grid_map({8: 3, 9: 1}), [8, 20, 21, 22, 23])
    assert score.strongest == (8, 9)
    assert score.iou == 1 / 6
    assert score.chance == pytest.approx(2 * 5 / 49)
    assert guess_sentence(score).endswith("Only 2 squares hold any evidence; you marked 1, and chance gives 0.2.")
    one = grid_map({8: 3})
    assert guess_sentence(score_guess(one, [8, 9])).endswith("Only one square holds any evidence, and you marked it.")
    assert guess_sentence(score_guess(one, [7, 9])).endswith(
        "Only one square holds any evidence, and you did not mark it."
    )


def test_a_single_square():
    assert guess_sentence(score_guess(MAP, [24])) == (
        "You marked 1 of 49 squares. It holds 40% of the evidence; a square at random would hold 2% on average. "
        "It is the model's strongest square."
    )
    assert guess_sentence(score_guess(MAP, [25])).endswith("It is not the model's strongest square.")
    assert "1 of your 2 squares is among the model's 2 strongest" in guess_sentence(score_guess(MAP, [24, 3]))


def test_a_finer_map_is_averaged_and_keeps_its_shares():
    fine = np.kron(MAP, np.ones((16, 16), np.float32))
    fine[0, 0] += 2560  # as much as the ten squares' 10 * 256: half of all evidence, in one of the 12,544 cells
    score = score_guess(fine, [0, 24])
    assert score.evidence == pytest.approx(0.5 + 0.4 / 2)
    assert score.strongest == (0, 24)


def test_a_coarser_map_gives_each_square_what_its_area_covers():
    # Two by two cells on a grid of three: the middle square covers a quarter of each cell's corner.
    score = score_guess(np.array([[4, 0], [0, 0]], np.float32), [4], grid=3)
    # The cell covers 1.5 x 1.5 squares: 1 of square 0, a half of 1 and 3, a quarter of 4; 2.25 squares in all.
    assert score.evidence == pytest.approx(0.25 / 2.25)
    assert score_guess(np.array([[4, 0], [0, 0]], np.float32), range(9), grid=3).strongest == (0, 1, 3, 4)


def test_another_grid_and_a_map_that_is_not_square():
    score = score_guess(np.array([[1, 3], [0, 0], [0, 0], [0, 0]], np.float32), [1], grid=2)
    assert (score.strongest, score.hits, score.even) == ((1,), 1, 0.25)
    assert score.evidence == pytest.approx(0.75)


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        (np.zeros((7, 7)), "The model finds no positive evidence in this picture, so there is no place to guess."),
        (-np.ones((7, 7)), "The model finds no positive evidence in this picture, so there is no place to guess."),
        (np.full((14, 14), 3.0), "The evidence is the same everywhere, so there is no place to guess."),
        (np.where(np.eye(7) > 0, np.nan, 1.0), "The map holds NaN, so there is no place to guess."),
    ],
)
def test_a_map_without_a_place_gives_nan_and_says_why(raw, said):
    score = score_guess(raw.astype(np.float32), [1, 2])
    assert np.isnan([score.hits, score.iou, score.chance, score.evidence]).all()
    assert (score.marked, score.even, score.strongest) == (2, 2 / 49, ())
    assert guess_sentence(score) == score.reason == said


@pytest.mark.parametrize(
    ("cells", "grid", "said"),
    [
        ([], 7, "No square is marked: mark at least one."),
        ([3, 49], 7, "There is no square 49: a grid of 7 x 7 has 0 to 48."),
        ([-1], 7, "There is no square -1: a grid of 7 x 7 has 0 to 48."),
        ([4], 2, "There is no square 4: a grid of 2 x 2 has 0 to 3."),
    ],
)
def test_squares_that_do_not_exist(cells, grid, said):
    with pytest.raises(DataError, match="^" + said.replace(".", r"\.") + "$"):
        score_guess(MAP, cells, grid)


def test_chance_is_what_random_guesses_get():
    rng = np.random.default_rng(0)
    raw = rng.gamma(0.5, size=(7, 7)).astype(np.float32)
    scores = [score_guess(raw, rng.permutation(49)[:9].tolist()) for _ in range(2000)]
    # Standard errors: hits about 1.04 / sqrt(2000) = 0.023, evidence about 0.08 / sqrt(2000) = 0.002.
    assert np.mean([score.hits for score in scores]) == pytest.approx(scores[0].chance, abs=0.1)
    assert np.mean([score.evidence for score in scores]) == pytest.approx(scores[0].even, abs=0.01)


def test_several_guesses_are_averaged_and_those_without_a_place_left_out():
    flat = score_guess(np.zeros((7, 7), np.float32), [1])
    first, second = score_guess(MAP, [24, 17]), score_guess(MAP, [25, 0, 1, 2, 4, 5])
    assert guesses_sentence([]) == guesses_sentence([flat]) == "No guess so far."
    assert guesses_sentence([first, flat]) == "1 guess so far: your squares held 60% of the evidence, chance 4.1%."
    # 60 and 30 per cent; 2 and 6 of 49 squares.
    assert (
        guesses_sentence([first, second])
        == "2 guesses so far: on average your squares held 45% of the evidence, chance 8.2%."
    )


def test_the_grid_is_that_of_the_game():
    assert score_guess(MAP, [0]).grid == studies.GUESS_GRID == 7
