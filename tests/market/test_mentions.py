"""Which companies a headline is about; sentences and false friends are the project's own."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.market.mentions import ENOUGH, Company, Directory, core_of

NAMES = {
    "A": "Agilent Technologies, Inc.",
    "AAPL": "Apple Inc.",
    "ALL": "The Allstate Corporation",
    "AMZN": "Amazon.com, Inc.",
    "APLE": "Apple Hospitality REIT, Inc.",
    "AVGO": "Broadcom Inc.",
    "BA": "The Boeing Company",
    "BRK-B": "Berkshire Hathaway Inc.",
    "GOOG": "Alphabet Inc. Class C",
    "IBM": "International Business Machines Corporation",
    "IT": "Gartner, Inc.",
    "METV": "Roundhill Ball Metaverse ETF",
    "MS": "Morgan Stanley",
    "NYT": "The New York Times Company",
    "ON": "ON Semiconductor Corporation",
    "PLTR": "Palantir Technologies Inc.",
    "SAP": "SAP SE",
    "TGT": "Target Corporation",
}
SYMBOLS = list(NAMES)
DIRECTORY = Directory(Company(place, symbol, name) for place, (symbol, name) in enumerate(NAMES.items()))


def about(title: str, *tags: str) -> set[str]:
    return {SYMBOLS[place] for place in DIRECTORY.about(title, tags)}


@pytest.mark.parametrize(
    ("title", "symbol"),
    [
        ("Apple's profit rises", "AAPL"),
        ("Why $AAPL fell today", "AAPL"),
        ("Orders at AAPL: a closer look", "AAPL"),
        ("A lab is sold (NYSE: A)", "A"),
        ("Amazon opens a hub", "AMZN"),
        ("Boeing delivers", "BA"),
        ("Exclusive-Boeing delivers", "BA"),
        ("Google opens a hub", "GOOG"),
        ("IBM and others", "IBM"),
        ("Berkshire Hathaway buys a railway", "BRK-B"),
        ("What BRK.B holds", "BRK-B"),
        ("Palantir wins a contract", "PLTR"),
        ("Target Corp cuts its outlook", "TGT"),
        ("Allstate pays for the storm", "ALL"),
    ],
)
def test_a_headline_is_about_whom_it_names(title: str, symbol: str) -> None:
    assert about(title) == {symbol}


@pytest.mark.parametrize(
    ("title", "tags"),
    [
        ("ALL eyes ON Fed as IT spending hits A turning point", ("ALL", "ON", "IT", "A")),
        ("The META of markets: a meta-analysis", ("METV",)),
        ("Ten shares to watch", ("AAPL", "BA")),
        ("BART trains stop", ("BA",)),
        ("apple prices rise in Poland", ("AAPL",)),
        ("International trade grows", ("IBM",)),
        ("Analysts Lift Price Target on Chip Maker", ("TGT",)),
        ("New York Raises Taxes", ("NYT",)),
        ("ALL SHARES FALL AS SAP RISES IN TREES AND BA BLEATS", ()),
        ("Morgan said no", ()),
    ],
)
def test_false_friends_are_nobody(title: str, tags: tuple[str, ...]) -> None:
    assert about(title, *tags) == set()


def test_the_longest_name_counts() -> None:
    assert about("Apple Hospitality raises its dividend") == {"APLE"}


def test_a_tag_decides_about_an_ordinary_word() -> None:
    assert about("Shares of Target fall after a weak holiday") == set()
    assert about("Shares of Target fall after a weak holiday", "TGT") == {"TGT"}
    assert about("SAP rises after results") == set()
    assert about("SAP rises after results", "SAP") == {"SAP"}


def test_who_rates_is_not_who_is_rated() -> None:
    assert about("Morgan Stanley raises PT on Broadcom") == {"AVGO"}
    assert about("Morgan Stanley raises its dividend") == {"MS"}


@pytest.mark.parametrize(
    ("title", "confidence", "reason"),
    [
        ("$AAPL and others", 1.0, "ticker AAPL"),
        ("Shares (AAPL) rise", 0.95, "ticker (AAPL)"),
        ("Apple rises", 0.9, "name “Apple”"),
        ("AAPL rises", 0.6, "symbol AAPL"),
    ],
)
def test_the_surest_reason_is_given(title: str, confidence: float, reason: str) -> None:
    assert DIRECTORY.about(title) == {SYMBOLS.index("AAPL"): (confidence, reason)}


@pytest.mark.parametrize(
    ("name", "core"),
    [
        ("Apple Inc.", ("apple",)),
        ("The Boeing Company", ("boeing",)),
        ("Alphabet Inc. Class A", ("alphabet",)),
        ("Target Corporation", ("target",)),
        ("Wells Fargo & Company", ("wells", "fargo")),
        ("", ()),
    ],
)
def test_a_core_has_no_legal_form(name: str, core: tuple[str, ...]) -> None:
    assert core_of(name) == core


@given(st.text(max_size=200), st.sets(st.sampled_from(SYMBOLS)))
def test_any_title_is_answered_surely_or_not_at_all(title: str, tags: set[str]) -> None:
    assert all(ENOUGH <= match.confidence <= 1 for match in DIRECTORY.about(title, tags).values())
