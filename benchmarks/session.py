"""A session that speaks the browser's protocol to a running server, so that only the server's time is counted."""

from __future__ import annotations

import time
from dataclasses import dataclass, field

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.WidgetStates_pb2 import WidgetState
from websockets.sync.client import connect


@dataclass
class Session:
    """One open page.

    Attributes
    ----------
    server : "http://localhost:8501"
    query : the address's query, without the question mark
    """

    server: str
    query: str = ""
    _states: dict[str, WidgetState] = field(default_factory=dict)
    _fragments: dict[str, str] = field(default_factory=dict)
    _page: str = ""

    def __enter__(self) -> Session:
        address = self.server.replace("http", "ws") + "/_stcore/stream"
        self._socket = connect(address, origin=self.server, subprotocols=["streamlit"], max_size=None)
        return self

    def __exit__(self, *_: object) -> None:
        self._socket.close()

    def run(self, fragment: str = "") -> tuple[float, list[ForwardMsg]]:
        """Run the page or one of its fragments: (seconds from request to the end of the answer, messages)."""
        request = BackMsg()
        state = request.rerun_script
        state.query_string, state.page_script_hash, state.fragment_id = self.query, self._page, fragment
        state.widget_states.widgets.extend(self._states.values())
        messages = []
        start = time.perf_counter()
        self._socket.send(request.SerializeToString())
        while True:
            message = ForwardMsg()
            message.ParseFromString(self._socket.recv(120))
            messages.append(message)
            if message.WhichOneof("type") == "script_finished":
                break
        seconds = time.perf_counter() - start
        for message in messages:
            self._remember(message)
        return seconds, messages

    def _remember(self, message: ForwardMsg) -> None:
        kind = message.WhichOneof("type")
        if kind == "new_session":
            self._page = message.new_session.page_script_hash or self._page
        if kind == "delta" and message.delta.WhichOneof("type") == "new_element":
            element = message.delta.new_element
            widget = getattr(element, element.WhichOneof("type"))
            if identity := getattr(widget, "id", ""):
                self._fragments[identity] = message.delta.fragment_id

    def slide(self, key: str, value: float) -> tuple[float, list[ForwardMsg]]:
        """Move a slider and run what a browser would: its fragment, if it stands in one."""
        identity = next(name for name in self._fragments if name.endswith(f"-{key}"))
        state = WidgetState(id=identity)
        state.double_array_value.data.append(value)
        self._states[identity] = state
        return self.run(self._fragments[identity])
