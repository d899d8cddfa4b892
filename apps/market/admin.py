"""The operator looks at market data and changes nothing."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from apps.market.models import Article, Feed, Instrument, Quote


class ReadOnlyAdmin(admin.ModelAdmin[Any]):
    """Market data is written by services alone."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Never."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Never."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Never."""
        return False


@admin.register(Instrument)
class InstrumentAdmin(ReadOnlyAdmin):
    """Everything traded."""

    list_display = ("symbol", "exchange", "name", "currency", "asset_class", "sector", "delisted_on")
    list_filter = ("exchange", "asset_class", "sector")
    search_fields = ("symbol", "name")


@admin.register(Quote)
class QuoteAdmin(ReadOnlyAdmin):
    """The latest prices."""

    list_display = ("instrument", "price", "previous_close", "as_of", "session_on", "source", "rsi14", "signal")
    list_filter = ("signal", "session_on")
    list_select_related = ("instrument",)
    search_fields = ("instrument__symbol",)
    exclude = ("spark",)


@admin.register(Article)
class ArticleAdmin(ReadOnlyAdmin):
    """Headlines with their scores."""

    list_display = ("title", "source", "published_at", "score")
    list_select_related = ("score",)
    search_fields = ("title",)


@admin.register(Feed)
class FeedAdmin(ReadOnlyAdmin):
    """Where prices come from."""

    list_display = ("label", "provider", "mode", "session_on", "market_at", "round", "note")
