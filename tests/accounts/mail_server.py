"""A mail server on this machine that speaks SMTP, for the client library of Python itself."""

import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any, cast

SMTP = "django.core.mail.backends.smtp.EmailBackend"


class _Session(socketserver.StreamRequestHandler):
    """One connection: as much of RFC 5321 as a client needs."""

    server: "MailServer"

    def handle(self) -> None:
        """Answers until QUIT, or hangs up after DATA while the server is told to."""
        self._say("220 mail.test")
        while line := self.rfile.readline():
            verb = line[:4].upper().decode()
            if verb == "DATA":
                if not self._take():
                    return None
            elif verb == "QUIT":
                return self._say("221 bye")
            else:
                self._say("550 nobody here" if verb == "RCPT" and self.server.refuses else "250 ok")
        return None

    def _take(self) -> bool:
        self._say("354 go on")
        lines = []
        while (line := self.rfile.readline()) not in {b".\r\n", b""}:
            lines.append(line)
        self.server.messages.append(message_from_bytes(b"".join(lines), policy=policy.default))
        if self.server.hangs_up:
            self.server.hangs_up -= 1
            return False
        self._say("250 taken")
        return True

    def _say(self, text: str) -> None:
        self.wfile.write(text.encode() + b"\r\n")


class MailServer(socketserver.ThreadingTCPServer):
    """Keeps what it was given; `hangs_up` times it takes a mail and answers nothing."""

    daemon_threads = True

    def __init__(self, *, hangs_up: int, refuses: bool) -> None:
        super().__init__(("127.0.0.1", 0), _Session)
        self.messages: list[EmailMessage] = []
        self.hangs_up, self.refuses = hangs_up, refuses

    @property
    def mailers(self) -> dict[str, Any]:
        """The setting that leads here."""
        host, port = cast(tuple[str, int], self.server_address[:2])
        return {"default": {"BACKEND": SMTP, "OPTIONS": {"host": host, "port": port, "timeout": 5}}}


@contextmanager
def mail_server(*, hangs_up: int = 0, refuses: bool = False) -> Iterator[MailServer]:
    """Runs until the block ends."""
    with MailServer(hangs_up=hangs_up, refuses=refuses) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()
