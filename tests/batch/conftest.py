"""Studies as the command line makes them."""

import pytest

from tests.support.command import study


@pytest.fixture(scope="session", autouse=True)
def _prepared(pages_prepared_once):
    """Finished studies are opened on their pages."""


@pytest.fixture(scope="session")
def layers_out(tmp_path_factory):
    out = tmp_path_factory.mktemp("layers") / "study"
    assert study("layers", out, "--limit", 20) == 0
    return out


@pytest.fixture(scope="session")
def foreground_out(tmp_path_factory):
    out = tmp_path_factory.mktemp("foreground") / "study"
    assert study("foreground", out, "--limit", 20, "--layer", "stages.1", "--fill", "mean") == 0
    return out


@pytest.fixture(scope="session")
def misclassified_out(tmp_path_factory):
    out = tmp_path_factory.mktemp("misclassified") / "study"
    assert study("misclassified", out, "--limit", 150) == 0
    return out
