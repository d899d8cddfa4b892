"""Provisions an organization from the terminal."""

from argparse import ArgumentParser
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError

from apps.tenants import services


class Command(BaseCommand):
    """The same service as the operator's page."""

    help = "Make an organization: schema, host, owner and starter watchlist."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Without a password the owner cannot sign in yet."""
        parser.add_argument("name")
        parser.add_argument("--subdomain", required=True)
        parser.add_argument("--owner", required=True, metavar="EMAIL")
        parser.add_argument("--owner-name", default="")
        parser.add_argument("--password")

    def handle(self, *args: Any, **options: Any) -> None:
        """A refusal is one line and exit status 1."""
        try:
            organization = services.create_organization(
                name=options["name"],
                subdomain=options["subdomain"],
                owner_email=options["owner"],
                owner_name=options["owner_name"],
                password=options["password"],
            )
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from error
        except (services.OrganizationExistsError, services.NoReadySchemaError) as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"{organization.name}: {organization.url}")
