"""Headlines, the instruments they name, and how they were scored."""

from collections.abc import Iterable
from datetime import datetime
from typing import Self

from django.contrib.postgres.expressions import ArraySubquery
from django.db import models
from django.db.models import OuterRef, Q
from django.db.models.functions import JSONObject

from apps.market.models.instruments import Instrument


class ArticleQuerySet(models.QuerySet["Article"]):
    def about(self, instrument_ids: Iterable[int]) -> Self:
        """Newest first, each once, with its score and the `symbols` it names, all in one query."""
        about = Mention.objects.filter(instrument__in=list(instrument_ids)).values("article")
        named = Mention.objects.filter(article=OuterRef("pk")).order_by("instrument__symbol")
        symbol = JSONObject(mic="instrument__exchange_id", symbol="instrument__symbol")
        joined = self.select_related("score").annotate(symbols=ArraySubquery(named.values(named=symbol)))
        return joined.filter(pk__in=about).order_by("-published_at", "-pk")

    def unscored(self, model: str) -> Self:
        """Those that this version of the model has not read."""
        return self.exclude(score__model=model)

    def until(self, moment: datetime) -> Self:
        """No look-ahead: nothing published after that moment of the market clock."""
        return self.filter(published_at__lte=moment)


class Article(models.Model):
    """One headline; the hash of its normalised title keeps it single."""

    title = models.CharField(max_length=400)
    url = models.URLField(max_length=600, blank=True)
    published_at = models.DateTimeField(db_index=True)
    source = models.CharField(max_length=80)
    title_hash = models.CharField(max_length=64, unique=True)
    instruments = models.ManyToManyField(Instrument, through="Mention", related_name="articles")

    objects = ArticleQuerySet.as_manager()

    symbols: list[dict[str, str]]  # annotated by `about`: mic and symbol

    class Meta:
        ordering = ("-published_at", "-pk")

    def __str__(self) -> str:
        return self.title


class Mention(models.Model):
    """An article names an instrument."""

    article = models.ForeignKey(Article, on_delete=models.CASCADE, related_name="mentions")
    instrument = models.ForeignKey(Instrument, on_delete=models.PROTECT, related_name="mentions")

    class Meta:
        constraints = (models.UniqueConstraint(fields=("article", "instrument"), name="mention_once_an_article"),)

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
