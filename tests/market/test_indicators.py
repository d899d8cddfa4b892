"""Golden answers: StockCharts ChartSchool, "Relative Strength Index", QQQQ example (cs-rsi.xls); TA-Lib 0.6 in C."""

import gzip
from collections.abc import Sequence
from csv import DictReader
from datetime import date

import numpy as np
import pytest
import talib
from django.conf import settings
from hypothesis import given
from hypothesis import strategies as st

from apps.market import catalogue
from apps.market.indicators import split_divisors
from apps.market.indicators.running import replayed

QQQQ = [44.3389, 44.0902, 44.1497, 43.6124, 44.3278, 44.8264, 45.0955, 45.4245, 45.8433, 46.0826, 45.8931]
QQQQ += [46.0328, 45.6140, 46.2820, 46.2820, 46.0028, 46.0328, 46.4116, 46.2222, 45.6439, 46.2122, 46.2521]
QQQQ += [45.7137, 46.4515, 45.7835, 45.3548, 44.0288, 44.1783, 44.2181, 44.5672, 43.4205, 42.6628, 43.1314]
PUBLISHED = [70.53, 66.32, 66.55, 69.41, 66.36, 57.97, 62.93, 63.26, 56.06, 62.38, 54.71, 50.42, 39.99, 41.46]
PUBLISHED += [41.87, 45.46, 37.30, 33.08, 37.77]


def rsi(closes: Sequence[float]) -> float | None:
    """RSI(14) after the last close; None until defined."""
    column = np.array(closes, dtype="f8")[:, None]
    value = float(replayed(column, column, column, column)[0].rsi()[0])
    return None if np.isnan(value) else value


@pytest.mark.parametrize(("count", "answer"), list(enumerate(PUBLISHED, 15)))
def test_rsi_of_the_published_example(count: int, answer: float) -> None:
    assert rsi(QQQQ[:count]) == pytest.approx(answer, abs=0.011)


def test_rsi_equals_talib_on_real_closes() -> None:
    with gzip.open(settings.BASE_DIR / "data" / "replay" / "daily.csv.gz", "rt") as file:
        closes = [float(row["close"]) for row in DictReader(file) if row["symbol"] == "IBM"]
    assert rsi(closes[-750:]) == pytest.approx(talib.RSI(np.array(closes), 14)[-1], abs=1e-9)


def test_the_catalogue_agrees() -> None:
    assert catalogue.rsi(np.array(QQQQ)) == pytest.approx(rsi(QQQQ), abs=1e-9)
    assert catalogue.rsi(np.array(QQQQ[:14])) is None


def test_fourteen_closes_are_not_enough() -> None:
    assert rsi(QQQQ[:14]) is None


def test_a_flat_window_is_fifty() -> None:
    assert rsi([12.5] * 30) == 50


def test_only_gains_are_a_hundred() -> None:
    assert rsi([float(close) for close in range(1, 31)]) == pytest.approx(100)


@given(st.lists(st.floats(1, 1000), min_size=15, max_size=60))
def test_rsi_stays_between_zero_and_a_hundred(closes: list[float]) -> None:
    value = rsi(closes)
    assert value is not None
    assert -1e-9 <= value <= 100 + 1e-9


DAYS = [date(2014, 6, day) for day in (5, 6, 9, 10)]


def adjusted(days: list[date], closes: list[float], splits: list[tuple[date, float]]) -> list[float]:
    """Closes in the units of the last day."""
    found: list[float] = (np.array(closes) / split_divisors(np.array(days, dtype="M8[D]"), splits)).tolist()
    return found


def test_a_split_divides_what_lies_before_it() -> None:
    """Apple's 7:1 split of 2014-06-09."""
    closes = adjusted(DAYS, [647.35, 645.57, 93.70, 94.25], [(date(2014, 6, 9), 7.0)])
    assert closes == pytest.approx([92.4786, 92.2243, 93.70, 94.25], abs=5e-5)


def test_a_later_split_is_not_known_yet() -> None:
    assert adjusted(DAYS[:2], [647.35, 645.57], [(date(2014, 6, 9), 7.0)]) == [647.35, 645.57]


def test_two_splits_multiply() -> None:
    assert adjusted(DAYS[:3], [60.0, 30.0, 10.0], [(DAYS[1], 2.0), (DAYS[2], 3.0)]) == [10.0, 10.0, 10.0]


def test_no_closes_are_no_closes() -> None:
    assert adjusted([], [], [(DAYS[0], 2.0)]) == []
