"""Whether this process lives, and whether what it needs answers."""

from typing import Any

import redis
from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.db.utils import DatabaseError
from django.http import HttpRequest, JsonResponse
from django.utils.module_loading import import_string
from django_tenants.utils import schema_context

from apps.tenants.backend.connections import connection


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
        redis.Redis.from_url(settings.LIVE_URL, socket_timeout=2, socket_connect_timeout=2).ping()
    except redis.RedisError:
        answer |= {"ok": False, "missing": "live carrier"}
    return JsonResponse(answer, status=200 if answer["ok"] else 503)
