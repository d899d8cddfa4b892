# Golden answers: a book of 10,000 in two positions and cash, worked by hand.
"""What if: orders to targets, whole units, steps, and targets that nobody can reach."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.portfolio.lots import Side
from apps.portfolio.rebalancing import Line, TargetError, plan

D = Decimal
A, B = Line("A", D(60), D(100)), Line("B", D(30), D(100))


def aimed(line: Line, target: str | None = None, step: int | None = None) -> Line:
    return Line(line.key, line.units, line.price, D(target) if target else None, None if step is None else D(step))


def test_orders_to_targets_by_hand() -> None:
    """6,000 + 3,000 + 1,000 cash: to 40 % and 50 % is 20 out, 20 in; the cash stays."""
    made = plan([aimed(A, "0.4"), aimed(B, "0.5")], D(1000))
    assert {(order.key, order.side, order.units, order.amount) for order in made.orders} == {
        ("A", Side.OUT, D(20), D(2000)), ("B", Side.IN, D(20), D(2000))
    }  # fmt: skip
    assert (made.total, made.cash_after, made.turnover) == (D(10_000), D(1000), 0.2)
    assert made.cash_weights == (0.1, 0.1)
    assert [(one.before, one.after) for one in made.lines] == [(0.6, 0.4), (0.3, 0.5)]


def test_a_new_line_is_bought_and_a_target_of_nothing_sells_all() -> None:
    made = plan([aimed(A), Line("B", D("30.5"), D(100), target=D(0)), Line("C", D(0), D(30), target=D("0.1"))], D(950))
    assert [(order.key, order.side, order.units) for order in made.orders] == [
        ("B", Side.OUT, D("30.5")),
        ("C", Side.IN, D(33)),
    ]
    assert made.cash_after == 950 + 3050 - 990


def test_whole_units_never_overshoot() -> None:
    line = Line("A", D(0), D(300), target=D("0.5"))
    (order,) = plan([line], D(1000)).orders
    assert order.units == 1
    assert plan([line], D(1000), whole_units=False).orders[0].units * 300 == pytest.approx(D(500))


def test_a_step_is_taken_as_it_is_said() -> None:
    made = plan([aimed(A, step=-10), aimed(B, step=0)], D(1000))
    assert [(order.key, order.side, order.units) for order in made.orders] == [("A", Side.OUT, D(10))]
    assert made.cash_after == 2000


def test_without_a_price_a_target_moves_nothing() -> None:
    assert plan([A, Line("X", D(5), D(0), target=D("0.2"))]).orders == []


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        ([], "no value"),
        ([aimed(A, "-0.1")], "zero or more"),
        ([aimed(A, "0.6"), aimed(B, "0.5")], "more than 100"),
        ([aimed(A, step=-61)], "than is held"),
    ],
)
def test_what_cannot_be_reached_is_refused(lines: list[Line], said: str) -> None:
    with pytest.raises(TargetError, match=said):
        plan(lines)


@given(
    st.lists(st.tuples(st.integers(1, 900), st.integers(1, 900), st.integers(0, 20)), min_size=1, max_size=5),
    st.booleans(),
)
def test_value_is_kept_and_targets_are_met_within_a_unit(rows: list[tuple[int, int, int]], whole: bool) -> None:
    lines = [Line(place, D(n), D(p), target=D(t) / 100) for place, (n, p, t) in enumerate(rows)]
    made = plan(lines, D(500), whole_units=whole)
    assert sum((one.value for one in made.lines), D(0)) + made.cash_after == pytest.approx(made.total)
    for line, one in zip(lines, made.lines, strict=True):
        assert abs(one.after - float(line.target or 0)) * float(made.total) <= float(line.price) + 1e-6
