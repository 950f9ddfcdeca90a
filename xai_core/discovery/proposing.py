"""On the half that was looked at: which parts of which groups are worth a test on the other half.

Every test on the half held back makes all others less sensitive, by Holm's correction. So a part is put into a few
pictures here first, and only what may matter goes on; what is chosen here is tested there on pictures of its own.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from xai_core.discovery.candidates import FEWEST, Candidate, candidates_of
from xai_core.discovery.carriers import RISE
from xai_core.discovery.groups import CONTENT, Group, Halves, different
from xai_core.discovery.pictures import Pictures
from xai_core.discovery.testing import Bench

NEARLY_ALL = 0.95  # of the pictures of a group: a content that so many hold divides nothing


@dataclass(frozen=True, eq=False)
class Hint:
    """A candidate and what it added on the half that was looked at."""

    candidate: Candidate
    rise: float


def propose(
    bench: Bench, pictures: Pictures, groups: Sequence[Group], own: Halves, others: Halves
) -> Iterator[tuple[Group, list[Candidate]]]:
    """The groups of a class with the parts that are tested of each.

    Where a content repeats in a group and raises the class, the pictures that hold it are a group of their own, in
    place of the one that led to it.

    Parameters
    ----------
    bench : Bench
    pictures : Pictures
    groups : Sequence[Group]
        The whole class first.
    own, others : Halves
        Rows of the class and of other classes.

    Yields
    ------
    (Group, list of Candidate)
    """
    hints = [_hints(bench, pictures, group, own, others) for group in groups]
    holders = [_of_content(group, some) for group, some in zip(groups, hints, strict=True)]
    chosen = [one for one in holders if one is not None]
    rest = [group for group, holder in zip(groups, holders, strict=True) if holder is None or group is groups[0]]
    known = {id(group): some for group, some in zip(groups, hints, strict=True)}
    for group in different([*groups[:1], *chosen, *(one for one in rest if one is not groups[0])]):
        some = known.get(id(group)) or _hints(bench, pictures, group, own, others)
        yield group, _worth_a_test(some)


def _hints(bench: Bench, pictures: Pictures, group: Group, own: Halves, others: Halves) -> list[Hint]:
    """Every candidate of a group; without pictures of other classes nothing can be tried."""
    if not len(others.looked):
        return []
    return [
        Hint(one, bench.rise(one, group.looked, others.looked)) for one in candidates_of(pictures, group, own, others)
    ]


def _worth_a_test(hints: Sequence[Hint]) -> list[Candidate]:
    """What adds most, and whatever may be a shortcut and adds as much as one must."""
    if not hints:
        return []
    best = max(hints, key=lambda one: one.rise)
    return [one.candidate for one in hints if one is best or (one.candidate.proposed and one.rise >= RISE)]


def _of_content(group: Group, hints: Sequence[Hint]) -> Group | None:
    """The pictures that hold the content of a group that adds most; None where no content repeats and adds."""
    held = [one for one in hints if one.candidate.holders is not None and one.rise >= RISE]
    if not held:
        return None
    holders = max(held, key=lambda one: one.rise).candidate.holders
    assert holders is not None
    few = min(len(holders.looked), len(holders.tested)) < FEWEST
    if few or (not group.view.key and len(holders.looked) > NEARLY_ALL * len(group.looked)):
        return None
    return Group(CONTENT, False, holders.looked, holders.tested, chosen_from=group.tested)
