"""What somebody tries who has no log-in, or one with too small a role, and what a server refuses to start with."""

import asyncio
import json
import os
import subprocess
import time

import pytest
from streamlit import config
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.runtime.secrets import secrets_singleton
from streamlit.web.server.starlette.starlette_app_utils import create_signed_value
from streamlit.web.server.starlette.starlette_server_config import USER_COOKIE_NAME

from app.server import access_log, accounts, logins, protection
from app.server.messages import Messages
from tests.support.logins import PEOPLE, ROLES, SECRET, command, write_secrets
from tests.support.servers import ROOT, free_ports
from xai_core.roles import VARIABLE, Role

ORIGIN = "http://localhost:8501"
PUT = "/_stcore/upload_file/some-session/some-file"


@pytest.fixture
def configured(tmp_path, monkeypatch):
    """A configuration as `tests.support.logins` has it, in this process; gives what changes it."""
    (tmp_path / "roles.toml").write_text(ROLES)
    monkeypatch.setenv(VARIABLE, str(tmp_path / "roles.toml"))
    monkeypatch.setattr("app.server.uploads.held", dict)
    monkeypatch.setattr("app.server.uploads.is_open", lambda session: True)
    monkeypatch.setattr(accounts, "_ended", type(accounts._ended)())
    before = config.get_option("secrets.files")

    def change(**changes):
        place = write_secrets(tmp_path, ORIGIN, "http://localhost:9", **changes)
        config.set_option("secrets.files", [str(place)])
        secrets_singleton._reset()

    change()
    yield change
    config.set_option("secrets.files", before)
    secrets_singleton._reset()


def claims(sub, **changes):
    said = {"iss": "http://provider", "sub": sub, "iat": time.time(), "nonce": "n", "is_logged_in": True}
    return said | {"origin": ORIGIN} | PEOPLE[sub] | changes


def cookie(said, secret=SECRET):
    return f"{USER_COOKIE_NAME}={create_signed_value(secret, USER_COOKIE_NAME, json.dumps(said)).decode()}"


def spoilt(sent):
    """With another letter in the signature, whose last one may say the same in several ways."""
    return f"{sent[:-9]}{'A' if sent[-9] != 'A' else 'B'}{sent[-8:]}"


def asked(path, method="GET", sent="", answer=(200, ()), app=logins.Logins, **headers):
    """(status, headers, text) of what a browser gets, and whether the request reached the server."""
    reached, got = [], []

    async def server(scope, receive, send):
        reached.append(scope)
        await send({"type": "http.response.start", "status": answer[0], "headers": list(answer[1])})
        await send({"type": "http.response.body", "body": b""})

    async def send(message):
        got.append(message)

    given = {"cookie": sent, "host": "localhost:8501"} | headers
    head = [(name.encode(), value.encode("latin-1")) for name, value in given.items()]
    scope = {"type": "http", "method": method, "path": path, "headers": head, "query_string": b"", "scheme": "http"}
    asyncio.run(app(server)(scope, None, send))
    return got[0]["status"], [(k.decode(), v.decode()) for k, v in got[0]["headers"]], got[1]["body"], bool(reached)


# who one is


@pytest.mark.parametrize(
    ("sub", "role"), [("ada", Role.TRAIN), ("ben", Role.COMPUTE), ("cleo", Role.LOOK), ("dan", None), ("eve", None)]
)
def test_the_cookie_of_an_account_gives_its_role(configured, sub, role):
    found = accounts.account_of(claims(sub))
    assert found.role is role
    assert found.name == ("eve" if sub == "eve" else PEOPLE[sub]["email"])  # who only says that she is Ada


def test_a_login_holds_for_so_many_hours_and_ends_with_a_logout(configured):
    said = claims("ada", iat=1_000_000)
    assert accounts.account_of(said, now=1_000_000 + 12 * 3600 - 1).role is Role.TRAIN
    assert accounts.account_of(said, now=1_000_000 + 12 * 3600 + 1) is None
    mine, other = claims("ada"), claims("ada", nonce="another tab's")
    assert asked(logins.LOGOUT, sent=cookie(mine))[3]
    assert (accounts.account_of(mine), accounts.account_of(other).role) == (None, Role.TRAIN)


