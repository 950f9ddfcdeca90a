"""Disks that are full or read-only: real small file systems where this process may mount them."""

import errno
import io
import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace

import pytest

from tests.support.downloads import _no_proxy, resnet18_on_the_server, server, target  # noqa: F401 (fixtures)

MB = 1 << 20
FILLER = "filler"


@pytest.fixture(autouse=True, scope="module")
def _one_thread(one_thread):
    """For all that is tested here."""


@pytest.fixture(autouse=True, scope="session")
def _prepared(pages_prepared_once):
    """For all that is tested here."""


@pytest.fixture(autouse=True)
def _to_the_last_byte(monkeypatch):
    """Small disks are filled; where some of a disk is kept free, that is tested elsewhere."""
    monkeypatch.setenv("XAI_DISK_FREE_MB", "0")


@dataclass
class Disk:
    """A small file system, or a folder that plays one.

    Attributes
    ----------
    folder : its root
    real : whether it is mounted; else writes of this process alone fail, and other processes see no end of it
    size : bytes that it has
    """

    folder: Path
    real: bool
    size: int

    @property
    def used(self):
        return sum(path.stat().st_size for path in self.folder.rglob("*") if path.is_file())

    @property
    def free(self):
        if not self.real:
            return self.size - self.used
        found = os.statvfs(self.folder)
        return found.f_bavail * found.f_frsize

    def leave(self, size):
        """Fill it up to some bytes that stay free."""
        with (self.folder / FILLER).open("ab") as file:
            file.write(bytes(max(0, self.free - size)))

    def fill(self):
        """Fill it to the last byte."""
        with (self.folder / FILLER).open("ab", buffering=0) as file:
            try:
                while self.free > 0 and file.write(bytes(4096)):
                    pass
            except OSError as error:
                if error.errno != errno.ENOSPC:
                    raise

    def clear(self):
        """Free what was filled."""
        (self.folder / FILLER).unlink()

    def freeze(self):
        """Make it read-only."""
        if self.real:
            subprocess.run(["mount", "-o", "remount,ro", str(self.folder)], check=True)
        else:
            for path in (self.folder, *self.folder.rglob("*")):
                path.chmod(0o500 if path.is_dir() else 0o400)

    def thaw(self):
        for path in (self.folder, *self.folder.rglob("*")):
            if path.is_dir():
                path.chmod(0o700)


def mounted(folder, size):
    """Whether a file system of that size now lies at a folder."""
    if os.geteuid() != 0:
        return False
    command = ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(folder)]
    try:
        return subprocess.run(command, capture_output=True, check=False).returncode == 0
    except OSError:
        return False


def play_full(disk, patch):
    """Let this process's writes to a folder fail as on a full disk, wherever the product writes."""
    fsync, fdopen, usage = os.fsync, os.fdopen, shutil.disk_usage

    def check():
        if disk.used > disk.size:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    class Limited(io.FileIO):
        def write(self, content):
            written = super().write(content)
            check()
            return written

    def checked(number):
        fsync(number)
        check()

    patch.setattr(os, "fsync", checked)
    patch.setattr(os, "fdopen", lambda n, mode="r", *more: Limited(n, "wb") if mode == "wb" else fdopen(n, mode, *more))
    patch.setattr(
        shutil,
        "disk_usage",
        lambda path: SimpleNamespace(free=disk.free) if Path(path).is_relative_to(disk.folder) else usage(path),
    )


@pytest.fixture
def small_disk(tmp_path, monkeypatch, record_property):
    """Called with megabytes: a `Disk` of that size."""
    made = []

    def make(megabytes):
        folder = tmp_path / f"disk-{len(made)}"
        folder.mkdir()
        disk = Disk(folder, mounted(folder, int(megabytes * MB)), int(megabytes * MB))
        made.append(disk)
        if not disk.real:
            play_full(disk, monkeypatch)
        record_property("disk", "tmpfs" if disk.real else "injected ENOSPC")
        return disk

    yield make
    for disk in made:
        if disk.real:
            subprocess.run(["umount", "-l", str(disk.folder)], check=True)


@pytest.fixture
def real_disk(small_disk):
    """As `small_disk`, for what other processes write."""

    def make(megabytes):
        disk = small_disk(megabytes)
        if not disk.real:
            pytest.skip("needs a small file system that other processes see as well, and mounting is not allowed here")
        return disk

    return make


@pytest.fixture
def read_only_disk(tmp_path, record_property):
    """A `Disk` that can be written until `freeze`."""
    folder = tmp_path / "read-only"
    folder.mkdir()
    disk = Disk(folder, mounted(folder, 64 * MB), 64 * MB)
    if not disk.real and os.geteuid() == 0:
        pytest.skip("needs a read-only file system: root may write everywhere else, and mounting is not allowed here")
    record_property("disk", "tmpfs" if disk.real else "folders without leave to write")
    yield disk
    if disk.real:
        subprocess.run(["umount", "-l", str(folder)], check=True)
    else:
        disk.thaw()
