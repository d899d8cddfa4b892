"""Statements as tagged PDF; the only importer of WeasyPrint, which is loaded by the first document."""

import base64
from functools import cache
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from django.contrib.staticfiles import finders
from django.template.loader import render_to_string

from apps.reports import charts
from apps.reports.documents import Statement
from apps.tenants.templatetags.numbers import money, percent

if TYPE_CHECKING:
    from weasyprint.text.fonts import FontConfiguration

TYPEFACES = ("latin", "latin-ext")


def statement(document: Statement) -> bytes:
    """A tagged PDF/UA of one or two pages; long lists were capped when the data was gathered."""
    return render(render_to_string("reports/pdf/statement.html", context(document)))


def render(html: str) -> bytes:
    """HTML to PDF; only `data:` addresses are followed."""
    from weasyprint import CSS, HTML

    fonts, css = _fonts(), render_to_string("reports/pdf/statement.css", {"faces": _faces()})
    sheet = CSS(string=css, font_config=fonts, url_fetcher=_data_only())
    page = HTML(string=html, url_fetcher=_data_only())
    content: bytes = page.write_pdf(stylesheets=[sheet], font_config=fonts, pdf_variant="pdf/ua-1")
    return content


def headline(document: Statement) -> str:
    """The day in one sentence."""
    if not document.lines:
        return f"{document.portfolio} holds nothing yet"
    if document.day_percent is None or document.as_of_on is None:
        return f"{document.portfolio}: no change can be computed"
    change, day = document.day_percent, f"{document.as_of_on:%A}"
    if round(change, 4) == 0:
        return f"Unchanged on {day}"
    same = sorted((c for c in document.contributions if c.value * change > 0), key=lambda c: -abs(c.value))
    names = " and ".join(row.symbol for row in same[:2])
    moved = f"{'Up' if change > 0 else 'Down'} {percent(abs(change))} on {day}"
    return f"{moved}; {names} moved it most" if len(document.lines) > 2 and names else moved


def lead(document: Statement) -> str:
    """Where the portfolio stands, in one sentence."""
    gain = document.gain_percent
    if gain is None:
        return ""
    stands = f"{percent(abs(gain))} {'below' if gain < 0 else 'above'} what its positions cost"
    if document.value is None:
        return f"The portfolio stands {stands}."
    return f"{money(document.value, document.currency)} {document.currency}, {stands}."


def history_title(document: Statement) -> str:
    """The finding of the index chart."""
    index, title = document.history.index, f"{len(document.history.days)} sessions (start = 100)"
    if len(index) < 2:
        return title
    if not document.benchmark:
        return f"{title}: now {index[-1]:.1f}"
    ahead = index[-1] - document.benchmark[-1]
    return f"{title}: {abs(ahead):.1f} points {'behind' if ahead < 0 else 'ahead of'} SPY"


def context(document: Statement) -> dict[str, Any]:
    return {
        "document": document,
        "logo": f"data:image/png;base64,{base64.b64encode(document.logo).decode()}" if document.logo else "",
        "headline": headline(document),
        "lead": lead(document),
        "history_title": history_title(document),
        "lines": [(line, _image(charts.sparkline(line.closes))) for line in document.lines],
        "contributions": _contributions(document),
        "history": _history(document),
    }


def _contributions(document: Statement) -> str:
    rows = [(row.symbol, row.value, _basis_points(row.value)) for row in document.contributions]
    return _image(charts.contribution_bars(rows)) if rows else ""


def _basis_points(value: float) -> str:
    points = round(value * 10_000)
    return f"{'+' if points > 0 else '\N{MINUS SIGN}' if points < 0 else ''}{abs(points)} bp"


def _history(document: Statement) -> str:
    days, index = document.history.days, document.history.index
    if len(index) < 2:
        return ""
    lines = [charts.Series("Portfolio", index)]
    if document.benchmark:
        lines.insert(0, charts.Series("SPY", document.benchmark, color=charts.MUTED, width=0.9))
    return _image(charts.line_chart(lines, f"{days[0]:%d %b %Y}", f"{days[-1]:%d %b %Y}"))


def _image(svg: str) -> str:
    """A picture that the document carries itself."""
    return f"data:image/svg+xml,{quote(svg)}" if svg else ""


@cache
def _fonts() -> "FontConfiguration":
    from weasyprint.text.fonts import FontConfiguration

    return FontConfiguration()


@cache
def _faces() -> list[str]:
    """Inter as `data:` addresses; without the front-end packages the system's own sans serif is used."""
    found = (finders.find(f"vendor/inter/files/inter-{name}-wght-normal.woff2") for name in TYPEFACES)
    return [_data_address(str(path)) for path in found if path]


def _data_address(path: str) -> str:
    with open(path, "rb") as file:  # noqa: PTH123 - finders hand out text
        return f"data:font/woff2;base64,{base64.b64encode(file.read()).decode('ascii')}"


@cache
def _data_only() -> Any:
    from weasyprint.urls import URLFetcher

    return URLFetcher(allowed_protocols={"data"}, allow_redirects=False)
