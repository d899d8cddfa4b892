"""Everything that the organization owns, taken home by an owner."""

from uuid import UUID

from django.core.paginator import Paginator
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.views.decorators.http import require_POST, require_safe
from django_tenants.utils import schema_context

from apps.accounts.permissions import Permission, require
from apps.tenants import actors
from apps.tenants.http import OrganizationRequest, reauthenticated, render_page, stream_file
from apps.tenants.live import sign_topics
from apps.tenants.live.archives import exports_topic
from apps.tenants.models import Archive
from apps.tenants.ratelimits import address_key, limited
from apps.tenants.services import archives

EXPORTS_A_PAGE = 30


@require_safe
@require(Permission.ORGANIZATION_EXPORT)
def export_list(request: OrganizationRequest) -> HttpResponse:
    """What left and what is being made, newest first."""
    return _page(request)


@require_POST
@require(Permission.ORGANIZATION_EXPORT)
@reauthenticated
@limited("12/h")
def export_create(request: OrganizationRequest) -> HttpResponse:
    """Asks for an archive; the worker makes it and its row says when it is ready."""
    try:
        archive = archives.request_archive(
            request.organization, by_id=request.user.pk, address=address_key("export", request)
        )
    except archives.TooManyArchivesError as error:
        return _page(request, problem=str(error), status=422)
    actors.send_archive(archive)
    return redirect("export_list")


@require_safe
@require(Permission.ORGANIZATION_EXPORT)
@reauthenticated
def export_download(request: OrganizationRequest, pk: UUID) -> HttpResponseBase:
    """The file in blocks, never kept by a cache; that it left is written down."""
    with schema_context("public"):
        archive = Archive.objects.of(request.organization).ready().filter(pk=pk).first()
    if archive is None or not archive.path.is_file():
        raise Http404("No such export, or its week is over.")
    archives.record_export(
        archive, "downloaded", by_id=request.user.pk, by_operator=False, address=address_key("export", request)
    )
    return stream_file(request, archive.path, name=archive.download_name, content_type="application/zip")


def _page(request: OrganizationRequest, *, problem: str = "", status: int = 200) -> HttpResponse:
    with schema_context("public"):
        made = Archive.objects.of(request.organization)
        page = Paginator(made, EXPORTS_A_PAGE).get_page(request.GET.get("page"))
        page.object_list = list(page.object_list)
    ctx = {
        "title": "Export",
        "crumbs": [("Settings", None), ("Export", None)],
        "page": page,
        "problem": problem,
        "live_topics": sign_topics(request, ["feed:clock", exports_topic()]),
    }
    return render_page(request, "accounts/exports.html", ctx, partial="table", status=status)
