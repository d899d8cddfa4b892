"""Organizations that hold the same rows under the same keys, each with its own mark, and people who are signed in."""

import time
from dataclasses import dataclass
from functools import partial
from uuid import NAMESPACE_URL, UUID, uuid5

from allauth.account.authentication import AUTHENTICATION_METHODS_SESSION_KEY
from django.conf import settings
from django.test import Client
from django_tenants.utils import schema_context, tenant_context

from apps.accounts.models import User
from apps.accounts.permissions import Role
from apps.portfolio.models import Portfolio
from apps.reports.models import Report
from apps.reports.services import build_report, request_report
from apps.tenants.models import Organization
from apps.tenants.services import create_organization
from apps.tenants.services.archives import build_archive, request_archive
from tests.contracts.twins import add_guests, copy_rows

MARKS = {name: f"qz{name}zq" for name in ("north", "south", "east", "west")}
MEMBERS = 24  # a member may ask for a page only so often a minute
_key = partial(uuid5, NAMESPACE_URL)
BUILT = _key("report")
DAY = 24 * 3600


@dataclass(frozen=True, slots=True)
class House:
    """One of them: its mark, and a cookie of each member."""

    organization: Organization
    mark: str
    cookies: tuple[str, ...]

    @property
    def schema(self) -> str:
        """Of its rows."""
        return str(self.organization.schema_name)

    @property
    def mailboxes(self) -> list[str]:
        """Everybody has an account everywhere; these ask for links at this house alone."""
        return [email_of(n) for n in range(MEMBERS) if n % len(MARKS) == list(MARKS.values()).index(self.mark)]

    def foreign_in(self, text: str) -> list[str]:
        """The marks of others."""
        return [mark for mark in MARKS.values() if mark != self.mark and mark in text]


def key_of(number: int) -> UUID:
    """The same member's at every house."""
    return _key(f"member {number}")


def email_of(number: int) -> str:
    """The same at every house, like the key."""
    return f"member{number}@chaos.test"


def make_houses() -> list[House]:
    """Acme's rows for each of them, a report and an archive of its own."""
    with schema_context("public"):
        acme = Organization.objects.get(subdomain="acme")
    add_guests(acme)
    return [_made(acme, name, mark) for name, mark in MARKS.items()]


def _made(source: Organization, name: str, mark: str) -> House:
    organization = create_organization(name=f"House {mark}", subdomain=name, owner_email=f"first@{name}.test")
    copy_rows(source, organization, mark)
    with tenant_context(organization):
        people = [User(pk=key_of(n), email=email_of(n), name=f"Member {n} {mark}", role=Role.OWNER)
                  for n in range(MEMBERS)]  # fmt: skip
        for user in people:
            user.set_unusable_password()
        User.objects.bulk_create(people)
        asked = request_report(portfolio=Portfolio.objects.filter(shared=True).earliest("pk"), by=people[0])
        Report.objects.filter(pk=asked.pk).update(id=BUILT)
        build_report(Report.objects.get(pk=BUILT))
        cookies = tuple(_cookie(organization, user) for user in people)
    build_archive(request_archive(organization))
    return House(organization, mark, cookies)


def _cookie(organization: Organization, user: User) -> str:
    """Of a session that showed its password just now, however long the storm lasts."""
    client = Client(HTTP_HOST=organization.host)
    client.force_login(user)
    session = client.session
    session[AUTHENTICATION_METHODS_SESSION_KEY] = [{"method": "password", "at": time.time() + DAY}]
    session[f"{AUTHENTICATION_METHODS_SESSION_KEY}_user"] = str(user.pk)
    session.save()
    return f"{settings.SESSION_COOKIE_NAME}={client.cookies[settings.SESSION_COOKIE_NAME].value}"
