"""What no page of this server says on its socket, and files that are announced and do not come."""

import asyncio
import itertools

import pytest
from starlette.requests import ClientDisconnect, Request
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.WidgetStates_pb2 import WidgetState

from app.controls.files import _Made
from app.server import messages, uploads


def heard(*sent):
    """What reaches Streamlit of some messages, and what the browser is sent."""
    waiting = [{"type": "websocket.connect"}, *({"type": "websocket.receive", "bytes": one} for one in sent)]
    got, answered = [], []

    async def receive():
        return waiting.pop(0) if waiting else {"type": "websocket.disconnect", "code": 1000}

    async def send(message):
        answered.append(message)

    async def server(scope, receive, send):
        while not got or got[-1]["type"] != "websocket.disconnect":
            got.append(await receive())

    asyncio.run(messages.Messages(server)({"type": "websocket", "path": "/_stcore/stream"}, receive, send))
    return got, answered


def said(**kinds):
    return BackMsg(**kinds).SerializeToString()


def test_what_pages_say_is_heard_and_what_none_says_is_not():
    run, files, rows = BackMsg(), BackMsg(), BackMsg()
    run.rerun_script.page_name = "layer_explorer"
    files.file_urls_request.file_names.append("a.png")
    rows.backend_operation_request.request_id = "1"
    pages = [one.SerializeToString() for one in (run, files, rows)]
    pages += [said(stop_script=True), said(app_heartbeat=True), b"\xff"]  # at the last Streamlit ends the socket
    others = [
        said(clear_cache=True),  # of everybody
        said(load_git_info=True),  # names of files beside the code
        said(set_run_on_save=True),
        said(debug_shutdown_runtime=True),
        said(debug_disconnect_websocket=True),
        b"",
    ]
    got, answered = heard(*(one for both in itertools.zip_longest(others, pages) for one in both if one is not None))
    assert [one.get("bytes") for one in got[1:-1]] == pages
    assert answered == []


def widgets(count):
    message = BackMsg()
    message.rerun_script.widget_states.widgets.extend([WidgetState(id="a", trigger_value=True)] * count)
    return message.SerializeToString()


