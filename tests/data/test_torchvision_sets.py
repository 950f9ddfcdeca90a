"""Imagenette and Oxford-IIIT Pet from small archives of their layout, which a server on this machine gives out."""

import errno
import hashlib
import io
import os
import re
import shutil
import subprocess
import sys
import tarfile
import threading
import time
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from PIL import Image

import xai_core as xai
from xai_core._torchvision import torchvision
from xai_core.data import imagenette, oxford_pets, torchvision_download
from xai_core.types import content_id

# Python 3.12 and 3.13 warn of how torchvision unpacks.
pytestmark = pytest.mark.filterwarnings("ignore:Python 3.14 will, by default, filter:DeprecationWarning")

KEYS = ("imagenette", "oxford_pets")
SOURCES = {"imagenette": imagenette.SOURCE, "oxford_pets": oxford_pets.SOURCE}
TITLES = {"imagenette": "Imagenette", "oxford_pets": "Oxford-IIIT Pet"}
CLASSES = {
    "n01440764": "tench",
    "n02102040": "English springer",
    "n02979186": "cassette player",
    "n03000684": "chain saw",
    "n03028079": "church",
    "n03394916": "French horn",
    "n03417042": "garbage truck",
    "n03425413": "gas pump",
    "n03445777": "golf ball",
    "n03888257": "parachute",
}
TEST_PETS = ("Abyssinian_2", "english_cocker_spaniel_10", "Abyssinian_10")
TRAIN_PETS = ("Abyssinian_100", "american_bulldog_1")
NOISE = np.random.default_rng(3).bytes(300_000)  # makes an archive large enough to break off


def jpeg(seed, size=(7, 5), **options):
    rng = np.random.default_rng(seed)
    buffer = io.BytesIO()
    Image.fromarray(rng.integers(0, 256, (size[1], size[0], 3), dtype=np.uint8)).save(buffer, "JPEG", **options)
    return buffer.getvalue()


def png(values):
    buffer = io.BytesIO()
    Image.fromarray(np.asarray(values, np.uint8)).save(buffer, "PNG")
    return buffer.getvalue()


def decoded(content):
    with Image.open(io.BytesIO(content)) as image:
        return np.asarray(image)


def packed(files):
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as archive:
        for name, content in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    return buffer.getvalue()


def trimap(seed, size=(7, 5)):
    values = np.random.default_rng(seed).integers(1, 4, (size[1], size[0]), dtype=np.uint8)
    values[0, :3] = 1, 2, 3
    return values


IMAGENETTE = {"imagenette2-320/noise.csv": NOISE} | {
    f"imagenette2-320/{split}/{wnid}/ILSVRC2012_{split}_{i}.JPEG": jpeg([len(split), number, i])
    for split, count in (("val", 1), ("train", 2))
    for number, wnid in enumerate(CLASSES)
    for i in range(count)
}
IMAGES = {"images/Abyssinian_2.mat": NOISE} | {
    f"images/{name}.jpg": jpeg(seed) for seed, name in enumerate(TEST_PETS + TRAIN_PETS)
}
TRIMAPS = {name: trimap(seed) for seed, name in enumerate(TEST_PETS + TRAIN_PETS)}
ANNOTATIONS = {
    "annotations/test.txt": "".join(f"{name} 1 1 1\n" for name in TEST_PETS).encode(),
    "annotations/trainval.txt": "".join(f"{name} 1 1 1\n" for name in TRAIN_PETS).encode(),
} | {f"annotations/trimaps/{name}.png": png(values) for name, values in TRIMAPS.items()}
CONTENTS = {
    "imagenette2-320.tgz": packed(IMAGENETTE),
    "images.tar.gz": packed(IMAGES),
    "annotations.tar.gz": packed(ANNOTATIONS),
}
FIRST = {"imagenette": "imagenette2-320.tgz", "oxford_pets": "images.tar.gz"}


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    """The folder below which the data sets go."""
    monkeypatch.setenv("no_proxy", "*")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    return tmp_path / "xai-core"


