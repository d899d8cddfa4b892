"""What tests of people share: the jobs that lie in the broker."""

from collections.abc import Callable
from typing import Any, cast

import dramatiq
import pytest

type Enqueued = Callable[[str], list[dramatiq.Message[Any]]]


@pytest.fixture
def enqueued(_at_acme: None) -> Enqueued:
    """Messages of an actor that were sent since the test began; no worker takes them."""
    broker = cast(Any, dramatiq.get_broker())
    broker.flush_all()

    def messages(actor: str) -> list[dramatiq.Message[Any]]:
        found = [
            dramatiq.Message.decode(raw)
            for queue in broker.get_declared_queues()
            for raw in broker.client.hvals(f"{broker.namespace}:{queue}.msgs")
        ]
        return [message for message in found if message.actor_name == actor]

    return messages
