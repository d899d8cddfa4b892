"""Everything traded: the vendors' formats from a local server, and what an import does to the instruments."""

from collections.abc import Iterator
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from apps.market import actors, services
from apps.market.models import Instrument, Progress, Universe
from apps.market.providers.base import Listing
from apps.market.providers.universe import UniverseError, house_symbol, parsed, read_universe
from tests.market.universe_server import lists

pytestmark = pytest.mark.usefixtures("market")


@pytest.fixture
def address() -> Iterator[str]:
    with lists() as running:
        yield running


@pytest.fixture
def sources(address: str) -> list[str]:
    names = ("nasdaqlisted.txt", "otherlisted.txt", "company_tickers_exchange.json")
    return [f"{address}/{name}" for name in names]


def imported(*listings: Listing, **options: Any) -> services.Imported:
    return services.import_universe(listings, source="test", **options)


def test_the_real_formats_are_read(sources: list[str]) -> None:
    found = {one.symbol: one for _, listed in read_universe(sources) for one in listed}
    assert {symbol: one.mic for symbol, one in found.items()} == {
        "AAPL": "XNAS", "MSFT": "XNAS", "QQQ": "XNAS", "BA": "XNYS", "BRK-B": "XNYS", "ABR-PD": "XNYS",
        "SPY": "ARCX", "T": "XNYS", "NTDOY": "PINX",
    }  # fmt: skip
    assert {one.symbol for one in found.values() if one.asset_class == "etf"} == {"QQQ", "SPY"}
    assert (found["AAPL"].name, found["BRK-B"].name) == ("Apple Inc.", "Berkshire Hathaway Inc.")


@pytest.mark.parametrize("name", ["cut.txt", "sorry.html", "unknown"])
def test_what_is_no_list_is_an_error(address: str, name: str) -> None:
    with pytest.raises(UniverseError):
        list(read_universe([f"{address}/{name}"]))


@pytest.mark.parametrize("text", ['{"fields": []}', "{", '{"fields":["ticker","name","exchange"],"data":[1]}'])
def test_a_damaged_list_is_an_error(text: str) -> None:
    with pytest.raises(UniverseError):
        parsed(text, "test")


def test_nobody_at_home_is_an_error() -> None:
    with pytest.raises(UniverseError, match="did not answer"):
        list(read_universe(["http://127.0.0.1:1/nasdaqlisted.txt"]))
    with pytest.raises(UniverseError, match="cannot be read"):
        list(read_universe(["data/nothing.csv"]))


@pytest.mark.parametrize(
    ("theirs", "ours"),
    [("BRK.B", "BRK-B"), ("ABR$D", "ABR-PD"), ("ACAH.W", "ACAH-WT"), ("ACAH.U", "ACAH-UN"), ("TEST*", ""), ("", "")],
)
def test_symbols_are_written_as_price_sources_write_them(theirs: str, ours: str) -> None:
    assert house_symbol(theirs) == ours


def test_an_import_adds_and_the_same_again_writes_nothing() -> None:
    one = Listing("NEWCO", "XNYS", "New Company")
    assert imported(one, except_for=["AAPL"]).written == 1
    version = Universe.objects.get().version
    assert imported(one) == services.Imported(listed=1, written=0, delisted=0)
    assert Universe.objects.get().version == version


def test_what_is_gone_is_delisted_and_comes_back() -> None:
    many = [Listing(f"U{number}", "XNYS", f"Firm {number}") for number in range(10)]
    imported(*many)
    before = Instrument.objects.get(symbol="U0")
    assert imported(*many[1:]).delisted == 1
    assert Instrument.objects.get(pk=before.pk).delisted_on is not None
    imported(*many)
    assert Instrument.objects.get(pk=before.pk).delisted_on is None


def test_what_moves_to_another_market_keeps_its_row() -> None:
    imported(Listing("MOVED", "XNAS", "Moved"))
    before = Instrument.objects.get(symbol="MOVED")
    assert imported(Listing("MOVED", "XNYS", "Moved")).delisted == 0
    assert Instrument.objects.get(symbol="MOVED").pk == before.pk
    assert Instrument.objects.get(symbol="MOVED").exchange_id == "XNYS"


def test_what_the_feed_names_itself_and_what_members_asked_for_stays() -> None:
    asked, _ = services.request_symbol("SAP.DE")
    imported(Listing("AAPL", "XNYS", "Not Apple"), Listing("NEWCO", "XNYS", "New"), except_for=["AAPL"])
    assert Instrument.objects.get(symbol="AAPL").name == "Apple Inc."
    assert Instrument.objects.listed().filter(pk=asked.pk).exists()


def test_a_list_that_was_cut_delists_nothing() -> None:
    many = [Listing(f"U{number}", "XNYS", f"Firm {number}") for number in range(10)]
    imported(*many)
    with pytest.raises(UniverseError, match="nothing was changed"):
        imported(*many[:7])
    assert Instrument.objects.listed().filter(symbol__startswith="U").count() >= 10


def test_the_command_tells_each_list_and_what_came_of_it(sources: list[str]) -> None:
    said = StringIO()
    call_command("import_universe", *sources, stdout=said)
    assert "[4/4] 7 listed" in said.getvalue()
    assert Progress.objects.get(kind="import_universe").finished_at is not None
    assert Instrument.objects.get(symbol="NTDOY").exchange_id == "PINX"


def test_the_command_fails_in_one_line(address: str) -> None:
    with pytest.raises(CommandError, match="cut short"):
        call_command("import_universe", f"{address}/cut.txt", stdout=StringIO())
    assert "cut short" in Progress.objects.get(kind="import_universe").failure


def test_the_bundled_list_is_the_default_of_the_nightly_job() -> None:
    actors.import_universe()
    assert Instrument.objects.listed().filter(in_universe=True).count() > 20_000
    assert Instrument.objects.get(symbol="T").name == "AT&T Inc."
