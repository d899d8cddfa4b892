"""One real database a run: made by its owner, used through the application's login, two organizations committed."""

import os
import time
from collections.abc import Callable, Iterator
from io import StringIO
from pathlib import Path
from typing import Any, cast
from uuid import uuid4

import dramatiq
import hypothesis
import pytest
import redis
from allauth.account.authentication import AUTHENTICATION_METHODS_SESSION_KEY
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.core.cache import caches
from django.core.management import call_command
from django.db import connections
from django.test import Client
from django.test.utils import setup_test_environment, teardown_test_environment
from django_tenants.utils import schema_context, tenant_context
from psycopg.conninfo import conninfo_to_dict

from apps.accounts.models import User
from apps.accounts.services import forget_surroundings
from apps.market.models import Instrument, finding
from apps.market.templatetags.market import forget_clock
from apps.tenants.backend.connections import connection
from apps.tenants.middleware import forget_hosts
from apps.tenants.models import Organization
from deploy.local.background import own_database

hypothesis.settings.register_profile("suite", deadline=None)  # behaviour, never a wall-clock time
hypothesis.settings.load_profile("suite")

READY_SCHEMAS = 5  # acme, globex, the twins of tests/contracts, and one to be claimed
SYMBOLS = ("AAPL", "MSFT", "GOOG", "IBM", "FB")  # of data/replay

type ClientOf = Callable[[User], Client]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Contracts come late, for they commit books that other tests do not know of; browser journeys come last:
    Playwright keeps an event loop running in the thread it was started from."""
    items.sort(key=lambda item: ("browser" in item.path.parts, "contracts" in item.path.parts))


@pytest.fixture(scope="session")
def django_test_environment() -> Iterator[None]:
    """Django's own, with DEBUG off and plain file names in static addresses."""
    setup_test_environment(debug=False)
    yield
    teardown_test_environment()


