"""Exchanges and instruments of the provider in use; under `auto` this is where Yahoo is asked."""

from typing import Any

from django.core.management.base import BaseCommand
from django_tenants.utils import schema_context

from apps.market import providers, services


class Command(BaseCommand):
    """Safe to repeat."""

    help = "Import exchanges and instruments of the chosen market data provider."

    def handle(self, *args: Any, **options: Any) -> None:
        """Says which provider was chosen and why prices move as they do."""
        with schema_context("public"):
            provider = providers.chosen()
            known = services.import_reference(provider)
            self.stdout.write(f"{services.feed_label()}: {known} instruments")
