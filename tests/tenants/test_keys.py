"""Cache keys, locks, salts and lazily read rows belong to one organization."""

import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.conf import LazySettings
from django.contrib.auth.models import Permission
from django.contrib.contenttypes.models import ContentType
from django.core.cache import caches
from django.core.signing import get_cookie_signer
from django.db import InterfaceError
from django.test import RequestFactory
from django_tenants.utils import schema_context, tenant_context

from apps.accounts.models import User
from apps.tenants.backend.base import NoOrganizationError
from apps.tenants.backend.connections import connection
from apps.tenants.backend.keys import lock_key
from apps.tenants.models import Organization
from apps.tenants.ratelimits import address_key, member_key
from apps.tenants.signing import BadSignature, sign, signed

pytestmark = pytest.mark.django_db
TOKENS: dict[str, tuple[Callable[[], str], Callable[[str], Any]]] = {
    "list": (lambda: sign({"a": 1}, salt="test"), lambda token: signed(token, salt="test", max_age=60)),
    "cookie": (lambda: get_cookie_signer(salt="x").sign("a"), lambda token: get_cookie_signer(salt="x").unsign(token)),
}


@pytest.mark.parametrize("kind", TOKENS)
def test_a_signature_of_acme_is_refused_at_globex(kind: str, acme: Organization, globex: Organization) -> None:
    make, read = TOKENS[kind]
    token = make()
    assert read(token) in ({"a": 1}, "a")  # positive control
    with tenant_context(globex), pytest.raises(BadSignature):
        read(token)
    with schema_context("public"), pytest.raises(BadSignature):
        read(token)


def test_what_acme_caches_globex_does_not_find(globex: Organization) -> None:
    caches["default"].set("answer", "acme's", 60)
    with tenant_context(globex):
        assert caches["default"].get("answer") is None
        caches["default"].set("answer", "globex's", 60)
    assert caches["default"].get("answer") == "acme's"


def test_without_an_organization_there_is_no_key() -> None:
    connection.set_no_organization()
    for use in (lambda: caches["default"].get("answer"), lambda: sign("", salt="x"), lambda: lock_key("x")):
        with pytest.raises(NoOrganizationError):
            use()


def test_a_lock_of_acme_is_another_one_at_globex(globex: Organization) -> None:
    mine = lock_key("import")
    assert lock_key("import") == mine
    with tenant_context(globex):
        assert lock_key("import") != mine


def test_rows_that_are_still_being_read_end_with_their_context(acme: Organization, globex: Organization) -> None:
    """A server-side cursor would go on yielding acme's rows while globex is in context."""
    with tenant_context(acme):
        people = User.objects.order_by("email").values_list("email", flat=True).iterator(chunk_size=1)
        assert next(people) == "ann@acme.test"
    with tenant_context(globex), pytest.raises(InterfaceError, match="closed"):
        next(people)


def test_rows_are_read_to_their_end_inside_one_context() -> None:
    with tenant_context(connection.tenant):
        assert len(list(User.objects.iterator(chunk_size=1))) == 3


def test_a_thread_that_a_library_starts_works_for_nobody() -> None:
    seen: list[object] = []

    def work() -> None:
        try:
            seen.append(User.objects.count())
        except NoOrganizationError as error:
            seen.append(type(error))
        finally:
            connection.close()

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert seen == [NoOrganizationError]


@pytest.mark.parametrize("function", ["lo_create(0)", "lo_from_bytea(0, '')", "lo_creat(-1)"])
def test_large_objects_which_belong_to_no_schema_are_closed(function: str) -> None:
    with pytest.raises(Exception, match="permission denied for function"), connection.cursor() as cursor:
        cursor.execute(f"SELECT {function}")


def test_what_a_table_is_numbered_is_asked_in_each_organization(acme: Organization, globex: Organization) -> None:
    """Numbers of content types differ between schemas; what Django remembers must not cross over."""
    at_home = ContentType.objects.get_for_model(User).pk
    with tenant_context(globex):
        numbered = ContentType.objects.filter(app_label="accounts", model="user")
        theirs = numbered.get().pk + 1000
        Permission.objects.filter(content_type__in=numbered).delete()
        numbered.update(id=theirs)
    with tenant_context(acme):
        assert ContentType.objects.get_for_model(User).pk == at_home
    with tenant_context(globex):
        assert ContentType.objects.get_for_model(User).pk == theirs != at_home


def test_an_address_is_what_our_own_proxy_saw(settings: LazySettings) -> None:
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    asked = RequestFactory().get("/", headers={"x-forwarded-for": "6.6.6.6, 203.0.113.9"})
    assert address_key("", asked) == "203.0.113.9"


def test_a_budget_is_one_organizations(ann: User, globex: Organization) -> None:
    """Ann's key is somebody's at globex too: each has a budget."""
    request = RequestFactory().get("/")
    request.user = ann
    at_home = member_key("", request)
    with tenant_context(globex):
        assert member_key("", request) != at_home
    assert member_key("", request) == at_home
