"""Missing sessions are found by the calendar, fetched, and remembered where the source has none either."""

from datetime import date
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.market import actors, providers, services
from apps.market.models import Bar, Feed, Hole, Instrument, Progress
from apps.market.providers.replay import Replay
from tests.accounts.conftest import enqueued as enqueued
from tests.market.folder import DAYS

GAP = DAYS[8:11]


@pytest.fixture(autouse=True)
def _active(begun: Replay, folder: Path, settings: Any) -> None:
    """What a job finds when it asks for the provider."""
    settings.MARKET_PROVIDER, settings.REPLAY_DIR = "replay", folder
    providers.forget()


@pytest.fixture
def gap(walk: Instrument) -> Instrument:
    """WALK without three of its sessions."""
    Bar.objects.filter(instrument=walk, on__in=GAP).delete()
    return walk


def invented() -> list[int]:
    return list(Instrument.objects.filter(symbol__in=("WALK", "MINS", "SPLT")).values_list("pk", flat=True))


def test_what_is_whole_misses_nothing() -> None:
    assert services.missing_sessions(invented()) == {}


def test_a_gap_is_found_by_one_statement(gap: Instrument) -> None:
    with CaptureQueriesContext(
        connection,
    ) as asked:
        assert services.missing_sessions(invented()) == {gap.pk: GAP}
    assert sum("market_bar" in query["sql"] for query in asked.captured_queries) == 1


def test_neither_before_the_first_session_nor_after_the_last_closed_one(walk: Instrument) -> None:
    Bar.objects.filter(instrument=walk, on__lt=DAYS[3]).delete()
    assert services.missing_sessions([walk.pk]) == {}


def test_a_gap_is_filled(gap: Instrument) -> None:
    found = [services.fill_gap(one) for one in services.gaps(services.missing_sessions([gap.pk]))]
    assert [(one.rows, one.instruments, one.holes) for one in found] == [(3, (gap.pk,), 0)]
    assert services.missing_sessions([gap.pk]) == {}


def test_what_the_source_does_not_have_is_not_asked_every_night(gap: Instrument, folder: Path) -> None:
    lines = (folder / "daily.csv").read_text().splitlines(keepends=True)
    (folder / "daily.csv").write_text("".join(ln for ln in lines if not ln.startswith(f"WALK,{GAP[1]}")))
    providers.forget()
    (one,) = services.gaps(services.missing_sessions([gap.pk]))
    assert services.fill_gap(one).holes == 1
    assert list(Hole.objects.values_list("on", flat=True)) == [GAP[1]]
    assert services.missing_sessions([gap.pk]) == {}


def test_an_answer_without_the_instrument_proves_no_hole(gap: Instrument, folder: Path) -> None:
    lines = (folder / "daily.csv").read_text().splitlines(keepends=True)
    (folder / "daily.csv").write_text("".join(line for line in lines if not line.startswith("WALK")))
    providers.forget()
    (one,) = services.gaps(services.missing_sessions([gap.pk]))
    services.fill_gap(one)
    assert not Hole.objects.exists()
    assert services.missing_sessions([gap.pk]) == {gap.pk: GAP}


def test_the_nightly_job_sends_one_job_a_batch(gap: Instrument, enqueued: Any) -> None:
    actors.repair_gaps()
    sent = [message.args for message in enqueued("fill_gap")]
    mine = next(args for args in sent if gap.pk in args[0])
    actors.fill_gap(*mine)
    assert Bar.objects.filter(instrument=gap, on__in=GAP).count() == 3
    assert [gap.pk] in [message.args[0] for message in enqueued("settle_quotes")]


def backfill(*arguments: str) -> str:
    out = StringIO()
    call_command("backfill_bars", *arguments, stdout=out)
    return out.getvalue()


def test_a_backfill_says_how_far_it_is(gap: Instrument) -> None:
    said = backfill("WALK", "MINS", "--from", "2013-01-01")
    assert "[2/2] MINS to WALK: 3 bars written" in said
    run = Progress.objects.get(kind="backfill")
    assert (run.done, run.total, run.state) == (2, 2, "finished")
    assert Bar.objects.filter(instrument=gap, on__in=GAP).count() == 3


def test_a_backfill_that_was_killed_goes_on_where_it_was(gap: Instrument) -> None:
    pks = list(Instrument.objects.filter(symbol__in=("MINS", "WALK")).order_by("symbol").values_list("pk", flat=True))
    task = {"instruments": pks, "from": "2013-01-01", "to": str(_yesterday())}
    services.advance_progress(services.begin_progress("backfill", 2, task=task), 1, reached="MINS")
    assert "[2/2] WALK to WALK: 3 bars written" in backfill("WALK", "MINS", "--from", "2013-01-01")


def _yesterday() -> date:
    clock = Feed.objects.market_at().date()
    return clock.replace(day=clock.day - 1)


def test_a_backfill_of_what_nobody_knows_asks_nobody() -> None:
    with pytest.raises(CommandError, match="Nobody knows NOSUCH"):
        backfill("WALK", "NOSUCH")
    assert not Progress.objects.exists()
