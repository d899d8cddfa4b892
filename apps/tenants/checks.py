"""Facts that must hold before anything is served."""

from typing import Any

from django.apps import apps
from django.conf import settings
from django.core.checks import Error, Tags, register


@register(Tags.models)
def check_tenant_applications(**kwargs: Any) -> list[Error]:
    """A table that is missing in an organization's schema would be read from `public`, without a word."""
    both = [c for c in apps.get_app_configs() if c.name in settings.SHARED_APPS and c.name in settings.TENANT_APPS]
    return [
        Error(f"{config.name} is in SHARED_APPS and in TENANT_APPS.", id="tenants.E001")
        for config in both
        if config.label not in settings.APPS_IN_BOTH
    ]