@pytest.fixture(scope="session")
def database(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A database of this run's (and this xdist worker's) own; its roles go with it.

    TEST_DATABASE names one that is used as it is where it is migrated already, and kept.
    """
    kept = os.environ.get("TEST_DATABASE")
    name = kept or f"test_{os.environ.get('PYTEST_XDIST_WORKER', 'main')}_{os.getpid()}"
    _use_folders(tmp_path_factory.mktemp("files"))
    broker = cast(Any, dramatiq.get_broker())
    broker.namespace = name  # nobody else's worker takes what a test sends
    for alias in settings.CACHES:
        settings.CACHES[alias]["KEY_PREFIX"] = name
    with own_database(name, os.environ, keep=bool(kept)) as urls:
        _assert_own_server(urls["POSTGRES_SYSTEM_ID"])
        yield name
        broker.flush_all()


def _assert_own_server(identifier: str) -> None:
    """A port may belong to somebody else: `make test` says which server it started."""
    assert os.environ.get("POSTGRES_SYSTEM_ID", identifier) == identifier, "This is not the server that we started."


def _use_folders(folder: Path) -> None:
    for name in ("media", "static", "mail", "archives"):
        (folder / name).mkdir()
    settings.MEDIA_ROOT, settings.STATIC_ROOT = folder / "media", folder / "static"
    settings.MAIL_DIR, settings.ARCHIVE_DIR = folder / "mail", folder / "archives"
    settings.STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}


@pytest.fixture(scope="session")
def django_db_setup(database: str, django_test_environment: None, django_db_blocker: Any) -> Iterator[None]:
    """Migrates as the owner, then every query of a test runs as the application does."""
    with django_db_blocker.unblock():
        _log_in(conninfo_to_dict(os.environ["OWNER_DATABASE_URL"]), database, role_prefix="")
        is_filled = "market_instrument" in connection.introspection.table_names()
        if not is_filled:
            call_command("migrate_schemas", verbosity=0, interactive=False)
            call_command("prepare_schemas", count=READY_SCHEMAS, verbosity=0)
        _log_in(conninfo_to_dict(settings.APP_DATABASE_URL), database, role_prefix="{database}_")
        settings.STARTER_SYMBOLS = list(SYMBOLS)
        for command in () if is_filled else ("import_reference", "load_history", "demo_organizations"):
            call_command(command, stdout=StringIO())
    yield
    with django_db_blocker.unblock():
        connections.close_all()


def _log_in(login: Any, database: str, *, role_prefix: str) -> None:
    """The one alias with another login (every thread's connection is made from these settings)."""
    connection.close()
    connection.settings_dict.update(
        NAME=database,
        USER=login.get("user", ""),
        PASSWORD=login.get("password", ""),
        HOST=login.get("host", ""),
        PORT=str(login.get("port", "")),
        ROLE_PREFIX=role_prefix,
    )
    connection.set_schema_to_public()


@pytest.fixture(autouse=True)
def _at_acme(request: pytest.FixtureRequest) -> Iterator[None]:
    """Tests with a database work at acme unless they open another organization."""
    if not {"db", "committed"} & set(request.fixturenames) and not request.node.get_closest_marker("django_db"):
        yield
        return
    request.getfixturevalue("committed" if "committed" in request.fixturenames else "_django_db_helper")
    forget_hosts()
    forget_clock()
    finding.forget()
    forget_surroundings()
    for alias in ("default", "public"):
        caches[alias].key_prefix = uuid4().hex  # no test inherits another's rate limits
    with tenant_context(organization_named("acme")):
        yield
    connection.set_schema_to_public()
    forget_hosts()


@pytest.fixture
def committed(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """No transaction around the test: for threads, sockets and workers. Such a test clears up after itself."""
    with django_db_blocker.unblock():
        yield
        connections.close_all()


def organization_named(subdomain: str) -> Organization:
    """Of those committed once a session."""
    with schema_context("public"):
        organization: Organization = Organization.objects.get(subdomain=subdomain)
    return organization


def member(email: str) -> User:
    """A person at the organization that the e-mail names."""
    with tenant_context(organization_named(email.partition("@")[2].partition(".")[0])):
        return User.objects.get(email=email)


@pytest.fixture
def acme(_at_acme: None) -> Organization:
    return organization_named("acme")


@pytest.fixture
def globex(_at_acme: None) -> Organization:
    return organization_named("globex")


@pytest.fixture
def ann(_at_acme: None) -> User:
    """Owner of acme."""
    return member("ann@acme.test")


@pytest.fixture
def ben(_at_acme: None) -> User:
    """Analyst at acme."""
    return member("ben@acme.test")


@pytest.fixture
def vic(_at_acme: None) -> User:
    """Viewer at acme."""
    return member("vic@acme.test")


@pytest.fixture
def vic_without_amounts(vic: User) -> User:
    """Sees weights and percentages only."""
    vic.sees_amounts = False
    vic.save(update_fields=["sees_amounts"])
    return vic


@pytest.fixture
def eve(_at_acme: None) -> User:
    """Owner of globex."""
    return member("eve@globex.test")


@pytest.fixture
def client_of(_at_acme: None) -> ClientOf:
    """A browser at the host of the person's organization, signed in."""
    return signed_in


def signed_in(user: User) -> Client:
    """Signed in as `user` where the user lives, a moment ago."""
    with schema_context("public"):
        organization = Organization.objects.get(schema_name=user._schema)
    client = Client(HTTP_HOST=organization.host)
    with tenant_context(organization):
        _enter(client, user)
    return client


def _enter(client: Client, user: User) -> None:
    client.force_login(user)
    session = client.session
    session[AUTHENTICATION_METHODS_SESSION_KEY] = [{"method": "password", "at": time.time()}]
    session[f"{AUTHENTICATION_METHODS_SESSION_KEY}_user"] = str(user.pk)
    session.save()


@pytest.fixture
def operator(_at_acme: None) -> User:
    """Platform staff with a second factor (what signs in on the public host)."""
    with schema_context("public"):
        olga = User.objects.get(email="op@stockintel.test")
        Authenticator.objects.get_or_create(user=olga, type=Authenticator.Type.TOTP, defaults={"data": {}})
    return olga


@pytest.fixture
def operator_client(operator: User) -> Client:
    """A browser at the public host, signed in as the operator a moment ago."""
    client = Client(HTTP_HOST=settings.BASE_DOMAIN)
    with schema_context("public"):
        _enter(client, operator)
    return client


@pytest.fixture
def broker_away(_at_acme: None) -> Iterator[None]:
    """Whoever sends a job finds nobody at the broker's address."""
    broker = cast(Any, dramatiq.get_broker())
    script, here = broker.scripts["dispatch"], broker.client
    broker.client = script.registered_client = redis.Redis.from_url("redis://127.0.0.1:1")
    yield
    broker.client = script.registered_client = here


@pytest.fixture
def anonymous(acme: Organization) -> Client:
    """A browser at acme's host that nobody signed in with."""
    return Client(HTTP_HOST=acme.host)


@pytest.fixture
def apple(_at_acme: None) -> Instrument:
    return Instrument.objects.get(symbol="AAPL")


@pytest.fixture
def books(_at_acme: None) -> None:
    """Watchlists, dashboards and portfolios in both organizations, by the demo's own command."""
    call_command("seed_demo_books", stdout=StringIO())
