"""How often each source may be asked by the whole installation."""

import re

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from apps.market.providers.base import Budget

PERIODS = {"s": 1, "m": 60, "h": 3600, "d": 86_400}
# Yahoo states no figure: this is well below where it is known to refuse. NewsAPI's is the developer plan's.
DEFAULTS = {"yahoo": "120/m", "newsapi": "100/d"}


def budget_of(name: str) -> Budget | None:
    """From the setting BUDGETS, else the default; None for a source on this machine."""
    text = settings.BUDGETS.get(name) or DEFAULTS.get(name)
    return parse_budget(text) if text else None


def parse_budget(text: str) -> Budget:
    """`120/m`: calls and one of s, m, h, d; at least two calls. Raises ImproperlyConfigured."""
    found = re.fullmatch(r"(\d{1,6})/([smhd])", text.strip())
    if found is None or int(found[1]) < 2:
        raise ImproperlyConfigured(f"BUDGETS: {text} is no budget of two or more calls, such as 120/m or 100/d.")
    return Budget(int(found[1]), PERIODS[found[2]])
