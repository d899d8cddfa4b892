"""A day of the market in the real database: history, close, indicators, rewind, another provider."""

from pathlib import Path

import pytest

from apps.market import services
from apps.market.models import Article, Bar, Feed, Instrument, MinuteBar, Quote, SignalState
from apps.market.providers.replay import Replay
from tests.market.folder import DAYS, day, write_folder


def snapshot() -> list[tuple[object, ...]]:
    """Everything that a rewind brings back."""
    quotes = Quote.objects.order_by("pk").values_list(
        "pk", "price", "previous_close", "as_of", "spark", "rsi14", "signal", "sentiment", "sentiment_n"
    )
    bars = Bar.objects.order_by("instrument_id", "on").values_list("instrument_id", "on", "close")
    articles = Article.objects.order_by("title_hash").values_list("title")
    return [(*row[:4], bytes(row[4]), *row[5:]) for row in quotes] + [tuple(row) for row in (*bars, *articles)]


def work(replay: Replay) -> None:
    """What the worker does after a close."""
    services.score_articles()
    services.settle_quotes(Quote.objects.values_list("pk", flat=True))


def test_at_the_start_quotes_stand_at_the_close_before(begun: Replay, walk: Instrument) -> None:
    quote = Quote.objects.get(pk=walk.pk)
    assert (quote.price, quote.session_on) == (day("WALK", len(DAYS) - 3)[5], DAYS[-3])
    assert quote.closes[-1] == pytest.approx(quote.price, rel=1e-6)


def test_the_feed_names_the_replay_and_its_day(begun: Replay) -> None:
    assert services.feed_label() == "Replay of Thu 28 Feb 2013 (replay)"


def test_a_close_appends_the_session(begun: Replay, walk: Instrument) -> None:
    services.close_session(begun, DAYS[-2])
    assert Bar.objects.filter(instrument=walk).latest("on").on == DAYS[-2]
    assert Quote.objects.get(pk=walk.pk).closes[-1] == pytest.approx(day("WALK", len(DAYS) - 2)[5], rel=1e-6)


def test_a_close_stores_the_minutes(begun: Replay) -> None:
    services.close_session(begun, DAYS[-2])
    assert MinuteBar.objects.count() == 390


def test_closing_twice_is_closing_once(begun: Replay) -> None:
    services.close_session(begun, DAYS[-2])
    before = snapshot()
    services.close_session(begun, DAYS[-2])
    assert snapshot() == before


def test_indicators_stand_on_the_quote_and_in_the_record(begun: Replay, walk: Instrument) -> None:
    services.settle_quotes([walk.pk])
    quote, state = Quote.objects.get(pk=walk.pk), SignalState.objects.get(instrument=walk)
    assert (quote.rsi14, quote.signal) == (state.rsi14, state.state)
    assert state.on == DAYS[-3]


def test_a_split_is_no_crash(begun: Replay) -> None:
    """Without the split the two-for-one day would look like a fall by half."""
    split, plain = (Instrument.objects.get(symbol=symbol) for symbol in ("SPLT", "WALK"))
    services.settle_quotes([split.pk, plain.pk])
    by_pk = Quote.objects.in_bulk([split.pk, plain.pk])
    assert by_pk[split.pk].rsi14 == pytest.approx(by_pk[plain.pk].rsi14, abs=1.0)


def test_too_few_closes_are_no_data(begun: Replay, walk: Instrument) -> None:
    Bar.objects.filter(instrument=walk, on__lt=DAYS[12]).delete()
    quote = services.settle_quotes([walk.pk], anew=True)[0]
    assert (quote.signal, quote.rsi14, quote.signal_reason) == ("no_data", None, "11 of 15 closes needed")


def test_a_rewind_brings_everything_back(begun: Replay) -> None:
    work(begun)
    services.rewind(begun)
    before = snapshot()
    for on in DAYS[-2:]:
        services.close_session(begun, on)
        services.record_headlines(
            begun.headlines(
                begun.listings(), begun.channel().starts_at, begun.channel().starts_at.replace(day=1, month=3)
            ),
            Instrument.objects.all(),
        )
        work(begun)
    assert snapshot() != before
    services.rewind(begun)
    assert snapshot() == before


def test_a_rewind_counts_its_round(begun: Replay) -> None:
    before = Feed.objects.get().round
    services.rewind(begun)
    assert Feed.objects.get().round == before + 1


def test_other_data_begin_clean(begun: Replay, walk: Instrument, tmp_path: Path) -> None:
    services.import_reference(Replay(write_folder(tmp_path / "other", minutes=False)))
    assert (Bar.objects.count(), Quote.objects.count(), Article.objects.count()) == (0, 0, 0)
    assert Instrument.objects.get(symbol="WALK").pk == walk.pk


def test_the_same_data_stay(begun: Replay) -> None:
    before = snapshot()
    services.import_reference(begun)
    assert snapshot() == before


def test_the_clock_moves(begun: Replay) -> None:
    at = begun.channel().starts_at.replace(hour=18)
    feed = services.move_clock(DAYS[-2], at)
    assert feed is not None
    assert Feed.objects.market_at() == at


def test_before_the_first_import_there_is_no_feed(market: None) -> None:
    Feed.objects.all().delete()
    assert services.move_clock(DAYS[0], Feed.objects.market_at()) is None
    assert services.feed_label() == "No market data yet"


def test_a_reading_that_its_bars_do_not_bear_out_is_found(begun: Replay, walk: Instrument) -> None:
    work(begun)
    assert services.disagreeing_indicators([walk.pk]) == []
    Quote.objects.filter(pk=walk.pk).update(rsi14=99.0)
    assert services.disagreeing_indicators([walk.pk]) == [walk.pk]


def test_a_symbol_without_a_tick_takes_the_prices_of_its_last_session(begun: Replay, walk: Instrument) -> None:
    Quote.objects.filter(pk=walk.pk).delete()
    quote = services.settle_quotes([walk.pk])[0]
    assert (quote.price, quote.previous_close) == (day("WALK", len(DAYS) - 3)[5], day("WALK", len(DAYS) - 4)[5])
    assert quote.session_on == DAYS[-3]
