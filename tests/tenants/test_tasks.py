"""A job runs where it was sent from, or not at all. The worker and its threads are Dramatiq's own."""

from collections.abc import Iterator
from typing import Any

import dramatiq
import pytest
from django.conf import settings
from django.utils.module_loading import import_string
from django_tenants.utils import tenant_context
from dramatiq import Worker
from dramatiq.brokers.stub import StubBroker

from apps.accounts.models import User
from apps.tenants.backend.connections import connection
from apps.tenants.models import Organization
from apps.tenants.services import resume_organization, suspend_organization
from apps.tenants.tasks import NoSchemaError

PATIENCE = 20_000


@pytest.fixture
def broker(committed: None) -> Iterator[StubBroker]:
    """The middlewares of the settings, in their order."""
    names = settings.DRAMATIQ_BROKER["MIDDLEWARE"]
    broker = StubBroker(middleware=[import_string(name)() for name in names], fail_fast_default=False)
    worker = Worker(broker, worker_timeout=50, worker_threads=1)
    worker.start()
    yield broker
    worker.stop()
    broker.close()


def _actor(broker: StubBroker, work: Any, **options: Any) -> Any:
    declare = dramatiq.actor(broker=broker, actor_name="work", min_backoff=10, max_backoff=50, **options)
    return declare(work)


def test_an_actor_runs_in_the_schema_it_was_sent_from(
    broker: StubBroker, acme: Organization, globex: Organization
) -> None:
    seen: list[str] = []
    actor = _actor(broker, lambda: seen.append(User.objects.earliest("joined_at").email))
    for organization in (globex, acme, globex):
        with tenant_context(organization):
            actor.send()
    broker.join("default", timeout=PATIENCE)
    assert seen == ["eve@globex.test", "ann@acme.test", "eve@globex.test"]


def test_a_retry_keeps_its_schema(broker: StubBroker, globex: Organization) -> None:
    seen: list[str] = []

    def work() -> None:
        seen.append(connection.schema_name)
        if len(seen) < 3:
            raise RuntimeError("not yet")

    with tenant_context(globex):
        _actor(broker, work, max_retries=5).send()
    broker.join("default", timeout=PATIENCE)
    assert seen == [globex.schema_name] * 3


def test_a_message_without_schema_never_runs(broker: StubBroker) -> None:
    """However it came into the queue, and however often it is tried again."""
    seen: list[str] = []
    actor = _actor(broker, lambda: seen.append(connection.schema_name), max_retries=2)
    broker.queues["default"].put(actor.message().encode())
    broker.join("default", timeout=PATIENCE)
    assert seen == []
    assert [message.actor_name for message in broker.dead_letters] == ["work"]


def test_sending_from_no_organization_is_refused(broker: StubBroker) -> None:
    actor = _actor(broker, lambda: None)
    connection.set_no_organization()
    with pytest.raises(NoSchemaError):
        actor.send()
    assert broker.queues["default"].empty()


def test_an_actor_of_the_market_always_runs_in_public(broker: StubBroker, acme: Organization) -> None:
    seen: list[str] = []
    actor = _actor(broker, lambda: seen.append(connection.schema_name), schema="public")
    with tenant_context(acme):
        actor.send()
    broker.join("default", timeout=PATIENCE)
    assert seen == ["public"]


def test_a_schema_that_is_gone_reads_nothing(broker: StubBroker) -> None:
    seen: list[int] = []
    actor = _actor(broker, lambda: seen.append(User.objects.count()), max_retries=0)
    broker.enqueue(actor.message_with_options(schema="org_gone"))
    broker.join("default", timeout=PATIENCE)
    assert seen == []


def test_a_suspended_organization_has_no_jobs(broker: StubBroker, acme: Organization, globex: Organization) -> None:
    """Sent before the suspension, left out after it, gone from the queue; the neighbour's runs."""
    seen: list[str] = []
    actor = _actor(broker, lambda: seen.append(connection.schema_name))
    suspend_organization(organization=acme, by=None, reason="a test")
    try:
        for organization in (acme, globex):
            broker.enqueue(actor.message_with_options(schema=organization.schema_name))
        broker.join("default", timeout=PATIENCE)
    finally:
        resume_organization(organization=acme, by=None)
    assert seen == [globex.schema_name]
    with tenant_context(acme):
        actor.send()
    broker.join("default", timeout=PATIENCE)
    assert seen == [globex.schema_name, acme.schema_name]
    assert broker.dead_letters == []


def test_tenancy_is_the_first_middleware() -> None:
    """After-hooks run in reverse: a middleware before it would work for nobody."""
    assert next(iter(settings.DRAMATIQ_BROKER["MIDDLEWARE"])) == "apps.tenants.tasks.TenantMiddleware"
