"""Brings all parts of a stage into the folder, whoever computes them, and says how far it is."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from tqdm import tqdm  # type: ignore[import-untyped]

from xai_core.batch.computing import Crew, GivenUp, Made, Order, compute_part
from xai_core.batch.keeping import Keeper
from xai_core.batch.made_with import made_with
from xai_core.batch.progress import Progress
from xai_core.batch.store import StudyFolder
from xai_core.batch.study import Stage
from xai_core.errors import XaiError, say
from xai_core.types.counts import part_of

_NAMED = 3  # parts that could not be made and are named in a sentence


class StudyIncomplete(XaiError):  # noqa: N818 (it says what is missing)
    """A study some of whose parts could not be made; all others are in its folder."""


class Alone:
    """This process computes the parts, one after the other.

    Parameters
    ----------
    study : StudyFolder
        Where they go.
    """

    def __init__(self, study: StudyFolder) -> None:
        self._study, self._settings = study, made_with(str(study.head["device"]))

    def parts(self, number: int, stage: Stage, turns: Sequence[int]) -> Iterator[Made | GivenUp]:
        """As `Crew.parts`; what is wrong is raised."""
        for turn in turns:
            yield compute_part(stage, turn, self._study, self._settings)


@contextmanager
def alone(_order: Order, study: StudyFolder) -> Iterator[Crew]:
    """Hire nobody: this process does the work."""
    yield Alone(study)


class Work:
    """A stage that is to be done.

    Parameters
    ----------
    study : StudyFolder
        Where its parts go.
    stage : Stage
    progress : Progress
        Told of each part.
    keeper : Keeper
        Likewise.
    quiet : bool
        Without a bar.
    """

    def __init__(self, study: StudyFolder, stage: Stage, progress: Progress, keeper: Keeper, quiet: bool) -> None:
        self._study, self._stage, self._progress, self._keeper, self._quiet = study, stage, progress, keeper, quiet
        self._looked_out = 0  # how many parts from the first on were asked whether something is settled
        self._settled = stage.settled is None

    def do(self, crew: Crew, number: int) -> None:
        """Have the parts computed that are not there yet.

        Parameters
        ----------
        crew : Crew
            Who computes them.
        number : int
            Of the stage, from 0.

        Raises
        ------
        StudyIncomplete
            If some part could not be made; all others are.
        XaiError
            If the work cannot go on.
        """
        stage, given_up = self._stage, []
        there = self._there()
        missing = sorted(set(range(len(stage.sizes))) - there)
        looked_at = sum(stage.sizes[turn] for turn in there)
        self._progress.begin(stage.word, len(stage.sizes), len(there), sum(stage.sizes), looked_at)
        with tqdm(
            total=sum(stage.sizes),
            initial=looked_at,
            desc=stage.word,
            unit="picture",
            disable=self._quiet,
            file=sys.stderr,
        ) as bar:
            self._look_out(there)
            for one in crew.parts(number, stage, missing) if missing else ():
                if isinstance(one, GivenUp):
                    given_up.append(one)
                    continue
                there.add(one.turn)
                bar.update(stage.sizes[one.turn])
                self._progress.made(one, stage.sizes[one.turn])
                self._keeper.made(self._study, stage.first + one.turn)
                self._look_out(there)
        if given_up:
            raise StudyIncomplete(self._sentence(given_up))

    def _there(self) -> set[int]:
        """Places of the parts that are in the folder and hold what is asked for now."""
        stage, done = self._stage, set()
        for turn in range(len(stage.sizes)):
            number = stage.first + turn
            problem = self._study.problem(number) or (stage.problem(number) if stage.problem else "")
            if not problem:
                done.add(turn)
            elif problem != "absent":
                say(f"Part {number:05d} is {problem} and is computed again.", file=sys.stderr)
        return done

    def _look_out(self, there: set[int]) -> None:
        """Ask of each part in order, as soon as it and all before it are there."""
        while not self._settled and self._looked_out in there:
            self._settled = bool(self._stage.settled and self._stage.settled(self._looked_out))
            self._looked_out += 1

    def _sentence(self, given_up: Sequence[GivenUp]) -> str:
        """Which parts could not be made, and why."""
        stage = self._stage
        ordered = sorted(given_up, key=lambda one: one.turn)
        reasons = " ".join(f"Part {stage.first + one.turn:05d}: {one.why}" for one in ordered[:_NAMED])
        more = f" And {len(ordered) - _NAMED:,} more." if len(ordered) > _NAMED else ""
        return (
            f"{part_of(len(ordered), len(stage.sizes), 'part')} could not be made. {reasons}{more} All others are kept "
            f"in {self._study.folder}, and the same command tries these again."
        )