@pytest.mark.parametrize("began", [float("nan"), float("inf"), 1e300, 10_000.0, None, "now", [1.0]])
def test_a_login_of_no_time_or_a_later_one_holds_for_none(configured, began):
    assert accounts.account_of(claims("ada", iat=began), now=5_000.0) is None


def heard(sent, *said):
    """What a tab says that reaches the pages, as they are asked for it."""
    got, messages = [], [{"type": "websocket.receive", "bytes": one.SerializeToString()} for one in said]
    messages.append({"type": "websocket.disconnect"})

    async def server(scope, receive, send):
        while (message := await receive())["type"] != "websocket.disconnect":
            got.append(BackMsg.FromString(message["bytes"]))

    async def receive():
        return messages.pop(0)

    scope = {"type": "websocket", "path": "/_stcore/stream", "headers": [(b"cookie", sent.encode())]}
    asyncio.run(logins.Logins(server)(scope, receive, None))
    return got


def test_a_tab_whose_login_is_over_gets_no_part_of_a_page_by_itself(configured):
    part, file = BackMsg(), BackMsg()
    part.rerun_script.fragment_id, part.rerun_script.query_string = "gallery", "n=3"
    file.backend_operation_request.SetInParent()
    over, ended = cookie(claims("ada", iat=0)), claims("ada", nonce="ended")
    assert asked(logins.LOGOUT, sent=cookie(ended))[3]
    for sent in (over, cookie(ended)):
        (whole,) = heard(sent, part, file)
        assert (whole.rerun_script.fragment_id, whole.rerun_script.query_string) == ("", "n=3")
    for sent in (cookie(claims("ada")), ""):  # phones that join a class never logged in
        assert heard(sent, part, file) == [part, file]


def test_what_a_socket_says_is_bounded_before_it_is_looked_into(configured):
    order = [part.cls for part in protection()]
    assert order.index(Messages) < order.index(logins.Logins)


def test_accounts_of_two_providers_are_two(configured):
    one, other = (accounts.account_of(claims("ada", iss=iss)) for iss in ("http://a", "http://b"))
    assert one.key != other.key
    assert "ada" not in one.key


# uploads without a page


@pytest.mark.parametrize(
    ("sent", "taken"),
    [
        (lambda: "", False),
        (lambda: cookie(claims("ben")), True),
        (lambda: cookie(claims("ada")), True),
        (lambda: cookie(claims("cleo")), False),
        (lambda: cookie(claims("dan")), False),
        (lambda: cookie(claims("eve")), False),
        (lambda: cookie(claims("ben"), "guessed" * 9), False),  # signed by somebody else
        (lambda: spoilt(cookie(claims("ben"))), False),
        (lambda: cookie(claims("cleo", role="train", groups=["students", "compute"])), False),
        (lambda: cookie(claims("ben", origin="http://other.example")), False),  # of another server with this secret
        (lambda: cookie(claims("ben", iat=0)), False),
        (lambda: cookie(claims("ben", is_logged_in=False)), False),
        (lambda: f"{USER_COOKIE_NAME}=chunks-3", False),
        (lambda: f"{USER_COOKIE_NAME}={json.dumps(claims('ada'))}", False),
        (lambda: f"{USER_COOKIE_NAME}=\xff\x00", False),
    ],
)
def test_a_file_is_taken_from_those_who_may_send_one(configured, sent, taken):
    status, _, text, reached = asked(PUT, "PUT", sent())
    assert (reached, status) == ((True, 200) if taken else (False, 403))
    assert taken or b"role 'compute'" in text