@pytest.fixture
def server(monkeypatch):
    """Gives out archives by their name: `offer` makes one the expected one, `contents` is what really comes.

    `status` answers with an error, `cut` sends so many bytes only, `pause` waits before each 32 KB, and where
    `silent` is set, nothing comes after the first 32 KB until `wake`. `finished` is what was sent to its end.
    """
    state = SimpleNamespace(asked=[], finished=[], contents={}, status={}, cut={}, pause=0.0, silent=False)
    state.wake = threading.Event()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            name = self.path.rpartition("/")[2]
            state.asked.append(name)
            if name in state.status:
                self.send_error(state.status[name])
                return
            content = state.contents[name]
            self.send_response(200)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            sent = content[: state.cut.get(name, len(content))]
            with suppress(OSError):  # torchvision asks for where it is led to first, and hangs up
                for start in range(0, len(sent), 1 << 15):
                    time.sleep(state.pause)
                    self.wfile.write(sent[start : start + (1 << 15)])
                    if state.silent:
                        state.wake.wait(20)
                state.finished.append(name)
            self.close_connection = True

        def log_message(self, *_):
            pass

    http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=http.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    datasets = torchvision().datasets

    def offer(name, content):
        """What comes by that name, with its size and MD5 as the expected ones."""
        state.contents[name] = content
        checked = {
            name: (f"http://127.0.0.1:{http.server_port}/{name}", hashlib.md5(content).hexdigest())
            for name, content in state.contents.items()
        }
        archives = datasets.Imagenette._ARCHIVES | {"320px": checked.get("imagenette2-320.tgz")}
        monkeypatch.setattr(datasets.Imagenette, "_ARCHIVES", archives)
        resources = tuple(checked[name] for name in ("images.tar.gz", "annotations.tar.gz") if name in checked)
        monkeypatch.setattr(datasets.OxfordIIITPet, "_RESOURCES", resources)
        for source in SOURCES.values():
            for path in source.archives:
                if path.endswith(name):
                    monkeypatch.setitem(source.archives, path, len(content))

    state.offer = offer
    for name, content in CONTENTS.items():
        offer(name, content)
    yield state
    state.wake.set()
    http.shutdown()
    thread.join()
    http.server_close()
    let_workers_end()


def let_workers_end():
    for thread in threading.enumerate():
        if isinstance(thread, torchvision_download._Worker):
            thread.join(20)
            assert not thread.is_alive()


def unpack(folder, files):
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)


@pytest.fixture
def unpacked(cache):
    """Both data sets on disk, without a download: their folders."""
    unpack(cache / "imagenette", IMAGENETTE)
    unpack(cache / "oxford_pets" / "oxford-iiit-pet", IMAGES | ANNOTATIONS)
    return SimpleNamespace(
        imagenette=cache / "imagenette" / "imagenette2-320", pets=cache / "oxford_pets" / "oxford-iiit-pet"
    )


def in_list(key):
    (info,) = (info for info in xai.list_datasets() if info.key == key)
    return info


def files_below(folder):
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


EXPECTED = {
    "imagenette": IMAGENETTE,
    "oxford_pets": {f"oxford-iiit-pet/{name}": content for name, content in (IMAGES | ANNOTATIONS).items()},
}


def assert_a_retry_works(server, cache, key):
    """Nothing is left of what failed, nothing counts as there, and the next attempt succeeds."""
    assert not in_list(key).on_disk
    assert not files_below(cache / key)
    assert [path.name for path in (cache / key).iterdir()] == []
    with pytest.raises(xai.DataError, match="is not on this disk"):
        xai.load_dataset(key)
    server.status.clear()
    server.cut.clear()
    server.silent, server.pause = False, 0.0
    for name, content in CONTENTS.items():
        server.offer(name, content)
    xai.download_dataset(key)
    assert in_list(key).on_disk
    assert files_below(cache / key) == EXPECTED[key]


def test_what_is_fetched_is_what_torchvision_knows():
    datasets = torchvision().datasets
    assert datasets.Imagenette._ARCHIVES["320px"] == (
        "https://s3.amazonaws.com/fast-ai-imageclas/imagenette2-320.tgz",
        "3df6f0d01a2c9592104656642f5e78a3",
    )
    assert {wnid: names[0] for wnid, names in datasets.Imagenette._WNID_TO_CLASS.items()} == imagenette.LABELS
    assert imagenette.LABELS == CLASSES
    names = [url.rpartition("/")[2] for url, _ in datasets.OxfordIIITPet._RESOURCES]
    assert [f"oxford-iiit-pet/{name}" for name in names] == list(oxford_pets.SOURCE.archives)


@pytest.mark.parametrize(
    ("key", "splits", "mb"), [("imagenette", ("val", "train"), 341.7), ("oxford_pets", ("test", "train"), 811.1)]
)
def test_the_list_says_what_it_takes_and_when_it_is_there(unpacked, key, splits, mb):
    info = in_list(key)
    assert (info.title, info.on_disk, info.splits) == (TITLES[key], True, splits)
    assert info.download_mb == pytest.approx(mb, abs=0.05)
    assert xai.list_splits(key) == splits
    shutil.rmtree(SOURCES[key].folder())
    assert not in_list(key).on_disk
    keys = [info.key for info in xai.list_datasets()]
    assert [one for one in keys if one in {"cifar10", *KEYS}] == ["cifar10", *KEYS]


