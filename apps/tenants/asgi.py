"""Who opens a socket: origin, host, session and user, found in one thread hop."""

from collections.abc import Awaitable, Callable
from typing import Any

from channels.db import database_sync_to_async
from django.conf import settings
from django.contrib.auth import get_user
from django.http import HttpRequest, parse_cookie
from django.utils.module_loading import import_string
from django_tenants.utils import tenant_context

from apps.tenants.backend.sessions import SessionStore
from apps.tenants.live.topics import user_topic
from apps.tenants.middleware import host_name, is_canonical, is_own_origin, organization_of

Application = Callable[[dict[str, Any], Any, Any], Awaitable[None]]


class OrganizationAuthMiddleware:
    """Puts organization, user and session_key into the scope; a foreign origin, host or path is refused.

    channels' AuthMiddlewareStack is not used: it reads the session in whatever schema the thread has.
    """

    def __init__(self, inner: Application) -> None:
        self.inner = inner

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        """A refusal before the handshake is HTTP 403."""
        host, origin = _only(scope, b"host"), _only(scope, b"origin")
        may_ask = scope["path"] == "/ws/" and host_name(host) and is_own_origin(origin, host)
        known = await _known(host, _only(scope, b"cookie")) if may_ask else None
        if known is None:
            await receive()
            await send({"type": "websocket.close", "code": 4403})
            return
        await self.inner({**scope, **known}, receive, send)


def _only(scope: dict[str, Any], name: bytes) -> str:
    """A header that was sent once; two hosts or two origins are none."""
    values = [value.decode("latin-1") for key, value in scope["headers"] if key.lower() == name]
    return values[0] if len(values) == 1 else ""


@database_sync_to_async
def _known(host: str, cookies: str) -> dict[str, Any] | None:
    organization = organization_of(host_name(host))
    if organization is None or not is_canonical(host):
        return None
    with tenant_context(organization):
        request = HttpRequest()
        request.session = SessionStore(parse_cookie(cookies).get(settings.SESSION_COOKIE_NAME))
        user = get_user(request)
        signed_in = user if user.is_authenticated and _is_let_in(request, user) else None
        return {
            "organization": organization,
            "user": signed_in,
            "user_topic": user_topic(signed_in) if signed_in else "",
            "session_key": request.session.session_key or "",
        }


def _is_let_in(request: HttpRequest, user: Any) -> bool:
    """The application of people says what a session must have shown before it hears anything."""
    return bool(import_string(settings.SOCKET_GUARD)(request, user))
