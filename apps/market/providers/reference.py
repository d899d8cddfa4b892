"""Names, markets and sectors of the instruments and exchanges that the repository's data folder knows."""

import csv
from collections.abc import Iterable
from pathlib import Path

from django.conf import settings

from apps.market.providers.base import Listing


def listings(symbols: Iterable[str], *nearer: Path) -> list[Listing]:
    """Reference data of the symbols; a nearer file wins; unknown symbols trade on Nasdaq under their own name."""
    known: dict[str, Listing] = {}
    for path in (settings.BASE_DIR / "data" / "instruments.csv", *nearer):
        known |= {listing.symbol: listing for listing in _read(path)}
    return [known.get(symbol, Listing(symbol, "XNAS", symbol)) for symbol in symbols]


def known_symbols() -> list[str]:
    """All symbols of the general file."""
    return [listing.symbol for listing in _read(settings.BASE_DIR / "data" / "instruments.csv")]


def exchanges() -> list[dict[str, str]]:
    """Rows of mic, name, timezone and calendar."""
    with (settings.BASE_DIR / "data" / "exchanges.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _read(path: Path) -> list[Listing]:
    if not path.is_file():
        return []
    with path.open(encoding="utf-8", newline="") as file:
        return [Listing(**row) for row in csv.DictReader(file)]
