"""What was done is written once, read by those who may, and changed by nobody."""

import csv
from datetime import UTC, datetime, timedelta
from io import StringIO
from typing import Any
from uuid import uuid4

import pytest
import time_machine
from django.db import ProgrammingError, connection, transaction
from django.test import Client
from django.utils import timezone
from django_tenants.utils import schema_context

from apps.accounts.documents import plain
from apps.accounts.models import Act, AuditEntry, User
from apps.accounts.services import record_audit
from apps.accounts.views import audit
from tests.conftest import ClientOf

pytestmark = pytest.mark.django_db
PAGE, EXPORT = "/settings/audit/", "/settings/audit/export/"


def rows_of(client: Client, **filters: str) -> list[dict[str, str]]:
    answer: Any = client.post(EXPORT, filters)
    assert answer.status_code == 200
    return list(csv.DictReader(StringIO(answer.getvalue().decode("utf-8-sig"))))


@pytest.mark.parametrize("schema", ["own", "public"])
@pytest.mark.parametrize(
    "change",
    [
        "UPDATE accounts_auditentry SET act = 'x'",
        "DELETE FROM accounts_auditentry",
        "TRUNCATE accounts_auditentry",
        "INSERT INTO accounts_auditentry SELECT * FROM accounts_auditentry ON CONFLICT (id) DO UPDATE SET act = 'x'",
        "ALTER TABLE accounts_auditentry ADD COLUMN y int",
        "DROP TABLE accounts_auditentry",
    ],
)
def test_the_log_only_grows(acme: Any, schema: str, change: str) -> None:
    """The database itself refuses; adding and reading, the control, go on."""
    with schema_context(acme.schema_name if schema == "own" else "public"), connection.cursor() as cursor:
        entry = record_audit(Act.HOUSE_CHANGED)
        with pytest.raises(ProgrammingError, match=r"permission denied|must be owner"), transaction.atomic():
            cursor.execute(change)
        cursor.execute("SELECT act FROM accounts_auditentry WHERE id = %s", [entry.pk])
        assert cursor.fetchall() == [("house.changed",)]


def test_newest_first_with_names_of_today(client_of: ClientOf, ann: User, ben: User) -> None:
    record_audit(Act.MEMBER_CHANGED, by_id=ann.pk, subject_id=ben.pk, role=["viewer", "analyst"])
    record_audit(Act.SUPPORT_ASKED, by_operator=True)
    record_audit(Act.MEMBER_REMOVED)
    User.objects.filter(pk=ben.pk).update(erased_at=timezone.now(), name="", email="gone@erased.invalid")
    lines = rows_of(client_of(ann))
    whole = [(line["Act"], line["By"], line["Concerns"], line["Details"]) for line in lines][1:]
    assert lines[0]["Act"] == "audit.exported"
    assert whole[0] == ("member.removed", "System", "", "")
    assert whole[1] == ("support.asked", "Platform operator", "", "")
    assert whole[2] == ("member.changed", "Ann Owner", f"erased member #{ben.pk.hex[:4]}", "role: viewer, analyst")
    assert "Ben" not in client_of(ann).get(PAGE).text


def test_filters_are_in_the_address(client_of: ClientOf, ann: User, ben: User) -> None:
    client = client_of(ann)
    for day, act, by in ((1, Act.HOUSE_CHANGED, ann), (2, Act.MEMBER_CHANGED, ben), (3, Act.HOUSE_CHANGED, ben)):
        with time_machine.travel(datetime(2026, 3, day, 12, tzinfo=UTC), tick=False):
            record_audit(act, by_id=by.pk)
    record_audit(Act.HOUSE_CHANGED, by_operator=True)
    days = {"since": "2026-03-01", "until": "2026-03-03"}
    for asked, found in (
        ({}, 3),
        ({"act": "house.changed"}, 2),
        ({"by": str(ben.pk)}, 2),
        ({"by": str(ben.pk), "act": "house.changed"}, 1),
        ({"by": "operator"}, 0),
        ({"by": "system"}, 0),
        ({"until": "2026-03-02"}, 2),
    ):
        assert client.get(PAGE, days | asked).context["page"].paginator.count == found
        assert len(rows_of(client, **days | asked)) == found
    theirs = {"by": "operator", "act": "house.changed"}
    assert client.get(PAGE, theirs).context["page"].paginator.count == 1


