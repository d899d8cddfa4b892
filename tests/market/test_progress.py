"""Long jobs say how far they are, and a killed one is gone on with."""

from datetime import timedelta

import pytest
from django.utils import timezone

from apps.market import services
from apps.market.models import Progress

pytestmark = pytest.mark.usefixtures("market")


def test_it_counts_what_is_done() -> None:
    run = services.begin_progress("backfill", 4)
    run = services.advance_progress(run, 3, reached="MSFT", note="MSFT: 250 bars")
    assert (run.done, run.percent, run.state, run.reached) == (3, 75, "running", "MSFT")


def test_its_end_is_told_and_so_is_its_failure() -> None:
    good, bad = services.begin_progress("a", 1), services.begin_progress("b", 1)
    assert services.finish_progress(good).state == "finished"
    assert services.finish_progress(bad, failure="disk full").state == "failed"
    assert not Progress.objects.running().exists()


def test_the_same_task_goes_on_where_it_was() -> None:
    task = {"symbols": ["IBM"], "from": "2013-01-01"}
    run = services.begin_progress("backfill", 10, task=task)
    services.advance_progress(run, 4, reached="IBM")
    again = services.begin_progress("backfill", 10, task=task)
    assert (again.pk, again.done, again.reached) == (run.pk, 4, "IBM")
    assert services.begin_progress("backfill", 10, task={"symbols": []}).pk != run.pk


def test_one_that_ended_begins_anew() -> None:
    run = services.begin_progress("backfill", 10, task={"n": 1})
    services.finish_progress(run)
    assert services.begin_progress("backfill", 10, task={"n": 1}).pk != run.pk


def test_one_that_says_nothing_is_silent() -> None:
    run = services.begin_progress("backfill", 10)
    Progress.objects.update(updated_at=timezone.now() - timedelta(minutes=6))
    run.refresh_from_db()
    assert run.state == "silent"


def test_nothing_to_do_is_done() -> None:
    assert services.begin_progress("backfill", 0).percent == 100
