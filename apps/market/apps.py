"""The market app's registration."""

from django.apps import AppConfig


class MarketConfig(AppConfig):
    """Shared schema: one copy for all organizations."""

    name = "apps.market"
    default_auto_field = "django.db.models.AutoField"
    # By what another installation knows the same row: keys differ.
    archive_keys = {"market_instrument": ("exchange_id", "symbol")}

    def ready(self) -> None:
        """Registers the checks."""
        from apps.market.providers import checks as checks
