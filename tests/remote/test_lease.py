"""One driver at a time, where no lock of a file system reaches; the clock is the test's."""

import pytest
from fsspec.implementations.memory import MemoryFileSystem

from tests.support.elsewhere import Failing
from xai_core.remote import Address, Storage
from xai_core.remote.lease import FOLDER, LASTS_S, Lease, Taken


class Clock:
    now = 1000.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def memory(monkeypatch, tmp_path):
    """A store in memory, which creates a file once as the real ones do."""
    fs = MemoryFileSystem()
    monkeypatch.setattr(MemoryFileSystem, "store", {})
    monkeypatch.setattr(MemoryFileSystem, "pseudo_dirs", [""])
    monkeypatch.setattr(Storage, "_file_system", lambda _: fs)
    monkeypatch.setattr(Storage, "_base_of", lambda _, address: f"/{address.path}")
    return fs


def storage():
    return Storage(Address.parse("s3://bucket/study"))


def leases(clock, *owners):
    return [Lease(storage(), owner, clock) for owner in owners]


def test_one_has_it_until_it_is_released(memory, clock):
    one, other = leases(clock, "a", "b")
    one.take()
    with pytest.raises(Taken, match=r"Another process on .* works on s3://bucket/study"):
        other.take()
    one.release()
    other.take()
    other.require()


def test_it_lasts_as_long_as_it_is_renewed_and_is_taken_over_when_its_end_has_passed(memory, clock):
    one, other = leases(clock, "a", "b")
    one.take()
    for _ in range(5):
        clock.now += LASTS_S * 0.9
        one.renew()
    with pytest.raises(Taken):
        other.take()
    clock.now += LASTS_S * 1.1
    other.take()
    with pytest.raises(Taken, match="It took over"):
        one.require()
    one.release()  # which leaves that of the other
    other.require()


def test_an_owner_takes_over_its_own_at_once(memory, clock):
    killed, again = leases(clock, "a", "a")
    killed.take()
    again.take()
    again.require()


def test_of_two_who_take_over_at_once_one_does(memory, clock, monkeypatch):
    first, quick, slow = leases(clock, "a", "b", "c")
    first.take()
    clock.now += LASTS_S * 2
    create = Storage.create

    def after_the_other(own, name, content):
        monkeypatch.setattr(Storage, "create", create)
        quick.take()
        return create(own, name, content)

    monkeypatch.setattr(Storage, "create", after_the_other)
    with pytest.raises(Taken):
        slow.take()
    quick.require()


def test_an_answer_that_was_lost_takes_no_lease_from_who_asked(memory, clock, monkeypatch):
    lost = [TimeoutError()]

    class Lossy(Failing):
        def pipe_file(self, *given, **more):
            self._inner.pipe_file(*given, **more)
            if lost:
                raise lost.pop()

    monkeypatch.setattr(Storage, "_file_system", lambda _: Lossy(memory, lambda *_: None))
    (one,) = leases(clock, "a")
    one.take()
    one.require()


def test_what_is_no_lease_holds_nobody_up(memory, clock):
    storage().put(f"{FOLDER}/00000003.json", b"{half")
    (one,) = leases(clock, "a")
    one.take()
    one.require()


def test_after_the_block_it_is_free(memory, clock):
    one, other = leases(clock, "a", "b")
    with one.held():
        one.require()
    assert storage().files_in(FOLDER) == {}
    other.take()
