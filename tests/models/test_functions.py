"""A function by its name builds the network; nowhere that others may ask for one."""

import sys

import pytest
import torch

import xai_core as xai
from xai_core.models.sources.functions import open_function
from xai_core.models.trust import VARIABLE

MODULE = """
import torch
from torch import nn
NET = nn.Sequential(nn.Conv2d(3, 2, 3), nn.AdaptiveAvgPool2d(1), nn.Flatten())
def build():
    return NET
class Nets:
    @staticmethod
    def small():
        torch.manual_seed(0)
        return nn.Sequential(nn.Conv2d(3, 4, 3), nn.AdaptiveAvgPool2d(1), nn.Flatten())
def fails():
    raise RuntimeError("no such file")
def text():
    return "net"
"""


@pytest.fixture(autouse=True)
def module(tmp_path, monkeypatch):
    """A module of somebody's, and no page in this process."""
    monkeypatch.delenv(VARIABLE, raising=False)
    monkeypatch.delenv("XAI_DATA_ROOTS", raising=False)
    monkeypatch.syspath_prepend(tmp_path)
    (tmp_path / "nets_of_mine").mkdir()
    (tmp_path / "nets_of_mine" / "__init__.py").write_text("")
    (tmp_path / "nets_of_mine" / "small.py").write_text(MODULE)
    (tmp_path / "nets_of_mine" / "broken.py").write_text("1 / 0")
    yield
    for name in [name for name in sys.modules if name.startswith("nets_of_mine")]:
        del sys.modules[name]


@pytest.mark.parametrize(("name", "classes"), [("build", 2), ("Nets.small", 4)])
def test_a_function_builds_the_network(name, classes):
    model = xai.load_model(f"nets_of_mine.small:{name}", input_size=16, device="cpu")
    assert (len(model.class_names), model.title) == (classes, f"nets_of_mine.small:{name}")
    assert model.code == f"xai.load_model('nets_of_mine.small:{name}', input_size=16)"


def test_a_module_is_found_in_the_folder_where_the_command_is_called(tmp_path, monkeypatch):
    """An installed command does not look there by itself, as `python -m` does."""
    folder = tmp_path / "called here"
    folder.mkdir()
    (folder / "net_in_this_folder.py").write_text(
        "from torch import nn\n"
        "def build():\n"
        "    return nn.Sequential(nn.Conv2d(3, 4, 3), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(4, 3))\n"
    )
    monkeypatch.chdir(folder)
    monkeypatch.setattr(sys, "path", list(sys.path))
    model = xai.load_model("net_in_this_folder:build", input_size=16, device="cpu")
    assert len(model.class_names) == 3
    del sys.modules["net_in_this_folder"]
    assert sys.path[-1] == str(folder)  # behind all others, so that nothing that is installed is replaced


def test_a_network_that_the_module_keeps_stays_as_it_is():
    from nets_of_mine.small import NET

    found = open_function("nets_of_mine.small:build", None, None).net
    assert found is not NET
    assert NET[0].weight.requires_grad
    assert torch.equal(found[0].weight, NET[0].weight)


@pytest.mark.parametrize(
    ("model", "said"),
    [
        (
            "nets_of_mine.large:build",
            "There is no module 'nets_of_mine.large' to import for 'nets_of_mine.large:build'.",
        ),
        ("nets_of_mine.small:other", "The module 'nets_of_mine.small' has no function 'other'."),
        ("nets_of_mine.broken:build", "'nets_of_mine.broken' cannot be imported: ZeroDivisionError: division by zero"),
        ("nets_of_mine.small:fails", "'nets_of_mine.small:fails' cannot build its network: RuntimeError: no such file"),
        ("nets_of_mine.small:text", "'nets_of_mine.small:text' gives str, where a torch.nn.Module is expected."),
        ("nets_of_mine.small:NET", "'nets_of_mine.small:NET' is no function that builds a network, but a Sequential."),
    ],
)
def test_what_is_no_function_that_builds_a_network(model, said):
    with pytest.raises(xai.ModelError) as caught:
        xai.load_model(model)
    assert str(caught.value).startswith(said)


@pytest.mark.parametrize(("variable", "value"), [(VARIABLE, "off"), ("XAI_DATA_ROOTS", "")])
def test_nothing_is_imported_where_code_is_forbidden(variable, value, monkeypatch):
    monkeypatch.setenv(variable, value)
    with pytest.raises(xai.ModelError, match=r"^nets_of_mine\.broken:build was not loaded"):
        xai.load_model("nets_of_mine.broken:build")
    assert "nets_of_mine" not in sys.modules


def test_a_path_is_never_a_function(tmp_path, monkeypatch):
    """The pages give paths; what looks like a function's name is then a file that is not there."""
    from pathlib import Path

    with pytest.raises(xai.ModelError, match="There is no checkpoint"):
        xai.load_model(Path("nets_of_mine.broken:build"))
