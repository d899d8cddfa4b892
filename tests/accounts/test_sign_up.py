"""A stranger asks, is mailed a link, and is the owner of one organization."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.core import mail
from django.test import Client
from django.utils import timezone
from django_tenants.utils import schema_context, tenant_context

from apps.accounts.models import Act, AuditEntry, OutgoingMail, User
from apps.accounts.permissions import Role
from apps.tenants.models import Domain, Organization, ReadySchema, RestingName, SignUp
from tests.accounts.conftest import Enqueued
from tests.accounts.sign_ups import (
    CONFIRM,
    PASSWORD,
    asked,
    confirmed,
    delivered,
    entered,
    hand_over_of,
    mailed_token,
    stranger,
)
from tests.conftest import SYMBOLS

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("signup_open")]


@pytest.fixture
def signup_open(settings: Any) -> None:
    settings.SIGNUP = "open"


def organizations() -> int:
    with schema_context("public"):
        return Organization.objects.count()


def test_from_a_stranger_to_a_full_dashboard() -> None:
    host, token = hand_over_of(confirmed(mailed_token()))
    assert host == "initech.localhost"
    client, answer = entered(host, token)
    assert answer.headers["Location"] == "/"
    page = client.get("/").text
    assert all(f">{symbol}</a>" in page for symbol in SYMBOLS)
    assert "Core Blue Chips" in page
    assert "Bill Lumbergh" in page
    assert '<a href="/settings/security/">Add a passkey</a>' in page


def test_the_owner_signs_in_later_with_the_password_of_the_form() -> None:
    confirmed(mailed_token())
    with schema_context("public"):
        made = Organization.objects.get(subdomain="initech")
        assert SignUp.objects.get().password == ""
    with tenant_context(made):
        owner = User.objects.get()
        assert (owner.role, owner.check_password(PASSWORD)) == (Role.OWNER, True)


def test_a_scanner_that_opens_the_link_makes_nothing() -> None:
    token = mailed_token()
    before = organizations()
    for _ in range(3):
        assert stranger().get(CONFIRM, {"token": token}).status_code == 200
    assert organizations() == before
    hand_over_of(confirmed(token))


def test_the_second_click_leads_to_the_same_organization() -> None:
    token = mailed_token()
    first, second = confirmed(token), confirmed(token)
    assert hand_over_of(first)[0] == hand_over_of(second)[0]
    with schema_context("public"):
        assert Organization.objects.filter(name="Initech").count() == 1


def test_later_the_link_leads_to_sign_in_only() -> None:
    token = mailed_token()
    confirmed(token)
    with time_machine.travel(timezone.now() + timedelta(minutes=2)):
        answer = confirmed(token)
    assert answer.status_code == 410
    assert "accounts/enter" not in answer.text
    assert "http://initech.localhost" in answer.text


@pytest.mark.parametrize("token", ["", "nonsense", "x" * 60_000, "a\x00b", "é" * 50])
def test_an_unknown_link_is_told(token: str) -> None:
    for answer in (stranger().get(CONFIRM, {"token": token}) if len(token) < 9_000 else None, confirmed(token)):
        assert answer is None or (answer.status_code == 404 and "This link is not known" in answer.text)


def test_a_link_that_is_too_late_makes_nothing() -> None:
    token, before = mailed_token(), organizations()
    with time_machine.travel(timezone.now() + timedelta(hours=25)):
        answer = confirmed(token)
    assert (answer.status_code, organizations()) == (404, before)
    assert "This link came too late" in answer.text


def test_a_name_that_was_taken_meanwhile_can_be_chosen_anew() -> None:
    late = mailed_token()
    with schema_context("public"):
        Organization.objects.filter(subdomain="globex").update(name="INITECH", subdomain="initech")
    answer = confirmed(late)
    assert answer.status_code == 409
    assert "Choose another place" in answer.text
    assert confirmed(late, name="Initech", subdomain="initech").status_code == 422
    host, token = hand_over_of(confirmed(late, name="Initech Two", subdomain="INITECH-two"))
    assert host == "initech-two.localhost"
    assert entered(host, token)[0].get("/").status_code == 200


def test_a_sign_up_is_written_down_as_nobodys_but_its_own(broker_away: None) -> None:
    """And is led in while the broker is away."""
    hand_over_of(confirmed(mailed_token()))
    with schema_context("public"):
        made = Organization.objects.get(subdomain="initech")
        ours = AuditEntry.objects.get(act=Act.ORGANIZATION_CREATED, subject_id=made.pk)
    assert (ours.by_id, ours.network) == (None, "127.0.0.0/24")
    assert ours.details == {"subdomain": "initech", "signed_up": True}
    with tenant_context(made):
        theirs = AuditEntry.objects.get(act=Act.ORGANIZATION_CREATED)
    assert (theirs.by_operator, theirs.details) == (False, {"signed_up": True})


def test_without_a_ready_schema_the_page_waits_and_the_fleet_is_asked(enqueued: Enqueued) -> None:
    token = mailed_token()
    with schema_context("public"):
        waiting = list(ReadySchema.objects.all())
        ReadySchema.objects.all().delete()
    answer = confirmed(token)
    assert answer.status_code == 202
    assert 'data-send-after="700"' in answer.text
    assert [m.queue_name for m in enqueued("refill_pool")] == ["fleet"]
    assert "data-send-after" not in confirmed(token, waits="20").text
    with schema_context("public"):
        ReadySchema.objects.bulk_create(waiting)
    hand_over_of(confirmed(token, waits="x"))


@pytest.mark.parametrize(
    ("field", "value"),
    [
        *(("subdomain", bad) for bad in ("www", "signup", "a", "-a", "a-", "a.b", "a_b", "xn--80ak6aa", "аcme", "ａcme",
                                         "a" * 31, "a" * 60_000, "a\x00b", "acme", "ACME", "", "acme\n", "../x")),
        *(("name", bad) for bad in ("", "Acme Capital", "ACME CAPITAL", "x" * 121, "x" * 60_000, "a\x00b", "a\u202eb")),
        *(("email", bad) for bad in ("", "nobody", "a@b", "x" * 60_000 + "@a.test", "a@a.test\r\nBcc: b@b.test")),
        *(("password", bad) for bad in ("", "short", "password", "x" * 60_000, "bill@initech.test")),
        *(("owner_name", bad) for bad in ("", "x" * 121, "a\x00b", "a\u2066b")),
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused_at_its_field(field: str, value: str) -> None:
    changes: dict[str, Any] = {field: value}
    answer = asked(**changes)
    assert answer.status_code == 422
    assert f'id="id_{field}_error"' in answer.text
    with schema_context("public"):
        assert not SignUp.objects.exists()
        assert not OutgoingMail.objects.exists()


def test_a_subdomain_that_rests_is_taken() -> None:
    with schema_context("public"):
        RestingName.objects.create(subdomain="initech", until=timezone.now() + timedelta(days=1))
    assert "is taken" in asked().text


def test_line_breaks_in_a_name_make_no_header() -> None:
    asked(name="Ini\ntech", owner_name="Bill\r\nBcc: eve@globex.test")
    message = delivered()[0].message()
    assert message["Subject"] == "Confirm Ini tech"
    assert message["Bcc"] is None


def test_the_answer_never_tells_whether_an_email_is_known() -> None:
    answers = [asked(email=email) for email in ("ann@acme.test", "nobody@nowhere.test")]
    assert len({(a.status_code, a.headers["Location"], a.content) for a in answers}) == 1
    assert len(delivered()) == 2


def test_a_mailbox_gets_three_links_a_day_and_the_answer_stays_the_same() -> None:
    answers = [asked(email="Bill@Initech.test", subdomain=f"initech-{n}", name=f"Initech {n}") for n in range(5)]
    assert {answer.status_code for answer in answers} == {302}
    assert len(delivered()) == 3


def test_an_address_signs_up_ten_times_a_day_whatever_it_says_it_is() -> None:
    statuses = [
        asked(stranger(f"10.0.0.{n}"), email=f"b{n}@a.test", subdomain=f"in-{n}", name=f"In {n}").status_code
        for n in range(12)
    ]
    assert statuses == [302] * 10 + [429] * 2


def test_closed_is_closed(settings: Any) -> None:
    settings.SIGNUP, settings.OPERATOR_CONTACT = "closed", "help@example.com"
    assert "help@example.com" in stranger().get("/signup/").text
    asked()
    with schema_context("public"):
        assert not SignUp.objects.exists()
    assert mail.outbox == []


def test_a_link_that_was_mailed_before_closing_still_opens(settings: Any) -> None:
    token = mailed_token()
    settings.SIGNUP = "closed"
    hand_over_of(confirmed(token))


def test_sign_up_is_on_the_public_host_only() -> None:
    assert Client(HTTP_HOST="acme.localhost").get("/signup/").status_code == 404


def test_a_place_that_rests_since_is_chosen_anew() -> None:
    late = mailed_token()
    with schema_context("public"):
        RestingName.objects.create(subdomain="initech", until=timezone.now() + timedelta(days=30))
    answer = confirmed(late)
    assert (answer.status_code, "Choose another place" in answer.text) == (409, True)
    assert hand_over_of(confirmed(late, name="Initech", subdomain="initech-two"))[0] == "initech-two.localhost"


def test_an_earlier_host_of_somebody_is_taken_before_and_after_the_mail(globex: Organization) -> None:
    late = mailed_token()
    with schema_context("public"):
        Domain.objects.create(domain="initech.localhost", tenant=globex, is_primary=False, redirects=True)
    for answer in (confirmed(late), confirmed(late, name="Initech", subdomain="initech")):
        assert "Choose another place" in answer.text
        assert "This subdomain is taken" in answer.text
    assert asked().status_code == 422
