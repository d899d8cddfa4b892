"""The limit of a watchlist read: one prepared primary-key query over the same keys, three columns, binary."""

from collections.abc import Callable, Sequence
from types import TracebackType
from typing import Self

import psycopg

QUERY = "SELECT instrument_id, price, rsi14 FROM public.market_quote WHERE instrument_id = ANY(%b::int8[])"


class OneQuery:
    """A connection of its own that prepares at the first call."""

    def __init__(self, url: str) -> None:
        self._connection = psycopg.connect(url, autocommit=True, prepare_threshold=0)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._connection.close()

    def reader(self, keys: Sequence[int]) -> Callable[[], list[tuple[object, ...]]]:
        """Reads the rows of `keys`."""
        cursor, asked = self._connection.cursor(binary=True), [list(keys)]
        return lambda: cursor.execute(QUERY, asked, prepare=True).fetchall()
