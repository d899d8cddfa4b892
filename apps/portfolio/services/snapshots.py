"""Days of a portfolio that are kept: replayed once, gone on from, forgotten from the day on which something changed."""

from collections.abc import Iterable
from datetime import date

from django.db import transaction
from django.utils import timezone

from apps.market.models import Instrument
from apps.portfolio.models import Portfolio, Reckoning, Snapshot
from apps.portfolio.replay import EVE, Day, Standing, Terms
from apps.portfolio.services.books import keeps_cash, own_splits, rows_of
from apps.portfolio.services.evidence import changed_since, known_of, splits_up_to
from apps.portfolio.services.packing import COLUMNS, as_day, as_json, as_snapshot, as_standing
from apps.portfolio.services.series import rates_of, series_of, splits_of
from apps.portfolio.services.tallies import forget_tally, refresh_tally
from apps.portfolio.walking import Walked, walk

BATCH = 1000


@transaction.atomic
def forget_snapshots(portfolio: Portfolio, since: date, instruments: Iterable[int] | None = None) -> None:
    """What is kept of that day and of later ones is no longer true: the ledger changed there, in rows of `instruments`
    (None: perhaps of any).

    The day before goes too, for a flow joins what was there at that close. Where the change says that the book keeps
    cash, or that it no longer does, no day stays.
    """
    reckoning = _locked(portfolio)
    forget_tally(portfolio, instruments)
    if reckoning is not None:
        _forget(reckoning, since - EVE if reckoning.keeps_cash == keeps_cash(portfolio) else date.min)


@transaction.atomic
def refresh_snapshots(portfolio: Portfolio, *, through: date) -> int:
    """Replays and keeps the days that are missing up to `through`; how many were written.

    Raises NoRateError where a currency has no way into the portfolio's; then nothing was changed.
    """
    reckoning = _locked(portfolio)
    if reckoning is not None:
        reckoning = _forget(reckoning, changed_since(reckoning))
    if reckoning is not None and reckoning.through >= through:
        return 0
    standing = as_standing(reckoning.standing) if reckoning else None
    return _keep(portfolio, _walked(portfolio, standing, through), through, reckoning)


@transaction.atomic
def verify_snapshots(portfolio: Portfolio, *, through: date) -> int:
    """Replays the whole ledger and puts right every kept day that differs; how many did. Raises NoRateError."""
    reckoning = _locked(portfolio)
    walked = _walked(portfolio, None, through)
    fresh = [as_snapshot(portfolio, day, walked.firsts.get(day.on)) for day in walked.days]
    kept = {row.on: row for row in Snapshot.objects.filter(portfolio=portfolio)}
    wrong = [row for row in fresh if row.on not in kept or not row.equals(kept[row.on])]
    gone = kept.keys() - {row.on for row in fresh}
    if wrong or gone or reckoning is None:
        Snapshot.objects.filter(portfolio=portfolio, on__in=[*gone, *(row.on for row in wrong)]).delete()
        Snapshot.objects.bulk_create(wrong, batch_size=BATCH)
    _reckon(portfolio, walked, through, [])
    refresh_tally(portfolio, through + EVE, whole=True)
    return len(wrong) + len(gone)


def days_of(portfolio: Portfolio, *, since: date | None, until: date, closed: date) -> list[Day]:
    """The days of a period: kept ones, those that are missing replayed first, then those after `closed`, not kept.

    The first is the last one on or before `since`, by default the day before the first row. Raises NoRateError.
    """
    reckoning = Reckoning.objects.filter(pk=portfolio.pk).first()
    if reckoning is None or reckoning.through < closed or changed_since(reckoning) is not None:
        refresh_snapshots(portfolio, through=closed)
        reckoning = Reckoning.objects.filter(pk=portfolio.pk).first()
    kept = Snapshot.objects.filter(portfolio=portfolio, on__lte=until)
    if since is not None and (opening := kept.filter(on__lte=since).order_by("on").last()) is not None:
        kept = kept.filter(on__gte=opening.on)
    days = [as_day(row) for row in kept.order_by("on").values_list(*COLUMNS)]
    if reckoning is None or reckoning.through < until:
        days += _walked(portfolio, as_standing(reckoning.standing) if reckoning else None, until).days
    return days


def _locked(portfolio: Portfolio) -> Reckoning | None:
    """Whoever writes a ledger or what is kept of it does so one after the other."""
    Portfolio.objects.select_for_update(no_key=True).get(pk=portfolio.pk)
    return Reckoning.objects.filter(pk=portfolio.pk).first()


def _forget(reckoning: Reckoning, since: date | None) -> Reckoning | None:
    """Days from then on, and those after the last standing before it; None forgets nothing. Returns what is left."""
    if since is None or since > reckoning.through:
        return reckoning
    kept = Snapshot.objects.filter(portfolio=reckoning.pk)
    last = kept.filter(on__lt=since, standing__isnull=False).order_by("on").last()
    if last is None:
        kept.delete()
        reckoning.delete()
        return None
    kept.filter(on__gt=last.on).delete()
    reckoning.through, reckoning.standing = last.on, last.standing
    reckoning.save(update_fields=["through", "standing"])
    return reckoning


def _walked(portfolio: Portfolio, standing: Standing | None, until: date) -> Walked:
    rows = rows_of(portfolio, until=until, after=standing.on if standing else None)
    held = standing.held if standing else ()
    keys = {key for key in (*(row.instrument for row in rows), *held) if isinstance(key, int)}
    currencies = dict(Instrument.objects.filter(pk__in=keys).values_list("pk", "currency"))
    since = standing.on if standing else rows[0].on - EVE if rows else until
    spent = {row.currency for row in rows} | {*(standing.cash if standing else ())}
    return walk(
        rows,
        series_of(currencies, since, until, splits_of(keys, own_splits(portfolio))),
        rates_of(portfolio.base_currency, {*currencies.values(), *spent}, since, until),
        until=until,
        standing=standing,
        terms=Terms(cash=keeps_cash(portfolio)),
    )


def _keep(portfolio: Portfolio, walked: Walked, through: date, before: Reckoning | None) -> int:
    rows = [as_snapshot(portfolio, day, walked.firsts.get(day.on)) for day in walked.days]
    Snapshot.objects.bulk_create(rows, batch_size=BATCH)
    _reckon(portfolio, walked, through, before.splits if before else ())
    return len(rows)


def _reckon(portfolio: Portfolio, walked: Walked, through: date, before: Iterable[str]) -> None:
    """How far the kept days go now, and what of the market they rest on."""
    if walked.last is None:
        Reckoning.objects.filter(pk=portfolio.pk).delete()
        return
    keys = {int(key) for key in before} | {key for key in walked.seen if isinstance(key, int)}
    Reckoning.objects.update_or_create(
        portfolio=portfolio,
        defaults={
            "through": through,
            "standing": as_json(walked.last),
            "splits": splits_up_to(portfolio, keys, through),
            "known": known_of(keys, through),
            "keeps_cash": keeps_cash(portfolio),
            "seen_at": timezone.now(),
        },
    )
