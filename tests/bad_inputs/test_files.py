"""Every bad input gets its sentence from the library, in time and in bounds; or it is fine, and is read."""

from collections import Counter

import pytest

import xai_core as xai
from tests.bad_inputs.make import KINDS
from tests.support.limits import MEASURED, bounded


def outcome(case):
    """(error or None, what was said or came out)."""
    try:
        return None, case.open()
    except Exception as error:
        return type(error), str(error)


def fits(case, error, said):
    if case.error is None:
        return error is None and (said == case.says or said.startswith(f"{case.says}; "))
    return error is not None and issubclass(error, case.error) and case.says in said


def test_there_are_enough_of_every_kind(cases):
    assert len({case.name for case in cases}) == len(cases)
    counts = Counter(case.kind for case in cases)
    assert set(counts) == set(KINDS)
    assert sum(counts.values()) >= 60
    assert all(case.says or case.kind == "settings" for case in cases), "every case says what must come of it"


@pytest.mark.parametrize("kind", KINDS[:-1])
def test_what_is_opened_is_read_or_refused_in_time_and_in_bounds(cases, kind):
    if not MEASURED:
        print("This system does not tell how much memory was held, so that is not checked.")
    wrong = []
    chosen = [case for case in cases if case.kind == kind]
    for case in chosen:
        if case.skip:
            print(f"{case.name}: not tried, since {case.skip}.")
            continue
        try:
            with bounded(case.seconds):
                error, said = outcome(case)
        except pytest.fail.Exception as reason:
            wrong.append(f"{case.name}: {reason}")
            continue
        if not fits(case, error, said):
            wrong.append(f"{case.name}: expected {case.error} {case.says!r}, got {error} {said!r}")
        if error is not None and not (issubclass(error, xai.XaiError) and said.endswith((".", "?"))):
            wrong.append(f"{case.name}: no sentence of the library's own: {error} {said!r}")
    assert not wrong, "\n".join(wrong)
