"""The operator's page of organizations: provisioning goes through the one service."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.validators import validate_email
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import URLPattern, path, reverse

from apps.tenants import actors, services
from apps.tenants.models import Organization, ReadySchema


class OrganizationForm(forms.ModelForm[Organization]):
    """A name, a place and the first person."""

    owner_email = forms.EmailField(label="Owner's e-mail", validators=[validate_email])
    owner_name = forms.CharField(label="Owner's name", max_length=120)
    password = forms.CharField(label="First password", widget=forms.PasswordInput, min_length=8)

    class Meta:
        model = Organization
        fields = ("name", "subdomain")


@admin.register(Organization)
class OrganizationAdmin(admin.ModelAdmin[Organization]):
    """Names and places; what an organization owns is not the operator's to see."""

    list_display = ("name", "subdomain", "schema_name", "created_at")
    search_fields = ("name", "subdomain")
    readonly_fields = ("name", "subdomain", "schema_name", "created_at")
    fields = ("name", "subdomain", "timezone", "schema_name", "created_at")

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """A customer is never one click from gone."""
        return False

    def get_urls(self) -> list[URLPattern]:
        """The adding page is our own: it has an owner's fields and calls the service."""
        provision = path("add/", self.admin_site.admin_view(self.provision), name="tenants_organization_add")
        return [provision, *super().get_urls()]

    def provision(self, request: HttpRequest) -> HttpResponse:
        """Make the organization, then fill the pool of ready schemas again."""
        form = OrganizationForm(request.POST or None)
        if form.is_valid() and self._provisioned(request, form):
            return HttpResponseRedirect(reverse("admin:tenants_organization_changelist"))
        ctx = {
            **self.admin_site.each_context(request),
            "title": "Provision an organization",
            "form": form,
            "opts": self.opts,
            "ready": ReadySchema.objects.count(),
        }
        return render(request, "tenants/provision.html", ctx, status=422 if form.is_bound else 200)

    def _provisioned(self, request: HttpRequest, form: OrganizationForm) -> bool:
        try:
            organization = services.create_organization(**form.cleaned_data)
        except (services.OrganizationExistsError, services.NoReadySchemaError) as error:
            form.add_error(None, str(error))
            return False
        finally:
            actors.prepare_schemas.send()
        messages.success(request, f"{organization.name} is ready at {organization.url}")
        return True


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
