"""Jobs on market data; all run in the shared schema, take ids and are safe to repeat."""

import logging
from datetime import date
from itertools import batched

import dramatiq
from django.conf import settings
from dramatiq_crontab import cron

from apps.market import live, providers, services
from apps.market.models import PAGES, Feed, Instrument, Priority, Quote
from apps.market.providers.base import Listing, ProviderError

logger = logging.getLogger(__name__)

BATCH = 50  # instruments a job
COMPANIES = 15  # of them, where each takes four requests: a minute's jobs leave half of the budget to prices


@dramatiq.actor(queue_name="quotes", schema="public", max_retries=5, time_limit=300_000)
def settle_quotes(instrument_ids: list[int], anew: bool = False) -> None:
    """Spark, RSI and signal of the last close; the cells follow."""
    live.push_quotes(services.settle_quotes(instrument_ids, anew=anew), ("spark", "rsi", "signal"))


@dramatiq.actor(queue_name="quotes", schema="public", max_retries=5, time_limit=300_000)
def score_articles() -> None:
    """What nobody has scored yet; the sentiment cells follow."""
    live.push_quotes(services.score_articles(), ("sentiment",))


@cron("* * * * *")
@dramatiq.actor(queue_name="demand", schema="public", max_retries=0, time_limit=50_000)
def note_pages() -> None:
    """What some open page shows is needed before everything else."""
    services.record_demand(PAGES, dict.fromkeys(live.instruments_on_show(), Priority.SEEN))


@cron("* * * * *")
@dramatiq.actor(queue_name="quotes", schema="public", max_retries=0, time_limit=50_000)
def refresh_quotes() -> None:
    """What the stream has not brought lately is asked for by batches, what is seen now first."""
    if providers.active().name != "replay":
        for batch in batched(services.due_quotes(), BATCH):
            fetch_quotes.send(list(batch))


@dramatiq.actor(queue_name="quotes", schema="public", max_retries=0, time_limit=120_000)
def fetch_quotes(instrument_ids: list[int]) -> None:
    """Asked once, whoever else was sent for them. A source that is away is asked again a minute later."""
    try:
        live.push_quotes(services.fetch_due_quotes(instrument_ids), live.TICK_CELLS)
    except ProviderError as error:
        logger.warning("%s", error)


@dramatiq.actor(queue_name="history", schema="public", max_retries=5, time_limit=600_000)
def refresh_history(instrument_ids: list[int]) -> None:
    """The last year of a batch of instruments, told anew."""
    if touched := services.refresh_history(instrument_ids):
        settle_quotes.send(list(touched))


@cron("0 5 * * *")
@dramatiq.actor(queue_name="history", schema="public", max_retries=1, time_limit=600_000)
def repair_gaps() -> None:
    """Nightly: sessions that are missing by the exchanges' calendars, and not known as holes."""
    for gap in services.gaps(services.missing_sessions()):
        fill_gap.send(list(gap.instrument_ids), str(gap.start), str(gap.end))


@dramatiq.actor(queue_name="history", schema="public", max_retries=5, time_limit=600_000)
def fill_gap(instrument_ids: list[int], start: str, end: str) -> None:
    """Safe to repeat: what is stored or known as a hole meanwhile is not missing any more."""
    days = date.fromisoformat(start), date.fromisoformat(end)
    filled = services.fill_gap(services.Gap(tuple(instrument_ids), *days))
    if filled.instruments:
        settle_quotes.send(list(filled.instruments))


@cron("10 * * * *")
@dramatiq.actor(queue_name="news", schema="public", max_retries=3, time_limit=600_000)
def record_news() -> None:
    """Hourly on a real market; a replay brings its headlines with its clock."""
    provider = providers.active()
    if provider.name != "replay" and services.record_news(provider):
        score_articles.send()


@cron("30 2 * * *")
@dramatiq.actor(queue_name="history", schema="public", max_retries=3, time_limit=600_000)
def refresh_market() -> None:
    """Nightly: the last year anew on a real market, by batches; what a lost job left undone is swept up."""
    provider = providers.active()
    if provider.name != "replay":
        known = [instrument.pk for instrument in services.known_instruments(provider).values()]
        for batch in batched(known, BATCH):
            refresh_history.send(list(batch))
    settle_quotes.send(list(Quote.objects.values_list("pk", flat=True)))
    score_articles.send()


