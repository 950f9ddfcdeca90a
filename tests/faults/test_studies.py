"""Batch studies whose disk fills up or is read-only: finished parts stay, and the same command goes on."""

import re

import pytest

from tests.support.command import TABLES, kept, process, stamps, study, summary
from xai_core.batch.store import StudyFolder

LIMIT, PARTS = 80, 10


@pytest.fixture(scope="module")
def through(tmp_path_factory):
    """A study that nothing came between."""
    out = tmp_path_factory.mktemp("through") / "out"
    assert study("layers", out, "--limit", LIMIT) == 0
    return out


def pages(path):
    """Bytes that a file takes on the disk."""
    return -(-path.stat().st_size // 4096) * 4096


def said(done):
    """The lines of stderr but for those of the bar."""
    return [line for line in re.split(r"[\r\n]+", done.stderr) if line.strip() and "picture" not in line.split("|")[-1]]


@pytest.mark.parametrize(
    ("room", "parts", "file"),
    [("some parts", 3, "00003.npz"), ("all parts", PARTS, r"report\.(html|zip)"), ("nothing", 0, "study.json")],
)
def test_a_full_disk_ends_it_with_a_sentence_and_with_space_it_goes_on(room, parts, file, through, real_disk):
    part = pages(through / "parts" / "00000.npz")
    disk = real_disk(64)
    out = disk.folder / "out"
    if room == "nothing":
        disk.fill()
    else:
        results = pages(through / "report.html") // 2 if room == "all parts" else 0
        disk.leave(int((parts + 0.5) * part) + pages(through / "study.json") + results)
    done = process("layers", out, "--limit", LIMIT)
    assert done.returncode == 1, done.stderr
    assert "Traceback" not in done.stderr
    assert re.fullmatch(rf"{file} could not be written to \S+: the disk is full\.", said(done)[-1]), done.stderr
    assert not (out / "summary.json").exists()
    assert not list(out.rglob("*.draft"))
    before = stamps(out)
    assert len(before) == parts
    if parts:
        there = StudyFolder.open(out)
        assert [there.problem(number) for number in range(parts)] == [""] * parts
        assert not there.complete
    disk.clear()
    again = process("layers", out, "--limit", LIMIT)
    assert again.returncode == 0, again.stderr
    assert f"{8 * parts}/{LIMIT}" in again.stderr
    assert f"{LIMIT}/{LIMIT}" in again.stderr
    assert {name: stamps(out)[name] for name in before} == before
    for name in TABLES:
        assert (out / name).read_bytes() == (through / name).read_bytes()
    assert {**summary(out), "seconds": 0, "address": 0} == {**summary(through), "seconds": 0, "address": 0}


def test_a_full_disk_under_workers_ends_it_with_one_sentence_and_nothing_whole_is_lost(tmp_path, through, real_disk):
    part = pages(through / "parts" / "00000.npz")
    disk = real_disk(64)
    out, alone = disk.folder / "out", tmp_path / "alone"
    asked = ("--limit", LIMIT, "--threads", "2")
    disk.leave(int(4.5 * part) + pages(through / "study.json") + 8192)  # progress.json, and the next one beside it
    done = process("layers", out, *asked, "--workers", "2")
    assert done.returncode == 1, done.stderr
    assert "Traceback" not in done.stderr
    assert re.search(r"could not be written to \S+: the disk is full\.", said(done)[-1]), done.stderr
    assert not (out / "summary.json").exists()
    before = stamps(out)
    assert 1 <= len(before) <= 4
    disk.clear()
    assert process("layers", out, *asked, "--workers", "2").returncode == 0
    assert {name: stamps(out)[name] for name in before} == before
    assert process("layers", alone, *asked[:2], "--threads", "1").returncode == 0
    for name in TABLES:
        assert (out / name).read_bytes() == (alone / name).read_bytes()


def test_a_disk_that_fills_up_in_this_process_ends_it_with_one(through, small_disk, capsys):
    part = pages(through / "parts" / "00000.npz")
    disk = small_disk(64)
    disk.leave(int(2.5 * part) + pages(through / "study.json"))
    assert study("layers", disk.folder / "out", "--limit", LIMIT) == 1
    assert (
        capsys.readouterr().err == f"00002.npz could not be written to {disk.folder / 'out/parts'}: the disk is full.\n"
    )
    assert len(stamps(disk.folder / "out")) == 2
    disk.clear()
    assert study("layers", disk.folder / "out", "--limit", LIMIT) == 0
    assert (disk.folder / "out" / "table.csv").read_bytes() == (through / "table.csv").read_bytes()


def test_a_study_cannot_be_begun_on_a_read_only_disk(read_only_disk, capsys):
    read_only_disk.freeze()
    assert study("layers", read_only_disk.folder / "out", "--limit", 8) == 2
    sentence = capsys.readouterr().err
    assert re.fullmatch(r"The folder \S+ cannot be made: (Read-only file system|Permission denied)\.\n", sentence), (
        sentence
    )


@pytest.mark.parametrize("whole", [True, False], ids=["complete", "parts missing"])
def test_a_study_on_a_read_only_disk_is_a_sentence_and_stays(whole, through, read_only_disk, capsys):
    out = kept(through, read_only_disk.folder / "out")
    if not whole:
        (out / "parts" / "00004.npz").unlink()
        (out / "summary.json").unlink()
    read_only_disk.freeze()
    files = {path: path.read_bytes() for path in out.rglob("*") if path.is_file()}
    assert study("layers", out, "--limit", LIMIT) == 1
    sentence = capsys.readouterr().err
    assert sentence.count("\n") == 1
    assert re.search(r"(Read-only file system|Permission denied)\.$", sentence), sentence
    assert {path: path.read_bytes() for path in out.rglob("*") if path.is_file()} == files
