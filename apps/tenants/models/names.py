"""What a name may be made of: only what people can see."""

import unicodedata
from typing import Final

from django.core.exceptions import ValidationError

# Letters and symbols by their class, and yet nothing is drawn for them.
_BLANK: Final = frozenset("\u115f\u1160\u2800\u3164\uffa0")


def validate_visible(value: str) -> None:
    """Refuse control, format (zero width, direction), private and unassigned characters, and spaces of other widths."""
    hidden = next((character for character in value if _is_hidden(character)), None)
    if hidden is not None:
        raise ValidationError(
            "This contains a character that cannot be seen (%(code)s). Type the name anew.",
            code="invisible",
            params={"code": f"U+{ord(hidden):04X}"},
        )


def _is_hidden(character: str) -> bool:
    kind = unicodedata.category(character)
    return kind[0] == "C" or (kind[0] == "Z" and character != " ") or character in _BLANK
