"""Reports are built in the worker; a sweep sends again what got lost."""

import logging

import dramatiq
from django.db import DatabaseError
from django_tenants.utils import schema_context, tenant_context
from dramatiq_crontab import cron

from apps.reports import live, services
from apps.reports.models import Report
from apps.tenants.models import Organization
from apps.tenants.tasks import send_or_wait

logger = logging.getLogger(__name__)


@dramatiq.actor(queue_name="reports", max_retries=3, time_limit=120_000)
def build_report(report_id: str) -> None:
    """Safe to repeat: only one run holds the claim."""
    report = services.build_report(Report.objects.get(pk=report_id))
    live.push_report(report)


def send_report(report: Report) -> None:
    """The worker makes it."""
    send_or_wait(build_report, str(report.pk))


@cron("* * * * *")
@dramatiq.actor(max_retries=0, time_limit=50_000, schema="public")
def sweep_reports() -> None:
    """Sends each active organization's unfinished reports again; gives up what has used its attempts."""
    with schema_context("public"):
        organizations = list(Organization.objects.active().order_by("created_at"))
    for organization in organizations:
        try:
            _sweep(organization)
        except DatabaseError:  # one organization's trouble is not its neighbours'
            logger.exception("reports of %s were not swept", organization.subdomain)


def _sweep(organization: Organization) -> None:
    with tenant_context(organization):
        for report in services.unfinished():
            if report.attempts >= services.MOST_ATTEMPTS:
                live.push_report(services.give_up(report))
            else:
                send_report(report)
