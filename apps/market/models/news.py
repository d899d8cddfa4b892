"""Headlines, the instruments they name, and how they were scored."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Self

from django.contrib.postgres.expressions import ArraySubquery
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.db.models.functions import JSONObject

from apps.market.models.instruments import Instrument


@dataclass(frozen=True, slots=True)
class Telling:
    """Another article of the same story, as a page lists it."""

    title: str
    url: str
    source: str
    published_at: datetime


class ArticleQuerySet(models.QuerySet["Article"]):
    def about(self, instrument_ids: Iterable[int], until: datetime | None = None) -> Self:
        """Stories, newest first: the last telling of each, with its score, the `symbols` it names and the `others`.

        One query. No look-ahead: with `until` nothing that was published after that moment is known.
        """
        about = Mention.objects.filter(article=OuterRef("pk"), instrument__in=list(instrument_ids))
        told = Article.objects.filter(Exists(about))
        if until:
            told = told.filter(published_at__lte=until)
        same = told.filter(cluster=OuterRef("cluster")).exclude(pk=OuterRef("pk"))
        at = OuterRef("published_at")
        newer = same.filter(Q(published_at__gt=at) | Q(published_at=at, pk__gt=OuterRef("pk")))
        named = Mention.objects.filter(article=OuterRef("pk")).order_by("instrument__symbol")
        symbol = JSONObject(mic="instrument__exchange_id", symbol="instrument__symbol", reason="reason")
        telling = JSONObject(title="title", url="url", source="source", published_at="published_at")
        others = same.order_by("-published_at", "-pk").values(telling=telling)
        return (
            self.select_related("score")
            .filter(~Exists(newer), pk__in=told.values("pk"))
            .annotate(symbols=ArraySubquery(named.values(named=symbol)), others=ArraySubquery(others))
            .order_by("-published_at", "-pk")
        )

    def unscored(self, model: str) -> Self:
        """Those that this version of the model has not read."""
        return self.exclude(score__model=model)


class Article(models.Model):
    """One headline; the hash of its normal title, and the canonical form of its address, keep it single.

    `cluster` is the first telling of the same story, which may be the article itself (apps/market/stories.py).
    """

    title = models.CharField(max_length=400)
    url = models.URLField(max_length=600, blank=True)
    canonical_url = models.CharField(max_length=600, blank=True)
    published_at = models.DateTimeField(db_index=True)
    source = models.CharField(max_length=80)
    via = models.CharField(max_length=16, blank=True, help_text="The provider that brought it.")
    title_hash = models.CharField(max_length=64, unique=True)
    cluster = models.ForeignKey("self", on_delete=models.SET_NULL, null=True, blank=True, related_name="tellings")
    instruments = models.ManyToManyField(Instrument, through="Mention", related_name="articles")

    objects = ArticleQuerySet.as_manager()

    symbols: list[dict[str, str]]  # annotated by `about`: mic, symbol and why
    others: list[dict[str, str]]  # annotated by `about`: title, url, source and published_at of other tellings

    class Meta:
        ordering = ("-published_at", "-pk")
        constraints = (
            models.UniqueConstraint(fields=("canonical_url",), condition=~Q(canonical_url=""), name="article_once"),
        )

    def __str__(self) -> str:
        return self.title

    @property
    def tellings_beside(self) -> list[Telling]:
        """The `others`, newest first."""
        return [
            Telling(one["title"], one["url"], one["source"], datetime.fromisoformat(one["published_at"]))
            for one in self.others
        ]


class Mention(models.Model):
    """An article is about an instrument: how sure that is (0 to 1), and why."""

    article = models.ForeignKey(Article, on_delete=models.CASCADE, related_name="mentions")
    instrument = models.ForeignKey(Instrument, on_delete=models.PROTECT, related_name="mentions")
    confidence = models.FloatField(default=1.0)
    reason = models.CharField(max_length=120, blank=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("article", "instrument"), name="mention_once_an_article"),
            models.CheckConstraint(condition=Q(confidence__gt=0, confidence__lte=1), name="mention_sure"),
        )

    def __str__(self) -> str:
        return f"{self.article_id} {self.instrument_id}"


class Score(models.Model):
    """What a model of a certain version read in a title, and the words that made it."""

    article = models.OneToOneField(Article, on_delete=models.CASCADE, primary_key=True, related_name="score")
    compound = models.FloatField()
    label = models.CharField(max_length=8)
    words = models.JSONField(default=dict)
    model = models.CharField(max_length=40)

    class Meta:
        constraints = (models.CheckConstraint(condition=Q(compound__gte=-1, compound__lte=1), name="score_within_one"),)

    def __str__(self) -> str:
        return f"{self.article_id} {self.compound}"
