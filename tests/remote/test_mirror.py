"""Pictures and weights at addresses: the copy is what lies there now, however it came, and nothing else."""

import os
import shutil
import threading
from http.server import SimpleHTTPRequestHandler

import numpy as np
import pytest
from PIL import Image

import xai_core as xai
from tests.support.command import study, zoo
from tests.support.elsewhere import Failing, put_folder
from tests.support.shards import pixels as shard_pixels
from tests.support.shards import write
from xai_core.batch.opening import data_stamp
from xai_core.remote import Address, Storage, local, place
from xai_core.remote import mirror as mirrors
from xai_core.remote.patience import TRIES


@pytest.fixture
def pictures(tmp_path):
    return zoo(tmp_path / "zoo", count=2)


def pixels(dataset):
    return {item.name: item.read().pixels.tobytes() for item in dataset.items}


def below(folder):
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


def test_a_folder_of_a_store_is_read_as_one_of_this_disk(pictures, bucket):
    fs, name = bucket
    put_folder(fs, pictures, f"{name}/zoo")
    here, there = xai.load_dataset(str(pictures)), xai.load_dataset(f"s3://{name}/zoo/")
    assert pixels(there) == pixels(here)
    assert [item.label for item in there.items] == [item.label for item in here.items]
    assert (there.title, there.key) == ("zoo", f"s3://{name}/zoo")
    assert there.code == f"xai.load_dataset('s3://{name}/zoo')"
    assert xai.list_splits(f"s3://{name}/zoo") == ()


def test_a_folder_of_the_web_is_read_as_one_of_this_disk(pictures, web):
    folder, address, _, _ = web
    shutil.copytree(pictures, folder / "zoo")
    odd = folder / "zoo" / "0" / "http odd (1) + #2 100% é.png"
    shutil.copy(next((folder / "zoo" / "0").iterdir()), odd)
    there = xai.load_dataset(f"{address}/zoo")
    assert pixels(there) == pixels(xai.load_dataset(str(folder / "zoo")))
    assert any(item.name.endswith(odd.name) for item in there.items)


def test_a_folder_of_a_hub_is_read_as_one_of_this_disk_and_what_changed_is_copied_anew(pictures, birds):
    folder, asked = birds
    shutil.copytree(pictures, folder / "main" / "zoo")
    shutil.copytree(pictures / "0", folder / "v1" / "zoo" / "0")
    there = xai.load_dataset("hf://datasets/me/birds/zoo")
    assert pixels(there) == pixels(xai.load_dataset(str(pictures)))
    assert (there.title, there.key) == ("zoo", "hf://datasets/me/birds/zoo")
    assert len(xai.load_dataset("hf://datasets/me/birds@v1/zoo")) == 2
    other, same = sorted((folder / "main" / "zoo" / "0").iterdir())
    shutil.copy(same, other)
    asked.clear()
    assert pixels(xai.load_dataset("hf://datasets/me/birds/zoo")) == pixels(xai.load_dataset(str(folder / "main/zoo")))
    assert [one for one in asked if "/resolve/" in one and other.name not in one] == []


@pytest.mark.parametrize(
    ("where", "said"),
    [
        ("datasets/me/birds/zebras", r"^Nothing lies at hf://datasets/me/birds/zebras, or nothing that may be seen\.$"),
        ("datasets/me/none", r"^hf://datasets/me/none could not be listed: nothing is there\.$"),
        ("datasets/me/birds@v2/zoo", r"^hf://datasets/me/birds@v2/zoo could not be listed: nothing is there\.$"),
    ],
)
@pytest.mark.usefixtures("birds")
def test_what_is_not_on_a_hub_is_said(where, said):
    with pytest.raises((xai.DataError, xai.DownloadError), match=said):
        xai.load_dataset(f"hf://{where}")


def test_a_study_is_not_kept_on_a_hub(tmp_path, capsys):
    assert study("layers", "hf://datasets/me/birds/study") == 2
    assert "hf://datasets/me/birds/study can be read, but nothing can be kept there." in capsys.readouterr().err


