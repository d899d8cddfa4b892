"""Names an operator of the platform."""

from argparse import ArgumentParser
from getpass import getpass
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError

from apps.accounts import services


class Command(BaseCommand):
    """Operators sign in on the public host."""

    help = "Make an operator who may use the admin on the public host."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """The password is asked for when it is not given."""
        parser.add_argument("email")
        parser.add_argument("--name", default="")
        parser.add_argument("--password")

    def handle(self, *args: Any, **options: Any) -> None:
        """Safe to repeat: a known operator keeps the password."""
        password = options["password"] or getpass()
        try:
            user = services.add_operator(email=options["email"], name=options["name"], password=password)
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from error
        self.stdout.write(
            f"operator {user.email}: the first sign-in at /admin/ asks for an authenticator app or a passkey"
        )
