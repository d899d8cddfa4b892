"""Everything that an organization owns leaves in one archive and comes back (docs/decisions/0009)."""

from apps.tenants.services.archives.manifest import DamagedArchiveError
from apps.tenants.services.archives.requests import (
    MOST_ATTEMPTS,
    TooManyArchivesError,
    build_archive,
    expire_archives,
    give_up,
    record_export,
    request_archive,
    take_home,
    unfinished_archives,
)
from apps.tenants.services.archives.restoring import (
    Restored,
    RestoreRefusedError,
    restore_as_new,
    restore_in_place,
)
from apps.tenants.services.archives.stages import NewerArchiveError, UnknownReferenceError
from apps.tenants.services.archives.writing import write_archive

__all__ = [
    "MOST_ATTEMPTS",
    "DamagedArchiveError",
    "NewerArchiveError",
    "RestoreRefusedError",
    "Restored",
    "TooManyArchivesError",
    "UnknownReferenceError",
    "build_archive",
    "expire_archives",
    "give_up",
    "record_export",
    "request_archive",
    "restore_as_new",
    "restore_in_place",
    "take_home",
    "unfinished_archives",
    "write_archive",
]
