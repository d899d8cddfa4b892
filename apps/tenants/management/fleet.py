"""Commands of the owner's login: what they may be told, what a terminal shows of them, and how they end."""

from argparse import ArgumentTypeError
from collections.abc import Callable

from django.core.management.base import CommandError, OutputWrapper

from apps.tenants import services
from apps.tenants.backend.connections import connection
from apps.tenants.models import FleetRun


def require_owner() -> None:
    """Raises CommandError under the application's login, which may make no schema, role or table."""
    if connection.settings_dict["ROLE_PREFIX"]:
        raise CommandError("This changes schemas and roles: run it with DB_LOGIN=owner.")


def number(least: int, most: int) -> Callable[[str], int]:
    """An argument's type: a whole number from `least` to `most`."""

    def parsed(text: str) -> int:
        given = int(text) if text.removeprefix("-").isdecimal() else least - 1
        if not least <= given <= most:
            raise ArgumentTypeError(f"Write a whole number from {least:,} to {most:,}.")
        return given

    return parsed


def migrate_and_tell(out: OutputWrapper, pace: services.Pace, *, only: str = "", quiet: bool = False) -> None:
    """A line that grows on a terminal, one line elsewhere; each schema that stayed behind by name and reason.

    Raises CommandError when one did: the others are done.
    """

    def tell(run: FleetRun) -> None:
        if out.isatty() and not quiet:
            out.write(f"\r  {run.migrated + run.failed} of {run.schemas} schemas", ending="")
            out.flush()

    try:
        run = services.migrate_fleet(pace, only=only, tell=tell)
    except (services.BusyError, services.DumpError) as error:
        raise CommandError(str(error)) from error
    if not quiet:
        out.write(f"{'\r' if out.isatty() else ''}{run.migrated} of {run.schemas} schemas migrated.")
    if run.failed:
        raise CommandError("\n".join(["These stay behind, run it again:", *map(str, run.failures.all())]))
