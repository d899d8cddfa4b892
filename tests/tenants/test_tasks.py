"""A job runs where it was sent from, or not at all. The worker and its threads are Dramatiq's own."""

import time
from collections.abc import Callable, Iterator
from typing import Any

import dramatiq
import pytest
from django.conf import settings
from django.utils.module_loading import import_string
from django_tenants.utils import tenant_context
from dramatiq import Broker, Middleware, Worker
from dramatiq.brokers.stub import StubBroker

from apps.accounts.models import User
from apps.tenants.backend.connections import connection
from apps.tenants.models import Organization
from apps.tenants.services import resume_organization, suspend_organization
from apps.tenants.tasks import NoSchemaError, TenantMiddleware

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


class Witness(Middleware):
    """Notes where the thread stands before and after each job."""

    def __init__(self) -> None:
        self.before: list[str] = []
        self.after: list[str] = []

    def before_process_message(self, broker: Broker, message: Any) -> None:
        self.before.append(connection.schema_name)

    def after_process_message(self, broker: Broker, message: Any, **kwargs: Any) -> None:
        self.after.append(connection.schema_name)


def test_between_two_jobs_the_thread_works_for_nobody(broker: StubBroker, acme: Organization) -> None:
    witness = Witness()
    broker.add_middleware(witness, before=TenantMiddleware)
    actor = _actor(broker, lambda: None)
    for _ in range(2):
        actor.send()
    broker.join("default", timeout=PATIENCE)
    _until(lambda: len(witness.after) == 2)
    assert (witness.before, witness.after) == (["", ""], ["", ""])


def test_every_other_middleware_works_inside_the_organization(broker: StubBroker, acme: Organization) -> None:
    """One that reads or writes rows does so where the job does, whichever it is."""
    witnesses = [Witness() for _ in broker.middleware]
    for witness, other in zip(witnesses, list(broker.middleware), strict=True):
        if not isinstance(other, TenantMiddleware):
            broker.add_middleware(witness, before=type(other))
    _actor(broker, lambda: None).send()
    broker.join("default", timeout=PATIENCE)
    seen = [witness.before + witness.after for witness in witnesses if witness.before]
    assert len(seen) == len(broker.middleware) // 2
    assert {schema for schemas in seen for schema in schemas} == {acme.schema_name}


def test_a_message_that_names_its_schema_keeps_it(broker: StubBroker, acme: Organization, globex: Organization) -> None:
    """As a retry does, whichever thread it is sent from."""
    seen: list[str] = []
    actor = _actor(broker, lambda: seen.append(connection.schema_name))
    with tenant_context(acme):
        broker.enqueue(actor.message_with_options(schema=globex.schema_name))
    broker.join("default", timeout=PATIENCE)
    assert seen == [globex.schema_name]


def _until(fact: Callable[[], bool]) -> None:
    """A message is acknowledged a moment before its after-hooks have all run."""
    limit = time.monotonic() + 5
    while not fact() and time.monotonic() < limit:
        time.sleep(0.01)
