"""Handing out parts: what an engine that plays its workers is given, and what becomes of parts that go wrong."""

from collections import defaultdict
from types import SimpleNamespace

import pytest

from xai_core.batch.computing import GivenUp, Made, Order
from xai_core.batch.made_with import MADE_WITH
from xai_core.batch.stages import StudyIncomplete
from xai_core.batch.writing import StudyWriteError
from xai_core.engines.engine import Answer
from xai_core.engines.foreman import PATIENCE_S, TRIES, Foreman
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
            said.append(Answer(what, worker, turn, 4, f"{turn} went wrong.", made))
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


def test_a_worker_that_was_left_out_may_end_afterwards(capsys):
    """Its process may be gone before it is told to end, while others still work."""

    class Ends(Played):
        def answers(self):
            said = super().answers()
            refused = [one.worker for one in said if one.what == "refused"]
            return said + [Answer("lost", worker, why="Its process ended.") for worker in refused]

    engine = Ends(2, lambda turn, worker: "refused" if (turn, worker) == ("open", 0) else "made")
    assert outcome(engine) == (list(range(20)), {})
    assert "Its process ended." not in capsys.readouterr().err


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


# Workers that say nothing


class Silent(Played):
    """Its first worker keeps silent about the first part that it is given in each stage, until it is asked to speak."""

    def __init__(self, workers):
        super().__init__(workers)
        self.stuck, self.speak = [], False

    def give(self, worker, share):
        self.given += [(worker, turn) for turn in share.turns]
        for turn in share.turns:
            if worker == 0 and turn == 0 and not self.speak:
                self.stuck.append((share.stage, turn))
            else:
                self._queues[worker].append((share.stage, turn))

    def answers(self):
        said = []
        for worker, queue in self._queues.items():
            if worker not in self._open:
                self._open.add(worker)
                said.append(Answer("opened", worker, settings=self._settings))
            if queue and not (worker == 0 and self.stuck and not self.speak):
                stage, turn = queue.pop(0)
                said.append(Answer("made", worker, turn, stage, made=Made(turn, str(worker), 0.1, 0.0)))
        if self.speak:
            for stage, turn in self.stuck:
                said.append(Answer("made", 0, turn, stage, made=Made(turn, "0", 900.0, 0.0)))
            self.stuck.clear()
        return said


def clock(step):
    """Seconds, so many more each time it is read."""
    now = 0.0

    def read():
        nonlocal now
        now += step
        return now

    return read


def test_what_a_silent_worker_holds_is_done_by_others_once_nothing_else_waits(capsys):
    engine = Silent(2)
    found = list(Foreman(engine, STUDY, clock(1.0)).parts(4, None, range(20)))
    assert sorted(one.turn for one in found) == list(range(20))
    assert {one.worker for one in found} == {"1"}
    again = [turn for turn in range(20) if sum(given == turn for _, given in engine.given) > 1]
    assert again == [0, 1]  # what the other one held, and no more
    assert f"Worker 1: silent for {PATIENCE_S:.0f} s; others do its work." in capsys.readouterr().err


def test_a_worker_that_is_only_slower_keeps_its_part():
    engine = Silent(2)
    foreman = Foreman(engine, STUDY, clock(1e-6))
    parts = foreman.parts(4, None, range(20))
    found = [next(parts) for _ in range(18)]
    engine.speak = True
    found += parts
    assert sorted(one.turn for one in found) == list(range(20))
    assert sorted(turn for _, turn in engine.given) == list(range(20))


def test_what_a_silent_worker_says_later_is_no_part_of_the_next_stage():
    engine = Silent(2)
    foreman = Foreman(engine, STUDY, clock(1.0))
    assert len(list(foreman.parts(4, None, range(20)))) == 20
    engine.given.clear()
    parts = foreman.parts(5, None, range(6))
    first = next(parts)
    assert {worker for worker, _ in engine.given} == {1}  # it has not said anything since
    engine.speak = True
    found = [first, *parts]
    assert sorted(one.turn for one in found) == list(range(6))
    assert 900.0 not in {one.computed for one in found}  # of the stage before, as it was made there


def test_where_all_are_silent_nobody_is_said_to_do_the_work_of_another(capsys):
    """The other one does all parts but those that the silent one had, and then says nothing either."""
    engine = Silent(2)
    spoken, rounds = engine.answers, iter(range(2000))

    def answers():
        if next(rounds, None) is None:
            raise KeyboardInterrupt
        again = engine.given.count((1, 0))
        return [] if again else spoken()

    engine.answers = answers
    with pytest.raises(KeyboardInterrupt):
        list(Foreman(engine, STUDY, clock(1.0)).parts(4, None, range(20)))
    said = capsys.readouterr().err
    assert (said.count("Worker 1: silent"), said.count("Worker 2: silent")) == (1, 0)
