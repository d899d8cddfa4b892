"""Jobs run in the schema they were sent from (Dramatiq middleware; imports no models)."""

import logging
from typing import Any

from django.core.exceptions import ImproperlyConfigured
from django.db import DatabaseError
from django_tenants.utils import get_tenant_model
from dramatiq import Actor, Broker, Message
from dramatiq.broker import MessageProxy
from dramatiq.errors import BrokerConnectionError
from dramatiq.middleware import Middleware, SkipMessage
from dramatiq.middleware.middleware import MiddlewareError
from redis.exceptions import RedisError

from apps.tenants.backend.connections import connection
from apps.tenants.backend.identity import require_own_servers

logger = logging.getLogger(__name__)


def send_or_wait(actor: Actor[..., Any], *args: object) -> None:
    """What is committed is the promise: while the broker is away it waits for the actor's sweep, and nobody fails."""
    try:
        actor.send(*args)
    except (BrokerConnectionError, RedisError) as error:  # Dramatiq wraps its own reads only
        logger.warning("%s%s waits, broker away: %s", actor.actor_name, args, error)


class NoSchemaError(MiddlewareError):
    """A MiddlewareError is the only exception that keeps Dramatiq from running the actor."""


class UnfitServerError(MiddlewareError):
    """The worker does not start (anything but a MiddlewareError would be logged and forgotten)."""


class TenantMiddleware(Middleware):
    """The first middleware of the list: its after-hooks run last."""

    @property
    def actor_options(self) -> set[str]:
        """`schema` may stand on an actor that always works on the market: `schema="public"`."""
        return {"schema"}

    def before_worker_boot(self, broker: Broker, worker: Any) -> None:
        """Neither behind a pooler nor on somebody else's servers."""
        try:
            require_own_servers()
        except ImproperlyConfigured as error:
            raise UnfitServerError(str(error)) from error

    def after_consumer_thread_boot(self, broker: Broker, thread: Any) -> None:
        """A fresh connection stands in `public`: a delayed message without a schema would be given that."""
        connection.set_no_organization()

    def after_worker_thread_boot(self, broker: Broker, thread: Any) -> None:
        """The same between two jobs."""
        connection.set_no_organization()

    def before_enqueue(self, broker: Broker, message: Message[Any], delay: int) -> None:
        """A retry keeps the schema that it has."""
        fixed = broker.get_actor(message.actor_name).options.get("schema")
        message.options.setdefault("schema", fixed or connection.schema_name)
        if not message.options["schema"]:
            raise NoSchemaError(f"{message.actor_name} was sent from no organization.")

    def before_process_message(self, broker: Broker, message: MessageProxy) -> None:
        """A message without a schema is refused for good: a retry would be given the schema of this thread."""
        schema = message.options.get("schema")
        if not schema:
            connection.set_no_organization()
            message.options["max_retries"] = 0
            raise NoSchemaError(f"{message.actor_name} names no schema.")
        connection.set_schema_to_public()
        if schema != "public":
            organization = _organization(schema)
            if organization.standing != "active":  # what must happen is a row: a sweep sends it again after a resume
                raise SkipMessage(f"{schema} is {organization.standing}: {message.actor_name} is left out.")
            connection.set_tenant(organization)

    def after_process_message(self, broker: Broker, message: MessageProxy, **kwargs: Any) -> None:
        """The thread works for nobody until its next job."""
        connection.set_no_organization()

    def after_skip_message(self, broker: Broker, message: MessageProxy) -> None:
        """Skipped is processed, as far as the context goes."""
        connection.set_no_organization()


def _organization(schema: str) -> Any:
    """The whole organization, so that a job knows its name; one that is gone has no jobs."""
    try:
        organization = get_tenant_model().objects.filter(schema_name=schema).first()
    except DatabaseError as error:  # as a MiddlewareError it fails the job, which is tried again
        raise NoSchemaError(f"{schema} cannot be looked up: {error}") from error
    if organization is None:
        raise NoSchemaError(f"No organization lives in {schema}.")
    return organization