@pytest.mark.parametrize("key", KEYS)
def test_a_home_of_its_own_or_the_users(monkeypatch, tmp_path, key):
    assert SOURCES[key].folder() == tmp_path / "xai-core" / key
    monkeypatch.delenv("XDG_CACHE_HOME")
    monkeypatch.setenv("HOME", str(tmp_path / "me"))
    assert SOURCES[key].folder() == tmp_path / "me" / ".cache" / "xai-core" / key


@pytest.mark.parametrize("key", KEYS)
def test_fetching_brings_the_unpacked_files_and_no_archive(server, cache, key):
    xai.download_dataset(key)
    assert files_below(cache / key) == EXPECTED[key]
    assert len(list((cache / key).iterdir())) == 1, "a draft is left"
    assert in_list(key).on_disk


@pytest.mark.parametrize("key", KEYS)
def test_what_is_there_is_not_fetched_again(server, key):
    xai.download_dataset(key)
    asked, calls = list(server.asked), []
    xai.download_dataset(key, progress=lambda *numbers: calls.append(numbers))
    assert (server.asked, calls) == (asked, [])


def test_progress_is_told_four_times_a_second_from_the_thread_that_asked(server):
    server.pause = 0.15
    calls = []
    xai.download_dataset("imagenette", progress=lambda *n: calls.append((time.monotonic(), threading.get_ident(), n)))
    total = len(CONTENTS["imagenette2-320.tgz"])
    done = [numbers[0] for _, _, numbers in calls]
    assert {numbers[1] for _, _, numbers in calls} == {total}
    assert {thread for _, thread, _ in calls} == {threading.get_ident()}
    assert done == sorted(done)
    assert done[-1] == total
    assert len({n for n in done if 0 < n < total}) >= 2
    gaps = np.diff([at for at, _, _ in calls[:-1]])
    assert (gaps > 0.2).all()


def test_progress_of_two_archives_counts_both(server):
    server.pause = 0.05
    calls = []
    xai.download_dataset("oxford_pets", progress=lambda *numbers: calls.append(numbers))
    total = len(CONTENTS["images.tar.gz"]) + len(CONTENTS["annotations.tar.gz"])
    assert {numbers[1] for numbers in calls} == {total}
    assert calls[-1] == (total, total)
    assert sorted(calls) == calls


def test_torchvisions_bar_is_silent_here_and_as_ever_elsewhere(server, capsys):
    xai.download_dataset("imagenette")
    assert capsys.readouterr().err == ""
    out = io.StringIO()
    with torchvision().datasets.utils.tqdm(total=3, file=out) as bar:
        bar.update(3)
    assert "3/3" in out.getvalue()


@pytest.mark.parametrize("error", [KeyboardInterrupt, ValueError])
@pytest.mark.parametrize("key", KEYS)
def test_what_progress_raises_is_passed_on_and_ends_the_download(server, cache, key, error):
    server.pause = 0.1

    def stop(*_):
        raise error("enough")

    with pytest.raises(error, match="enough"):
        xai.download_dataset(key, progress=stop)
    let_workers_end()
    assert server.finished == [], "it went on to the end of the archive"
    assert_a_retry_works(server, cache, key)


def test_what_progress_raises_while_it_is_unpacked_leaves_nothing_either(server, cache, monkeypatch):
    unpacking, go_on = threading.Event(), threading.Event()
    extract = tarfile.TarFile.extractall

    def slowly(*args, **options):
        unpacking.set()
        go_on.wait(20)
        extract(*args, **options)

    monkeypatch.setattr(tarfile.TarFile, "extractall", slowly)
    monkeypatch.setattr(torchvision_download, "_GRACE_S", 0.05)

    def stop(*_):
        if unpacking.is_set():
            raise ValueError("enough")

    with pytest.raises(ValueError, match="enough"):
        xai.download_dataset("imagenette", progress=stop)
    go_on.set()
    let_workers_end()
    assert_a_retry_works(server, cache, "imagenette")


def test_unpacking_may_take_longer_than_a_silent_server(server, monkeypatch):
    extract = tarfile.TarFile.extractall
    monkeypatch.setattr(torchvision_download, "_INTERVAL_S", 0.05)

    def slowly(*args, **options):
        torchvision_download._PATIENCE_S = 0.1
        time.sleep(0.5)
        torchvision_download._PATIENCE_S = 60
        extract(*args, **options)

    monkeypatch.setattr(torchvision_download, "_PATIENCE_S", 60)
    monkeypatch.setattr(tarfile.TarFile, "extractall", slowly)
    xai.download_dataset("oxford_pets")
    assert in_list("oxford_pets").on_disk


def test_a_slow_server_is_waited_for_while_something_comes(server, monkeypatch):
    server.pause = 0.15
    monkeypatch.setattr(torchvision_download, "_PATIENCE_S", 1)
    monkeypatch.setattr(torchvision_download, "_INTERVAL_S", 0.05)
    xai.download_dataset("imagenette")
    assert in_list("imagenette").on_disk


