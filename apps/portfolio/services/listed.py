"""Instruments with what the market says of them now, in one query: quote, clock and splits."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef, Subquery
from django.db.models.functions import JSONObject

from apps.market.models import FEED_PK, ActionKind, CorporateAction, Feed, Instrument, Quote
from apps.portfolio.splits import Split, splits_without_twins


@dataclass(frozen=True, slots=True)
class Listed:
    """An instrument, its quote (None: it has none yet) and its splits; two records of one split count once."""

    instrument: Instrument
    quote: Quote | None
    splits: list[Split]


def listed_of(instruments: Iterable[int]) -> dict[int, Listed]:
    """One query; each quote knows the clock that its age is measured with."""
    clock = Feed.objects.filter(pk=FEED_PK).values("market_at")[:1]
    told = CorporateAction.objects.filter(instrument=OuterRef("pk"), kind=ActionKind.SPLIT).order_by("on")
    said = told.values(json=JSONObject(on="on", numerator="numerator", denominator="denominator"))
    known: Any = Instrument.objects.select_related("exchange", "quote").annotate(
        market_at=Subquery(clock), told=ArraySubquery(said)
    )
    return {one.pk: _listed(one, one.market_at, one.told) for one in known.filter(pk__in=list(instruments))}


def _listed(instrument: Instrument, clock: object, told: list[dict[str, int | str]]) -> Listed:
    quote: Quote | None = getattr(instrument, "quote", None)
    if quote is not None:
        quote.market_at, quote.instrument = clock, instrument  # type: ignore[assignment]
    splits = [Split(date.fromisoformat(str(one["on"])), int(one["numerator"]), int(one["denominator"])) for one in told]
    return Listed(instrument, quote, splits_without_twins(splits))
