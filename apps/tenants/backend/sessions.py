"""Sessions as Django keeps them, for keys that Django makes."""

from typing import Any

from django.contrib.sessions.backends import db


class SessionStore(db.SessionStore):
    """Any other key is no session, and PostgreSQL is not asked: it refuses the NUL that a quoted cookie can spell."""

    def _validate_session_key(self, key: Any) -> bool:
        return bool(super()._validate_session_key(key) and key.isascii() and key.isalnum())  # type: ignore[misc]
