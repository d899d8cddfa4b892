"""Headlines in the real database: stored once, scored once per version, summed up on the market clock."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from random import Random

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


def stories() -> list[set[str]]:
    """Titles of each stored story of the test wire."""
    found: dict[int | None, set[str]] = {}
    for one in Article.objects.filter(title__contains="soles"):
        found.setdefault(one.cluster_id, set()).add(one.title)
    return sorted(found.values(), key=sorted)


TOLD = [
    Headline(f"Walk recalls {what} after complaints about soles", AT + timedelta(hours=hours), "test wire", ("WALK",))
    for hours, what in (
        (0, "a million shoes"),
        (30, "a million more shoes"),
        (60, "another million shoes"),
        (75, "hats"),
    )
]


@pytest.mark.parametrize("seed", range(8))
def test_stories_are_the_same_in_whatever_order_they_arrive(seed: int) -> None:
    record(*TOLD)
    at_once = stories()
    Article.objects.filter(title__contains="soles").delete()
    for one in Random(seed).sample(TOLD, len(TOLD)):
        record(one)
    assert stories() == at_once
    assert len(at_once) == 2


def test_a_mention_says_how_sure_it_is_and_why() -> None:
    (pk,) = record(headline("Walk opens a shop"))
    assert Mention.objects.values_list("confidence", "reason").get(article=pk) == (0.9, "name “Walk”")


def test_one_page_is_one_article() -> None:
    first = Headline("Walk opens a shop", AT, "test wire", ("WALK",), "https://news.test/shop?utm_source=a")
    (pk,) = record(first, replace(first, title="Walk now opens its shop", url="http://www.news.test/shop"))
    assert record(replace(first, title="Walk has opened", url="https://news.test/shop#top")) == []
    assert Article.objects.get(pk=pk).title == "Walk opens a shop"


def test_what_is_no_web_address_is_not_linked() -> None:
    (pk,) = record(Headline("Walk opens a shop", AT, "test wire", ("WALK",), "javascript:alert(1)"))
    assert Article.objects.get(pk=pk).url == ""


def test_what_a_source_sends_is_one_clean_line() -> None:
    (pk,) = record(Headline("Walk &amp; Mins\x00 open\n a shop", AT, "test\twire", ("WALK",)))
    assert Article.objects.values_list("title", "source").get(pk=pk) == ("Walk & Mins open a shop", "test wire")


def test_two_headlines_of_one_story_are_one_voice(walk: Instrument) -> None:
    services.score_articles()
    before = Quote.objects.get(pk=walk.pk).sentiment_n
    record(*TOLD[:2])
    services.score_articles()
    assert Quote.objects.get(pk=walk.pk).sentiment_n == before + 1


def test_a_page_shows_a_story_once_with_its_other_tellings(walk: Instrument) -> None:
    record(*TOLD)
    found = list(Article.objects.about([walk.pk]).filter(title__contains="soles"))
    assert [(one.title, [other["title"] for other in one.others]) for one in found] == [
        (TOLD[3].title, [TOLD[2].title]),
        (TOLD[1].title, [TOLD[0].title]),
    ]


def test_what_is_published_later_is_not_shown(walk: Instrument) -> None:
    record(*TOLD)
    found = Article.objects.about([walk.pk], until=AT).filter(title__contains="soles")
    assert [(one.title, one.others) for one in found] == [(TOLD[0].title, [])]
