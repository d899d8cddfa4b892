"""What may stand in one line that ends up in a heading, a mail header or a file."""

from django.core.exceptions import ValidationError


def validate_line(value: str) -> None:
    """Refuse line breaks, NUL and every other character that cannot be printed."""
    if not value.isprintable():
        raise ValidationError("Write it in one line, without control characters.", code="control")
