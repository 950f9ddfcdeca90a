"""A session that speaks the browser's protocol to a running server, so that only the server's time is counted."""

from __future__ import annotations

import time
import uuid
from dataclasses import dataclass, field

import requests
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.WidgetStates_pb2 import WidgetState
from websockets.sync.client import connect

XSRF = "_streamlit_xsrf"


@dataclass
class Session:
    """One open page.

    Attributes
    ----------
    server : "http://localhost:8501"
    query : the address's query, without the question mark
    page : its path, without the slash
    headers : sent when the socket is opened, such as cookies
    """

    server: str
    query: str = ""
    page: str = "layer_explorer"
    headers: dict[str, str] = field(default_factory=dict)
    elements: dict[str, str] = field(default_factory=dict)  # path of an element of HTML -> its body
    polled: str = ""  # the fragment that the page asks to be run again and again
    _states: dict[str, WidgetState] = field(default_factory=dict)
    _fragments: dict[str, str] = field(default_factory=dict)
    _hash: str = ""
    _session: str = ""

    def __enter__(self) -> Session:
        address = self.server.replace("http", "ws") + "/_stcore/stream"
        self._socket = connect(
            address, origin=self.server, subprotocols=["streamlit"], max_size=None, additional_headers=self.headers
        )
        return self

    def __exit__(self, *_: object) -> None:
        self._socket.close()

    def _receive(self) -> ForwardMsg:
        message = ForwardMsg()
        message.ParseFromString(self._socket.recv(120))
        return message

    def run(self, fragment: str = "") -> tuple[float, list[ForwardMsg]]:
        """Run the page or one of its fragments: (seconds from request to the end of the answer, messages).

        A run that ends in another one, as one does that asks for it itself, is followed to its end.
        """
        request = BackMsg()
        state = request.rerun_script
        state.query_string, state.page_script_hash, state.fragment_id = self.query, self._hash, fragment
        if not self._hash:
            state.page_name = self.page
        state.widget_states.widgets.extend(self._states.values())
        messages: list[ForwardMsg] = []
        start = time.perf_counter()
        self._socket.send(request.SerializeToString())
        while True:
            message = self._receive()
            messages.append(message)
            kind = message.WhichOneof("type")
            if kind == "script_finished" and message.script_finished != ForwardMsg.FINISHED_EARLY_FOR_RERUN:
                break
        seconds = time.perf_counter() - start
        for message in messages:
            self._remember(message)
        for state in self._states.values():
            state.ClearField("trigger_value")
        return seconds, messages

    def _remember(self, message: ForwardMsg) -> None:
        kind = message.WhichOneof("type")
        if kind == "navigation":  # a new session's hash is that of the entry point
            self._hash = message.navigation.page_script_hash or self._hash
        if kind == "new_session":
            self._session = message.new_session.initialize.session_id or self._session
        if kind == "auto_rerun":
            self.polled = message.auto_rerun.fragment_id
        if kind == "page_info_changed":
            self.query = message.page_info_changed.query_string
        if kind == "delta" and message.delta.WhichOneof("type") == "new_element":
            element = message.delta.new_element
            what = element.WhichOneof("type")
            path = "/".join(map(str, message.metadata.delta_path))
            self.elements.pop(path, None)
            if what == "html":
                self.elements[path] = element.html.body
            widget = getattr(element, what)
            if identity := getattr(widget, "id", ""):
                self._fragments[identity] = message.delta.fragment_id

    def _identity(self, key: str) -> str:
        return next(name for name in reversed(self._fragments) if name.endswith(f"-{key}"))

    def slide(self, key: str, value: float) -> tuple[float, list[ForwardMsg]]:
        """Move a slider and run what a browser would: its fragment, if it stands in one."""
        identity = self._identity(key)
        state = WidgetState(id=identity)
        state.double_array_value.data.append(value)
        self._states[identity] = state
        return self.run(self._fragments[identity])

    def look(self) -> tuple[float, list[ForwardMsg]]:
        """Run the fragment that a browser runs by itself, once."""
        return self.run(self.polled)

    def choose(self, key: str, option: str) -> tuple[float, list[ForwardMsg]]:
        """Choose an option of a radio."""
        identity = self._identity(key)
        self._states[identity] = WidgetState(id=identity, string_value=option)
        return self.run(self._fragments[identity])

    def press(self, key: str) -> tuple[float, list[ForwardMsg]]:
        """Press a button."""
        identity = self._identity(key)
        self._states[identity] = WidgetState(id=identity, trigger_value=True)
        seconds, messages = self.run(self._fragments[identity])
        del self._states[identity]
        return seconds, messages

    def upload(self, key: str, name: str, content: bytes) -> tuple[float, list[ForwardMsg]]:
        """Drop a file on an uploader, as a browser does: ask for a place, put it there, run the page."""
        request = BackMsg()
        asked = uuid.uuid4().hex
        request.file_urls_request.request_id = asked
        request.file_urls_request.file_names.append(name)
        request.file_urls_request.session_id = self._session
        self._socket.send(request.SerializeToString())
        while True:
            answer = self._receive()
            if answer.WhichOneof("type") == "file_urls_response" and answer.file_urls_response.response_id == asked:
                break
        (place,) = answer.file_urls_response.file_urls
        token = requests.get(f"{self.server}/_stcore/health", timeout=30).cookies[XSRF]
        put = requests.put(
            self.server + place.upload_url,
            files={"file": (name, content)},
            timeout=60,
            cookies={XSRF: token},
            headers={"X-Xsrftoken": token},
        )
        put.raise_for_status()
        identity = self._identity(key)
        state = WidgetState(id=identity)
        info = state.file_uploader_state_value.uploaded_file_info.add()
        info.name, info.size, info.file_id = name, len(content), place.file_id
        info.file_urls.CopyFrom(place)
        self._states[identity] = state
        return self.run(self._fragments[identity])
