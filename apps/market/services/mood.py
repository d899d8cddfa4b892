"""What the headlines say: each is scored once per version of the model, and summed up per instrument over stories."""

from collections.abc import Iterable
from datetime import datetime
from typing import cast

from django.db import transaction

from apps.market.models import Article, Feed, Mention, Quote, Score
from apps.market.sentiment import MODEL, Reading, aggregate, score
from apps.market.services.news import LOOKBACK


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
    for pk, story, at, compound in window.values_list(
        "instrument_id", "article__cluster_id", "article__published_at", "article__score__compound"
    ):
        readings[pk].append(Reading(cast(int, story), at, compound))
    for quote in quotes:
        mood = aggregate(readings[quote.pk], clock)
        quote.sentiment, quote.sentiment_n = mood.value, mood.stories
    Quote.objects.bulk_update(quotes, ["sentiment", "sentiment_n"])
    return quotes
