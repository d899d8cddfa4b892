"""Facts about the sources of market data that must hold before anything is served."""

from collections.abc import Iterator
from typing import Any

from django.conf import settings
from django.core.checks import Error, register

from apps.market.providers import MARKET, PROVIDERS, forbidden
from apps.market.providers.base import Capability


@register()
def check_sources(**kwargs: Any) -> list[Error]:
    """Every name in a setting is one of ours, and no source that is named forbids how this installation is used."""
    return [*_unknown(), *_forbidden()]


def _unknown() -> Iterator[Error]:
    capabilities = {str(one) for one in Capability}
    for capability in sorted(settings.SOURCES.keys() - capabilities):
        known = ", ".join(sorted(capabilities))
        yield Error(f"SOURCES: {capability} is no capability. Known: {known}.", id="market.E001")
    known = ", ".join(sorted(PROVIDERS))
    for name in sorted(_named() - PROVIDERS.keys()):
        yield Error(f"{name} is no source of market data. Known: {known}.", id="market.E002")


def _forbidden() -> Iterator[Error]:
    for name in sorted(_named() & PROVIDERS.keys()):
        if reason := forbidden(name):
            yield Error(f"{reason} Take it out of MARKET_PROVIDER and SOURCES.", id="market.E003")


def _named() -> set[str]:
    listed = {name for names in settings.SOURCES.values() for name in names}
    return (listed | {settings.MARKET_PROVIDER}) - {MARKET, "auto"}
