"""Folders of many files: the page answers while they are listed, and lists none of them twice."""

import contextlib
import os
import re
import threading

import numpy as np
import pytest
from PIL import Image

import xai_core as xai
from app.cache import listing, stamps, watched
from tests.support.pages import open_page, run, text
from xai_core.data import counting, stamp, stamped_files, tree
from xai_core.data.items import taking_turns

SECONDS = re.compile(r"\d+\.\d+ s\b")  # how long something took
PAGE = {"model": "Textured digits, honest", "data": "Folder"}


def picture(path, level):
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("RGB", (64, 64), (level, level, level)).save(path)
    return path


@pytest.fixture
def folder(tmp_path):
    for label in ("a", "b"):
        for number in range(4):
            picture(tmp_path / "set" / label / f"{number}.bmp", 30 * number)
    return tmp_path / "set"


@pytest.fixture
def gate(monkeypatch):
    """Lists of more than two files are long ones, and none is done before the gate is opened."""
    gate, load = threading.Event(), xai.load_dataset

    def slow(path, **options):
        found = load(path, **options)
        assert gate.wait(60)
        return found

    monkeypatch.setattr(listing, "LARGE", 2)
    monkeypatch.setattr(listing, "_SOON_S", 0.0)
    monkeypatch.setattr(xai, "load_dataset", slow)
    yield gate
    gate.set()


@pytest.fixture
def listed(monkeypatch):
    """Folders that are listed, one after the other."""
    seen, real = [], os.scandir

    def scandir(path="."):
        seen.append(os.fspath(path))
        return real(path)

    monkeypatch.setattr(os, "scandir", scandir)
    return seen


def until_listed(at):
    while "Listing the folder" in text(at):
        for thread in threading.enumerate():
            if thread.name == "listing":
                thread.join(0.05)
        run(at)
    return at


def test_the_page_answers_while_a_folder_is_listed_and_shows_it_then(folder, gate):
    at = open_page("layer_explorer", path=str(folder), n="2", **PAGE)
    while "10 files found, 8 of them looked at" not in text(at):  # the folder's two and their eight
        assert "Listing the folder" in text(at)
        run(at)
    other = open_page("layer_explorer", path=str(folder), n="3", **PAGE)
    assert "10 files found" in text(other)
    assert sum(thread.name == "listing" for thread in threading.enumerate()) == 1
    gate.set()
    assert "2 pictures" in text(until_listed(at))
    assert "3 pictures" in text(until_listed(other))


def test_reruns_do_not_list_again_and_changes_are_seen(folder, listed):
    at = open_page("layer_explorer", path=str(folder), n="8", **PAGE)
    assert "8 pictures" in text(at)
    assert str(folder / "a") in listed
    listed.clear()
    at.slider(key="opacity").set_value(0.3)
    run(at)
    assert not [path for path in listed if path.startswith(str(folder))]
    picture(folder / "b" / "new.bmp", 200)
    assert run(at).number_input(key="n").label == "How many of 9"


def test_a_small_folder_does_not_wait_for_a_large_one(folder, gate, tmp_path):
    open_page("layer_explorer", path=str(folder), n="2", **PAGE)
    picture(tmp_path / "small" / "1.bmp", 9)
    gate.set()
    assert "1 picture" in text(open_page("layer_explorer", path=str(tmp_path / "small"), **PAGE))


def test_a_large_one_that_is_made_soon_is_waited_for(folder, monkeypatch):
    monkeypatch.setattr(listing, "LARGE", 2)
    monkeypatch.setattr(listing, "_SOON_S", 60.0)
    at = open_page("layer_explorer", path=str(folder), n="2", **PAGE)
    assert "2 pictures" in text(at)
    assert "Listing the folder" not in text(at)


def test_the_answer_comes_after_the_first_names(folder, monkeypatch):
    """A folder is looked through several times; the page hears of it the first time."""
    hold, real = threading.Event(), listing.list_options

    def slow(path):
        assert hold.wait(60)
        return real(path)

    monkeypatch.setattr(listing, "LARGE", 2)
    monkeypatch.setattr(listing, "list_options", slow)
    at = open_page("layer_explorer", path=str(folder), **PAGE)
    while "Listing the folder: 10 files found." not in text(at):  # the answer may come at the third
        assert "Listing the folder" in text(at)
        run(at)
    hold.set()
    assert "8 pictures" in text(until_listed(at))


def test_more_files_than_a_page_lists_are_a_sentence(folder, monkeypatch):
    monkeypatch.setattr(listing, "LARGE", 2)
    monkeypatch.setattr(listing, "MOST", 5)
    at = until_listed(open_page("layer_explorer", path=str(folder), **PAGE))
    assert "There are more than 5 files; pages list at most so many." in text(at)


