"""Inputs that are nearly right, and that whatever reads them reads or refuses them with a sentence, within bounds."""

import copy
import json
import os
from collections import Counter

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

import xai_core as xai
from tests.support.limits import bounded

LONG = int(os.environ.get("XAI_FUZZ", "0"))
COUNT = LONG or 300


def check(inputs, read, count=COUNT):
    """Read many inputs; how many were read and how many refused. Anything else that happens fails."""
    tally = Counter()

    @settings(
        max_examples=count,
        derandomize=not LONG,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
        print_blob=True,
    )
    @given(inputs)
    def holds(value):
        with bounded():
            try:
                read(value)
            except xai.XaiError as error:
                said = str(error)
            else:
                said = ""
        assert not said or said.endswith((".", "?")), f"no sentence: {said}"
        tally["refused" if said else "read"] += 1

    holds()
    if LONG:
        print(f"\n{dict(tally)}", end=" ")
    assert min(tally["read"], tally["refused"]) > count // 100, tally
    return tally


def mutated(*seeds):
    """Valid contents, a few places of which were changed."""
    place = some.floats(0, 1, exclude_max=True)
    numbers = some.sampled_from([0, 1, 0x7F, 0x80, 0xFF, 0x7FFF, 0xFFFF, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF, 2**63])
    steps = some.one_of(
        some.tuples(some.just("flip"), place, some.integers(0, 7)),
        some.tuples(some.just("put"), place, some.binary(min_size=1, max_size=8)),
        some.tuples(some.just("put"), place, some.builds(_packed, numbers, some.sampled_from(["little", "big"]))),
        some.tuples(some.just("insert"), place, some.binary(min_size=1, max_size=16)),
        some.tuples(some.just("cut"), place, some.integers(1, 64)),
        some.tuples(some.just("double"), place, some.integers(1, 64)),
        some.tuples(some.just("end"), place, some.none()),
        some.tuples(some.just("splice"), place, some.sampled_from(seeds)),
    )
    # Most of what decides lies at either end.
    return some.builds(_mutate, some.sampled_from(seeds), some.lists(steps, min_size=1, max_size=4), some.booleans())


def _packed(number, order):
    return number.to_bytes(max((number.bit_length() + 7) // 8, 1), order)


def _mutate(content, steps, in_front):
    for kind, place, what in steps:
        at = int(place * (min(len(content), 96) if in_front else len(content)))
        head, tail = content[:at], content[at:]
        if kind == "flip" and tail:
            content = head + bytes([tail[0] ^ 1 << what]) + tail[1:]
        elif kind == "put":
            content = head + what + tail[len(what) :]
        elif kind == "insert":
            content = head + what + tail
        elif kind == "cut":
            content = head + tail[what:]
        elif kind == "double":
            content = head + tail[:what] * 2 + tail[what:]
        elif kind == "end":
            content = head
        elif kind == "splice":
            content = head + what[int(place * len(what)) :]
    return content


def any_of(*seeds):
    """Mostly mutations, some valid inputs, some bytes of no kind."""
    return some.one_of(
        mutated(*seeds), mutated(*seeds), mutated(*seeds), some.binary(max_size=400), some.sampled_from(seeds)
    )


JSON = some.recursive(
    some.none()
    | some.booleans()
    | some.integers(-(2**70), 2**70)
    | some.floats()
    | some.text(max_size=8)
    | some.sampled_from(["", "..", "/", "\0", "~x", "nan", "1e9"]),
    lambda inner: some.lists(inner, max_size=3) | some.dictionaries(some.text(max_size=4), inner, max_size=3),
    max_leaves=6,
)


def places(value, path=()):
    """Where in a JSON value something stands that could be something else."""
    yield path
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, one in inner:
        yield from places(one, (*path, key))


def with_changes(value, changes):
    value = copy.deepcopy(value)
    for path, other in changes:
        if not path:
            return other
        try:
            inner = value
            for key in path[:-1]:
                inner = inner[key]
            if isinstance(inner, list) or path[-1] in inner:
                inner[path[-1]] = other
        except (TypeError, KeyError, IndexError):  # what was there is gone by an earlier change
            continue
    return value


def rewritten(value):
    """A JSON value in which some parts are others."""
    one = some.tuples(some.sampled_from(list(places(value))), JSON)
    return some.builds(with_changes, some.just(value), some.lists(one, min_size=1, max_size=3))


def as_json(value):
    return json.dumps(value).encode()
