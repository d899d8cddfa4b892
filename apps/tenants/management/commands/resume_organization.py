"""Resumes a suspended organization, or cancels a closing, from the terminal."""

from typing import Any

from apps.tenants import services
from apps.tenants.management.steps import StepCommand
from apps.tenants.models import Organization, Standing


class Command(StepCommand):
    """Its people work again."""

    help = "Resume an organization that is suspended, or cancel its closing."

    def take(self, organization: Organization, options: dict[str, Any]) -> str:
        """One word for both: it is open again."""
        is_closing = organization.standing == Standing.CLOSING
        step = services.reopen_organization if is_closing else services.resume_organization
        step(organization=organization, by=None)
        return f"{organization.name} is active."
