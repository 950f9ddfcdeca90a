"""A network where nobody answers: whatever leaves a machine is read here, and thrown away.

Run as a program within a network namespace of its own, it starts the dashboard, asks it what browsers would, and prints
as JSON what came of that and which packets tried to leave.
"""

import fcntl
import http.client
import json
import os
import select
import socket
import struct
import subprocess
import sys
import threading
import time
from pathlib import Path

from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from tests.support.benchmarks import benchmark
from tests.support.servers import ROOT, answers, free_ports

NAME_SERVER = "198.51.100.53"  # of a block that is kept for documentation
_TUNSETIFF, _TUN, _NO_INFO = 0x400454CA, 0x0001, 0x1000


class Wire:
    """A network interface that everything beyond this machine goes to; what was sent is in `packets`."""

    def __init__(self):
        self.packets = []
        self._file = os.open("/dev/net/tun", os.O_RDWR)
        fcntl.ioctl(self._file, _TUNSETIFF, struct.pack("16sH", b"wire0", _TUN | _NO_INFO))
        for said in (
            "link set lo up",
            "addr add 10.99.0.1/24 dev wire0",
            "link set wire0 up",
            "route add default via 10.99.0.2",
        ):
            subprocess.run(["ip", *said.split()], check=True, capture_output=True)
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self):
        while True:
            select.select([self._file], [], [])
            packet = os.read(self._file, 65_536)
            if packet[0] >> 4 == 4:  # the kernel asks for its neighbours by version 6, whatever programs do
                port = struct.unpack("!H", packet[22:24])[0] if packet[9] in (6, 17) else 0
                self.packets.append(f"{socket.inet_ntoa(packet[16:20])}:{port}")

    def notices(self):
        """Whether a packet that is sent is noticed."""
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as out:
            out.sendto(b"?", ("203.0.113.1", 9))
        deadline = time.monotonic() + 5
        while "203.0.113.1:9" not in self.packets and time.monotonic() < deadline:
            time.sleep(0.01)
        found = "203.0.113.1:9" in self.packets
        self.packets.clear()
        return found


def handshake(port, origin):
    """The status with which a page of that origin is let in or refused, and the seconds that it took."""
    begun = time.monotonic()
    try:
        address = f"ws://127.0.0.1:{port}/_stcore/stream"
        connect(address, origin=origin, subprotocols=["streamlit"], open_timeout=60).close()
        status = 101
    except InvalidStatus as error:
        status = error.response.status_code
    return [status, time.monotonic() - begun]


def main(folder, pages):
    wire = Wire()
    found = {"noticed": wire.notices()}
    (port,) = free_ports(1)
    log = Path(folder) / "log"
    command = [sys.executable, "-m", "streamlit", "run", "app/main.py", "--server.address", "0.0.0.0"]
    with log.open("w") as out:
        server = subprocess.Popen([*command, "--server.port", str(port)], cwd=ROOT, stdout=out, stderr=out)
        try:
            answers(f"http://127.0.0.1:{port}", log)
            found["foreign"] = [handshake(port, origin) for origin in ("http://evil.example", "null")]
            found["own"] = handshake(port, f"http://127.0.0.1:{port}")
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
            connection.request("GET", "/")
            found["start"] = connection.getresponse().status
            connection.close()
            found["pages"] = {}
            for page in pages:
                with benchmark("session").Session(f"http://127.0.0.1:{port}", page=page) as session:
                    found["pages"][page] = len(session.run()[1])
        finally:
            server.terminate()
            server.wait(20)
    print(json.dumps(found | {"sent": wire.packets}))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
