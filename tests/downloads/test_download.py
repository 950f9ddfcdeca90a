"""Downloads from a server on this machine: what arrives whole is kept, of all else nothing."""

import errno
import hashlib
import shutil
import socket
import tempfile
import threading
from types import SimpleNamespace

import pytest
import torch

import xai_core as xai
from tests.support.downloads import ALONG, CONTENT, SHA256, on_disk, send, send_without_length
from xai_core.download import download


def break_off_inside_a_chunk(handler):
    handler.protocol_version = "HTTP/1.1"
    handler.send_response(200)
    handler.send_header("Transfer-Encoding", "chunked")
    handler.send_header("Connection", "close")
    handler.end_headers()
    handler.wfile.write(b"fffff\r\nonly the beginning")


def fails(url, target, message, sha256_prefix=SHA256[:8], **settings):
    """The download is refused with a sentence, and the folder stays as it was, with and without a target."""
    for before in (None, b"an older file"):
        target.unlink(missing_ok=True)
        if before is not None:
            target.write_bytes(before)
        with pytest.raises(xai.DownloadError, match=message):
            download(url, target, sha256_prefix=sha256_prefix, **settings)
        assert {path.name: path.read_bytes() for path in target.parent.glob("*")} == (
            {} if before is None else {target.name: before}
        )


def test_a_good_file_arrives_whole_with_its_progress(server, target):
    server.files["/net"] = CONTENT
    calls = []
    result = download(
        f"{server.url}/net", target, sha256_prefix=SHA256[:8], progress=lambda *numbers: calls.append(numbers)
    )
    assert result == target
    assert target.read_bytes() == CONTENT
    assert [path.name for path in target.parent.iterdir()] == [target.name]
    assert calls[-1] == (len(CONTENT), len(CONTENT))
    assert [done for done, _ in calls] == sorted({done for done, _ in calls})
    assert {total for _, total in calls} == {len(CONTENT)}
    assert len(calls) >= 3


def test_an_older_file_is_replaced(server, target):
    server.files["/net"] = CONTENT
    target.parent.mkdir()
    target.write_bytes(b"an older file")
    download(f"{server.url}/net", target, sha256_prefix=SHA256)
    assert target.read_bytes() == CONTENT


def test_a_server_that_gives_no_length_is_read_to_the_end(server, target):
    server.files["/net"] = send_without_length
    calls = []
    download(f"{server.url}/net", target, sha256_prefix=SHA256, progress=lambda *numbers: calls.append(numbers))
    assert target.read_bytes() == CONTENT
    assert calls[-1] == (len(CONTENT), 0)


def test_another_content_is_not_kept_and_both_hashes_are_told(server, target):
    server.files["/net"] = CONTENT[:-1] + b"?"
    wrong = hashlib.sha256(CONTENT[:-1] + b"?").hexdigest()[:8]
    message = (
        r"^net-12345678\.pth arrived with another content than expected: its SHA-256 begins with "
        rf"{wrong}, not {SHA256[:8]}\. It was not kept\. Try again\.$"
    )
    fails(f"{server.url}/net", target, message)


def test_a_download_that_breaks_off_is_not_kept(server, target):
    server.files["/net"] = lambda handler: send(handler, CONTENT[:1_500_000], len(CONTENT))
    message = r"^net-12345678\.pth broke off after 1\.5 of 2\.6 MB\. Try again\.$"
    fails(f"{server.url}/net", target, message)
    fails(f"{server.url}/net", target, message, hashlib.sha256(CONTENT[:1_500_000]).hexdigest())


def test_a_download_that_breaks_off_inside_a_chunk_is_not_kept(server, target):
    server.files["/net"] = break_off_inside_a_chunk
    fails(f"{server.url}/net", target, r"^net-12345678\.pth could not be downloaded: IncompleteRead")


def test_an_answer_that_is_not_http_is_not_kept(target):
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def answer():
            for _ in range(2):
                connection, _ = listener.accept()
                with connection:
                    connection.recv(4096)
                    connection.sendall(b"220 mail ready\r\n")

        thread = threading.Thread(target=answer, daemon=True)
        thread.start()
        fails(f"http://127.0.0.1:{listener.getsockname()[1]}/", target, "could not be downloaded: 220 mail ready")
        thread.join()


def test_a_file_that_the_server_lacks_is_a_sentence(server, target):
    message = (
        r"^net-12345678\.pth could not be downloaded: Not Found\. Check the network and try again, or fetch the "
        r"file on another machine and put it into .*weights\.$"
    )
    fails(f"{server.url}/gone", target, message)


