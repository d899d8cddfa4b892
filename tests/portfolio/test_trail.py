"""Trails over random ledgers: evaluated again from their data alone, they give what the pages' arithmetic gives."""

from collections.abc import Hashable, Iterator
from datetime import date
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise

import pytest

from apps.portfolio import risk
from apps.portfolio.evaluation.reading import Ledger
from apps.portfolio.holdings import Valued, valued
from apps.portfolio.lots import LEDGER
from apps.portfolio.movements import Row
from apps.portfolio.performance import bridge, contributions, flows_of, money_weighted, session_returns, time_weighted
from apps.portfolio.replay import Day, Terms, replay
from apps.portfolio.trail import balance, positions, returns, risks
from apps.portfolio.trail import days as of_days
from apps.portfolio.trail.days import Then, Traded
from apps.portfolio.trail.positions import Evidence
from apps.portfolio.trail.reading import as_data
from apps.portfolio.trail.returns import Span
from apps.portfolio.trail.rows import Market, price_after
from apps.portfolio.trail.tree import RATIO, Kind, Number, Source, Step, given
from tests.portfolio.ledgers import random_document
from tests.portfolio.recompute import recomputed

SEEDS = range(25)
PARTS = ("inflow", "outflow", "income", "fees", "taxes", "price", "fx")


def gives(root: Step | None, figure: Number | None) -> bool:
    """Exactly for money (thirty digits), to twelve for a ratio."""
    if root is None or figure is None:
        return root is None and figure is None
    exact = Fraction(figure)
    bound = Fraction(1, 10**30) if isinstance(figure, Decimal) else Fraction(1, 10**12)
    return abs(recomputed(as_data(root)) - exact) <= bound * max(Fraction(1), abs(exact))


def market_of(ledger: Ledger) -> Market:
    def price(key: Hashable, on: date) -> Step | None:
        series = ledger.series[key]
        seen = max((day for day in series.days if day <= on), default=None)
        if seen is None:
            return None
        close = given("Close", series.prices[series.days.index(seen)], series.currency, Source(Kind.PRICE, seen))
        return price_after(close, seen, on, series.splits)

    def rate(currency: str, on: date) -> Step | None:
        known = currency == ledger.base
        return None if known else given(currency, ledger.rate(currency, on), RATIO, Source(Kind.RATE, on))

    return Market(ledger.base, price, rate)


def read(seed: int) -> tuple[Ledger, list[Row], Market]:
    ledger = Ledger(random_document(seed))
    rows = sorted(ledger.rows, key=lambda row: row.moment)
    return ledger, rows, market_of(ledger)


def held_of(seed: int) -> Iterator[tuple[Valued, Evidence]]:
    ledger, rows, market = read(seed)
    rates = dict.fromkeys(ledger.books, ledger.rate)
    for one in valued(ledger.books, ledger.series, rates, until=ledger.period.until, methods=ledger.methods)[
        ledger.chosen[0]
    ]:
        mine = [row for row in rows if row.instrument == one.instrument and row.moves_units]
        price = market.price(one.instrument, ledger.period.until)
        splits = [split for split in ledger.series[one.instrument].splits if split.on <= ledger.period.until]
        method = ledger.methods[ledger.chosen[0]]
        rate = market.rate(one.currency, ledger.period.until)
        yield one, Evidence(str(one.instrument), one.currency, mine, splits, one.holding, method, market, price, rate)


def replayed(seed: int, *, cash: bool, before_taxes: bool) -> tuple[Then, Span]:
    ledger, rows, market = read(seed)
    terms = Terms(cash=cash, before_taxes=before_taxes)
    days = replay(rows, ledger.series, ledger.rate, until=ledger.period.until, terms=terms)
    moving = dict.fromkeys(row.instrument for row in rows if row.moves_units)
    traded = {key: Traded(str(key), ledger.series[key].currency, ledger.series[key].splits) for key in moving}
    return Then(rows, traded, market, cash, before_taxes), Span(days, ledger.base, before_taxes)


