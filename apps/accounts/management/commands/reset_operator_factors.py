"""Lets an operator in again who lost the second factor."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django_tenants.utils import schema_context

from apps.accounts import services
from apps.accounts.models import User


class Command(BaseCommand):
    """Whoever may run commands here may do more than an operator."""

    help = "Remove an operator's second factors and sessions: the next sign-in, with the password, adds a new one."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """One operator at a time."""
        parser.add_argument("email")

    def handle(self, *args: Any, **options: Any) -> None:
        """In schema `public`."""
        with schema_context("public"):
            user = User.objects.filter(email=options["email"].strip().lower(), is_staff=True).first()
            if user is None:
                raise CommandError(f"No operator has the e-mail {options['email']}.")
            count = services.reset_factors(user)
        self.stdout.write(f"{count} factors of {user.email} are removed; {user.email} adds one at the next sign-in")
