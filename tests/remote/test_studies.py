"""Studies that are kept at an address: put there part by part, taken up by any computer, and the same bytes."""

import itertools
import json
import shutil
from contextlib import contextmanager
from urllib.parse import parse_qs

import pytest

from tests.support.command import TABLES, process, study, summary, zoo
from tests.support.elsewhere import KEY, SECRET, Failing, put_folder
from tests.support.processes import Forked
from tests.support.threads import one_thread
from tests.support.workers import same
from xai_core.batch.elsewhere import kept
from xai_core.batch.head import STUDY
from xai_core.batch.progress import PROGRESS
from xai_core.batch.store import RESULTS, SUMMARY, StudyFolder
from xai_core.remote import Address, Storage, lease, place
from xai_core.remote.patience import TRIES

MODEL = ("--model", "digits")
ENGINES = [("ray", "ray", "xai_core"), ("slurm", "submitit", "tests.support.local_jobs")]


@pytest.fixture(autouse=True, scope="module")
def _one_thread_each():
    with one_thread():
        yield


@pytest.fixture
def asked(tmp_path, bucket):
    """The address of a bucket, with pictures in it; the options that ask for them."""
    fs, name = bucket
    put_folder(fs, zoo(tmp_path / "zoo", count=4, labels="0123"), f"{name}/zoo")
    return f"s3://{name}", ("--data", f"s3://{name}/zoo", *MODEL)


def copied(bucket, name, to):
    """All that is kept at an address, in a folder."""
    fs, own = bucket
    for path in fs.find(f"{own}/{name}"):
        there = to / path.removeprefix(f"{own}/{name}/")
        there.parent.mkdir(parents=True, exist_ok=True)
        there.write_bytes(fs.cat_file(path))
    return to


def names(bucket, name):
    fs, own = bucket
    return sorted(path.removeprefix(f"{own}/{name}/") for path in fs.find(f"{own}/{name}"))


def gone_after(monkeypatch, parts):
    """The storage goes away when so many parts were put there."""
    put = []

    def wrong(call, where):
        if call == "pipe_file" and str(where).endswith(".npz"):
            put.append(where)
        if len(put) > parts:
            raise ConnectionError

    before = Storage._file_system
    monkeypatch.setattr(Storage, "_file_system", lambda own: Failing(before(own), wrong))


@contextmanager
def parts_written(monkeypatch):
    """The numbers of the parts that are computed within the block."""
    numbers, write = [], StudyFolder.write
    with monkeypatch.context() as for_now:
        for_now.setattr(StudyFolder, "write", lambda own, n, *more: (numbers.append(n), write(own, n, *more)))
        yield numbers


def test_what_is_kept_there_is_the_study_of_this_disk(asked, bucket, tmp_path, capsys):
    address, options = asked
    assert study("layers", f"{address}/kept/", common=options) == 0
    said = capsys.readouterr()
    assert f"Kept at {address}/kept\n" in said.out
    there = copied(bucket, "kept", tmp_path / "there")
    assert study("layers", tmp_path / "here", common=options) == 0
    same(there, tmp_path / "here")
    assert {path.name for path in there.iterdir()} == {path.name for path in (tmp_path / "here").iterdir()} - {".lock"}
    request = json.loads((there / "study.json").read_text())
    assert (request["request"]["data"], request["data"]) == (f"{address}/zoo", f"xai.load_dataset('{address}/zoo')")
    page = parse_qs(summary(there)["address"].partition("?")[2])
    assert page["path"] == [str(place(Address.parse(f"{address}/zoo")))]
    for path in there.rglob("*"):
        if path.is_file():
            content = path.read_bytes()
            assert KEY.encode() not in content, path
            assert SECRET.encode() not in content, path


