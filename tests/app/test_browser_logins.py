"""People who log in at a provider on this computer, in a browser: each role, none, two tabs, a phone, a stranger."""

import http.client
import uuid

import pytest
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.sync.client import connect

from tests.support.accessibility import audit
from tests.support.logins import login_server

pytestmark = pytest.mark.browser
FOLDER = "Opening a folder or file by its path takes the role 'compute' on this server"


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    with login_server(tmp_path_factory.mktemp("logins")) as there:
        yield there


@pytest.fixture
def opened(browser, place):
    """Opens a window of its own at a path, as another person's device does."""
    contexts, errors = [], []

    def window(path="", **options):
        context = browser.new_context(viewport={"width": 1280, "height": 900}, **options)
        contexts.append(context)
        tab = context.new_page()
        tab.set_default_timeout(60_000)
        tab.on("pageerror", lambda error: errors.append(str(error)))
        tab.goto(f"{place.address}/{path}")
        return tab

    yield window
    for context in contexts:
        context.close()
    assert errors == []


def log_in(tab, who):
    tab.get_by_role("button", name="Log in").click()
    tab.get_by_role("button", name=who, exact=True).click()


def record(size):
    """A file of so many bytes, as a visitor drops it."""
    return {"name": "secret name.json", "mimeType": "application/json", "buffer": b" " * size}


def show_account(tab):
    tab.locator(".st-key-account summary").click()


def test_who_may_look_comes_back_to_the_link_and_is_told_what_the_role_does_not_do(opened, place, tmp_path):
    tab = opened(f"training_evolution?run=A+record+on+disk&record={tmp_path}&role=train&email=ada@example.org")
    tab.get_by_role("heading", name="Log in").wait_for()
    assert audit(tab) == []
    log_in(tab, "cleo")
    tab.get_by_text("Training a model takes the role 'train'").wait_for()
    tab.get_by_text(FOLDER).wait_for()
    assert tab.url.startswith(f"{place.address}/training_evolution?")
    assert f"record={tmp_path}" in tab.url.replace("%2F", "/")
    assert tab.get_by_role("button", name="Train a model").count() == 0
    show_account(tab)
    tab.get_by_text("and may look at what this server offers").wait_for()


@pytest.mark.parametrize(
    ("who", "said"),
    [
        ("dan", "You are logged in as dan@elsewhere.example. No rule of this server gives this account a role."),
        ("eve", "You are logged in as eve. No rule of this server"),  # who says that she is Ada, and nobody confirms it
    ],
)
def test_who_has_no_role_is_told_whom_to_ask(opened, who, said):
    tab = opened()
    log_in(tab, who)
    told = tab.get_by_test_id("stAlert")
    told.wait_for()
    text = told.inner_text().replace("\N{WORD JOINER}", "")
    assert said in text
    assert "To get one, ask Ada, room 12." in text
    assert (tab.get_by_text("does not confirm that an e-mail address is yours").count() == 1) == (who == "eve")
    tab.get_by_role("button", name="Log out").wait_for()
    assert tab.get_by_test_id("stSidebarNavLink").count() == 0
    assert audit(tab) == []


def test_who_may_compute_uploads_as_much_as_an_account_may(opened, place):
    tab = opened("training_evolution?run=Upload")
    log_in(tab, "ben")
    tab.locator("input[type=file]").set_input_files(record(2_000_000))
    tab.get_by_test_id("stAlertContentError").first.wait_for()  # it was read, and is no record
    other = tab.context.new_page()
    other.set_default_timeout(60_000)
    other.goto(f"{place.address}/training_evolution?run=Upload")
    other.locator("input[type=file]").set_input_files(record(2_000_000))  # 3 MB are allowed to an account
    other.get_by_role("alert").get_by_text("code 413").wait_for()
    (first, *_) = [line for line in place.lines if line["event"] == "upload"]
    assert first["account"] == "ben@lab.example.org"
    log = (place.folder / "access.jsonl").read_text()
    assert "secret name" not in log


def test_a_logout_holds_for_all_tabs(opened, place):
    one = opened("classroom")
    log_in(one, "ada")
    one.get_by_role("button", name="Begin a class").wait_for()
    other = one.context.new_page()
    other.set_default_timeout(60_000)
    other.goto(f"{place.address}/training_evolution")
    other.get_by_role("button", name="Train a model").wait_for()
    show_account(other)
    other.get_by_role("button", name="Log out").click()
    other.get_by_role("button", name="End session").click()  # the provider's
    other.get_by_role("heading", name="Log in").wait_for()
    one.get_by_text("Guide", exact=True).click()
    one.get_by_text("You were logged in, and are not any more").wait_for()
    assert one.get_by_test_id("stSidebarNavLink").count() == 0
    pages = [(line["page"], line["account"]) for line in place.lines if line["event"] == "page"]
    assert ("classroom", "ada@example.org") in pages
    assert all(account for _, account in pages)


def test_a_phone_joins_a_class_without_a_login(opened, place):
    teacher = opened("classroom")
    log_in(teacher, "ada")
    teacher.get_by_role("button", name="Begin a class").click()
    link = teacher.locator("[data-testid=stCode]").inner_text().strip()
    phone = opened(link.removeprefix(f"{place.address}/"))
    phone.get_by_role("heading", name="You are in").wait_for()
    assert phone.get_by_test_id("stSidebarNavLink").count() == 0
    teacher.get_by_text("1 phone joined").wait_for()
    phone.goto(f"{place.address}/classroom")
    phone.get_by_role("heading", name="Log in").wait_for()


def test_a_socket_without_a_login_gets_no_page_and_no_upload(place):
    host = place.address.removeprefix("http://")
    got, session = [], ""
    with connect(f"ws://{host}/_stcore/stream", subprotocols=["streamlit"], origin=place.address) as socket:
        message = BackMsg()
        message.rerun_script.query_string = "data=Sample+photos&role=train"
        message.rerun_script.page_name = "layer_explorer"
        socket.send(message.SerializeToString())
        while True:
            found = ForwardMsg.FromString(socket.recv(timeout=60))
            got.append(found.SerializeToString())
            if found.WhichOneof("type") == "new_session":
                session = found.new_session.initialize.session_id
            if found.WhichOneof("type") == "script_finished":
                break
        page = b"".join(got)
        assert b"This server asks who you are first" in page
        assert not any(one in page for one in (b"Grad-CAM", b"Pictures", b"espresso"))
        assert put(host, session) == 403
    assert place.lines[-1]["event"] == "page"  # of somebody before; this one has seen none


def put(host, session):
    """The status of an upload as no page makes it."""
    connection = http.client.HTTPConnection(host, timeout=20)
    connection.request("GET", "/_stcore/health")
    answer = connection.getresponse()
    answer.read()
    cookie = next(one for one in answer.headers.get_all("Set-Cookie") if "xsrf" in one).split(";")[0]
    head = {"Cookie": cookie, "X-Xsrftoken": cookie.partition("=")[2].strip('"')}
    connection.request("PUT", f"/_stcore/upload_file/{session}/{uuid.uuid4()}", b"x", head)
    status = connection.getresponse().status
    connection.close()
    return status
