"""The operator's pages of organizations: everything goes through the services that the commands use."""

from http import HTTPStatus
from typing import Any
from uuid import UUID

from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, path

from apps.tenants import actors, live, services
from apps.tenants.admin.steps import STEPS, Step
from apps.tenants.forms import ProvisionForm
from apps.tenants.http import reauthenticated
from apps.tenants.models import Organization, ReadySchema
from apps.tenants.ratelimits import client_address
from apps.tenants.services.quotas import KEPT, quota_usage


@admin.register(Organization)
class OrganizationAdmin(admin.ModelAdmin[Organization]):
    """Names, places and standing; what an organization owns is not the operator's to see."""

    list_display = ("name", "subdomain", "standing", "standing_since", "schema_version", "created_at")
    list_filter = ("standing",)
    search_fields = ("name", "subdomain")
    list_per_page = 50

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """A customer is never one click from gone."""
        return False

    def get_urls(self) -> list[URLPattern]:
        """Our own pages: each changes something through one service."""
        own = self.admin_site.admin_view
        return [
            path("add/", own(self.provision), name="tenants_organization_add"),
            path("<uuid:pk>/change/", own(self.show), name="tenants_organization_change"),
            path("<uuid:pk>/<slug:name>/", own(self.step), name="tenants_organization_step"),
            *super().get_urls(),
        ]

    def show(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """Standing, hosts, and quotas beside what is kept; the steps that are possible now."""
        organization = get_object_or_404(Organization.objects.select_related("quota"), pk=pk)
        usage = quota_usage(organization)
        limits = [(words, usage.get(kind), getattr(organization.quota, kind)) for kind, words in KEPT.items()]
        steps = [(name, step) for name, step in STEPS.items() if step.is_offered_to(organization)]
        hosts = organization.domains.order_by("-is_primary", "domain")
        return self._page(request, "tenants/organization.html", organization, quotas=limits, steps=steps, hosts=hosts)

    def step(self, request: HttpRequest, pk: UUID, name: str) -> HttpResponseBase:
        """GET says what will happen, POST does it; what deletes asks again who it is."""
        step = STEPS.get(name)
        organization = get_object_or_404(Organization.objects.select_related("quota"), pk=pk)
        if step is None or not step.is_offered_to(organization):
            raise Http404
        take = reauthenticated(self._take) if step.asks_again else self._take
        return take(request, organization, step)

    def _take(self, request: HttpRequest, organization: Organization, step: Step) -> HttpResponse:
        form = step.form(request.POST if request.method == "POST" else None, organization=organization)
        if form.is_valid() and self._is_done(request, organization, step, form):
            return redirect("admin:tenants_organization_change", organization.pk)
        status = HTTPStatus.UNPROCESSABLE_ENTITY if form.is_bound else HTTPStatus.OK
        return self._page(request, "tenants/organization_step.html", organization, status, form=form, step=step)

    def _is_done(self, request: HttpRequest, organization: Organization, step: Step, form: Any) -> bool:
        operator: Any = request.user
        try:
            step.do(organization, form.cleaned_data, operator, client_address(request))
        except (ValidationError, services.StandingError) as error:
            form.add_error(None, error.messages if isinstance(error, ValidationError) else str(error))
            return False
        if step.ends_sockets:
            live.disconnect_organization(organization.schema_name)
        messages.success(request, f"{step.title}: done for {organization.subdomain}.")
        return True

    def provision(self, request: HttpRequest) -> HttpResponse:
        """Make the organization, then fill the pool of ready schemas again."""
        form = ProvisionForm(request.POST or None)
        if form.is_valid() and self._provisioned(request, form):
            return redirect("admin:tenants_organization_changelist")
        ctx = {
            **self.admin_site.each_context(request),
            "title": "Provision an organization",
            "form": form,
            "opts": self.opts,
            "ready": ReadySchema.objects.count(),
        }
        return render(request, "tenants/provision.html", ctx, status=422 if form.is_bound else 200)

    def _provisioned(self, request: HttpRequest, form: ProvisionForm) -> bool:
        try:
            organization = services.create_organization(
                **form.cleaned_data,
                by=request.user,  # type: ignore[arg-type]
                address=client_address(request),
            )
        except (services.OrganizationExistsError, services.NoReadySchemaError) as error:
            form.add_error(None, str(error))
            return False
        except ValidationError as error:
            form.add_error(None, error.messages)
            return False
        finally:
            actors.send_refill()
        messages.success(request, f"{organization.name} is ready at {organization.url}")
        return True

    def _page(
        self, request: HttpRequest, template: str, organization: Organization, status: int = 200, **ctx: Any
    ) -> HttpResponse:
        ctx |= {**self.admin_site.each_context(request), "organization": organization, "opts": self.opts}
        title = f"{ctx['step'].title}: {organization.name}" if "step" in ctx else organization.name
        return render(request, template, ctx | {"title": title}, status=status)


@admin.register(ReadySchema)
class ReadySchemaAdmin(admin.ModelAdmin[ReadySchema]):
    """How many organizations can be made at once."""

    list_display = ("schema_name", "prepared_at")

    def has_add_permission(self, request: HttpRequest) -> bool:
        """A job makes them."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """They are taken, not edited."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """They are taken, not deleted."""
        return False