def chosen(count):
    message = BackMsg()
    for place in range(2):
        values = ["x"] * (count // 2 + count % 2 * place)
        message.rerun_script.widget_states.widgets.add(id=str(place)).string_array_value.data.extend(values)
    return message.SerializeToString()


def names(count):
    message = BackMsg()
    message.file_urls_request.file_names.extend(["a"] * count)
    return message.SerializeToString()


def long_query(count):
    message = BackMsg()
    message.rerun_script.query_string = "a" * count
    return message.SerializeToString()


@pytest.mark.parametrize(
    ("make", "most"),
    [
        (widgets, messages.MOST_WIDGETS),
        (chosen, messages.MOST_VALUES),  # 600,000 of them among 25,000 classes would take 70 seconds
        (names, uploads.MOST_FILES),  # a million of them took 17 seconds of everybody's time
        (long_query, messages.MOST_BYTES - 100),
    ],
)
def test_a_message_is_bounded_and_one_beyond_ends_the_socket(make, most):
    got, answered = heard(make(most), said(app_heartbeat=True))
    assert len(got) == 4
    assert answered == []
    got, answered = heard(make(most + 101), said(app_heartbeat=True))
    assert [one["type"] for one in got] == ["websocket.connect", "websocket.disconnect"]
    assert answered == [{"type": "websocket.close", "code": 1009}]


def test_who_says_much_at_once_is_heard_later_and_all_of_it(monkeypatch):
    """A hundred messages at once, on a clock of the test's own."""
    now, waited = 0.0, []

    async def sleep(seconds):
        nonlocal now
        waited.append(seconds)
        now += seconds

    monkeypatch.setattr(messages.asyncio, "sleep", sleep)
    monkeypatch.setattr(messages.time, "monotonic", lambda: now)
    got, _ = heard(*[said(app_heartbeat=True)] * 100)
    assert len(got) == 102
    assert waited == [messages.IN_S] * 2  # after 40 and after 80 of them


def sent(*parts, most=1_000_000, monkeypatch):
    """The status and text of the answer to an upload of which these parts come, a number being seconds of nothing."""
    monkeypatch.setattr(uploads, "is_open", lambda session: True)
    monkeypatch.setattr(uploads, "account_of_request", lambda scope: None)
    monkeypatch.setattr(uploads, "held", dict)
    waiting, answered, read = list(parts), [], []

    async def receive():
        if waiting and isinstance(waiting[0], float):
            await asyncio.sleep(waiting.pop(0))
        if not waiting:
            await asyncio.sleep(60)
        return {
            "type": "http.request",
            "body": waiting.pop(0),
            "more_body": bool(waiting) or most > sum(map(len, read)),
        }

    async def send(message):
        answered.append(message)

    async def server(scope, receive, send):
        async for part in Request(scope, receive).stream():
            read.append(part)
            if sum(map(len, read)) >= most:
                break
        await send({"type": "http.response.start", "status": 204, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    door = uploads.Uploads(server)
    scope = {"type": "http", "method": "PUT", "path": "/_stcore/upload_file/one/a"}
    asyncio.run(door(scope | {"headers": [(b"content-length", str(most).encode())]}, receive, send))
    assert door.arriving == {}
    return answered[0]["status"], answered[1]["body"]


def test_a_file_that_does_not_come_is_not_waited_for(monkeypatch):
    """It would count against everybody's quota for as long as its socket is open."""
    monkeypatch.setattr(uploads, "IDLE_S", 0.1)
    late = (408, b"The file did not come in time. Send it again.\n")
    assert sent(b"a" * 100, b"b" * 100, most=200, monkeypatch=monkeypatch)[0] == 204
    assert sent(b"a" * 100, most=200, monkeypatch=monkeypatch) == late
    assert sent(most=200, monkeypatch=monkeypatch) == late


def test_a_file_that_comes_byte_by_byte_has_an_end_too(monkeypatch):
    monkeypatch.setattr(uploads, "FIRST_S", 0.1)
    slow = itertools.chain.from_iterable(zip([0.01] * 100, [b"a"] * 100, strict=True))
    assert sent(*slow, most=101, monkeypatch=monkeypatch)[0] == 408


@pytest.mark.parametrize("parts", [True, False])
def test_a_length_is_not_believed_of_a_file_that_comes_in_parts(parts, monkeypatch):
    """Where both are said, servers go by the parts: a file of 20 MB would count as a byte while it arrives."""
    monkeypatch.setattr(uploads, "is_open", lambda session: True)
    monkeypatch.setattr(uploads, "account_of_request", lambda scope: None)
    monkeypatch.setattr(uploads, "held", dict)
    counted = []

    async def server(scope, receive, send):
        counted.append(door.arriving["one"])

    door = uploads.Uploads(server)
    headers = [(b"content-length", b"1"), *([(b"transfer-encoding", b"chunked")] if parts else [])]
    scope = {"type": "http", "method": "PUT", "path": "/_stcore/upload_file/one/a", "headers": headers}
    asyncio.run(door(scope, None, None))
    assert counted[0] >= 20_000_000 if parts else counted == [1]


def test_a_browser_that_leaves_is_no_answer_of_ours(monkeypatch):
    monkeypatch.setattr(uploads, "is_open", lambda session: True)
    monkeypatch.setattr(uploads, "account_of_request", lambda scope: None)
    monkeypatch.setattr(uploads, "held", dict)

    async def receive():
        return {"type": "http.disconnect"}

    async def server(scope, receive, send):
        async for _ in Request(scope, receive).stream():
            pass

    scope = {"type": "http", "method": "PUT", "path": "/_stcore/upload_file/one/a", "headers": []}
    with pytest.raises(ClientDisconnect):
        asyncio.run(uploads.Uploads(server)(scope, receive, None))


def test_a_file_is_made_once_however_often_it_is_asked_for():
    made = []

    def make():
        made.append(1)
        return b"report"

    file = _Made(make)
    assert [file() for _ in range(3)] == [b"report"] * 3
    assert made == [1]
