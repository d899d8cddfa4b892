"""What an organization may keep, said at the form where it is one too many."""

from concurrent.futures import ThreadPoolExecutor
from itertools import repeat
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.db import connections
from django_tenants.utils import schema_context, tenant_context

from apps.accounts.models import Act, AuditEntry, User
from apps.market.models import Exchange, Instrument
from apps.portfolio.models import Portfolio, Watchlist, WatchlistItem
from apps.portfolio.services import add_to_watchlist, count_symbols, create_watchlist
from apps.reports.models import Report
from apps.tenants.models import Organization, Quota
from apps.tenants.services.quotas import QuotaError, change_quota, quota_usage, require_room
from apps.tenants.storage import TenantStorage
from tests.conftest import SYMBOLS, ClientOf


def _limit(organization: Organization, **limits: int) -> None:
    change_quota(organization=organization, limits=limits, by=None)


@pytest.fixture
def unlisted(_at_acme: None) -> Instrument:
    return _list_on_the_exchange("ZZ0")


def _list_on_the_exchange(symbol: str) -> Instrument:
    """The replay has no more symbols than the starter watchlist."""
    with schema_context("public"):
        exchange = Exchange.objects.get(mic="XNAS")
        return Instrument.objects.create(symbol=symbol, exchange=exchange, name=f"{symbol} Incorporated")


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("kind", "words"),
    [("members", "50 members"), ("symbols", "2,000 symbols"), ("alerts", "1,000 alerts"), ("storage_mb", "5,000 MB")],
)
def test_the_limit_is_reached_and_not_passed(acme: Organization, kind: str, words: str) -> None:
    with schema_context("public"):
        limit = getattr(Quota.objects.get(organization=acme), kind)
    require_room(acme, kind, used=limit - 1)
    require_room(acme, kind, used=limit - 3, more=3)
    with pytest.raises(QuotaError, match=f"^Your organization keeps {words}.*; ask the operator for more.$"):
        require_room(acme, kind, used=limit)
    with pytest.raises(QuotaError):
        require_room(acme, kind, used=lambda: limit - 2, more=3)


@pytest.mark.django_db
def test_one_symbol_too_many_is_said_at_the_field(
    client_of: ClientOf, ann: User, acme: Organization, unlisted: Instrument, apple: Instrument
) -> None:
    mine, client = create_watchlist(name="Mine", owner=ann), client_of(ann)
    _limit(acme, symbols=count_symbols())
    refused = client.post(f"/watchlists/{mine.pk}/items/", {"symbol": unlisted.symbol})
    assert refused.status_code == 422
    assert "Your organization keeps 5 symbols; ask the operator for more." in refused.text
    known = client.post(f"/watchlists/{mine.pk}/items/", {"symbol": apple.symbol})
    assert known.status_code == 302  # kept already: it takes no room
    _limit(acme, symbols=count_symbols() + 1)
    assert client.post(f"/watchlists/{mine.pk}/items/", {"symbol": unlisted.symbol}).status_code == 302


@pytest.mark.django_db
@pytest.mark.usefixtures("books")
def test_one_symbol_too_many_is_said_in_the_ledger(
    client_of: ClientOf, ann: User, acme: Organization, unlisted: Instrument
) -> None:
    book, client = Portfolio.objects.filter(owner=ann)[0], client_of(ann)
    entry = {"kind": "buy", "symbol": unlisted.symbol, "traded_on": "2012-01-03", "quantity": "1", "price": "10"}
    _limit(acme, symbols=count_symbols())
    refused = client.post(f"/portfolios/{book.pk}/transactions/new/", entry)
    assert (refused.status_code, "ask the operator" in refused.text) == (422, True)
    _limit(acme, symbols=count_symbols() + 1)
    assert client.post(f"/portfolios/{book.pk}/transactions/new/", entry).status_code == 302


@pytest.mark.django_db
@pytest.mark.usefixtures("books")
def test_files_have_room_until_they_have_none(client_of: ClientOf, ann: User, acme: Organization) -> None:
    book, client = Portfolio.objects.filter(owner=ann)[0], client_of(ann)
    TenantStorage().save("reports/large.bin", ContentFile(b"x" * 1_000_001))
    used = TenantStorage().used_mb()
    assert quota_usage(acme)["storage_mb"] == used >= 2
    _limit(acme, storage_mb=used)
    for headers in ({}, {"HX-Request": "true"}):
        refused = client.post(f"/reports/create/{book.pk}/", headers=headers)
        assert (refused.status_code, "MB of files; ask the operator" in refused.text) == (422, True)
    assert not Report.objects.exists()
    _limit(acme, storage_mb=used + 1)
    assert client.post(f"/reports/create/{book.pk}/").status_code == 302


@pytest.mark.django_db
def test_usage_is_counted_at_home(acme: Organization, globex: Organization, ann: User) -> None:
    before = quota_usage(globex)
    assert quota_usage(acme) | {"storage_mb": 0} == {"members": 3, "symbols": len(SYMBOLS), "storage_mb": 0}
    ann.is_active = False
    ann.save()
    assert quota_usage(acme)["members"] == 2
    assert quota_usage(globex) == before


@pytest.mark.django_db
def test_a_change_is_written_down_and_no_nonsense_is_stored(acme: Organization) -> None:
    _limit(acme, members=7)
    entry = AuditEntry.objects.get(act=Act.ORGANIZATION_CHANGED)
    assert (entry.details, entry.by_operator) == ({"quota": {"members": [50, 7]}}, True)
    for limit in (-1, 2**40):
        with pytest.raises(ValidationError):
            _limit(acme, members=limit)
    with schema_context("public"):
        assert Quota.objects.get(organization=acme).members == 7


def test_two_at_once_do_not_share_the_last_place(committed: None, acme: Organization, ann: User) -> None:
    """Each thread has a connection of its own; what they commit is taken back."""
    found = [_list_on_the_exchange(f"ZZ{n}") for n in range(4)]
    lists = [create_watchlist(name=f"Race {n}", owner=ann) for n in range(4)]
    _limit(acme, symbols=count_symbols() + 1)
    try:
        with ThreadPoolExecutor(4) as threads:
            outcomes = list(threads.map(_add, repeat(acme), lists, found, repeat(ann)))
        assert sorted(map(type, outcomes), key=str) == sorted([WatchlistItem, *[QuotaError] * 3], key=str)
    finally:
        Watchlist.objects.filter(name__startswith="Race").delete()
        _limit(acme, symbols=2000)
        with schema_context("public"):
            Instrument.objects.filter(symbol__startswith="ZZ")._raw_delete("default")


def _add(organization: Organization, watchlist: Watchlist, instrument: Instrument, by: User) -> Any:
    try:
        with tenant_context(organization):
            return add_to_watchlist(watchlist=watchlist, instrument=instrument, by=by)
    except QuotaError as error:
        return error
    finally:
        connections.close_all()
