"""What the generated market and organization are called."""

from datetime import UTC, date, datetime

SESSION_ON = date(2013, 3, 1)
MARKET_AT = datetime(2013, 3, 1, 18, 0, tzinfo=UTC)
SOURCE = "generated"
SUBDOMAIN = "acme"
OWNER = "ann@acme.test"


def symbol(number: int) -> str:
    """The instrument with that number; the starter watchlist holds the first ones."""
    return f"S{number:06d}"


def member_email(number: int) -> str:
    """The member with that number."""
    return f"member{number}@{SUBDOMAIN}.test"
