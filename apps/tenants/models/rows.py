"""What every row of an organization has in common."""

import uuid
from typing import Any

from django.db import models

from apps.tenants.backend.connections import connection


class WrongSchemaError(Exception):
    """An instance that was read in one organization was about to be written in another."""


class OrganizationRow(models.Model):
    """A row of an organization. It remembers the schema it came from and is written nowhere else."""

    class Meta:
        abstract = True

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._schema = connection.schema_name  # from_db() ends here too: the schema its query ran in

    def save(self, **kwargs: Any) -> None:
        """Refuse another organization's context: an equal key there would be overwritten."""
        self._require_own_schema()
        super().save(**kwargs)

    def delete(self, using: Any = None, keep_parents: bool = False) -> tuple[int, dict[str, int]]:
        """Refuse another organization's context."""
        self._require_own_schema()
        return super().delete(using=using, keep_parents=keep_parents)

    def _prepare_related_fields_for_save(self, operation_name: str, fields: Any = None) -> None:
        """Django's one way to every write of instances: bulk_create and bulk_update pass it, too."""
        self._require_own_schema()
        super()._prepare_related_fields_for_save(operation_name, fields)  # type: ignore[misc]

    def _require_own_schema(self) -> None:
        if self._schema != connection.schema_name:
            raise WrongSchemaError(f"{type(self).__name__} {self.pk} belongs to another organization.")


class TenantModel(OrganizationRow):
    """With a key that no other organization has."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)

    class Meta:
        abstract = True
