"""Makes the bundled replay folder: prices of the PyPI package bokeh-sampledata, headlines of data/headlines.csv."""

import csv
import gzip
import io
import math
from collections.abc import Iterable, Iterator
from importlib.resources import files
from pathlib import Path

DATA = Path(__file__).parent
SOURCE = "quandl-wiki"
PRICES = ["open", "high", "low", "close"]
COLUMNS = ["symbol", "date", *PRICES, "adj_close", "volume", "dividend", "split_factor", "source"]
NOISE = 2e-6  # how far the ratio of two consecutive rows moves without a corporate action
SPLITS = (2.0, 3.0, 4.0, 5.0, 7.0, 10.0)


def corporate_action(before: float, after: float, close: float) -> tuple[float, float]:
    """(dividend, split factor) of an ex-date from the ratios raw/adjusted of the day before and of the day.

    The publisher multiplies earlier closes by 1 / split factor and by 1 / (1 + dividend / close of the ex-date).
    """
    step = before / after
    if abs(step - 1) < NOISE:
        return 0.0, 1.0
    for factor in SPLITS:
        if math.isclose(step, factor, rel_tol=1e-5):
            return 0.0, factor
    dividend = round(close * (step - 1), 4)
    if not 0 < dividend < close * 0.2:
        raise ValueError(f"neither a split nor a dividend: {step=} {close=}")
    return dividend, 1.0


def published() -> Iterator[dict[str, str]]:
    """The rows of the package: Ticker, Date, Open, High, Low, Close, Volume, Adj Close."""
    packed = (files("bokeh_sampledata") / "_data" / "stocks.csv.gz").read_bytes()
    return csv.DictReader(io.StringIO(gzip.decompress(packed).decode()))


def days() -> Iterator[list[object]]:
    """The sessions of all symbols in the columns of a replay folder."""
    before: tuple[str, float] = ("", 1.0)
    for row in published():
        symbol, close, adjusted = row["Ticker"], float(row["Close"]), float(row["Adj Close"])
        ratio = close / adjusted
        dividend, factor = corporate_action(before[1], ratio, close) if before[0] == symbol else (0.0, 1.0)
        before = (symbol, ratio)
        prices = [float(row[name.title()]) for name in PRICES]
        yield [symbol, row["Date"], *prices, f"{adjusted:.4f}", row["Volume"], dividend, factor, SOURCE]


def headlines() -> Iterator[list[object]]:
    """One row a symbol; only the day of an event is known, so it is dated after the US close: no look-ahead."""
    with (DATA / "headlines.csv").open(encoding="utf-8", newline="") as file:
        for event in csv.DictReader(file):
            for symbol in event["symbols"].split():
                yield [symbol, f"{event['on']}T22:00:00Z", event["headline"], "project summary"]


def write(name: str, header: list[str], lines: Iterable[list[object]]) -> None:
    """The same bytes every time: no name and no time in the gzip header."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(lines)
    (DATA / "replay" / name).write_bytes(gzip.compress(text.getvalue().encode(), compresslevel=9, mtime=0))


def main() -> None:
    """Daily bars and headlines of the five symbols."""
    write("daily.csv.gz", COLUMNS, days())
    write("headlines.csv.gz", ["symbol", "published_at", "headline", "source"], headlines())


if __name__ == "__main__":
    main()
