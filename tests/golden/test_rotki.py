# Golden answers: rotki's rotkehlchen/tests/unit/test_cost_basis.py, test_accounting_average_cost_basis (2026).
"""A moving average through purchases and sales, reset when nothing is held."""

import pytest

from apps.portfolio.lots import InsufficientPositionError
from tests.golden.documents import position, units

# (side, units, price, cost left after it)
STEPS = [
    ("buy", "2", 10, 20), ("sell", "1", 15, 10), ("buy", "1", 30, 40), ("sell", "1.5", 10, 10), ("buy", "3", 20, 70),
    ("sell", "2", 30, 30), ("sell", "1.5", 10, 0), ("buy", "1", 10, 10), ("sell", "0.5", 5, 5),
]  # fmt: skip
ROWS = units(
    *(
        (kind, f"2024-01-{day:02}", held, str(float(held) * price))
        for day, (kind, held, price, _) in enumerate(STEPS, 1)
    )
)


@pytest.mark.parametrize("steps", range(1, len(STEPS) + 1))
def test_cost_that_is_left(steps: int) -> None:
    assert position(ROWS[:steps], method="average")["cost"] == STEPS[steps - 1][3]


def test_gains() -> None:
    gains = [float(one["gain"]) for one in position(ROWS, method="average")["disposals"]]
    assert gains == [5, -15, 20, -15, -2.5]


def test_what_was_never_bought_is_not_sold() -> None:
    """There what is missing is all profit; here it is an error."""
    with pytest.raises(InsufficientPositionError):
        position(ROWS + units(("sell", "2024-02-01", "0.6", "3")), method="average")
