"""Lists of everything traded: NASDAQ Trader's symbol directory, the SEC's list of companies, and a plain CSV.

Formats: https://www.nasdaqtrader.com/trader.aspx?id=symboldirdefs and
https://www.sec.gov/search-filings/edgar-search-assistance/accessing-edgar-data.
"""

import csv
import gzip
import io
import json
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

import requests
from django.conf import settings

from apps.market.providers.base import Listing, ProviderError

PATIENCE = (5, 30)  # seconds: to connect, and between two parts of the answer
MOST_BYTES = 50_000_000
LONGEST_NAME, LONGEST_SYMBOL = 160, 24
NASDAQ, NEW_YORK, OVER_THE_COUNTER = "XNAS", "XNYS", "PINX"
OTHER_MARKETS = {"A": "XASE", "N": NEW_YORK, "P": "ARCX", "Z": "BATS", "V": "IEXG"}
SEC_MARKETS = {"nasdaq": NASDAQ, "nyse": NEW_YORK, "cboe": "BATS", "otc": OVER_THE_COUNTER}
NASDAQ_LISTED = "Symbol|Security Name|Market Category|"
OTHER_LISTED = "ACT Symbol|Security Name|Exchange|"
# Preferred shares, warrants, units and rights as the directory writes them and as price sources do.
SUFFIXES = {".WS": "-WT", ".W": "-WT", ".U": "-UN", ".R": "-RI"}
KIND = re.compile(
    r"(?: -)? (?:New )?(?:Class \w )?(?:Common (?:Stock|Shares?)|Ordinary Shares?|American Depositary)\b.*"
)
PLAIN = re.compile(r"[A-Z0-9][A-Z0-9-]*")


class UniverseError(ProviderError):
    """A list cannot be read, or is not what it says it is."""


def read_universe(sources: Iterable[str]) -> Iterator[tuple[str, list[Listing]]]:
    """Each source (a file or an address) with what it lists; of one symbol the first source that has it counts."""
    known: set[str] = set()
    for source in sources:
        found = [one for one in parsed(_text_of(source), source) if one.symbol not in known]
        known.update(one.symbol for one in found)
        yield source, found


def parsed(text: str, source: str) -> list[Listing]:
    """The listings of one text, whichever of the formats it has. Raises UniverseError."""
    head = text.lstrip("\ufeff \r\n")
    try:
        if head.startswith("{"):
            return list(_companies(json.loads(head)))
        if head.startswith((NASDAQ_LISTED, OTHER_LISTED)):
            return list(_directory(head, source))
        if head.startswith("symbol,mic,name,"):
            return [Listing(**row) for row in csv.DictReader(io.StringIO(head))]
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise UniverseError(f"{source} is damaged: {error!r}") from error
    raise UniverseError(f"{source} is no list of symbols: it begins with {head[:40]!r}.")


def _directory(text: str, source: str) -> Iterator[Listing]:
    """nasdaqlisted.txt or otherlisted.txt. Its last line says when it was made: without that it was cut short."""
    lines = text.splitlines()
    if not lines[-1].startswith("File Creation Time:"):
        raise UniverseError(f"{source} was cut short: its last line is missing.")
    for row in csv.DictReader(lines[:-1], delimiter="|", quoting=csv.QUOTE_NONE):
        mic = OTHER_MARKETS.get(row["Exchange"]) if "Exchange" in row else NASDAQ
        symbol = house_symbol(row.get("ACT Symbol") or row["Symbol"])
        if mic and symbol and row["Test Issue"] == "N":
            asset_class = "etf" if row["ETF"] == "Y" else "stock"
            yield Listing(symbol, mic, _name(row["Security Name"]), country="US", asset_class=asset_class)


def house_symbol(symbol: str) -> str:
    """BRK.B is BRK-B, and ABR$D (a preferred share) ABR-PD, as price sources write them; '' for a passing form."""
    text = symbol.strip().upper()
    for ending, ours in SUFFIXES.items():
        if text.endswith(ending):
            text = text.removesuffix(ending) + ours
    text = text.replace("$", "-P").replace(".", "-")
    return text if PLAIN.fullmatch(text) and len(text) <= LONGEST_SYMBOL else ""


def _name(text: str) -> str:
    """Without the words that say what kind of share it is."""
    return KIND.sub("", " ".join(text.split()))[:LONGEST_NAME]


def _companies(document: dict[str, list[list[str | None]]]) -> Iterator[Listing]:
    """The SEC's company_tickers_exchange.json: rows of cik, name, ticker and exchange."""
    places = [document["fields"].index(field) for field in ("ticker", "name", "exchange")]  # type: ignore[arg-type]
    for row in document["data"]:
        ticker, name, market = (row[place] or "" for place in places)
        mic, symbol = SEC_MARKETS.get(market.lower()), house_symbol(ticker)
        if mic and symbol and name:
            yield Listing(symbol, mic, _name(name), country="US")


def _text_of(source: str) -> str:
    """An address over HTTP, or a file, packed or not."""
    if source.startswith(("https://", "http://")):
        data = _fetched(source)
    else:
        try:
            data = Path(settings.BASE_DIR, source).read_bytes()
        except OSError as error:
            raise UniverseError(f"{source} cannot be read: {error.strerror}") from error
    try:
        return (gzip.decompress(data) if data[:2] == b"\x1f\x8b" else data).decode()
    except (OSError, EOFError, UnicodeDecodeError) as error:
        raise UniverseError(f"{source} is damaged: {error}") from error


def _fetched(address: str) -> bytes:
    """The SEC refuses a client that does not say whom to ask about it."""
    headers = {"User-Agent": f"Stock Intelligence ({settings.OPERATOR_CONTACT or settings.BASE_DOMAIN})"}
    parts, size = [], 0
    try:
        with requests.get(address, headers=headers, timeout=PATIENCE, stream=True) as answer:
            answer.raise_for_status()
            for part in answer.iter_content(1 << 16):
                parts.append(part)
                size += len(part)
                if size > MOST_BYTES:
                    raise UniverseError(f"{address} sent more than {MOST_BYTES // 10**6} MB.")
    except requests.RequestException as error:
        raise UniverseError(f"{address} did not answer: {error}") from error
    return b"".join(parts)
