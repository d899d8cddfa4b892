"""Whether this process lives, and whether what it needs answers."""

from functools import cache
from typing import Any

import redis
from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.db.utils import DatabaseError
from django.http import HttpRequest, JsonResponse
from django.utils.module_loading import import_string
from django_tenants.utils import schema_context
from redis.backoff import NoBackoff
from redis.retry import Retry

from apps.tenants.backend.connections import connection


@cache
def _carrier(url: str) -> redis.Redis:
    """One client a process; a connection that the server closed is made anew, once."""
    return redis.Redis.from_url(url, socket_timeout=1, socket_connect_timeout=1, retry=Retry(NoBackoff(), 1))


@login_not_required
def healthz(request: HttpRequest) -> JsonResponse:
    """The process answers."""
    return JsonResponse({"ok": True})


@login_not_required
def readyz(request: HttpRequest) -> JsonResponse:
    """Database, carrier and what is being played; 503 names what is missing."""
    answer: dict[str, Any] = {"ok": True}
    try:
        with schema_context("public"), connection.cursor() as cursor:
            cursor.execute("SELECT 1")
        answer["feed"] = import_string(settings.FEED_LABEL)()
    except DatabaseError:
        answer |= {"ok": False, "missing": "database"}
    try:
        _carrier(settings.LIVE_URL).ping()
    except redis.RedisError:
        answer |= {"ok": False, "missing": "live carrier"}
    return JsonResponse(answer, status=200 if answer["ok"] else 503)
