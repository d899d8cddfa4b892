"""An organization comes back from its archive."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError

from apps.tenants import live
from apps.tenants.services import archives


class Command(BaseCommand):
    """DB_LOGIN=owner manage.py restore_organization acme-2026-11-22.zip --replace."""

    help = "Bring an organization back from an archive, as a new one or (--replace) in place (needs DB_LOGIN=owner)."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Names only matter for a new organization."""
        parser.add_argument("archive", type=Path)
        parser.add_argument("--subdomain", default="", help="Of the new organization, or of the one to be replaced.")
        parser.add_argument("--name", default="", help="Of the new organization, where the archive's is taken.")
        parser.add_argument("--replace", action="store_true", help="Replace what the organization holds now.")

    def handle(self, *args: Any, **options: Any) -> None:
        """A refusal is one line and exit status 1, and has changed nothing."""
        path, subdomain = options["archive"], options["subdomain"]
        try:
            if options["replace"]:
                restored = archives.restore_in_place(path, subdomain=subdomain)
            else:
                restored = archives.restore_as_new(path, subdomain=subdomain, name=options["name"])
        except (
            archives.DamagedArchiveError,
            archives.NewerArchiveError,
            archives.RestoreRefusedError,
            archives.TooManyArchivesError,
            archives.UnknownReferenceError,
            DatabaseError,
            OSError,
        ) as error:
            raise CommandError(str(error).strip() or type(error).__name__) from error
        organization = restored.organization
        live.disconnect_organization(organization.schema_name)
        self.stdout.write(f"{organization.name}: {organization.url} ({restored.rows} rows, {restored.files} files)")
        if restored.kept:
            self.stdout.write(f"  what was replaced: {restored.kept}")
        for note in restored.notes:
            self.stdout.write(f"  {note}")
