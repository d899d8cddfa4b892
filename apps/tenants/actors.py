"""Jobs of the platform itself; the queue `fleet` is worked by a process with the owner's login."""

import dramatiq
from dramatiq_crontab import cron

from apps.tenants import services

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
