"""A TCP proxy that speaks PostgreSQL and, where asked, gives each transaction another server as a pooler does."""

import os
import selectors
import socket
import threading
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager, suppress

import psycopg

READY, IDLE = b"Z", b"I"


class Proxy:
    """One client connection after the other; `servers` are real connections that were authenticated before."""

    def __init__(self, address: tuple[str, int], servers: list[socket.socket], idle_before: int) -> None:
        self.servers, self.idle_before, self.address = servers, idle_before, address
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self.listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            with closing(client), closing(socket.create_connection(self.address)) as first, suppress(OSError):
                self._relay(client, [first, *self.servers])  # until one end hangs up

    def _relay(self, client: socket.socket, servers: list[socket.socket]) -> None:
        """The first server answers the handshake; after `idle_before` idle answers the next one is used."""
        at, idle, messages = 0, 0, bytearray()
        with selectors.DefaultSelector() as ready:
            for one in {client, *servers}:
                ready.register(one, selectors.EVENT_READ)
            while True:
                for key, _ in ready.select():
                    data = key.fileobj.recv(65536)  # type: ignore[union-attr]
                    if not data:
                        return
                    if key.fileobj is client:
                        servers[at].sendall(data)
                        continue
                    client.sendall(data)
                    messages += data
                    idle += _idle_answers(messages)
                    at = max(0, idle - self.idle_before) % len(servers)


def _idle_answers(messages: bytearray) -> int:
    """Takes whole messages off the buffer; how many of them said `ready, no transaction`."""
    count = 0
    while len(messages) >= 5 and len(messages) >= (size := 1 + int.from_bytes(messages[1:5])):
        count += messages[:1] == READY and messages[5:6] == IDLE
        del messages[:size]
    return count


@contextmanager
def proxy(login: Mapping[str, str], *, switches_after: int | None) -> Iterator[int]:
    """Its port. `switches_after` idle answers (the handshake's is one) the server changes; None: never."""
    with psycopg.connect(**login) as other:  # type: ignore[arg-type]
        second = socket.socket(fileno=os.dup(other.pgconn.socket))
        second.setblocking(True)
        servers = [second] if switches_after is not None else []
        found = Proxy((login["host"], int(login["port"])), servers, (switches_after or 1) - 1)
        with closing(second), closing(found.listener):
            yield found.port
