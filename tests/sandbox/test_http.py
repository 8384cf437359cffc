"""What the simulated servers take for a request."""

import socket
from collections.abc import Mapping
from typing import Any

from sandbox.http import Answer, serve


class Listener:
    def __init__(self) -> None:
        self.heard: list[bytes] = []

    def handle(
        self, method: str, path: str, query: Mapping[str, Any], headers: Mapping[str, str], body: bytes
    ) -> Answer:
        self.heard.append(body)
        return Answer(200, b"{}")


def _say(port: int, text: bytes) -> bytes:
    with socket.create_connection(("127.0.0.1", port), timeout=5) as peer:
        peer.sendall(text)
        peer.shutdown(socket.SHUT_WR)
        return peer.recv(1000)


def test_a_request_that_ends_before_its_body_is_none() -> None:
    listener = Listener()
    start = b"POST /spaces/create HTTP/1.1\r\nHost: seam\r\nContent-Length: 4\r\n\r\n"
    with serve(listener) as server:
        port = int(server.url.rsplit(":", 1)[1])
        assert _say(port, start) == b""
        assert _say(port, start + b"{}") == b""
        assert listener.heard == []
        assert _say(port, start + b"{  }").startswith(b"HTTP/1.1 200")
    assert listener.heard == [b"{  }"]
