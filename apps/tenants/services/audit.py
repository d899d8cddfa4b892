"""Writing down what operators and the platform itself did; the log's table belongs to the application above."""

from typing import Any

from django.conf import settings
from django.utils.module_loading import import_string


def record_audit(act: str, **entry: Any) -> None:
    """One entry in the schema in context: see settings.AUDIT for what may be said."""
    import_string(settings.AUDIT)(act, **entry)