def test_a_list_that_nobody_waits_for_is_given_up(folder, monkeypatch):
    monkeypatch.setattr(listing, "LARGE", 0)
    monkeypatch.setattr(listing, "_ABANDONED_S", -1)
    job = listing.Job(lambda: xai.load_dataset(folder), threading.Lock())
    while not job.wait():
        pass
    assert (job.value, job.is_large) == (None, False)
    monkeypatch.setattr(listing, "_ABANDONED_S", 60)
    there = listing.Listings()
    there._jobs["a"] = job
    while not there._jobs["a"].done or there._jobs["a"] is job:
        with contextlib.suppress(listing.Unlisted):
            there.get("a", lambda: xai.load_dataset(folder))
    assert len(there.get("a", list)) == 8


def test_lists_are_let_go_beyond_what_is_kept(monkeypatch):
    there, made = listing.Listings(), []

    def make(key):
        return there.get(key, lambda: made.append(key) or key)

    for key in (*range(listing._KEPT), 0, listing._KEPT):
        assert make(key) == key
    assert make(0) == 0
    assert made == list(range(listing._KEPT + 1))
    assert make(1) == 1  # which was not asked for longest
    assert made[-1] == 1


def test_a_data_set_larger_than_what_is_kept_is_kept_while_it_is_the_last(folder, monkeypatch):
    """A page asks in turn what lies at a place and for its list: neither puts out the other."""
    monkeypatch.setattr(listing, "_PICTURES", 5)
    there, made = listing.Listings(), []

    def make(key, value):
        return there.get(key, lambda: made.append(key) or value)

    whole = xai.load_dataset(folder)
    for _ in range(3):
        make("look", "splits")
        assert make("list", whole) is whole
    assert made == ["look", "list"]
    make("another list", whole)
    make("list", whole)
    assert made == ["look", "list", "another list", "list"]


def test_names_are_counted_once_and_files_when_they_are_looked_at(folder):
    with counting(lambda: None) as counted:
        tree.look(folder)
        tree.look(folder)
        xai.load_dataset(folder)
    assert (counted.found, counted.looked_at) == (10, 8)


# Files that are written over in their places, and files that are put in the place of others


def overwrite(path, content):
    """As an editor that saves: the folder does not change, nor do size and time."""
    before = path.stat()
    with path.open("r+b") as file:
        file.write(content)
        file.truncate()
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))


def test_a_picture_that_is_written_over_is_read_again_even_with_its_size_and_time(folder, tmp_path):
    at = open_page("layer_explorer", path=str(folder), n="8", **PAGE)
    before = SECONDS.sub("", text(at))
    assert SECONDS.sub("", text(run(at))) == before
    rng = np.random.default_rng(0)
    for path in folder.rglob("*.bmp"):
        Image.fromarray(rng.integers(0, 256, (64, 64, 3), dtype=np.uint8)).save(tmp_path / "other.bmp")
        overwrite(path, (tmp_path / "other.bmp").read_bytes())
    assert SECONDS.sub("", text(run(at))) != before


def test_a_list_in_a_folder_below_that_is_written_over_is_read_again(tmp_path):
    (tmp_path / "annotations").mkdir()
    (tmp_path / "annotations" / "said.json").write_text("[1]")
    before = watched.watch(str(tmp_path))
    assert before.now == before.stamp
    overwrite(tmp_path / "annotations" / "said.json", b"[2]")
    assert before.now != before.stamp


def test_what_an_item_is_made_of_is_found_in_its_stamp(tmp_path):
    odd = [tmp_path / name for name in ("a", "b:1:2", "c|d", "e é")]
    for path in odd:
        path.write_text("x")
    text = "|".join([*map(stamp, odd), "(0, 1)", "background"])
    assert stamped_files(text) == {path: stamp(path) for path in odd}
    assert stamped_files(f"{stamp(odd[0])}|pictures[3]") == {odd[0]: stamp(odd[0])}
    assert stamped_files("") == {}
    assert stamped_files("9f86d081") == {}


def test_masks_and_annotations_of_many_pictures_are_looked_at(folder):
    found = xai.load_dataset(folder)
    assert stamps.changed_since(found) == ""
    (folder / "a" / "0.bmp").unlink()
    once = stamps.changed_since(found)
    assert once
    (folder / "a" / "1.bmp").write_bytes(b"other")
    assert stamps.changed_since(found) not in ("", once)


@pytest.mark.parametrize("limit", [1, 2, 3, 7, 100])
def test_the_first_of_those_that_take_turns_are_those_of_all(limit, folder):
    items = xai.load_dataset(folder).items
    items = (*items[:5], *items[6:])
    assert taking_turns(items, limit) == taking_turns(items)[:limit]
    assert [item.label for item in taking_turns(items)] == ["a", "b", "a", "b", "a", "b", "a"]
