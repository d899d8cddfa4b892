"""Every address x method x person x organization, from the resolver; what is right follows from the view's decorators.

The twins hold the same keys, so an address of one is an address of the other: every answer is searched for the
other's marks, and the own mark must be found on every page.
"""

from copy import deepcopy
from typing import Any
from uuid import uuid4

import pytest
from django.conf import settings
from django.core.cache import caches
from django.db import transaction
from django.test import Client, override_settings
from django_tenants.utils import schema_context, tenant_context

from apps.accounts.models import User
from apps.accounts.permissions import Role
from apps.tenants.middleware import forget_hosts
from apps.tenants.services import resume_organization, suspend_organization
from tests.conftest import signed_in
from tests.contracts.addresses import NAMES, named, path_of
from tests.contracts.guards import METHODS, Guard, guard_of
from tests.contracts.twins import Twin

pytestmark = pytest.mark.django_db
PEOPLE: dict[str, tuple[Role, bool] | None] = {
    "anonymous": None,
    "viewer": (Role.VIEWER, True),
    "viewer without amounts": (Role.VIEWER, False),
    "analyst": (Role.ANALYST, True),
    "admin": (Role.ADMIN, True),
    "owner": (Role.OWNER, True),
}
HTMX = {"hx-request": "true"}
# Answers of addresses that guard themselves by more than their decorators say; each with its reason.
ALSO: dict[str, frozenset[int]] = {
    "login": frozenset({403}),  # a signed-in member is led on, a form without its fields refused
    "member_remove": frozenset({403}),  # nobody removes a member above the own role
    "enter": frozenset({403}),  # a hand-over that was used, is late or is another host's
    "portfolio_export": frozenset({403}),  # a member without amounts takes none home
    "portfolio_export_file": frozenset({403}),
    "transaction_detail": frozenset({403}),
}


def person(twin: Twin, who: str) -> User | None:
    """Ben, who is given each role in turn (rolled back with the test)."""
    if (kind := PEOPLE[who]) is None:
        return None
    with tenant_context(twin.organization):
        user: User = User.objects.get(email__startswith="ben.")
        user.role, user.sees_amounts = kind
        user.save(update_fields=["role", "sees_amounts"])
    return user


def visitor(twin: Twin, who: str) -> Client:
    user = person(twin, who)
    return signed_in(user) if user else Client(HTTP_HOST=twin.organization.host)


def ask(client: Client, method: str, path: str, **headers: str) -> tuple[int, str]:
    """Status and everything that was said; what was done is undone."""
    status, head, body = ask_for(client, method, path, **headers)
    return status, f"{head}{body.decode('utf-8', 'replace')}"


def ask_for(client: Client, method: str, path: str, **headers: str) -> tuple[int, Any, bytes]:
    """Status, headers and body."""
    cookies = deepcopy(client.cookies)
    for alias in settings.CACHES:
        caches[alias].key_prefix = uuid4().hex  # a budget for each
    with transaction.atomic():
        answer: Any = client.generic(method, path, data="direction=down",
                                     content_type="application/x-www-form-urlencoded", headers=headers)  # fmt: skip
        body = answer.getvalue() if answer.streaming else answer.content
        transaction.set_rollback(True)
    client.cookies = cookies
    return answer.status_code, answer.headers, body


def right(guard: Guard, method: str, who: str, name: str) -> frozenset[int]:
    kind = PEOPLE[who]
    return guard.statuses(method, kind[0] if kind else None) | ALSO.get(name, frozenset())


@pytest.mark.parametrize("who", PEOPLE)
@pytest.mark.parametrize("name", NAMES)
def test_every_address_answers_everybody_as_its_guards_say(north: Twin, name: str, who: str) -> None:
    client, guard, path = visitor(north, who), guard_of(named(name)), path_of(name)
    for method in METHODS:
        status, said = ask(client, method, path)
        assert status in right(guard, method, who, name), (method, status, said[:500])
        assert north.other not in said


@override_settings(OPERATOR_CONTACT="help@platform.test")
@pytest.mark.parametrize("who", ["anonymous", "viewer", "owner"])
@pytest.mark.parametrize("name", NAMES)
def test_every_address_of_a_suspended_organization_says_whom_to_ask(north: Twin, name: str, who: str) -> None:
    """Whoever asks and by whatever method; before and after the rest the same request is answered as ever."""
    client, path, help_at = visitor(north, who), path_of(name), "help@platform.test"

    def asked() -> list[tuple[int, bool]]:
        answers = [ask(client, method, path) for method in METHODS]
        assert not [said for _, said in answers if north.other in said or "qzreasonzq" in said]
        return [(status, help_at in said) for status, said in answers]

    awake = asked()
    suspend_organization(organization=north.organization, by=None, reason="qzreasonzq")
    forget_hosts()
    assert asked() == [(403, method != "HEAD") for method in METHODS]
    resume_organization(organization=north.organization, by=None)
    forget_hosts()
    assert asked() == awake
    assert not any(shown for _, shown in awake)


@pytest.mark.parametrize("name", NAMES)
def test_pages_and_parts_show_their_own_marks_only(north: Twin, south: Twin, name: str) -> None:
    """The positive control: what is searched for would have been found."""
    for twin in (north, south):
        with tenant_context(twin.organization):
            client, path = visitor(twin, "owner"), path_of(name)
            for headers in ({}, HTMX):
                status, said = ask(client, "GET", path, **headers)
                assert twin.other not in said
                if status == 200 and "<html" in said:
                    assert twin.mark in said


@pytest.mark.parametrize("name", [name for name in NAMES if not guard_of(named(name)).is_open])
def test_a_cookie_of_one_is_anonymous_at_the_other(north: Twin, south: Twin, name: str) -> None:
    """The same person's key exists next door, and the same address."""
    path = path_of(name)
    with tenant_context(south.organization):
        hers = visitor(south, "owner")
    cookie = hers.cookies[settings.SESSION_COOKIE_NAME].value
    strange = Client(HTTP_HOST=north.organization.host)
    strange.cookies[settings.SESSION_COOKIE_NAME] = cookie
    for method in METHODS:
        status, said = ask(strange, method, path)
        assert status == 302
        assert north.mark not in said.replace(north.organization.host, "")


@pytest.mark.parametrize("name", [name for name in NAMES if not guard_of(named(name)).is_open])
def test_an_operators_cookie_is_anonymous_at_an_organization(north: Twin, name: str) -> None:
    path = path_of(name)
    with schema_context("public"):
        operator = User(email="op@platform.test", name="Op", is_staff=True)
        operator.save()
        public = Client(HTTP_HOST=settings.BASE_DOMAIN)
        public.force_login(operator)
    strange = Client(HTTP_HOST=north.organization.host)
    strange.cookies[settings.SESSION_COOKIE_NAME] = public.cookies[settings.SESSION_COOKIE_NAME].value
    for method in ("GET", "POST"):
        assert ask(strange, method, path)[0] == 302
