"""Addresses of an organization's host."""

from django.urls import include, path

from apps.accounts.urls import brand_patterns, people_patterns, settings_patterns
from apps.tenants import health

handler403 = "apps.tenants.views.forbidden"

urlpatterns = [
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("accounts/", include("apps.accounts.urls")),
    path("settings/", include(settings_patterns)),
    path("brand/", include(brand_patterns)),
    path("", include(people_patterns)),
    path("reports/", include("apps.reports.urls")),
    path("", include("apps.market.urls")),
    path("", include("apps.portfolio.urls")),
]
