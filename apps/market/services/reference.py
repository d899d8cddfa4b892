"""Exchanges and instruments of a provider; another set of data begins clean."""

from django.db import connection, transaction
from django.db.models import F

from apps.market.models import (
    UNIVERSE_PK,
    Article,
    Bar,
    CorporateAction,
    Errand,
    Exchange,
    Feed,
    Hole,
    IndicatorState,
    Instrument,
    Mention,
    MinuteBar,
    Quarantine,
    Quote,
    Score,
    SignalState,
    Universe,
)
from apps.market.providers import reference
from apps.market.providers.base import MarketProvider
from apps.market.services.feed import open_feed


@transaction.atomic
def import_reference(provider: MarketProvider) -> int:
    """The number of instruments known. When the provider or its data changed, everything of the old series goes.

    Instruments stay for ever: organizations point at them.
    """
    feed = Feed.objects.current()
    if feed is None or feed.series != provider.series():
        _clear_series()
        open_feed(provider, provider.channel())
    import_exchanges()
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
    for known in (True, False):  # what the list does not say of a company, a profile may have said
        Instrument.objects.bulk_create(
            [one for one in instruments if bool(one.sector) == known],
            update_conflicts=True,
            unique_fields=["exchange", "symbol"],
            update_fields=["name", "currency", "asset_class", *(("sector", "country") if known else ())],
        )
    note_instruments()
    return len(instruments)


def import_exchanges() -> None:
    """The exchanges of the repository's data folder."""
    Exchange.objects.bulk_create(
        [Exchange(**row) for row in reference.exchanges()],
        update_conflicts=True,
        unique_fields=["mic"],
        update_fields=["name", "timezone", "calendar"],
    )


def note_instruments() -> None:
    """The instruments are others than before: search reads them anew."""
    Universe.objects.get_or_create(pk=UNIVERSE_PK)
    Universe.objects.filter(pk=UNIVERSE_PK).update(version=F("version") + 1)


def _clear_series() -> None:
    """Empties what came from the provider before, the pointing before the pointed at.

    Plain statements: the ORM reads every row of a table with a composite key before it deletes it.
    """
    prices = (SignalState, IndicatorState, Quote, Bar, MinuteBar, CorporateAction, Hole, Quarantine, Errand)
    with connection.cursor() as cursor:
        for model in (*prices, Score, Mention, Article):
            cursor.execute(f'DELETE FROM "{model._meta.db_table}"')  # noqa: S608, SLF001 - names of our own models
