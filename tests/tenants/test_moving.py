"""An organization moves: its old name leads on and is nobody else's; a domain of its own stands beside it."""

from datetime import timedelta

import pytest
from django.conf import settings
from django.core.exceptions import ValidationError
from django.test import Client
from django.utils import timezone
from django_tenants.utils import schema_context

from apps.accounts.models import Act, AuditEntry, User
from apps.tenants.middleware import forget_hosts
from apps.tenants.models import Domain, Organization, RestingName
from apps.tenants.services import add_domain, create_organization, remove_domain, rename_subdomain
from tests.conftest import ClientOf, signed_in

pytestmark = pytest.mark.django_db
PORT = settings.PORT
BAD_NAMES = ["www", "a", "a" * 31, "acme-", "-acme", "Zenith", "xn--80ak6aa", "\u0430cme", "globex", "ac me", ""]


def _moved(organization: Organization, subdomain: str = "zenith") -> Organization:
    found = rename_subdomain(organization=organization, subdomain=subdomain, by=None)
    forget_hosts()
    return found


def _domains(organization: Organization) -> list[tuple[str, bool, bool]]:
    with schema_context("public"):
        rows = Domain.objects.filter(tenant=organization).order_by("domain")
        return list(rows.values_list("domain", "is_primary", "redirects"))


def test_an_old_link_leads_to_the_same_page_at_the_new_host(acme: Organization) -> None:
    _moved(acme)
    old = Client(HTTP_HOST="acme.localhost")
    for path in ("/reports/?page=2", "/i/XNAS/AAPL/", "/caf%C3%A9/?q=%26"):
        answer = old.get(path)
        assert (answer.status_code, answer.headers["Location"]) == (302, f"http://zenith.localhost:{PORT}{path}")
    assert old.head("/").status_code == 302
    for method in (old.post, old.put, old.delete, old.options):
        assert method("/accounts/login/", {}).status_code == 421
    assert Client(HTTP_HOST="zenith.localhost").get("/accounts/login/").status_code == 200


def test_a_cookie_stays_at_its_host(acme: Organization, client_of: ClientOf, ann: User) -> None:
    client_of(ann)
    moved = _moved(acme)
    client = signed_in(ann)
    assert client.get("/").status_code == 200
    cookie = client.cookies[settings.SESSION_COOKIE_NAME]
    assert (cookie["domain"] or "", cookie["path"]) == ("", "/")
    assert moved.url == f"http://zenith.localhost:{PORT}/"


def test_an_old_name_is_nobody_elses_while_it_leads_on_and_rests_afterwards(
    acme: Organization, globex: Organization
) -> None:
    _moved(acme)
    with pytest.raises(ValidationError, match="taken"):
        rename_subdomain(organization=globex, subdomain="acme", by=None)
    remove_domain(organization=acme, domain="acme.localhost", by=None)
    forget_hosts()
    assert Client(HTTP_HOST="acme.localhost").get("/").status_code == 404
    with pytest.raises(ValidationError, match="rests until"):
        rename_subdomain(organization=globex, subdomain="acme", by=None)
    with schema_context("public"):
        RestingName.objects.update(until=timezone.now() - timedelta(seconds=1))
    assert rename_subdomain(organization=globex, subdomain="acme", by=None).subdomain == "acme"


def test_an_organization_may_go_back(acme: Organization) -> None:
    _moved(acme)
    _moved(acme, "acme")
    assert _domains(acme) == [("acme.localhost", True, False), ("zenith.localhost", False, True)]


@pytest.mark.parametrize("subdomain", [*BAD_NAMES, "acme", "rested"])
def test_a_name_that_cannot_be_is_refused_and_nothing_moves(acme: Organization, subdomain: str) -> None:
    before = _domains(acme)
    with schema_context("public"):
        RestingName.objects.create(subdomain="rested", until=timezone.now() + timedelta(days=1))
    with pytest.raises(ValidationError) as refused:
        rename_subdomain(organization=acme, subdomain=subdomain, by=None)
    assert all(message.endswith(".") for message in refused.value.messages)
    assert _domains(acme) == before
    assert not AuditEntry.objects.filter(act=Act.ORGANIZATION_MOVED).exists()


def test_a_resting_name_is_refused_to_a_new_organization() -> None:
    with schema_context("public"):
        RestingName.objects.create(subdomain="initech", until=timezone.now() + timedelta(days=1))
    with pytest.raises(ValidationError, match="rests until"):
        create_organization(name="Initech", subdomain="initech", owner_email="bill@initech.test")


def test_a_domain_of_ones_own_stands_beside_the_subdomain(acme: Organization, ann: User) -> None:
    stranger = Client(HTTP_HOST="portal.firm.com")
    assert stranger.get("/accounts/login/").status_code == 400
    forget_hosts()
    add_domain(organization=acme, domain="Portal.Firm.com", by=None)
    assert "Acme Capital" in stranger.get("/accounts/login/").text
    form = {"login": "ann@acme.test", "password": "demo-please-change"}
    assert stranger.post("/accounts/login/", form, headers={"origin": "http://portal.firm.com"}).status_code == 302
    assert stranger.post("/accounts/logout/", headers={"origin": "http://acme.localhost"}).status_code == 403
    assert Client(HTTP_HOST=acme.host).get("/accounts/login/").status_code == 200
    remove_domain(organization=acme, domain="portal.firm.com", by=None)
    forget_hosts()
    assert stranger.get("/accounts/login/").status_code == 400


@pytest.mark.parametrize(
    "domain",
    [
        *(
            "globex.localhost",
            "new.localhost",
            "localhost",
            "firm",
            "1.2.3.4",
            "[::1]",
            "portal.firm.1",
            "a..com",
            ".com",
        ),
        *("f\u0131rm.com", "xn--frm-5na.com", "portal.xn--frm-5na.com", "firm.com:80", "firm.com/x", "a@firm.com"),
        *(
            "firm.com.",
            "-a.firm.com",
            "*.firm.com",
            "fi rm.com",
            "firm.com\n.x",
            f"{'a' * 64}.com",
            f"{'a.' * 130}com",
            "",
        ),
    ],
)
def test_a_domain_that_cannot_be_is_refused(acme: Organization, domain: str) -> None:
    before = _domains(acme)
    with pytest.raises(ValidationError):
        add_domain(organization=acme, domain=domain, by=None)
    assert _domains(acme) == before


def test_a_domain_belongs_to_one(acme: Organization, globex: Organization) -> None:
    add_domain(organization=acme, domain="portal.firm.com", by=None)
    with pytest.raises(ValidationError, match="already"):
        add_domain(organization=globex, domain="portal.firm.com", by=None)


def test_the_primary_host_is_not_removed(acme: Organization) -> None:
    with pytest.raises(ValidationError, match="no second host"):
        remove_domain(organization=acme, domain=acme.host, by=None)


@pytest.mark.parametrize("name", ["Acme\u200bCapital", "Acme\u202eCapital", "Acme\x07", "Acme\u00a0Capital", "\u3164"])
def test_a_name_with_what_cannot_be_seen_is_refused(name: str) -> None:
    with pytest.raises(ValidationError, match="cannot be seen"):
        create_organization(name=name, subdomain="initech", owner_email="bill@initech.test")