@pytest.mark.parametrize("seed", SEEDS)
def test_positions(seed: int) -> None:
    for one, held in held_of(seed):
        if not one.holding.quantity:
            continue
        assert gives(positions.value(held), one.value_base)
        assert gives(positions.cost(held), one.holding.base_cost)
        assert gives(positions.gain(held), one.gain_base)


@pytest.mark.parametrize("before_taxes", [False, True])
@pytest.mark.parametrize("cash", [True, False])
@pytest.mark.parametrize("seed", SEEDS[:6])
def test_every_day_of_a_book(seed: int, cash: bool, before_taxes: bool) -> None:
    book, span = replayed(seed, cash=cash, before_taxes=before_taxes)
    for before, day in list(pairwise(span.days))[::4]:
        assert gives(of_days.value_on(book, day.on), day.value), day.on
        assert [part for part in PARTS if not _moved(book, before, day, part)] == [], day.on
        for key in [*book.traded, None]:
            assert gives(of_days.gain_on(book, key, day.on, before.on), day.gains.get(key, Decimal(0))), (day.on, key)


def _moved(book: Then, before: Day, day: Day, part: str) -> bool:
    return gives(of_days.moved_on(book, day.on, before.on, part), getattr(day, part))


@pytest.mark.parametrize("seed", SEEDS[:6])
def test_periods(seed: int) -> None:
    _, span = replayed(seed, cash=True, before_taxes=False)
    assert gives(returns.time_weighted(span), time_weighted(span.days).value)
    made = bridge(span.days)
    for name in ("start", "end", "flows", "price", "income", "fx"):
        assert gives(returns.bridge(span, name), getattr(made, name)), name
    assert gives(returns.bridge(span, "fees"), LEDGER.minus(made.fees))
    for key, part in contributions(span.days).items():
        assert gives(returns.contribution(span, key, str(key)), part), key


@pytest.mark.parametrize("seed", SEEDS)
def test_money_weighted_returns(seed: int) -> None:
    """Rates that a scan of the independent solver does not reach are left to the residual."""
    _, span = replayed(seed, cash=True, before_taxes=False)
    found = money_weighted(flows_of(span.days))
    if found.value is None or -0.99 < found.value < 9 or found.value == -1:
        assert gives(balance.money_weighted(span), found.value), found


@pytest.mark.parametrize("seed", SEEDS[:3])
def test_the_residual_of_a_money_weighted_return_is_small(seed: int) -> None:
    _, span = replayed(seed, cash=True, before_taxes=False)
    found = balance.money_weighted(span)
    if found is not None and not money_weighted(flows_of(span.days)).reasons:
        assert abs(balance.net_present_value(found)) < 1e-3


@pytest.mark.parametrize("seed", SEEDS[:3])
def test_risk(seed: int) -> None:
    _, span = replayed(seed, cash=True, before_taxes=False)
    sessions = session_returns(span.days)
    ours, plain = risks.session_returns(sessions), [value for *_, value in sessions]
    assert gives(risks.volatility(ours), risk.volatility(plain))
    assert gives(risks.sharpe(ours, 0.02), risk.sharpe_ratio(plain, 0.02))
    assert gives(risks.sortino(ours, 0.02), risk.sortino_ratio(plain, 0.02))
    assert gives(risks.deepest_fall(ours, sessions), risk.max_drawdown(plain))
    assert gives(risks.at_risk(ours, 0.95), risk.value_at_risk(plain, 0.95))
    assert gives(risks.shortfall(ours, 0.95), risk.expected_shortfall(plain, 0.95))
    theirs = risks.session_returns([(begun, on, value / 2 + 0.001 * (on.day % 3)) for begun, on, value in sessions])
    peer = [float(one.value) for one in theirs]
    assert gives(risks.beta(ours, theirs), risk.beta(plain, peer))
    assert gives(risks.correlation(ours, theirs), risk.correlation(plain, peer))
    assert gives(risks.alpha(ours, theirs, 0.02), risk.alpha(plain, peer, 0.02))
    assert gives(risks.tracking_error(ours, theirs), risk.tracking_error(plain, peer))
