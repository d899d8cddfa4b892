"""Golden answers: TA-Lib 0.6 in C, bar by bar, on the bundled closes of real companies and on drawn ones."""

import gzip
from csv import DictReader
from functools import cache
from typing import Any

import numpy as np
import pytest
import talib
from django.conf import settings
from hypothesis import given
from hypothesis import strategies as st
from talib._ta_lib import MA_Type

from apps.market.columns import Floats
from apps.market.indicators.packing import WIDTH, packed, unpacked
from apps.market.indicators.running import Readings, State, replayed, step

EXACT: dict[str, Any] = {"rtol": 1e-9, "atol": 1e-9}


def by_talib(high: Floats, low: Floats, close: Floats, volume: Floats) -> dict[str, Floats]:
    """The whole series of each indicator."""
    macd, signal, _ = talib.MACD(close)
    band_high, _, band_low = talib.BBANDS(close, 20, 2, 2)
    k, d = talib.STOCH(high, low, close, 14, 3, MA_Type.SMA, 3, MA_Type.SMA)
    means = {f"sma{length}": talib.SMA(close, length) for length in (20, 50, 200)}
    return means | {
        "rsi": talib.RSI(close), "ema": talib.EMA(close, 20), "macd": macd, "macd_signal": signal,
        "band_low": band_low, "band_high": band_high, "atr": talib.ATR(high, low, close),
        "adx": talib.ADX(high, low, close), "stochastic_k": k, "stochastic_d": d, "obv": talib.OBV(close, volume),
    }  # fmt: skip


def stepped(*columns: Floats) -> list[Readings]:
    """Every bar's readings, of one instrument (or of many, side by side)."""
    bars = [np.atleast_2d(column.T).T for column in columns]
    state = State.empty(bars[0].shape[1])
    return [step(state, *bar) for bar in zip(*bars, strict=True)]


@cache
def real(symbol: str, count: int = 1000) -> tuple[Floats, ...]:
    with gzip.open(settings.BASE_DIR / "data" / "replay" / "daily.csv.gz", "rt") as file:
        rows = [row for row in DictReader(file) if row["symbol"] == symbol][-count:]
    return tuple(np.array([float(row[name]) for row in rows]) for name in ("high", "low", "close", "volume"))


def drawn(seed: int, bars: int) -> tuple[Floats, ...]:
    """A walk whose steps come with highs, lows and volumes that fit."""
    chance = np.random.default_rng(seed)
    close = 100 * np.exp(np.cumsum(chance.normal(0, 0.02, bars)))
    high, low = close * (1 + chance.uniform(0, 0.02, bars)), close * (1 - chance.uniform(0, 0.02, bars))
    return high, low, close, chance.integers(0, 10**7, bars).astype("f8")


@pytest.mark.parametrize("name", Readings.__slots__)
@pytest.mark.parametrize("symbol", ["AAPL", "IBM", "FB"])
def test_every_bar_of_real_companies_equals_talib(symbol: str, name: str) -> None:
    """From the first defined value on, and undefined as long."""
    ours = np.array([getattr(reading, name)[0] for reading in stepped(*real(symbol))])
    np.testing.assert_allclose(ours, by_talib(*real(symbol))[name], **EXACT)


@given(st.integers(0, 2**32), st.integers(2, 260))
def test_the_step_equals_a_recomputation_and_talib(seed: int, bars: int) -> None:
    columns = drawn(seed, bars)
    last = step_after(columns)
    whole = replayed(*(column[:, None] for column in columns))[1]
    expected = by_talib(*columns)
    for name in Readings.__slots__:
        np.testing.assert_array_equal(getattr(last, name), getattr(whole, name))
        np.testing.assert_allclose(getattr(last, name)[0], expected[name][-1], **EXACT)


def step_after(columns: tuple[Floats, ...]) -> Readings:
    """The history but for its last bar, then that bar."""
    state = State.empty(1)
    for bar in zip(*(column[:-1, None] for column in columns), strict=True):
        step(state, *bar)
    return step(state, *(column[-1:] for column in columns))


@given(st.integers(0, 2**32), st.lists(st.integers(1, 80), min_size=1, max_size=5))
def test_instruments_beside_each_other_do_not_touch(seed: int, lengths: list[int]) -> None:
    """Of different ages: the younger ones begin later."""
    own = [drawn(seed + place, length) for place, length in enumerate(lengths)]
    longest = max(lengths)
    tables = [np.full((longest, len(own)), np.nan) for _ in range(4)]
    for place, columns in enumerate(own):
        for table, column in zip(tables, columns, strict=True):
            table[longest - len(column) :, place] = column
    together = replayed(*tables)[1]
    for place, columns in enumerate(own):
        alone = replayed(*(column[:, None] for column in columns))[1]
        for name in Readings.__slots__:
            np.testing.assert_allclose(getattr(together, name)[place], getattr(alone, name)[0], **EXACT)


def test_a_flat_series_is_in_the_middle() -> None:
    flat = np.full(60, 12.5)
    last = stepped(flat, flat, flat, np.full(60, 100.0))[-1]
    assert (last.rsi[0], last.stochastic_k[0], last.stochastic_d[0]) == (50, 50, 50)
    assert (last.atr[0], last.adx[0], last.obv[0], last.band_low[0], last.macd[0]) == (0, 0, 100, 12.5, 0)


@given(st.integers(0, 2**32), st.integers(1, 450))
def test_a_state_that_was_stored_goes_on_as_one_that_was_not(seed: int, bars: int) -> None:
    columns = [
        np.column_stack([one, two]) for one, two in zip(drawn(seed, bars + 1), drawn(seed + 1, bars + 1), strict=True)
    ]
    state, _ = replayed(*(column[:-1] for column in columns))
    rows = packed(state)
    assert {len(row) for row in rows} == {WIDTH}
    stored = unpacked(rows)
    np.testing.assert_array_equal(stored.rsi(), state.rsi())
    np.testing.assert_array_equal(stored.last(90), state.last(90))
    new = [column[-1] for column in columns]
    after, expected = step(stored, *new), step(state, *new)
    for name in Readings.__slots__:
        np.testing.assert_allclose(getattr(after, name), getattr(expected, name), **EXACT)
    np.testing.assert_array_equal(stored.last(200), state.last(200))


def test_before_the_first_bar_nothing_is_defined() -> None:
    nothing = np.full(1, np.nan)
    readings = step(State.empty(1), nothing, nothing, nothing, nothing)
    assert all(np.isnan(getattr(readings, name)[0]) for name in Readings.__slots__)


def test_the_last_closes_come_oldest_first() -> None:
    state, _ = replayed(*(column[:, None] for column in real("IBM")))
    np.testing.assert_array_equal(state.last(90)[:, 0], real("IBM")[2][-90:])
