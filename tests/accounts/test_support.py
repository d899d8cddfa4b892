"""An operator looks in with the customer's consent only, reads only, is seen by everybody, leaves with the clock."""

import re
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
import time_machine
from django.test import Client
from django.utils import timezone
from django_tenants.utils import schema_context, tenant_context

from apps.accounts import actors, services
from apps.accounts.models import AuditEntry, OutgoingMail, SupportGrant, User
from apps.tenants.models import HandOver, Organization
from tests.conftest import ClientOf

pytestmark = pytest.mark.django_db
LIST = "/settings/support/"


@pytest.fixture
def olga(_at_acme: None) -> User:
    with schema_context("public"):
        return User.objects.get(email="op@stockintel.test")


@pytest.fixture
def asked(acme: Organization, olga: User) -> SupportGrant:
    return services.ask_for_support(organization=acme, by=olga, reason="Prices look old", hours=4)[0]


@pytest.fixture
def granted(acme: Organization, asked: SupportGrant, ann: User) -> SupportGrant:
    services.grant_support(organization=acme, grant_id=asked.pk, by=ann, hours=2)
    asked.refresh_from_db()
    services.forget_surroundings()
    return asked


def at_the_door(organization: Organization, token: str) -> tuple[Client, Any]:
    browser = Client(HTTP_HOST=organization.host)
    origin = f"http://{organization.host}"
    return browser, browser.post("/accounts/enter/", {"token": token}, headers={"origin": origin})


@pytest.fixture
def visitor(acme: Organization, granted: SupportGrant, olga: User) -> Client:
    browser, answer = at_the_door(acme, services.open_visit(organization=acme, grant_id=granted.pk, by=olga))
    assert answer.status_code == 302
    return browser


def acts_of(schema: str) -> list[tuple[str, bool, bool]]:
    with schema_context(schema):
        entries = AuditEntry.objects.filter(act__startswith="support.").order_by("at")
        return [(entry.act, entry.by_operator, entry.by_id is not None) for entry in entries]


def test_those_who_decide_are_told_by_mail(asked: SupportGrant, ann: User) -> None:
    mail = OutgoingMail.objects.get(kind="support_asked")
    assert mail.to == ann.email


def test_asking_twice_is_refused(acme: Organization, asked: SupportGrant, olga: User) -> None:
    with pytest.raises(services.SupportError):
        services.ask_for_support(organization=acme, by=olga, reason="again", hours=1)
    assert SupportGrant.objects.filter(operator_id=olga.pk).count() == 1


def test_without_consent_nothing_is_reachable(acme: Organization, asked: SupportGrant, olga: User, ann: User) -> None:
    with pytest.raises(services.SupportError):
        services.open_visit(organization=acme, grant_id=asked.pk, by=olga)
    services.refuse_support(organization=acme, grant_id=asked.pk, by=ann)
    with pytest.raises(services.SupportError):
        services.open_visit(organization=acme, grant_id=asked.pk, by=olga)
    with schema_context("public"):
        assert not HandOver.objects.exists()


def test_a_grant_opens_its_own_organization_for_its_own_operator(
    acme: Organization, globex: Organization, granted: SupportGrant, olga: User
) -> None:
    for organization, operator in ((globex, olga), (acme, User(pk=uuid4(), name="Otto"))):
        with pytest.raises(services.SupportError):
            services.open_visit(organization=organization, grant_id=granted.pk, by=operator)
    token = services.open_visit(organization=acme, grant_id=granted.pk, by=olga)
    assert at_the_door(globex, token)[1].status_code == 403
    assert at_the_door(acme, token)[1].status_code == 302
    assert at_the_door(acme, token)[1].status_code == 403


def test_a_visitor_reads_and_changes_nothing(visitor: Client, books: None) -> None:
    for path in ("/", "/portfolios/", "/reports/"):
        assert visitor.get(path).status_code == 200
    for path in ("/settings/", LIST, "/settings/audit/", "/settings/house/", "/settings/security/"):
        assert visitor.get(path).status_code == 403
    for path in ("/watchlists/new/", "/portfolios/new/", "/settings/", "/settings/audit/export/"):
        assert visitor.post(path, {"name": "x"}).status_code == 403
    assert ":value" not in visitor.get("/portfolios/").text


def test_a_visitor_is_no_member(visitor: Client, ann: User) -> None:
    stranger = User.objects.get(is_support=True)
    assert (stranger.role, stranger.sees_amounts, stranger.has_usable_password()) == ("viewer", False, False)
    assert not OutgoingMail.objects.filter(to=stranger.email).exists()


def test_everybody_sees_the_visit_and_who_may_ends_it(
    client_of: ClientOf, granted: SupportGrant, ann: User, vic: User, eve: User
) -> None:
    sentence, button = "can look in until", f"/settings/support/{granted.pk}/end/"
    seen = {who.name: client_of(who).get("/reports/").text for who in (ann, vic, eve)}
    assert [sentence in text for text in seen.values()] == [True, True, False]
    assert [button in text for text in seen.values()] == [True, False, False]


@pytest.mark.parametrize("how", ["ended", "over"])
def test_the_session_ends_with_the_grant(
    client_of: ClientOf, visitor: Client, granted: SupportGrant, ann: User, how: str
) -> None:
    assert visitor.get("/").status_code == 200
    if how == "ended":
        client_of(ann).post(f"{LIST}{granted.pk}/end/")
        answer = visitor.get("/")
    else:
        with time_machine.travel(timezone.now() + timedelta(hours=2, seconds=1), tick=False):
            answer = visitor.get("/")
    assert answer.status_code == 302
    assert answer.headers["Location"].startswith("/accounts/login/")


