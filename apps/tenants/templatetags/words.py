"""Words of a text, marked by what they weighed."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

register = template.Library()

WORD: Final = re.compile(r"([A-Za-z][A-Za-z'-]*)")


def piece(text: str, weights: Mapping[str, float]) -> SafeString:
    """One word, marked up or down when it weighed something; the sign is said as well as coloured."""
    weight = weights.get(text.lower(), 0.0)
    if not weight:
        return format_html("{}", text)
    kind = "up" if weight > 0 else "down"
    return format_html(
        '<mark class="{}" title="{} word">{}</mark>', kind, {"up": "positive", "down": "negative"}[kind], text
    )


@register.filter
def marked(text: str, weights: object) -> SafeString:
    """The text escaped, with every word of `weights` (lower-case word to signed weight) marked."""
    known = {str(word).lower(): value for word, value in weights.items()} if isinstance(weights, Mapping) else {}
    return format_html_join("", "{}", ((piece(part, known),) for part in WORD.split(text)))
