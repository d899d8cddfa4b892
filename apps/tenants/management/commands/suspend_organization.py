"""Suspends an organization from the terminal."""

from argparse import ArgumentParser
from typing import Any

from apps.tenants import services
from apps.tenants.management.steps import StepCommand
from apps.tenants.models import Organization


class Command(StepCommand):
    """Nobody works there until it is resumed."""

    help = "Suspend an organization: sign-in refused, sockets closed, no jobs."
    ends_sockets = True

    def add_arguments(self, parser: ArgumentParser) -> None:
        """The reason is for operators."""
        super().add_arguments(parser)
        parser.add_argument("--reason", required=True)

    def take(self, organization: Organization, options: dict[str, Any]) -> str:
        """By nobody: the terminal signs nothing."""
        services.suspend_organization(organization=organization, by=None, reason=options["reason"])
        return f"{organization.name} is suspended."
