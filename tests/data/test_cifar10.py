"""CIFAR-10 from a small archive in its own format, which a server on this machine gives out."""

import errno
import hashlib
import io
import tarfile
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

import xai_core as xai
from xai_core.data import cifar10
from xai_core.types import content_id

COUNTS = {"test_batch.bin": 4} | {f"data_batch_{i}.bin": 2 + (i == 3) for i in range(1, 6)}
NAMES = ("airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck")
MISSING = 'CIFAR-10 is not on this disk. Fetch it (170 MB) with xai.download_dataset("cifar10").'


def drawn():
    """File -> (pixels, classes)."""
    rng = np.random.default_rng(10)
    return {
        name: (rng.integers(0, 256, (n, 32, 32, 3), dtype=np.uint8), rng.integers(0, 10, n))
        for name, n in COUNTS.items()
    }


PICTURES = drawn()


def binary(pixels, classes):
    """In its authors' words: a byte of label, then 1024 bytes of red, of green and of blue, row by row."""
    content = b""
    for picture, number in zip(pixels, classes, strict=True):
        content += bytes([number])
        for channel in range(3):
            content += bytes(int(picture[y, x, channel]) for y in range(32) for x in range(32))
    return content


FILES = {name: binary(*pictures) for name, pictures in PICTURES.items()}


def packed(files):
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as archive:
        for name, content in {"batches.meta.txt": b"airplane\n", **files, "readme.html": b"<p>"}.items():
            info = tarfile.TarInfo(f"cifar-10-batches-bin/{name}")
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    return buffer.getvalue()


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    """Where the data set goes."""
    monkeypatch.setenv("no_proxy", "*")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    return tmp_path / "xai-core" / "cifar10"


@pytest.fixture
def server(monkeypatch):
    """Serves `server.content`, whose hash is the expected one, and counts how often it was asked for."""
    state = SimpleNamespace(asked=0)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            state.asked += 1
            self.send_response(200)
            self.send_header("Content-Length", str(len(state.content)))
            self.end_headers()
            self.wfile.write(state.content)

        def log_message(self, *_):
            pass

    def offer(content):
        state.content = content
        monkeypatch.setattr(cifar10, "SHA256", hashlib.sha256(content).hexdigest())

    http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=http.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    monkeypatch.setattr(cifar10, "URL", f"http://127.0.0.1:{http.server_port}/cifar-10-binary.tar.gz")
    state.offer = offer
    offer(packed(FILES))
    yield state
    http.shutdown()
    thread.join()
    http.server_close()


@pytest.fixture
def unpacked(home):
    """The data set on disk, without a download."""
    home.mkdir(parents=True)
    for name, content in FILES.items():
        (home / name).write_bytes(content)
    return home


def in_list():
    (info,) = (info for info in xai.list_datasets() if info.key == "cifar10")
    return info


def expected(split):
    names = ["test_batch.bin"] if split == "test" else [f"data_batch_{i}.bin" for i in range(1, 6)]
    return (np.concatenate([PICTURES[name][part] for name in names]) for part in (0, 1))


def test_what_is_fetched_is_its_authors_archive():
    assert cifar10.URL == "https://www.cs.toronto.edu/~kriz/cifar-10-binary.tar.gz"
    assert len(cifar10.SHA256) == 64
    assert cifar10.CLASS_NAMES == NAMES


def test_a_fetched_data_set_has_the_right_pixels_and_labels_in_both_splits(server):
    xai.download_dataset("cifar10")
    for split, count in (("test", 4), ("train", 11)):
        dataset = xai.load_dataset("cifar10", split=split)
        pixels, classes = expected(split)
        assert len(dataset) == len(pixels) == count
        assert (dataset.key, dataset.title) == ("cifar10", "CIFAR-10")
        for i, sample in enumerate(dataset):
            np.testing.assert_array_equal(sample.pixels, pixels[i])
            assert (sample.pixels.shape, sample.pixels.dtype) == ((32, 32, 3), np.uint8)
            assert sample.label == dataset.items[i].label == NAMES[classes[i]]
            assert sample.name == dataset.items[i].name == f"{split}-{i:05d}"
            assert sample.id == content_id(pixels[i])
            assert sample.mask is None
        assert len({item.stamp for item in dataset.items}) == count


