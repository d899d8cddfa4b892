"""Changes an organization's subdomain from the terminal."""

from argparse import ArgumentParser
from typing import Any

from apps.tenants import services
from apps.tenants.management.steps import StepCommand
from apps.tenants.models import Organization


class Command(StepCommand):
    """The old host leads on to the new one."""

    help = "Change the subdomain of an organization."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Its present subdomain and the new one."""
        super().add_arguments(parser)
        parser.add_argument("--to", required=True, metavar="SUBDOMAIN")

    def take(self, organization: Organization, options: dict[str, Any]) -> str:
        """Says where members sign in from now on."""
        moved = services.rename_subdomain(organization=organization, subdomain=options["to"], by=None)
        return f"{moved.name}: {moved.url}"
