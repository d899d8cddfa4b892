"""What an organization decides about itself: kept, written down, seen on its own host and nowhere else."""

import struct
import zlib
from io import BytesIO
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image

from apps.accounts.models import AuditEntry, House, User
from apps.accounts.services import PolicyError, change_house, forget_surroundings
from apps.reports import documents, pdf
from apps.tenants.models import Organization
from tests.conftest import ClientOf

pytestmark = pytest.mark.django_db
GOOD = {"accent_colour": "#3b82f6", "sender_name": "Acme", "contact": "Ann, room 4", "session_days": "7"}


def picture(kind: str = "PNG", size: tuple[int, int] = (40, 20), colour: str = "#ff0000") -> bytes:
    out = BytesIO()
    Image.new("RGB", size, colour).save(out, kind)
    return out.getvalue()


def upload(content: bytes, name: str = "logo.png") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content, content_type="image/png")


def enormous() -> bytes:
    """A PNG of a few bytes that says it is 60,000 pixels a side."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", 60_000, 60_000, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"\0" * 1000)) + chunk(b"IEND", b"")
    )


def test_everything_is_kept_and_written_down_by_field(client_of: ClientOf, ann: User) -> None:
    answer = client_of(ann).post("/settings/house/", GOOD | {"new_logo": upload(picture())}, follow=True)
    house, entry = House.current(), AuditEntry.objects.filter(act="house.changed")[0]
    assert "Saved." in answer.text
    assert (house.accent_colour, house.contact, house.session_days) == ("#3b82f6", "Ann, room 4", 7)
    assert house.shares_by_default is False
    assert entry.details == {
        "fields": ["accent_colour", "contact", "logo", "sender_name", "session_days", "shares_by_default"]
    }
    assert (entry.by_id, "Ann" in str(entry.details)) == (ann.pk, False)


def test_saving_nothing_new_writes_nothing_down(client_of: ClientOf, ann: User) -> None:
    for _ in range(2):
        client_of(ann).post("/settings/house/", GOOD)
    assert AuditEntry.objects.filter(act="house.changed").count() == 1


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("accent_colour", "red"),
        ("accent_colour", "#12345"),
        ("accent_colour", "#zzzzzz"),
        ("accent_colour", "}*{x:1"),
        ("sender_name", "Acme\r\nBcc: all@example.com"),
        ("sender_name", "A\x00"),
        ("contact", "line\nbreak"),
        ("session_days", "0"),
        ("session_days", "91"),
        ("session_days", "-3"),
        ("new_logo", upload(b"<svg xmlns='http://www.w3.org/2000/svg'><script>1</script></svg>", "logo.svg")),
        ("new_logo", upload(picture("GIF"))),
        ("new_logo", upload(picture()[:20])),
        ("new_logo", upload(picture(size=(2001, 3)))),
        ("new_logo", upload(enormous())),
        ("new_logo", upload(picture() + b"\0" * 600_000)),
        ("new_logo", upload(b"\x89PNG\r\n\x1a\n")),
        ("new_logo", upload(b"")),
    ],
)
def test_what_is_no_brand_is_refused_and_changes_nothing(
    client_of: ClientOf, ann: User, field: str, value: Any
) -> None:
    if isinstance(value, SimpleUploadedFile):
        value.seek(0)
    answer = client_of(ann).post("/settings/house/", GOOD | {field: value})
    assert answer.status_code == 422
    assert 'class="errorlist"' in answer.text
    assert not House.objects.exists()
    assert not AuditEntry.objects.filter(act="house.changed").exists()


@pytest.mark.parametrize("kind", ["PNG", "JPEG"])
def test_a_logo_is_written_anew_under_a_name_of_ours(client_of: ClientOf, ann: User, kind: str) -> None:
    """What hides behind the picture, its name and its comments do not survive."""
    sent = upload(picture(kind, (1200, 600)) + b"<script>", "../../e\x00vil\u202e.html")
    client_of(ann).post("/settings/house/", GOOD | {"new_logo": sent})
    stored = House.current().logo
    with stored.open("rb") as file:
        content = file.read()
    assert str(stored.name).startswith("brand/logo-")
    assert b"<script>" not in content
    with Image.open(BytesIO(content)) as shown:
        assert (shown.format, shown.size) == ("PNG", (512, 256))


def test_a_new_logo_replaces_the_old_file(client_of: ClientOf, ann: User) -> None:
    client, storage, names = client_of(ann), House.current().logo.storage, []
    for colour in ("#111111", "#222222"):
        client.post("/settings/house/", GOOD | {"new_logo": upload(picture(colour=colour))})
        names.append(str(House.current().logo.name))
    assert [storage.exists(name) for name in names] == [False, True]
    client.post("/settings/house/", GOOD | {"removes_logo": "on"})
    assert not storage.exists(names[1])
    assert House.current().logo.name == ""


def test_the_brand_is_seen_at_its_own_host_only(
    client_of: ClientOf, ann: User, eve: User, globex: Organization
) -> None:
    client_of(ann).post("/settings/house/", GOOD | {"new_logo": upload(picture())})
    own, other = client_of(ann), client_of(eve)
    page, theirs = own.get("/").text, other.get("/").text
    assert "/brand/logo?v=" in page
    assert "/brand/style.css?v=" in page
    assert "/brand/" not in theirs
    assert own.get("/brand/logo").headers["Content-Type"] == "image/png"
    assert other.get("/brand/logo").headers["Content-Type"] == "image/svg+xml"
    assert "--accent" in own.get("/brand/style.css").text
    assert "--accent" not in other.get("/brand/style.css").text


def test_the_brand_is_kept_by_its_address_and_asked_for_again_without(
    client_of: ClientOf, ann: User, anonymous: Client
) -> None:
    client_of(ann).post("/settings/house/", GOOD | {"new_logo": upload(picture())})
    fresh = anonymous.get("/brand/logo")
    tag = fresh.headers["ETag"]
    assert anonymous.get("/brand/logo", headers={"if-none-match": tag}).status_code == 304
    assert "no-cache" in fresh.headers["Cache-Control"]
    assert fresh.headers["X-Content-Type-Options"] == "nosniff"
    version = tag.strip('"')
    assert "immutable" in client_of(ann).get(f"/brand/logo?v={version}").headers["Cache-Control"]
    assert "immutable" not in client_of(ann).get("/brand/logo?v=guess").headers["Cache-Control"]


def test_an_admin_does_not_set_the_policy(client_of: ClientOf, ben: User) -> None:
    User.objects.filter(pk=ben.pk).update(role="admin")
    client = client_of(ben)
    assert "session_days" not in client.get("/settings/house/").text
    client.post("/settings/house/", GOOD | {"mfa_required": "on", "sso_required": "on"})
    house = House.current()
    assert (house.sender_name, house.mfa_required, house.sso_required, house.session_days) == ("Acme", False, False, 14)


@pytest.mark.parametrize("who", ["ben", "vic"])
def test_others_do_not_see_the_page(client_of: ClientOf, request: pytest.FixtureRequest, who: str) -> None:
    client = client_of(request.getfixturevalue(who))
    assert client.get("/settings/house/").status_code == 403
    assert client.post("/settings/house/", GOOD).status_code == 403
    assert not House.objects.exists()


def test_nobody_locks_themselves_out(client_of: ClientOf, ann: User) -> None:
    for policy in ("mfa_required", "sso_required"):
        answer = client_of(ann).post("/settings/house/", GOOD | {policy: "on"})
        assert answer.status_code == 422
        assert not House.objects.exists()
    Authenticator.objects.create(user=ann, type=Authenticator.Type.TOTP, data={"secret": "sealed"})
    assert client_of(ann).post("/settings/house/", GOOD | {"mfa_required": "on"}).status_code == 302
    assert House.current().mfa_required


def test_the_service_refuses_too(ann: User) -> None:
    with pytest.raises(PolicyError):
        change_house(by=ann, mfa_required=True)
    assert not House.objects.exists()


def test_forms_suggest_what_the_house_decided(client_of: ClientOf, ann: User) -> None:
    client = client_of(ann)
    shared = "checked"
    assert shared in client.get("/portfolios/new/").text
    change_house(by=ann, shares_by_default=False)
    assert shared not in client.get("/portfolios/new/").text
    assert shared not in client.get("/watchlists/new/").text


def test_the_logo_is_on_the_statement(ann: User, books: None) -> None:
    from apps.portfolio.models import Portfolio
    from apps.reports.services import request_report

    report = request_report(portfolio=Portfolio.objects.filter(shared=True)[0], by=ann)
    assert pdf.context(documents.statement(report))["logo"] == ""
    change_house(by=ann, logo=picture())
    forget_surroundings()
    assert pdf.context(documents.statement(report))["logo"].startswith("data:image/png;base64,")


def test_members_are_told_whom_to_ask_where_something_is_refused(client_of: ClientOf, vic: User) -> None:
    House.objects.create(contact="Ann, room 4")
    forget_surroundings()
    answer = client_of(vic).get("/settings/house/")
    assert (answer.status_code, "Ann, room 4" in answer.text) == (403, True)


def test_strangers_are_not_told_it(anonymous: Client) -> None:
    """Who guesses an invitation's link was invited by nobody."""
    House.objects.create(contact="Ann, room 4")
    forget_surroundings()
    answer = anonymous.get("/invitations/accept/?token=guessed")
    assert (answer.status_code, "Ann, room 4" in answer.text) == (404, False)
