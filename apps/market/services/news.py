"""Headlines: stored once, matched to the instruments that they are about, and gathered to stories."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import timedelta
from html import unescape

from django.contrib.postgres.aggregates import ArrayAgg
from django.db import connection, transaction
from django.db.models import F, Max, Min, QuerySet

from apps.market.links import canonical_url, linkable_url
from apps.market.mentions import Company, Directory, Match
from apps.market.models import Article, Instrument, Mention
from apps.market.providers.base import Headline
from apps.market.stories import WINDOW, Telling, leads, title_hash

LOOKBACK = timedelta(days=30)
LOCK = 0x6E657773  # two writers of news gather the stories one after the other


@dataclass(slots=True)
class _Found:
    """A headline that is about somebody, under its hash."""

    headline: Headline
    page: str
    about: dict[int, Match] = field(default_factory=dict)


@transaction.atomic
def record_headlines(headlines: Iterable[Headline], instruments: Iterable[Instrument]) -> list[int]:
    """Ids of the articles that are new. A tag alone is no mention: the title must be about the instrument."""
    if not (told := list(headlines)):
        return []
    found = _about(told, instruments)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
    known = _stored(found)
    Article.objects.bulk_create(
        Article(
            title=_clean(one.headline.title),
            url=linkable_url(one.headline.url),
            canonical_url=one.page,
            published_at=one.headline.published_at,
            source=_clean(one.headline.source)[:80],
            via=one.headline.via,
            title_hash=key,
        )
        for key, one in found.items()
        if key not in known
    )
    stored = _stored(found)
    named = {(stored[key], pk): match for key, one in found.items() for pk, match in one.about.items()}
    gather_stories(_mention(named))
    return [stored[key] for key in found if key not in known]


def _about(headlines: Iterable[Headline], instruments: Iterable[Instrument]) -> dict[str, _Found]:
    """By title hash; of several headlines that lead to one page the first counts."""
    directory = Directory(Company(one.pk, one.symbol, one.name) for one in instruments)
    found: dict[str, _Found] = {}
    pages: dict[str, str] = {}
    for one in headlines:
        if about := directory.about(_clean(one.title), one.symbols):
            page = canonical_url(one.url)
            key = pages.get(page) or title_hash(one.title)
            if page:
                pages.setdefault(page, key)
            found.setdefault(key, _Found(one, page)).about.update(about)
    return found


def _clean(text: str) -> str:
    """One line of what a source sent: entities read, control characters gone, as long as the column."""
    return " ".join("".join(sign if sign.isprintable() else " " for sign in unescape(text)).split())[:400]


def _stored(found: dict[str, _Found]) -> dict[str, int]:
    """Hash -> id of the article with that title, else with that page."""
    pages = {one.page: key for key, one in found.items() if one.page}
    by_page = Article.objects.filter(canonical_url__in=pages).values_list("canonical_url", "pk")
    by_title = Article.objects.filter(title_hash__in=found).values_list("title_hash", "pk")
    return {pages[page]: pk for page, pk in by_page} | dict(by_title)


def _mention(named: dict[tuple[int, int], Match]) -> set[int]:
    """Ids of the articles that are about more than was known."""
    wanted = {pk for pk, _ in named}
    known = set(Mention.objects.filter(article__in=wanted).values_list("article_id", "instrument_id"))
    fresh = {key: match for key, match in named.items() if key not in known}
    Mention.objects.bulk_create(
        Mention(article_id=article, instrument_id=instrument, confidence=match.confidence, reason=match.reason[:120])
        for (article, instrument), match in fresh.items()
    )
    return {article for article, _ in fresh}


def gather_stories(article_ids: Iterable[int]) -> None:
    """The story of each article, and of those in the two days after it about the same companies, anew.

    What ceases or begins to be the first telling may move those after it, so the same is done for these until nothing
    moves; time goes one way, so that ends. The stories are then those of all articles gathered at once.
    """
    moved = set(article_ids)
    while moved:
        moved = _gather(moved)


def _gather(moved: set[int]) -> set[int]:
    """Ids of the articles that became or are no longer the first of their story, beside `moved`."""
    span = Article.objects.filter(pk__in=moved).aggregate(first=Min("published_at"), last=Max("published_at"))
    until = span["last"] + WINDOW
    companies = Mention.objects.filter(article__in=moved).values("instrument")
    near = Article.objects.filter(mentions__instrument__in=companies, published_at__range=(span["first"], until))
    tellings = _tellings(Article.objects.filter(pk__in=near.values("pk")))
    beside = Mention.objects.filter(article__in=tellings).values("instrument")
    firsts = Article.objects.filter(
        mentions__instrument__in=beside, published_at__range=(span["first"] - WINDOW, until), cluster=F("pk")
    ).exclude(pk__in=tellings)
    known = _tellings(Article.objects.filter(pk__in=firsts.values("pk")))
    found = leads(tellings.values(), list(known.values()))
    before = dict(Article.objects.filter(pk__in=found).values_list("pk", "cluster_id"))
    changed = {pk: lead for pk, lead in found.items() if before[pk] != lead}
    Article.objects.bulk_update((Article(pk=pk, cluster_id=lead) for pk, lead in changed.items()), ["cluster"], 1000)
    return {pk for pk, lead in changed.items() if pk not in moved and (lead == pk or before[pk] == pk)}


def _tellings(articles: QuerySet[Article]) -> dict[int, Telling]:
    rows = articles.order_by().annotate(about=ArrayAgg("mentions__instrument_id"))
    return {
        pk: Telling(pk, title, at, frozenset(about))
        for pk, title, at, about in rows.values_list("pk", "title", "published_at", "about")
    }
