"""What several test modules share, and what a test needs by where it lies: `make check` goes by that."""

import gc
from fnmatch import fnmatch
from functools import cache
from itertools import chain, combinations
from pathlib import Path

import pytest
from _pytest.mark.expression import Expression

TESTS = Path(__file__).parent
# Path below tests/ -> what its tests need; the first pattern that fits. In this order they also begin: what takes
# longest comes first, so that no process is left alone with it at the end.
NEEDS = (
    ("app/test_b[ra]*.py", "browser"),  # test_browser*.py and test_balancer.py
    ("faults/*", "process"),
    ("remote/test_pages.py", "page"),
    ("engines/test_foreman.py", ""),
    ("engines/test_ray.py", "alone"),  # Ray begins a dozen processes, and on a busy machine its actors come late
    ("engines/*", "process"),
    ("training/test_jobs.py", "process"),
    ("batch/test_command_line.py", "process"),
    ("batch/test_results.py", "page"),
    ("plugins/*", "process"),
    ("test_notebook.py", "process"),
    ("test_wheel.py", "process"),
    ("test_adding_a_question.py", "process"),
    ("bad_inputs/test_files.py", "alone"),
    ("attacks/test_server.py", "process"),
    ("attacks/test_logins.py", ""),
    ("attacks/test_messages.py", ""),
    ("attacks/*", "alone"),
    ("bad_inputs/*", "page"),
    ("test_fuzz.py", "alone"),
    ("app/test_work.py", ""),
    ("app/*", "page"),
    ("*", ""),
)
ADDED = ("page", "browser", "process", "long")  # what a test may need beyond its place


@cache
def place(path):
    """The number of the pattern that fits, and what tests there need."""
    below = path.relative_to(TESTS).as_posix()
    return next((number, marker) for number, (pattern, marker) in enumerate(NEEDS) if fnmatch(below, pattern))


def pytest_ignore_collect(collection_path, config):
    """Files of which no test could be chosen are not even read.

    Tests may add a marker to that of their place; `alone` is given by place only.
    """
    if not config.option.markexpr or not collection_path.match("test_*.py") or TESTS not in collection_path.parents:
        return None
    chosen, (_, own) = Expression.compile(config.option.markexpr), place(collection_path)
    added = chain.from_iterable(combinations(ADDED, count) for count in range(len(ADDED) + 1))
    return None if any(chosen.evaluate(lambda name, more=more, **_: name in (own, *more)) for more in added) else True


def pytest_collection_modifyitems(items):
    """Mark each test by its place; tests that say more themselves (a browser, say) keep that."""
    items.sort(key=lambda item: place(item.path)[0])  # within a place they stay as they were
    for item in items:
        if marker := place(item.path)[1]:
            item.add_marker(marker)


def pytest_collection_finish():
    """Modules and tests stay: no collection of garbage need walk through their millions of objects again."""
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real pictures beside the repository; where there is none, the test skips."""
    folder = Path(__file__).resolve().parents[2] / "shared" / "data"
    if not folder.is_dir():
        pytest.skip(f"needs the pictures in {folder}, which are not there")
    return folder


@pytest.fixture(scope="module")
def one_thread():
    """Here and in the processes: equal numbers take equal threads, and more would only wait for each other."""
    from tests.support import threads

    with threads.one_thread():
        yield


@pytest.fixture(scope="session")
def pages_prepared_once():
    """For folders that open pages in Streamlit's harness."""
    from tests.support.harness import done_once

    with done_once():
        yield


@pytest.fixture(scope="session")
def digits():
    """The shipped model of digits; only read."""
    import xai_core as xai

    return xai.load_model("digits", device="cpu")


@pytest.fixture
def forwards_of(monkeypatch):
    """Called with a model: a list that grows by the batch's size with every forward pass of this test.

    A batch of more than `room` pictures runs out of memory.
    """
    import torch

    def watch(model, room=None):
        forward, sizes = model.net.forward, []

        def counted(x):
            sizes.append(len(x))
            if room is not None and len(x) > room:
                raise torch.OutOfMemoryError("no memory")
            return forward(x)

        monkeypatch.setattr(model.net, "forward", counted)
        return sizes

    return watch
