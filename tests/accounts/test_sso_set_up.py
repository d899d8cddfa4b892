"""An owner sets single sign-on up: what the form takes, what it refuses, and that it never shows the secret."""

from http import HTTPStatus

import pytest
from django.conf import LazySettings

from apps.accounts.models import Act, AuditEntry, SignInProvider, User
from apps.accounts.services import secret_of
from tests.conftest import ClientOf

pytestmark = pytest.mark.django_db
SETTINGS = "/settings/sso/"

FORM = {"name": "Firm", "issuer_url": "https://id.firm.test", "client_id": "acme", "secret": "s3cret",
        "default_role": "viewer", "email_domains": "Firm.test, @firm.co", "is_active": "on"}  # fmt: skip


def test_an_owner_sets_it_up_and_the_secret_is_never_shown(client_of: ClientOf, ann: User) -> None:
    client = client_of(ann)
    assert client.post(SETTINGS, FORM).headers["Location"] == SETTINGS
    row = SignInProvider.objects.get()
    assert (row.email_domains, secret_of(row)) == ("firm.test, firm.co", "s3cret")
    assert "s3cret" not in row.client_secret
    assert "s3cret" not in client.get(SETTINGS).text
    client.post(SETTINGS, FORM | {"secret": "", "name": "Other"})
    assert secret_of(SignInProvider.objects.get()) == "s3cret"
    assert AuditEntry.objects.filter(act=Act.SSO_CHANGED).count() == 2


def test_another_issuer_needs_its_secret_and_forgets_who_was_linked(client_of: ClientOf, ann: User) -> None:
    client = client_of(ann)
    client.post(SETTINGS, FORM)
    before = SignInProvider.objects.get().pk
    assert client.post(SETTINGS, FORM | {"secret": "", "issuer_url": "https://other.test"}).status_code == 422
    client.post(SETTINGS, FORM | {"issuer_url": "https://other.test"})
    assert SignInProvider.objects.get().pk != before


@pytest.mark.parametrize(
    "change",
    [
        {"issuer_url": "http://id.firm.test"},
        {"issuer_url": "https://a:b@id.test"},
        {"default_role": "owner"},
        {"default_role": "admin"},
        {"email_domains": "firm test"},
        {"issuer_url": "file:///etc/passwd"},
    ],
)
def test_what_must_not_be_set_up_is_refused(
    settings: LazySettings, client_of: ClientOf, ann: User, change: dict[str, str]
) -> None:
    settings.SSO_ALLOW_PRIVATE = False
    assert client_of(ann).post(SETTINGS, FORM | change).status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert not SignInProvider.objects.exists()


def test_only_owners_set_it_up(client_of: ClientOf, ben: User) -> None:
    assert client_of(ben).post(SETTINGS, FORM).status_code == HTTPStatus.FORBIDDEN
