"""Downloads that are killed, and downloads onto disks that are full or read-only."""

import hashlib
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

import xai_core as xai
from tests.support.downloads import ALONG, CONTENT, SHA256, on_disk, send, send_without_length
from xai_core.download import download

ROOT = Path(__file__).parents[2]
PATIENCE = 60
CHILD = """
import sys
from pathlib import Path
from xai_core.download import download
url, target, sha256 = sys.argv[1:]
download(url, Path(target), sha256_prefix=sha256)
"""


def there(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir()}


@pytest.fixture
def stalled(server):
    """Called with an address and its content: the server then sends half of it and no more; gives the rest a name."""
    over = threading.Event()

    def stall(path, content):
        def half(handler):
            send(handler, content[: len(content) // 2], len(content))
            over.wait(PATIENCE)

        server.files[path] = half

    yield stall
    over.set()


def killed_midway(url, target, content):
    """A process that downloads, killed when a part of the content lies on the disk."""
    command = [sys.executable, "-c", CHILD, url, str(target), hashlib.sha256(content).hexdigest()]
    with subprocess.Popen(command, cwd=ROOT) as process:
        deadline = time.monotonic() + PATIENCE
        while not any(0 < path.stat().st_size < len(content) for path in target.parent.glob(f"{target.name}*.part")):
            assert process.poll() is None
            assert time.monotonic() < deadline
            time.sleep(0.005)
        process.send_signal(signal.SIGKILL)
    assert process.returncode == -signal.SIGKILL


@pytest.mark.parametrize("before", [None, b"an older file"], ids=["nothing before", "an older file"])
def test_a_killed_download_leaves_the_target_as_it_was_and_the_next_one_succeeds(before, server, stalled, target):
    target.parent.mkdir()
    if before is not None:
        target.write_bytes(before)
    stalled("/net", CONTENT)
    killed_midway(f"{server.url}/net", target, CONTENT)
    assert (target.read_bytes() if target.exists() else None) == before
    server.files["/net"] = CONTENT
    download(f"{server.url}/net", target, sha256_prefix=SHA256)
    assert target.read_bytes() == CONTENT


def test_what_a_killed_download_left_is_not_taken_for_the_model(resnet18_on_the_server, server, stalled):
    path, content = resnet18_on_the_server.path, resnet18_on_the_server.content
    whole = server.files[f"/{path.name}"]
    stalled(f"/{path.name}", content)
    path.parent.mkdir(parents=True)
    killed_midway(f"{server.url}/{path.name}", path, content)
    assert any(path.parent.iterdir())
    assert on_disk() == ALONG
    server.files[f"/{path.name}"] = whole
    assert xai.load_model("resnet18", device="cpu").key == "resnet18"
    assert on_disk() == ALONG | {"resnet18"}
    assert path.read_bytes() == content


def test_what_killed_downloads_left_long_ago_is_removed_by_the_next_one(server, stalled, target):
    target.parent.mkdir()
    stalled("/net", CONTENT)
    killed_midway(f"{server.url}/net", target, CONTENT)
    (left,) = target.parent.iterdir()
    os.utime(left, (1, 1))
    server.files["/net"] = CONTENT
    download(f"{server.url}/net", target, sha256_prefix=SHA256)
    assert list(there(target.parent)) == [target.name]


@pytest.mark.parametrize("before", [None, b"an older file"], ids=["nothing before", "an older file"])
@pytest.mark.parametrize(
    ("answer", "free", "message"),
    [
        (CONTENT, 1_000_000, r"^net\.pth takes 3 MB, more than the disk has free\.$"),
        (CONTENT, 0, r"^net\.pth takes 3 MB, more than the disk has free\.$"),
        (send_without_length, 1_000_000, r"^net\.pth could not be written: (No space left on device|the disk is full)"),
        (send_without_length, 0, r"^net\.pth could not be written: (No space left on device|the disk is full)"),
    ],
    ids=["known length", "known length, nothing free", "unknown length", "unknown length, nothing free"],
)
def test_a_full_disk_is_a_sentence_and_keeps_nothing(answer, free, message, before, server, small_disk):
    disk = small_disk(4)
    target = disk.folder / "weights" / "net.pth"
    target.parent.mkdir()
    if before is not None:
        target.write_bytes(before)
    disk.leave(free)
    server.files["/net"] = answer
    with pytest.raises(xai.DownloadError, match=message):
        download(f"{server.url}/net", target, sha256_prefix=SHA256)
    assert there(target.parent) == ({} if before is None else {target.name: before})
    disk.clear()
    download(f"{server.url}/net", target, sha256_prefix=SHA256)
    assert there(target.parent) == {target.name: CONTENT}


def test_a_disk_that_somebody_else_fills_on_the_way_is_a_sentence(server, small_disk):
    """The server has said a length that fitted then."""
    disk = small_disk(8)
    target = disk.folder / "net.pth"

    def steal(handler):
        handler.send_response(200)
        handler.send_header("Content-Length", str(len(CONTENT)))
        handler.end_headers()
        handler.wfile.write(CONTENT[:1_500_000])
        deadline = time.monotonic() + PATIENCE
        while not any(path.stat().st_size for path in disk.folder.glob("*.part")) and time.monotonic() < deadline:
            time.sleep(0.005)
        disk.fill()
        handler.wfile.write(CONTENT[1_500_000:])

    server.files["/net"] = steal
    with pytest.raises(xai.DownloadError, match=r"^net\.pth could not be written: (No space left|the disk is full)"):
        download(f"{server.url}/net", target, sha256_prefix=SHA256)
    assert [path.name for path in disk.folder.iterdir()] == ["filler"]


def test_a_read_only_disk_is_a_sentence(server, read_only_disk):
    target = read_only_disk.folder / "weights" / "net.pth"
    target.parent.mkdir()
    target.write_bytes(b"an older file")
    read_only_disk.freeze()
    server.files["/net"] = CONTENT
    why = r"(Read-only file system|Permission denied)\.$"
    with pytest.raises(xai.DownloadError, match=rf"^net\.pth cannot be written to .*weights: {why}"):
        download(f"{server.url}/net", target, sha256_prefix=SHA256)
    assert there(target.parent) == {target.name: b"an older file"}
    with pytest.raises(xai.DownloadError, match=rf"^net\.pth cannot be written to .*: {why}"):
        download(f"{server.url}/net", target.parent.parent / "new" / "net.pth", sha256_prefix=SHA256)


def test_the_page_says_that_the_disk_is_too_small_for_a_model(resnet18_on_the_server, small_disk, monkeypatch):
    from tests.support.pages import open_page, run, text

    disk = small_disk(4)
    monkeypatch.setenv("TORCH_HOME", str(disk.folder))
    at = open_page("layer_explorer", model="ResNet-18", n="2")
    next(button for button in at.button if button.label == "Download ResNet-18").click()
    said = text(run(at))
    assert "takes 47 MB, more than the disk has free." in said
    assert "Until then the page stays with EfficientNet-Lite0." in said
    assert not [path for path in disk.folder.rglob("*") if path.is_file()]
    assert shutil.disk_usage(disk.folder).free > 0
