"""A hand-over signs one person in, once, within a minute, at the host it was opened for."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection, connections
from django.test import Client
from django.utils import timezone
from django_tenants.utils import schema_context

from apps.accounts.models import User
from apps.tenants.models import HandOver, Organization
from apps.tenants.services import HandOverRefusedError, open_hand_over, redeem_hand_over
from tests.accounts.sign_ups import entered
from tests.conftest import organization_named


def signs_in(client: Client) -> bool:
    return client.get("/").status_code == 200


@pytest.mark.django_db
def test_a_hand_over_opens_once(acme: Organization, ann: User) -> None:
    token = open_hand_over(acme, ann.pk)
    assert signs_in(entered(acme.host, token)[0])
    client, answer = entered(acme.host, token)
    assert answer.status_code == 403
    assert not signs_in(client)


@pytest.mark.django_db
def test_it_opens_no_other_organization_and_stays_good_for_its_own(
    acme: Organization, globex: Organization, ann: User
) -> None:
    token = open_hand_over(acme, ann.pk)
    client, answer = entered(globex.host, token)
    assert answer.status_code == 403
    assert not signs_in(client)
    assert signs_in(entered(acme.host, token)[0])


@pytest.mark.django_db
def test_after_a_minute_it_opens_nothing(acme: Organization, ann: User) -> None:
    token = open_hand_over(acme, ann.pk)
    with time_machine.travel(timezone.now() + timedelta(seconds=61)):
        assert entered(acme.host, token)[1].status_code == 403


@pytest.mark.django_db
@pytest.mark.parametrize("origin", ["", "null", "http://evil.test", "http://globex.localhost", "https://localhost"])
def test_only_the_public_host_and_the_own_one_send_the_form(acme: Organization, ann: User, origin: str) -> None:
    token = open_hand_over(acme, ann.pk)
    client, answer = entered(acme.host, token, origin)
    assert answer.status_code == 403
    assert not signs_in(client)
    assert signs_in(entered(acme.host, token, f"http://{acme.host}")[0])


@pytest.mark.django_db
def test_no_other_form_may_come_from_the_public_host(acme: Organization) -> None:
    answer = Client(HTTP_HOST=acme.host).post("/accounts/login/", HTTP_ORIGIN="http://localhost")
    assert answer.status_code == 403


@pytest.mark.django_db
@pytest.mark.parametrize(
    "path", ["http://evil.test/", "//evil.test", "/\\evil.test", "javascript:alert(1)", "\x00", ""]
)
def test_a_way_on_to_another_host_is_refused(acme: Organization, ann: User, path: str) -> None:
    _, answer = entered(acme.host, open_hand_over(acme, ann.pk), next=path)
    assert answer.headers["Location"] == "/"


@pytest.mark.django_db
def test_it_leads_to_a_page_of_the_own_host(acme: Organization, ann: User) -> None:
    assert (
        entered(acme.host, open_hand_over(acme, ann.pk), next="/portfolios/")[1].headers["Location"] == "/portfolios/"
    )


@pytest.mark.django_db
def test_opening_the_address_changes_nothing(acme: Organization, ann: User) -> None:
    token = open_hand_over(acme, ann.pk)
    assert Client(HTTP_HOST=acme.host).get("/accounts/enter/", {"token": token}).status_code == 200
    assert signs_in(entered(acme.host, token)[0])


@pytest.mark.django_db
def test_a_person_who_left_meanwhile_does_not_get_in(acme: Organization, ben: User) -> None:
    token = open_hand_over(acme, ben.pk)
    ben.is_active = False
    ben.save()
    assert entered(acme.host, token)[1].status_code == 403


@pytest.mark.django_db
def test_the_token_is_stored_nowhere(acme: Organization, ann: User) -> None:
    token = open_hand_over(acme, ann.pk)
    with schema_context("public"), connection.cursor() as cursor:
        cursor.execute("SELECT tenants_handover::text FROM tenants_handover")
        assert token not in str(cursor.fetchall())


def test_of_twenty_at_once_one_gets_in(committed: None) -> None:
    acme = organization_named("acme")
    token = open_hand_over(acme, acme.pk)
    with ThreadPoolExecutor(20) as threads:
        outcomes = list(threads.map(lambda _: _redeemed(token, acme), range(20)))
    assert sum(isinstance(outcome, HandOver) for outcome in outcomes) == 1
    assert sum(isinstance(outcome, HandOverRefusedError) for outcome in outcomes) == 19


def _redeemed(token: str, organization: Organization) -> Any:
    try:
        return redeem_hand_over(token, organization)
    except Exception as error:
        return error
    finally:
        connections.close_all()
