"""The sign-in form."""

from typing import Any

from django.contrib.auth.forms import AuthenticationForm


class SignInForm(AuthenticationForm):
    """One sentence for every refusal: an answer never tells whether an e-mail is known."""

    error_messages = {
        "invalid_login": "This e-mail and password do not belong together here.",
        "inactive": "This e-mail and password do not belong together here.",
    }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["username"].label = "E-mail"
        self.fields["username"].widget.input_type = "email"
        for field in self.fields.values():
            field.widget.attrs["class"] = "form-control"
