"""Addresses of articles: what may be linked, and what is one page."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.market.links import canonical_url, linkable_url

PAGE = "https://example.com/2013/walk-wins?id=7"


@pytest.mark.parametrize(
    "url",
    [
        "https://example.com/2013/walk-wins?id=7&utm_source=feed&utm_medium=rss",
        "http://www.example.com:80/2013/walk-wins/?id=7#comments",
        "https://EXAMPLE.com:443/2013/walk-wins?fbclid=abc&id=7",
        "https://m.example.com/2013/walk-wins?id=7",
        "https://amp.example.com/2013/walk-wins/amp/?id=7&amp=1",
        "https://www.google.com/amp/s/example.com/2013/walk-wins.amp?id=7",
        "https://example-com.cdn.ampproject.org/c/s/example.com/2013/walk-wins?id=7",
    ],
)
def test_the_same_page_has_one_address(url: str) -> None:
    assert canonical_url(url) == PAGE


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("https://example.com/a?id=1", "https://example.com/a?id=2"),
        ("https://example.com/a", "https://example.org/a"),
        ("https://example.com:8443/a", "https://example.com/a"),
        ("https://example.com/example", "https://example.com/ex"),
        ("https://example.com/camp", "https://example.com/c"),
        ("https://m.co/a", "https://co/a"),
    ],
)
def test_other_pages_stay_apart(one: str, other: str) -> None:
    assert canonical_url(one) != canonical_url(other)


@pytest.mark.parametrize(
    "url",
    [
        *("", "walk", "//example.com/a", "javascript:alert(1)", "data:text/html,x", "ftp://example.com/a"),
        *("https://user:word@example.com/a", "https://[::1/a", "https://example.com:99999/a", "https:///a"),
        *('https://example.com/"onclick=', "https://example.com/a b", "https://example.com/a\x00", "http:\\\\e.com/a"),
        "https://example.com/" + "a" * 600,
    ],
)
def test_what_is_no_page_of_the_web_is_not_linked(url: str) -> None:
    assert (linkable_url(url), canonical_url(url)) == ("", "")


@pytest.mark.parametrize(
    "url", ["https://example.com", "https://www.example.com/", "https://example.com/?utm_source=a"]
)
def test_a_front_page_is_no_article(url: str) -> None:
    assert linkable_url(url) == url
    assert canonical_url(url) == ""


@given(st.text(max_size=80))
def test_the_canonical_form_of_any_text_is_canonical(text: str) -> None:
    once = canonical_url(f"https://example.com/{text}")
    assert canonical_url(once) == once
