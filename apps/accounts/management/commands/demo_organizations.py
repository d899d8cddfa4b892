"""The two organizations of the demo, with the people of its README."""

from typing import Any

from django.core.management.base import BaseCommand
from django_tenants.utils import schema_context, tenant_context

from apps.accounts import services
from apps.accounts.permissions import Role
from apps.tenants.models import Organization
from apps.tenants.services import create_organization

PASSWORD = "demo-please-change"  # noqa: S105  (printed by `make demo`, never set in production)
ORGANIZATIONS = {
    "acme": ("Acme Capital", ("ann", "Ann Owner"), ("ben", "Ben Analyst"), ("vic", "Vic Viewer")),
    "globex": ("Globex Advisors", ("eve", "Eve Owner"), ("gus", "Gus Analyst"), ("gil", "Gil Viewer")),
}


class Command(BaseCommand):
    """Safe to repeat: what is there stays."""

    help = "Provision acme and globex with owner, analyst and viewer each, and an operator."

    def handle(self, *args: Any, **options: Any) -> None:
        """Through the service that the operator's page uses."""
        services.add_operator(email="op@stockintel.test", name="Olga Operator", password=PASSWORD)
        for subdomain, (name, owner, analyst, viewer) in ORGANIZATIONS.items():
            with schema_context("public"):
                organization = Organization.objects.filter(subdomain=subdomain).first()
            organization = organization or create_organization(
                name=name,
                subdomain=subdomain,
                owner_email=f"{owner[0]}@{subdomain}.test",
                owner_name=owner[1],
                password=PASSWORD,
            )
            with tenant_context(organization):
                for (login, person), role in ((analyst, Role.ANALYST), (viewer, Role.VIEWER)):
                    services.add_member(email=f"{login}@{subdomain}.test", name=person, role=role, password=PASSWORD)
            self.stdout.write(f"{organization.name}: {organization.url}")
