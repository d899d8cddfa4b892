"""What an organization begins to hold is fetched, for everybody."""

import logging

import dramatiq

from apps.market import live, providers
from apps.market import services as market
from apps.market.models import Instrument
from apps.tenants.tasks import send_or_wait

logger = logging.getLogger(__name__)


@dramatiq.actor(schema="public", max_retries=5, time_limit=300_000)
def fetch_instrument(instrument_id: int) -> None:
    """Safe to repeat. Its cells appear on every page that shows it; an unknown symbol is told there."""
    instrument = Instrument.objects.select_related("exchange").get(pk=instrument_id)
    try:
        quotes = market.fetch_instrument(providers.active(), instrument)
    except market.NoPricesError as error:
        logger.warning("%s", error)
        return live.push_unknown(instrument)
    live.push_quotes(quotes)
    live.push_quotes(market.score_articles(), ("sentiment",))
    return None


def fetch_when_new(instrument: Instrument) -> None:
    """Nobody held it before: it has no quote. While the broker is away the feed's next close brings it."""
    if not hasattr(instrument, "quote"):
        send_or_wait(fetch_instrument, instrument.pk)
