"""What a stranger types to found an organization."""

from typing import Any

from django import forms
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.utils import timezone

from apps.accounts.models import User
from apps.tenants.models import Domain, Organization, RestingName, validate_visible

FIELDS = {
    "name": {"autocomplete": "organization"},
    "subdomain": {"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"},
    "owner_name": {"autocomplete": "name"},
    "email": {"autocomplete": "email"},
    "password": {"autocomplete": "new-password"},
}


def visible_line(text: str) -> str:
    """One line in which everything can be seen: no control character, nothing that turns text around."""
    line = " ".join(text.split())
    validate_visible(line)
    return line


class PlaceForm(forms.ModelForm[Organization]):
    """A name and a subdomain that nobody has."""

    class Meta:
        model = Organization
        fields = ("name", "subdomain")
        labels = {"name": "Organization", "subdomain": "Subdomain"}
        help_texts = {"subdomain": "Where your team signs in. Lower-case letters, digits and hyphens."}
        error_messages = {
            "name": {"unique": "An organization has this name."},
            "subdomain": {"unique": "This subdomain is taken. Choose another one."},
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"label_suffix": ""} | kwargs)
        for name, field in self.fields.items():
            field.widget.attrs |= FIELDS[name]

    def clean_name(self) -> str:
        """Compared without regard to case, as the database does."""
        name = visible_line(self.cleaned_data["name"])
        if Organization.objects.filter(name__iexact=name).exists():
            raise ValidationError("An organization has this name. Add what tells yours apart.", code="taken")
        return name

    def clean_subdomain(self) -> str:
        """`ACME` is acme; a name that was given back rests, and an earlier one leads on to somebody."""
        subdomain = str(self.cleaned_data["subdomain"]).strip().lower()
        rests = RestingName.objects.filter(subdomain=subdomain, until__gt=timezone.now())
        if rests.exists() or Domain.objects.filter(domain=Organization(subdomain=subdomain).host).exists():
            raise ValidationError("This subdomain is taken. Choose another one.", code="taken")
        return subdomain


class SignUpForm(PlaceForm):
    """A place, and its first person. Whether the e-mail is known anywhere is not looked at."""

    owner_name = forms.CharField(max_length=120, label="Your name")
    email = forms.EmailField(max_length=254, label="E-mail")
    password = forms.CharField(
        max_length=128, widget=forms.PasswordInput, strip=False, label="Password", help_text="At least 8 characters."
    )

    def clean_owner_name(self) -> str:
        """It stands in mail."""
        return visible_line(self.cleaned_data["owner_name"])

    def clean_email(self) -> str:
        """As it is kept."""
        return str(self.cleaned_data["email"]).lower()

    def clean(self) -> dict[str, Any]:
        """The password is held against the person it is for."""
        given: dict[str, Any] = super().clean() or self.cleaned_data
        if password := given.get("password"):
            person = User(email=given.get("email", ""), name=given.get("owner_name", ""))
            try:
                validate_password(password, person)
            except ValidationError as error:
                self.add_error("password", error)
        return given
