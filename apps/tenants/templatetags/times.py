"""How days and moments are written. The browser writes them again as the member reads them (formats.js)."""

from __future__ import annotations

from datetime import UTC, date, datetime

from django import template
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

register = template.Library()


@register.filter
def moment(value: datetime | None, form: str = "") -> str | SafeString:
    """In the zone in context, which is named where it is nobody's own; `short` leaves the year out."""
    if value is None:
        return ""
    local = timezone.localtime(value)
    year = "" if form == "short" else f" {local:%Y}"
    zone = " UTC" if timezone.get_current_timezone_name() == "UTC" else ""
    text = f"{local.day} {local:%b}{year}, {local:%H:%M}{zone}"
    stamp = value.astimezone(UTC).isoformat(timespec="seconds")
    return format_html('<time datetime="{}" data-moment="{}">{}</time>', stamp, form, text)


@register.filter
def day(value: date | None, form: str = "") -> str | SafeString:
    """A calendar day, which has no zone; `weekday` puts its name before it."""
    if value is None:
        return ""
    name = f"{value:%a} " if form == "weekday" else ""
    text = f"{name}{value.day} {value:%b %Y}"
    return format_html('<time datetime="{}" data-day="{}">{}</time>', f"{value:%Y-%m-%d}", form, text)
