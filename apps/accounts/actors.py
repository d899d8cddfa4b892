"""Mail leaves here; what was promised and not sent is found again by a sweep."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from smtplib import SMTPException, SMTPRecipientsRefused

import dramatiq
from django.db import DatabaseError
from django_tenants.utils import schema_context
from dramatiq_crontab import cron

from apps.accounts import mail, services
from apps.accounts.models import OutgoingMail
from apps.tenants import services as platform
from apps.tenants.backend.connections import connection
from apps.tenants.models import Organization
from apps.tenants.tasks import send_or_wait

READY = 4

logger = logging.getLogger(__name__)


@dramatiq.actor(queue_name="mail", max_retries=0, time_limit=60_000)
def deliver_mail(mail_id: str) -> None:
    """Safe to repeat: one run at a time holds the claim, and a mail that is sent is not claimed again."""
    claimed = services.claim_mail(mail_id)
    if claimed is None:
        return
    row, letter = claimed
    try:
        mail.hand_over(letter, to=row.to, message_id=services.message_id_of(row))
    except SMTPRecipientsRefused as error:
        if all(500 <= code < 600 for code, _ in error.recipients.values()):
            services.give_up_mail(row)
        logger.warning("%s was refused", row)
    except (SMTPException, OSError) as error:
        logger.warning("%s waits, mail server: %s", row, type(error).__name__)
    else:
        services.finish_mail(row)


def send_mail(row: OutgoingMail) -> None:
    """The worker hands it over."""
    send_or_wait(deliver_mail, str(row.pk))


@dramatiq.actor(queue_name="mail", max_retries=0, time_limit=60_000)
def mail_reset_link(email: str) -> None:
    """For known and unknown addresses alike: who asked cannot tell the one from the other by time."""
    if row := services.queue_reset_link(email, organization=connection.tenant):
        send_mail(row)


@cron("* * * * *")
@dramatiq.actor(queue_name="mail", max_retries=0, time_limit=50_000, schema="public")
def sweep_mail() -> None:
    """Sends what is due in `public` and in every active organization."""
    for schema in _schemas():
        with _tolerant(schema):
            for row in OutgoingMail.objects.due():
                send_mail(row)


@dramatiq.actor(queue_name="fleet", schema="public", max_retries=3)
def refill_pool() -> None:
    """After a sign-up took a schema; worked by the process with the owner's login."""
    platform.prepare_schemas(READY)


def send_refill() -> None:
    """The sign-up is answered without it; each minute's round fills the pool, too."""
    send_or_wait(refill_pool)


@cron("40 3 * * *")
@dramatiq.actor(max_retries=0, time_limit=600_000, schema="public")
def forget_mail() -> None:
    """Nightly: who was written to a month ago, and links that open nothing any more."""
    platform.forget_entrances()
    for schema in _schemas():
        with _tolerant(schema):
            services.forget_old_mail()


@cron("*/5 * * * *")
@dramatiq.actor(max_retries=0, time_limit=50_000, schema="public")
def end_late_visits() -> None:
    """What the clock ended is written down in each active organization's log."""
    with schema_context("public"):
        organizations = list(Organization.objects.active())
    for organization in organizations:
        with _tolerant(organization.schema_name):
            services.end_late_visits(organization=organization)


def _schemas() -> list[str]:
    with schema_context("public"):
        return ["public", *Organization.objects.active().values_list("schema_name", flat=True)]


@contextmanager
def _tolerant(schema: str) -> Iterator[None]:
    """Works in a schema; one organization's trouble is not its neighbours'."""
    try:
        with schema_context(schema):
            yield
    except DatabaseError:
        logger.exception("%s was not swept", schema)
