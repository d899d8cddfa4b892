"""What owners and admins write about people; which role may be given is the services' question, too."""

from typing import Any

from django import forms
from django.contrib.auth.password_validation import password_validators_help_texts

from apps.accounts.forms.lines import validate_line
from apps.accounts.models import User
from apps.accounts.permissions import Role

NAME_LENGTH = 120


def roles_up_to(role: Role) -> list[tuple[str, str]]:
    """What somebody with this role may give."""
    return [(other.value, other.title()) for other in Role if role.reaches(other)]


class RoleForm(forms.Form):
    """A role at or below that of whoever gives it."""

    role = forms.TypedChoiceField(coerce=Role, label="Role")

    def __init__(self, *args: Any, by: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["role"].choices = roles_up_to(Role(by.role))  # type: ignore[attr-defined]


class InvitationForm(RoleForm):
    """Who is invited, to what."""

    email = forms.EmailField(max_length=254, label="E-mail")
    sees_amounts = forms.BooleanField(required=False, initial=True, label="Sees amounts")
    field_order = ("email", "role", "sees_amounts")

    def __init__(self, *args: Any, by: User, **kwargs: Any) -> None:
        super().__init__(*args, by=by, **kwargs)
        self.fields["role"].initial = Role.ANALYST
        if not by.sees_amounts:  # nobody shows what they do not see
            del self.fields["sees_amounts"]


class AmountsForm(forms.Form):
    """Amounts, or weights and percentages only."""

    sees_amounts = forms.TypedChoiceField(
        coerce=lambda value: value == "yes",
        choices=[("yes", "Amounts and quantities"), ("no", "Weights and percentages only")],
        label="Sees",
    )


class RemovalForm(forms.Form):
    """Who takes over what is the member's."""

    heir = forms.ModelChoiceField(
        User.objects.none(), required=False, label="Who takes them over", empty_label="Nobody"
    )

    def __init__(self, *args: Any, heirs: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["heir"].queryset = heirs  # type: ignore[attr-defined]


class AcceptForm(forms.Form):
    """Name and password: everything else was fixed by whoever invited."""

    name = forms.CharField(max_length=NAME_LENGTH, label="Your name", validators=[validate_line])
    password = forms.CharField(
        label="A new password",
        strip=False,
        max_length=1024,
        help_text=" ".join(password_validators_help_texts()),
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    def __init__(self, *args: Any, asks_for_password: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["name"].widget.attrs["autocomplete"] = "name"
        if not asks_for_password:
            del self.fields["password"]