def test_fetching_leaves_the_pictures_only_and_tells_its_progress(server, home):
    calls = []
    xai.download_dataset("cifar10", progress=lambda *numbers: calls.append(numbers))
    assert {path.name: path.read_bytes() for path in home.iterdir()} == FILES
    assert calls[-1] == (len(server.content), len(server.content))


def test_what_is_there_is_not_fetched_again(server, home):
    xai.download_dataset("cifar10")
    server.content = b"another content"
    times = {path: path.stat().st_mtime_ns for path in home.iterdir()}
    calls = []
    xai.download_dataset("cifar10", progress=lambda *numbers: calls.append(numbers))
    assert (server.asked, calls) == (1, [])
    assert {path: path.stat().st_mtime_ns for path in home.iterdir()} == times


def test_a_file_that_was_lost_is_fetched_again(server, home):
    xai.download_dataset("cifar10")
    (home / "data_batch_4.bin").unlink()
    assert not in_list().on_disk
    xai.download_dataset("cifar10")
    assert server.asked == 2
    assert {path.name: path.read_bytes() for path in home.iterdir()} == FILES


def test_the_list_says_what_it_takes_and_when_it_is_there(server):
    info = in_list()
    assert (info.title, info.on_disk, info.splits) == ("CIFAR-10", False, ("test", "train"))
    assert info.download_mb == pytest.approx(170, abs=1)
    assert xai.list_splits("cifar10") == ("test", "train")
    xai.download_dataset("cifar10")
    assert in_list().on_disk


def test_another_content_is_refused_and_nothing_is_kept(server, home):
    server.content = packed(FILES | {"test_batch.bin": FILES["test_batch.bin"][::-1]})
    with pytest.raises(xai.DownloadError, match="arrived with another content than expected"):
        xai.download_dataset("cifar10")
    assert list(home.iterdir()) == []
    assert not in_list().on_disk


@pytest.mark.parametrize("lost", ["test_batch.bin", "data_batch_5.bin"])
def test_an_archive_without_a_file_is_a_sentence_and_not_on_disk(server, home, lost):
    server.offer(packed({name: content for name, content in FILES.items() if name != lost}))
    with pytest.raises(xai.DownloadError, match=rf"^CIFAR-10 arrived but could not be unpacked into .*: .*{lost}.*\.$"):
        xai.download_dataset("cifar10")
    assert not in_list().on_disk
    with pytest.raises(xai.DataError, match="is not on this disk"):
        xai.load_dataset("cifar10")


def test_an_archive_that_cannot_be_unpacked_is_not_kept(server, home):
    server.offer(packed({}))
    with pytest.raises(xai.DownloadError, match="could not be unpacked"):
        xai.download_dataset("cifar10")
    assert list(home.iterdir()) == []


def test_a_disk_that_fills_up_while_unpacking_is_a_sentence_and_keeps_whole_files_only(server, home, monkeypatch):
    write = Path.write_bytes

    def fills_up(path, content):
        if "data_batch_3" in path.name:
            write(path, content[:100])
            raise OSError(errno.ENOSPC, "No space left on device")
        return write(path, content)

    monkeypatch.setattr(Path, "write_bytes", fills_up)
    with pytest.raises(
        xai.DownloadError, match=r"^CIFAR-10 arrived but could not be unpacked into .*No space left on device"
    ):
        xai.download_dataset("cifar10")
    assert not in_list().on_disk
    for path in home.iterdir():
        assert path.read_bytes() == FILES.get(path.name), f"{path.name} was left behind"


