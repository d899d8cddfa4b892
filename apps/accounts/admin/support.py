"""The operator's side of support access: asking, seeing what was answered, entering."""

from typing import Any
from uuid import UUID

from django.contrib import admin, messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseNotAllowed
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, path
from django_tenants.utils import tenant_context

from apps.accounts import actors, services
from apps.accounts.forms.support import AskForm
from apps.accounts.models import Act, AuditEntry, SupportGrant
from apps.tenants.http import lead_into, reauthenticated
from apps.tenants.models import Organization
from apps.tenants.ratelimits import client_address

A_PAGE = 20
LIST = "admin:accounts_supportgrant_changelist"


@admin.register(SupportGrant)
class SupportAdmin(admin.ModelAdmin[SupportGrant]):
    """The grants themselves lie with the customers; who asked whom stands in the platform's own log."""

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Customers decide."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """What was asked for stays known."""
        return False

    def get_urls(self) -> list[URLPattern]:
        """Entering is a page of our own."""
        enter = path(
            "<uuid:organization_id>/<uuid:grant_id>/enter/",
            self.admin_site.admin_view(self.enter),
            name="accounts_supportgrant_enter",
        )
        return [enter, *super().get_urls()]

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """Newest first, whoever asked; one's own that run can be entered."""
        asked = AuditEntry.objects.filter(act=Act.SUPPORT_ASKED)
        page = Paginator(asked, A_PAGE).get_page(request.GET.get("page"))
        ctx = {"title": "Support access", "page": page, "rows": _rows(list(page))}
        return self._page(request, "accounts/support_admin.html", ctx)

    @reauthenticated
    def add_view(  # type: ignore[override]  # asking again who it is answers with a redirect
        self, request: HttpRequest, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """Asks a customer; those who may decide there get a mail."""
        form = AskForm(request.POST if request.method == "POST" else None)
        if form.is_valid() and self._asked(request, form):
            return redirect(LIST)
        ctx = {"title": "Ask for support access", "form": form}
        return self._page(request, "accounts/support_ask.html", ctx, 422 if form.is_bound else 200)

    @reauthenticated
    def enter(self, request: HttpRequest, organization_id: UUID, grant_id: UUID) -> HttpResponseBase:
        """Leads the operator into the organization's host, where the grant is asked for again."""
        if request.method != "POST":
            return redirect(LIST) if request.method == "GET" else HttpResponseNotAllowed(["GET", "POST"])
        organization = get_object_or_404(Organization.objects.active(), pk=organization_id)
        try:
            token = services.open_visit(organization=organization, grant_id=grant_id, by=request.user)  # type: ignore[arg-type]
        except services.SupportError as error:
            messages.error(request, str(error))
            return redirect(LIST)
        return lead_into(request, organization, token)

    def _asked(self, request: HttpRequest, form: AskForm) -> bool:
        organization = form.cleaned_data["organization"]
        try:
            _, mails = services.ask_for_support(
                by=request.user,  # type: ignore[arg-type]
                address=client_address(request),
                **form.cleaned_data,
            )
        except services.SupportError as error:
            form.add_error(None, str(error))
            return False
        with tenant_context(organization):
            for mail in mails:
                actors.send_mail(mail)
        messages.success(request, f"{organization.name} was asked.")
        return True

    def _page(self, request: HttpRequest, template: str, ctx: dict[str, Any], status: int = 200) -> HttpResponse:
        frame = self.admin_site.each_context(request) | {"opts": self.opts}
        return render(request, template, frame | ctx, status=status)


def _rows(asked: list[AuditEntry]) -> list[tuple[Organization, SupportGrant]]:
    """Asked of organizations that are here no more is left out."""
    organizations = Organization.objects.in_bulk([entry.subject_id for entry in asked])
    rows = []
    for entry in asked:
        if organization := organizations.get(entry.subject_id):
            with tenant_context(organization):
                grant = SupportGrant.objects.filter(pk=entry.details["grant"]).first()
            rows += [(organization, grant)] if grant else []
    return rows
