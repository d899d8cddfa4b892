"""An organization's archive from the terminal."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError
from django_tenants.utils import schema_context

from apps.tenants.models import Organization
from apps.tenants.services import archives


class Command(BaseCommand):
    """Waits until the archive is whole; --to moves it where the operator wants it, to be kept as long as they like."""

    help = "Write everything that an organization owns into one archive."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Without --to the file lies in ARCHIVE_DIR for a week."""
        parser.add_argument("subdomain")
        parser.add_argument("--to", type=Path, metavar="FILE")

    def handle(self, *args: Any, **options: Any) -> None:
        """Prints where the file is, and nothing else."""
        with schema_context("public"):
            organization = Organization.objects.filter(subdomain=options["subdomain"]).first()
        if organization is None:
            raise CommandError(f"No organization lives at {options['subdomain']}.")
        to: Path | None = options["to"]
        if to is not None and to.exists():
            raise CommandError(f"{to} exists; choose another name.")
        try:
            archive = archives.build_archive(archives.request_archive(organization, by_operator=True))
            if not archive.is_ready:
                raise CommandError(archive.failure)
            self.stdout.write(str(archives.take_home(archive, to) if to else archive.path))
        except (archives.TooManyArchivesError, DatabaseError, OSError) as error:
            raise CommandError(str(error)) from error