def test_what_is_no_archive_is_refused(server):
    server.offer(b"<html>Sign in to the network first</html>")
    with pytest.raises(xai.DownloadError, match=r"^CIFAR-10 arrived but could not be unpacked into .*cifar10: "):
        xai.download_dataset("cifar10")
    assert not in_list().on_disk


def test_an_archive_that_is_cut_off_is_a_sentence(server):
    server.offer(packed(FILES)[:-2000])
    with pytest.raises(xai.DownloadError, match=r"^CIFAR-10 arrived but could not be unpacked into .*cifar10: .+\.$"):
        xai.download_dataset("cifar10")
    assert not in_list().on_disk


def test_without_a_download_the_sentence_says_how_to_get_it():
    for split in (None, "test", "train"):
        with pytest.raises(xai.DataError) as caught:
            xai.load_dataset("cifar10", split=split)
        assert str(caught.value) == MISSING


def test_the_test_split_is_the_default(unpacked):
    names = [item.name for item in xai.load_dataset("cifar10").items]
    assert names == [f"test-{i:05d}" for i in range(4)]


def test_labels_and_a_limit_choose_some(unpacked):
    _, classes = expected("train")
    label = NAMES[classes[0]]
    chosen = xai.load_dataset("cifar10", split="train", labels=label)
    assert [item.name for item in chosen.items] == [f"train-{i:05d}" for i in np.flatnonzero(classes == classes[0])]
    assert len(xai.load_dataset("cifar10", split="train", limit=3)) == 3


@pytest.mark.parametrize("split", ["val", "Test", "training"])
def test_another_split_is_refused_with_the_choices(unpacked, split):
    with pytest.raises(xai.DataError) as caught:
        xai.load_dataset("cifar10", split=split)
    assert str(caught.value) == f"CIFAR-10 has no split '{split}'. Choose one of: test, train."


@pytest.mark.parametrize(
    "content",
    [
        b"",
        FILES["data_batch_2.bin"][:-1],
        FILES["data_batch_2.bin"] + b"\0",
        bytes([10]) + FILES["data_batch_2.bin"][1:],
        FILES["data_batch_2.bin"][:3073] + bytes([255]) + FILES["data_batch_2.bin"][3074:],
    ],
    ids=["empty", "a byte short", "a byte long", "class 10", "class 255 in the second"],
)
def test_a_damaged_file_is_a_sentence(unpacked, content):
    (unpacked / "data_batch_2.bin").write_bytes(content)
    with pytest.raises(xai.DataError) as caught:
        xai.load_dataset("cifar10", split="train")
    assert str(caught.value) == (f"data_batch_2.bin of CIFAR-10 is damaged: delete {unpacked} and download it again.")
    assert len(xai.load_dataset("cifar10", split="test")) == 4


def test_a_file_that_changes_is_read_again(unpacked):
    assert len(xai.load_dataset("cifar10")) == 4
    (unpacked / "test_batch.bin").write_bytes(FILES["test_batch.bin"][: 3 * 3073])
    assert len(xai.load_dataset("cifar10")) == 3


def test_a_data_set_that_nobody_knows_is_refused_with_the_choices(server):
    choices = r"Choose one of: .*'cifar10' for CIFAR-10, 'imagenette' for Imagenette, .*\.$"
    with pytest.raises(xai.DataError, match=r"^There is no data set 'cifar100'\. " + choices):
        xai.download_dataset("cifar100")
    assert server.asked == 0


def test_a_data_set_that_comes_along_needs_no_download(server):
    for info in xai.list_datasets():
        if info.download_mb == 0:
            assert info.on_disk
            xai.download_dataset(info.key)
    assert server.asked == 0


def test_a_home_of_its_own_or_the_users(monkeypatch, tmp_path):
    assert cifar10.folder() == tmp_path / "xai-core" / "cifar10"
    monkeypatch.delenv("XDG_CACHE_HOME")
    monkeypatch.setenv("HOME", str(tmp_path / "me"))
    assert cifar10.folder() == tmp_path / "me" / ".cache" / "xai-core" / "cifar10"
