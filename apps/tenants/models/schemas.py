"""Schemas without an organization: those that wait for one, and the text that makes another."""

import secrets
from typing import Self

from django.db import models
from django.utils.timezone import now

_ALPHABET = "abcdefghijklmnopqrstuvwxyz234567"
# The schema that the others are copies of. No organization can have the name: theirs are longer.
TEMPLATE = "org_template"


def new_schema_name() -> str:
    """`org_` and 12 random base-32 characters: fixed for life, and says nothing about the customer."""
    return "org_" + "".join(secrets.choice(_ALPHABET) for _ in range(12))


class ReadySchemaQuerySet(models.QuerySet["ReadySchema"]):
    """Schemas made ahead of their organization."""

    def current(self) -> Self:
        """Those of the version that the template has."""
        newest = SchemaText.objects.order_by("-made_at").values("version")[:1]
        return self.filter(version=models.Subquery(newest))

    def claimed(self) -> "ReadySchema | None":
        """Take a current one that nobody else takes at this moment; it is gone when the transaction commits."""
        ready = self.current().select_for_update(skip_locked=True).order_by("prepared_at").first()
        if ready is not None:
            self.filter(pk=ready.pk).delete()
        return ready


class ReadySchema(models.Model):
    """A migrated schema with its role and grants, waiting for an organization."""

    schema_name = models.CharField(max_length=63, primary_key=True)
    version = models.CharField(max_length=64, default="", help_text="The migrations it was made with.")
    prepared_at = models.DateTimeField(auto_now_add=True)

    objects = ReadySchemaQuerySet.as_manager()

    def __str__(self) -> str:
        return self.schema_name


class SchemaText(models.Model):
    """The template schema as one SQL text: replayed under another name, it is a new schema of that version."""

    version = models.CharField(max_length=64, primary_key=True)
    text = models.TextField()
    made_at = models.DateTimeField(default=now, help_text="The newest is the version of new organizations.")

    def __str__(self) -> str:
        return self.version
