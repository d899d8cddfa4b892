"""Addresses of the public host: the front page and the operator's admin."""

from django.contrib import admin
from django.urls import include, path

from apps.accounts.urls import everywhere, operator_login, security_patterns
from apps.tenants import health, views

admin.site.site_header = admin.site.site_title = "Stock Intelligence operator"
admin.site.index_title = "Platform"

handler403 = "apps.tenants.views.forbidden"

urlpatterns = [
    path("", views.front_page, name="front_page"),
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("signup/", include("apps.accounts.urls_public")),
    path("accounts/", include(everywhere)),
    path("settings/", include(security_patterns)),
    path("admin/login/", operator_login, name="operator_login"),
    path("admin/", admin.site.urls),
]
