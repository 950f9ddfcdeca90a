"""An object store and a web server of this machine; waits that take no time; a cache of each test's own."""

import itertools

import pytest

from tests.support.elsewhere import KEY, SECRET, hub, web_server
from xai_core.remote import access, patience


@pytest.fixture(scope="session")
def store():
    """The address of an object store that speaks as S3 does."""
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture(autouse=True)
def waits(monkeypatch):
    """Seconds that would have been waited for."""
    found = []
    monkeypatch.setattr(patience, "sleep", found.append)
    return found


@pytest.fixture(autouse=True)
def computer(tmp_path, monkeypatch):
    """Called with a name: from then on this is that computer, with a cache of its own. Addresses may be read."""
    monkeypatch.delenv(access.VARIABLE, raising=False)
    monkeypatch.delenv("XAI_DATA_ROOTS", raising=False)

    def sit_at(name):
        cache = tmp_path / f"cache of {name}"
        monkeypatch.setenv("XDG_CACHE_HOME", str(cache))
        return cache

    sit_at("one")
    return sit_at


_names = (f"bucket-{number}" for number in itertools.count())


@pytest.fixture
def bucket(store, monkeypatch):
    """A bucket of its own: its file system, and its name."""
    import s3fs

    monkeypatch.setenv("AWS_ENDPOINT_URL", store)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", KEY)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", SECRET)
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    fs = s3fs.S3FileSystem(skip_instance_cache=True, use_listings_cache=False)
    name = next(_names)
    fs.mkdir(name)
    return fs, name


@pytest.fixture
def web(tmp_path):
    """A web server: its folder, its address, what it was asked, and path -> status of what it refuses."""
    folder = tmp_path / "web"
    folder.mkdir()
    with web_server(folder) as (address, asked, refused):
        yield folder, address, asked, refused


@pytest.fixture
def birds(tmp_path, monkeypatch):
    """A repository on a hub: the folder of its revisions, and what the hub was asked."""
    constants = pytest.importorskip("huggingface_hub.constants", reason="needs huggingface_hub")
    conf = pytest.importorskip("fsspec.config", reason="needs the extra remote").conf
    folder = tmp_path / "birds"
    folder.mkdir()
    with hub(folder) as (address, asked):
        monkeypatch.setitem(conf, "hf", {"endpoint": address})
        monkeypatch.setattr(constants, "HF_HUB_OFFLINE", False)
        yield folder, asked
