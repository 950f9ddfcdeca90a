"""Pipes, devices, what the system shows of itself, and trees without end, wherever a path can be said."""

import json
import os
import subprocess
import threading

import pytest
from PIL import Image
from streamlit.testing.v1 import AppTest

import xai_core as xai
from app import paths
from tests.support.limits import bounded
from tests.support.pages import MAIN, text
from xai_core import regular
from xai_core.__main__ import main

SYSTEM = ("/dev/zero", "/dev/stdin", "/proc", "/proc/self/mem", "/proc/1/root", "/proc/self/fd", "/sys")
MODEL = {"n": "2", "model": "Digits (honest)"}
HEAD = {"format": "xai-core training run", "version": 1, "name": "x", "class_names": ["a"], "source": {}}


def opened(page, address):
    """A page, which answers: one that hangs fails here and not the whole run."""
    found = []

    def run():
        at = AppTest.from_file(MAIN, default_timeout=60)
        at.query_params.update(address)
        found.append(at.switch_page(f"views/{page}.py").run())

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    thread.join(60)
    assert found, "it hangs"
    assert not found[0].exception, found[0].exception[0].value
    return found[0]


def asked(kind, path):
    return {
        "record": ("training_evolution", {"run": "A record on disk", "record": str(path)}),
        "folder": ("layer_explorer", MODEL | {"data": "Folder", "path": str(path)}),
        "study": ("layer_explorer", MODEL | {"data": "Textured digits", "study": str(path)}),
        "weights": ("layer_explorer", MODEL | {"data": "Textured digits", "model": "Checkpoint", "weights": str(path)}),
    }[kind]


@pytest.fixture(scope="module", autouse=True)
def _warm():
    opened("layer_explorer", MODEL | {"data": "Textured digits"})


@pytest.mark.parametrize("kind", ["record", "folder", "study", "weights"])
@pytest.mark.parametrize("restricted", [False, True])
def test_what_belongs_to_the_system_is_not_opened(kind, restricted, monkeypatch):
    if restricted:
        monkeypatch.setenv("XAI_DATA_ROOTS", "/proc:/dev:/sys")
    for path in SYSTEM:
        with bounded(2.0, 300):
            at = opened(*asked(kind, path))
        said = text(at).replace("\\", "")
        assert f"{path!r} was not opened: it belongs to the system" in said, (path, said[-300:])


@pytest.fixture
def pipes(tmp_path):
    """Path by what it is asked as: each is a pipe, or a folder with one in the place of a file that is read first."""
    for name in ("record", "pictures", "study", "summary", "listed", "onnx", "saved", "weightless"):
        (tmp_path / name).mkdir()
    os.mkfifo(tmp_path / "record" / "run.json")
    (tmp_path / "pictures" / "run.json").write_text(json.dumps(HEAD))
    os.mkfifo(tmp_path / "pictures" / "pictures.parquet")
    os.mkfifo(tmp_path / "study" / "study.json")
    os.mkfifo(tmp_path / "list.csv")
    os.mkfifo(tmp_path / "w.pth")
    os.mkfifo(tmp_path / "listed" / "labels.csv")
    (tmp_path / "onnx" / "m.onnx").write_bytes(b"")
    os.mkfifo(tmp_path / "onnx" / "m.onnx.data")
    os.mkfifo(tmp_path / "saved" / "config.json")
    (tmp_path / "weightless" / "config.json").write_text('{"model_type": "resnet"}')
    (tmp_path / "weightless" / "model.safetensors").symlink_to("/dev/zero")
    Image.new("RGB", (8, 8)).save(tmp_path / "listed" / "a.png")
    return tmp_path


@pytest.mark.parametrize(
    ("kind", "name", "says"),
    [
        ("record", "record", "holds no training run"),
        ("record", "pictures", "pictures.parquet is damaged or cut off."),
        ("record", "list.csv", "list.csv cannot be read: it is not an ordinary file"),
        ("folder", "record", ""),
        ("folder", "pictures", ""),
        ("folder", "list.csv", ""),
        ("folder", "listed", ""),
        ("study", "study", "holds no study"),
        ("weights", "w.pth", "There is no checkpoint 'w.pth'"),
        ("weights", "onnx/m.onnx", "m.onnx.data at "),
        ("weights", "saved", "config.json at "),
        ("weights", "weightless", "model.safetensors at "),
    ],
)
def test_a_pipe_is_refused_and_nobody_waits_for_it(pipes, kind, name, says):
    with bounded(2.0, 300):
        at = opened(*asked(kind, pipes / name))
    shown = [*at.error, *at.warning]
    said = "\n".join(str(one.value) for one in shown).replace("\\", "")
    assert says in said
    assert shown or name == "listed"


