"""Every actor, command and kind of live topic: each has a case here, and one without fails the suite."""

from typing import Any

import dramatiq
import pytest
from django.apps import apps
from django.conf import settings
from django.core.management import CommandError, call_command, get_commands
from django.utils.module_loading import autodiscover_modules
from django_tenants.utils import tenant_context

from apps.tenants.backend.connections import connection
from apps.tenants.live.topics import PUBLIC_KINDS, allowed_topics, is_private, kind_of
from apps.tenants.models import OrganizationRow
from tests.contracts.declared import COMMANDS, ORGANIZATION_ACTORS
from tests.contracts.test_matrix import person
from tests.contracts.twins import NOT_COPIED, Twin, organization_models

pytestmark = pytest.mark.django_db
OURS = [config for config in apps.get_app_configs() if config.name.startswith("apps.")]


def declared_actors() -> dict[str, dramatiq.Actor[..., object]]:
    autodiscover_modules("actors")  # as the worker does
    broker = dramatiq.get_broker()
    return {name: broker.get_actor(name) for name in broker.get_declared_actors()}


def test_every_actor_is_declared_an_organizations_or_the_platforms() -> None:
    """An actor of the platform says so by its fixed schema; every other runs where it was sent from."""
    ours = {name: actor for name, actor in declared_actors().items() if actor.fn.__module__.startswith("apps.")}
    fixed = {name for name, actor in ours.items() if actor.options.get("schema") == "public"}
    assert set(ours) - fixed == ORGANIZATION_ACTORS


@pytest.mark.parametrize("name", sorted(ORGANIZATION_ACTORS))
def test_an_actor_is_never_sent_from_nowhere(name: str) -> None:
    connection.set_no_organization()
    with pytest.raises(Exception, match="sent from no organization"):
        declared_actors()[name].send("x")


def test_every_command_is_known() -> None:
    ours = {name for name, app in get_commands().items() if str(app).startswith("apps.")}
    assert ours == set(COMMANDS)


@pytest.mark.parametrize("name", [name for name, kind in COMMANDS.items() if kind == "organization"])
def test_a_command_of_an_organization_is_told_which(name: str) -> None:
    """There is no organization that it could fall back to."""
    with pytest.raises(CommandError):
        call_command(name)


def test_every_kind_of_live_topic_is_asked_who_may_hear_it(north: Twin, south: Twin) -> None:
    """With the same key next door: a member hears topics of the own organization only."""
    user = person(north, "owner")
    with tenant_context(north.organization):
        for kind in set(settings.LIVE_TOPICS) - PUBLIC_KINDS:
            mine, theirs = (topic_of(kind, twin, user) for twin in (north, south))
            assert (kind_of(mine), is_private(mine)) == (kind, True)
            assert allowed_topics(user, [mine, theirs]) == [mine]


def topic_of(kind: str, twin: Twin, user: Any) -> str:
    """A new kind of topic needs its form here."""
    from apps.portfolio.models import Portfolio

    schema = twin.organization.schema_name
    keys = {
        "exports": "exports",
        "user": f"user:{user.pk}",
        **{form: f"{Portfolio.objects.filter(shared=True)[0].pk}:{form}" for form in ("amounts", "weights")},
    }
    return f"{schema}:{keys[kind]}"


def test_every_row_of_an_organization_remembers_where_it_is_from() -> None:
    ours = [m for m in organization_models() if m.__module__.startswith("apps.") and not m._meta.auto_created]
    assert ours
    assert [model.__name__ for model in ours if not issubclass(model, OrganizationRow)] == []


def test_no_row_points_to_a_content_type() -> None:
    """Their numbers differ between organizations, and Django remembers them for the whole process."""
    models = [m for config in apps.get_app_configs() if config.label not in NOT_COPIED for m in config.get_models()]
    ours = [model for model in models if model.__module__.startswith("apps.")]
    pointing = [
        f.name for m in ours for f in m._meta.get_fields() if getattr(f.related_model, "__name__", "") == "ContentType"
    ]
    assert pointing == []