@pytest.mark.parametrize("key", KEYS)
def test_a_server_that_falls_silent_is_a_sentence(server, cache, monkeypatch, key):
    server.silent = True
    monkeypatch.setattr(torchvision_download, "_PATIENCE_S", 0.4)
    monkeypatch.setattr(torchvision_download, "_INTERVAL_S", 0.05)
    monkeypatch.setattr(torchvision_download, "_GRACE_S", 0.05)
    with pytest.raises(xai.DownloadError, match=rf"^{TITLES[key]} stopped arriving: 0\.0 of 0\.3 MB came, then .*\.$"):
        xai.download_dataset(key)
    assert files_below(cache / key) == {}
    assert any(isinstance(thread, torchvision_download._Worker) for thread in threading.enumerate()), (
        "it was waited for"
    )
    server.wake.set()
    let_workers_end()
    monkeypatch.setattr(torchvision_download, "_PATIENCE_S", 20)
    assert_a_retry_works(server, cache, key)


@pytest.mark.parametrize(
    ("key", "name"),
    [("imagenette", "imagenette2-320.tgz"), ("oxford_pets", "images.tar.gz"), ("oxford_pets", "annotations.tar.gz")],
)
class TestOfEachArchive:
    def test_another_content_is_refused(self, server, cache, key, name):
        server.contents[name] = server.contents[name][::-1]
        with pytest.raises(xai.DownloadError) as caught:
            xai.download_dataset(key)
        assert str(caught.value) == (
            f"{name} of {TITLES[key]} arrived with another content than expected: its MD5 is not the one that "
            "torchvision knows. It was not kept. Try again."
        )
        assert_a_retry_works(server, cache, key)

    def test_a_page_that_does_not_exist_is_a_sentence(self, server, cache, key, name):
        server.status[name] = 404
        with pytest.raises(xai.DownloadError) as caught:
            xai.download_dataset(key)
        files = "imagenette2-320.tgz" if key == "imagenette" else "images.tar.gz and annotations.tar.gz"
        assert str(caught.value) == (
            f"{TITLES[key]} could not be downloaded: HTTP Error 404: Not Found. Check the network and try again, or "
            f"unpack {files}, fetched on another machine, in "
            f"{cache / key / ('' if key == 'imagenette' else 'oxford-iiit-pet')}."
        )
        assert_a_retry_works(server, cache, key)

    def test_an_archive_that_breaks_off_is_a_sentence(self, server, cache, key, name):
        server.cut[name] = len(server.contents[name]) * 2 // 3
        with pytest.raises(
            xai.DownloadError, match=rf"^{name} of {TITLES[key]} broke off after \d\.\d of \d\.\d MB\. .*Try again\.$"
        ):
            xai.download_dataset(key)
        assert_a_retry_works(server, cache, key)

    @pytest.mark.parametrize("damage", ["cut off", "no archive", "empty"])
    def test_an_archive_that_cannot_be_unpacked_is_a_sentence(self, server, cache, key, name, damage):
        content = server.contents[name]
        damaged = {"cut off": content[: len(content) // 2], "no archive": b"<html>Sign in first</html>"}
        server.offer(name, damaged.get(damage, packed({})))
        with pytest.raises(
            xai.DownloadError,
            match=rf"^{TITLES[key]} arrived but could not be unpacked into {re.escape(str(cache / key))}: .+\.$",
        ):
            xai.download_dataset(key)
        assert_a_retry_works(server, cache, key)


def test_what_is_unpacked_by_hand_where_the_sentence_says_is_there(server, cache):
    for key, names in (
        ("imagenette", ["imagenette2-320.tgz"]),
        ("oxford_pets", ["images.tar.gz", "annotations.tar.gz"]),
    ):
        server.status = dict.fromkeys(CONTENTS, 503)
        with pytest.raises(xai.DownloadError) as caught:
            xai.download_dataset(key)
        place = Path(re.search(r"on another machine, in (.+)\.$", str(caught.value))[1])
        place.mkdir(parents=True, exist_ok=True)
        for name in names:
            with tarfile.open(fileobj=io.BytesIO(CONTENTS[name])) as archive:
                archive.extractall(place, filter="data")
        assert in_list(key).on_disk
        assert files_below(cache / key) == EXPECTED[key]


def test_megabytes_of_what_broke_off_are_told(server):
    server.cut["imagenette2-320.tgz"] = 200_000
    with pytest.raises(xai.DownloadError, match=r"broke off after 0\.2 of 0\.3 MB"):
        xai.download_dataset("imagenette")


@pytest.mark.parametrize(
    ("key", "name", "lost"),
    [
        ("imagenette", "imagenette2-320.tgz", "imagenette2-320/train/n03888257/"),
        ("imagenette", "imagenette2-320.tgz", "imagenette2-320/val/n01440764/"),
        ("oxford_pets", "annotations.tar.gz", "annotations/trainval.txt"),
        ("oxford_pets", "annotations.tar.gz", "annotations/test.txt"),
    ],
)
def test_an_archive_without_a_part_is_a_sentence(server, cache, key, name, lost):
    files = IMAGENETTE if key == "imagenette" else ANNOTATIONS
    server.offer(name, packed({path: content for path, content in files.items() if not path.startswith(lost)}))
    with pytest.raises(xai.DownloadError, match=rf"^{TITLES[key]} arrived but could not be unpacked into .+\.$"):
        xai.download_dataset(key)
    assert_a_retry_works(server, cache, key)


@pytest.mark.parametrize("key", KEYS)
def test_no_network_is_a_sentence(server, cache, monkeypatch, key):
    nowhere = ("http://127.0.0.1:1/" + FIRST[key], "0" * 32)
    datasets = torchvision().datasets
    monkeypatch.setattr(datasets.Imagenette, "_ARCHIVES", {"320px": nowhere})
    monkeypatch.setattr(datasets.OxfordIIITPet, "_RESOURCES", (nowhere,))
    with pytest.raises(
        xai.DownloadError,
        match=rf"^{TITLES[key]} could not be downloaded: .*Connection refused\. Check the network .*, or .+\.$",
    ):
        xai.download_dataset(key)
    assert_a_retry_works(server, cache, key)


@pytest.mark.parametrize(
    "error",
    [OSError(errno.EHOSTUNREACH, "No route to host"), RecursionError("Request to a page exceeded 3 redirects.")],
    ids=["no route", "led in circles"],
)
def test_other_troubles_of_the_network_are_a_sentence(server, cache, monkeypatch, error):
    def fails(*_, **__):
        raise error

    with monkeypatch.context() as patched:
        patched.setattr(torchvision().datasets.utils, "_get_redirect_url", fails)
        with pytest.raises(xai.DownloadError) as caught:
            xai.download_dataset("oxford_pets")
    reason = str(error).removesuffix(".")
    assert str(caught.value).startswith(f"Oxford-IIIT Pet could not be downloaded: {reason}. Check the network and ")
    assert_a_retry_works(server, cache, "oxford_pets")


@pytest.mark.parametrize("key", KEYS)
def test_a_folder_that_cannot_be_written_is_a_sentence(server, cache, key):
    cache.write_text("a file where the folder should be")
    with pytest.raises(
        xai.DownloadError, match=rf"^{TITLES[key]} cannot be written to {re.escape(str(cache / key))}: .+\.$"
    ):
        xai.download_dataset(key)
    assert server.asked == []
    cache.unlink()
    xai.download_dataset(key)
    assert in_list(key).on_disk


@pytest.mark.parametrize("key", KEYS)
def test_a_disk_that_is_too_full_is_said_before_anything_is_fetched(server, monkeypatch, key):
    total = sum(SOURCES[key].archives.values())
    monkeypatch.setenv("XAI_DISK_FREE_MB", "0")
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=2 * total - 1))
    with pytest.raises(xai.DownloadError) as caught:
        xai.download_dataset(key)
    assert str(caught.value) == (
        f"{TITLES[key]} takes {2 * total / 1e6:.0f} MB while it is unpacked, more than the disk has free."
    )
    assert server.asked == []
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=2 * total))
    xai.download_dataset(key)
    assert in_list(key).on_disk


