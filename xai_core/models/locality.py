"""Where in a layer's output a change of the picture shows: the experiment that confirms a layer's axes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import torch
from torch import nn

from xai_core.models.axes import MAX_FRONT, Size, first_tensor
from xai_core.models.trace import watched
from xai_core.types import Axes

QUADRANTS = ((0, 0), (0, 1), (1, 0), (1, 1))  # of the picture, (row, column)
REFUTED = -1.0
_LEAST = 0.1  # how far, of the way that the change moves, its traces in a map must move along
_STRONGER = 1.02  # in its own quadrant than in any other
_ACROSS = 2.0  # how many times as far along the right axis as along the wrong one
_TIE = 0.9  # of the best mark, from which on the likelier axes win
Hypotheses = Mapping[str, list[tuple[Axes, Size]]]


def noise(shape: tuple[int, ...], seed: int) -> torch.Tensor:
    """Coarse and fine noise, a stand-in for preprocessed pictures: float32 (N, C, H, W), about standard normal."""
    generator = torch.Generator().manual_seed(seed)
    n, channels, high, wide = shape
    coarse = torch.randn(n, channels, min(8, high), min(8, wide), generator=generator)
    fine = torch.randn(n, channels, high, wide, generator=generator)
    return 0.8 * torch.nn.functional.interpolate(coarse, (high, wide)) + 0.6 * fine


def changed_quadrants(base: torch.Tensor, other: torch.Tensor) -> list[torch.Tensor]:
    """A picture (1, C, H, W), and the same with each quadrant in turn replaced by another's."""
    high, wide = base.shape[2] // 2, base.shape[3] // 2
    rows = (slice(0, high), slice(high, None))
    columns = (slice(0, wide), slice(wide, None))
    found = [base]
    for row, column in QUADRANTS:
        picture = base.clone()
        picture[..., rows[row], columns[column]] = other[..., rows[row], columns[column]]
        found.append(picture)
    return found


def marks(
    net: nn.Module, ask: Callable[[torch.Tensor], Any], hypotheses: Hypotheses, pictures: list[torch.Tensor]
) -> dict[str, list[float]]:
    """How well a change in a quadrant of the picture shows in that quadrant of the map, under each hypothesis.

    Parameters
    ----------
    net : torch.nn.Module
        Hooks are set on it for the time.
    ask : callable
        Runs the network; the same chance in each call, so that only the picture differs.
    hypotheses : Mapping of str to list of (Axes, (h, w))
        What may be, the likeliest first, which wins a tie.
    pictures : list of (1, C, H, W)
        As `changed_quadrants` gives them.

    Returns
    -------
    dict of str to list of float
        A mark for each hypothesis: above 0 (about 1 at best) where it is confirmed, `REFUTED` where changes show in the
        wrong place, 0 where they show everywhere alike.
    """
    before: dict[str, torch.Tensor] = {}
    changes: dict[tuple[str, str], list[torch.Tensor]] = {}  # (layer, order of its axes) -> (h, w) or (T,) of each

    def remember(name: str, output: Any) -> None:
        if name in hypotheses and (tensor := first_tensor(output)) is not None:
            before[name] = tensor.detach().clone()

    def compare(name: str, output: Any) -> None:
        if name not in before or (tensor := first_tensor(output)) is None or tensor.shape != before[name].shape:
            return
        change = (tensor.detach() - before[name]).float().square()
        for order in {axes.order for axes, _ in hypotheses[name]}:
            outside = tuple(place for place, axis in enumerate(order) if axis in "NC")
            changes.setdefault((name, order), []).append(change.sum(outside).cpu())

    with watched(net, remember):
        ask(pictures[0])
    for picture in pictures[1:]:
        with watched(net, compare):
            ask(picture)
    still = _still_tokens(changes)
    return {
        name: [_of_one(changes.get((name, axes.order), []), axes, grid, still) for axes, grid in possible]
        for name, possible in hypotheses.items()
    }


