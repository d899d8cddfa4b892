"""A portfolio to import into, and the whole way of a file from the upload to its preview."""

from collections.abc import Callable

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from apps.accounts.models import User
from apps.portfolio.models import Import, Portfolio
from apps.portfolio.services import create_portfolio, importing

type Upload = Callable[..., Import]


@pytest.fixture
def book(ann: User) -> Portfolio:
    return create_portfolio(name="Brought in", owner=ann)


@pytest.fixture
def upload(ann: User, book: Portfolio) -> Upload:
    """The file, read by what was detected."""

    def uploaded(content: bytes, portfolio: Portfolio | None = None) -> Import:
        file = SimpleUploadedFile("trades.csv", content)
        imported = importing.upload_import(portfolio=portfolio or book, upload=file, by=ann)
        assert importing.start_reading(imported, importing.layout_of(imported))
        return importing.work_on_import(imported)

    return uploaded


@pytest.fixture
def bring_in(upload: Upload, ann: User) -> Upload:
    """The file, recorded."""

    def brought(content: bytes, portfolio: Portfolio | None = None) -> Import:
        imported = upload(content, portfolio)
        assert importing.start_recording(imported, by=ann), imported.failure
        return importing.work_on_import(imported)

    return brought
