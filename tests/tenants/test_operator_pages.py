"""What an operator does to organizations, by page and by command: said first, done once, written down."""

from io import StringIO
from typing import Any

import pytest
from allauth.account.authentication import AUTHENTICATION_METHODS_SESSION_KEY
from django.core.management import CommandError, call_command
from django.test import Client
from django_tenants.utils import schema_context, tenant_context

from apps.accounts.models import Act, AuditEntry, User
from apps.tenants.admin.steps import STEPS
from apps.tenants.models import Domain, Organization, Quota, Standing
from apps.tenants.services import close_organization, suspend_organization
from tests.tenants.test_moving import BAD_NAMES

pytestmark = pytest.mark.django_db
LIST = "/admin/tenants/organization/"


def _post(client: Client, organization: Organization, step: str, **form: Any) -> Any:
    return client.post(f"{LIST}{organization.pk}/{step}/", form)


def _now(organization: Organization) -> Organization:
    with schema_context("public"):
        return Organization.objects.select_related("quota").get(pk=organization.pk)


def test_the_page_shows_limits_beside_what_is_kept(operator_client: Client, acme: Organization) -> None:
    assert "Acme Capital" in operator_client.get(LIST).text
    page = operator_client.get(f"{LIST}{acme.pk}/change/").text
    for words in ("acme.localhost", "2000", "Suspend", "Change subdomain", "Close"):
        assert words in page
    assert "Resume" not in page
    assert "ann@acme.test" not in page


INITECH = {"name": "Initech", "subdomain": "initech", "owner_email": "bill@initech.test", "owner_name": "Bill"}


def _founded(client: Client) -> Organization:
    assert client.post(f"{LIST}add/", INITECH | {"password": "stapler-red-42"}).status_code == 302
    with schema_context("public"):
        organization: Organization = Organization.objects.get(subdomain="initech")
    return organization


def test_who_founded_is_written_down_on_both_sides(operator_client: Client, operator: User) -> None:
    made = _founded(operator_client)
    with schema_context("public"):
        ours = AuditEntry.objects.get(act=Act.ORGANIZATION_CREATED, subject_id=made.pk)
    assert (ours.by_id, ours.details) == (operator.pk, {"subdomain": "initech"})
    with tenant_context(made):
        theirs = AuditEntry.objects.get(act=Act.ORGANIZATION_CREATED)
    assert (theirs.by_id, theirs.by_operator, theirs.subject_id) == (None, True, made.pk)


def test_one_is_founded_while_the_broker_is_away(operator_client: Client, broker_away: None) -> None:
    assert _founded(operator_client).standing == Standing.ACTIVE


@pytest.mark.parametrize("step", sorted(STEPS))
def test_a_step_says_what_it_does_before_it_does_it(operator_client: Client, acme: Organization, step: str) -> None:
    with schema_context("public"):
        is_offered = STEPS[step].is_offered_to(acme)
    if not is_offered:
        assert operator_client.get(f"{LIST}{acme.pk}/{step}/").status_code == 404
        return
    page = operator_client.get(f"{LIST}{acme.pk}/{step}/")
    assert page.status_code == 200
    assert STEPS[step].says[:20] in page.text
    assert _now(acme).standing == Standing.ACTIVE


def test_suspend_and_resume(operator_client: Client, operator: User, acme: Organization) -> None:
    assert _post(operator_client, acme, "suspend").status_code == 422
    assert _post(operator_client, acme, "suspend", reason="Invoice 17").status_code == 302
    assert _now(acme).standing == Standing.SUSPENDED
    assert _post(operator_client, acme, "resume").status_code == 302
    assert _now(acme).standing == Standing.ACTIVE
    with schema_context("public"):
        acts = AuditEntry.objects.filter(subject_id=acme.pk, by_id=operator.pk).values_list("act", flat=True)
        assert set(acts) == {Act.ORGANIZATION_SUSPENDED, Act.ORGANIZATION_RESUMED}


@pytest.mark.parametrize("typed", ["", "globex", "ACME", "acme "])
def test_closing_wants_the_subdomain_typed(operator_client: Client, acme: Organization, typed: str) -> None:
    answer = _post(operator_client, acme, "close", subdomain=typed, days="7")
    assert answer.status_code == (302 if typed == "acme " else 422)  # a space at the end is nobody's mistake
    assert _now(acme).standing == (Standing.CLOSING if typed == "acme " else Standing.ACTIVE)


def test_closing_asks_again_who_it_is(operator_client: Client, acme: Organization) -> None:
    with schema_context("public"):
        session = operator_client.session
        session[AUTHENTICATION_METHODS_SESSION_KEY] = [{"method": "password", "at": 0}]
        session.save()
    answer = _post(operator_client, acme, "close", subdomain="acme", days="7")
    assert answer.headers["Location"].startswith("/accounts/reauthenticate/")
    assert _now(acme).standing == Standing.ACTIVE
    assert _post(operator_client, acme, "suspend", reason="Invoice 17").status_code == 302