def test_the_pictures_have_one_stamp_on_every_computer(pictures, bucket, computer):
    fs, name = bucket
    put_folder(fs, pictures, f"{name}/zoo")
    first = data_stamp(xai.load_dataset(f"s3://{name}/zoo"))
    for path in pictures.rglob("*.png"):
        os.utime(path, (0, 0))  # it is no time of a file's that counts
    put_folder(fs, pictures, f"{name}/zoo")
    computer("two")
    assert data_stamp(xai.load_dataset(f"s3://{name}/zoo")) == first


def test_a_file_replaced_under_its_name_is_another_picture_and_the_others_stay(pictures, bucket):
    fs, name = bucket
    put_folder(fs, pictures, f"{name}/zoo")
    address = f"s3://{name}/zoo"
    before = xai.load_dataset(address)
    old = pixels(before)
    kept = {path: path.stat().st_ino for path in place(Address.parse(address)).rglob("*.png")}
    changed = sorted(pictures.rglob("*.png"))[0]
    Image.fromarray(255 - before[0].pixels).save(changed)
    fs.pipe_file(f"{name}/zoo/{changed.relative_to(pictures).as_posix()}", changed.read_bytes())
    after = xai.load_dataset(address)
    assert data_stamp(after) != data_stamp(before)
    new = pixels(after)
    assert [one for one in new if new[one] != old[one]] == [before.items[0].name]
    assert len([path for path, number in kept.items() if path.stat().st_ino == number]) == len(kept) - 1


@pytest.mark.parametrize("settled", [True, False])
def test_of_the_web_a_file_of_the_same_size_and_second_is_another_one(settled, web, monkeypatch):
    """A server whose only word is a time: while that is young it tells nothing, and the file is copied again."""
    folder, address, asked, _ = web
    picture, second = folder / "a.bmp", 1_000_000_000 if settled else None
    for level in (10, 200):
        Image.fromarray(np.full((8, 8, 3), level, np.uint8)).save(picture)
        if settled:
            second += level
            os.utime(picture, (second, second))
        assert xai.load_dataset(f"{address}/a.bmp")[0].pixels.max() == level
    asked.clear()
    xai.load_dataset(f"{address}/a.bmp")
    fetched = any(line.startswith("GET /a.bmp") for line in asked)
    assert fetched is not settled


def test_what_is_gone_there_is_gone_here_and_what_was_spoilt_here_comes_again(pictures, bucket):
    fs, name = bucket
    put_folder(fs, pictures, f"{name}/zoo")
    address = f"s3://{name}/zoo"
    whole = pixels(xai.load_dataset(address))
    root = place(Address.parse(address))
    files = below(root)
    (root / files[0]).write_bytes(b"spoilt")
    (root / files[1]).unlink()
    (root / "left.draft").write_bytes(b"half a file")
    (root / "more").mkdir()
    fs.rm_file(f"{name}/zoo/{files[2]}")
    again = xai.load_dataset(address)
    assert below(root) == [one for one in files if one != files[2]]
    assert pixels(again) == {item.name: whole[item.name] for item in again.items}
    assert len(again) == len(whole) - 1
    assert not (root / "more").exists()


def test_a_checkpoint_of_a_store_has_the_content_id_of_that_of_this_disk(digits, tmp_path, bucket):
    import torch

    fs, name = bucket
    file = tmp_path / "digits.pth"
    torch.save(digits.net.state_dict(), file)
    fs.put_file(str(file), f"{name}/models/digits.pth")
    here, there = xai.load_model(file), xai.load_model(f"s3://{name}/models/digits.pth")
    assert (there.id, there.title, there.notes) == (here.id, here.title, here.notes)
    assert there.code == f"xai.load_model('s3://{name}/models/digits.pth')"
    changed = {key: value + 1 if value.is_floating_point() else value for key, value in digits.net.state_dict().items()}
    torch.save(changed, file)
    fs.put_file(str(file), f"{name}/models/digits.pth")
    assert xai.load_model(f"s3://{name}/models/digits.pth").id == xai.load_model(file).id != here.id


