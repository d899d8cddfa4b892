"""How far an organization's exports are, on the pages of those who may export."""

from typing import Any

from django.template.loader import render_to_string
from django_tenants.utils import schema_context

from apps.tenants.backend.connections import connection
from apps.tenants.live.carrier import push
from apps.tenants.models import Archive

SHOWN = 30


class ExportsTopic:
    """`<schema>:exports`: heard by who may export the organization."""

    @staticmethod
    def allowed(user: Any, topics: list[str]) -> set[str]:
        """This organization's, for its owners."""
        return {exports_topic()} & set(topics) if user.may("organization.export") else set()

    @staticmethod
    def cells(topics: list[str]) -> dict[str, dict[str, str]]:
        """How far the latest ones are."""
        if exports_topic() not in topics:
            return {}
        schema = connection.schema_name
        with schema_context("public"):
            archives = list(Archive.objects.filter(organization__schema_name=schema)[:SHOWN])
        return {exports_topic(): {_key(archive): archive_cell(archive) for archive in archives}}


def exports_topic() -> str:
    """Of the organization in context."""
    return f"{connection.schema_name}:exports"


def push_archive(archive: Archive) -> None:
    """Tells open pages; an organization that is gone has none."""
    if archive.organization is not None:
        push(f"{archive.organization.schema_name}:exports", {_key(archive): archive_cell(archive)})


def archive_cell(archive: Archive) -> str:
    """The row as the list shows it."""
    return render_to_string("accounts/export_row.html", {"archive": archive}).strip()


def _key(archive: Archive) -> str:
    return f"export:{archive.pk}"
