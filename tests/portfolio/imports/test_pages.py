"""The wizard as a member goes through it, and who may not."""

import json
from io import BytesIO
from typing import Any
from zipfile import ZipFile

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django_tenants.utils import schema_context

from apps.accounts.models import User
from apps.portfolio import actors
from apps.portfolio.models import Import, Mapping, Portfolio
from apps.portfolio.models.imports import State
from apps.portfolio.services import exporting, importing
from apps.tenants.models import Organization, Quota
from tests.conftest import ClientOf
from tests.portfolio.imports import files
from tests.portfolio.imports.conftest import Upload

pytestmark = pytest.mark.django_db
ROWS = files.generic("03/04/2012,buy,AAPL,10,440,,4.95,USD", "03/05/2012,buy,AAPL,1,441,,,USD")
BUY = files.generic("2013-02-04,buy,AAPL,10,440,,4.95,USD")


@pytest.fixture
def client(client_of: ClientOf, ann: User) -> Client:
    return client_of(ann)


def work(imported: Import) -> Import:
    """What the worker does."""
    actors.work_on_import(str(imported.pk))
    imported.refresh_from_db()
    return imported


def shown(client: Client, path: str) -> int:
    """The status of a page or of a file, read to its end."""
    answer: Any = client.get(path)
    if answer.streaming:
        answer.getvalue()
    return int(answer.status_code)


def sent(client: Client, book: Portfolio, content: bytes, name: str = "trades.csv") -> Import:
    answer = client.post(f"/portfolios/{book.pk}/import/", {"file": SimpleUploadedFile(name, content)})
    assert answer.status_code == 302
    return Import.objects.latest("at")


def test_a_file_goes_all_the_way_and_back(client: Client, book: Portfolio) -> None:
    imported = sent(client, book, ROWS)
    page = imported.get_absolute_url()
    asked = client.get(page).text
    assert "day or the month comes first" in asked
    layout = importing.layout_of(imported)
    chosen = {f"column_{one}": name for one, name in layout.columns.items()} | {"mark": ".", "order": "mdy"}
    assert client.post(f"{page}columns/", chosen | {"kind_0": "buy", "save_as": "Ours"}).status_code == 302
    assert 'hx-trigger="load delay:1s"' in client.get(page).text
    assert work(imported).counts["new"] == 2
    assert "2012-03-04" in client.get(page).text
    client.post(f"{page}record/")
    assert work(imported).state == State.DONE
    client.post(f"{page}undo/")
    assert work(imported).state == State.UNDONE
    assert "the same" in client.get(page).text
    assert Mapping.objects.get().name == "Ours"


def test_an_open_question_is_not_guessed_behind_the_members_back(client: Client, book: Portfolio) -> None:
    imported = sent(client, book, ROWS)
    answer = client.post(f"{imported.get_absolute_url()}columns/", {"mark": ".", "column_traded_on": "Date"})
    assert answer.status_code == 422
    assert "Say which it is." in answer.text


def test_rows_that_cannot_be_stay_out_only_when_the_member_says_so(client: Client, upload: Upload) -> None:
    imported = upload(BUY + b"2013-02-05,sell,AAPL,99,440,,,USD\n")
    page = imported.get_absolute_url()
    assert "More than is held: 10" in client.get(f"{page}?status=error").text
    assert client.post(f"{page}record/").status_code == 422
    client.post(f"{page}record/", {"without_the_rest": "on"})
    assert (work(imported).state, imported.entries.count()) == (State.DONE, 1)


def test_a_name_is_answered_with_a_symbol(client: Client, upload: Upload) -> None:
    imported = upload(BUY.replace(b"AAPL", b"APPLEX"))
    page = imported.get_absolute_url()
    assert client.post(f"{page}symbols/", {"answer_0": "NOSUCH"}).status_code == 422
    assert client.post(f"{page}symbols/", {"answer_0": "XNAS:AAPL"}).status_code == 302
    assert work(imported).counts["new"] == 1


