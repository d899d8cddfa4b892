"""Topics: their names, the signed list that a page carries, and who may listen.

Public topics begin with their kind (`quote:12`, `feed:clock`); private ones with the organization's schema
(`org_x:<object>:amounts`, `org_x:user:<uuid>`).
"""

from collections import defaultdict
from collections.abc import Iterable
from typing import Any, Protocol, cast

from django.conf import settings
from django.http import HttpRequest
from django.utils.crypto import salted_hmac
from django.utils.module_loading import import_string

from apps.tenants.backend.connections import connection
from apps.tenants.signing import BadSignature, sign, signed

Cells = dict[str, dict[str, str]]  # topic -> live key -> HTML element
PUBLIC_KINDS = frozenset({"quote", "feed"})
MAX_TOPICS = 1000
SALT = "live"


class TopicKind(Protocol):
    """What an application says about its topics; runs in the organization's context."""

    @staticmethod
    def allowed(user: Any, topics: list[str]) -> set[str]:
        """Those that this user may see."""

    @staticmethod
    def cells(topics: list[str]) -> Cells:
        """What they show now."""


def kind_of(topic: str) -> str:
    """The key of settings.LIVE_TOPICS that answers for a topic; an unknown form raises KeyError."""
    first, *rest = topic.split(":")
    kind = first if first in PUBLIC_KINDS else "user" if rest[:1] == ["user"] else topic.rsplit(":", 1)[-1]
    if kind not in settings.LIVE_TOPICS:
        raise KeyError(topic)
    return kind


def is_private(topic: str) -> bool:
    """True if a topic belongs to one organization."""
    return topic.split(":", 1)[0] not in PUBLIC_KINDS


def user_topic(user: Any) -> str:
    """Where one member of the organization in context hears what concerns them alone."""
    return f"{connection.schema_name}:user:{user.pk}"


def sign_topics(request: HttpRequest, topics: Iterable[str]) -> str:
    """The list for the page's body, good for this session in this organization only."""
    payload = {"session": _session_mark(request.session.session_key), "topics": sorted(set(topics))}
    return sign(payload, salt=SALT)


def signed_topics(token: str, *, schema: str, session_key: str) -> list[str]:
    """What sign_topics signed; raises BadSignature for another organization's or session's list."""
    payload = signed(token, salt=SALT, max_age=settings.SESSION_COOKIE_AGE, schema=schema)
    if payload["session"] != _session_mark(session_key):
        raise BadSignature("signed for another session")
    return cast(list[str], payload["topics"][:MAX_TOPICS])


def allowed_topics(user: Any, topics: Iterable[str]) -> list[str]:
    """Those that this user may hear: public ones, and private ones of the organization in context."""
    asked = (topic for topic in topics if not is_private(topic) or topic.startswith(f"{connection.schema_name}:"))
    return sorted(topic for kind, of_kind in _by_kind(asked).items() for topic in _answers(kind).allowed(user, of_kind))


def allowed_cells(user: Any, topics: Iterable[str]) -> Cells:
    """What the topics that this user may hear show now."""
    cells: Cells = {}
    for kind, topics_of_kind in _by_kind(allowed_topics(user, topics)).items():
        cells |= _answers(kind).cells(topics_of_kind)
    return cells


def _by_kind(topics: Iterable[str]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = defaultdict(list)
    for topic in topics:
        found[kind_of(topic)].append(topic)
    return found


def _answers(kind: str) -> TopicKind:
    return cast(TopicKind, import_string(settings.LIVE_TOPICS[kind]))


def _session_mark(session_key: str | None) -> str:
    return salted_hmac("live.session", session_key or "", algorithm="sha256").hexdigest()[:16]
