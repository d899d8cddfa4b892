"""What an open page may still hear: asked again every few seconds, in one thread hop for all of a process's pages."""

from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterable, Mapping
from enum import Enum, auto
from importlib import import_module
from typing import Any, Protocol

from channels.db import database_sync_to_async
from django.conf import settings
from django.contrib.auth import HASH_SESSION_KEY, SESSION_KEY, get_user_model
from django.utils.crypto import constant_time_compare
from django.utils.timezone import now
from django_tenants.utils import schema_context, tenant_context

from apps.tenants.live.topics import allowed_topics, is_private
from apps.tenants.models import Organization


class Page(Protocol):
    """What is asked of an open socket."""

    scope: Mapping[str, Any]  # organization, user, session_key
    topics: frozenset[str]


class Away(Enum):
    """Why a page hears nothing any more."""

    SIGNED_OUT = auto()
    RESTING = auto()


type Verdict = tuple[Any, frozenset[str]] | Away  # the member as they are now and what they may hear

type Judge = Callable[[Iterable[Any]], Awaitable[dict[Any, Verdict]]]


@database_sync_to_async
def judge(pages: Iterable[Page]) -> dict[Page, Verdict]:
    """Two queries an organization, and what its topics ask about each member: pages of one member are asked once."""
    by_schema: dict[str, list[Page]] = defaultdict(list)
    for page in pages:
        by_schema[page.scope["organization"].schema_name].append(page)
    with schema_context("public"):
        active = {one.schema_name: one for one in Organization.objects.active().filter(schema_name__in=by_schema)}
    verdicts: dict[Page, Verdict] = {page: Away.RESTING for pages_of_one in by_schema.values() for page in pages_of_one}
    for schema, organization in active.items():
        with tenant_context(organization):
            verdicts |= _of_organization(by_schema[schema])
    return verdicts


def _of_organization(pages: list[Page]) -> dict[Page, Verdict]:
    keys = {page.scope["session_key"] for page in pages}
    stored = import_module(settings.SESSION_ENGINE).SessionStore.get_model_class().objects
    sessions = {one.pk: one.get_decoded() for one in stored.filter(pk__in=keys, expire_date__gt=now())}
    members = get_user_model().objects.filter(pk__in={page.scope["user"].pk for page in pages}, is_active=True)
    known = {member.pk: member for member in members}
    heard: dict[Any, set[str]] = defaultdict(set)
    for page in pages:
        heard[page.scope["user"].pk] |= {topic for topic in page.topics if is_private(topic)}
    may_hear = {pk: set(allowed_topics(member, heard[pk])) for pk, member in known.items()}
    return {page: _verdict(page, sessions, known, may_hear) for page in pages}


def _verdict(page: Page, sessions: Mapping[str, Any], known: Mapping[Any, Any], may_hear: Mapping[Any, Any]) -> Verdict:
    member = known.get(page.scope["user"].pk)
    session = sessions.get(page.scope["session_key"])
    if member is None or session is None or session.get(SESSION_KEY) != str(member.pk):
        return Away.SIGNED_OUT
    if not constant_time_compare(session.get(HASH_SESSION_KEY, ""), member.get_session_auth_hash()):
        return Away.SIGNED_OUT  # the password was changed elsewhere
    return member, frozenset(topic for topic in page.topics if not is_private(topic) or topic in may_hear[member.pk])