def test_a_file_is_cut_anew_by_another_separator_and_a_saved_mapping(
    client: Client, book: Portfolio, ann: User
) -> None:
    imported = sent(client, book, BUY)
    page, cut = imported.get_absolute_url(), {"encoding": "cp1252", "delimiter": ";", "header": 1}
    mapping = importing.save_mapping(name="Ours", layout=importing.layout_of(imported), by=ann)
    client.post(f"{page}file/", cut | {"source": "preset:generic"})
    imported.refresh_from_db()
    assert importing.layout_of(imported).delimiter == ";"
    client.post(f"{page}file/", cut | {"delimiter": ",", "source": f"mapping:{mapping.pk}"})
    imported.refresh_from_db()
    assert importing.layout_of(imported).columns["symbol"] == "Symbol"
    assert client.post(f"{page}file/", cut | {"header": "x"}).status_code == 422


@pytest.mark.parametrize(
    ("content", "status", "words"),
    [
        (b"", 422, "empty"),
        (b"PK\x03\x04" + b"0" * 100, 422, "workbook or an archive"),
        (b"\x1f\x8b" + b"0" * 100, 422, "compressed"),
        (b"a," * 20_000, 422, "columns"),
        (b"x" * (importing.MOST_BYTES + 1), 413, "at most 25 are read"),
    ],
)
def test_a_file_that_is_not_taken_says_why(
    client: Client, book: Portfolio, content: bytes, status: int, words: str
) -> None:
    answer = client.post(f"/portfolios/{book.pk}/import/", {"file": SimpleUploadedFile("a.csv", content)})
    assert answer.status_code == status
    assert words in answer.text
    assert not Import.objects.exists()


def test_a_bomb_is_never_unpacked(client: Client, book: Portfolio) -> None:
    packed = BytesIO()
    with ZipFile(packed, "w", 8) as bomb:
        bomb.writestr("xl/worksheets/sheet1.xml", b"0" * 50_000_000)
    answer = client.post(f"/portfolios/{book.pk}/import/", {"file": SimpleUploadedFile("a.csv", packed.getvalue())})
    assert answer.status_code == 422


def test_a_file_has_room_only_within_the_quota(client: Client, book: Portfolio, acme: Organization) -> None:
    with schema_context("public"):
        Quota.objects.filter(organization=acme).update(storage_mb=0)
    answer = client.post(f"/portfolios/{book.pk}/import/", {"file": SimpleUploadedFile("a.csv", BUY)})
    assert answer.status_code == 422
    assert "MB of files" in answer.text


def test_whoever_sees_no_amounts_brings_nothing_in_and_takes_nothing_home(
    client_of: ClientOf, upload: Upload, ben: User
) -> None:
    imported = upload(BUY)
    Portfolio.objects.update(shared=True)
    book, page = f"/portfolios/{imported.portfolio_id}/", imported.get_absolute_url()
    paths = [f"{book}import/", page, f"{book}export/", f"{book}export/transactions/csv/"]
    assert [shown(client_of(ben), path) for path in paths] == [200] * 4
    User.objects.filter(pk=ben.pk).update(sees_amounts=False)
    assert [shown(client_of(ben), path) for path in paths] == [403, 404, 403, 403]
    assert client_of(ben).post(f"{page}record/").status_code == 404


@pytest.mark.parametrize("form", ["csv", "json", "xlsx"])
@pytest.mark.parametrize("what", list(exporting.SHEETS))
def test_every_table_is_a_file(client: Client, bring_in: Upload, book: Portfolio, what: str, form: str) -> None:
    bring_in(BUY + b"2013-02-05,dividend,AAPL,,,7.5,,USD\n2013-02-06,sell,AAPL,4,450,,,USD\n")
    answer: Any = client.get(f"/portfolios/{book.pk}/export/{what}/{form}/")
    content = answer.getvalue()
    assert answer.status_code == 200
    if form == "xlsx":
        content = ZipFile(BytesIO(content)).read("xl/worksheets/sheet1.xml")
    elif form == "json":
        assert json.loads(content)[what]
    assert b"AAPL" in content


def test_what_is_no_table_is_not_found(client: Client, book: Portfolio) -> None:
    for path in ("everything/csv", "nothing/csv", "transactions/pdf"):
        assert client.get(f"/portfolios/{book.pk}/export/{path}/").status_code == 404
