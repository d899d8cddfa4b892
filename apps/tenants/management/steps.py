"""What the commands of an organization's life have in common: find it, ask, do, tell."""

from abc import ABC, abstractmethod
from argparse import ArgumentParser
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django_tenants.utils import schema_context

from apps.tenants import live
from apps.tenants.models import Organization
from apps.tenants.services import StandingError


class StepCommand(BaseCommand, ABC):
    """`manage.py <step> SUBDOMAIN [--yes]`; a refusal is one line and exit status 1."""

    ends_sockets = False

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Without --yes it asks."""
        parser.add_argument("organization", metavar="SUBDOMAIN")
        parser.add_argument("--yes", action="store_true", help="Do not ask.")

    def handle(self, *args: Any, **options: Any) -> None:
        """The same services as the operator's page."""
        with schema_context("public"):
            organization = Organization.objects.filter(subdomain=options["organization"]).first()
        if organization is None:
            raise CommandError(f"No organization has the subdomain {options['organization']}.")
        if not options["yes"]:
            self.ask(organization)
        try:
            self.stdout.write(self.take(organization, options))
        except (ValidationError, StandingError) as error:
            raise CommandError(" ".join(getattr(error, "messages", [str(error)]))) from error
        if self.ends_sockets:
            live.disconnect_organization(organization.schema_name)

    def ask(self, organization: Organization) -> None:
        """Anything but a yes ends it, and so does a job without a terminal."""
        try:
            answer = input(f"{self.help} {organization.name}? [y/N] ")
        except EOFError:
            raise CommandError("Nobody is here to answer, so nothing was changed. Add --yes.") from None
        if answer.strip().lower() != "y":
            raise CommandError("Nothing was changed.")

    @abstractmethod
    def take(self, organization: Organization, options: dict[str, Any]) -> str:
        """Does it and says what is true now."""