def test_another_computer_goes_on_with_it_and_the_bytes_are_the_same(
    asked, bucket, tmp_path, computer, monkeypatch, capsys
):
    address, options = asked
    with monkeypatch.context() as for_now:
        gone_after(for_now, 1)
        assert study("layers", f"{address}/kept", common=options) == 1
    said = capsys.readouterr().err.strip().splitlines()[-1]
    own = place(Address.parse(f"{address}/kept"))
    assert f"the storage did not answer, or not as it should, in {TRIES} tries (ConnectionError was the last)." in said
    assert said.endswith(f"What is done is kept in {own}; the same command goes on with it.")
    there = names(bucket, "kept")
    assert [name for name in there if name.startswith("parts")] == ["parts/00000.npz"]
    assert "study.json" in there
    assert "summary.json" not in there

    # The lease of the one that could not say goodbye ends by itself; meanwhile others are told.
    computer("two")
    assert study("layers", f"{address}/kept", common=options) == 4
    assert "Another process on" in capsys.readouterr().err
    fs, name = bucket
    (held,) = fs.find(f"{name}/kept/{lease.FOLDER}")
    fs.pipe_file(held, json.dumps({**json.loads(fs.cat_file(held)), "until": 0}).encode())
    with parts_written(monkeypatch) as computed:
        assert study("layers", f"{address}/kept", common=options) == 0
    assert computed == [1]
    assert study("layers", tmp_path / "here", common=options) == 0
    same(copied(bucket, "kept", tmp_path / "there"), tmp_path / "here")
    assert [name for name in names(bucket, "kept") if "lease" in name] == []


def test_the_same_computer_puts_there_what_it_had_done(asked, bucket, tmp_path, monkeypatch):
    address, options = asked
    with monkeypatch.context() as for_now:
        gone_after(for_now, 0)
        assert study("layers", f"{address}/kept", common=options) == 1
    assert not [name for name in names(bucket, "kept") if name.startswith("parts")]
    with parts_written(monkeypatch) as computed:
        assert study("layers", f"{address}/kept", common=options) == 0
    assert computed == [1]
    there = copied(bucket, "kept", tmp_path / "there")
    assert StudyFolder.open(there).complete
    assert [StudyFolder.open(there).problem(number) for number in (0, 1)] == ["", ""]


def test_two_commands_for_one_address_are_one_too_many_here_and_on_another_computer(asked, bucket, computer, capsys):
    address, options = asked
    with kept(Address.parse(f"{address}/kept")):
        assert study("layers", f"{address}/kept", common=options) == 4
        assert f"Another process of this computer works on {address}/kept." in capsys.readouterr().err
        computer("two")
        assert study("layers", f"{address}/kept", common=options) == 4
        assert f"works on {address}/kept." in capsys.readouterr().err
    assert names(bucket, "kept") == []


def test_another_study_there_is_refused_and_overwritten_when_asked_to(asked, bucket, tmp_path, capsys, computer):
    address, options = asked
    assert study("layers", f"{address}/kept", common=options) == 0
    before = names(bucket, "kept")
    computer("two")
    assert study("layers", f"{address}/kept", "--limit", 4, common=options) == 4
    assert "holds another study: its --limit is None, not 4" in capsys.readouterr().err
    assert names(bucket, "kept") == before
    assert study("layers", f"{address}/kept", "--limit", 4, "--overwrite", common=options) == 0
    there = copied(bucket, "kept", tmp_path / "there")
    assert [path.name for path in (there / "parts").iterdir()] == ["00000.npz"]
    assert summary(there)["counts"]["pictures"] == 4


def test_a_picture_replaced_under_its_name_is_another_study(asked, bucket, capsys):
    address, options = asked
    fs, name = bucket
    assert study("misclassified", f"{address}/kept", common=options) == 0
    one, other, *_ = fs.find(f"{name}/zoo")
    fs.pipe_file(one, fs.cat_file(other))
    assert study("misclassified", f"{address}/kept", common=options) == 4
    assert "the pictures have changed since" in capsys.readouterr().err


@pytest.mark.process
def test_workers_share_a_study_that_is_kept_there(asked, bucket, tmp_path):
    address, options = asked
    done = process("layers", f"{address}/kept", "--workers", 2, "--threads", 1, common=options)
    assert done.returncode == 0, done.stderr
    assert study("layers", tmp_path / "here", "--threads", 1, common=options) == 0
    same(copied(bucket, "kept", tmp_path / "there"), tmp_path / "here")


def test_a_store_that_fails_one_time_in_five_keeps_the_whole_study(asked, bucket, tmp_path, monkeypatch, waits):
    address, options = asked
    calls = itertools.count()

    def one_in_five(*_):
        if next(calls) % 5 == 0:
            raise TimeoutError

    before = Storage._file_system
    with monkeypatch.context() as for_now:
        for_now.setattr(Storage, "_file_system", lambda own: Failing(before(own), one_in_five))
        assert study("misclassified", f"{address}/kept", common=options) == 0
    assert waits
    assert StudyFolder.open(copied(bucket, "kept", tmp_path / "there")).complete
    assert [name for name in names(bucket, "kept") if "lease" in name] == []


