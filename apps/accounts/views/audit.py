"""What was done in the organization: a page with filters, and all of it as a file."""

from collections.abc import Iterator
from datetime import tzinfo
from http import HTTPStatus

from django.core.paginator import Paginator
from django.http import HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe
from django_tenants.utils import tenant_context

from apps.accounts import services
from apps.accounts.documents import csv_of, lines_of
from apps.accounts.forms.audit import AuditFilter
from apps.accounts.models import Act, AuditEntry, AuditEntryQuerySet
from apps.accounts.permissions import Permission, require
from apps.tenants.http import OrganizationRequest, render_page
from apps.tenants.models import Organization
from apps.tenants.ratelimits import client_address, limited

A_PAGE, A_BATCH = 50, 1000


@require_safe
@require(Permission.AUDIT_READ)
@limited("300/m")
def audit_list(request: OrganizationRequest) -> HttpResponse:
    """Newest first; the filters are in the address."""
    form = AuditFilter(request.GET)
    found = AuditEntry.objects.filter(**form.conditions()) if form.is_valid() else AuditEntry.objects.none()
    page = Paginator(found, A_PAGE).get_page(request.GET.get("page"))
    ctx = {
        "title": "Audit log",
        "crumbs": [("Settings", None), ("Audit log", None)],
        "form": form,
        "page": page,
        "lines": lines_of(list(page)),
        "filters": {name: value for name, value in request.GET.items() if name in form.fields and value},
    }
    status = HTTPStatus.OK if form.is_valid() else HTTPStatus.UNPROCESSABLE_ENTITY
    return render_page(request, "accounts/audit_list.html", ctx, status=status)


@require_POST
@require(Permission.AUDIT_READ)
@limited("10/m")
def audit_export(request: OrganizationRequest) -> HttpResponseBase:
    """All rows that the filters leave, and the export itself as the newest of them."""
    form = AuditFilter(request.POST)
    if not form.is_valid():
        return redirect("audit_list")
    used = sorted(name for name, value in form.cleaned_data.items() if value)
    entry = services.record_audit(
        Act.AUDIT_EXPORTED, by_id=request.user.pk, address=client_address(request), filters=used
    )
    rows = AuditEntry.objects.filter(**form.conditions()).filter(at__lte=entry.at)
    content = _csv(request.organization, rows, timezone.get_current_timezone())
    return StreamingHttpResponse(
        content,
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="audit-{entry.at:%Y-%m-%d}.csv"'},
    )


def _csv(organization: Organization, rows: AuditEntryQuerySet, zone: tzinfo) -> Iterator[str]:
    """Batch by batch: an answer is sent after the middlewares have left the organization, so each one enters it."""
    last: AuditEntry | None = None
    while True:
        with tenant_context(organization):
            batch = list((rows.older_than(last) if last else rows)[:A_BATCH])
            text = csv_of(lines_of(batch), zone, with_head=last is None)
        yield text
        if len(batch) < A_BATCH:
            return
        last = batch[-1]