@pytest.mark.parametrize("key", KEYS)
def test_a_disk_that_fills_up_is_a_sentence_and_leaves_nothing(server, cache, monkeypatch, key):
    with monkeypatch.context() as patched:

        def fills_up(url, filename):
            Path(filename).write_bytes(NOISE[:1000])
            raise OSError(errno.ENOSPC, "No space left on device")

        patched.setattr(torchvision().datasets.utils, "_urlretrieve", fills_up)
        with pytest.raises(xai.DownloadError) as caught:
            xai.download_dataset(key)
        assert str(caught.value) == f"{TITLES[key]} could not be written to {cache / key}: No space left on device."
    assert_a_retry_works(server, cache, key)


@pytest.mark.parametrize("key", KEYS)
def test_a_disk_that_fills_up_while_it_is_unpacked_is_a_sentence_and_leaves_nothing(server, cache, monkeypatch, key):
    with monkeypatch.context() as patched:
        extract = tarfile.TarFile.extractall

        def fills_up(archive, folder):
            extract(archive, folder)
            raise OSError(errno.ENOSPC, "No space left on device")

        patched.setattr(tarfile.TarFile, "extractall", fills_up)
        with pytest.raises(xai.DownloadError) as caught:
            xai.download_dataset(key)
        assert str(caught.value) == f"{TITLES[key]} could not be written to {cache / key}: No space left on device."
    assert_a_retry_works(server, cache, key)


