"""Studies that several workers share."""

import pytest

from tests.support.command import study


@pytest.fixture(autouse=True, scope="session")
def _one_thread_each(one_thread_for_the_session):
    """For all that is tested here: equal bytes take equal threads."""


@pytest.fixture(scope="session")
def one_thread_for_the_session():
    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(1)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("OMP_NUM_THREADS", "1")
        yield
    torch.set_num_threads(before)


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