def best(possible: list[tuple[Axes, Size]], mark: list[float]) -> tuple[Axes, Size] | None:
    """What a layer's axes are by the experiment: the likeliest among the best confirmed; None without any.

    An attention matrix has the same places on both axes: which are channels is not known, and it is no map. Where few
    channels look like fewer places, which chance brings about (four of them fall into order once in 256 times), the
    finer grid is the picture's.
    """
    confirmed = [(axes, grid, value) for (axes, grid), value in zip(possible, mark, strict=True) if value > 0]
    if not confirmed:
        return None
    most = max(high * wide for _, (high, wide), _ in confirmed)
    if len({axes.order for axes, _, _ in confirmed if axes.tokens}) > 1:
        confirmed = [one for one in confirmed if one[1][0] * one[1][1] == most]
        if len({axes.order for axes, _, _ in confirmed}) > 1:
            return None
    top = max(value for *_, value in confirmed)
    return next((axes, grid) for axes, grid, value in confirmed if value >= _TIE * top)


def _still_tokens(changes: Mapping[tuple[str, str], list[torch.Tensor]]) -> dict[int, frozenset[int]]:
    """Number of tokens -> those that no quadrant changes before tokens mix: class tokens and their like."""
    found: dict[int, frozenset[int]] = {}
    for (_, order), energies in changes.items():
        if "T" in order and len(energies) == len(QUADRANTS):
            never = frozenset(torch.nonzero(torch.stack(energies).sum(0) == 0).flatten().tolist())
            tokens = len(energies[0])
            if never and len(never) <= MAX_FRONT and len(never) < tokens / 2:
                found.setdefault(tokens, never)
    return found


def _of_one(energies: list[torch.Tensor], axes: Axes, grid: Size, still: Mapping[int, frozenset[int]]) -> float:
    """The mark of one hypothesis."""
    if len(energies) != len(QUADRANTS):
        return 0.0
    if axes.tokens:
        tokens, last = len(energies[0]), axes.front + grid[0] * grid[1]
        others = _outside(axes, grid, tokens)
        if last > tokens or still.get(tokens, others) != others:
            return REFUTED
        energies = [one[axes.front : last].view(grid) for one in energies]
    return _mark(energies)


def _outside(axes: Axes, grid: Size, tokens: int) -> frozenset[int]:
    return frozenset(range(tokens)) - frozenset(range(axes.front, axes.front + grid[0] * grid[1]))


def _centre(energy: torch.Tensor) -> torch.Tensor:
    """The centre of gravity (row, column) of a map (h, w), each from 0 to 1."""
    high, wide = energy.shape
    rows, columns = (torch.arange(side, dtype=energy.dtype) + 0.5 for side in (high, wide))
    total = energy.sum().clamp_min(torch.finfo(energy.dtype).tiny)
    return torch.stack([(energy.sum(1) @ rows) / total / high, (energy.sum(0) @ columns) / total / wide])


def _in_their_quadrants(energy: list[torch.Tensor]) -> bool:
    """Whether each change is stronger in its own quadrant of the map (h, w) than in any other."""
    high, wide = energy[0].shape
    rows = (slice(0, high // 2), slice(-(-high // 2), None))
    columns = (slice(0, wide // 2), slice(-(-wide // 2), None))
    shares = torch.stack(
        [torch.stack([one[rows[row], columns[column]].sum() for row, column in QUADRANTS]) for one in energy]
    )
    own = shares.diagonal()
    others = shares.masked_fill(torch.eye(len(QUADRANTS), dtype=torch.bool), 0).amax(1)
    return bool((own > _STRONGER * others).all())


def _mark(energy: list[torch.Tensor]) -> float:
    """The mark of the changes (h, w) that each quadrant makes."""
    if not all(bool(torch.isfinite(one).all()) and one.sum() > 0 for one in energy):
        return 0.0
    centres = torch.stack([_centre(one) for one in energy])  # (4, 2)
    places = torch.tensor(QUADRANTS)
    # How far the centre moves, of half the map, when the change moves down and when it moves right.
    ends = [[centres[places[:, axis] == side].mean(0) for side in (0, 1)] for axis in (0, 1)]
    moves = torch.stack([2 * (end - start) for start, end in ends])
    along = moves.diagonal()  # down by the change that moves down, right by that which moves right
    across = moves.flip(1).diagonal().flip(0).abs()  # down by that which moves right, and the other way round
    if bool((along >= _LEAST).all()) and bool((along > _ACROSS * across).all()):
        # Places that are shuffled within a picture, as windows are, move along a little too, but not into the quadrant.
        return float(along.min()) if _in_their_quadrants(energy) else REFUTED
    return REFUTED if bool((across >= _LEAST).any()) or bool((along <= -_LEAST).any()) else 0.0
