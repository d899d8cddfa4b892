"""What an operator types wrongly at the terminal: one line that says why, and nothing done."""

import sys
from collections.abc import Iterator
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django_tenants.utils import schema_context

from apps.tenants.models import Organization, Standing
from tests.conftest import organization_named

pytestmark = pytest.mark.django_db
FOUNDING = ("create_organization", "Initech", "--subdomain", "initech", "--owner", "bill@initech.test")


@pytest.mark.parametrize("more", [("--owner-name", "x" * 121), ("--owner", "x" * 250 + "@a.co"), ("--password", "x")])
def test_an_owner_who_cannot_be_stored_founds_nothing(more: tuple[str, str]) -> None:
    with pytest.raises(CommandError, match=r"^[^\n]+$"):
        call_command(*FOUNDING, *more)
    with schema_context("public"):
        assert not Organization.objects.filter(subdomain="initech").exists()
    call_command(*FOUNDING, stdout=StringIO())


@pytest.fixture
def no_terminal() -> Iterator[None]:
    """As in a cron job."""
    before, sys.stdin = sys.stdin, StringIO("")
    yield
    sys.stdin = before


@pytest.mark.usefixtures("no_terminal")
def test_a_question_that_nobody_can_answer_changes_nothing() -> None:
    with pytest.raises(CommandError, match="--yes"):
        call_command("suspend_organization", "acme", "--reason", "Invoice 17")
    assert organization_named("acme").standing == Standing.ACTIVE


@pytest.mark.parametrize(
    "command",
    [
        ("prepare_schemas", "--count", "-3"),
        ("prepare_schemas", "--count", "1000000"),
        ("migrate_fleet", "--workers", "0"),
        ("migrate_fleet", "--workers", "999"),
        ("migrate_fleet", "--lock-timeout", "-5"),
    ],
)
def test_an_impossible_number_is_refused(command: tuple[str, ...]) -> None:
    with pytest.raises(CommandError, match="from"):
        call_command(*command)


@pytest.mark.parametrize("command", ["prepare_schemas", "migrate_fleet", "migrate_schemas", "migrate"])
def test_what_needs_the_owners_login_says_so(command: str) -> None:
    with pytest.raises(CommandError, match="DB_LOGIN=owner"):
        call_command(command)
