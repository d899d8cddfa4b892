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
