"""Exchanges and instruments of a provider; another set of data begins clean."""

from django.db import transaction

from apps.market.models import (
    Article,
    Bar,
    CorporateAction,
    Exchange,
    Feed,
    Instrument,
    Mention,
    MinuteBar,
    Quote,
    Score,
    SignalState,
)
from apps.market.providers import reference
from apps.market.providers.base import Provider
from apps.market.services.feed import open_feed


@transaction.atomic
def import_reference(provider: Provider) -> int:
    """The number of instruments known. When the provider or its data changed, everything of the old series goes.

    Instruments stay for ever: organizations point at them.
    """
    feed = Feed.objects.current()
    if feed is None or feed.series != provider.series():
        _clear_series()
        open_feed(provider, provider.channel())
    Exchange.objects.bulk_create(
        [Exchange(**row) for row in reference.exchanges()],
        update_conflicts=True,
        unique_fields=["mic"],
        update_fields=["name", "timezone", "calendar"],
    )
    instruments = [
        Instrument(
            symbol=listing.symbol,
            exchange_id=listing.mic,
            name=listing.name,
            currency=listing.currency,
            asset_class=listing.asset_class,
            sector=listing.sector,
            country=listing.country,
        )
        for listing in provider.listings()
    ]
    Instrument.objects.bulk_create(
        instruments,
        update_conflicts=True,
        unique_fields=["exchange", "symbol"],
        update_fields=["name", "currency", "asset_class", "sector", "country"],
    )
    return len(instruments)


def _clear_series() -> None:
    """Empties what came from the provider before, the pointing before the pointed at."""
    for rows in (SignalState.objects, Quote.objects, Bar.objects, MinuteBar.objects, CorporateAction.objects):
        rows.all().delete()
    for news in (Score.objects, Mention.objects, Article.objects):
        news.all().delete()
