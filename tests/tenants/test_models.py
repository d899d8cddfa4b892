"""A row of an organization is written nowhere else."""

import pytest
from django_tenants.utils import tenant_context

from apps.accounts.models import User
from apps.tenants.models import Organization, WrongSchemaError

pytestmark = pytest.mark.django_db


def test_saving_in_another_organization_is_refused(ann: User, globex: Organization) -> None:
    ann.name = "Ann of globex"
    with tenant_context(globex), pytest.raises(WrongSchemaError):
        ann.save()


def test_deleting_in_another_organization_is_refused(ann: User, globex: Organization) -> None:
    with tenant_context(globex), pytest.raises(WrongSchemaError):
        ann.delete()


def test_many_at_once_are_refused_in_another_organization(ann: User, globex: Organization) -> None:
    """Also where an equal key would be overwritten; at home the same call works."""
    with tenant_context(globex):
        User(pk=ann.pk, email="twin@globex.test", name="Twin").save(force_insert=True)
    ann.name = "Ann of globex"
    for write in (lambda: User.objects.bulk_update([ann], ["name"]), lambda: User.objects.bulk_create([ann])):
        with tenant_context(globex), pytest.raises(WrongSchemaError):
            write()
    with tenant_context(globex):
        assert User.objects.get(pk=ann.pk).name == "Twin"
    assert User.objects.bulk_update([ann], ["name"]) == 1


def test_an_update_writes_where_it_is_executed_and_nowhere_else(ann: User, globex: Organization) -> None:
    """A query that was made at acme finds nothing of acme's at globex: keys are nobody else's."""
    at_home = User.objects.filter(pk=ann.pk)
    with tenant_context(globex):
        assert at_home.update(name="Written at globex") == 0
        assert not User.objects.filter(name="Written at globex").exists()
    assert at_home.update(name="Written at home") == 1


def test_saving_at_home_works(ann: User, acme: Organization) -> None:
    ann.name = "Ann the First"
    with tenant_context(acme):
        ann.save()
        assert User.objects.get(pk=ann.pk).name == "Ann the First"


def test_an_equal_key_elsewhere_stays_as_it_is(ann: User, acme: Organization, globex: Organization) -> None:
    """The same key in both schemas: saving acme's row leaves globex's alone."""
    with tenant_context(globex):
        twin = User(pk=ann.pk, email="twin@globex.test", name="Twin")
        twin.set_password(None)
        twin.save()
    ann.name = "Ann again"
    ann.save()
    with tenant_context(globex):
        assert User.objects.get(pk=ann.pk).name == "Twin"