def test_days_are_those_of_the_member(client_of: ClientOf, ann: User) -> None:
    """Half past ten in the evening of 1 March in UTC is the second of March in Tokyo."""
    with time_machine.travel(datetime(2026, 3, 1, 22, 30, tzinfo=UTC), tick=False):
        record_audit(Act.HOUSE_CHANGED, by_id=ann.pk)
    for zone, found in (("Asia/Tokyo", 0), ("UTC", 1)):
        User.objects.filter(pk=ann.pk).update(timezone=zone)
        page = client_of(ann).get(PAGE, {"since": "2026-03-01", "until": "2026-03-01"})
        assert page.context["page"].paginator.count == found
    rows = rows_of(client_of(ann), since="2026-03-01", until="2026-03-01")
    assert rows[0]["Time"] == "2026-03-01T22:30:00+00:00"


@pytest.mark.parametrize(
    "asked",
    [
        {"act": "x'; DROP TABLE"},
        {"by": "not-a-key"},
        {"by": "\x00"},
        {"since": "yesterday"},
        {"since": "2026-13-40"},
        {"until": "9999-12-31"},
        {"since": "2026-03-02", "until": "2026-03-01"},
    ],
)
def test_a_filter_that_means_nothing_is_refused(client_of: ClientOf, ann: User, asked: dict[str, str]) -> None:
    answer = client_of(ann).get(PAGE, asked)
    assert answer.status_code == 422
    assert 'class="errorlist"' in answer.text
    assert not answer.context["lines"]
    assert client_of(ann).post(EXPORT, asked).status_code == 302
    assert not AuditEntry.objects.filter(act=Act.AUDIT_EXPORTED).exists()


def test_pages_keep_their_filters(client_of: ClientOf, ann: User) -> None:
    for _ in range(audit.A_PAGE + 1):
        record_audit(Act.HOUSE_CHANGED, by_id=ann.pk)
    first = client_of(ann).get(PAGE, {"act": "house.changed"})
    assert len(first.context["lines"]) == audit.A_PAGE
    assert 'href="?act=house.changed&amp;page=2"' in first.text
    assert len(client_of(ann).get(PAGE, {"act": "house.changed", "page": "2"}).context["lines"]) == 1


def test_an_export_of_several_batches_holds_each_entry_once(client_of: ClientOf, ann: User) -> None:
    """Several of one moment lie on both sides of a batch's end."""
    with time_machine.travel(timezone.now() - timedelta(hours=1), tick=False):
        marks = {str(number) for number in range(audit.A_BATCH + 5)}
        for mark in marks:
            record_audit(Act.HOUSE_CHANGED, mark=mark)
    found = [line["Details"].removeprefix("mark: ") for line in rows_of(client_of(ann), act="house.changed")]
    assert sorted(found) == sorted(marks)


def test_the_export_is_written_down(client_of: ClientOf, ann: User) -> None:
    rows_of(client_of(ann), act="house.changed")
    entry = AuditEntry.objects.get(act=Act.AUDIT_EXPORTED)
    assert (entry.by_id, entry.details) == (ann.pk, {"filters": ["act"]})
    assert client_of(ann).get(EXPORT).status_code == 405


@pytest.mark.parametrize("cell", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", " =1", "\uff1d1"])
def test_no_cell_is_a_formula(client_of: ClientOf, ann: User, cell: str) -> None:
    User.objects.filter(pk=ann.pk).update(name=cell)
    record_audit(Act.HOUSE_CHANGED, by_id=ann.pk)
    assert plain(cell) == f"'{cell}"
    assert rows_of(client_of(ann), act="house.changed")[0]["By"] == f"'{cell}"


@pytest.mark.parametrize("who", ["ben", "vic"])
def test_others_do_not_read_it(client_of: ClientOf, request: pytest.FixtureRequest, who: str) -> None:
    client = client_of(request.getfixturevalue(who))
    assert (client.get(PAGE).status_code, client.post(EXPORT).status_code) == (403, 403)


def test_an_entry_of_acme_is_not_at_globex(client_of: ClientOf, ann: User, eve: User) -> None:
    mark = uuid4().hex
    record_audit(Act.HOUSE_CHANGED, mark=mark)
    assert mark in client_of(ann).get(PAGE).text
    assert mark not in client_of(eve).get(PAGE).text
    assert mark in str(rows_of(client_of(ann)))
    assert mark not in str(rows_of(client_of(eve)))
