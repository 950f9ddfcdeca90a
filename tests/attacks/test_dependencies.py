"""What a deployment installs: bounded by the project, pinned with hashes, and nothing from elsewhere."""

import re
import tomllib

import pytest
from packaging.requirements import Requirement
from packaging.version import Version

from tests.support.servers import ROOT

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
RUNTIME = ("huggingface", "login", "medical", "onnx", "tiff", "timm")  # extras that a deployment may have
_PIN = re.compile(r"^(?P<name>[a-z0-9][a-z0-9._-]*)==(?P<version>[^ ;\\]+)(?: ; (?P<where>[^\\]+?))? \\$")


def declared():
    """Each dependency of the project and its extras for deployments."""
    lines = [line.partition("#")[0].strip() for line in (ROOT / "requirements.txt").read_text().splitlines()]
    lines += [line for extra in RUNTIME for line in PROJECT["optional-dependencies"][extra]]
    return [Requirement(line) for line in lines if line]


def locked():
    """(name, version, its hashes) of each entry."""
    found = []
    for line in (ROOT / "requirements.lock").read_text().splitlines():
        if line.startswith("    --hash="):
            found[-1][2].append(line.strip().removesuffix(" \\").removeprefix("--hash="))
        elif line and not line.lstrip().startswith("#"):
            pin = _PIN.match(line)
            assert pin, f"{line!r} is no pin"
            found.append((pin["name"], pin["version"], []))
    return found


@pytest.mark.parametrize("one", declared(), ids=lambda one: one.name)
def test_each_dependency_has_an_upper_bound_and_the_lock_keeps_to_it(one):
    assert any(said.operator in ("<", "==", "~=") for said in one.specifier), f"{one} has no upper bound"
    versions = [Version(version) for name, version, _ in locked() if name == one.name.lower()]
    assert versions, f"{one.name} is not in requirements.lock: make lock"
    assert all(version in one.specifier for version in versions), f"{one}: requirements.lock has {versions}: make lock"


def test_every_file_has_its_hash_and_nothing_comes_from_elsewhere():
    there = locked()
    assert len(there) > 60
    assert all(hashes and all(re.fullmatch(r"sha256:[0-9a-f]{64}", one) for one in hashes) for _, _, hashes in there)
    text = (ROOT / "requirements.lock").read_text()
    assert not re.search(r"://|^--(?!hash)|^-[a-z]| @ |\+cpu", text, flags=re.M)


def test_extras_that_read_files_are_among_those_of_deployments():
    others = set(PROJECT["optional-dependencies"]) - set(RUNTIME)
    # Engines carry numbers of parts, and read no pictures; a server's pages read no addresses.
    assert others == {"test", "bench", "docs", "ray", "remote", "slurm"}
