"""What a checkpoint's pickle would do, told from its steps before they are taken.

torch takes only steps that run no foreign code. Some of these still cost without end: a tuple that holds another twice,
forty deep, is walked a million million times as a key, and a byte array of any length is made from a number. While
Python does so, nobody else is served.
"""

from __future__ import annotations

import pickletools
from typing import Any, BinaryIO

from xai_core.errors import ModelError

MOST_STEPS = 1_000_000  # of a pickle: about 2 s; ten thousand tensors with what an optimiser keeps take 800,000
MOST_WALKED = 50_000_000  # places of tuples that are walked when they become keys: about 1 s
_PICKLES = 5  # in a file of torch before 1.6, one after another
_HEAVY = 16  # places of a tuple that is a usual key or argument
_KEYED = ("collections.OrderedDict", "collections.Counter", "builtins.set")  # whose argument's items become keys
_OF_BYTES = ("builtins.bytearray", "_codecs.encode")
_ENCODINGS = ("latin1", "latin-1", "ascii", "utf-8")  # in which NumPy's numbers are written


class _Thing:
    """What lies on the stack.

    Attributes
    ----------
    weight : int
        Places that are walked where it becomes a key: those of a tuple and of the tuples in it.
    value : object
        A text, a number, the name of a class or function, or a tuple of such; None of all else.
    """

    __slots__ = ("value", "weight")

    def __init__(self, weight: int = 1, value: Any = None) -> None:
        self.weight, self.value = weight, value


def check_pickles(file: BinaryIO, name: str) -> None:
    """Refuse what takes very long or much memory to unpickle; what cannot be understood is left to whoever unpickles.

    Parameters
    ----------
    file : binary file
        With one pickle or several, one after another.
    name : str
        What the sentence calls it.

    Raises
    ------
    ModelError
        With what it would do.
    """
    for _ in range(_PICKLES):
        try:
            _check(file, name)
        except ModelError:
            raise
        except Exception:  # of as many kinds as it can be damaged in: torch stops at the same step and says so
            return


def _check(file: BinaryIO, name: str) -> None:
    stack: list[_Thing | None] = []  # None: a mark
    memo: dict[Any, _Thing] = {}
    cost = _Cost(name)
    for op, arg, _ in pickletools.genops(file):
        taken = _taken(stack, op)
        cost.step(taken)
        if op.name in ("SETITEM", "SETITEMS"):
            cost.keys(taken[1::2])
        if op.name in ("REDUCE", "NEWOBJ"):
            function, given = taken
            called = str(function.value).replace(" ", ".", 1)
            _check_call(called, given.value, name)
            if called in _KEYED and given.value != ():
                cost.keyed()
        if "GET" in op.name:
            stack.append(memo[arg])
            continue
        _put(stack, op, arg, taken)
        if "PUT" in op.name or op.name == "MEMOIZE":
            memo[len(memo) if arg is None else arg] = _top(stack)


class _Cost:
    """How much is walked while a pickle is unpacked, at most.

    Hashes of tuples and of large numbers are no secret, so that keys may be chosen of which each meets all before it.
    """

    def __init__(self, name: str) -> None:
        self._name, self._steps, self._walked, self._heaviest = name, 0, 0, 1
        self._made = self._keys = 0  # tuples and large numbers, and those of them that became keys

    def step(self, taken: list[_Thing]) -> None:
        """One step, which takes things from the stack."""
        self._steps += 1
        for thing in taken:
            self._walked += thing.weight
            self._heaviest = max(self._heaviest, thing.weight)
            self._made += _is_foreseen(thing)
        if self._steps > MOST_STEPS or self._walked > MOST_WALKED:
            raise ModelError(
                f"{self._name} takes too long to unpack: its pickle has more steps, or keys of more parts, than a "
                "checkpoint needs. Save the weights alone: torch.save(model.state_dict(), path), or as safetensors."
            )

    def keys(self, things: list[_Thing]) -> None:
        """Things become keys."""
        for _ in filter(_is_foreseen, things):
            self._walked += self._keys
            self._keys += 1

    def keyed(self) -> None:
        """Whatever lies in a list becomes keys."""
        self._walked += self._steps * max(1, self._heaviest // _HEAVY) + self._made**2 // 2


def _is_foreseen(thing: _Thing) -> bool:
    """Whether a thing's hash can be chosen."""
    return isinstance(thing.value, tuple) or (isinstance(thing.value, int) and abs(thing.value) >= 1 << 63)


def _top(stack: list[_Thing | None]) -> _Thing:
    if (thing := stack[-1]) is None:
        raise ValueError("a mark where something should lie")
    return thing


def _taken(stack: list[_Thing | None], op: pickletools.OpcodeInfo) -> list[_Thing]:
    """What an operation takes from the stack, in its order there."""
    before = op.stack_before
    if not before:
        return []
    sliced: list[_Thing] = []
    if pickletools.markobject in before:
        while (thing := stack.pop()) is not None:
            sliced.append(thing)
        before = before[: before.index(pickletools.markobject)]
    own = [_top(stack) and stack.pop() for _ in before]
    return [*(thing for thing in reversed(own) if thing is not None), *reversed(sliced)]


def _put(stack: list[_Thing | None], op: pickletools.OpcodeInfo, arg: Any, taken: list[_Thing]) -> None:
    """Lay on the stack what an operation leaves there."""
    for left in op.stack_after:
        if left is pickletools.markobject:
            stack.append(None)
        elif left.name == "tuple":
            weight = 1 + sum(thing.weight for thing in taken)
            stack.append(_Thing(weight, tuple(thing.value for thing in taken)))
        elif op.name == "REDUCE" and taken[0].value == "torch Size":
            stack.append(_Thing(1 + taken[1].weight))
        else:  # containers are no keys, and objects are keys by what they are, not by what they hold
            stack.append(_Thing(value=arg if isinstance(arg, str | int | bytes) else None))


def _check_call(called: str, given: Any, name: str) -> None:
    """Refuse calls that torch lets through and no checkpoint needs."""
    arguments = given if isinstance(given, tuple) else (None,)
    if called == "torch._tensor._rebuild_from_type_v2":  # which calls what it is given
        called, arguments = str(arguments[0]).replace(" ", ".", 1), (None,)
    last = called.rpartition(".")[2]
    makes = called.startswith("torch.") and last.endswith(("Tensor", "Storage"))
    harmless = not arguments or not (makes or called in _OF_BYTES)
    if called in _OF_BYTES and len(arguments) == 2:
        harmless = isinstance(arguments[0], str) and arguments[1] in _ENCODINGS
    if not harmless:
        raise ModelError(
            f"{name} calls {called} while it is unpacked, which no weights need: it was refused. Save the weights "
            "alone: torch.save(model.state_dict(), path), or as safetensors."
        )
