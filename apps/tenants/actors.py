"""Jobs of the platform itself; the queue `fleet` is worked by a process with the owner's login."""

import logging

import dramatiq
from django.db import DatabaseError
from dramatiq_crontab import cron

from apps.tenants import services

logger = logging.getLogger(__name__)

READY = 4


@cron("* * * * *")
@dramatiq.actor(queue_name="fleet", schema="public", max_retries=3)
def prepare_schemas(count: int = READY) -> None:
    """Fill the pool of ready schemas up again."""
    services.prepare_schemas(count)


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
