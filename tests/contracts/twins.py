"""Two organizations that hold the same rows under the same keys, each with its own marks in every text.

Whatever one of them is shown that carries the other's mark came through a wall.
"""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

from django.apps import apps
from django.conf import settings
from django.db import models, transaction
from django.utils import timezone
from django_tenants.utils import schema_context, tenant_context

from apps.accounts.models import Act, AuditEntry, Invitation, SupportGrant, User
from apps.accounts.permissions import Role
from apps.accounts.services import record_audit
from apps.tenants.backend.connections import connection
from apps.tenants.models import Organization, digest_of
from apps.tenants.services import create_organization

NOT_COPIED = {"contenttypes", "auth", "sessions"}
# Texts that other code reads: a mark would make them wrong, not visible.
UNMARKED = {"password", "timezone", "base_currency", "currency", "accent_colour", "token_digest", "client_secret"}
ROOM = 20  # characters that a mark needs


@dataclass(frozen=True, slots=True)
class Twin:
    """One of the two, and the mark that its texts end with."""

    organization: Organization
    mark: str
    other: str

    def person(self, role: Role, *, sees_amounts: bool = True) -> User:
        """The member with that role; everybody of the copied organization is here too."""
        with tenant_context(self.organization):
            found: User = User.objects.filter(role=role, is_active=True).earliest("joined_at")
            if not sees_amounts:
                found.sees_amounts = False
                found.save(update_fields=["sees_amounts"])
        return found


def organization_models() -> list[type[models.Model]]:
    """Every table of an organization, the ones that others need first."""
    configs = [config for config in apps.get_app_configs() if config.name in settings.TENANT_APPS]
    found = [m for config in configs if config.label not in NOT_COPIED for m in config.get_models(True)]
    return [model for model in found if model._meta.managed]


def make_twins(source: Organization) -> tuple[Twin, Twin]:
    """Commits both; the marks say nothing that any page could say by itself."""
    north, south = (
        create_organization(name=f"Twin {mark}", subdomain=name, owner_email=f"first@{name}.test")
        for name, mark in (("north", "qznorthzq"), ("south", "qzsouthzq"))
    )
    for organization, mark in ((north, "qznorthzq"), (south, "qzsouthzq")):
        copy_rows(source, organization, mark)
    return Twin(north, "qznorthzq", "qzsouthzq"), Twin(south, "qzsouthzq", "qznorthzq")


def add_guests(organization: Organization) -> str:
    """Somebody is invited to each, and somebody asks to look in."""
    with tenant_context(organization):
        Invitation.objects.create(
            email=f"new@{organization.subdomain}.test",
            role=Role.VIEWER,
            token_digest=digest_of(organization.subdomain),
            invited_by_id=User.objects.filter(role=Role.OWNER)[0].pk,
            expires_at=timezone.now() + timedelta(days=1),
        )
        record_audit(Act.INVITATION_SENT, by_id=User.objects.filter(role=Role.OWNER)[0].pk)
        SupportGrant.objects.create(operator_id=uuid4(), operator_name="Olga", reason="A question", hours=4)
        return str(organization.schema_name)


def copy_rows(source: Organization, target: Organization, mark: str) -> None:
    """Same keys, own texts, own files."""
    with tenant_context(source):
        rows = {model: list(model._base_manager.values()) for model in organization_models()}
    with tenant_context(target), transaction.atomic():
        for model in organization_models():
            if model is not AuditEntry:  # which nobody may delete
                query = model._base_manager.all()
                query._raw_delete(query.db)
        for model, found in rows.items():
            model._base_manager.bulk_create([model(**_marked(model, row, mark)) for row in found])
            _move_sequence(model)
    folder = Path(settings.MEDIA_ROOT)
    if (folder / source.schema_name).is_dir():
        shutil.copytree(folder / source.schema_name, folder / target.schema_name, dirs_exist_ok=True)


def _marked(model: type[models.Model], row: dict[str, Any], mark: str) -> dict[str, Any]:
    marks = {field.attname: f"{row[field.attname]} {mark}" for field in text_fields(model) if row[field.attname]}
    marks |= {name: _address(row[name], mark) for name in row if name == "email" and row[name]}
    return row | marks


def _address(email: str, mark: str) -> str:
    name, _, domain = email.partition("@")
    return f"{name}.{mark}@{domain}"


def text_fields(model: type[models.Model]) -> Iterator[models.Field[Any, Any]]:
    """Free texts that a person wrote and others read."""
    for field in model._meta.concrete_fields:
        is_text = type(field) in (models.CharField, models.TextField)
        is_free = not field.choices and not field.primary_key and field.attname not in UNMARKED
        if is_text and is_free and (field.max_length is None or field.max_length >= 80) and not field.unique:
            yield field


def _move_sequence(model: type[models.Model]) -> None:
    """What the tests add comes after what was copied."""
    if isinstance(model._meta.pk, models.AutoField):
        table, column = model._meta.db_table, model._meta.pk.column
        with connection.cursor() as cursor:
            cursor.execute(
                f"SELECT setval(pg_get_serial_sequence(%s, %s), (SELECT coalesce(max({column}), 0) + 1 FROM {table}))",
                [f"{connection.schema_name}.{table}", column],
            )


def names_of_twins() -> list[str]:
    """For the fixture that takes them away again."""
    with schema_context("public"):
        return list(Organization.objects.filter(name__startswith="Twin ").values_list("schema_name", flat=True))