@pytest.mark.parametrize(
    ("key", "lost"),
    [
        ("imagenette", "imagenette2-320/train/n03394916"),
        ("oxford_pets", "oxford-iiit-pet/images"),
        ("oxford_pets", "oxford-iiit-pet/annotations/test.txt"),
    ],
)
def test_a_part_that_was_lost_is_fetched_again(server, cache, key, lost):
    xai.download_dataset(key)
    path = cache / key / lost
    shutil.rmtree(path) if path.is_dir() else path.unlink()
    assert not in_list(key).on_disk
    xai.download_dataset(key)
    assert files_below(cache / key) == EXPECTED[key]
    assert len(list((cache / key).iterdir())) == 1, "a draft is left"


def test_drafts_of_killed_processes_are_swept_and_those_at_work_are_not(server, cache):
    old, new = cache / "imagenette" / ".draft-old", cache / "imagenette" / ".draft-new"
    for draft in (old, new):
        unpack(draft, {"imagenette2-320.tgz": NOISE})
    os.utime(old, (time.time() - 100_000,) * 2)
    xai.download_dataset("imagenette")
    assert not old.exists()
    assert (new / "imagenette2-320.tgz").read_bytes() == NOISE


def test_two_that_fetch_at_once_both_succeed(server, cache):
    server.pause = 0.01
    errors = []

    def fetch():
        try:
            xai.download_dataset("oxford_pets")
        except Exception as error:
            errors.append(error)

    threads = [threading.Thread(target=fetch) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    assert server.asked.count("images.tar.gz") >= 4, "they did not run at once"
    assert files_below(cache / "oxford_pets") == EXPECTED["oxford_pets"]


def test_what_another_process_put_there_meanwhile_stays(server, cache, monkeypatch):
    extract = tarfile.TarFile.extractall

    def slowly(*args, **options):
        extract(*args, **options)
        unpack(cache / "imagenette", IMAGENETTE | {"imagenette2-320/theirs": b""})

    monkeypatch.setattr(tarfile.TarFile, "extractall", slowly)
    xai.download_dataset("imagenette")
    assert (cache / "imagenette" / "imagenette2-320" / "theirs").is_file()


def test_another_process_that_is_faster_is_fine(server, cache, monkeypatch):
    rename = Path.rename

    def late(path, target):
        if path.parent.name.startswith(".draft-"):
            unpack(cache / "imagenette", IMAGENETTE)
        return rename(path, target)

    monkeypatch.setattr(Path, "rename", late)
    xai.download_dataset("imagenette")
    assert files_below(cache / "imagenette") == IMAGENETTE
    assert [path.name for path in (cache / "imagenette").iterdir()] == ["imagenette2-320"]


@pytest.mark.parametrize(("key", "mb"), [("imagenette", 342), ("oxford_pets", 811)])
def test_without_a_download_the_sentence_says_how_to_get_it(key, mb):
    for split in (None, *SOURCES[key].splits):
        with pytest.raises(xai.DataError) as caught:
            xai.load_dataset(key, split=split)
        assert str(caught.value) == (
            f'{TITLES[key]} is not on this disk. Fetch it ({mb} MB) with xai.download_dataset("{key}").'
        )


@pytest.mark.parametrize(
    ("key", "other"), [("imagenette", "test"), ("oxford_pets", "trainval"), ("oxford_pets", "val")]
)
def test_another_split_is_refused_with_the_choices(unpacked, key, other):
    with pytest.raises(xai.DataError) as caught:
        xai.load_dataset(key, split=other)
    choices = ", ".join(SOURCES[key].splits)
    assert str(caught.value) == f"{TITLES[key]} has no split '{other}'. Choose one of: {choices}."


@pytest.mark.parametrize(("split", "count"), [(None, 1), ("val", 1), ("train", 2)])
def test_imagenette_has_the_right_pixels_labels_and_wordnet_ids(unpacked, split, count):
    dataset = xai.load_dataset("imagenette", split=split)
    assert (dataset.key, dataset.title, dataset.skipped) == ("imagenette", "Imagenette", ())
    assert len(dataset) == 10 * count
    assert dataset.labels == tuple(CLASSES.values())
    expected = [(wnid, f"ILSVRC2012_{split or 'val'}_{i}.JPEG") for wnid in CLASSES for i in range(count)]
    for item, sample, (wnid, file) in zip(dataset.items, dataset, expected, strict=True):
        assert item.name == sample.name == f"{wnid}/{file}"
        assert item.label == sample.label == CLASSES[wnid]
        assert sample.wnid == wnid
        assert (sample.mask, sample.notes) == (None, ())
        pixels = decoded(IMAGENETTE[f"imagenette2-320/{split or 'val'}/{wnid}/{file}"])
        np.testing.assert_array_equal(sample.pixels, pixels)
        assert sample.id == content_id(pixels)
    assert len({item.stamp for item in dataset.items}) == 10 * count


def test_models_of_imagenet_know_every_class_of_imagenette(unpacked):
    model = xai.load_model("efficientnet_lite0")
    samples = list(xai.load_dataset("imagenette"))
    classes = xai.true_classes(model, samples)
    assert [model.wnids[k] for k in classes] == list(CLASSES)


def test_files_that_are_no_pictures_are_told_apart(unpacked):
    (unpacked.imagenette / "val" / "n03028079" / "notes.txt").write_text("")
    dataset = xai.load_dataset("imagenette")
    assert len(dataset) == 10
    assert dataset.skipped == (xai.Problem("n03028079/notes.txt", "Not a picture by its name."),)


def test_imagenette_without_pictures_is_a_sentence(unpacked):
    for path in unpacked.imagenette.glob("val/*/*"):
        path.unlink()
    with pytest.raises(xai.DataError) as caught:
        xai.load_dataset("imagenette")
    root = unpacked.imagenette
    assert str(caught.value) == f"{root / 'val'} holds no pictures: delete {root} and download Imagenette again."


@pytest.mark.parametrize(("split", "names"), [(None, TEST_PETS), ("test", TEST_PETS), ("train", TRAIN_PETS)])
def test_pets_have_the_right_pixels_breeds_and_masks(unpacked, split, names):
    dataset = xai.load_dataset("oxford_pets", split=split)
    assert (dataset.key, dataset.title, dataset.skipped) == ("oxford_pets", "Oxford-IIIT Pet", ())
    breeds = {"Abyssinian": "Abyssinian", "english": "english cocker spaniel", "american": "american bulldog"}
    for item, sample, name in zip(dataset.items, dataset, names, strict=True):
        assert item.name == sample.name == f"{name}.jpg"
        assert item.label == sample.label == breeds[name.split("_")[0]]
        assert (sample.wnid, sample.notes) == (None, ())
        pixels = decoded(IMAGES[f"images/{name}.jpg"])
        np.testing.assert_array_equal(sample.pixels, pixels)
        mask = np.vectorize({1: 1, 2: 0, 3: 255}.get)(TRIMAPS[name]).astype(np.uint8)
        assert sample.mask.dtype == np.uint8
        np.testing.assert_array_equal(sample.mask, mask)
        assert sample.id == content_id(pixels, mask) != content_id(pixels)
    assert len({item.stamp for item in dataset.items}) == len(names)


def without_mask(dataset, why):
    sample = dataset[0]
    assert sample.mask is None
    assert sample.notes == (f"no mask: {why}",)
    assert sample.id == content_id(sample.pixels)
    assert sample.name == "Abyssinian_2.jpg"
    assert dataset[1].mask is not None
    return True


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (None, "its trimap is missing"),
        (b"", "its trimap is damaged"),
        (b"<html>", "its trimap is damaged"),
        (png(trimap(0))[:60], "its trimap is damaged"),
        (jpeg(0), "its trimap is damaged"),
        (png(trimap(0, (5, 7))), "its trimap is of another size (5 x 7)"),
        (png(np.zeros((5, 7))), "its trimap holds other values than 1, 2 and 3"),
        (png(np.full((5, 7), 4)), "its trimap holds other values than 1, 2 and 3"),
        (png(np.ones((5, 7, 3))), "its trimap holds other values than 1, 2 and 3"),
    ],
    ids=["missing", "empty", "no picture", "cut off", "a photo", "another size", "zeros", "fours", "in colour"],
)
def test_a_trimap_that_cannot_be_used_is_a_note_and_no_mask(unpacked, content, why):
    path = unpacked.pets / "annotations" / "trimaps" / "Abyssinian_2.png"
    path.unlink()
    if content is not None:
        path.write_bytes(content)
    assert without_mask(xai.load_dataset("oxford_pets"), why)


