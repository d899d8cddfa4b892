"""Queues on the real server: organizations take turns, and a flood in one queue does not hold up another."""

import time
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import dramatiq
import pytest
from django.conf import settings
from django.utils.module_loading import autodiscover_modules, import_string
from dramatiq import Message, Worker
from dramatiq.middleware import Retries

from apps.tenants.backend.broker import Depth, FairBroker
from deploy.local.stack import WORKERS

FLOOD = 5_000
PATIENCE = 60


@pytest.fixture
def broker() -> Iterator[FairBroker]:
    """That of the settings, in a namespace of its own and without the organizations of the database."""
    chosen: Any = settings.DRAMATIQ_BROKER
    options = {**chosen["OPTIONS"], "namespace": uuid4().hex, "middleware": [Retries(max_retries=0)]}
    made: FairBroker = import_string(chosen["BROKER"])(**options)
    yield made
    for key in made.client.keys(f"{made.namespace}:*"):
        made.client.delete(key)


def flood(broker: FairBroker, queue: str, schema: str, count: int) -> None:
    """Messages of one organization, by a pipeline as fast as the server takes them."""
    broker.declare_queue(queue)
    for number in range(count):
        broker.enqueue(Message(queue, "work", (schema, number), {}, {"schema": schema}))


def taken(broker: FairBroker, queue: str, count: int) -> list[tuple[str, int]]:
    """(schema, number) as a worker is given them."""
    found = [Message.decode(data) for data in broker.do_fetch(queue, count)]
    return [(message.args[0], message.args[1]) for message in found]


def test_one_organizations_flood_does_not_hold_up_another(broker: FairBroker) -> None:
    flood(broker, "reports", "acme", FLOOD)
    flood(broker, "reports", "globex", 2)
    first = taken(broker, "reports", 4)
    assert first == [("acme", 0), ("globex", 0), ("acme", 1), ("globex", 1)]


def test_what_one_organization_sent_stays_in_order(broker: FairBroker) -> None:
    for schema in ("a", "b", "c"):
        flood(broker, "reports", schema, 3)
    everything = [one for _ in range(5) for one in taken(broker, "reports", 2)]
    assert everything == [(schema, number) for number in range(3) for schema in "abc"]
    assert taken(broker, "reports", 2) == []


def test_an_organization_that_comes_back_waits_for_its_turn_only(broker: FairBroker) -> None:
    flood(broker, "reports", "acme", 3)
    assert taken(broker, "reports", 1) == [("acme", 0)]
    flood(broker, "reports", "globex", 1)
    assert taken(broker, "reports", 2) == [("acme", 1), ("globex", 0)]


def test_what_a_killed_worker_had_taken_is_given_again(broker: FairBroker) -> None:
    """Another worker sees that its heart stopped; nothing is lost, and nothing is there twice."""
    flood(broker, "reports", "acme", 6)
    taken(broker, "reports", 4)
    broker.client.zadd(f"{broker.namespace}:__heartbeats__", {broker.broker_id: 1})  # as if long ago
    heir: Any = type(broker)
    heir = heir(url=settings.BROKER_URL, namespace=broker.namespace, maintenance_chance=1_000_000)
    again = [one for _ in range(4) for one in taken(heir, "reports", 2)]
    assert sorted(again) == [("acme", number) for number in range(6)]


def test_an_emptied_queue_leaves_nothing(broker: FairBroker) -> None:
    flood(broker, "reports", "acme", 2)
    flood(broker, "reports", "globex", 2)
    broker.flush("reports")
    assert taken(broker, "reports", 4) == []
    assert broker.client.keys(f"{broker.namespace}:reports*") == []


def test_depths_are_told(broker: FairBroker) -> None:
    flood(broker, "reports", "acme", 3)
    broker.enqueue(Message("reports", "work", (), {}, {"schema": "acme"}), delay=60_000)
    lost = Message.decode(broker.do_fetch("reports", 1)[0])
    broker.do_nack("reports", lost.options["redis_message_id"])
    assert broker.depths(["reports", "mail"]) == [Depth("reports", 2, 1, 1), Depth("mail", 0, 0, 0)]


def test_a_flood_in_one_queue_does_not_hold_up_another(broker: FairBroker) -> None:
    """One worker of two threads works both queues, which is harder than production, where they have their own."""
    order: list[str] = []
    for queue in ("history", "quotes"):
        declare = dramatiq.actor(actor_name=queue, queue_name=queue, broker=broker)
        declare(lambda queue=queue: order.append(queue))
    for queue, count in (("history", FLOOD), ("quotes", 20)):
        for _ in range(count):
            broker.get_actor(queue).send_with_options(options={"schema": "public"})
    worker = Worker(broker, worker_timeout=10, worker_threads=2)
    worker.start()
    limit = time.monotonic() + PATIENCE
    while order.count("quotes") < 20 and time.monotonic() < limit:
        time.sleep(0.05)
    worker.stop()
    before_the_last = len(order) - order[::-1].index("quotes")
    assert order.count("quotes") == 20
    assert before_the_last < FLOOD / 5


def test_every_queue_has_a_worker_of_its_own() -> None:
    autodiscover_modules("actors")
    queues = {actor.queue_name for actor in dramatiq.get_broker().actors.values()}
    worked = [queue for names in WORKERS.values() for queue in names]
    assert queues <= set(settings.QUEUES) == {*worked, "fleet"}
    assert len(worked) == len(set(worked))
    assert next(name for name, names in WORKERS.items() if "history" in names) != "worker"
