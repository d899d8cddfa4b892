"""Closes an organization from the terminal."""

from argparse import ArgumentParser
from datetime import timedelta
from typing import Any

from apps.tenants import services
from apps.tenants.management.steps import StepCommand
from apps.tenants.models import Organization


class Command(StepCommand):
    """Dropped when the days have passed; `resume_organization` cancels it until then."""

    help = "Close an organization: suspended now, dropped after a delay."
    ends_sockets = True

    def add_arguments(self, parser: ArgumentParser) -> None:
        """At least a day, in which it can be cancelled."""
        super().add_arguments(parser)
        parser.add_argument("--days", type=int, default=7, choices=range(1, 91), metavar="1..90")

    def take(self, organization: Organization, options: dict[str, Any]) -> str:
        """Says until when it can be cancelled."""
        delay = timedelta(days=options["days"])
        closing = services.close_organization(organization=organization, by=None, delay=delay)
        return f"{organization.name} is dropped after {closing.closes_at:%Y-%m-%d %H:%M} UTC."
