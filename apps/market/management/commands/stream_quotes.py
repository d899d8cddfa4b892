"""The price stream: one process, from the provider to the tables, the jobs and the open pages."""

import logging
import signal
import time
from collections.abc import Callable
from threading import Event
from typing import Any

import redis
from django.core.management.base import BaseCommand
from django.db import OperationalError, connection
from django.db.utils import InterfaceError
from django_tenants.utils import schema_context
from dramatiq.errors import BrokerConnectionError

from apps.market import actors, live, providers, services
from apps.market.models import Feed, Instrument, Quote
from apps.market.providers.base import Batch, Happening, MarketProvider, ProviderError

logger = logging.getLogger(__name__)

AWAY = (OperationalError, InterfaceError, redis.RedisError, BrokerConnectionError)
RETRY_SECONDS = 1.0
LEARN_SECONDS = 5.0


class Command(BaseCommand):
    """Runs until SIGTERM or SIGINT; a database or carrier that is away is waited for, step by step."""

    help = "Stream prices of the active provider until stopped."

    stop: Event
    provider: MarketProvider
    instruments: dict[str, Instrument]
    told_at: float = 0.0
    learned_at: float = 0.0

    def handle(self, *args: Any, **options: Any) -> None:
        """Resumes a replay where the market clock stands; another set of data than the stored one begins anew."""
        self.stop = Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: self.stop.set())
        with schema_context("public"):
            self._steadily(self._begin)
            if self.stop.is_set():
                return
            logger.info("%s", services.feed_label())
            for batch in services.stream(self.provider, lambda: list(self.instruments), Feed.objects.market_at()):
                began = time.monotonic()
                self._steadily(lambda batch=batch: self._step(batch))  # type: ignore[misc]
                if self.stop.wait(max(batch.pause - (time.monotonic() - began), 0)):
                    return

    def _steadily(self, work: Callable[[], None]) -> None:
        """Each step may be repeated: what it writes is the same again."""
        while not self.stop.is_set():
            try:
                work()
                return
            except AWAY as error:
                logger.warning("away, trying again: %s", str(error).splitlines()[0] if str(error) else error)
                connection.close()
            except ProviderError as error:
                logger.warning("provider: %s", error)
            self.stop.wait(RETRY_SECONDS)

    def _begin(self) -> None:
        """Quotes come last when a series is loaded: without any, a start before this one did not get through."""
        self.provider = providers.active()
        feed = Feed.objects.current()
        if feed is None or feed.series != self.provider.series() or not Quote.objects.exists():
            services.import_reference(self.provider)
            self._reload()
        self.instruments = services.known_instruments(self.provider)

    def _reload(self) -> None:
        """All years when nothing is stored yet; then what the last year tells anew."""
        years = 1 if Quote.objects.exists() else 30
        for _ in services.load_history(self.provider, years=years):
            if self.stop.is_set():
                return
        self._tell_all(services.rewind(self.provider))

    def _step(self, batch: Batch) -> None:
        if batch.happening is Happening.CLOSE:
            self._tell_all(services.close_session(self.provider, batch.session_on))
            return
        if batch.happening is Happening.REWIND:
            self._tell_all(services.rewind(self.provider))
            return
        if batch.happening is Happening.OPEN:
            self._open(batch)
        quotes = services.record_quotes(batch.ticks, self.instruments)
        live.push_ticks(batch.ticks)
        live.push_quotes(quotes, live.TICK_CELLS)
        self._tell_time(batch)
        if services.record_headlines(batch.headlines, self.instruments.values()):
            actors.score_articles.send()

    def _open(self, batch: Batch) -> None:
        """A feed that turned from replay to live, or to another day, gets its history first."""
        channel, feed = self.provider.channel(), Feed.objects.current()
        if (
            feed is None
            or feed.mode != channel.mode
            or (channel.mode == "live" and feed.session_on != batch.session_on)
        ):
            self._reload()
        services.expect_actions(self.provider, batch.session_on)
        self.told_at = 0.0
        logger.info("session of %s opens", batch.session_on)

    def _tell_all(self, quotes: list[Any]) -> None:
        live.push_quotes(quotes)
        if feed := Feed.objects.current():
            live.push_feed(feed)
        actors.score_articles.send()

    def _tell_time(self, batch: Batch) -> None:
        """The clock is written once a real second."""
        if time.monotonic() - self.told_at >= 1 and (feed := services.move_clock(batch.session_on, batch.at)):
            self.told_at = time.monotonic()
            live.push_feed(feed)
            self._learn()

    def _learn(self) -> None:
        """What somebody needs since a moment ago is streamed from the next step on."""
        if time.monotonic() - self.learned_at >= LEARN_SECONDS:
            self.learned_at = time.monotonic()
            self.instruments = services.known_instruments(self.provider)