def test_a_session_that_names_no_grant_of_this_operator_is_nobodys(
    acme: Organization, visitor: Client, granted: SupportGrant, ann: User
) -> None:
    """The grant of another operator does not carry this visitor."""
    other = User(pk=uuid4(), name="Otto")
    theirs = services.ask_for_support(organization=acme, by=other, reason="else", hours=1)[0]
    services.grant_support(organization=acme, grant_id=theirs.pk, by=ann, hours=1)
    session = visitor.session
    session[services.GRANT_KEY] = str(theirs.pk)
    session.save()
    assert visitor.get("/").status_code == 302


def test_a_hand_over_that_waits_is_refused_when_the_customer_ends_it(
    acme: Organization, granted: SupportGrant, olga: User, ann: User
) -> None:
    token = services.open_visit(organization=acme, grant_id=granted.pk, by=olga)
    services.end_support(organization=acme, grant_id=granted.pk, by=ann)
    assert at_the_door(acme, token)[1].status_code == 403


def test_every_step_is_in_both_logs(acme: Organization, visitor: Client, granted: SupportGrant, ann: User) -> None:
    services.end_support(organization=acme, grant_id=granted.pk, by=ann)
    steps = ["support.asked", "support.granted", "support.entered", "support.ended"]
    assert acts_of(acme.schema_name) == list(
        zip(steps, [True, False, True, False], [False, True, False, True], strict=True)
    )
    assert acts_of("public") == list(zip(steps, [False] * 4, [True, False, True, False], strict=True))
    assert not AuditEntry.objects.filter(details__icontains="olga").exists()


def test_what_the_clock_ended_is_written_down_once(acme: Organization, visitor: Client, granted: SupportGrant) -> None:
    actors.end_late_visits()
    assert "support.ended" not in dict.fromkeys(act for act, *_ in acts_of(acme.schema_name))
    with time_machine.travel(timezone.now() + timedelta(hours=2, seconds=1), tick=False):
        actors.end_late_visits()
        actors.end_late_visits()
        for schema in (acme.schema_name, "public"):
            assert acts_of(schema).count(("support.ended", False, False)) == 1
        granted.refresh_from_db()
    assert (granted.ended_at, granted.state) == (granted.expires_at, "ended")
    assert not User.objects.get(is_support=True).is_active


def test_the_clock_leaves_a_newer_visit_of_the_same_operator_alone(
    acme: Organization, visitor: Client, ann: User, olga: User
) -> None:
    with time_machine.travel(timezone.now() + timedelta(hours=2, seconds=1), tick=False):
        newer = services.ask_for_support(organization=acme, by=olga, reason="Again", hours=1)[0]
        services.grant_support(organization=acme, grant_id=newer.pk, by=ann, hours=1)
        token = services.open_visit(organization=acme, grant_id=newer.pk, by=olga)
        actors.end_late_visits()
        assert at_the_door(acme, token)[1].status_code == 302


def test_the_customer_decides_on_the_page(client_of: ClientOf, asked: SupportGrant, ann: User) -> None:
    client = client_of(ann)
    assert "Prices look old" in client.get(LIST).text
    for hours in ("0", "5", "-1", "x", ""):
        client.post(f"{LIST}{asked.pk}/grant/", {"hours": hours})
        assert not SupportGrant.objects.running().exists()
    client.post(f"{LIST}{asked.pk}/grant/", {"hours": "3"})
    client.post(f"{LIST}{asked.pk}/refuse/")
    grant = SupportGrant.objects.running().get()
    assert grant.decided_by_id == ann.pk
    assert grant.expires_at
    assert grant.expires_at - timezone.now() <= timedelta(hours=3)


@pytest.mark.parametrize("who", ["ben", "vic"])
def test_others_do_not_decide(
    client_of: ClientOf, asked: SupportGrant, request: pytest.FixtureRequest, who: str
) -> None:
    client = client_of(request.getfixturevalue(who))
    assert client.get(LIST).status_code == 403
    for act in ("grant", "refuse", "end"):
        assert client.post(f"{LIST}{asked.pk}/{act}/", {"hours": "1"}).status_code == 403
    assert SupportGrant.objects.waiting().filter(pk=asked.pk).exists()


def test_another_organizations_request_is_not_found(client_of: ClientOf, asked: SupportGrant, eve: User) -> None:
    for act in ("grant", "refuse", "end"):
        assert client_of(eve).post(f"{LIST}{asked.pk}/{act}/", {"hours": "1"}).status_code == 404
    assert SupportGrant.objects.waiting().filter(pk=asked.pk).exists()


def test_the_operator_asks_and_enters_on_the_public_host(
    operator_client: Client, acme: Organization, ann: User
) -> None:
    page, add = "/admin/accounts/supportgrant/", "/admin/accounts/supportgrant/add/"
    wrong = operator_client.post(add, {"organization": str(acme.pk), "reason": "a\nb", "hours": "99"})
    assert wrong.status_code == 422
    assert operator_client.post(add, {"organization": str(acme.pk), "reason": "why", "hours": "4"}).status_code == 302
    with tenant_context(acme):
        grant = SupportGrant.objects.get(reason="why")
        enter = f"{page}{acme.pk}/{grant.pk}/enter/"
        assert "waiting" in operator_client.get(page).text
        assert operator_client.post(enter).status_code == 302
        services.grant_support(organization=acme, grant_id=grant.pk, by=ann, hours=1)
        lead = operator_client.post(enter).text
        token = re.findall(r'name="token" value="([^"]+)"', lead)[0]
        assert at_the_door(acme, token)[1].status_code == 302