def test_a_table_with_pictures_in_it_is_read_from_a_store(tmp_path, bucket):
    import datasets

    fs, name = bucket
    images = [Image.fromarray(np.full((8, 8, 3), level, np.uint8)) for level in (0, 100, 200)]
    columns = datasets.Features({"image": datasets.Image(), "label": datasets.ClassLabel(names=["dark", "light"])})
    table = datasets.Dataset.from_dict({"image": images, "label": [0, 0, 1]}, features=columns)
    table.to_parquet(tmp_path / "test.parquet")
    fs.put_file(str(tmp_path / "test.parquet"), f"{name}/test.parquet")
    found = xai.load_dataset(f"s3://{name}/test.parquet")
    assert [(item.label, item.read().pixels.max()) for item in found.items] == [
        ("dark", 0),
        ("dark", 100),
        ("light", 200),
    ]


def test_shards_are_read_from_a_store(tmp_path, bucket):
    fs, name = bucket
    for split, number in (("train", 0), ("val", 1)):
        write(tmp_path / "shards" / f"{split}-000.tar", [("a.png", number), ("a.cls", "0")])
    (tmp_path / "shards" / "classes.txt").write_text("tern\n")
    put_folder(fs, tmp_path / "shards", f"{name}/shards")
    assert xai.list_splits(f"s3://{name}/shards") == ("val", "train")
    here, there = (xai.load_dataset(at, split="train") for at in (tmp_path / "shards", f"s3://{name}/shards"))
    assert pixels(there) == pixels(here) == {"a": shard_pixels(0).tobytes()}
    assert [item.label for item in there.items] == ["tern"]
    alone = xai.load_dataset(f"s3://{name}/shards/val-000.tar")
    assert pixels(alone) == {"a": shard_pixels(1).tobytes()}


def test_nothing_and_too_much_are_said(pictures, bucket, monkeypatch):
    fs, name = bucket
    with pytest.raises(xai.DataError, match=f"Nothing lies at s3://{name}/zoo"):
        xai.load_dataset(f"s3://{name}/zoo")
    with pytest.raises(xai.DownloadError, match="s3://no-such-bucket/zoo could not be listed: nothing is there"):
        xai.load_dataset("s3://no-such-bucket/zoo")
    put_folder(fs, pictures, f"{name}/zoo")
    fs.pipe_file(f"{name}/zoo/large.png", bytes(1_000_001))
    monkeypatch.setenv("XAI_MIRROR_MB", "1")
    with pytest.raises(xai.DataError, match=r"holds 7 files with more than 1 MB, .* \(XAI_MIRROR_MB\)"):
        xai.load_dataset(f"s3://{name}/zoo")
    assert not place(Address.parse(f"s3://{name}/zoo")).exists()


@pytest.mark.parametrize("name", ["../out.png", "a/../../out.png", "a//b.png", "a\\b.png", "bell\x07.png", "x" * 256])
def test_a_name_that_would_lead_out_is_refused_and_nothing_is_copied(name, bucket, monkeypatch):
    _, own = bucket
    address = Address.parse(f"s3://{own}/zoo")
    monkeypatch.setattr(Storage, "files", lambda _: {"good.png": mirrors.Entry(1, "1"), name: mirrors.Entry(1, "1")})
    with pytest.raises(xai.DataError, match="can be no file's here"):
        local(str(address))
    assert not place(address).exists()


def failing(monkeypatch, wrong):
    """Every storage from here on goes wrong as told."""
    before = Storage._file_system
    monkeypatch.setattr(Storage, "_file_system", lambda own: Failing(before(own), wrong))


def test_a_store_that_fails_one_time_in_five_gives_the_same_pictures(pictures, bucket, monkeypatch, waits):
    fs, name = bucket
    put_folder(fs, pictures, f"{name}/zoo")
    calls = iter(range(10**6))

    def one_in_five(*_):
        if next(calls) % 5 == 0:
            raise TimeoutError

    failing(monkeypatch, one_in_five)
    assert pixels(xai.load_dataset(f"s3://{name}/zoo")) == pixels(xai.load_dataset(str(pictures)))
    assert waits