@cron("0 3 * * *")
@dramatiq.actor(queue_name="history", schema="public", max_retries=3, time_limit=600_000)
def import_universe() -> None:
    """Nightly: what is new, moved or gone; a list that cannot be read changes nothing."""
    own = [listing.symbol for listing in providers.active().listings()]
    for progress in services.fetch_universe(settings.UNIVERSE, except_for=own):
        logger.info("%s", progress.note)


@dramatiq.actor(queue_name="quotes", schema="public", max_retries=5, time_limit=300_000)
def check_symbol(instrument_id: int) -> None:
    """Asks the source about a symbol that a member asked for: it has prices, or it leaves the search again."""
    instrument = Instrument.objects.select_related("exchange").get(pk=instrument_id)
    if not instrument.is_awaited:
        return
    try:
        quotes = services.fetch_instrument(providers.active(), instrument)
    except services.NoPricesError as error:
        logger.info("%s", error)
        services.refuse_symbol(instrument)
        live.push_unknown(instrument)
        return
    services.confirm_symbol(instrument, _listing(instrument))
    live.push_quotes(quotes)


def _listing(instrument: Instrument) -> Listing | None:
    """As the sources that can be searched name it; a replay knows what it plays."""
    if providers.active().name == "replay":
        return None
    try:
        return next((one for one in services.find_symbols(instrument.symbol) if one.symbol == instrument.symbol), None)
    except ProviderError as error:
        logger.info("%s stays as it was asked for: %s", instrument, error)
        return None


@cron("*/10 * * * *")
@dramatiq.actor(queue_name="demand", schema="public", max_retries=0, time_limit=60_000)
def check_awaited() -> None:
    """Sweeps up what was asked for while the broker was away."""
    for pk in Instrument.objects.filter(is_awaited=True).values_list("pk", flat=True):
        check_symbol.send(pk)


@cron("50 2 * * *")
@dramatiq.actor(queue_name="news", schema="public", max_retries=0, time_limit=60_000)
def refresh_companies() -> None:
    """Nightly on a real market: what companies are (once a month) and have announced, a batch a minute."""
    if providers.active().name != "replay":
        for minute, batch in enumerate(batched(services.due_companies(), COMPANIES)):
            fetch_companies.send_with_options(args=(list(batch),), delay=minute * 60_000 or None)


@dramatiq.actor(queue_name="news", schema="public", max_retries=0, time_limit=120_000)
def fetch_companies(instrument_ids: list[int]) -> None:
    """Whom no source told of tonight is asked for tomorrow."""
    for refresh in (services.refresh_events, services.refresh_profiles):
        try:
            refresh(instrument_ids)
        except ProviderError as error:
            logger.warning("%s", error)


@cron("40 2 * * *")
@dramatiq.actor(queue_name="news", schema="public", max_retries=3, time_limit=600_000)
def refresh_rates() -> None:
    """Nightly: what the currencies of the instruments cost in each other."""
    try:
        services.refresh_rates(today=Feed.objects.market_at().date())
    except ProviderError as error:
        logger.warning("no rates: %s", error)


@cron("15 3 * * *")
@dramatiq.actor(schema="public", max_retries=3, time_limit=300_000)
def trim_fetches() -> None:
    """Nightly: calls to sources are remembered for FETCH_DAYS."""
    services.trim_fetches()


@cron("0 4 * * *")
@dramatiq.actor(queue_name="history", schema="public", max_retries=0, time_limit=1_800_000)
def check_indicators() -> None:
    """Nightly: every stored reading against another implementation; a disagreement is told and computed anew."""
    if wrong := services.disagreeing_indicators(list(Quote.objects.values_list("pk", flat=True))):
        logger.error("RSI of instruments %s is not what their bars say", wrong)
        settle_quotes.send(wrong, anew=True)
