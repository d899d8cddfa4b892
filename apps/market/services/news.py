"""Headlines: stored once, matched to the instruments that they name, scored, and summed up per instrument."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db import transaction

from apps.market.models import Article, Feed, Instrument, Mention, Quote, Score
from apps.market.providers.base import Headline
from apps.market.sentiment import MODEL, Reading, aggregate, names, score, title_hash

LOOKBACK = timedelta(days=30)


@transaction.atomic
def record_headlines(headlines: Iterable[Headline], instruments: Iterable[Instrument]) -> list[int]:
    """Ids of the articles that are new. A tag alone is no mention: the title must name the instrument."""
    by_symbol = {instrument.symbol: instrument for instrument in instruments}
    named: dict[str, tuple[Headline, set[int]]] = {}
    for one in headlines:
        tagged = (by_symbol[symbol] for symbol in one.symbols if symbol in by_symbol)
        found = {instrument.pk for instrument in tagged if names(one.title, instrument.symbol, instrument.name)}
        if found:
            named.setdefault(title_hash(one.title), (one, set()))[1].update(found)
    known = set(Article.objects.filter(title_hash__in=named).values_list("title_hash", flat=True))
    Article.objects.bulk_create(  # stream and worker may bring the same headline at the same moment
        (
            Article(
                title=one.title[:400], url=one.url, published_at=one.published_at, source=one.source, title_hash=key
            )
            for key, (one, _) in named.items()
            if key not in known
        ),
        ignore_conflicts=True,
    )
    stored = dict(Article.objects.filter(title_hash__in=named).values_list("title_hash", "pk"))
    Mention.objects.bulk_create(
        (Mention(article_id=stored[key], instrument_id=pk) for key, (_, found) in named.items() for pk in found),
        ignore_conflicts=True,
    )
    return [pk for key, pk in stored.items() if key not in known]


@transaction.atomic
def score_articles() -> list[Quote]:
    """Scores what this version of the model has not read; the quotes of the instruments concerned."""
    articles = list(Article.objects.unscored(MODEL))
    scores = []
    for article in articles:
        found = score(article.title)
        scores.append(
            Score(article=article, compound=found.compound, label=found.label, words=found.words, model=MODEL)
        )
    Score.objects.bulk_create(
        scores,
        update_conflicts=True,
        unique_fields=["article"],
        update_fields=["compound", "label", "words", "model"],
    )
    touched = Mention.objects.filter(article__in=articles).values_list("instrument_id", flat=True)
    return aggregate_sentiment(touched.distinct(), Feed.objects.market_at())


@transaction.atomic
def aggregate_sentiment(instrument_ids: Iterable[int], clock: datetime) -> list[Quote]:
    """Sums up the scored headlines of the last 30 days of the market clock; fewer than three stories abstain."""
    ids = list(instrument_ids)
    Quote.objects.lock(ids)
    quotes = list(Quote.objects.of(ids))
    readings: dict[int, list[Reading]] = {quote.pk: [] for quote in quotes}
    window = Mention.objects.filter(
        instrument__in=readings, article__published_at__lte=clock, article__published_at__gt=clock - LOOKBACK
    ).filter(article__score__isnull=False)
    for pk, title, at, compound in window.values_list(
        "instrument_id", "article__title", "article__published_at", "article__score__compound"
    ):
        readings[pk].append(Reading(title, at, compound))
    for quote in quotes:
        mood = aggregate(readings[quote.pk], clock)
        quote.sentiment, quote.sentiment_n = mood.value, mood.stories
    Quote.objects.bulk_update(quotes, ["sentiment", "sentiment_n"])
    return quotes
