"""Prices that nobody believes: put aside, shown nowhere, and decided by an operator."""

import math
from dataclasses import replace
from datetime import timedelta

import pytest

from apps.accounts.models import AuditEntry
from apps.market import services
from apps.market.models import Bar, CorporateAction, Instrument, Quarantine, Quote
from apps.market.providers.base import Tick
from apps.market.providers.replay import Replay
from tests.market.folder import DAYS
from tests.market.test_bars import bars, closes_of

ABSURD = [0.0, -3.0, math.nan, math.inf]


@pytest.fixture
def quote(begun: Replay, walk: Instrument) -> Quote:
    return Quote.objects.get(pk=walk.pk)


def tick(quote: Quote, price: float, *, days: int = 1) -> Tick:
    """As a source offers it, `days` after the stored one."""
    return Tick("WALK", price, quote.as_of + timedelta(days=days), quote.session_on + timedelta(days=days), "test")


def stored(quote: Quote) -> tuple[float, object]:
    now = Quote.objects.get(pk=quote.pk)
    return now.price, now.as_of


@pytest.mark.parametrize("price", ABSURD)
def test_what_is_no_price_is_put_aside(quote: Quote, price: float) -> None:
    assert services.record_quotes([tick(quote, price)]) == []
    assert stored(quote) == (quote.price, quote.as_of)
    row = Quarantine.objects.get(instrument=quote.pk)
    assert (row.kind, row.status, "not a positive price" in row.reason) == ("tick", "waiting", True)


@pytest.mark.parametrize("factor", [1.61, 100, 0.39, 0.01])
def test_a_tick_that_jumps_is_put_aside(quote: Quote, factor: float) -> None:
    assert services.record_quotes([tick(quote, quote.price * factor)]) == []
    assert stored(quote) == (quote.price, quote.as_of)
    row = Quarantine.objects.get(instrument=quote.pk)
    assert (row.reference, row.price) == (quote.price, quote.price * factor)


@pytest.mark.parametrize("factor", [1.59, 0.41])
def test_a_large_move_is_a_move(quote: Quote, factor: float) -> None:
    assert services.record_quotes([tick(quote, quote.price * factor)])
    assert not Quarantine.objects.exists()


def test_a_split_that_explains_the_jump_lets_it_pass(quote: Quote) -> None:
    split = {"kind": "split", "numerator": 10, "denominator": 1, "source": "test"}
    CorporateAction.objects.create(instrument=quote.instrument, on=quote.session_on + timedelta(days=1), **split)
    assert services.record_quotes([tick(quote, quote.price / 10.2)])
    assert not Quarantine.objects.exists()


def test_a_split_of_the_past_explains_nothing(quote: Quote) -> None:
    split = {"kind": "split", "numerator": 10, "denominator": 1, "source": "test"}
    CorporateAction.objects.create(instrument=quote.instrument, on=quote.session_on, **split)
    assert services.record_quotes([tick(quote, quote.price / 10.2)]) == []


def test_a_good_price_beside_a_bad_one_is_stored(quote: Quote) -> None:
    good = tick(quote, quote.price + 1)
    assert services.record_quotes([good, tick(quote, math.nan)])
    assert stored(quote)[0] == quote.price + 1


def test_one_that_comes_again_and_again_is_one_row_that_counts(quote: Quote) -> None:
    for _ in range(3):
        services.record_quotes([tick(quote, quote.price * 100)])
    assert Quarantine.objects.get().times == 3


def test_a_late_tick_is_no_suspect(quote: Quote) -> None:
    services.record_quotes([tick(quote, quote.price * 100, days=-5)])
    assert not Quarantine.objects.exists()


@pytest.mark.parametrize(("factor", "refused"), [(1.7, 1), (0.3, 1), (100.0, 1), (1.5, 0), (0.5, 0)])
def test_a_bar_that_jumps_is_put_aside(quote: Quote, walk: Instrument, factor: float, refused: int) -> None:
    last = closes_of(walk, -3)[0]
    recorded = services.record_bars(bars(last * factor, walk=walk))
    assert (recorded.rows, recorded.refused) == (1 - refused, refused)
    assert Quarantine.objects.filter(kind="bar", on=DAYS[-2]).count() == refused


def test_a_spike_is_put_aside_and_the_day_after_it_is_not(quote: Quote, walk: Instrument) -> None:
    last = closes_of(walk, -3)[0]
    recorded = services.record_bars(bars(last * 2, last + 1, walk=walk))
    assert (recorded.rows, recorded.refused) == (1, 1)
    assert Bar.objects.filter(instrument=walk).latest("on").on == DAYS[-1]


