"""How every figure is written: true minus, grouped thousands, thin space before %, N/A with its reason."""

from __future__ import annotations

from decimal import ROUND_HALF_EVEN, Context, Decimal
from typing import Final

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

register = template.Library()

type Number = Decimal | float | int
type Shown = Number | str | None

MINUS: Final = "\N{MINUS SIGN}"
THIN_SPACE: Final = "\N{THIN SPACE}"
WITHOUT_MINOR_UNITS: Final = frozenset({"JPY", "KRW", "CLP", "VND", "ISK", "XAF", "XOF"})
MOST_PLACES: Final = 8
ANY_SIZE: Final = Context(prec=400, rounding=ROUND_HALF_EVEN)  # the usual 28 digits refuse what the ledger holds


def decimal_of(value: object) -> Decimal | None:
    """The finite decimal that a value prints as; None for anything that is no number."""
    if isinstance(value, bool) or not isinstance(value, (int, float, Decimal)):
        return None
    number = value if isinstance(value, Decimal) else Decimal(repr(value))
    return number if number.is_finite() else None


def written(number: Decimal, places: int) -> str:
    """Grouped digits with a true minus; what rounds to zero has no sign."""
    rounded = number.quantize(Decimal(1).scaleb(-places), context=ANY_SIZE)
    digits = f"{rounded.copy_abs():,f}"
    return MINUS + digits if rounded < 0 else digits


def missing(reason: str) -> SafeString:
    """A figure that cannot be computed says so and says why, to eyes and to screen readers."""
    if not reason:
        return format_html('<span class="na">{}</span>', "N/A")
    return format_html(
        '<span class="na" title="{}">N/A<span class="visually-hidden">: {}</span></span>',
        reason,
        reason,
    )


@register.filter
def money(value: Shown, currency: str = "") -> str:
    """An amount in the minor units of `currency` (its code stands in the heading); N/A if there is none."""
    number = decimal_of(value)
    is_code = len(currency) == 3 and currency.isupper()
    if number is None:
        return missing("" if is_code else currency)
    return written(number, 0 if currency in WITHOUT_MINOR_UNITS else 2)


@register.filter
def percent(value: Shown, reason: str | int = "") -> str:
    """A ratio as a percentage, 0.05 is 5.00 %; an integer argument is the number of places, text the reason."""
    number = decimal_of(value)
    if number is None:
        return missing("" if isinstance(reason, int) else reason)
    return written(number * 100, reason if isinstance(reason, int) else 2) + THIN_SPACE + "%"


@register.filter
def signed(value: Shown, reason: str = "") -> str:
    """A plus before what is above zero; takes a number, or what `money` and `percent` wrote."""
    if not isinstance(value, str):
        number = decimal_of(value)
        if number is None:
            return missing(reason)
        value = written(number, 2)
    is_above_zero = value[:1].isdigit() and any(digit in value for digit in "123456789")
    return f"+{value}" if is_above_zero else value


@register.filter
def quantity(value: Shown, places: int | None = None) -> str:
    """A count of units: as many places as it needs (at most eight), or exactly `places`."""
    number = decimal_of(value)
    if number is None:
        return missing("")
    if places is not None:
        return written(number, places)
    text = written(number, MOST_PLACES)
    return text.rstrip("0").rstrip(".")


@register.filter
def ratio(value: Shown, reason: str = "") -> str:
    """A plain number of two places, such as a beta; N/A if there is none."""
    number = decimal_of(value)
    return missing(reason) if number is None else written(number, 2)


@register.filter
def direction(value: Shown) -> str:
    """`up`, `down` or `flat`: the class that colours a figure beside its sign."""
    number = decimal_of(value)
    if not number:
        return "flat"
    return "up" if number > 0 else "down"


@register.filter
def arrow(value: Shown) -> SafeString:
    """The arrow of a figure; hidden from screen readers, which hear its sign."""
    shape = {"up": "▲", "down": "▼", "flat": "•"}[direction(value)]
    return format_html('<span class="arrow" aria-hidden="true">{}</span>', shape)
