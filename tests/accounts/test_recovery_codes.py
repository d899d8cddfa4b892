"""A recovery code that is used is one fewer, is written down, and its owner hears of it."""

from datetime import UTC, datetime

import pytest
import time_machine
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP
from django.test import Client

from apps.accounts.models import Act, AuditEntry, OutgoingMail, User
from tests.accounts.codes import code_of
from tests.conftest import ClientOf

pytestmark = pytest.mark.django_db
PASSWORD, SECRET = "demo-please-change", "JBSWY3DPEHPK3PXP"
SECOND_STEP, AGAIN = "/accounts/login/code/", "/accounts/reauthenticate/code/"


@pytest.fixture
def codes(ben: User) -> list[str]:
    """Ben's; he has an authenticator app, too."""
    TOTP.activate(ben, SECRET)
    codes: list[str] = RecoveryCodes.activate(ben).get_unused_codes()
    return codes


def _half_way(client: Client, ben: User) -> Client:
    client.post("/accounts/login/", {"login": ben.email, "password": PASSWORD})
    return client


def test_a_code_at_sign_in(anonymous: Client, ben: User, codes: list[str]) -> None:
    client = _half_way(anonymous, ben)
    assert client.post(SECOND_STEP, {"code": "nonsense"}).status_code == 422
    assert not AuditEntry.objects.filter(act=Act.RECOVERY_CODE_USED).exists()
    assert client.post(SECOND_STEP, {"code": codes[0]}).headers["Location"] == "/"
    entry = AuditEntry.objects.get(act=Act.RECOVERY_CODE_USED)
    assert (entry.by_id, entry.subject_id, entry.details) == (ben.pk, ben.pk, {"left": len(codes) - 1})
    assert OutgoingMail.objects.get(kind="notice").to == ben.email


def test_a_code_when_asked_again(client_of: ClientOf, ben: User, codes: list[str]) -> None:
    assert client_of(ben).post(AGAIN, {"code": codes[0]}).status_code == 302
    assert AuditEntry.objects.get(act=Act.RECOVERY_CODE_USED).by_id == ben.pk
    codes_left = Authenticator.objects.get(user=ben, type=Authenticator.Type.RECOVERY_CODES)
    assert codes[0] not in codes_left.wrap().get_unused_codes()


def test_a_code_of_the_app_is_none_of_them(anonymous: Client, ben: User, codes: list[str]) -> None:
    assert _half_way(anonymous, ben).post(SECOND_STEP, {"code": code_of(SECRET)}).headers["Location"] == "/"
    assert not AuditEntry.objects.filter(act=Act.RECOVERY_CODE_USED).exists()


def test_a_code_of_the_app_is_taken_once(anonymous: Client, ben: User, codes: list[str]) -> None:
    with time_machine.travel(datetime.now(UTC), tick=False):
        code = code_of(SECRET)
        client = _half_way(anonymous, ben)
        assert client.post(SECOND_STEP, {"code": code}).headers["Location"] == "/"
        client.post("/accounts/logout/")
        assert _half_way(client, ben).post(SECOND_STEP, {"code": code}).status_code == 422


def test_a_recovery_code_is_taken_once(anonymous: Client, ben: User, codes: list[str]) -> None:
    client = _half_way(anonymous, ben)
    assert client.post(SECOND_STEP, {"code": codes[0]}).headers["Location"] == "/"
    client.post("/accounts/logout/")
    assert _half_way(client, ben).post(SECOND_STEP, {"code": codes[0]}).status_code == 422
