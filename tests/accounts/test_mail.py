"""A mail is promised in the transaction of its cause, sent once, found again when lost, and forgotten."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.core import mail
from django.db import connection, transaction
from django.utils import timezone
from django_tenants.utils import schema_context, tenant_context

from apps.accounts import actors, services
from apps.accounts.models import House, OutgoingMail
from apps.accounts.services.mail import MOST_ATTEMPTS
from apps.tenants.models import Organization
from apps.tenants.sealing import SealBrokenError, seal, unseal
from tests.accounts.conftest import Enqueued
from tests.accounts.mail_server import mail_server

pytestmark = pytest.mark.django_db

LINK = "http://localhost/signup/confirm/?token=a-secret-token"


def queued(subject: str = "Confirm your e-mail", **changes: Any) -> OutgoingMail:
    ctx = {"organization": "Initech", "host": "initech.localhost", "link": LINK, "hours": 24}
    return services.queue_mail(
        "bill@initech.test", subject=subject, template="accounts/mail/sign_up.html", ctx=ctx | changes
    )


def html_of(message: Any) -> str:
    return str(message.alternatives[0].content)


def delivered(row: OutgoingMail) -> OutgoingMail:
    actors.deliver_mail(str(row.pk))
    row.refresh_from_db()
    return row


def test_a_mail_has_both_bodies_and_is_forgotten_when_sent() -> None:
    row = delivered(queued())
    sent = mail.outbox[0]
    assert (sent.to, sent.subject) == (["bill@initech.test"], "Confirm your e-mail")
    assert LINK in sent.body
    assert LINK in html_of(sent)
    assert row.sent_at
    assert row.sealed == ""


def test_the_link_lies_nowhere_in_clear() -> None:
    queued()
    with connection.cursor() as cursor:
        cursor.execute("SELECT accounts_outgoingmail::text FROM accounts_outgoingmail")
        assert "a-secret-token" not in str(cursor.fetchall())


def test_a_mail_of_a_change_that_is_taken_back_is_not_promised() -> None:
    with transaction.atomic():
        queued()
        transaction.set_rollback(True)
    assert not OutgoingMail.objects.exists()


def test_a_mail_is_sent_once_however_often_its_job_runs() -> None:
    row = queued()
    for _ in range(3):
        delivered(row)
    assert len(mail.outbox) == 1


def test_a_lost_job_is_found_again_with_the_same_message_id(acme: Organization, settings: Any) -> None:
    """The server hangs up after DATA: whether it took the mail is unknown, so it comes again under its own name."""
    row = queued()
    with mail_server(hangs_up=1) as server:
        settings.MAILERS = server.mailers
        assert delivered(row).sent_at is None
        with time_machine.travel(timezone.now() + timedelta(minutes=2)):
            assert [due.pk for due in OutgoingMail.objects.due()] == [row.pk]
            assert delivered(row).attempts == 2
    assert len({message["Message-ID"] for message in server.messages}) == 1
    assert len(server.messages) == 2


def test_a_mail_in_somebodys_hands_is_not_sent_by_another() -> None:
    row = queued()
    assert services.claim_mail(row.pk)
    assert services.claim_mail(row.pk) is None


def test_an_address_that_the_server_refuses_is_given_up(settings: Any) -> None:
    with mail_server(refuses=True) as server:
        settings.MAILERS = server.mailers
        row = delivered(queued())
    assert row.gave_up_at
    assert row.sealed == ""


def test_a_mail_that_never_gets_through_is_given_up_and_its_content_gone() -> None:
    row = queued()
    OutgoingMail.objects.filter(pk=row.pk).update(attempts=MOST_ATTEMPTS)
    assert delivered(row).gave_up_at
    late = queued()
    with time_machine.travel(timezone.now() + timedelta(days=4)):
        assert delivered(late).gave_up_at
    assert mail.outbox == []


@pytest.mark.parametrize(
    "evil", ["A\r\nBcc: eve@globex.test", "A\nBcc: eve@globex.test", "A\x0b\x85Bcc: x", "A\u2028B"]
)
def test_no_name_or_subject_makes_a_header(evil: str) -> None:
    House.objects.create(sender_name=evil)
    delivered(queued(subject=evil))
    message = mail.outbox[0].message()
    assert message["Bcc"] is None
    assert "\n" not in message["Subject"] + message["From"]
    assert mail.outbox[0].recipients() == ["bill@initech.test"]


@pytest.mark.parametrize("name", ['Acme "the best"', "Köhler & Söhne, Berlin", "<b>", "a@b.c"])
def test_a_sender_of_any_name_has_the_house_address(name: str) -> None:
    House.objects.create(sender_name=name)
    delivered(queued())
    header: Any = mail.outbox[0].message()["From"]
    assert header.addresses[0].display_name == name
    assert header.addresses[0].addr_spec == "no-reply@localhost"


@pytest.mark.parametrize(("contact", "answers"), [("help@acme.test", ["help@acme.test"]), ("Ann, room 4", [])])
def test_a_mail_says_whom_to_ask(contact: str, answers: list[str]) -> None:
    House.objects.create(contact=contact)
    delivered(queued())
    sent: Any = mail.outbox[0]
    assert f"Questions: {contact}" in sent.body
    assert f"Questions: {contact}" in html_of(sent)
    assert sent.reply_to == answers


def test_what_people_typed_is_text_in_the_html() -> None:
    delivered(queued(organization="<script>x</script>"))
    assert "<script>" not in html_of(mail.outbox[0])
    assert "<script>" in mail.outbox[0].body


def test_the_public_host_and_an_organization_have_mail_of_their_own(acme: Organization) -> None:
    ours = queued()
    with schema_context("public"):
        delivered(queued())
        assert not OutgoingMail.objects.filter(pk=ours.pk).exists()
    assert mail.outbox[0].from_email == "Stock Intelligence <no-reply@localhost>"


def test_old_mail_is_forgotten() -> None:
    delivered(queued())
    waiting = queued()
    with time_machine.travel(timezone.now() + timedelta(days=31)):
        assert services.forget_old_mail() == 1
    assert [row.pk for row in OutgoingMail.objects.all()] == [waiting.pk]


def test_what_is_sealed_opens_only_where_and_for_what_it_was_sealed(acme: Organization, globex: Organization) -> None:
    sealed = seal("x", "mail")
    assert unseal(sealed, "mail") == "x"
    with pytest.raises(SealBrokenError):
        unseal(sealed, "other")
    with tenant_context(globex), pytest.raises(SealBrokenError):
        unseal(sealed, "mail")


def test_the_sweep_sends_what_is_due_everywhere(acme: Organization, enqueued: Enqueued) -> None:
    ours = queued()
    with schema_context("public"):
        theirs = queued()
    actors.sweep_mail()
    found = {message.args[0]: message.options["schema"] for message in enqueued("deliver_mail")}
    assert found == {str(ours.pk): acme.schema_name, str(theirs.pk): "public"}
