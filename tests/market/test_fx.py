"""Rates in the real database: last observations in one statement, and nonsense that is refused."""

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from pytest_django.fixtures import DjangoAssertNumQueries

from apps.market import actors, providers, services
from apps.market.currencies import NoRateError
from apps.market.models import FxRate, Instrument
from apps.market.providers.base import ProviderError, Rate
from tests.market.test_csv_folder import put

TODAY = date(2013, 3, 1)
pytestmark = pytest.mark.usefixtures("market")


def rate(base: str, quote: str, value: float, days: int = 0) -> Rate:
    return Rate(base, quote, TODAY - timedelta(days=days), value, "test")


def record(*rates: Rate) -> int:
    return services.record_rates(rates, today=TODAY)


def test_a_rate_is_stored_once_and_corrected() -> None:
    assert record(rate("EUR", "USD", 1.3), rate("EUR", "USD", 1.31, 1)) == 2
    assert record(rate("EUR", "USD", 1.3)) == 0
    assert record(rate("EUR", "USD", 1.305)) == 1
    assert FxRate.objects.get(base="EUR", on=TODAY).rate == 1.305


def test_the_last_observation_counts_and_none_from_tomorrow() -> None:
    record(rate("EUR", "USD", 1.3), rate("EUR", "USD", 1.2, 5))
    assert FxRate.objects.conversion("EUR", "USD", TODAY - timedelta(days=2)).rate == Decimal("1.2")
    with pytest.raises(NoRateError, match="No rate leads from EUR to USD"):
        FxRate.objects.conversion("EUR", "USD", TODAY - timedelta(days=6))


def test_pence_to_euro_goes_over_the_dollar() -> None:
    record(rate("GBP", "USD", 1.5), rate("EUR", "USD", 1.2))
    found = FxRate.objects.conversion("GBp", "EUR", TODAY)
    assert found.rate == Decimal("0.0125")
    assert [(hop.base, hop.quote) for hop in found.hops] == [("GBp", "GBP"), ("GBP", "USD"), ("USD", "EUR")]


def test_any_number_of_conversions_is_one_statement(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    record(rate("GBP", "USD", 1.5, 9), rate("EUR", "USD", 1.2, 9))
    days = [TODAY - timedelta(days=place) for place in range(9)]
    with django_assert_num_queries(1):
        found = FxRate.objects.conversions([("GBP", "EUR"), ("USD", "GBP"), ("EUR", "EUR")], days)
    assert len(found) == 27
    assert found[("GBP", "EUR"), TODAY].rate == Decimal("1.25")


@pytest.mark.parametrize(
    "bad",
    [
        rate("EUR", "USD", 0.0),
        rate("EUR", "USD", -1.3),
        rate("EUR", "USD", float("nan")),
        rate("EUR", "USD", float("inf")),
        rate("EUR", "USD", 1.3, -1),
        rate("EUR", "EUR", 1.0),
        rate("GBp", "USD", 0.015),
        rate("EUR", "USD", 130.0),
        rate("EUR", "USD", 0.013),
    ],
)
def test_nonsense_changes_nothing(bad: Rate) -> None:
    record(rate("EUR", "USD", 1.3, 1))
    assert record(bad) == 0
    assert FxRate.objects.get().rate == 1.3


def test_what_comes_after_a_leap_is_measured_by_what_was_before() -> None:
    assert record(rate("EUR", "USD", 1.3, 3), rate("EUR", "USD", 130.0, 2), rate("EUR", "USD", 1.31, 1)) == 2


@pytest.mark.parametrize("changes", [{"rate": 0.0}, {"rate": float("inf")}, {"quote": "EUR"}, {"base": "GBp"}])
def test_the_table_refuses_them_too(changes: dict[str, Any]) -> None:
    row = {"base": "EUR", "quote": "USD", "on": TODAY, "rate": 1.3, "source": "test"} | changes
    with pytest.raises(IntegrityError), transaction.atomic():
        FxRate.objects.create(**row)


@pytest.fixture
def firm(tmp_path: Path, settings: Any) -> Iterator[Path]:
    """A folder that gives rates, as the only source of them."""
    settings.CSV_DIR, settings.SOURCES = str(tmp_path), {"fx": ["csv"]}
    providers.forget()
    yield tmp_path / "fx.csv"
    providers.forget()


def test_the_nightly_job_fetches_what_the_instruments_need(firm: Path, walk: Instrument) -> None:
    Instrument.objects.filter(pk=walk.pk).update(currency="NOK")
    put(firm, "base,quote,date,rate\nNOK,USD,2013-02-28,0.17\nEUR,USD,2013-02-28,1.31\nSEK,USD,2013-02-28,0.15\n")
    assert services.refresh_rates(today=TODAY) == 2
    assert set(FxRate.objects.values_list("base", flat=True)) == {"NOK", "EUR"}
    assert services.refresh_rates(today=TODAY) == 0


def test_without_a_source_what_is_stored_stays(firm: Path) -> None:
    record(rate("EUR", "USD", 1.3))
    with pytest.raises(ProviderError, match=r"holds no fx\.csv"):
        services.refresh_rates(today=TODAY)
    actors.refresh_rates()
    assert FxRate.objects.count() == 1
