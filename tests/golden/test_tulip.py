# Golden answers: the vectors of Tulip Indicators (tests/untest.txt), three decimals.
"""An indicator's published vector."""

import pytest

from apps.market.indicators import rsi

CLOSES = [81.59, 81.06, 82.87, 83.00, 83.61, 83.15, 82.84, 83.99, 84.55, 84.36, 85.53, 86.54, 86.89, 87.77, 87.29]
RSI = [72.034, 64.927, 75.936, 79.796, 74.713, 83.033, 87.478, 88.755, 91.483, 78.498]


def test_relative_strength_of_five() -> None:
    found = [rsi(CLOSES[:place], 5) for place in range(1, len(CLOSES) + 1)]
    assert found[:5] == [None] * 5
    assert found[5:] == pytest.approx(RSI, abs=6e-4)