def test_the_bound_of_uploads_is_of_an_account_in_all_its_tabs(configured, monkeypatch):
    monkeypatch.setenv("XAI_UPLOADS_MB", "3")
    there = {}
    monkeypatch.setattr("app.server.uploads.held", lambda: there)
    monkeypatch.setattr("app.server.uploads.is_open", lambda session: True)
    from app.server.uploads import Uploads

    async def server(scope, receive, send):
        there.setdefault(scope["path"].split("/")[-2], []).append(2_000_000)
        await send({"type": "http.response.start", "status": 204, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    uploads = Uploads(server)

    def put(sub, session):
        async def run():
            got = []

            async def send(message):
                got.append(message)

            sent = [(b"cookie", cookie(claims(sub)).encode()), (b"content-length", b"2000000")]
            path = f"/_stcore/upload_file/{session}/file"
            await uploads({"type": "http", "method": "PUT", "path": path, "headers": sent}, None, send)
            return got[0]["status"], got[1]["body"]

        return asyncio.run(run())

    assert put("ben", "one")[0] == 204
    status, text = put("ben", "another-tab")
    assert (status, text) == (413, b"An account may hold 3 MB of uploads. Remove some first.\n")
    assert put("ada", "hers")[0] == 204
    del there["one"]
    assert put("ben", "another-tab")[0] == 204


# back to where one came from


@pytest.mark.parametrize(
    ("referer", "place"),
    [
        (f"{ORIGIN}/layer_explorer?data=Folder&path=%2Fa+b", "/layer_explorer?data=Folder&path=%2Fa+b"),
        (f"{ORIGIN}/", "/"),
        ("http://evil.example/phish?x=1", "/phish?x=1"),  # a place on this server
        (f"{ORIGIN}//evil.example/", "/evil.example/"),
        (f"{ORIGIN}/\\evil.example", "/evil.example"),
        (f"{ORIGIN}/{'a' * 4000}", None),
        ("", None),
    ],
)
def test_after_the_login_one_is_back_on_a_place_of_this_server(configured, referer, place):
    _, headers, _, _ = asked(logins.LOGIN, referer=referer, answer=(302, ()))
    if place is None:
        assert headers == []
        return
    ((_, sent),) = headers
    assert {"HttpOnly", "SameSite=Lax", "Path=/", f"Max-Age={logins.MINUTES_S}"} <= set(sent.split("; "))
    _, headers, _, _ = asked(logins.CALLBACK, sent=sent.split(";")[0], answer=(302, ((b"location", b"/"),)))
    assert dict(headers)["location"] == place
    assert "Max-Age=0" in dict(headers)["set-cookie"]


def test_a_forged_place_to_come_back_to_is_on_this_server(configured):
    forged = f"{logins.COOKIE}=https%3A%2F%2Fevil.example%2Fa"
    assert dict(asked(logins.CALLBACK, sent=forged, answer=(302, ((b"location", b"/"),)))[1])["location"] == "/a"


@pytest.mark.parametrize("forged", ["/%E2%82%AC", "/%00", "http%3A%2F%2F%5B", "/%0B", "%0d%0aSet-Cookie: a=b", "/%7F"])
def test_a_forged_place_that_no_header_takes_is_none(configured, forged):
    got = asked(logins.CALLBACK, sent=f"{logins.COOKIE}={forged}", answer=(302, ((b"location", b"/"),)))[1]
    assert all(value.isprintable() for _, value in got)
    assert dict(got)["location"].startswith("/")
    assert "Set-Cookie" not in dict(got)


# what a server does not start with


def refused():
    with pytest.raises(SystemExit) as caught:
        protection()
    assert str(caught.value).startswith("The server was not started. ")
    return str(caught.value)


def test_a_whole_configuration_is_taken(configured):
    assert any(part.cls is logins.Logins for part in protection())


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"cookie_secret": "xxx"}, "must have 32 letters or more"),
        ({"cookie_secret": None}, "cookie_secret"),
        ({"redirect_uri": f"{ORIGIN}/"}, "followed by /oauth2callback"),
        ({"redirect_uri": None}, "redirect_uri"),
        ({"client_secret": None}, "client_secret"),
        ({"client_id": None}, "client_id"),
        ({"server_metadata_url": None}, "server_metadata_url"),
        ({"expose_tokens": "all"}, "expose_tokens"),
    ],
)
def test_secrets_with_which_nobody_could_log_in_are_refused(configured, changes, said):
    configured(**changes)
    assert said in refused()


