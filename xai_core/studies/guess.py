"""How well a viewer guessed where a model looks: squares marked on a picture, against the map's evidence in them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np

from xai_core.errors import DataError
from xai_core.maps import is_flat, pool, rectify
from xai_core.studies.words import percent
from xai_core.types import FloatArray
from xai_core.types.counts import form

GUESS_GRID = 7  # squares a side: coarse enough to guess, and the grid of many networks' last layer
_TIE = 6  # decimals of a share from which on squares are told apart; float32 holds no more


@dataclass(frozen=True)
class GuessScore:
    """A guess held against a map.

    Attributes
    ----------
    grid : int
        g, squares a side.
    marked : int
        k, how many of the g x g squares were marked.
    strongest : tuple of int
        The model's squares, row * g + column, the strongest first: as many as were marked, or fewer where fewer hold
        any evidence.
    hits : float
        How many of them were marked.
    iou : float
        Of the marked and the strongest squares, in [0, 1].
    chance : float
        The hits to be expected of k squares marked at random.
    evidence : float
        Share of the map's positive evidence that lies in the marked squares, in [0, 1].
    even : float
        k / g^2, the share that they would hold of an even map, and that k squares at random hold on average.
    reason : str
        Why there is nothing to guess, or an empty text; `hits`, `iou`, `chance` and `evidence` are then NaN.
    """

    grid: int
    marked: int
    strongest: tuple[int, ...]
    hits: float
    iou: float
    chance: float
    evidence: float
    even: float
    reason: str = ""


def score_guess(heatmap: FloatArray, cells: Collection[int], grid: int = GUESS_GRID) -> GuessScore:
    """Hold the squares that a viewer marked against the map.

    A square holds the mean of the map's positive evidence over its area, so that the shares are those of the map's own
    cells, whatever its resolution. Squares of equal evidence rank in reading order, and one without any evidence is
    never among the strongest.

    Parameters
    ----------
    heatmap : ndarray
        float32 (h, w), raw and signed, covering the picture edge to edge.
    cells : Collection[int]
        The marked squares, row * grid + column, each in 0 to grid^2 - 1; at least one.
    grid : int
        Squares a side.

    Raises
    ------
    DataError
        If no square is marked, or one that does not exist.
    """
    marked = sorted({int(cell) for cell in cells})
    if not marked:
        raise DataError("No square is marked: mark at least one.")
    if unknown := [cell for cell in marked if not 0 <= cell < grid * grid]:
        raise DataError(f"There is no square {unknown[0]}: a grid of {grid} x {grid} has 0 to {grid * grid - 1}.")
    k, even = len(marked), len(marked) / grid**2
    nan = float("nan")
    if reason := _nothing_to_guess(heatmap):
        return GuessScore(grid, k, (), nan, nan, nan, nan, even, reason)
    squares = pool(rectify(heatmap), (grid, grid)).astype(np.float64).ravel()
    shares = squares / squares.sum()
    ranked = np.argsort(-shares.round(_TIE), kind="stable")[:k]
    strongest = tuple(int(cell) for cell in ranked if shares[cell] > 0)
    hits = len(set(marked) & set(strongest))
    return GuessScore(
        grid=grid,
        marked=k,
        strongest=strongest,
        hits=float(hits),
        iou=hits / (k + len(strongest) - hits),
        chance=len(strongest) * even,
        evidence=float(shares[marked].sum()),
        even=even,
    )


def _nothing_to_guess(heatmap: FloatArray) -> str:
    """Why a map has no place that could be guessed, or an empty text."""
    if not np.isfinite(heatmap).all():
        return "The map holds NaN, so there is no place to guess."
    positive = rectify(heatmap)
    if not (positive > 0).any():
        return "The model finds no positive evidence in this picture, so there is no place to guess."
    return "The evidence is the same everywhere, so there is no place to guess." if is_flat(positive) else ""


def guess_sentence(score: GuessScore) -> str:
    """A score in words, with what chance would give."""
    if score.reason:
        return score.reason
    k, n = score.marked, len(score.strongest)
    said = (
        f"You marked {k} of {score.grid**2} squares. {'It holds' if k == 1 else 'They hold'} "
        f"{percent(score.evidence)} of the evidence; {'a square' if k == 1 else 'as many squares'} at random would "
        f"hold {percent(score.even)} on average. "
    )
    if n == 1 < k:
        return said + f"Only one square holds any evidence, and you {'marked' if score.hits else 'did not mark'} it."
    if n < k:
        return said + (
            f"Only {n} squares hold any evidence; you marked {score.hits:.0f}, and chance gives {score.chance:.1f}."
        )
    if k == 1:
        return said + f"{'It is' if score.hits else 'It is not'} the model's strongest square."
    return said + (
        f"{score.hits:.0f} of your {k} squares {form(round(score.hits), 'is', 'are')} among the model's {n} strongest; "
        f"chance gives {score.chance:.1f}."
    )


def guesses_sentence(scores: Sequence[GuessScore]) -> str:
    """Several guesses in words: the means, each guess counting the same; those with nothing to guess are left out."""
    counted = [score for score in scores if not score.reason]
    if not counted:
        return "No guess so far."
    evidence = float(np.mean([score.evidence for score in counted]))
    even = float(np.mean([score.even for score in counted]))
    if len(counted) == 1:
        words = "1 guess so far: your squares held"
    else:
        words = f"{len(counted)} guesses so far: on average your squares held"
    return f"{words} {percent(evidence)} of the evidence, chance {percent(even)}."
