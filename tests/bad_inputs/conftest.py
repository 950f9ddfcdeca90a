"""Pages are opened here as well as files."""

import pytest

from tests.bad_inputs.make import make


@pytest.fixture(autouse=True, scope="session")
def _prepared(pages_prepared_once):
    """For all that is tested here."""


@pytest.fixture(scope="session")
def cases(tmp_path_factory):
    """All of them, written to disk once."""
    return make(tmp_path_factory.mktemp("bad"))
