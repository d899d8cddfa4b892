"""What a terminal shows of a fleet migration, and the exit status that it ends with."""

from django.core.management.base import CommandError, OutputWrapper

from apps.tenants import services
from apps.tenants.models import FleetRun


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
