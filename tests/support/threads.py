"""One thread, here and in the processes that are begun meanwhile."""

from contextlib import contextmanager

import pytest


@contextmanager
def one_thread():
    """Equal numbers take equal threads, and more would only wait for each other."""
    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(1)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("OMP_NUM_THREADS", "1")
        yield
    torch.set_num_threads(before)
