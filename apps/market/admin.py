"""The operator looks at market data; the one thing to decide is what becomes of prices that were put aside."""

from datetime import timedelta
from typing import Any, cast

import dramatiq
from django.conf import settings
from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest, HttpResponseRedirect
from django.shortcuts import render
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.views.decorators.http import require_POST
from redis.exceptions import RedisError

from apps.market import live, services
from apps.market.models import (
    Article,
    Feed,
    Fetch,
    Instrument,
    Outcome,
    Progress,
    Quarantine,
    Quote,
    Restatement,
    SourceState,
)
from apps.market.providers import forbidden
from apps.market.providers.budgets import budget_of
from apps.market.providers.terms import TERMS
from apps.tenants.backend.broker import Depth, FairBroker
from apps.tenants.ratelimits import client_address

ROWS = 50  # a table of the page
RECENT = timedelta(days=60)
DAY = timedelta(days=1)


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


@admin.register(Quarantine)
class MarketDataAdmin(ReadOnlyAdmin):
    """One page: queues, long jobs, what is missing, told anew, or put aside."""

    def get_urls(self) -> list[URLPattern]:
        """The list is the page; a decision is a POST."""
        wrap = self.admin_site.admin_view
        page = path("", wrap(self.page), name="market_quarantine_changelist")
        decide = path("<int:pk>/decide/", wrap(require_POST(self.decide)), name="market_quarantine_decide")
        return [page, decide, *super().get_urls()]

    def page(self, request: HttpRequest) -> HttpResponse:
        """Everything newest first; a table says when it is cut."""
        missing = services.missing_sessions(within=RECENT)
        symbols = dict(Instrument.objects.filter(pk__in=list(missing)[:ROWS]).values_list("pk", "symbol"))
        ctx = self.admin_site.each_context(request) | {
            "title": "Market data",
            "depths": _depths(),
            "runs": Progress.objects.latest_first()[:20],
            "missing": [(symbols[pk], days[0], days[-1], len(days)) for pk, days in missing.items() if pk in symbols],
            "missing_in_all": len(missing),
            "recent_days": RECENT.days,
            "restatements": Restatement.objects.select_related("instrument")[:ROWS],
            "waiting": Quarantine.objects.waiting()[:ROWS],
            "waiting_in_all": Quarantine.objects.waiting().count(),
        }
        return render(request, "market/market_data.html", ctx)

    def decide(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Accept or drop; what cannot be is told on the page."""
        by: dict[str, Any] = {"by_id": request.user.pk, "address": client_address(request)}
        decision = request.POST.get("decision")
        try:
            if decision == "accept":
                live.push_quotes(services.accept_price(pk, **by))
                messages.success(request, "The price is stored.")
            elif decision == "drop":
                services.drop_price(pk, **by)
                messages.success(request, "The price is dropped; what was stored stays.")
            else:
                return HttpResponseBadRequest("decision is accept or drop")
        except services.QuarantineError as error:
            messages.error(request, str(error))
        return HttpResponseRedirect(reverse("admin:market_quarantine_changelist"))


def _depths() -> list[Depth] | None:
    """None while the broker's server is away."""
    try:
        return cast(FairBroker, dramatiq.get_broker()).depths(settings.QUEUES)
    except RedisError:
        return None


@admin.register(Fetch)
class SourcesAdmin(ReadOnlyAdmin):
    """One page: how each source does, what may still be asked of it, and under which terms."""

    def get_urls(self) -> list[URLPattern]:
        """The list is the page."""
        page = path("", self.admin_site.admin_view(self.page), name="market_fetch_changelist")
        return [page, *super().get_urls()]

    def page(self, request: HttpRequest) -> HttpResponse:
        """Of the last day."""
        took = Fetch.objects.since(timezone.now() - DAY).latencies()
        states = SourceState.objects.order_by("provider", "capability")
        ctx = self.admin_site.each_context(request) | {
            "title": "Sources",
            "states": [(state, took.get((state.provider, state.capability))) for state in states],
            "sources": [
                (name, terms, forbidden(name), budget_of(name), services.budget_left(name))
                for name, terms in sorted(TERMS.items())
            ],
            "failures": Fetch.objects.filter(outcome=Outcome.FAILED).latest_first()[:20],
        }
        return render(request, "market/sources.html", ctx)