def test_a_store_that_is_gone_ends_it_with_a_sentence_and_what_was_copied_is_not_copied_again(
    pictures, bucket, monkeypatch, waits
):
    fs, name = bucket
    put_folder(fs, pictures, f"{name}/zoo")
    fetched = []

    def gone(call, where):
        if call == "get_file":
            fetched.append(where)
            if len(fetched) > 2:
                raise ConnectionError(f"{name} with a secret in its text")

    monkeypatch.setattr(mirrors, "AT_ONCE", 1)
    with monkeypatch.context() as for_now:
        failing(for_now, gone)
        with pytest.raises(xai.DownloadError) as caught:
            xai.load_dataset(f"s3://{name}/zoo")
    assert str(caught.value).endswith(
        f"did not answer, or not as it should, in {TRIES} tries (ConnectionError was the last)."
    )
    assert waits == [0.5, 1, 2, 4, 8, 16, 16, 16]
    first = set(fetched[:2])
    fetched.clear()
    failing(monkeypatch, lambda call, where: fetched.append(where) if call == "get_file" else None)
    assert len(xai.load_dataset(f"s3://{name}/zoo")) == 6
    assert len(fetched) == 4
    assert not first & set(fetched)


def test_an_answer_that_stalls_is_asked_for_again(pictures, web, monkeypatch, waits):
    folder, address, *_ = web
    shutil.copytree(pictures, folder / "zoo")
    ended, stalled, send = threading.Event(), set(), SimpleHTTPRequestHandler.send_head

    def stall_once(handler):
        if handler.command == "GET" and handler.path.endswith(".png") and handler.path not in stalled:
            stalled.add(handler.path)
            ended.wait()
        return send(handler)

    monkeypatch.setattr(SimpleHTTPRequestHandler, "send_head", stall_once)
    monkeypatch.setattr("xai_core.remote.web.READ_S", 0.2)
    found = pixels(xai.load_dataset(f"{address}/zoo"))
    ended.set()
    assert found == pixels(xai.load_dataset(str(pictures)))
    assert waits == [0.5] * 6


def test_half_a_file_is_none(pictures, bucket, monkeypatch):
    fs, name = bucket
    put_folder(fs, pictures, f"{name}/zoo")
    fetch = Storage.fetch

    def cut_off(own, one, to):
        fetch(own, one, to)
        os.truncate(to, 10)

    with monkeypatch.context() as for_now:
        for_now.setattr(Storage, "fetch", cut_off)
        with pytest.raises(xai.DownloadError, match=r"has 10 bytes and was to have .*: it changed, or broke off"):
            xai.load_dataset(f"s3://{name}/zoo")
    assert below(place(Address.parse(f"s3://{name}/zoo"))) == []
    assert len(xai.load_dataset(f"s3://{name}/zoo")) == 6


@pytest.mark.parametrize(
    ("path", "status", "said"), [("/zoo/1/", 403, "refused it"), ("/zoo/1/", 500, f"in {TRIES} tries")]
)
def test_a_folder_of_the_web_that_cannot_be_listed_is_not_left_out(path, status, said, pictures, web):
    folder, address, _, refused = web
    shutil.copytree(pictures, folder / "zoo")
    refused[path] = status
    with pytest.raises(xai.DownloadError, match=f"zoo/1/ could not be listed: .*{said}"):
        xai.load_dataset(f"{address}/zoo")


@pytest.mark.parametrize("status", [403, 500])
def test_a_file_of_the_web_that_cannot_be_looked_at_is_not_left_out(status, pictures, web):
    folder, address, _, refused = web
    shutil.copytree(pictures, folder / "zoo")
    one = sorted(pictures.rglob("*.png"))[0].relative_to(pictures).as_posix()
    refused[f"/zoo/{one}"] = status
    with pytest.raises(xai.DownloadError, match=f"zoo/{one} could not be looked at"):
        xai.load_dataset(f"{address}/zoo")
