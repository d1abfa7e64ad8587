"""Behind a pooler: recognised by its own process ids, and never sent what it refuses."""

from __future__ import annotations

import socket
import struct
import threading
from collections.abc import Callable, Iterator

import pytest

from fixit_tui.model.events import ignore_event
from fixit_tui.postgres.connect import connect, resolve_dsn
from fixit_tui.postgres.local_server import LocalServer
from fixit_tui.postgres.reader import PgReader

_KEY = b"K" + struct.pack("!I", 12)


class Pooler:
    """Passes bytes on, but hands out a process id of its own, as poolers do."""

    def __init__(self, port: int) -> None:
        self.to = port
        self.listening = socket.create_server(("127.0.0.1", 0))
        self.port: int = self.listening.getsockname()[1]
        self.startup = b""
        self.sockets: list[socket.socket] = []
        self.threads = [threading.Thread(target=self._accept)]
        self.threads[0].start()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self.listening.accept()
            except OSError:
                return
            server = socket.create_connection(("127.0.0.1", self.to))
            self.sockets += [client, server]
            for source, sink, change in (
                (client, server, self._heard),
                (server, client, self._renumbered),
            ):
                thread = threading.Thread(target=self._pump, args=(source, sink, change))
                self.threads.append(thread)
                thread.start()

    def _heard(self, data: bytes) -> bytes:
        self.startup = self.startup or data
        return data

    @staticmethod
    def _renumbered(data: bytes) -> bytes:
        place = data.find(_KEY)
        if place < 0:
            return data
        return data[: place + 5] + struct.pack("!I", 7) + data[place + 9 :]

    @staticmethod
    def _pump(source: socket.socket, sink: socket.socket, change: Callable[[bytes], bytes]) -> None:
        try:
            while data := source.recv(65536):
                sink.sendall(change(data))
            sink.shutdown(socket.SHUT_WR)
        except OSError:
            return

    def close(self) -> None:
        self.listening.shutdown(socket.SHUT_RDWR)
        for one in (self.listening, *self.sockets):
            one.close()
        for thread in self.threads:
            thread.join(5)


@pytest.fixture
def pooler(server: LocalServer) -> Iterator[Pooler]:
    found = Pooler(server.port)
    yield found
    found.close()


def test_a_pooler_is_recognised_and_served(
    server: LocalServer, pooler: Pooler, database: str
) -> None:
    behind = database.replace(f":{server.port}/", f":{pooler.port}/")
    reader = PgReader(connect(resolve_dsn(behind + "?sslmode=disable&gssencmode=disable", {})))
    try:
        assert reader.target().pooled is True
        rows = reader.capture(frozenset(), ignore_event, lambda: False)
        assert rows["server"][0]["pooled"] == 1
    finally:
        reader.close()
    words = pooler.startup[8:].split(b"\0")
    sent = dict(zip(words[::2], words[1::2], strict=False))
    # What PgBouncer accepts at start-up; `options` and time limits are not among it.
    assert sent.keys() - {b""} <= {b"user", b"database", b"application_name", b"client_encoding"}
