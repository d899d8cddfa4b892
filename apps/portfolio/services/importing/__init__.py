"""What happens to files that members bring in: uploaded, read, recorded, undone."""

from apps.portfolio.services.importing.jobs import (
    MOST_ATTEMPTS,
    RESEND_AFTER,
    due_imports,
    give_up_import,
    start_reading,
    start_recording,
    start_undoing,
    work_on_import,
)
from apps.portfolio.services.importing.mappings import (
    Beginning,
    beginning_of,
    choose_file,
    forget_mapping,
    map_again,
    proposed_symbols,
    save_mapping,
)
from apps.portfolio.services.importing.uploads import MOST_BYTES, TooLargeError, layout_of, remove_import, upload_import

__all__ = [
    "MOST_ATTEMPTS",
    "MOST_BYTES",
    "RESEND_AFTER",
    "Beginning",
    "TooLargeError",
    "beginning_of",
    "choose_file",
    "due_imports",
    "forget_mapping",
    "give_up_import",
    "layout_of",
    "map_again",
    "proposed_symbols",
    "remove_import",
    "save_mapping",
    "start_reading",
    "start_recording",
    "start_undoing",
    "upload_import",
    "work_on_import",
]
