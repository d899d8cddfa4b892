"""Asking again who it is, before what cannot be undone."""

from allauth.account import views as account
from allauth.mfa.base import views as factors
from allauth.mfa.webauthn import views as passkeys

from apps.accounts.views.pages import PageMixin

TITLE = "Confirm that it is you"


class ByPasswordView(PageMixin, account.ReauthenticateView):
    """The page leads to the other ways that this person has."""

    template_name, title = "accounts/reauthenticate.html", TITLE


class ByCodeView(PageMixin, factors.ReauthenticateView):
    """From the authenticator app, or a recovery code."""

    template_name, title = "accounts/reauthenticate.html", TITLE


class ByPasskeyView(PageMixin, passkeys.ReauthenticateWebAuthnView):
    """The device asks."""

    template_name, title = "accounts/reauthenticate.html", TITLE


by_password = ByPasswordView.as_view()
by_code = ByCodeView.as_view()
by_passkey = ByPasskeyView.as_view()
