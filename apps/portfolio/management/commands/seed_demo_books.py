"""Gives the demo's organizations their starter watchlists, dashboards and books."""

from decimal import Decimal
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django_tenants.utils import schema_context, tenant_context

from apps.accounts.models import User
from apps.accounts.permissions import Role
from apps.market.models import Quote
from apps.portfolio.services import add_demo_book, onboard_user
from apps.tenants.models import Organization

SHARED_BOOK, PRIVATE_BOOK = "Global Equity", "Private account"
PRIVATE_SYMBOLS = 3


class Command(BaseCommand):
    help = "Fill the demo's organizations with watchlists, dashboards and books; safe to repeat."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--organizations", nargs="+", default=["acme", "globex"], metavar="SUBDOMAIN")

    def handle(self, *args: Any, **options: Any) -> None:
        with schema_context("public"):
            if not Quote.objects.exists():
                raise CommandError("There are no quotes yet. Run import_reference and load_history first.")
            organizations = list(Organization.objects.filter(subdomain__in=options["organizations"]))
        for organization in sorted(organizations, key=lambda o: options["organizations"].index(o.subdomain)):
            self.seed(organization)

    def seed(self, organization: Organization) -> None:
        """Each organization's book has a size of its own."""
        with tenant_context(organization):
            for user in User.objects.order_by("email"):
                onboard_user(organization=organization, user=user)
            owner = User.objects.filter(role=Role.OWNER).earliest("joined_at")
            scale = Decimal(1) if organization.subdomain == "acme" else Decimal("0.4")
            book = add_demo_book(owner=owner, name=SHARED_BOOK, scale=scale)
            held = book.accounts.values_list("transactions__instrument__symbol", flat=True).distinct()
            mine = sorted(symbol for symbol in held if symbol)[-PRIVATE_SYMBOLS:]
            add_demo_book(owner=owner, name=PRIVATE_BOOK, symbols=mine, shared=False, scale=scale / 5)
        self.stdout.write(f"{organization.name}: {SHARED_BOOK} and {PRIVATE_BOOK} stand.")
