"""The organization of the run and its members with real sessions."""

from dataclasses import dataclass

from django.conf import settings
from django.test import Client
from django_tenants.utils import schema_context, tenant_context

from apps.accounts.models import User
from apps.tenants.models import Organization
from benchmarks.names import OWNER, SUBDOMAIN, member_email


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody signed in at the organization's host."""

    client: Client
    cookie: str


def organization() -> Organization:
    """The one that benchmarks.data made."""
    with schema_context("public"):
        found: Organization = Organization.objects.get(subdomain=SUBDOMAIN)
    return found


def owner() -> Member:
    """Sees the watchlist, both books and every amount."""
    return signed_in([OWNER])[0]


def members(count: int) -> list[Member]:
    """Many people: a member may ask for a page only so often a minute."""
    return signed_in([member_email(number) for number in range(count)])


def signed_in(emails: list[str]) -> list[Member]:
    """Each with a session row of their own, made by Django."""
    ours = organization()
    with tenant_context(ours):
        known = {user.email: user for user in User.objects.filter(email__in=emails)}
        return [_sign_in(known[email], ours.host) for email in emails]


def _sign_in(user: User, host: str) -> Member:
    client = Client(headers={"host": host})
    client.force_login(user)
    name = settings.SESSION_COOKIE_NAME
    return Member(client, f"{name}={client.cookies[name].value}")
