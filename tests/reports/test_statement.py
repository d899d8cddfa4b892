"""The statement: its figures are the portfolio's, its pages are tagged PDF that asks nobody for anything."""

from datetime import UTC, date, datetime
from io import BytesIO
from typing import Any

import pytest
from django.template.loader import render_to_string
from pypdf import PdfReader

from apps.accounts.models import User
from apps.portfolio import services as portfolios
from apps.portfolio.models import Portfolio
from apps.portfolio.services.history import History
from apps.reports import documents, pdf, services
from apps.reports.models import Report
from apps.tenants.templatetags.numbers import money

pytestmark = pytest.mark.django_db


@pytest.fixture
def report(books: None, ben: User) -> Report:
    return services.request_report(portfolio=Portfolio.objects.get(name="Global Equity"), by=ben)


def pages(content: bytes) -> list[str]:
    return [page.extract_text() for page in PdfReader(BytesIO(content)).pages]


def test_the_pdf_says_what_the_page_says(report: Report) -> None:
    valuation = portfolios.value_portfolios([report.portfolio])[report.portfolio_id]
    text = "\n".join(pages(pdf.statement(documents.statement(report))))
    assert "Acme Capital" in text
    assert "Replay of" in text
    for position in valuation.positions:
        assert position.instrument.symbol in text
        assert money(position.value, "USD") in text
    assert money(valuation.totals.value, "USD") in text


def test_the_pdf_is_tagged_and_has_a_title_and_a_language(report: Report) -> None:
    reader = PdfReader(BytesIO(pdf.statement(documents.statement(report))))
    catalog: Any = reader.trailer["/Root"]
    assert catalog["/MarkInfo"]["/Marked"]
    assert catalog["/Lang"] == "en"
    assert "/StructTreeRoot" in catalog
    assert reader.metadata is not None
    assert str(reader.metadata.title).startswith("Portfolio statement: Global Equity")
    assert len(reader.pages) <= 2


def test_every_picture_has_words(report: Report) -> None:
    html = render_to_string("reports/pdf/statement.html", pdf.context(documents.statement(report)))
    assert html.count("<img") == html.count('alt="') > 5
    assert 'alt=""' not in html


def test_without_amounts_there_are_weights_only(report: Report) -> None:
    valuation = portfolios.value_portfolios([report.portfolio])[report.portfolio_id]
    report.shows_amounts = False
    text = "\n".join(pages(pdf.statement(documents.statement(report))))
    assert "32." in text or "%" in text
    for position in valuation.positions:
        for amount in (position.value, position.cost, position.gain):
            assert money(amount, "USD") not in text
    assert "Latest transactions" not in text


def test_contributions_add_up_to_the_day(report: Report) -> None:
    document = documents.statement(report)
    assert sum(row.value for row in document.contributions) == pytest.approx(document.day_percent)


def test_an_empty_portfolio_has_a_statement_too(ben: User) -> None:
    empty = portfolios.create_portfolio(name="Empty", owner=ben)
    document = documents.statement(services.request_report(portfolio=empty, by=ben))
    assert "Empty holds nothing yet" in pages(pdf.statement(document))[0]


def test_names_are_words_never_markup(ben: User) -> None:
    odd = portfolios.create_portfolio(name="<img src=file:///etc/hosts>&", owner=ben)
    document = documents.statement(services.request_report(portfolio=odd, by=ben))
    assert "<img src=file:///etc/hosts>&" in " ".join(pages(pdf.statement(document))[0].split())


@pytest.mark.parametrize("address", ["file:///etc/hostname", "http://127.0.0.1:9/x.png", "ftp://127.0.0.1/x"])
def test_nothing_is_fetched(address: str, caplog: pytest.LogCaptureFixture) -> None:
    pdf.render(f'<html lang="en"><title>t</title><body><img alt="x" src="{address}"></body></html>')
    assert "disallowed" in caplog.text


def test_words_of_the_day() -> None:
    document = documents.Statement(
        organization="Acme",
        portfolio="Book",
        currency="USD",
        method="First in, first out",
        asked_by="Ann",
        built_at=datetime(2013, 3, 1, tzinfo=UTC),
        as_of_on=date(2013, 3, 1),
        as_of_at=None,
        feed="",
        shows_amounts=False,
        value=None,
        cost=None,
        gain=None,
        gain_percent=None,
        day_change=None,
        day_percent=None,
        contributions=(),
        lines=(),
        left_out=0,
        history=History((), ()),
        benchmark=(),
        entries=(),
        reasons=(),
        as_of_label="Fri 1 Mar 2013",
    )
    assert pdf.headline(document) == "Book holds nothing yet"
    assert pdf.lead(document) == ""
