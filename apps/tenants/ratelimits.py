"""Budgets on the public cache: guesses of an account over all hosts, requests of an address and of a member."""

import logging
from collections.abc import Callable
from contextlib import suppress
from functools import wraps
from hashlib import sha256
from ipaddress import ip_address, ip_network
from typing import cast

from django.conf import settings
from django.core.cache import caches
from django.http import HttpRequest, HttpResponseBase
from django_ratelimit.core import is_ratelimited
from django_ratelimit.exceptions import Ratelimited
from redis.exceptions import RedisError

from apps.tenants.backend.connections import connection

GUESSES, GUESS_SECONDS = 10, 15 * 60

logger = logging.getLogger(__name__)


def spend_guess(account: str) -> bool:
    """Counts one guess; False, and not counted, after ten: the account then rests until 15 minutes have passed.

    Every guess begins the quarter of an hour anew, so no 15 minutes hold more than ten. Raises RedisError.
    """
    counters, key = caches["public"], _guess_key(account)
    counters.add(key, 0, GUESS_SECONDS)
    try:
        if counters.incr(key) <= GUESSES:
            counters.touch(key, GUESS_SECONDS)
            return True
        counters.decr(key)
    except ValueError:  # it ended between two lines
        return spend_guess(account)
    return False


def refund_guess(account: str) -> None:
    """It was the right answer, and no guess."""
    with suppress(ValueError):
        caches["public"].decr(_guess_key(account))


def _guess_key(account: str) -> str:
    """No name of a person lies in a cache."""
    return f"guesses:{sha256(account.encode()).hexdigest()}"


def client_address(request: HttpRequest) -> str:
    """The rightmost hop, behind a trusted proxy: what a client writes into X-Forwarded-For stands left of it."""
    hops = request.headers.get("X-Forwarded-For", "").split(",") if settings.SECURE_PROXY_SSL_HEADER else []
    for candidate in (hops[-1].strip() if hops else "", request.META.get("REMOTE_ADDR", "")):
        try:
            return str(ip_address(candidate))
        except ValueError:
            continue
    return "127.0.0.1"  # a Unix socket has no address


def address_key(group: str, request: HttpRequest) -> str:
    """One budget for an address; of IPv6, for the /64 that one customer has."""
    address = ip_address(client_address(request))
    return str(ip_network((address, 64), strict=False)) if address.version == 6 else str(address)


def mailbox_key(group: str, request: HttpRequest) -> str:
    """One budget for the address that a form would have a mail sent to."""
    return sha256(f"{connection.schema_name}:{request.POST.get('email', '').strip().lower()}".encode()).hexdigest()


def member_key(group: str, request: HttpRequest) -> str:
    """One budget for a signed-in member."""
    return f"{connection.schema_name}:{request.user.pk}"


def limited[**P, R: HttpResponseBase](rate: str) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """A page with one budget a member; while the counters are away it is open, because a page is no guess."""

    def decorate(view: Callable[P, R]) -> Callable[P, R]:
        @wraps(view)
        def guarded(*args: P.args, **kwargs: P.kwargs) -> R:
            if _is_over(cast(HttpRequest, args[0]), f"{view.__module__}.{view.__qualname__}", rate):
                raise Ratelimited
            return view(*args, **kwargs)

        return guarded

    return decorate


def is_spent(request: HttpRequest, group: str, key: Callable[[str, HttpRequest], str], rate: str) -> bool:
    """Counts one more for the key; while the counters are away everything is spent, because a stranger asks."""
    try:
        return bool(is_ratelimited(request, group=group, key=key, rate=rate, increment=True))
    except RedisError as error:
        logger.warning("rate limits away: %s", error)
        return True


def _is_over(request: HttpRequest, group: str, rate: str) -> bool:
    try:
        return bool(is_ratelimited(request, group=group, key=member_key, rate=rate, increment=True))
    except RedisError as error:
        logger.warning("rate limits away: %s", error)
        return False
