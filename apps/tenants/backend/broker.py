"""The queues of the jobs: within one, organizations take turns, so that nobody waits behind another's flood."""

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from dramatiq.brokers.redis import RedisBroker
from dramatiq.common import dq_name, xq_name

# A message waits in the list of its schema; `turns` holds each schema that has something waiting, once.
ENQUEUE = """
local queue = KEYS[1]
redis.call("hset", queue .. ".msgs", ARGV[2], ARGV[3])
if redis.call("rpush", queue .. "@" .. ARGV[1], ARGV[2]) == 1 then
    redis.call("rpush", queue .. ".turns", ARGV[1])
end
"""
# What Dramatiq's own fetch is about to take is dealt here, one message a schema and turn.
DEAL = """
local queue = KEYS[1]
for _ = redis.call("llen", queue) + 1, tonumber(ARGV[1]) do
    local schema = redis.call("lpop", queue .. ".turns")
    if not schema then break end
    local waiting = queue .. "@" .. schema
    redis.call("rpush", queue, redis.call("lpop", waiting))
    if redis.call("exists", waiting) == 1 then redis.call("rpush", queue .. ".turns", schema) end
end
"""
PURGE = """
for _, schema in ipairs(redis.call("lrange", KEYS[1] .. ".turns", 0, -1)) do
    redis.call("del", KEYS[1] .. "@" .. schema)
end
redis.call("del", KEYS[1] .. ".turns")
"""


@dataclass(frozen=True, slots=True)
class Depth:
    """How many messages of a queue are ready or being worked on, wait for their time, or were given up."""

    queue: str
    ready: int
    delayed: int
    dead: int


class FairBroker(RedisBroker):
    """Dramatiq's broker with turns. Each step is one script on the server: a kill between two loses nothing."""

    @cached_property
    def _own(self) -> dict[str, Any]:
        named = {"enqueue": ENQUEUE, "deal": DEAL, "purge": PURGE}
        return {name: self.client.register_script(text) for name, text in named.items()}

    def _dramatiqs(self, command: str) -> Callable[..., Any]:
        """What the class above would do."""
        made: Callable[..., Any] = self._dispatch(command)  # type: ignore[no-untyped-call]
        return made

    def _key(self, queue_name: str) -> str:
        return f"{self.namespace}:{queue_name}"

    def do_enqueue(self, queue_name: str, message_id: str, data: bytes) -> None:
        """Into the list of its schema; what waits for its time is ordered by time instead."""
        if queue_name.endswith(".DQ"):
            self._dramatiqs("enqueue")(queue_name, message_id, data)
            return
        schema = json.loads(data)["options"].get("schema") or ""
        self._own["enqueue"](keys=[self._key(queue_name)], args=[schema, message_id, data])

    def do_fetch(self, queue_name: str, count: int) -> Any:
        """One of each organization in turn, and before them what a killed worker left."""
        self._own["deal"](keys=[self._key(queue_name)], args=[count])
        return self._dramatiqs("fetch")(queue_name, count)

    def do_purge(self, queue_name: str) -> None:
        """The lists of the schemas too."""
        self._own["purge"](keys=[self._key(queue_name)])
        self._dramatiqs("purge")(queue_name)

    def depths(self, queue_names: Iterable[str]) -> list[Depth]:
        """Of each queue, in the order given; raises redis.RedisError while the broker's server is away."""
        names = list(queue_names)
        with self.client.pipeline(transaction=False) as asked:
            for name in names:
                asked.hlen(self._key(name) + ".msgs")
                asked.hlen(self._key(dq_name(name)) + ".msgs")
                asked.zcard(self._key(xq_name(name)))
            counts = iter(asked.execute())
        return [Depth(name, next(counts), next(counts), next(counts)) for name in names]
