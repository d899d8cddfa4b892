"""Generates what the benchmarks run on (never shown to anybody): a market, and an organization that watches it."""

import itertools
import random
import struct
from collections.abc import Iterator, Sequence
from datetime import timedelta
from hashlib import sha256

from django.db import models
from django.db.models import QuerySet
from django_tenants.utils import schema_context, tenant_context

from apps.accounts.models import User
from apps.accounts.permissions import Role
from apps.accounts.services import add_member
from apps.market.models import FEED_PK, Article, Bar, Basis, Exchange, Feed, Instrument, Mention, Mode, Quote, Score
from apps.portfolio.services import add_demo_book, onboard_user
from apps.tenants.services import create_organization
from benchmarks.names import MARKET_AT, OWNER, SESSION_ON, SOURCE, SUBDOMAIN, member_email, symbol
from benchmarks.sizes import sizes

ARTICLES = 200
BATCH = 5_000


def make() -> None:
    """One market, then one organization with its members, its fifty watched symbols and two books."""

    with schema_context("public"):
        make_market(random.Random(2013))
    make_organization()


def make_market(chance: random.Random) -> None:
    """Instruments, one quote each, bars of the watched ones, headlines about them."""

    exchange = Exchange.objects.create(mic="XNYS", name="Generated", timezone="America/New_York", calendar="XNYS")
    Feed.objects.create(
        pk=FEED_PK, provider="replay", mode=Mode.REPLAY, series=SOURCE, session_on=SESSION_ON, market_at=MARKET_AT,
        label="Generated for benchmarks",
    )  # fmt: skip
    numbers = range(sizes().instruments)
    _store(
        Instrument.objects.all(),
        (Instrument(symbol=symbol(n), exchange=exchange, name=f"Generated Company {n}") for n in numbers),
    )
    instruments = list(Instrument.objects.order_by("symbol"))
    _store_quotes(chance, instruments)
    _store_bars(chance, instruments[: sizes().watched])
    _store_news(chance, instruments[: sizes().watched])


def make_organization() -> None:
    """Through the services that the product uses; the starter watchlist takes settings.STARTER_SYMBOLS."""

    organization = create_organization(
        name="Acme Capital", subdomain=SUBDOMAIN, owner_email=OWNER, owner_name="Ann Owner", password=None
    )
    with tenant_context(organization):
        owner = add_member(email=OWNER, name="", role=Role.OWNER)
        for number in range(sizes().members):
            add_member(email=member_email(number), name=f"Member {number}", role=Role.VIEWER)
        for user in User.objects.all():
            onboard_user(organization=organization, user=user)
        for name, half in (("Growth", range(12)), ("Income", range(12, 24))):
            add_demo_book(owner=owner, name=name, symbols=map(symbol, half))


def _store_quotes(chance: random.Random, instruments: Sequence[Instrument]) -> None:

    def quotes() -> Iterator[Quote]:
        for instrument in instruments:
            closes = _walk(chance, 91)
            yield Quote(
                instrument_id=instrument.pk, price=closes[-1], previous_close=closes[-2], open=closes[-2],
                high=max(closes[-2:]), low=min(closes[-2:]), volume=chance.randrange(10**6), as_of=MARKET_AT,
                session_on=SESSION_ON, source=SOURCE, spark=struct.pack("<90f", *closes[:90]),
                rsi14=chance.uniform(20, 80), signal="neutral", signal_reason="RSI 50; averages without a direction",
                sentiment=chance.uniform(-1, 1), sentiment_n=5,
            )  # fmt: skip

    _store(Quote.objects.all(), quotes())


def _store_bars(chance: random.Random, instruments: Sequence[Instrument]) -> None:

    days = [SESSION_ON - timedelta(days=ago) for ago in range(1, sizes().sessions * 2)]
    sessions = sorted([day for day in days if day.weekday() < 5][: sizes().sessions])

    def bars() -> Iterator[Bar]:
        for instrument in instruments:
            for on, close in zip(sessions, _walk(chance, len(sessions)), strict=True):
                yield Bar(
                    instrument_id=instrument.pk, on=on, open=close, high=close, low=close, close=close, volume=1000,
                    basis=Basis.RAW, source=SOURCE,
                )  # fmt: skip

    _store(Bar.objects.all(), bars())


def _store_news(chance: random.Random, instruments: Sequence[Instrument]) -> None:

    titles = [f"Generated headline number {number} of a usual length about a company" for number in range(ARTICLES)]
    articles = Article.objects.bulk_create(
        Article(
            title=title, published_at=MARKET_AT - timedelta(minutes=7 * number), source=SOURCE,
            title_hash=sha256(title.encode()).hexdigest(),
        )
        for number, title in enumerate(titles)
    )  # fmt: skip
    Mention.objects.bulk_create(
        Mention(article=article, instrument_id=one.pk) for article in articles for one in chance.sample(instruments, 2)
    )
    Score.objects.bulk_create(
        Score(article=article, compound=chance.uniform(-1, 1), label="neutral", words={"usual": 0.4}, model=SOURCE)
        for article in articles
    )


def _walk(chance: random.Random, length: int) -> list[float]:
    """Prices of a random walk with steps of 1 %, none below a cent."""
    steps = (chance.gauss(1.0, 0.01) for _ in range(length - 1))
    walk = itertools.accumulate(steps, lambda price, step: max(price * step, 0.01), initial=chance.uniform(10, 400))
    return [round(price, 4) for price in walk]


def _store[Row: models.Model](rows: QuerySet[Row], made: Iterator[Row]) -> None:
    for batch in itertools.batched(made, BATCH):
        rows.bulk_create(batch)
