"""A worker: it opens model and data once, makes sure that its study is this study, and computes parts."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack

from xai_core.batch.computing import Order, compute_part
from xai_core.batch.head import as_asked_now, differences, is_same
from xai_core.batch.made_with import bounded_threads, made_with
from xai_core.batch.prepared import prepared
from xai_core.batch.store import StudyConflict, StudyFolder
from xai_core.batch.study import Stage
from xai_core.batch.writing import StudyWriteError
from xai_core.engines.engine import Answer, Share
from xai_core.errors import RecordError, XaiError
from xai_core.questions import get_question


class Worker:
    """Opens what an order names.

    Parameters
    ----------
    order : Order
    place : int
        Among the workers.

    Raises
    ------
    XaiError
        If it would make another study, or cannot open what is asked for.
    """

    def __init__(self, order: Order, place: int) -> None:
        self._order, self.place, self.name = order, place, f"worker {place + 1}"
        self._bound = ExitStack()  # as long as this worker lives
        self._bound.enter_context(bounded_threads(order.threads))
        ready = prepared(get_question(order.request.kind), order.request)
        self._bound.enter_context(bounded_threads(order.threads))  # of what was loaded meanwhile, too
        self.settings = made_with(ready.opened.model.device.type)
        self._study, self._work = self._ours(), ready.work
        before = as_asked_now(self._study.head, ready.head)
        if not is_same(before, ready.head):
            raise StudyConflict(f"{self.name} would make another study: {'; '.join(differences(before, ready.head))}.")
        self._begin()

    def _begin(self) -> None:
        """Before the first stage."""
        self._stages = self._work.stages(self._study)
        self._number = -1
        self._stage: Stage | None = None

    def _ours(self) -> StudyFolder:
        """The study as it lies there now: begun anew, it is no longer this one's."""
        try:
            there = StudyFolder.open(self._order.folder)
        except RecordError as error:
            raise StudyConflict(f"{error} Every machine that works on a study must see its folder.") from error
        if there.identity != self._order.identity:
            raise StudyConflict(f"{there.folder} holds another study by now.")
        return there

    def _at(self, number: int) -> Stage:
        """A stage; those before it are in the folder."""
        while self._stage is None or self._number < number:
            try:
                self._stage = next(self._stages)
            except BaseException:
                self._begin()  # what an error ended gives nothing more
                raise
            self._number += 1
        return self._stage

    def answers(self, share: Share) -> Iterator[Answer]:
        """Compute parts; one that goes wrong is said to have, and the next begins."""
        for turn in share.turns:
            try:
                stage = self._at(share.stage)
                self._ours()
                made = compute_part(stage, turn, self._study, self.settings, self.name)
            except StudyConflict as error:
                yield Answer("refused", self.place, why=str(error))
                return
            except StudyWriteError as error:
                yield Answer("unwritten", self.place, turn, share.stage, str(error))
            except XaiError as error:
                yield Answer("failed", self.place, turn, share.stage, str(error))
            except Exception as error:  # of a model, a plug-in or a method: whatever it is, other parts may do
                yield Answer("failed", self.place, turn, share.stage, f"{type(error).__name__}: {error}")
            else:
                yield Answer("made", self.place, turn, share.stage, made=made)


def opened(order: Order, place: int) -> tuple[Worker | None, Answer]:
    """A worker and what it says of that, or why there is none.

    Parameters
    ----------
    order : Order
    place : int
        Among the workers.
    """
    try:
        worker = Worker(order, place)
    except Exception as error:  # whatever it is, this worker can do nothing
        said = str(error) if isinstance(error, XaiError) else f"{type(error).__name__}: {error}"
        return None, Answer("refused", place, why=said)
    return worker, Answer("opened", place, settings=worker.settings)
