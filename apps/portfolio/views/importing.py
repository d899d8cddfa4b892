"""One import as its pages show it, for members who may work on it."""

from typing import Any
from uuid import UUID

from django.shortcuts import get_object_or_404
from django.urls import reverse

from apps.portfolio.models import Import, Portfolio
from apps.portfolio.views.rows import page_context
from apps.tenants.http import OrganizationRequest


def import_of(request: OrganizationRequest, pk: UUID, batch: UUID) -> Import:
    """One that the member may work on, or 404."""
    return get_object_or_404(Import.objects.open_to(request.user), pk=batch, portfolio=pk)


def crumbs_of(portfolio: Portfolio) -> tuple[tuple[str, str], ...]:
    """The way to a portfolio's page."""
    return ("Portfolios", reverse("portfolio_list")), (portfolio.name, portfolio.get_absolute_url())


def context_of(imported: Import) -> dict[str, Any]:
    """What every page of one import shows."""
    here = reverse("import_list", args=[imported.portfolio_id])
    ctx = page_context(imported.name, *crumbs_of(imported.portfolio), ("Import", here))
    return ctx | {"portfolio": imported.portfolio, "imported": imported}
