"""What an operator may do to an organization: each step is a page that says what happens, and a button."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from apps.tenants import forms, services
from apps.tenants.models import Organization, Standing
from apps.tenants.services.audit import Operator
from apps.tenants.services.particulars import change_organization
from apps.tenants.services.quotas import change_quota

type Deed = Callable[[Organization, Mapping[str, Any], Operator, str], object]
EVERY: Final = frozenset(Standing)


@dataclass(frozen=True, slots=True)
class Step:
    """`says` is read before the button is pressed; `of` are the standings in which it is offered."""

    title: str
    says: str
    form: type[forms.StepForm]
    do: Deed
    of: frozenset[Standing] = EVERY
    of_further_hosts: bool = False  # where there is none, there is nothing to do
    ends_sockets: bool = False
    asks_again: bool = False
    saves: bool = False  # its title is no verb

    def is_offered_to(self, organization: Organization) -> bool:
        """Whether it can be done now."""
        if organization.standing not in self.of:
            return False
        return not self.of_further_hosts or bool(organization.domains.filter(is_primary=False).exists())


def _close(organization: Organization, said: Mapping[str, Any], by: Operator, address: str) -> object:
    delay = timedelta(days=said["days"])
    return services.close_organization(organization=organization, by=by, delay=delay, address=address)


def _with(service: Callable[..., object]) -> Deed:
    """The service with the form's fields as its arguments."""
    return lambda organization, said, by, address: service(organization=organization, by=by, address=address, **said)


def _quota(organization: Organization, said: Mapping[str, Any], by: Operator, address: str) -> object:
    return change_quota(organization=organization, limits=dict(said), by=by, address=address)


STEPS: Final[dict[str, Step]] = {
    "suspend": Step(
        "Suspend",
        "Within five seconds nobody can work there: pages say whom to ask, open pages are closed, jobs and reports "
        "wait. Nothing is lost.",
        forms.SuspendForm,
        _with(services.suspend_organization),
        frozenset({Standing.ACTIVE}),
        ends_sockets=True,
    ),
    "resume": Step(
        "Resume",
        "Its people work again, still signed in; what waited is sent again.",
        forms.StepForm,
        _with(services.resume_organization),
        frozenset({Standing.SUSPENDED}),
    ),
    "close": Step(
        "Close",
        "As suspended; when the days have passed, its data, files and hosts are deleted for good and its subdomain "
        "rests for 30 days. Until then closing can be cancelled. Export it first if the customer wants its data.",
        forms.CloseForm,
        _close,
        frozenset({Standing.ACTIVE, Standing.SUSPENDED}),
        ends_sockets=True,
        asks_again=True,
    ),
    "reopen": Step(
        "Cancel closing",
        "It is not deleted, and its people work again at once.",
        forms.StepForm,
        _with(services.reopen_organization),
        frozenset({Standing.CLOSING}),
    ),
    "rename": Step(
        "Change subdomain",
        "Its pages move. The old host leads on to the new one until it is removed, and nobody else can take it. "
        "People sign in anew at the new host; passkeys belong to a host and are added again there.",
        forms.SubdomainForm,
        _with(services.rename_subdomain),
    ),
    "add-domain": Step(
        "Add a domain",
        "The same pages under a name of the customer's own, beside the subdomain. Its DNS record and its "
        "certificate are yours to set up.",
        forms.DomainForm,
        _with(services.add_domain),
    ),
    "remove-domain": Step(
        "Remove a host",
        "It leads nowhere from now on. A subdomain of this installation rests for 30 days.",
        forms.RemoveDomainForm,
        _with(services.remove_domain),
        of_further_hosts=True,
    ),
    "quotas": Step(
        "Quotas", "What is kept already stays, even above a new limit.", forms.QuotaForm, _quota, saves=True
    ),
    "particulars": Step(
        "Name and time zone",
        "Members see the name at once.",
        forms.ParticularsForm,
        _with(change_organization),
        saves=True,
    ),
}
