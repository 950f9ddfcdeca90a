"""Pages are opened here as well as files."""

import pytest


@pytest.fixture(autouse=True, scope="session")
def _compiled(pages_compiled_once):
    """For all that is tested here."""
