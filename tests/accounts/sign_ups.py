"""A stranger at the public host: what is typed, and the link that is mailed."""

import re
from typing import Any

from django.core import mail
from django.test import Client
from django_tenants.utils import schema_context

from apps.accounts import actors
from apps.accounts.models import OutgoingMail

PASSWORD = "stapler-red-42"
TYPED = {
    "name": "Initech",
    "subdomain": "initech",
    "owner_name": "Bill Lumbergh",
    "email": "bill@initech.test",
    "password": PASSWORD,
}
PUBLIC, CONFIRM = "localhost", "/signup/confirm/"
FORM = re.compile(r'action="http://([\w.-]+):\d+/accounts/enter/".*?name="token" value="([\w-]+)"', re.DOTALL)


def stranger(forwarded_for: str = "") -> Client:
    """A browser at the public host; it may say where it comes from."""
    said = {"X-Forwarded-For": forwarded_for} if forwarded_for else {}
    return Client(headers={"Host": PUBLIC, "Origin": f"http://{PUBLIC}"} | said)


def asked(client: Client | None = None, **changes: Any) -> Any:
    """The answer to the filled form."""
    return (client or stranger()).post("/signup/", TYPED | changes)


def delivered() -> list[Any]:
    """Sends what is promised on the public host; the mailbox."""
    with schema_context("public"):
        for row in OutgoingMail.objects.pending():
            actors.deliver_mail(str(row.pk))
    return mail.outbox


def mailed_token(**changes: Any) -> str:
    """Signs up, and opens the mail."""
    assert asked(**changes).headers["Location"] == "/signup/sent/"
    found = re.search(r"http://localhost:\d+/signup/confirm/\?token=([\w-]+)", delivered()[-1].body)
    assert found
    return found[1]


def confirmed(token: str, **more: str) -> Any:
    """The answer to the one button."""
    return stranger().post(CONFIRM, {"token": token} | more)


def hand_over_of(answer: Any) -> tuple[str, str]:
    """Where a confirmed stranger is led to: (host, token)."""
    found = FORM.search(answer.text)
    assert found, answer.text
    return found[1], found[2]


def entered(host: str, token: str, origin: str = f"http://{PUBLIC}", **more: str) -> tuple[Client, Any]:
    """Through the door of the organization's host."""
    client = Client(HTTP_HOST=host)
    headers = {"HTTP_ORIGIN": origin} if origin else {}
    answer = client.post("/accounts/enter/", {"token": token} | more, **headers)  # type: ignore[arg-type]
    return client, answer
