"""A server of files on this machine, and what is downloaded from it."""

import hashlib
import threading
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import SimpleNamespace

import pytest
import torch

import xai_core as xai
from xai_core._torchvision import torchvision
from xai_core.models import torchvision_models
from xai_core.models.sources import imagenet_weights as registry
from xai_core.shipped import DIAL

CONTENT = bytes(range(256)) * 10_000  # 2.56 MB: three chunks
ALONG = {"efficientnet_lite0", *DIAL.values()}  # models that need no download
SHA256 = hashlib.sha256(CONTENT).hexdigest()


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch):
    monkeypatch.setenv("no_proxy", "*")


@pytest.fixture
def server():
    """Serves `server.files`: path -> bytes, or a function that answers by itself."""
    files = {}

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            answer = files.get(self.path)
            if callable(answer):
                answer(self)
            elif answer is None:
                self.send_error(404)
            else:
                send(self, answer)

        def log_message(self, *_):
            pass

    http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    http.handle_error = lambda *_: None  # a client that goes away is what some tests are about
    thread = threading.Thread(target=http.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield SimpleNamespace(files=files, url=f"http://127.0.0.1:{http.server_port}")
    http.shutdown()
    thread.join()
    http.server_close()


def send(handler, body, length=None):
    handler.send_response(200)
    handler.send_header("Content-Length", str(len(body) if length is None else length))
    handler.end_headers()
    handler.wfile.write(body)


def send_without_length(handler):
    handler.send_response(200)
    handler.end_headers()
    handler.wfile.write(CONTENT)


@pytest.fixture
def target(tmp_path):
    return tmp_path / "weights" / "net-12345678.pth"


@pytest.fixture
def resnet18_on_the_server(server, tmp_path, monkeypatch):
    """The server in the place of torchvision's, with seeded weights under the hash of their own."""
    torch.manual_seed(0)
    net = torchvision().models.resnet18(weights=None).eval()
    torch.save(net.state_dict(), tmp_path / "saved.pth")
    content = (tmp_path / "saved.pth").read_bytes()
    file = f"resnet18-{hashlib.sha256(content).hexdigest()[:8]}.pth"
    server.files[f"/{file}"] = content
    monkeypatch.setenv("TORCH_HOME", str(tmp_path / "home"))
    rows = torchvision_models.rows()
    monkeypatch.setitem(rows, "resnet18", replace(rows["resnet18"], file=file))
    monkeypatch.setattr(registry, "_weights_url", lambda key: f"{server.url}/{rows[key].file}")
    return SimpleNamespace(net=net, content=content, path=tmp_path / "home" / "hub" / "checkpoints" / file)


def on_disk():
    return {info.key for info in xai.list_models() if info.on_disk}