def test_a_closing_is_cancelled(operator_client: Client, acme: Organization) -> None:
    close_organization(organization=acme, by=None)
    assert "Cancel closing" in operator_client.get(f"{LIST}{acme.pk}/change/").text
    assert _post(operator_client, acme, "reopen").status_code == 302
    assert _now(acme).closes_at is None


@pytest.mark.parametrize("name", BAD_NAMES)
def test_a_bad_subdomain_is_refused_at_every_door(operator_client: Client, acme: Organization, name: str) -> None:
    assert _post(operator_client, acme, "rename", subdomain=name).status_code == 422
    assert _now(acme).subdomain == "acme"
    with pytest.raises(CommandError):
        call_command("rename_organization", "acme", to=name, yes=True)
    person = {"owner_email": "bill@initech.test", "owner_name": "Bill", "password": "stapler-red-42"}
    made = operator_client.post(f"{LIST}add/", {"name": "Initech", "subdomain": name, **person})
    assert made.status_code == 422
    with pytest.raises(CommandError):
        call_command("create_organization", "Initech", subdomain=name, owner="bill@initech.test")
    with schema_context("public"):
        assert not Organization.objects.filter(name="Initech").exists()


def test_hosts_come_and_go(operator_client: Client, acme: Organization) -> None:
    assert _post(operator_client, acme, "rename", subdomain="zenith").status_code == 302
    assert _post(operator_client, acme, "add-domain", domain="portal.firm.com").status_code == 302
    assert _post(operator_client, acme, "add-domain", domain="globex.localhost").status_code == 422
    assert _post(operator_client, acme, "remove-domain", domain="zenith.localhost").status_code == 422
    assert _post(operator_client, acme, "remove-domain", domain="acme.localhost").status_code == 302
    with schema_context("public"):
        hosts = set(Domain.objects.filter(tenant=acme).values_list("domain", flat=True))
    assert hosts == {"zenith.localhost", "portal.firm.com"}


def test_quotas_and_particulars(operator_client: Client, acme: Organization) -> None:
    limits = {"members": 7, "symbols": 8, "alerts": 9, "storage_mb": 10}
    assert _post(operator_client, acme, "quotas", **limits | {"members": -1}).status_code == 422
    assert _post(operator_client, acme, "quotas", **limits).status_code == 302
    with schema_context("public"):
        assert Quota.objects.values("members", "symbols", "alerts", "storage_mb").get(organization=acme) == limits
    zone = {"timezone": "Europe/Zurich"}
    for name in ("globex ADVISORS", "Acme\u200b", ""):
        assert _post(operator_client, acme, "particulars", name=name, **zone).status_code == 422
    assert _post(operator_client, acme, "particulars", name="Acme", timezone="Mars/Phobos").status_code == 422
    assert _post(operator_client, acme, "particulars", name="Acme", **zone).status_code == 302
    assert (_now(acme).name, _now(acme).timezone) == ("Acme", "Europe/Zurich")


def test_members_and_strangers_have_no_such_pages(acme: Organization) -> None:
    answer = Client(HTTP_HOST="localhost").post(f"{LIST}{acme.pk}/suspend/", {"reason": "x"})
    assert answer.status_code == 302
    assert _now(acme).standing == Standing.ACTIVE


def test_the_log_is_read_filtered_and_never_written(
    operator_client: Client, operator: User, acme: Organization, globex: Organization
) -> None:
    suspend_organization(organization=acme, by=operator, reason="Invoice 17")
    suspend_organization(organization=globex, by=None, reason="Invoice 18")
    log = "/admin/accounts/auditentry/"
    page = operator_client.get(f"{log}?act=organization.suspended")
    assert "Invoice 17" in page.text
    assert "Invoice 18" in page.text
    mine = operator_client.get(f"{log}?by={operator.pk}").text
    assert "Invoice 17" in mine
    assert "Invoice 18" not in mine
    assert "Invoice 17" not in operator_client.get(f"{log}?act=operator.named").text
    with schema_context("public"):
        entry = AuditEntry.objects.latest("at")
    for path in ("add/", f"{entry.pk}/delete/"):
        assert operator_client.post(log + path).status_code == 403


def test_commands_ask_and_tell(acme: Organization) -> None:
    told = StringIO()
    call_command("suspend_organization", "acme", reason="Invoice 17", yes=True, stdout=told)
    call_command("resume_organization", "acme", yes=True, stdout=told)
    call_command("close_organization", "acme", days=3, yes=True, stdout=told)
    call_command("resume_organization", "acme", yes=True, stdout=told)
    call_command("rename_organization", "acme", to="zenith", yes=True, stdout=told)
    assert "is suspended" in told.getvalue()
    assert "is dropped after" in told.getvalue()
    assert "http://zenith.localhost" in told.getvalue()
    for refused in (("resume_organization", "zenith"), ("suspend_organization", "nobody")):
        with pytest.raises(CommandError):
            call_command(*refused, yes=True, **({"reason": "x"} if refused[0].startswith("s") else {}))
