"""Keys of rate limits: (organization, e-mail) and the client's address, on the public cache."""

from django.conf import settings
from django.http import HttpRequest

from apps.tenants.backend.connections import connection


def account_key(group: str, request: HttpRequest) -> str:
    """One budget for an account, whatever the letter case it is guessed in."""
    return f"{connection.schema_name}:{request.POST.get('username', '').strip().lower()}"


def address_key(group: str, request: HttpRequest) -> str:
    """The rightmost hop: what a client writes into X-Forwarded-For stands left of it."""
    hops = request.headers.get("X-Forwarded-For", "").split(",") if settings.SECURE_PROXY_SSL_HEADER else []
    return (hops[-1].strip() if hops else "") or request.META.get("REMOTE_ADDR") or "local"


def member_key(group: str, request: HttpRequest) -> str:
    """One budget for a signed-in member."""
    return f"{connection.schema_name}:{request.user.pk}"