def test_a_refused_connection_is_a_sentence(target):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    message = r"^net-12345678\.pth could not be downloaded: .*[Rr]efused.*\. Check the network and try again"
    fails(f"http://127.0.0.1:{port}/net", target, message)


def test_a_server_that_says_nothing_times_out(target, monkeypatch):
    monkeypatch.setattr("xai_core.download._TIMEOUT_S", 0.05)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        url = f"http://127.0.0.1:{listener.getsockname()[1]}/net"
        fails(url, target, r"^net-12345678\.pth could not be downloaded: timed out\.")


def test_a_folder_that_cannot_be_made_is_a_sentence(server, tmp_path):
    server.files["/net"] = CONTENT
    (tmp_path / "weights").write_text("a file where the folder should be")
    with pytest.raises(xai.DownloadError, match=r"^net\.pth cannot be written to .*weights: .+\.$"):
        download(f"{server.url}/net", tmp_path / "weights" / "net.pth", sha256_prefix=SHA256)
    assert [path.name for path in tmp_path.iterdir()] == ["weights"]


@pytest.mark.parametrize(("code", "words"), [(errno.ENOSPC, "No space left"), (errno.EACCES, "Permission denied")])
def test_a_folder_that_cannot_be_written_is_a_sentence(code, words, server, target, monkeypatch):
    def fail(**_):
        raise OSError(code, words)

    server.files["/net"] = CONTENT
    monkeypatch.setattr(tempfile, "mkstemp", fail)
    fails(f"{server.url}/net", target, rf"^net-12345678\.pth cannot be written to .*weights: {words}\.$")


def test_a_file_larger_than_the_disk_is_refused_before_it_is_fetched(server, target, monkeypatch):
    server.files["/net"] = CONTENT
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=len(CONTENT) - 1))
    calls = []
    message = r"^net-12345678\.pth takes 3 MB, more than the disk has free\.$"
    fails(f"{server.url}/net", target, message, progress=lambda *numbers: calls.append(numbers))
    assert calls == []


def test_a_disk_that_fills_up_on_the_way_is_a_sentence(server, target):
    def full(done, total):
        raise OSError(errno.ENOSPC, "No space left on device")

    server.files["/net"] = CONTENT
    message = r"^net-12345678\.pth could not be written: No space left on device\.$"
    fails(f"{server.url}/net", target, message, progress=full)


def test_what_progress_raises_ends_the_download_and_leaves_nothing(server, target):
    def stop(done, total):
        raise KeyboardInterrupt

    server.files["/net"] = CONTENT
    with pytest.raises(KeyboardInterrupt):
        download(f"{server.url}/net", target, sha256_prefix=SHA256, progress=stop)
    assert list(target.parent.iterdir()) == []


def test_a_downloaded_model_is_on_disk_and_loads_without_the_server(resnet18_on_the_server, server):
    expected, calls = resnet18_on_the_server, []
    assert on_disk() == ALONG
    xai.download_model("resnet18", progress=lambda *numbers: calls.append(numbers))
    assert calls[-1] == (len(expected.content), len(expected.content))
    assert on_disk() == ALONG | {"resnet18"}
    assert expected.path.read_bytes() == expected.content
    server.files.clear()
    xai.download_model("resnet18")
    model = xai.load_model("resnet18", device="cpu")
    inputs = torch.randn(1, 3, 224, 224, generator=torch.Generator().manual_seed(1))
    with torch.no_grad():
        torch.testing.assert_close(model.net(inputs), expected.net(inputs), rtol=1e-4, atol=1e-4)


def test_loading_a_model_that_is_not_there_downloads_it_first(resnet18_on_the_server):
    calls = []
    model = xai.load_model("resnet18", device="cpu", progress=lambda *numbers: calls.append(numbers))
    assert model.key == "resnet18"
    assert calls[-1] == (len(resnet18_on_the_server.content),) * 2
    assert on_disk() == ALONG | {"resnet18"}


def test_a_model_that_arrives_damaged_is_not_on_disk(resnet18_on_the_server, server):
    path = resnet18_on_the_server.path
    server.files[f"/{path.name}"] = b"not the weights"
    for call in (xai.download_model, xai.load_model):
        with pytest.raises(xai.DownloadError, match="arrived with another content than expected"):
            call("resnet18")
    assert on_disk() == ALONG
    assert list(path.parent.iterdir()) == []
