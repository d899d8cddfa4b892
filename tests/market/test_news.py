"""Headlines in the real database: stored once, scored once per version, summed up on the market clock."""

from datetime import UTC, datetime

import pytest

from apps.market import services
from apps.market.models import Article, Instrument, Mention, Quote, Score
from apps.market.providers.base import Headline

pytestmark = pytest.mark.usefixtures("begun")
AT = datetime(2013, 2, 27, 12, tzinfo=UTC)


def headline(title: str, *symbols: str) -> Headline:
    return Headline(title, AT, "test wire", symbols or ("WALK",))


def record(*headlines: Headline) -> list[int]:
    return services.record_headlines(headlines, Instrument.objects.all())


def test_a_headline_is_stored_once() -> None:
    assert len(record(headline("Walk opens a shop"), headline("Walk opens a shop!"))) == 1
    assert record(headline("WALK opens a shop")) == []


def test_a_tag_alone_is_no_mention() -> None:
    assert record(headline("Ten shares to watch")) == []


def test_a_headline_about_two_is_one_article() -> None:
    pks = record(headline("Walk buys Mins", "WALK", "MINS"))
    assert sorted(Mention.objects.filter(article__in=pks).values_list("instrument__symbol", flat=True)) == [
        "MINS",
        "WALK",
    ]


def test_every_article_is_scored_and_says_by_what() -> None:
    services.score_articles()
    assert Score.objects.count() == Article.objects.count() == 3
    assert set(Score.objects.values_list("model", flat=True)) == {"vader+finance-1"}


def test_scoring_again_changes_nothing() -> None:
    services.score_articles()
    assert services.score_articles() == []


def test_an_older_models_score_is_replaced() -> None:
    services.score_articles()
    Score.objects.update(model="older", compound=0.123)
    services.score_articles()
    assert not Score.objects.filter(compound=0.123).exists()


def test_three_stories_make_a_mood(walk: Instrument) -> None:
    services.score_articles()
    quote = Quote.objects.get(pk=walk.pk)
    assert quote.sentiment_n == 3
    assert quote.sentiment is not None
    assert -1 <= quote.sentiment <= 1


def test_fewer_abstain() -> None:
    services.score_articles()
    assert Quote.objects.get(instrument__symbol="SPLT").sentiment is None


def test_articles_of_a_page_come_with_their_scores(walk: Instrument) -> None:
    services.score_articles()
    found = list(Article.objects.about([walk.pk]))
    assert [one.score.label for one in found] == ["negative", "positive", "negative"]
