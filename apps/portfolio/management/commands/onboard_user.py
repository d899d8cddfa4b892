"""Gives a member of an organization the starter watchlist and a dashboard."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django_tenants.utils import schema_context, tenant_context

from apps.accounts.models import User
from apps.portfolio.services import onboard_user
from apps.tenants.models import Organization


class Command(BaseCommand):
    help = "Give a member the starter watchlist and a dashboard; safe to repeat."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email", help="the member's e-mail")
        parser.add_argument("--organization", required=True, metavar="SUBDOMAIN")

    def handle(self, *args: Any, **options: Any) -> None:
        subdomain, email = options["organization"].strip().lower(), options["email"].strip().lower()
        with schema_context("public"):
            organization = Organization.objects.filter(subdomain=subdomain).first()
        if organization is None:
            raise CommandError(f"There is no organization {subdomain}.")
        with tenant_context(organization):
            user = User.objects.filter(email=email).first()
            if user is None:
                raise CommandError(f"{organization.name} has no member {email}.")
            dashboard = onboard_user(organization=organization, user=user)
            count = dashboard.watchlist.items.count() if dashboard.watchlist else 0
        self.stdout.write(f"{email} has a dashboard at {organization.url} with {count} symbols.")
