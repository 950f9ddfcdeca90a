"""What an ONNX file may take while it is opened and asked: a few bytes can say "a tensor of 12 GB" or "for ever"."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import contextmanager
from functools import cache, partial
from typing import Any, TypeVar

import psutil

from xai_core import apart
from xai_core.quotas import ONNX_SECONDS

T = TypeVar("T")
SECONDS = float(ONNX_SECONDS.value)  # a picture, on the clock
MOST_AT_ONCE = 15  # pictures that a file is asked about which takes any number
LONGEST = MOST_AT_ONCE * SECONDS  # of any number of pictures: a file may say that it takes a million at once
AGAIN = 600.0  # in which a file that was ended is not tried again; opened it is twice, as disks may be slow
OPENING = SECONDS  # seconds on the clock to open a file: of 2 GB, or of a hundred thousand steps in 2 MB
AHEAD = "ConstantFolding"  # computes when a file is opened, and cannot be ended; the time of a picture can
MAX_BATCH = 256 << 20  # bytes of the pictures that a file takes at once, where it takes no fewer
MAX_NAMES = 512 << 10  # letters of its class names: they are a literal of Python, each letter of which takes 500 bytes
_MOST_ENDED = 100  # files that are remembered, the last ones
_SHARE = 4  # of the machine's memory all files together may use a quarter
_ended: dict[str, tuple[float, str]] = {}  # what tells a file -> when it was ended, and the sentence
_GIVEN_BACK = ("memory.enable_memory_arena_shrinkage", "cpu:0")


def most_bytes() -> int:
    """Bytes that all files of a process may use together, weights and values in between."""
    return int(psutil.virtual_memory().total) // _SHARE


@cache
def _bound_memory() -> None:
    """Make the one store from which sessions of this process take their memory; with a program's own it stays that."""
    import onnxruntime

    where = onnxruntime.OrtMemoryInfo(
        "Cpu", onnxruntime.OrtAllocatorType.ORT_ARENA_ALLOCATOR, 0, onnxruntime.OrtMemType.DEFAULT
    )
    try:
        onnxruntime.create_and_register_allocator(where, onnxruntime.OrtArenaCfg({"max_mem": most_bytes()}))
    except Exception:  # this process has one already; onnxruntime's own kinds say so
        return


def is_of_memory(error: Exception) -> bool:
    """Whether onnxruntime failed since a file asked for more than there is for it."""
    return "BFCArena" in str(error) or "Failed to allocate" in str(error)


def too_large() -> str:
    """What that file did, to stand after its name."""
    return f"asks for {too_many()}"


def too_many() -> str:
    """That files are too large to be read, to stand after their names."""
    return f"more than {most_bytes() / 1e9:.1f} GB, a quarter of this machine's memory"


def session_options() -> Any:
    """Options of a session that takes no more memory than `most_bytes`, constants that are computed ahead included.

    Returns
    -------
    onnxruntime.SessionOptions
    """
    import onnxruntime

    _bound_memory()
    options = onnxruntime.SessionOptions()
    options.add_session_config_entry("session.use_env_allocators", "1")
    return options


def require_not_ended(file: str) -> None:
    """That a file was not ended a short while ago: each visitor, and each click, would have it tried again.

    Parameters
    ----------
    file : str
        Which one it is, in which state.

    Raises
    ------
    TimeoutError
        With what was said then.
    """
    when, said = _ended.get(file, (-AGAIN, ""))
    if time.monotonic() - when < AGAIN:
        raise TimeoutError(f"{said}. It is tried again {AGAIN / 60:g} minutes after that")


@contextmanager
def _ended_after(
    seconds: float, end: Callable[[], object], file: str, said: str, *, once_more: bool = False
) -> Iterator[None]:
    """Call what ends the block when its time is over, and remember the file, the first time unless once more."""
    over = threading.Event()

    def late() -> None:
        over.set()
        end()

    timer = threading.Timer(seconds, late)
    timer.daemon = True
    timer.start()
    try:
        yield
    except Exception as error:
        if not over.is_set():
            raise
        _ended[file] = -AGAIN if once_more and file not in _ended else time.monotonic(), said
        for old in list(_ended)[:-_MOST_ENDED]:
            _ended.pop(old, None)
        raise TimeoutError(said) from error
    finally:
        timer.cancel()


def waited(call: Callable[[], T], end: Callable[[], object]) -> T:
    """What a call gives that cannot be interrupted, and is ended when whoever waits for it has left.

    Parameters
    ----------
    call : callable
    end : callable
        What has it come back soon.
    """
    if not apart.is_on():
        return call()
    with ThreadPoolExecutor(1) as pool:
        called = pool.submit(call)
        try:
            while not wait([called], apart.LOOK_S).done:
                apart.look()
        except BaseException:
            end()
            raise
        return called.result()


def opened(make: Callable[[], T], options: Any, file: str) -> T:
    """A session, unless the time to open its file is over before.

    Parameters
    ----------
    make : callable
    options : onnxruntime.SessionOptions
        With which it makes the session.
    file : str
        As of `require_not_ended`.

    Raises
    ------
    TimeoutError
        If it was given up, or is not tried again yet.
    """
    require_not_ended(file)
    end = partial(options.set_load_cancellation_flag, True)
    said = f"is not opened within {OPENING:g} s, and was given up"
    with _ended_after(OPENING, end, file, said, once_more=True):
        return waited(make, end)


@contextmanager
def bounded(pictures: int, file: str) -> Iterator[Any]:
    """Options of a run that ends when its time is over, and gives back its memory.

    Parameters
    ----------
    pictures : int
        That are asked about.
    file : str
        As of `require_not_ended`.

    Yields
    ------
    onnxruntime.RunOptions

    Raises
    ------
    TimeoutError
        If the run was ended, or is not tried again yet.
    MemoryError
        If the file asks for too much.
    """
    import onnxruntime

    options = onnxruntime.RunOptions()
    options.add_run_config_entry(*_GIVEN_BACK)
    require_not_ended(file)
    seconds = min(SECONDS * pictures, LONGEST)
    long = f"{SECONDS:g} s a picture" if seconds < LONGEST else f"{LONGEST:g} s"
    said = f"gave no answer within {long}, and was ended"
    with _ended_after(seconds, lambda: setattr(options, "terminate", True), file, said):
        try:
            yield options
        except Exception as error:
            if is_of_memory(error):
                raise MemoryError(too_large()) from error
            raise
