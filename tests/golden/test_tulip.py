# Golden answers: the vectors of Tulip Indicators (tests/untest.txt), whose balance begins after the first volume.
"""An indicator's published vector."""

import numpy as np
import pytest

from apps.market.indicators.running import replayed

CLOSES = np.array([81.59, 81.06, 82.87, 83.00, 83.61, 83.15, 82.84, 83.99, 84.55, 84.36])[:, None]
VOLUMES = [5653100.0, 6447400, 7690900, 3831400, 4455100, 3798000, 3936200, 4732000, 4841300, 3915300]
BALANCE = [0, -6447400, 1243500, 5074900, 9530000, 5732000, 1795800, 6527800, 11369100, 7453800]


@pytest.mark.parametrize("bars", range(1, len(BALANCE) + 1))
def test_on_balance_volume(bars: int) -> None:
    closes, volumes = CLOSES[:bars], np.array(VOLUMES[:bars])[:, None]
    assert replayed(closes, closes, closes, volumes)[1].obv[0] - VOLUMES[0] == BALANCE[bars - 1]
