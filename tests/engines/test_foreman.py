"""Handing out parts: what an engine that plays its workers is given, and what becomes of parts that go wrong."""

from collections import defaultdict
from types import SimpleNamespace

import pytest

from xai_core.batch.computing import GivenUp, Made, Order
from xai_core.batch.made_with import MADE_WITH
from xai_core.batch.stages import StudyIncomplete
from xai_core.batch.writing import StudyWriteError
from xai_core.engines.engine import Answer
from xai_core.engines.foreman import TRIES, Foreman
from xai_core.engines.worker import opened

STUDY = SimpleNamespace(head={MADE_WITH: {"threads": 1}}, folder="studies/one")


class Played:
    """An engine whose workers answer one part each time; `fate` says how a part goes, by its place and try."""

    def __init__(self, workers, fate=lambda turn, attempt: "made", at_once=2, settings=None):
        self.workers, self.at_once, self._fate = workers, at_once, fate
        self._settings = settings or {"threads": 1}
        self.given, self.most, self._queues, self._open = [], 0, defaultdict(list), set()

    def give(self, worker, share):
        assert share.stage == 4
        self.given += [(worker, turn) for turn in share.turns]
        self._queues[worker] += share.turns
        self.most = max(self.most, len(self._queues[worker]))

    def answers(self):
        said = []
        for worker, queue in self._queues.items():
            if not queue:
                continue
            if worker not in self._open:
                first = self._fate("open", worker)
                if first != "made":
                    queue.clear()
                    said.append(Answer(first, worker, why="It could not begin."))
                    continue
                self._open.add(worker)
                said.append(Answer("opened", worker, settings=self._settings))
            turn = queue.pop(0)
            what = self._fate(turn, sum(one == turn for _, one in self.given))
            if what == "lost":
                queue.clear()
                self._open.discard(worker)
            made = Made(turn, str(worker), 0.1, 0.0) if what == "made" else None
            said.append(Answer(what, worker, turn, f"{turn} went wrong.", made))
        return said


def outcome(engine, turns=range(20)):
    """Places of the parts that were made and given up."""
    found = list(Foreman(engine, STUDY).parts(4, None, turns))
    made = [one.turn for one in found if isinstance(one, Made)]
    assert len(made) == len(set(made))  # nothing counts twice
    return sorted(made), {one.turn: one.why for one in found if isinstance(one, GivenUp)}


def test_few_parts_are_in_flight_and_each_is_given_once():
    engine = Played(3)
    assert outcome(engine) == (list(range(20)), {})
    assert engine.most == engine.at_once
    assert sorted(turn for _, turn in engine.given) == list(range(20))
    assert {worker for worker, _ in engine.given} == {0, 1, 2}


def test_an_engine_whose_workers_begin_slowly_shares_all_at_once():
    engine = Played(2, at_once=0)
    assert outcome(engine)[0] == list(range(20))
    assert engine.most == 10


@pytest.mark.parametrize("how", ["lost", "failed"])
def test_a_part_that_goes_wrong_once_is_made_by_another_try(how):
    engine = Played(2, lambda turn, attempt: how if (turn, attempt) == (5, 1) else "made")
    assert outcome(engine) == (list(range(20)), {})


@pytest.mark.parametrize("how", ["lost", "failed"])
def test_a_part_that_goes_wrong_three_times_is_named_and_the_rest_is_made(how):
    engine = Played(2, lambda turn, attempt: how if turn == 5 else "made")
    assert outcome(engine) == ([turn for turn in range(20) if turn != 5], {5: "5 went wrong."})
    assert sum(turn == 5 for _, turn in engine.given) == TRIES


def test_what_waited_behind_the_part_that_ended_a_worker_is_not_blamed():
    """One worker: whatever stands behind part 0 is handed out again as often as it ends."""
    engine = Played(1, lambda turn, attempt: "lost" if turn in (0, 1) else "made")
    made, given_up = outcome(engine, range(4))
    assert (made, set(given_up)) == ([2, 3], {0, 1})


def test_workers_that_cannot_begin_are_not_asked_for_ever(capsys):
    engine = Played(2, lambda turn, worker: "lost" if turn == "open" else "made")
    with pytest.raises(StudyIncomplete, match=r"^No worker is left, and 20 parts of the stage are missing\."):
        outcome(engine)
    assert capsys.readouterr().err.count("It could not begin.") == 2 * TRIES


def test_a_worker_that_would_make_another_study_is_left_out(capsys):
    engine = Played(2, lambda turn, worker: "refused" if (turn, worker) == ("open", 0) else "made")
    assert outcome(engine) == (list(range(20)), {})
    assert {worker for worker, _ in engine.given[2:]} == {1}
    assert "It could not begin." in capsys.readouterr().err


def test_a_full_disk_ends_it():
    with pytest.raises(StudyWriteError):
        outcome(Played(2, lambda turn, attempt: "unwritten" if turn == 7 else "made"))


def test_a_worker_that_does_not_see_the_folder_says_so(tmp_path, monkeypatch):
    model = SimpleNamespace(device=SimpleNamespace(type="cpu"))
    ready = SimpleNamespace(opened=SimpleNamespace(model=model), work=None, head={})
    monkeypatch.setattr("xai_core.engines.worker.prepared", lambda *_: ready)
    worker, answer = opened(Order(tmp_path / "study", SimpleNamespace(kind="layers"), "one", 1), 0)
    assert (worker, answer.what) == (None, "refused")
    assert answer.why == (
        f"{tmp_path / 'study'} holds no study: it has no study.json that can be read. "
        "Every machine that works on a study must see its folder."
    )


def test_workers_that_compute_with_other_settings_are_said_to_once(capsys):
    outcome(Played(2, settings={"threads": 3}))
    assert capsys.readouterr().err.count("made with different settings (threads: 1 and 3)") == 1