def test_a_move_that_the_next_session_bears_out_is_a_move(quote: Quote, walk: Instrument) -> None:
    last = closes_of(walk, -3)[0]
    assert services.record_bars(bars(last * 2, last * 2.1, walk=walk)).rows == 2


def test_a_hundredfold_is_borne_out_by_nothing(quote: Quote, walk: Instrument) -> None:
    last = closes_of(walk, -3)[0]
    recorded = services.record_bars(bars(last * 101, last * 102, walk=walk))
    assert (recorded.rows, recorded.refused) == (0, 2)


def test_a_bar_with_its_split_passes(quote: Quote, walk: Instrument) -> None:
    last = closes_of(walk, -3)[0]
    split = bars(last / 10, walk=walk)
    recorded = services.record_bars(replace(split, split_factor=split.split_factor * 10))
    assert (recorded.rows, recorded.refused) == (1, 0)


def test_a_history_told_anew_at_another_size_overwrites_nothing(quote: Quote, walk: Instrument) -> None:
    services.record_bars(bars(100.0, 101.0, walk=walk))
    recorded = services.record_bars(bars(1000.0, 1010.0, walk=walk))
    assert recorded.rows == 0
    assert closes_of(walk, -2, -1) == [100.0, 101.0]


def test_a_history_told_anew_after_a_known_split_is_taken_over(quote: Quote, walk: Instrument) -> None:
    services.record_bars(bars(100.0, 101.0, walk=walk))
    split = {"kind": "split", "numerator": 10, "denominator": 1, "source": "test"}
    CorporateAction.objects.create(instrument=walk, on=DAYS[-1] + timedelta(days=3), **split)
    assert services.record_bars(bars(10.0, 10.1, walk=walk)).rows == 2


def test_what_was_stored_is_not_doubted_when_it_comes_again_alone(quote: Quote, walk: Instrument) -> None:
    last = closes_of(walk, -3)[0]
    services.record_bars(bars(last * 2, last * 2.1, walk=walk))
    services.record_bars(bars(last * 2, walk=walk))
    assert not Quarantine.objects.exists()


def test_an_accepted_tick_is_the_price(quote: Quote, operator: object) -> None:
    services.record_quotes([tick(quote, quote.price * 2)])
    changed = services.accept_price(Quarantine.objects.get().pk, by_id=None)
    assert [one.price for one in changed] == [quote.price * 2]
    assert stored(quote)[0] == quote.price * 2
    entry = AuditEntry.objects.latest("at")
    assert (entry.act, entry.details["symbol"], entry.details["stored"]) == ("price.accepted", "WALK", str(quote.price))


def test_an_accepted_bar_is_stored_and_moves_the_quote(quote: Quote, walk: Instrument) -> None:
    last = closes_of(walk, -3)[0]
    services.record_bars(bars(last * 2, walk=walk))
    services.accept_price(Quarantine.objects.get().pk, by_id=None)
    assert closes_of(walk, -2) == [last * 2]
    assert stored(quote)[0] == last * 2
    assert services.record_bars(bars(last * 2, walk=walk)).refused == 0


def test_what_is_no_price_cannot_be_accepted(quote: Quote) -> None:
    services.record_quotes([tick(quote, math.nan)])
    with pytest.raises(services.QuarantineError, match="not a price"):
        services.accept_price(Quarantine.objects.get().pk, by_id=None)


def test_a_newer_price_is_not_overwritten_by_an_accepted_one(quote: Quote) -> None:
    services.record_quotes([tick(quote, quote.price * 2)])
    services.record_quotes([tick(quote, quote.price + 1, days=2)])
    with pytest.raises(services.QuarantineError, match="newer price"):
        services.accept_price(Quarantine.objects.get().pk, by_id=None)
    assert stored(quote)[0] == quote.price + 1


def test_what_was_dropped_is_not_asked_about_again(quote: Quote) -> None:
    services.record_quotes([tick(quote, quote.price * 2)])
    row = Quarantine.objects.get()
    services.drop_price(row.pk, by_id=None)
    services.record_quotes([tick(quote, quote.price * 2.05)])
    assert not Quarantine.objects.waiting().exists()
    services.record_quotes([tick(quote, quote.price * 100)])
    assert Quarantine.objects.waiting().exists()


def test_nobody_decides_twice(quote: Quote) -> None:
    services.record_quotes([tick(quote, quote.price * 2)])
    pk = Quarantine.objects.get().pk
    services.drop_price(pk, by_id=None)
    with pytest.raises(services.QuarantineError, match="already"):
        services.accept_price(pk, by_id=None)
