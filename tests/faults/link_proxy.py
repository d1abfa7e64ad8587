"""A TCP proxy that understands PostgreSQL's messages and strikes at one chosen exchange.

An exchange is what the client sends up to a message that the server answers with ReadyForQuery
(Query or Sync), and that answer. Exchanges are counted, from 1, on the first connection that is to
change something; its start-up is none of them.
"""

from __future__ import annotations

import contextlib
import socket
import struct
import threading
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

COMMIT = b"COMMIT\0"
_FATAL_SECONDS = 30.0
# What the tool says first where it is going to write; a reader says neither.
_WRITERS = (b"ISOLATION LEVEL READ COMMITTED", b"current_setting('transaction_read_only')")


class Side(StrEnum):
    """When the fault strikes, seen from the message of the client."""

    BEFORE = "before the server got it"
    DURING = "while the server works on it"
    AFTER = "answered, not yet seen"


@dataclass(frozen=True, slots=True)
class Strike:
    """The fault `act` (called with the backend's process id) at one exchange.

    `cuts`: the link ends there, and an answer that the server gave is lost.
    """

    number: int
    side: Side
    act: Callable[[int], None]
    cuts: bool


class _Closed(Exception):
    """One end has hung up."""


class LinkProxy:
    """Accepts on `port` (0: any); passes on to `to`. `seen` keeps the counted exchanges."""

    def __init__(
        self, to: int, strike: Strike | None, on_commit: Callable[[], None], port: int = 0
    ) -> None:
        self._to = to
        self._strike = strike
        self._on_commit = on_commit
        self._listener = socket.create_server(("127.0.0.1", port))
        self._threads = [threading.Thread(target=self._accept)]
        self._sockets: list[socket.socket] = []
        self.port: int = self._listener.getsockname()[1]
        self.seen: list[bytes] = []
        self.errors: list[Exception] = []
        self._threads[0].start()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            thread = threading.Thread(target=self._serve, args=(client,))
            self._sockets.append(client)
            self._threads.append(thread)
            thread.start()

    def _serve(self, client: socket.socket) -> None:
        server = None
        try:
            server = socket.create_connection(("127.0.0.1", self._to))
            self._sockets.append(server)
            server.settimeout(_FATAL_SECONDS)
            self._talk(client, server)
        except (_Closed, OSError):
            pass
        except Exception as error:  # told by `close`: a thread cannot fail a test
            self.errors.append(error)
        finally:
            for end in (client, server):
                if end is not None:
                    end.close()

    def _talk(self, client: socket.socket, server: socket.socket) -> None:
        length = _read(client, 4)
        server.sendall(length + _read(client, struct.unpack("!I", length)[0] - 4))
        answer = self._answer(client, server)
        pid = _backend_pid(answer)
        client.sendall(answer)
        request, last = _request(client)
        if self.seen or not any(word in request for word in _WRITERS):
            server.sendall(request)
            self._relay(client, server)
            return
        while last != b"X":
            if COMMIT in request:
                self._on_commit()
            self.seen.append(request)
            strike = self._strike
            due = strike is not None and strike.number == len(self.seen)
            self._exchange(client, server, request, pid, strike if due else None)
            request, last = _request(client)
        server.sendall(request)

    def _relay(self, client: socket.socket, server: socket.socket) -> None:
        """Pass everything on in both directions, until one end hangs up."""
        server.settimeout(None)
        back = threading.Thread(target=_pour, args=(server, client))
        self._threads.append(back)
        back.start()
        _pour(client, server)
        back.join()

    def _exchange(
        self,
        client: socket.socket,
        server: socket.socket,
        request: bytes,
        pid: int,
        strike: Strike | None,
    ) -> None:
        def hit(side: Side) -> None:
            if strike is not None and strike.side is side:
                strike.act(pid)
                if strike.cuts:
                    raise _Closed

        hit(Side.BEFORE)
        server.sendall(request)
        hit(Side.DURING)
        answer = self._answer(client, server)
        hit(Side.AFTER)
        client.sendall(answer)

    @staticmethod
    def _answer(client: socket.socket, server: socket.socket) -> bytes:
        """Everything up to ReadyForQuery; when the server hangs up, its last words are passed on."""
        data = b""
        while True:
            try:
                kind, frame = _frame(server)
            except (_Closed, OSError):
                with contextlib.suppress(OSError):
                    client.sendall(data)
                raise _Closed from None
            data += frame
            if kind == b"Z":
                return data

    def close(self) -> None:
        """Hang up everywhere and wait for the threads; raises what went wrong in one of them."""
        for one in (self._listener, *self._sockets):
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()
        for thread in self._threads:
            thread.join(_FATAL_SECONDS)
        if self.errors:
            raise self.errors[0]


def _pour(source: socket.socket, sink: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while data := source.recv(65536):
            sink.sendall(data)
    for end in (source, sink):
        with contextlib.suppress(OSError):
            end.shutdown(socket.SHUT_RDWR)


def _read(source: socket.socket, size: int) -> bytes:
    data = b""
    while len(data) < size:
        part = source.recv(size - len(data))
        if not part:
            raise _Closed
        data += part
    return data


def _frame(source: socket.socket) -> tuple[bytes, bytes]:
    head = _read(source, 5)
    return head[:1], head + _read(source, struct.unpack("!I", head[1:])[0] - 4)


def _request(client: socket.socket) -> tuple[bytes, bytes]:
    data = b""
    while True:
        kind, frame = _frame(client)
        data += frame
        if kind in (b"Q", b"S", b"X"):
            return data, kind


def _backend_pid(answer: bytes) -> int:
    place = 0
    while place < len(answer):
        size = struct.unpack("!I", answer[place + 1 : place + 5])[0]
        if answer[place : place + 1] == b"K":
            return int(struct.unpack("!I", answer[place + 5 : place + 9])[0])
        place += 1 + size
    return 0