def test_a_trimap_with_a_palette_is_read_by_its_numbers(unpacked):
    image = Image.fromarray(TRIMAPS["Abyssinian_2"], "P")
    image.putpalette([255, 255, 255] * 4)
    image.save(unpacked.pets / "annotations" / "trimaps" / "Abyssinian_2.png")
    mask = np.vectorize({1: 1, 2: 0, 3: 255}.get)(TRIMAPS["Abyssinian_2"])
    np.testing.assert_array_equal(xai.load_dataset("oxford_pets")[0].mask, mask)


@pytest.mark.parametrize(("orientation", "turned"), [(6, lambda a: np.rot90(a, -1)), (3, lambda a: a[::-1, ::-1])])
def test_a_mask_is_turned_as_its_picture_is(unpacked, orientation, turned):
    exif = Image.Exif()
    exif[0x0112] = orientation
    content = jpeg(0, exif=exif)
    (unpacked.pets / "images" / "Abyssinian_2.jpg").write_bytes(content)
    sample = xai.load_dataset("oxford_pets")[0]
    np.testing.assert_array_equal(sample.pixels, turned(decoded(content)))
    mask = np.vectorize({1: 1, 2: 0, 3: 255}.get)(TRIMAPS["Abyssinian_2"])
    np.testing.assert_array_equal(sample.mask, turned(mask))
    assert sample.notes == ("turned upright as its EXIF says",)


