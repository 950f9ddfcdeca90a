"""Python imports this when it starts, where this folder is on its path: it notes whom a process asks elsewhere.

So do the processes that it begins. `tests.support.strangers` reads what was noted.
"""

import os
import sys

_NOTES = os.environ.get("XAI_TEST_STRANGERS", "")
_ASKS = {"socket.connect", "socket.sendto", "socket.sendmsg"}
_LOOKS_UP = {"socket.getaddrinfo", "socket.gethostbyname", "socket.gethostbyaddr"}
_HERE = {"", "localhost", "0.0.0.0", "::", "::1"}


def _watch(event, args):
    if event in _ASKS:
        host = args[1][0] if isinstance(args[1], tuple) else ""  # a file's name, or the one that it is connected to
    elif event in _LOOKS_UP:
        host = args[0] or ""
    else:
        return
    host = host.decode() if isinstance(host, bytes) else str(host)
    if host not in _HERE and not host.startswith("127."):
        with open(_NOTES, "a", encoding="utf-8") as file:  # noqa: PTH123 (nothing more than this is imported here)
            file.write(f"{event} {host}: {' '.join(sys.argv)}\n")


if _NOTES:
    sys.addaudithook(_watch)
