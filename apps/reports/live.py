"""How far a report is, on open pages."""

from uuid import UUID

from django.template.loader import render_to_string

from apps.accounts.models import User
from apps.reports.models import Report
from apps.tenants.backend.connections import connection
from apps.tenants.live import push, user_topic

SHOWN = 30


class UserTopic:
    """`<schema>:user:<uuid>`: what concerns one member alone."""

    @staticmethod
    def allowed(user: User, topics: list[str]) -> set[str]:
        """Their own in this organization, nobody else's."""
        return {user_topic(user)} & set(topics)

    @staticmethod
    def cells(topics: list[str]) -> dict[str, dict[str, str]]:
        """How far the member's latest reports are."""
        return {topic: _latest(topic) for topic in topics if topic.startswith(f"{connection.schema_name}:user:")}


def push_report(report: Report) -> None:
    """Tells the member who asked for it."""
    if report.requested_by is not None:
        push(user_topic(report.requested_by), {report_key(report): report_cell(report)})


def report_key(report: Report) -> str:
    """The live key of a report's row."""
    return f"report:{report.pk}"


def report_cell(report: Report) -> str:
    """The row as the list shows it."""
    return render_to_string("reports/cells.html#row", {"report": report}).strip()


def _latest(topic: str) -> dict[str, str]:
    mine = Report.objects.filter(requested_by=UUID(topic.rpartition(":")[2])).with_portfolio()[:SHOWN]
    return {report_key(report): report_cell(report) for report in mine}
