"""What happens to people: an owner is added, a member joins, an operator is named."""

from typing import Any

from django.contrib.auth.password_validation import validate_password
from django.db import transaction
from django_tenants.utils import schema_context

from apps.accounts.models import User
from apps.accounts.permissions import Role
from apps.accounts.services.people import clean_email
from apps.tenants.models import Organization


@transaction.atomic
def add_member(*, email: str, name: str, role: Role, password: str | None = None, sees_amounts: bool = True) -> User:
    """A member of the organization in context; a known e-mail keeps its row. Without a password nobody signs in yet.

    Raises ValidationError for a bad e-mail, a name that is too long or a weak password.
    """
    email = clean_email(email)
    known = User.objects.filter(email=email).first()
    if known:
        return known
    user = User(email=email, name=name or email.split("@")[0].title(), role=role, sees_amounts=sees_amounts)
    user.clean_fields(exclude={"password"})
    if password:
        validate_password(password, user)
    user.set_password(password)
    user.save()
    return user


@transaction.atomic
def add_owner(
    *,
    organization: Organization,
    owner_email: str,
    owner_name: str = "",
    password: str | None = None,
    password_hash: str = "",
    **_: Any,
) -> User:
    """Provisioning step: the first person of a new organization; who signed up brings a password that is hashed."""
    owner = add_member(email=owner_email, name=owner_name, role=Role.OWNER, password=password)
    if password_hash:
        owner.password = password_hash
        owner.save(update_fields=["password"])
    return owner


def add_operator(*, email: str, name: str, password: str) -> User:
    """Platform staff: signs in on the public host only."""
    with schema_context("public"), transaction.atomic():
        user = add_member(email=email, name=name, role=Role.VIEWER, password=password)
        if not user.is_staff:
            user.is_staff = True
            user.save()
        return user
