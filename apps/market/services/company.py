"""What companies are and what they have announced: asked for by batches, seldom, and never blanked by a bad answer."""

from collections.abc import Iterable, Sequence
from datetime import date, timedelta

from django.db import transaction
from django.utils import timezone

from apps.market.models import Demand, Errand, Event, Instrument
from apps.market.providers.company import Occasion, Profile
from apps.market.services.demand import claim_errands, release_errands
from apps.market.services.fetching import fetch_events, fetch_profiles

SELDOM, NIGHTLY = timedelta(days=30), timedelta(hours=20)  # between two questions about one instrument


def due_companies() -> list[int]:
    """Shares that somebody needs, in turn."""
    ids = [pk for pk, _ in Demand.objects.in_turn()]
    shares = set(Instrument.objects.filter(pk__in=ids, asset_class="stock").values_list("pk", flat=True))
    return [pk for pk in ids if pk in shares]


def refresh_profiles(instrument_ids: Iterable[int]) -> int:
    """How many were told. Raises ProviderError when no source answered; who was not told of may be asked for again."""
    asked = _claimed(Errand.Kind.PROFILE, instrument_ids, SELDOM)
    told: dict[int, Profile] = {}
    try:
        for instrument, profile in fetch_profiles(asked):
            record_profile(instrument, profile)
            told[instrument.pk] = profile
    finally:
        release_errands(Errand.Kind.PROFILE, [one.pk for one in asked if one.pk not in told])
    return len(told)


def refresh_events(instrument_ids: Iterable[int]) -> int:
    """As `refresh_profiles`, of the days to come."""
    asked = _claimed(Errand.Kind.EVENTS, instrument_ids, NIGHTLY)
    told: set[int] = set()
    try:
        for instrument, (source, occasions) in fetch_events(asked):
            record_events(instrument, occasions, source=source, today=timezone.now().date())
            told.add(instrument.pk)
    finally:
        release_errands(Errand.Kind.EVENTS, [one.pk for one in asked if one.pk not in told])
    return len(told)


def record_profile(instrument: Instrument, profile: Profile) -> None:
    """What the source does not say stays as it is."""
    said = {name: getattr(profile, name) for name in ("sector", "industry", "country")}
    changed = {name: text for name, text in said.items() if text and text != getattr(instrument, name)}
    if changed:
        Instrument.objects.filter(pk=instrument.pk).update(**changed)


@transaction.atomic
def record_events(instrument: Instrument, occasions: Sequence[Occasion], *, source: str, today: date) -> None:
    """All days to come as the source tells them now; what it no longer tells was moved or called off."""
    kept = {(one.kind, one.on) for one in occasions if one.on >= today}
    for event in Event.objects.filter(instrument=instrument).coming(today):
        if (event.kind, event.on) not in kept:
            event.delete()
    Event.objects.bulk_create(
        [Event(instrument=instrument, kind=kind, on=on, source=source) for kind, on in sorted(kept)],
        ignore_conflicts=True,
    )


def _claimed(kind: Errand.Kind, instrument_ids: Iterable[int], rest: timedelta) -> list[Instrument]:
    mine = claim_errands(kind, instrument_ids, rest=rest)
    found = Instrument.objects.select_related("exchange").in_bulk(mine)
    return [found[pk] for pk in mine if pk in found]
