"""Addresses of articles: which may be linked, and when two lead to the same page."""

import re
from urllib.parse import unquote, urlsplit, urlunsplit

from w3lib.url import canonicalize_url, url_query_cleaner

LONGEST = 600
# Where a reader came from, never what is read.
TRACKING = tuple(
    "__twitter_impression _ga _gl amp cmpid dclid fbclid gclid guccounter guce_referrer guce_referrer_sig icid igshid "
    "mc_cid mc_eid mkt_tok mod ncid ocid output partner ref ref_src rss siteid sref taid tsrc twclid usqp "
    "utm_campaign utm_content utm_id utm_medium utm_name utm_source utm_term via wbraid yptr".split()
)
_AMP_CACHE = re.compile(r"^https?://(?:www\.google\.[a-z.]+/amp|[a-z0-9-]+\.cdn\.ampproject\.org/[cv])/(s/)?", re.I)
_DOORS = re.compile(r"^(?:www|amp|m|mobile)\.(?=[^.]+\.[^.]+)")
_AMP_PATH = re.compile(r"(?:/amp|\.amp)(?=/?$|\.html$)", re.I)
_PORTS = {"http": 80, "https": 443}


def linkable_url(url: str) -> str:
    """The address where a page may link it (http or https with a host, nothing that hides in it), else nothing."""
    url = url.strip()
    try:
        parts = urlsplit(url)
        parts.port  # noqa: B018 - reading it raises where it is none
    except ValueError:
        return ""
    shows = url.isprintable() and not re.search(r"[\s<>\"\\]", url) and "@" not in parts.netloc
    return url if shows and parts.scheme in _PORTS and parts.hostname and len(url) <= LONGEST else ""


def canonical_url(url: str) -> str:
    """Equal for addresses of one article; nothing for what cannot be linked and for the front page of a site.

    Only to compare with, never to be opened: scheme, `www.`, `amp.` and `m.`, default ports, fragments, tracking
    parameters, AMP caches and endings are gone, and parameters are sorted.
    """
    url = linkable_url(url)
    if not url:
        return ""
    if cached := _AMP_CACHE.match(url):
        url = ("https://" if cached[1] else "http://") + unquote(url[cached.end() :])
    cleaned = url_query_cleaner(url, TRACKING, remove=True, unique=False)
    parts = urlsplit(canonicalize_url(cleaned))
    try:
        port = "" if parts.port in (None, _PORTS.get(parts.scheme)) else f":{parts.port}"
    except ValueError:
        return ""
    host = _DOORS.sub("", (parts.hostname or "").rstrip("."))
    path = _AMP_PATH.sub("", parts.path).rstrip("/")
    if not host or not (path or parts.query):
        return ""
    return urlunsplit(("https", host + port, path, parts.query, ""))[:LONGEST]
