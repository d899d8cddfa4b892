"""Bars as columns, from a provider's answer to the server's own binary format without a row in between."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

PRICES = ("open", "high", "low", "close")
ARRAYS = ("instrument", "on", *PRICES, "volume", "dividend", "split_factor")
PGCOPY_HEADER = b"PGCOPY\n\xff\r\n\x00" + bytes(8)
PGCOPY_TRAILER = b"\xff\xff"
PART = 4096  # rows
POSTGRES_EPOCH = np.datetime64("2000-01-01", "D")

type Floats = NDArray[np.float64]
type Ints = NDArray[np.int64]
type Days = NDArray[np.datetime64]
type Mask = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Bars:
    """Closed sessions: arrays of one length, a place in them is one session of one instrument.

    `on` counts days; prices are in the instrument's currency; `dividend` is money for one share and `split_factor`
    new shares for one old on that day (0 and 1 where nothing happened). `basis` (raw or split) and
    `source` hold for all.
    """

    instrument: Ints
    on: Days
    open: Floats
    high: Floats
    low: Floats
    close: Floats
    volume: Ints
    dividend: Floats
    split_factor: Floats
    basis: str
    source: str

    def __len__(self) -> int:
        return len(self.on)

    def of(self, instrument: int) -> Self:
        """The same sessions as those of one instrument, by its key."""
        return replace(self, instrument=np.full(len(self), instrument, dtype="i8"))

    def where(self, chosen: Mask | Ints) -> Self:
        """Those of a mask, or in the order of places."""
        return replace(self, **{name: getattr(self, name)[chosen] for name in ARRAYS})

    def possible(self) -> Mask:
        """False where a price is no positive number, the low or the high do not enclose, or the volume is negative.

        A comparison with NaN is false, so that one bad price is enough.
        """
        finite = (self.low > 0) & (self.high < np.inf)
        encloses = (self.low <= self.open) & (self.open <= self.high) & (self.low <= self.close)
        return finite & encloses & (self.close <= self.high) & (self.volume >= 0)

    def in_order(self) -> Self:
        """By instrument and day, each session once: of two the later one given counts."""
        same, later = np.diff(self.instrument), np.diff(self.on) > np.timedelta64(0, "D")
        if ((same > 0) | ((same == 0) & later)).all():
            return self
        order = np.lexsort((self.on, self.instrument))
        ordered = self.where(order)
        again = (np.diff(ordered.instrument) == 0) & (np.diff(ordered.on) == np.timedelta64(0, "D"))
        return ordered.where(np.append(~again, True))

    def starts(self) -> Ints:
        """Where each instrument begins, of bars in order."""
        return np.flatnonzero(np.diff(self.instrument, prepend=-1))

    def encoded(self) -> Iterator[bytes]:
        """The columns of the table in PostgreSQL's binary COPY format, from its header to its trailer, in parts.

        A part is small enough for the processor's cache, and what is the same in each row is written once.
        """
        yield PGCOPY_HEADER
        columns = {
            "instrument": self.instrument,
            "on": (self.on - POSTGRES_EPOCH).astype("i8"),
            **{name: getattr(self, name) for name in PRICES},
            "volume": self.volume,
        }
        rows = self._blank_rows(min(PART, len(self)))
        for start in range(0, len(self), PART):
            part = rows[: min(PART, len(self) - start)]
            for name, values in columns.items():
                part[name] = values[start : start + PART]
            yield part.tobytes()
        yield PGCOPY_TRAILER

    def _blank_rows(self, count: int) -> NDArray[Any]:
        """Rows with everything but the numbers: how many fields, how long each is, basis and source."""
        texts = {"basis": self.basis.encode(), "source": self.source.encode()}
        kinds = {"instrument": ">i4", "on": ">i4", **dict.fromkeys(PRICES, ">f8"), "volume": ">i8"}
        kinds |= {name: f"S{len(text)}" for name, text in texts.items()}
        layout = [("fields", ">i2")]
        for name, kind in kinds.items():
            layout += [(f"{name}_length", ">i4"), (name, kind)]
        rows = np.zeros(count, dtype=layout)
        rows["fields"] = len(kinds)
        for name, kind in kinds.items():
            rows[f"{name}_length"] = np.dtype(kind).itemsize
        for name, text in texts.items():
            rows[name] = text
        return rows


COLUMNS = ("instrument_id", "on", *PRICES, "volume", "basis", "source")


def no_bars(basis: str, source: str) -> Bars:
    """An answer without a session."""
    return bars_of([], [], basis=basis, source=source)


def bars_of(
    days: Sequence[date] | Days,
    prices: Iterable[Sequence[float]] | Floats,
    *,
    basis: str,
    source: str,
    volume: Sequence[int] | Ints | None = None,
    dividend: Sequence[float] | Floats | None = None,
    split_factor: Sequence[float] | Floats | None = None,
) -> Bars:
    """Sessions of one instrument, whose key `of` fills in. `prices` are rows of open, high, low, close (n x 4)."""
    on = np.asarray(days, dtype="datetime64[D]")
    count = len(on)
    table = np.asarray(prices, dtype="f8").reshape(count, len(PRICES))
    opened, high, low, close = (np.ascontiguousarray(column) for column in table.T)
    return Bars(
        instrument=np.zeros(count, dtype="i8"),
        on=on,
        open=opened,
        high=high,
        low=low,
        close=close,
        volume=np.zeros(count, "i8") if volume is None else np.asarray(volume, dtype="i8"),
        dividend=np.zeros(count) if dividend is None else np.asarray(dividend, dtype="f8"),
        split_factor=np.ones(count) if split_factor is None else np.asarray(split_factor, dtype="f8"),
        basis=basis,
        source=source,
    )


def joined(parts: Sequence[Bars]) -> Bars:
    """Several answers of one source and basis as one."""
    arrays = {name: np.concatenate([getattr(part, name) for part in parts]) for name in ARRAYS}
    return replace(parts[0], **arrays)
