"""Where mail goes: the server that an address names, or one file a message in a folder."""

from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

SMTP = "django.core.mail.backends.smtp.EmailBackend"
FILES = "django.core.mail.backends.filebased.EmailBackend"


def mailers(url: str, folder: Path) -> dict[str, Any]:
    """`smtp://user:password@host:587` begins TLS by STARTTLS; `smtps://` is TLS from the first byte."""
    parts = urlsplit(url)
    if not parts.hostname:
        return {"default": {"BACKEND": FILES, "OPTIONS": {"file_path": str(folder)}}}
    options = {
        "host": parts.hostname,
        "port": parts.port,
        "username": unquote(parts.username or ""),
        "password": unquote(parts.password or ""),
        "use_tls": parts.scheme == "smtp",
        "use_ssl": parts.scheme == "smtps",
        "timeout": 10,
    }
    return {"default": {"BACKEND": SMTP, "OPTIONS": options}}
