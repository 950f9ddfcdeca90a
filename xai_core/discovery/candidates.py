"""What may carry a group: parts of its pictures, how much their content repeats, and which pictures hold it."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from xai_core.discovery.carriers import AT_ONE_PLACE, WIDER, Carrier, Colour, Place, Surroundings, Window, border_of
from xai_core.discovery.groups import Group, Halves
from xai_core.discovery.pictures import Pictures
from xai_core.discovery.regions import peak, region_of, stretched
from xai_core.discovery.repeats import (
    MOST,
    SHARES,
    Content,
    coarse,
    find_template,
    hold_at_place,
    hold_content,
    match,
    repeating_cells,
    same_at_place,
    same_content,
)

FEWEST = 5  # pictures below which nothing is tested
MOSTLY = 0.5  # of the pictures that hold a content: where it lies at one place in more of them, it does not move


@dataclass(frozen=True, eq=False)
class Candidate:
    """A part that is tried of a group.

    Attributes
    ----------
    carrier : Carrier
        The part.
    proposed : bool
        Whether its content speaks for a shortcut on the half that was looked at.
    repeated : float
        How much its content repeats on the half held back, in the carrier's own measure.
    holders : Halves, optional
        Rows of the class that hold the content, in each half; None for parts without a content of their own, and where
        the content does not repeat.
    cells : ndarray, optional
        bool (g, g), where a content at a fixed place lies, as far as it repeats, and where one that was looked for
        lies in most pictures that hold it; None where it moves.
    """

    carrier: Carrier
    proposed: bool
    repeated: float
    holders: Halves | None = None
    cells: np.ndarray | None = None


def candidates_of(pictures: Pictures, group: Group, own: Halves, others: Halves) -> list[Candidate]:
    """What is tried of a group.

    A border and a content are tried where they repeat on the half that was looked at; the place that the mean map
    points at, the surroundings and the colour always.

    Parameters
    ----------
    pictures : Pictures
    group : Group
    own, others : Halves
        Rows of the group's class and of other classes.

    Returns
    -------
    list of Candidate
    """
    where, nan = pictures.where, float("nan")
    found = [Candidate(Surroundings(), True, nan), Candidate(Colour(), True, nan)]
    # Pictures that were chosen by a content all hold it, so how much it repeats is asked of those before the choice.
    looked, tested = (rows[where[rows].any(axis=(1, 2))] for rows in (group.looked, group.before))  # not flat
    if len(looked) < FEWEST or len(tested) < FEWEST:
        return found
    members = Halves(looked, tested)
    place, border = Place(region_of(where[looked].mean(axis=0))), border_of(where.shape[1:])
    fixed = [_fixed(pictures, one, members, own, others) for one in (place, border)]
    return [fixed[0], *(one for one in fixed[1:] if one.proposed), *_contents(pictures, members, own, others), *found]


def _fixed(pictures: Pictures, place: Place, members: Halves, own: Halves, others: Halves) -> Candidate:
    thumbs = pictures.thumbs
    mask = stretched(place.cells, thumbs.shape[1:3])
    seen = same_at_place(thumbs[members.looked], thumbs[others.looked], mask)
    again = same_at_place(thumbs[members.tested], thumbs[others.tested], mask)
    if not place.shows(seen):
        return Candidate(place, False, again)
    held = [
        rows[hold_at_place(thumbs[members.looked], thumbs[others.looked], mask, thumbs[rows])]
        for rows in (own.looked, own.tested)
    ]
    cells = repeating_cells(thumbs[members.looked], thumbs[others.looked], place.cells)
    return Candidate(place, True, again, Halves(*held), cells)


def _contents(pictures: Pictures, members: Halves, own: Halves, others: Halves) -> list[Candidate]:
    """The window whose content repeats most in the half that was looked at, if it repeats enough."""
    looked, tested = (
        Content(coarse(pictures.thumbs[a[:MOST]]), pictures.where[a], coarse(pictures.thumbs[b[:MOST]]))
        for a, b in ((members.looked, others.looked), (members.tested, others.tested))
    )
    best: tuple[float, Window] | None = None
    for share in SHARES:
        template = find_template(looked, share)
        ratio = same_content(template, looked)
        if best is None or ratio < best[0]:
            best = (ratio, Window(template, share))
    if best is None or not best[1].shows(best[0]):
        return []
    held = Halves(
        *(
            rows[hold_content(best[1].template, looked, coarse(pictures.thumbs[rows]), pictures.where[rows])]
            for rows in (own.looked, own.tested)
        )
    )
    cells = _one_place(pictures, best[1], held.looked)
    window = best[1] if cells is None else replace(best[1], title=AT_ONE_PLACE)
    return [Candidate(window, True, same_content(best[1].template, tested), held, cells)]


def _one_place(pictures: Pictures, window: Window, holders: np.ndarray) -> np.ndarray | None:
    """The cells where a content lies in most of the pictures that hold it, to half its side; None where it moves."""
    if not len(holders):
        return None
    middles = np.array(
        [
            match(window.template[None], coarse(pictures.thumbs[row][None])[0], peak(pictures.where[row])).middles[0]
            for row in holders[:MOST]
        ]
    )
    middle = np.median(middles, axis=0)
    if np.mean(np.all(np.abs(middles - middle) <= window.share / 2, axis=1)) <= MOSTLY:
        return None
    inside = [
        (np.arange(1, count + 1) / count > at - WIDER * window.share / 2)
        & (np.arange(count) / count < at + WIDER * window.share / 2)
        for at, count in zip(middle, pictures.where.shape[1:], strict=True)
    ]
    return np.outer(*inside)
