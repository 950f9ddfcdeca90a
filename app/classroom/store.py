"""Classes that vote: which question each is at, and every answer, in one file that all servers of a folder share.

A browser stands in it under a name that is made from its cookie and the code of the class, so that nobody can be found
in two classes. One answer counts for each question and browser: the first. A class is forgotten a day after it was
begun.
"""

from __future__ import annotations

import hashlib
import secrets
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from xai_core import quotas
from xai_core.errors import XaiError
from xai_core.training import runs_folder

FILE = "classes.sqlite"
LETTERS = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"  # without those that are taken for one another
LENGTH = 6
LOBBY = -1  # the step before the first question
HOUR_S, DAY_S = 3600, 24 * 3600
_PATIENCE_S = 60.0  # for the others' turns to write
_TABLES = """
create table if not exists classes (code text primary key, owner text, asked text, seed integer, step integer,
    begun real);
create table if not exists decks (code text primary key, questions text);
create table if not exists closed (code text, step integer, hidden integer, primary key (code, step));
create table if not exists voters (code text, voter text, primary key (code, voter));
create table if not exists votes (code text, step integer, voter text, choice text, primary key (code, step, voter));
"""


@dataclass(frozen=True)
class Room:
    """A class as it stands.

    Attributes
    ----------
    code : by which it is joined
    asked : key of what is asked
    seed : draws what is asked, where that is drawn
    step : place of the question; LOBBY before the first, and their number after the last
    hidden : whether the answer of the question that stands, though it was revealed, is hidden from all
    closed : places of the questions whose answers were revealed, which take no votes any more
    """

    code: str
    asked: str
    seed: int
    step: int
    hidden: bool
    closed: frozenset[int]

    @property
    def revealed(self) -> bool:
        """Whether everybody sees the answer."""
        return self.step in self.closed and not self.hidden


def tidy(code: str) -> str:
    """A code as it was typed, as it is kept: without blanks, in capitals; nothing where it can be none."""
    found = "".join(code.split()).upper()
    return found if len(found) == LENGTH and all(letter in LETTERS for letter in found) else ""


def begin(asked: str, visitor: str, deck: str = "") -> str:
    """Begin a class: its code.

    Parameters
    ----------
    asked : key of what is asked
    visitor : whose class it is
    deck : questions that were made for this class alone

    Raises
    ------
    XaiError
        Where there are too many, or the file cannot be written.
    """
    with _connected() as file:
        now = time.time()
        for (code,) in file.execute("select code from classes where begun < ?", (now - DAY_S,)).fetchall():
            _forget(file, code)
        if _classes(file) >= quotas.CLASSES.value:
            empty = "select code from classes where begun < ? and code not in (select code from voters)"
            for (code,) in file.execute(empty, (now - HOUR_S,)).fetchall():
                _forget(file, code)
        if _classes(file) >= quotas.CLASSES.value:
            raise XaiError(
                f"{quotas.CLASSES.value:,} classes were begun within a day, which is as many as this server keeps "
                f"({quotas.CLASSES.variable}). One that nobody joined is forgotten after an hour."
            )
        if sentence := quotas.shortage(runs_folder(), len(deck)):
            raise XaiError(sentence)
        while True:
            code = "".join(secrets.choice(LETTERS) for _ in range(LENGTH))
            row = (code, _as_voter(code, visitor), asked, secrets.randbits(31), LOBBY, now)
            if file.execute("insert or ignore into classes values (?, ?, ?, ?, ?, ?)", row).rowcount:
                file.execute("insert into decks values (?, ?)", (code, deck))
                return code


def find(code: str) -> Room | None:
    """The class of a code, or None where there is none."""
    if not tidy(code) or not _place().exists():
        return None
    with _connected(write=False) as file:
        return _room(file, tidy(code))


def owns(room: Room, visitor: str) -> bool:
    """Whether it was this browser that began the class."""
    with _connected(write=False) as file:
        return _is_owner(file, room.code, visitor)


def deck(code: str) -> str:
    """The questions that were made for a class alone, or nothing."""
    with _connected(write=False) as file:
        found = file.execute("select questions from decks where code = ?", (code,)).fetchone()
        return str(found[0]) if found else ""


def join(room: Room, visitor: str) -> None:
    """Count a browser among those of the class, once."""
    voter = _as_voter(room.code, visitor)
    with _connected(write=False) as file:
        known = _is_in(file, room.code, voter)
    if not known:
        with _connected() as file:
            if _room(file, room.code) is not None and _counted(file, "voters", room.code) < quotas.VOTERS.value:
                _admit(file, room.code, voter)


def vote(room: Room, visitor: str, step: int, choice: str) -> bool:
    """Take an answer: whether it counts. A second one does not, nor one for a question that is over or not yet asked.

    Raises
    ------
    XaiError
        Where the class has as many voters as it may have, or the file cannot be written.
    """
    with _connected() as file:
        now = _room(file, room.code)
        if now is None or now.step != step or step in now.closed:
            return False
        voter = _as_voter(room.code, visitor)
        others = "select count(distinct voter) from votes where code = ? and voter != ?"
        if file.execute(others, (room.code, voter)).fetchone()[0] >= quotas.VOTERS.value:
            raise XaiError(
                f"{quotas.VOTERS.value:,} browsers have answered in this class, and no more may "
                f"({quotas.VOTERS.variable})."
            )
        _admit(file, room.code, voter)
        row = (room.code, step, voter, choice)
        return bool(file.execute("insert or ignore into votes values (?, ?, ?, ?)", row).rowcount)