def test_a_store_that_is_gone_for_a_minute_is_waited_for(asked, bucket, tmp_path, monkeypatch, waits):
    address, options = asked
    begun = []  # what was waited for before it went

    def wrong(call, where):
        if call == "pipe_file" and str(where).endswith("00001.npz") and not begun:
            begun.append(sum(waits))
        if begun and sum(waits) < begun[0] + 60:
            raise ConnectionError

    before = Storage._file_system
    with monkeypatch.context() as for_now, parts_written(monkeypatch) as computed:
        for_now.setattr(Storage, "_file_system", lambda own: Failing(before(own), wrong))
        assert study("layers", f"{address}/kept", common=options) == 0
    assert sum(waits) >= begun[0] + 60
    assert computed == [0, 1]
    assert study("layers", tmp_path / "here", common=options) == 0
    same(copied(bucket, "kept", tmp_path / "there"), tmp_path / "here")


def test_several_studies_and_their_table_are_kept_there(asked, bucket):
    address, options = asked
    common = (*options[:2], "--model", "digits,digits_shortcut")
    assert study("misclassified", f"{address}/all", common=common) == 0
    there = names(bucket, "all")
    assert {"grid.csv", "grid.html", "digits/summary.json", "digits_shortcut/summary.json"} <= set(there)


@pytest.mark.process
@pytest.mark.parametrize(("engine", "package", "module"), ENGINES)
def test_engines_make_a_study_that_is_kept_there(engine, package, module, asked, bucket, tmp_path):
    pytest.importorskip(package, reason=f"needs the extra {engine}")
    address, options = asked
    given = ["study", "layers", *options, "--out", f"{address}/kept", "--engine", engine, "--threads", 1]
    done = Forked(module, given).wait()
    assert done.returncode == 0, done.stderr
    assert study("layers", tmp_path / "here", "--threads", 1, common=options) == 0
    same(copied(bucket, "kept", tmp_path / "there"), tmp_path / "here")
    assert {name for name in names(bucket, "kept") if "/" not in name} == {STUDY, PROGRESS, *RESULTS, SUMMARY}


def test_a_part_that_a_worker_put_into_a_folder_of_its_own_is_said(asked, bucket, monkeypatch, capsys):
    address, options = asked
    monkeypatch.setattr("xai_core.batch.elsewhere.SEEN_WITHIN_S", 0)
    with monkeypatch.context() as for_now:
        for_now.setattr(StudyFolder, "write", lambda *_: None)  # it lies on another machine
        assert study("layers", f"{address}/kept", common=options) == 1
    assert "A worker has made 00000.npz, and" in capsys.readouterr().err
    assert study("layers", f"{address}/kept", common=options) == 0


def test_the_web_keeps_nothing(asked, capsys):
    _, options = asked
    assert study("layers", "https://host/kept", common=options) == 2
    assert "https://host/kept can be read, but nothing can be kept there" in capsys.readouterr().err


def test_what_was_copied_is_said_before_it_begins_and_not_where_it_should_be_quiet(asked, tmp_path, capsys):
    from xai_core.__main__ import main

    address, options = asked
    arguments = ["study", "misclassified", *options, "--out", str(tmp_path / "here")]
    assert main(arguments) == 0
    assert f"Copying 16 files (0.00 GB) from {address}/zoo." in capsys.readouterr().err
    shutil.rmtree(place(Address.parse(f"{address}/zoo")))
    assert main([*arguments, "--quiet"]) == 0
    assert "Copying" not in capsys.readouterr().err


def test_tables_are_the_same_from_a_store_and_from_this_disk(asked, tmp_path):
    """All that differs is where the pictures lie."""
    _, options = asked
    assert study("misclassified", tmp_path / "there", common=options) == 0
    assert study("misclassified", tmp_path / "here", common=("--data", str(tmp_path / "zoo"), *MODEL)) == 0
    for name in TABLES:
        assert (tmp_path / "there" / name).read_bytes() == (tmp_path / "here" / name).read_bytes()
