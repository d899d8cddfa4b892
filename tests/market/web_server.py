"""A local web server that answers as a test says: whole, cut short, drop by drop, too much, or elsewhere."""

from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread
from typing import Any, Self
from urllib.parse import parse_qs, urlsplit


@dataclass
class Answer:
    """`length` is what the header claims, None for the truth; `drip` is the pause after each byte."""

    body: bytes = b""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    length: int | None = None
    drip: float = 0.0


type Script = Callable[[str, dict[str, list[str]], Any], Answer]


class WebServer:
    """On a port of 127.0.0.1; `script(path, query, headers)` says what is answered, `asked` what was asked."""

    def __init__(self) -> None:
        self.script: Script = lambda path, query, headers: Answer(status=404)
        self.asked: list[tuple[str, dict[str, list[str]]]] = []
        self._stop = Event()
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                parts = urlsplit(self.path)
                query = parse_qs(parts.query)
                outer.asked.append((parts.path, query))
                self._send(outer.script(parts.path, query, self.headers))

            def _send(self, answer: Answer) -> None:
                self.send_response(answer.status)
                length = len(answer.body) if answer.length is None else answer.length
                for name, value in ({"Content-Length": str(length)} | answer.headers).items():
                    self.send_header(name, value)
                self.end_headers()
                outer._pour(self.wfile, answer)

            def log_message(self, *args: object) -> None:
                """Nothing on the test's screen."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def _pour(self, file: Any, answer: Answer) -> None:
        """A reader who went away is not waited for."""
        parts = [bytes([byte]) for byte in answer.body] if answer.drip else [answer.body]
        for part in parts:
            try:
                file.write(part)
            except OSError:
                return
            if answer.drip and self._stop.wait(answer.drip):
                return

    def __enter__(self) -> Self:
        Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._server.shutdown()
        self._server.server_close()