def test_a_login_without_roles_and_roles_without_a_login_are_refused(configured, monkeypatch, tmp_path):
    monkeypatch.delenv(VARIABLE)
    assert "XAI_ROLES names no file" in refused()
    monkeypatch.setenv(VARIABLE, str(tmp_path / "roles.toml"))
    (tmp_path / "secrets.toml").write_text("[other]\na = 1\n")
    secrets_singleton._reset()
    assert "no secrets.toml has the section [auth]" in refused()
    (tmp_path / "wrong.toml").write_text("everyone = true")
    monkeypatch.setenv(VARIABLE, str(tmp_path / "wrong.toml"))
    assert "'everyone' is not known at its top" in refused()


def test_what_is_missing_is_named_with_the_command(configured, monkeypatch):
    monkeypatch.setattr("streamlit.auth_util.is_authlib_installed", lambda: False)
    assert "needs Authlib: pip install 'xai-core[login]'" in refused()


def test_headers_may_not_say_who_one_is(configured, monkeypatch):
    monkeypatch.setattr("streamlit.get_option", lambda name: {"X-Email": "email"} if "trusted" in name else None)
    assert "server.trustedUserHeaders" in refused()


def test_an_access_log_that_cannot_be_written_is_refused(monkeypatch, tmp_path):
    monkeypatch.setenv(access_log.VARIABLE, str(tmp_path / "none" / "log"))
    assert "XAI_ACCESS_LOG names" in refused()


@pytest.mark.process
def test_the_server_ends_with_the_sentence(tmp_path):
    (tmp_path / "roles.toml").write_text("everyone = true")
    (port,) = free_ports(1)
    done = subprocess.run(
        command(port, write_secrets(tmp_path, ORIGIN, "http://localhost:9")),
        cwd=ROOT,
        env=os.environ | {VARIABLE: str(tmp_path / "roles.toml")},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 1
    assert "The server was not started. " in done.stderr
    assert "Traceback" not in done.stderr


# the access log


def test_the_log_says_who_did_what_and_stays_within_its_bound(monkeypatch, tmp_path):
    place = tmp_path / "access.jsonl"
    monkeypatch.setenv(access_log.VARIABLE, str(place))
    monkeypatch.setenv("XAI_ACCESS_LOG_MB", "1")
    ada = accounts.Account("k", "ada@example.org", Role.TRAIN)
    access_log.record("page", ada, page="dial", data="photos", model=None)
    access_log.record("upload", None, bytes=3)
    one, other = (json.loads(line) for line in place.read_text().splitlines())
    assert one.pop("time").endswith("+00:00")
    assert one == {"event": "page", "account": "ada@example.org", "page": "dial", "data": "photos"}
    assert (other["account"], other["bytes"]) == (None, 3)
    assert place.stat().st_mode & 0o077 == 0  # nobody else's business
    for number in range(12_000):
        access_log.record("page", ada, page=f"a name of a page {number}" + "x" * 60)
    sizes = [one.stat().st_size for one in tmp_path.glob("access.jsonl*")]
    assert len(sizes) == 2
    assert 400_000 < sum(sizes) <= 1_000_000


def test_without_the_variable_nothing_is_written(monkeypatch, tmp_path):
    monkeypatch.delenv(access_log.VARIABLE, raising=False)
    monkeypatch.chdir(tmp_path)
    access_log.record("page", None, page="dial")
    assert list(tmp_path.iterdir()) == []
