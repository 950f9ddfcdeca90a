"""Studies that several workers share."""

import pytest

from tests.support.command import study
from tests.support.threads import one_thread


@pytest.fixture(autouse=True, scope="session")
def _one_thread_each():
    """For all that is tested here: equal bytes take equal threads."""
    with one_thread():
        yield


@pytest.fixture(scope="session")
def by_one(tmp_path_factory):
    """Called with a kind and options: the folder of that study, made by this process."""
    made = {}

    def make(kind, *more):
        if (kind, *more) not in made:
            out = made[(kind, *more)] = tmp_path_factory.mktemp(kind) / "study"
            assert study(kind, out, *more) == 0
        return made[(kind, *more)]

    return make
