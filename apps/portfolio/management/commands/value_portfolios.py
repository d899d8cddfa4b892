"""Values the portfolios that some page shows, once a second while prices move."""

import logging
import signal
import threading
from collections import defaultdict
from typing import Any

from django.core.management.base import BaseCommand
from django.db import DatabaseError, InterfaceError, connection
from django_tenants.utils import schema_context

from apps.market.live import ticks
from apps.portfolio import live
from apps.tenants.live import open_topics
from apps.tenants.models import Organization

logger = logging.getLogger(__name__)

PERIOD_SECONDS = 1.0


class Command(BaseCommand):
    """Runs until SIGTERM or SIGINT; a database or carrier that is away is waited for."""

    help = "Value the portfolios on open pages until stopped."

    stop: threading.Event
    moved: threading.Event
    sent: dict[str, live.Cells]

    def handle(self, *args: Any, **options: Any) -> None:
        """A thread hears ticks, so that the last one before a pause is valued too."""
        self.stop, self.moved, self.sent = threading.Event(), threading.Event(), {}
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: self.stop.set())
        threading.Thread(target=self.hear, name="ticks", daemon=True).start()
        while not self.stop.wait(PERIOD_SECONDS):
            if self.moved.is_set():
                self.moved.clear()
                self.value_open()
        connection.close()

    def is_active(self, schema: str) -> bool:
        """Pages of a suspended organization may still be listed as open for some seconds."""
        with schema_context("public"):
            return Organization.objects.active().filter(schema_name=schema).exists()

    def hear(self) -> None:
        """Only says that something moved; it never touches the database."""
        for _ in ticks():
            self.moved.set()

    def value_open(self) -> None:
        """Each organization in its own context; one that fails is tried again and stops no other."""
        by_schema: dict[str, list[str]] = defaultdict(list)
        for topic in open_topics("amounts") | open_topics("weights"):
            by_schema[topic.partition(":")[0]].append(topic)
        shown = {topic for topics in by_schema.values() for topic in topics}
        self.sent = {topic: cells for topic, cells in self.sent.items() if topic in shown}
        for schema, topics in sorted(by_schema.items()):
            try:
                if not self.is_active(schema):
                    continue
                with schema_context(schema):
                    live.push_changes(topics, self.sent)
            except (DatabaseError, InterfaceError) as error:
                logger.warning("%s waits: %s", schema, str(error).partition("\n")[0])
                connection.close()
                self.moved.set()
