"""Operators: on the public host only, with a second factor always, from their networks if these are named."""

from datetime import UTC, datetime, timedelta
from io import StringIO
from ipaddress import ip_network
from typing import Any

import pytest
import time_machine
from allauth.mfa.models import Authenticator
from django.conf import LazySettings
from django.core.management import CommandError, call_command
from django.test import Client
from django_tenants.utils import schema_context

from apps.accounts.models import Act, AuditEntry, User
from apps.accounts.services import add_operator
from tests.accounts.codes import code_of

pytestmark = pytest.mark.django_db
PASSWORD, LOGIN, OLGA = "demo-please-change", "/accounts/login/", "op@stockintel.test"
APP = "/accounts/factors/app/"


@pytest.fixture
def public(_at_acme: None) -> Client:
    return Client(HTTP_HOST="localhost")


def _sign_in(client: Client, email: str = OLGA, **how: Any) -> Any:
    return client.post(LOGIN, {"login": email, "password": PASSWORD}, **how)


def _secret_of(client: Client) -> str:
    return str(client.get(APP).context["form"].secret)


def test_admin_login_leads_to_our_page(public: Client) -> None:
    answer = public.get("/admin/login/?next=/admin/")
    assert answer.headers["Location"] == f"{LOGIN}?next=/admin/"
    assert public.get("/admin/", follow=True).request["PATH_INFO"] == LOGIN


def test_the_first_sign_in_leads_to_a_second_factor_and_nowhere_else(public: Client) -> None:
    assert _sign_in(public).headers["Location"] == "/admin/"
    for path in ("/admin/", "/admin/tenants/organization/", "/settings/security/", "/"):
        assert public.get(path).headers["Location"] == "/accounts/factors/"
    assert public.get("/accounts/factors/").status_code == 200


def test_with_a_code_from_the_app_the_admin_opens(public: Client) -> None:
    _sign_in(public)
    secret = _secret_of(public)
    assert public.post(APP, {"code": "000000"}).status_code == 422
    assert public.post(APP, {"code": code_of(secret)}).headers["Location"] == "/accounts/factors/codes/"
    assert public.get("/admin/tenants/organization/").status_code == 200
    with schema_context("public"):
        assert AuditEntry.objects.filter(act=Act.FACTOR_ADDED).exists()


def test_from_then_on_the_password_alone_is_half_the_way(public: Client) -> None:
    _sign_in(public)
    secret = _secret_of(public)
    public.post(APP, {"code": code_of(secret)})
    public.post("/accounts/logout/")
    assert _sign_in(public).headers["Location"].startswith("/accounts/login/code/")
    assert public.get("/admin/").status_code == 302
    assert public.post("/accounts/login/code/", {"code": "000000"}).status_code == 422
    with time_machine.travel(datetime.now(UTC) + timedelta(minutes=2)):
        assert public.post("/accounts/login/code/", {"code": code_of(secret)}).headers["Location"] == "/admin/"
        assert public.get("/admin/").status_code == 200


def test_a_member_is_nobody_on_the_public_host(public: Client) -> None:
    assert "do not belong together" in _sign_in(public, "ann@acme.test").text
    assert public.get("/admin/").status_code == 302


def test_an_operator_is_nobody_at_an_organization(anonymous: Client) -> None:
    assert "do not belong together" in _sign_in(anonymous).text


@pytest.mark.parametrize(("network", "status"), [("127.0.0.0/8", 200), ("203.0.113.0/24", 403)])
def test_operators_come_from_their_networks(
    settings: LazySettings, public: Client, operator_client: Client, network: str, status: int
) -> None:
    settings.OPERATOR_NETWORKS = [ip_network(network)]
    assert operator_client.get("/admin/").status_code == status
    assert public.get(LOGIN).status_code == status


def test_members_come_from_anywhere(settings: LazySettings, anonymous: Client) -> None:
    settings.OPERATOR_NETWORKS = [ip_network("203.0.113.0/24")]
    assert _sign_in(anonymous, "ann@acme.test").status_code == 302


def test_lost_factors_are_reset_by_command(operator: User, operator_client: Client) -> None:
    assert operator_client.get("/admin/").status_code == 200
    out = StringIO()
    call_command("reset_operator_factors", OLGA, stdout=out)
    assert "adds one at the next sign-in" in out.getvalue()
    assert operator_client.get("/admin/").headers["Location"] == "/accounts/factors/"
    with schema_context("public"):
        assert not Authenticator.objects.filter(user=operator).exists()
        assert AuditEntry.objects.filter(act=Act.FACTOR_REMOVED, subject_id=operator.pk).exists()


def test_the_command_knows_operators_only() -> None:
    with pytest.raises(CommandError, match="No operator"):
        call_command("reset_operator_factors", "ann@acme.test")


def test_the_last_factor_stays(operator: User, operator_client: Client) -> None:
    with schema_context("public"):
        factor = Authenticator.objects.get(user=operator)
    operator_client.post("/accounts/factors/remove/", {"factor": factor.pk})
    with schema_context("public"):
        assert Authenticator.objects.filter(pk=factor.pk).exists()


@pytest.mark.parametrize("path", ["/accounts/reset/", "/accounts/confirm/x/", "/accounts/password/new/", "/accounts/"])
def test_other_pages_of_members_are_not_open_here(operator_client: Client, path: str) -> None:
    assert operator_client.get(path).status_code == 404


def test_naming_an_operator_twice_keeps_the_password() -> None:
    add_operator(email="OP@stockintel.test", name="Somebody", password="another-word-42")
    with schema_context("public"):
        operator = User.objects.get(email="op@stockintel.test")
        assert operator.check_password(PASSWORD)
        assert operator.is_staff
