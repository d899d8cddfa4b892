"""Headlines with the words behind their score."""

from __future__ import annotations

from apps.tenants.templatetags.words import marked


def test_words_are_marked_with_their_sign() -> None:
    shown = marked("Apple Surges, Intel misses", {"surges": 2.1, "misses": -1.4})
    assert shown == (
        'Apple <mark class="up" title="positive word">Surges</mark>, Intel '
        '<mark class="down" title="negative word">misses</mark>'
    )


def test_text_is_escaped() -> None:
    assert marked("<b>A&T</b> gains", {"gains": 1.0}).startswith("&lt;b&gt;A&amp;T&lt;/b&gt; <mark")


def test_without_words_the_text_stands_alone() -> None:
    assert marked("Plain", None) == "Plain"
