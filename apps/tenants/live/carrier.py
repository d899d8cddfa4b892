"""The sending end: any process publishes fragments, every web process hears them once."""

import json
import logging
import time
from collections.abc import Mapping
from functools import cache

import redis
from django.conf import settings

logger = logging.getLogger(__name__)

CHANNEL = "live"
OPEN = "live:open"  # sorted set: topic -> until when some page is known to show it


@cache
def _carrier() -> redis.Redis:
    return redis.Redis.from_url(settings.LIVE_URL, decode_responses=True, socket_timeout=5, socket_connect_timeout=5)


def push(topic: str, fragments: Mapping[str, str]) -> None:
    """Replace live cells on every page that shows `topic`. `fragments`: live key -> element."""
    push_many({topic: fragments})


def push_many(cells: Mapping[str, Mapping[str, str]]) -> None:
    """Several topics in one message. Lost when the carrier is away: pages ask again when it is back."""
    if cells:
        _publish({"cells": cells})


def disconnect(topic: str) -> None:
    """Close the sockets of one member's user topic (signed out, removed)."""
    _publish({"close": topic})


def disconnect_organization(schema: str) -> None:
    """Close every socket of an organization (suspended, closing). One that misses it is closed when it asks again."""
    _publish({"rest": schema})


def _publish(message: Mapping[str, object]) -> None:
    try:
        _carrier().publish(CHANNEL, json.dumps(message))
    except redis.RedisError as error:
        logger.warning("live carrier away: %s", error)


def open_topics(form: str) -> set[str]:
    """Private topics of a form ("amounts") that some page shows now; empty while the carrier is away."""
    return {topic for topic in _shown() if topic.endswith(f":{form}")}


def shown_topics(kind: str) -> set[str]:
    """Public topics of a kind ("quote") that some page of anybody shows now; empty while the carrier is away."""
    return {topic for topic in _shown() if topic.startswith(f"{kind}:")}


def _shown() -> set[str]:
    try:
        return set(map(str, _carrier().zrangebyscore(OPEN, time.time(), "+inf")))
    except redis.RedisError as error:
        logger.warning("live carrier away: %s", error)
        return set()