@pytest.fixture
def tree(tmp_path):
    """A folder in a folder, two thousand times; paths of that length are too long to be said."""
    inner = os.open(tmp_path, os.O_RDONLY)
    folders = [inner]
    for _ in range(2_000):
        os.mkdir("d", dir_fd=folders[-1])
        folders.append(os.open("d", os.O_RDONLY, dir_fd=folders[-1]))
        if len(folders) > 2:
            os.close(folders.pop(0))
    yield tmp_path / "d"
    for number in folders:
        os.close(number)
    subprocess.run(["rm", "-r", str(tmp_path / "d")], check=True)


@pytest.mark.parametrize("kind", ["record", "folder", "study"])
def test_a_tree_two_thousand_deep_is_a_sentence(tree, kind, monkeypatch):
    monkeypatch.setenv("XAI_DATA_ROOTS", str(tree.parent))
    with bounded(2.0, 300):
        at = opened(*asked(kind, tree))
    assert at.error or at.warning


def test_links_within_a_record_are_still_found_however_deep(tmp_path, monkeypatch):
    monkeypatch.setenv("XAI_DATA_ROOTS", str(tmp_path / "in"))
    folder = tmp_path / "in" / "run" / "a" / "b"
    folder.mkdir(parents=True)
    (folder / "weights").symlink_to(tmp_path)
    at = opened(*asked("record", tmp_path / "in" / "run"))
    assert "'weights' is a link, and it leads out" in text(at).replace("\\", "")


def test_an_ordinary_file_is_opened_and_nothing_else(tmp_path):
    (tmp_path / "a").write_bytes(b"abc")
    (tmp_path / "link").symlink_to(tmp_path / "a")
    assert regular.read_bytes(tmp_path / "link") == b"abc"
    assert regular.read_bytes(tmp_path / "a", 2) == b"ab"
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path / "pipe", tmp_path, tmp_path / "none"):
        with pytest.raises(OSError, match=r"ordinary|Is a directory|No such file"):
            regular.opened(path)


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("--data", "/proc", "--out", "o"), "'/proc' was not opened: it belongs to the system"),
        (("--data", "/proc/self/mem", "--out", "o"), "/mem' was not opened: it belongs to the system"),
        (("--data", "/dev/zero", "--out", "o"), "'/dev/zero' was not opened: it belongs to the system"),
        (("--data", "textured_digits", "--out", ""), "argument --out: it is empty"),
        (("--data", " ", "--out", "o"), "argument --data: it is empty"),
    ],
)
def test_the_command_refuses_them_in_a_sentence_too(words, says, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    try:
        code = main(["study", "layers", "--model", "digits", *words])
    except SystemExit as end:  # of what is wrong with the words themselves
        code = end.code
    said = capsys.readouterr()
    assert (code, said.out) == (2, "")
    assert says in said.err
    assert "Traceback" not in said.err
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("restricted", [False, True])
def test_a_refusal_does_not_tell_what_is_there(restricted, tmp_path, monkeypatch):
    (tmp_path / "in").mkdir()
    (tmp_path / "there").write_text("x")
    if restricted:
        monkeypatch.setenv("XAI_DATA_ROOTS", str(tmp_path / "in"))
    pairs = [("/proc/1/environ", "/proc/1/nothing"), ("/proc/self/fd/0", "/proc/self/fd/999"), ("/dev/zero", "/dev/no")]
    if restricted:
        pairs += [(tmp_path / "there", tmp_path / "none"), ("/proc/1/root/etc/passwd", "/proc/1/root/etc/nothing")]
    for one, other in pairs:
        said = []
        for path in (one, other):
            with pytest.raises(xai.DataError) as caught:
                paths.allowed(str(path))
            said.append(str(caught.value).replace(repr(str(path)), "it"))
        assert said[0] == said[1]
