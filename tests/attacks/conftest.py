"""What a stranger may send: each input ends in a sentence, within so much processor time and memory."""

import pytest

from xai_core.command import main


@pytest.fixture(autouse=True, scope="session")
def _prepared(pages_prepared_once):
    """For all that is tested here."""


@pytest.fixture(scope="session")
def whole(tmp_path_factory):
    """A study of two pictures, to be copied before anything of it is changed."""
    folder = tmp_path_factory.mktemp("studies") / "whole"
    arguments = ["layers", "--data", "textured_digits", "--model", "digits", "--limit", "2", "--quiet"]
    assert main(["study", *arguments, "--out", str(folder)]) == 0
    return folder
