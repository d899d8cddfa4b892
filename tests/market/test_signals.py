"""States from closed bars: RSI first, then the trend of the averages."""

import pytest

from apps.market.signals import State, signal

UP = [100 + 0.5 * place for place in range(60)]
FLAT = [100.0, 101.0] * 30


@pytest.mark.parametrize(
    ("closes", "rsi", "state"),
    [
        (UP, 29.9, State.OVERSOLD),
        (UP, 70.1, State.OVERBOUGHT),
        (UP, 30.0, State.TREND_UP),
        (UP, 70.0, State.TREND_UP),
        (UP[::-1], 45.0, State.TREND_DOWN),
        (FLAT, 50.0, State.NEUTRAL),
        (UP[:49], 50.0, State.NEUTRAL),
        (UP[:14], 50.0, State.NO_DATA),
        (UP, None, State.NO_DATA),
        (UP, float("nan"), State.NO_DATA),
    ],
)
def test_states(closes: list[float], rsi: float | None, state: State) -> None:
    assert signal(closes, rsi).state is state


def test_the_rule_is_told() -> None:
    assert signal(UP, 22.4).reason == "RSI 22 (rule: below 30)"


def test_no_data_tells_how_much_is_missing() -> None:
    assert signal(UP[:9], None).reason == "9 of 15 closes needed"
