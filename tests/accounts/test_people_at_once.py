"""Two owners demote each other, and twenty people open one link, at the same moment: threads on committed rows."""

import os
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from threading import Barrier

import psycopg
import pytest
from django.db import connection, connections, transaction
from django_tenants.utils import tenant_context
from psycopg import sql
from psycopg.conninfo import make_conninfo

from apps.accounts.errors import InvitationError, LastOwnerError, MemberError, RoleTooLowError
from apps.accounts.models import User
from apps.accounts.permissions import Role
from apps.accounts.services import accept_invitation, add_member, change_role, invite, remove_member
from apps.portfolio.services import create_portfolio, create_watchlist
from apps.tenants.models import Organization
from tests.accounts.test_invitations import PASSWORD, token_of

ROUNDS = 12
PATIENCE = 30
TWENTY = 20
type Act = Callable[[User, User], object]


@pytest.fixture
def globex_is_put_back(committed: None, database: str, globex: Organization) -> Iterator[None]:
    """By the owner of the database: the application may not delete from the log."""
    yield
    connections.close_all()
    with psycopg.connect(make_conninfo(os.environ["OWNER_DATABASE_URL"], dbname=database)) as owner:
        for table in ("accounts_invitation", "accounts_outgoingmail", "accounts_auditentry", "account_emailaddress"):
            owner.execute(sql.SQL("TRUNCATE {} CASCADE").format(sql.Identifier(globex.schema_name, table)))
        people = sql.Identifier(globex.schema_name, "accounts_user")
        owner.execute(sql.SQL("DELETE FROM {} WHERE email LIKE 'new%'").format(people))


def at_once(globex: Organization, acts: list[Callable[[], object]]) -> list[object]:
    """Each in a thread with a connection of its own; an act's refusal is its outcome."""
    start = Barrier(len(acts))

    def run(act: Callable[[], object]) -> object:
        try:
            with tenant_context(globex):
                start.wait()
                return act()
        except (InvitationError, LastOwnerError, MemberError, RoleTooLowError) as refusal:
            return refusal
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(acts)) as threads:
        return list(threads.map(run, acts))


def _demote(other: User, by: User) -> object:
    return change_role(member=other, role=Role.VIEWER, by=by)


def _remove(other: User, by: User) -> object:
    return remove_member(member=other, by=by)


def _step_down(other: User, by: User) -> object:
    return change_role(member=by, role=Role.VIEWER, by=by)


@pytest.mark.parametrize("act", [_demote, _remove, _step_down])
def test_one_owner_is_always_left(globex_is_put_back: None, globex: Organization, eve: User, act: Act) -> None:
    with tenant_context(globex):
        other = add_member(email="new-owner@globex.test", name="New", role=Role.OWNER)
        owners = User.objects.filter(role=Role.OWNER, is_active=True)
        for _ in range(ROUNDS):
            outcomes = at_once(globex, [lambda: act(other, eve), lambda: act(eve, other)])
            assert owners.count() == 1
            assert sum(isinstance(outcome, User) for outcome in outcomes) == 1
            User.objects.filter(pk__in=[eve.pk, other.pk]).update(
                role=Role.OWNER, is_active=True, password=eve.password
            )


def test_twenty_who_open_one_link_are_one_member(globex_is_put_back: None, globex: Organization, eve: User) -> None:
    with tenant_context(globex):
        invited = invite(organization=globex, email="new@globex.test", role=Role.VIEWER, by=eve)
        token = token_of(invited.mail)

        def accept() -> object:
            return accept_invitation(organization=globex, token=token, name="New", password=PASSWORD)

        outcomes = at_once(globex, [accept] * TWENTY)
        assert sum(isinstance(outcome, User) for outcome in outcomes) == 1
        assert {outcome.reason for outcome in outcomes if isinstance(outcome, InvitationError)} == {"used"}
        assert User.objects.filter(email="new@globex.test").count() == 1


def test_two_invitations_of_one_e_mail_leave_one_open(
    globex_is_put_back: None, globex: Organization, eve: User
) -> None:
    with tenant_context(globex):
        send = [lambda: invite(organization=globex, email="new@globex.test", role=Role.VIEWER, by=eve)] * 5
        invited = at_once(globex, send)  # type: ignore[arg-type]
        links = [token_of(one.mail) for one in invited]  # type: ignore[attr-defined]

        def accept(token: str) -> object:
            return accept_invitation(organization=globex, token=token, name="New", password=PASSWORD)

        outcomes = [outcome for token in links for outcome in at_once(globex, [partial(accept, token)])]
        assert sum(isinstance(outcome, User) for outcome in outcomes) == 1
        reasons = {outcome.reason for outcome in outcomes if isinstance(outcome, InvitationError)}
        assert reasons <= {"revoked", "used"}


def _somebody_waits() -> bool:
    """For a lock that another transaction holds."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted)")
        return bool(cursor.fetchone()[0])


@pytest.mark.parametrize("make", [create_portfolio, create_watchlist])
def test_what_is_made_while_its_owner_is_removed_is_refused(
    globex_is_put_back: None, globex: Organization, make: Callable[..., object]
) -> None:
    """The removal is done and not committed: nobody counted what comes after."""
    with tenant_context(globex), ThreadPoolExecutor(1) as thread:
        eve = User.objects.get(email="eve@globex.test")
        leaver = add_member(email="new-leaver@globex.test", name="Lea", role=Role.ANALYST)
        with transaction.atomic():
            remove_member(member=leaver, by=eve)
            made = thread.submit(at_once, globex, [partial(make, name="Late", owner=leaver)])
            limit = time.monotonic() + PATIENCE
            while not (made.done() or _somebody_waits()):
                assert time.monotonic() < limit, "It neither waited nor came to an end."
                time.sleep(0.02)
        assert isinstance(made.result()[0], MemberError)
