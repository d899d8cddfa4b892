"""Jobs on market data; all run in the shared schema, take ids and are safe to repeat."""

import dramatiq
from dramatiq_crontab import cron

from apps.market import live, providers, services
from apps.market.models import Feed, Mode, Quote


@dramatiq.actor(schema="public", max_retries=5, time_limit=300_000)
def compute_indicators(instrument_ids: list[int]) -> None:
    """RSI and signal of the last close; the cells follow."""
    live.push_quotes(services.compute_indicators(instrument_ids), ("spark", "rsi", "signal"))


@dramatiq.actor(schema="public", max_retries=5, time_limit=300_000)
def score_articles() -> None:
    """What nobody has scored yet; the sentiment cells follow."""
    live.push_quotes(services.score_articles(), ("sentiment",))


@cron("30 2 * * *")
@dramatiq.actor(schema="public", max_retries=3, time_limit=1_800_000)
def refresh_market() -> None:
    """Nightly: sweeps up what a lost job left undone, and on a live market fetches history and news anew."""
    feed = Feed.objects.current()
    if feed and feed.mode == Mode.LIVE:
        provider = providers.active()
        for _ in services.load_history(provider, years=1):
            pass
        services.record_news(provider)
    compute_indicators.send(list(Quote.objects.values_list("pk", flat=True)))
    score_articles.send()
