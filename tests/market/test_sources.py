"""Which source is asked for what, in which turn, and which may not be asked at all."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.core.checks import run_checks

from apps.market import providers
from apps.market.providers import PROVIDERS, forbidden, sources
from apps.market.providers.base import Capability, TermsError
from apps.market.providers.replay import Replay
from apps.market.providers.terms import TERMS
from apps.market.providers.yahoo.provider import Yahoo


@pytest.fixture(autouse=True)
def _with_a_key(settings: Any) -> Iterator[None]:
    """NewsAPI is set up; nothing is kept of it afterwards."""
    settings.NEWSAPI_KEY = "key"
    providers.forget()
    yield
    providers.forget()


def names(capability: Capability, market: Any) -> list[str]:
    return [source.name for source in sources(capability, market)]


def complaints() -> dict[str, str]:
    return {str(error.id): str(error.msg) for error in run_checks() if str(error.id).startswith("market.")}


def test_every_source_names_its_terms() -> None:
    assert TERMS.keys() == PROVIDERS.keys()
    assert all(terms.licence and terms.delay and terms.attribution for terms in TERMS.values())
    assert {name for name, terms in TERMS.items() if not terms.url} == {"csv", "rss"}  # no vendor stands behind these


def test_news_stand_beside_a_real_market(yahoo: Yahoo) -> None:
    assert names(Capability.NEWS, yahoo) == ["yahoo", "newsapi"]
    assert names(Capability.HISTORY, yahoo) == ["yahoo"]


def test_nobody_is_asked_beside_a_replay(replay: Replay) -> None:
    assert names(Capability.NEWS, replay) == ["replay"]
    assert names(Capability.FX, replay) == ["replay"]


def test_a_list_of_the_settings_holds(replay: Replay, settings: Any) -> None:
    settings.SOURCES = {"news": ["newsapi", "market"]}
    assert names(Capability.NEWS, replay) == ["newsapi", "replay"]


def test_a_source_that_is_not_set_up_is_left_out(yahoo: Yahoo, settings: Any) -> None:
    settings.NEWSAPI_KEY = ""
    assert names(Capability.NEWS, yahoo) == ["yahoo"]


def test_a_commercial_installation_leaves_out_what_it_may_not_use(replay: Replay, settings: Any) -> None:
    settings.COMMERCIAL, settings.SOURCES = True, {"news": ["newsapi", "yahoo", "market"]}
    assert names(Capability.NEWS, replay) == ["replay"]


def test_a_commercial_installation_is_refused_by_name(settings: Any) -> None:
    settings.COMMERCIAL = True
    with pytest.raises(TermsError, match="terms of yahoo forbid commercial use: personal use only"):
        providers.provider("yahoo")
    assert providers.provider("replay").name == "replay"


def test_a_commercial_installation_does_not_ask_yahoo_whether_it_answers(settings: Any) -> None:
    settings.COMMERCIAL, settings.MARKET_PROVIDER = True, "auto"
    assert providers.chosen().name == "replay"


def test_a_check_says_what_may_not_be_used(settings: Any) -> None:
    settings.SOURCES = {"news": ["newsapi"]}
    assert complaints() == {}
    settings.COMMERCIAL = True
    assert complaints() == {"market.E003": f"{forbidden('newsapi')} Take it out of MARKET_PROVIDER and SOURCES."}


def test_a_check_says_what_is_unknown(settings: Any) -> None:
    settings.SOURCES = {"weather": ["market"], "news": ["gazette"]}
    assert complaints().keys() == {"market.E001", "market.E002"}
