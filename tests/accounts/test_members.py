"""People of an organization and what their roles let them do."""

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError
from django.http import HttpRequest, HttpResponse

from apps.accounts.models import User
from apps.accounts.permissions import ROLES, Permission, Role, require
from apps.accounts.services import add_member

pytestmark = pytest.mark.django_db


def test_every_role_has_its_place() -> None:
    assert set(ROLES) == set(Role)
    assert ROLES[Role.VIEWER] == frozenset()
    assert ROLES[Role.VIEWER] < ROLES[Role.ANALYST] < ROLES[Role.ADMIN] <= ROLES[Role.OWNER]
    assert ROLES[Role.OWNER] == frozenset(Permission)


def test_a_member_is_added_once() -> None:
    dan = add_member(email=" Dan@Acme.test", name="", role=Role.ANALYST)
    assert (dan.email, dan.name) == ("dan@acme.test", "Dan")
    assert add_member(email="dan@acme.test", name="Other", role=Role.OWNER).pk == dan.pk
    assert User.objects.get(pk=dan.pk).role == Role.ANALYST


def test_without_a_password_nobody_signs_in() -> None:
    assert not add_member(email="dan@acme.test", name="Dan", role=Role.VIEWER).has_usable_password()


@pytest.mark.parametrize(
    ("email", "password"), [("dan", None), ("dan@acme.test", "password"), ("dan@acme.test", "short")]
)
def test_a_bad_e_mail_or_a_weak_password_is_refused(email: str, password: str | None) -> None:
    with pytest.raises(ValidationError):
        add_member(email=email, name="Dan", role=Role.VIEWER, password=password)
    assert not User.objects.filter(email=email).exists()


@pytest.mark.parametrize("changes", [{"email": "Dan@acme.test"}, {"role": "king"}])
def test_the_table_refuses_what_the_service_would_not_write(changes: dict[str, str]) -> None:
    with pytest.raises(IntegrityError):
        User.objects.create(**({"email": "dan@acme.test", "name": "Dan"} | changes))


@pytest.mark.parametrize("permission", list(Permission))
def test_a_view_asks_for_its_permission(ann: User, vic: User, permission: Permission) -> None:
    @require(permission)
    def view(request: HttpRequest) -> HttpResponse:
        return HttpResponse("done")

    request = HttpRequest()
    request.user = ann
    assert view(request).status_code == 200
    request.user = vic
    with pytest.raises(PermissionDenied):
        view(request)