def said(room: Room, visitor: str) -> dict[int, str]:
    """What a browser answered: place of the question -> choice."""
    with _connected(write=False) as file:
        mine = (room.code, _as_voter(room.code, visitor))
        return dict(file.execute("select step, choice from votes where code = ? and voter = ?", mine).fetchall())


def votes(room: Room) -> list[tuple[int, str, str]]:
    """All answers of a class: (place of the question, voter, choice), not in the order in which they came."""
    with _connected(write=False) as file:
        found = file.execute("select step, voter, choice from votes where code = ? order by step, voter", (room.code,))
        return [(int(step), str(voter), str(choice)) for step, voter, choice in found.fetchall()]


def counts(room: Room) -> tuple[int, int]:
    """How many browsers have joined, and how many of them have answered the question that stands."""
    with _connected(write=False) as file:
        at = (room.code, room.step)
        answered = file.execute("select count(*) from votes where code = ? and step = ?", at).fetchone()[0]
        return _counted(file, "voters", room.code), int(answered)


def own(visitor: str) -> list[str]:
    """The codes of the classes that a browser has begun, the last one first."""
    if not _place().exists():
        return []
    with _connected(write=False) as file:
        found = file.execute("select code, owner from classes order by begun desc").fetchall()
        return [code for code, owner in found if secrets.compare_digest(owner, _as_voter(code, visitor))]


def go(room: Room, visitor: str, step: int) -> None:
    """Ask the question at a place; what was revealed there stays so. Only who began the class can."""
    with _connected() as file:
        if _is_owner(file, room.code, visitor):
            file.execute("update classes set step = ? where code = ?", (step, room.code))


def reveal(room: Room, visitor: str, shown: bool = True) -> None:
    """Show the answer to all, or hide it again; the first time closes the vote. Only who began the class can."""
    with _connected() as file:
        if _is_owner(file, room.code, visitor):
            file.execute("insert or replace into closed values (?, ?, ?)", (room.code, room.step, int(not shown)))


def end(room: Room, visitor: str) -> None:
    """Forget a class and its answers. Only who began it can."""
    with _connected() as file:
        if _is_owner(file, room.code, visitor):
            _forget(file, room.code)


def _room(file: sqlite3.Connection, code: str) -> Room | None:
    found = file.execute("select asked, seed, step from classes where code = ?", (code,)).fetchone()
    if found is None:
        return None
    closed = dict(file.execute("select step, hidden from closed where code = ?", (code,)).fetchall())
    asked, seed, step = found
    return Room(code, asked, seed, step, bool(closed.get(step)), frozenset(closed))


def _is_in(file: sqlite3.Connection, code: str, voter: str) -> bool:
    return file.execute("select 1 from voters where code = ? and voter = ?", (code, voter)).fetchone() is not None


def _counted(file: sqlite3.Connection, table: str, code: str) -> int:
    return int(file.execute(f"select count(*) from {table} where code = ?", (code,)).fetchone()[0])


def _classes(file: sqlite3.Connection) -> int:
    return int(file.execute("select count(*) from classes").fetchone()[0])


def _admit(file: sqlite3.Connection, code: str, voter: str) -> None:
    file.execute("insert or ignore into voters values (?, ?)", (code, voter))


def _is_owner(file: sqlite3.Connection, code: str, visitor: str) -> bool:
    found = file.execute("select owner from classes where code = ?", (code,)).fetchone()
    return found is not None and secrets.compare_digest(found[0], _as_voter(code, visitor))


def _forget(file: sqlite3.Connection, code: str) -> None:
    for table in ("votes", "voters", "closed", "decks", "classes"):
        file.execute(f"delete from {table} where code = ?", (code,))


def _as_voter(code: str, visitor: str) -> str:
    return hashlib.sha256(f"{code} {visitor}".encode()).hexdigest()[:32]


def _place() -> Path:
    return runs_folder() / FILE


@contextmanager
def _connected(*, write: bool = True) -> Iterator[sqlite3.Connection]:
    """The file, for one turn that is seen and written whole or not at all."""
    place = _place()
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        with closing(sqlite3.connect(place, timeout=_PATIENCE_S, isolation_level=None)) as file:
            file.execute("pragma secure_delete = on")  # what is forgotten is overwritten
            file.executescript(_TABLES)
            file.execute("begin immediate" if write else "begin")
            try:
                yield file
            except BaseException:
                file.execute("rollback")
                raise
            file.execute("commit")
    except (sqlite3.Error, OSError, UnicodeDecodeError) as error:  # the last where what it says of damage is damaged
        raise XaiError(
            f"The answers of classes are kept in {FILE}, beside the trainings, which cannot be used: {error}."
        ) from error
