"""The link from a figure to its trail, and how the lines of a trail are written."""

from __future__ import annotations

from urllib.parse import urlencode
from uuid import UUID

from django import template
from django.utils.html import format_html

from apps.portfolio.trail.reading import shown
from apps.portfolio.trail.tree import RATIO, SHARE, UNITS, Number
from apps.tenants.templatetags.numbers import money, percent, quantity

register = template.Library()
ADDRESS = "/portfolios/{}/why/{}/{}"  # the resolver would cost more than the cell; a test holds the two together


@register.simple_tag
def why(text: str, portfolio: UUID | str, figure: str, asked: str = "", **more: object) -> str:
    """What a filter wrote of a figure, as the link to its trail; without a figure's name, or with none there, as it is.

    `asked` is a query already (that of a period), `more` is added to it.
    """
    if "<" in text or not figure:
        return text
    query = "&".join(part for part in (asked, urlencode(more)) if part)
    address = ADDRESS.format(portfolio, figure, f"?{query}" if query else "")
    return format_html('<a class="why" href="{}" aria-label="Why {}?">{}</a>', address, text, text)


@register.filter
def in_unit(value: Number, unit: str) -> str:
    """As the pages write it: a percentage, a quantity, a plain ratio, or money of its currency."""
    if unit == SHARE:
        return percent(value)
    if unit == UNITS:
        return quantity(value)
    return shown(value) if unit == RATIO or len(unit) != 3 else money(value, unit)


@register.filter(name="shown")
def shown_exactly(value: Number) -> str:
    """Up to twelve digits after the point."""
    return shown(value)
