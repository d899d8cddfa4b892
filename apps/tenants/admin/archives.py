"""The operator's page of archives: what left, asking for another, taking one home. Restores are made by command."""

from uuid import UUID

from django import forms
from django.contrib import admin, messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render
from django.template.defaultfilters import filesizeformat
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html

from apps.tenants import actors
from apps.tenants.http import reauthenticated, stream_file
from apps.tenants.models import Archive, Organization
from apps.tenants.services import archives


class ExportForm(forms.Form):
    """Whose."""

    organization = forms.ModelChoiceField(Organization.objects.all())


@admin.register(Archive)
class ArchiveAdmin(admin.ModelAdmin[Archive]):
    """Rows stay when their files are gone: they say what left the platform."""

    list_display = ("subdomain", "requested_at", "by_operator", "status", "file", "expires_at", "failure")
    list_display_links = None
    list_filter = ("status",)
    search_fields = ("subdomain",)

    @admin.display(description="File")
    def file(self, archive: Archive) -> str:
        """A link while there is one."""
        if not archive.is_ready:
            return "-"
        address = reverse("admin:tenants_archive_download", args=[archive.pk])
        return format_html('<a href="{}">Download ({})</a>', address, filesizeformat(archive.size))

    def has_change_permission(self, request: HttpRequest, obj: Archive | None = None) -> bool:
        """They are made, not edited."""
        return False

    def has_view_permission(self, request: HttpRequest, obj: Archive | None = None) -> bool:
        """The list, for every operator."""
        return self.has_add_permission(request)

    def has_delete_permission(self, request: HttpRequest, obj: Archive | None = None) -> bool:
        """Their files expire; the rows are a record."""
        return False

    def get_urls(self) -> list[URLPattern]:
        """Asking and downloading are our own pages."""
        wrap = self.admin_site.admin_view
        ask = path("add/", wrap(self.ask), name="tenants_archive_add")
        download = path("<uuid:pk>/download/", wrap(self.download), name="tenants_archive_download")
        return [ask, download, *super().get_urls()]

    @reauthenticated
    def ask(self, request: HttpRequest) -> HttpResponse:
        """A row that the worker keeps."""
        form = ExportForm(request.POST or None)
        if form.is_valid() and self._asked(request, form):
            return HttpResponseRedirect(reverse("admin:tenants_archive_changelist"))
        ctx = {**self.admin_site.each_context(request), "title": "Export an organization", "form": form}
        return render(request, "tenants/export.html", ctx, status=422 if form.is_bound else 200)

    def _asked(self, request: HttpRequest, form: ExportForm) -> bool:
        organization: Organization = form.cleaned_data["organization"]
        try:
            archive = archives.request_archive(organization, by_id=request.user.pk, by_operator=True)
        except archives.TooManyArchivesError as error:
            form.add_error(None, str(error))
            return False
        actors.send_archive(archive)
        messages.success(request, f"The archive of {organization.name} is being made. Reload to see when it is ready.")
        return True

    @reauthenticated
    def download(self, request: HttpRequest, pk: UUID) -> HttpResponseBase:
        """In blocks; that it left is written down in both logs."""
        archive = Archive.objects.ready().select_related("organization").filter(pk=pk).first()
        if archive is None or not archive.path.is_file():
            raise Http404("No such archive, or its week is over.")
        archives.record_export(archive, "downloaded", by_id=request.user.pk, by_operator=True)
        return stream_file(request, archive.path, name=archive.download_name, content_type="application/zip")
