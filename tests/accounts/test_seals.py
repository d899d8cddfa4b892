"""Secrets that must be read again lie sealed: a copy of the tables shows none, and nobody next door can use one."""

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.db import connection, models
from django_tenants.utils import tenant_context

from apps.accounts.models import SignInProvider, User
from apps.accounts.permissions import Role
from apps.accounts.services import save_provider, secret_of
from apps.tenants.models import Organization
from tests.accounts.codes import code_of

pytestmark = pytest.mark.django_db


def _dumped(model: type[models.Model]) -> str:
    """Every column of every row, as a thief of a backup would read them."""
    table = model._meta.db_table
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {table}::text FROM {table}")
        return str(cursor.fetchall())


def test_a_copy_of_the_table_shows_no_secret_of_a_second_factor(ben: User) -> None:
    secret = generate_totp_secret()
    app, codes = TOTP.activate(ben, secret), RecoveryCodes.activate(ben)
    dumped = _dumped(Authenticator)
    assert secret not in dumped
    assert [code for code in codes.get_unused_codes() if code in dumped] == []
    assert app.validate_code(code_of(secret))
    assert codes.validate_code(codes.get_unused_codes()[0])


def test_a_copy_of_the_table_shows_no_secret_of_a_provider(ann: User) -> None:
    row = save_provider(by=ann, secret="s3cret-of-the-firm", name="Firm", issuer_url="https://id.firm.test",
                        client_id="acme", default_role=Role.VIEWER, email_domains="", is_active=True)  # fmt: skip
    assert "s3cret-of-the-firm" not in _dumped(SignInProvider)
    assert secret_of(row) == "s3cret-of-the-firm"


def test_what_acme_sealed_globex_cannot_use(ben: User, globex: Organization) -> None:
    """The same person with the same key and the very same row of the factor is there, too."""
    secret = generate_totp_secret()
    app = TOTP.activate(ben, secret)
    with tenant_context(globex):
        twin = User(pk=ben.pk, email=ben.email, name=ben.name, password=ben.password)
        twin.save(force_insert=True)
        theirs = Authenticator.objects.create(user=twin, type=app.instance.type, data=app.instance.data)
        assert not TOTP(theirs).validate_code(code_of(secret))
    assert app.validate_code(code_of(secret))
