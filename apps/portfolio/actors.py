"""What an organization needs is written down for the market, and what nobody needed before is fetched for everybody."""

import logging
from datetime import timedelta
from itertools import batched

import dramatiq
from django.db import DatabaseError
from django_tenants.utils import schema_context, tenant_context
from dramatiq_crontab import cron

from apps.market import live, providers
from apps.market import services as market
from apps.market.currencies import NoRateError
from apps.market.models import PAGES, Demand, Errand, Instrument
from apps.portfolio import services
from apps.portfolio.models import Import, Portfolio
from apps.portfolio.models.imports import State
from apps.portfolio.services import importing
from apps.tenants.backend.connections import connection
from apps.tenants.models import Organization
from apps.tenants.tasks import send_or_wait

logger = logging.getLogger(__name__)

BATCH = 20  # newcomers a job
CLAIM = timedelta(seconds=60)  # after a kill somebody else asks
UNKNOWN = timedelta(days=1)  # the feed had no price at all: not asked about before that


@dramatiq.actor(queue_name="quotes", schema="public", max_retries=5, time_limit=300_000)
def fetch_newcomers(instrument_ids: list[int]) -> None:
    """Each fetched whole, once whoever needs it; its cells appear on every page that shows it.

    Safe to repeat. An unknown symbol is told where its price is awaited. A source that is away raises: tried again.
    """
    found = Instrument.objects.select_related("exchange").filter(quote__isnull=True).in_bulk(instrument_ids)
    for pk in instrument_ids:
        if pk in found and market.claim_errands(Errand.Kind.HISTORY, [pk], rest=CLAIM):
            _fetch(found[pk])


def _fetch(instrument: Instrument) -> None:
    try:
        quotes = market.fetch_instrument(providers.active(), instrument)
    except market.NoPricesError as error:
        logger.warning("%s", error)
        market.postpone_errands(Errand.Kind.HISTORY, [instrument.pk], by=UNKNOWN)
        live.push_unknown(instrument)
    except Exception:
        market.release_errands(Errand.Kind.HISTORY, [instrument.pk])
        raise
    else:
        live.push_quotes(quotes)
        live.push_quotes(market.score_articles(), ("sentiment",))


@dramatiq.actor(queue_name="demand", max_retries=3, time_limit=60_000)
def record_demand() -> None:
    """What the organization that it was sent from needs now."""
    holder, wants = connection.schema_name, services.needed_instruments()
    currencies = services.counted_currencies()
    with schema_context("public"):
        market.record_demand(holder, wants)
        market.record_currencies(holder, currencies)
    _fetch_unpriced(sorted(wants, key=lambda pk: wants[pk]))


def note_demand() -> None:
    """After a change of lists or books. While the broker is away the sweep notes it."""
    send_or_wait(record_demand)


@cron("*/5 * * * *")
@dramatiq.actor(queue_name="demand", schema="public", max_retries=0, time_limit=240_000)
def sweep_demand() -> None:
    """What every active organization needs, what nobody needs any more, and newcomers that a lost job left."""
    organizations = list(Organization.objects.active().order_by("created_at"))
    market.forget_demand(keep=[PAGES, *(organization.schema_name for organization in organizations)])
    for organization in organizations:
        try:
            with tenant_context(organization):
                record_demand.send()
        except DatabaseError:  # one organization's trouble is not its neighbours'
            logger.exception("what %s needs was not noted", organization.subdomain)
    _fetch_unpriced([pk for pk, _ in Demand.objects.in_turn()])


@dramatiq.actor(queue_name="default", max_retries=0, time_limit=600_000)
def keep_snapshots(*, verified: bool = False) -> None:
    """The closed days of every portfolio of the organization that it was sent from; a page does not wait for it.

    `verified` replays each ledger whole and puts right what differs.
    """
    closed = services.market_day() - timedelta(days=1)
    keep = services.verify_snapshots if verified else services.refresh_snapshots
    for portfolio in Portfolio.objects.order_by("created_at"):
        try:
            keep(portfolio, through=closed)
        except NoRateError as error:
            logger.info("%s is not replayed: %s", portfolio.pk, error)


@cron("25 * * * *")
@dramatiq.actor(queue_name="default", schema="public", max_retries=0, time_limit=240_000)
def sweep_snapshots() -> None:
    """Every active organization, each hour: what is kept already costs it a few queries a portfolio."""
    _send_to_all(keep_snapshots)


@cron("40 3 * * *")
@dramatiq.actor(queue_name="default", schema="public", max_retries=0, time_limit=240_000)
def sweep_verification() -> None:
    """Once a night the whole of it: nothing derived is the truth."""
    _send_to_all(keep_snapshots, verified=True)


def _send_to_all(actor: dramatiq.Actor[..., None], **options: bool) -> None:
    for organization in Organization.objects.active().order_by("created_at"):
        try:
            with tenant_context(organization):
                actor.send(**options)
        except DatabaseError:  # one organization's trouble is not its neighbours'
            logger.exception("the days of %s were not sent for", organization.subdomain)


def _fetch_unpriced(instrument_ids: list[int]) -> None:
    """Those without a price, in the order given."""
    with schema_context("public"):
        unpriced = set(
            Instrument.objects.listed().filter(pk__in=instrument_ids, quote=None).values_list("pk", flat=True)
        )
        resting = market.resting_errands(Errand.Kind.HISTORY, unpriced)
    for batch in batched((pk for pk in instrument_ids if pk in unpriced - resting), BATCH):
        fetch_newcomers.send(list(batch))


def fetch_when_new(instrument: Instrument) -> None:
    """Nobody held it before: it has no quote. While the broker is away the sweep brings it."""
    if not hasattr(instrument, "quote"):
        send_or_wait(fetch_newcomers, [instrument.pk])


@dramatiq.actor(queue_name="default", max_retries=3, time_limit=600_000)
def work_on_import(import_id: str) -> None:
    """Reads, records or undoes one. Safe to repeat: one process at a time, one transaction for the ledger."""
    imported = importing.work_on_import(Import.objects.get(pk=import_id))
    if imported.state in {State.DONE, State.UNDONE}:
        record_demand.send()


def send_import(imported: Import) -> None:
    """The worker does it."""
    send_or_wait(work_on_import, str(imported.pk))


@cron("* * * * *")
@dramatiq.actor(max_retries=0, time_limit=50_000, schema="public")
def sweep_imports() -> None:
    """Sends each active organization's unfinished imports again; gives up what has used its attempts."""
    with schema_context("public"):
        organizations = list(Organization.objects.active().order_by("created_at"))
    for organization in organizations:
        try:
            with tenant_context(organization):
                for imported in importing.due_imports():
                    _again(imported)
        except DatabaseError:  # one organization's trouble is not its neighbours'
            logger.exception("imports of %s were not swept", organization.subdomain)


def _again(imported: Import) -> None:
    if imported.attempts >= importing.MOST_ATTEMPTS:
        importing.give_up_import(imported)
    else:
        send_import(imported)
