"""What a stranger may send: each input ends in a sentence, within so much processor time and memory."""

import pytest


@pytest.fixture(autouse=True, scope="session")
def _prepared(pages_prepared_once):
    """For all that is tested here."""
