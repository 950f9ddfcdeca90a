"""A layer's output as maps of the picture, by the axes that were established for it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields, is_dataclass, replace
from math import isqrt
from typing import Any

import torch

from xai_core.errors import LayerError
from xai_core.types import Axes, Layer

MAX_FRONT = 8  # class, distillation and register tokens before those of the picture
Size = tuple[int, int]


def first_tensor(output: Any) -> torch.Tensor | None:
    """What a layer hands on: its output, or the first part of one that has several."""
    if isinstance(output, torch.Tensor):
        return output
    if isinstance(output, tuple | list) and output:
        return first_tensor(output[0])
    if isinstance(output, Mapping) and output:
        return first_tensor(next(iter(output.values())))
    return None


def with_first_tensor(output: Any, tensor: torch.Tensor) -> Any:
    """The same output with another tensor for the first.

    Raises
    ------
    LayerError
        If its type cannot be made anew.
    """
    if isinstance(output, torch.Tensor):
        return tensor
    if isinstance(output, tuple | list) and output:
        rest = (with_first_tensor(output[0], tensor), *output[1:])
        return type(output)(*rest) if hasattr(output, "_fields") else type(output)(rest)
    if is_dataclass(output) and not isinstance(output, type):  # the outputs of Hugging Face are both
        return replace(output, **{fields(output)[0].name: tensor})
    if isinstance(output, dict) and output:
        first = next(iter(output))
        return output | {first: with_first_tensor(output[first], tensor)}
    raise LayerError(f"A layer that gives {type(output).__name__} has no map.")


def scaled_grid(grid: Size, seen: Size, now: Size) -> Size:
    """The grid of tokens of an input of another size: a patch stays a patch."""
    return tuple(round(side * new / old) for side, old, new in zip(grid, seen, now, strict=True))  # type: ignore[return-value]


def square_grid(tokens: int, picture: Size = (1, 1)) -> list[tuple[int, Size]]:
    """(tokens in front, grid) of the picture's proportions that a number of tokens can be, fewest in front first."""
    found = []
    for front in range(min(MAX_FRONT, tokens - 4) + 1):
        rows = isqrt(round((tokens - front) * picture[0] / picture[1]))
        for high in (rows, rows + 1):  # the square root of a rounded number may be one too small
            wide = (tokens - front) // high if high else 0
            fits = high * wide == tokens - front and min(high, wide) >= 2
            if fits and round(wide * picture[0] / picture[1]) == high:
                found.append((front, (high, wide)))
                break
    return found


def to_maps(output: torch.Tensor, axes: Axes, grid: Size) -> torch.Tensor:
    """A layer's output as (N, C, h, w), a view where it can be.

    Parameters
    ----------
    output : torch.Tensor
        As `axes` says.
    axes : Axes
        Where its axes stand.
    grid : (h, w)
        Of its tokens; of no effect for others.

    Raises
    ------
    LayerError
        If it has fewer tokens than the grid, or not as many axes.
    """
    if output.ndim != (3 if axes.tokens else 4):
        raise LayerError(f"An output of shape {tuple(output.shape)} has not the axes {axes}.")
    if axes.order == "NCHW":
        return output  # (N, C, h, w)
    if axes.order == "NHWC":
        return output.permute(0, 3, 1, 2)  # (N, h, w, C)
    tokens = {"NTC": (0, 2, 1), "NCT": (0, 1, 2), "TNC": (1, 2, 0)}[axes.order]
    rows = output.permute(tokens)  # (N, C, T)
    high, wide = grid
    if rows.shape[2] < axes.front + high * wide:
        raise LayerError(
            f"An output of {rows.shape[2]} tokens holds no grid of {high} x {wide} behind {axes.front} in front."
        )
    return rows[:, :, axes.front : axes.front + high * wide].unflatten(2, (high, wide))


def as_maps(output: torch.Tensor, layer: Layer, made_for: Size, picture: Size) -> torch.Tensor:
    """A layer's output as (N, C, h, w).

    Parameters
    ----------
    output : torch.Tensor
        As the layer's axes say.
    layer : Layer
        Its map's size is that of the model's input size.
    made_for : (H, W)
        The model's input size.
    picture : (H, W)
        Of the inputs that gave this output.

    Raises
    ------
    LayerError
        If the tokens of inputs of this size make no such grid.
    """
    grid = layer.size if picture == made_for else scaled_grid(layer.size, made_for, picture)
    return to_maps(output, layer.axes, grid)


def possible_axes(shape: Sequence[int], n: int, picture: Size, grids: Sequence[Size]) -> list[tuple[Axes, Size]]:
    """Axes and grids that an output of n pictures may have, the likeliest first; empty where it can be no map.

    Parameters
    ----------
    shape : sequence of int
        Of the output.
    n : int
        Pictures, at least 2, which tell the batch from other axes.
    picture : (H, W)
        Their size.
    grids : sequence of (h, w)
        Grids that are known of other layers, such as the patch embedding's.
    """
    if len(shape) == 4 and shape[0] == n:
        both = [(Axes("NCHW"), (shape[2], shape[3])), (Axes("NHWC"), (shape[1], shape[2]))]
        return [(axes, grid) for axes, grid in both if min(grid) >= 2]
    if len(shape) != 3:
        return []
    found: list[tuple[Axes, Size]] = []
    orders: list[tuple[Any, int]] = [("NTC", shape[1]), ("NCT", shape[2])] if shape[0] == n else []
    if shape[1] == n != shape[0]:
        orders.append(("TNC", shape[0]))
    for order, tokens in orders:
        known = [(tokens - high * wide, (high, wide)) for high, wide in grids]
        fitting = [(front, grid) for front, grid in known if 0 <= front <= MAX_FRONT and min(grid) >= 2]
        for front, grid in dict.fromkeys([*fitting, *square_grid(tokens, picture)]):
            found.append((Axes(order, front), grid))
            if front:  # or they stand behind
                found.append((Axes(order), grid))
    return found
