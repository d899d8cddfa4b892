"""Jobs of the platform itself; the queue `fleet` is worked by a process with the owner's login."""

import logging

import dramatiq
from django.db import DatabaseError
from dramatiq_crontab import cron

from apps.tenants import services
from apps.tenants.live.archives import push_archive
from apps.tenants.models import Archive
from apps.tenants.services import archives
from apps.tenants.tasks import send_or_wait

logger = logging.getLogger(__name__)

READY = 4


@cron("* * * * *")
@dramatiq.actor(queue_name="fleet", schema="public", max_retries=3)
def prepare_schemas(count: int = READY) -> None:
    """Fill the pool of ready schemas up again."""
    services.prepare_schemas(count)


def send_refill() -> None:
    """After one was taken; while the broker is away the pool waits for the next minute's round."""
    send_or_wait(prepare_schemas)


@cron("*/15 * * * *")
@dramatiq.actor(queue_name="fleet", schema="public", max_retries=0)
def reap() -> None:
    """Clear away what died half-way."""
    services.reap()


@cron("*/5 * * * *")
@dramatiq.actor(queue_name="fleet", schema="public", max_retries=0)
def drop_closed() -> None:
    """Drop organizations whose closing day has come; one that is held up waits for the next round."""
    for organization in services.due_organizations():
        try:
            services.drop_organization(organization)
        except DatabaseError:
            logger.exception("%s was not dropped", organization.subdomain)


@dramatiq.actor(queue_name="archives", schema="public", max_retries=2, time_limit=25 * 60_000)
def build_archive(archive_id: str) -> None:
    """Safe to repeat: only one run holds the claim."""
    push_archive(archives.build_archive(Archive.objects.select_related("organization").get(pk=archive_id)))


def send_archive(archive: Archive) -> None:
    """The worker makes it."""
    send_or_wait(build_archive, str(archive.pk))


@cron("* * * * *")
@dramatiq.actor(schema="public", max_retries=0, time_limit=50_000)
def sweep_archives() -> None:
    """Sends unfinished archives again; gives up what has used its attempts."""
    for archive in archives.unfinished_archives():
        if archive.attempts >= archives.MOST_ATTEMPTS:
            push_archive(archives.give_up(archive))
        else:
            send_archive(archive)


@cron("17 * * * *")
@dramatiq.actor(schema="public", max_retries=0, time_limit=600_000)
def expire_archives() -> None:
    """A week is over for some of them; what killed exports and restores left behind goes too."""
    archives.expire_archives()
