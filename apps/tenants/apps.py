"""Tenants: who is asking, where their rows live, how HTML reaches them."""

from django.apps import AppConfig


class TenantsConfig(AppConfig):
    """Knows no business."""

    name = "apps.tenants"

    def ready(self) -> None:
        """Checks register themselves when they are imported."""
        from apps.tenants import checks  # noqa: F401