def test_a_listed_picture_that_is_missing_is_told(unpacked):
    (unpacked.pets / "images" / "english_cocker_spaniel_10.jpg").unlink()
    dataset = xai.load_dataset("oxford_pets")
    assert [item.name for item in dataset.items] == ["Abyssinian_2.jpg", "Abyssinian_10.jpg"]
    assert dataset.skipped == (xai.Problem("english_cocker_spaniel_10.jpg", "Listed in test.txt, but not there."),)


def test_pets_without_pictures_are_a_sentence(unpacked):
    for path in (unpacked.pets / "images").iterdir():
        path.unlink()
    with pytest.raises(xai.DataError) as caught:
        xai.load_dataset("oxford_pets", split="train")
    assert str(caught.value) == (
        f"{unpacked.pets / 'annotations' / 'trainval.txt'} lists no picture that is there: delete {unpacked.pets} and "
        "download Oxford-IIIT Pet again."
    )


def test_a_damaged_list_is_a_sentence(unpacked):
    (unpacked.pets / "annotations" / "test.txt").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(xai.DataError) as caught:
        xai.load_dataset("oxford_pets")
    assert str(caught.value) == (
        f"test.txt of Oxford-IIIT Pet is damaged: delete {unpacked.pets} and download the data set again."
    )


def test_blank_lines_comments_and_repeated_lines_of_a_list_are_passed_over(unpacked):
    path = unpacked.pets / "annotations" / "test.txt"
    path.write_text(
        "#Image CLASS-ID SPECIES BREED ID\n\nAbyssinian_10 1 1 1\n \nAbyssinian_10 1 1 1\nAbyssinian_2 1 1 1"
    )
    dataset = xai.load_dataset("oxford_pets")
    assert [item.name for item in dataset.items] == ["Abyssinian_10.jpg", "Abyssinian_2.jpg"]
    assert dataset.skipped == ()


FILES_OF_FIRST = {
    "imagenette": ("imagenette2-320/val/n01440764/ILSVRC2012_val_0.JPEG",),
    "oxford_pets": ("oxford-iiit-pet/images/Abyssinian_2.jpg", "oxford-iiit-pet/annotations/trimaps/Abyssinian_2.png"),
}


@pytest.mark.parametrize("key", KEYS)
def test_pictures_are_read_when_asked_for(unpacked, cache, key):
    dataset = xai.load_dataset(key)
    (cache / key / FILES_OF_FIRST[key][0]).write_bytes(b"no picture any more")
    assert dataset[1].pixels.shape == (5, 7, 3)
    with pytest.raises(xai.PictureError):
        dataset[0]
    samples, problems = dataset.read()
    assert len(samples) == len(dataset) - 1
    assert [problem.name for problem in problems] == [dataset.items[0].name]


@pytest.mark.parametrize(("key", "file"), [(key, file) for key, files in FILES_OF_FIRST.items() for file in files])
def test_the_stamp_changes_with_each_file(unpacked, cache, key, file):
    before = [item.stamp for item in xai.load_dataset(key).items]
    assert [item.stamp for item in xai.load_dataset(key).items] == before
    path = cache / key / file
    os.utime(path, ns=(0, path.stat().st_mtime_ns + 1_000_000))
    touched = [item.stamp for item in xai.load_dataset(key).items]
    assert [a != b for a, b in zip(before, touched, strict=True)] == [True] + [False] * (len(before) - 1)
    if "trimaps" in file:
        path.unlink()
        assert xai.load_dataset(key).items[0].stamp not in (before[0], touched[0])


@pytest.mark.parametrize("key", KEYS)
def test_labels_and_a_limit_choose_some(unpacked, key):
    label = xai.load_dataset(key).labels[0]
    chosen = xai.load_dataset(key, labels=label)
    assert chosen.labels == (label,)
    assert len(xai.load_dataset(key, limit=2)) == 2


def test_reading_needs_no_torchvision(unpacked):
    code = (
        "import sys; sys.modules['torchvision'] = None; import xai_core as xai; "
        "print([xai.load_dataset(key)[0].label for key in ('imagenette', 'oxford_pets')], "
        "sum(not info.on_disk for info in xai.list_datasets()), 'torch' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.stdout.strip() == "['tench', 'Abyssinian'] 1 False", done.stderr
