"""What operators type about organizations."""

from typing import Any
from zoneinfo import available_timezones

from django import forms
from django.core.validators import validate_email

from apps.tenants.models import Organization, Quota


class ProvisionForm(forms.ModelForm[Organization]):
    """A name, a place and the first person."""

    owner_email = forms.EmailField(label="Owner's e-mail", validators=[validate_email])
    owner_name = forms.CharField(label="Owner's name", max_length=120)
    password = forms.CharField(label="First password", widget=forms.PasswordInput, min_length=8)

    class Meta:
        model = Organization
        fields = ("name", "subdomain")


class StepForm(forms.Form):
    """A step that is only confirmed; the others add what they need to know of an organization."""

    def __init__(self, *args: Any, organization: Organization, **kwargs: Any) -> None:
        self.organization = organization
        super().__init__(*args, **kwargs)


class SuspendForm(StepForm):
    """The reason stays among operators."""

    reason = forms.CharField(max_length=200, help_text="For operators; it stays in the log, so name no person.")


class CloseForm(StepForm):
    """The subdomain is typed, so that nobody closes the wrong one."""

    subdomain = forms.CharField(
        max_length=30, label="Type its subdomain", widget=forms.TextInput({"autocomplete": "off"})
    )
    days = forms.IntegerField(min_value=1, max_value=90, initial=7, label="Days until it is dropped")

    def clean_subdomain(self) -> str:
        """Exactly as it is written above the form."""
        typed = str(self.cleaned_data["subdomain"])
        if typed != self.organization.subdomain:
            raise forms.ValidationError(f"Type {self.organization.subdomain}: nothing was changed.", code="other")
        return typed


class SubdomainForm(StepForm):
    """Where it moves; what a subdomain may be is the service's question."""

    subdomain = forms.CharField(max_length=60, label="New subdomain", widget=forms.TextInput({"autocomplete": "off"}))


class DomainForm(StepForm):
    """A domain of the customer's own."""

    domain = forms.CharField(
        max_length=253, label="Host name", widget=forms.TextInput({"placeholder": "portal.firm.com"})
    )


class RemoveDomainForm(StepForm):
    """One of its further hosts."""

    domain = forms.ChoiceField(label="Host name")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        hosts = self.organization.domains.filter(is_primary=False).order_by("domain")
        field: Any = self.fields["domain"]
        field.choices = [(host.domain, host.domain) for host in hosts]


class ParticularsForm(StepForm):
    """Name and time zone."""

    name = forms.CharField(max_length=120)
    timezone = forms.ChoiceField(choices=[(zone, zone) for zone in sorted(available_timezones())], label="Time zone")

    def __init__(self, *args: Any, organization: Organization, **kwargs: Any) -> None:
        initial = {"name": organization.name, "timezone": organization.timezone}
        super().__init__(*args, organization=organization, initial=initial, **kwargs)


class QuotaForm(StepForm):
    """How much it may keep."""

    def __init__(self, *args: Any, organization: Organization, **kwargs: Any) -> None:
        super().__init__(*args, organization=organization, **kwargs)
        known = forms.fields_for_model(Quota, exclude=["organization"])
        for kind, field in known.items():
            field.initial = getattr(organization.quota, kind)
            self.fields[kind] = field
        self.fields["storage_mb"].label = "Storage, MB"
