"""Asking again who it is, before what cannot be undone."""

from typing import Any

from allauth.account import views as account
from allauth.account.internal.flows.reauthentication import STATE_SESSION_KEY
from allauth.mfa.base import views as factors
from allauth.mfa.webauthn import views as passkeys
from allauth.socialaccount.providers.base.constants import AuthProcess
from django import forms
from django.http import HttpResponse

from apps.accounts import services
from apps.accounts.views.factors import AuditedCodeMixin
from apps.accounts.views.pages import PageMixin
from apps.accounts.views.sso import leave

TITLE = "Confirm that it is you"


class ByPasswordView(PageMixin, account.ReauthenticateView):
    """The page leads to the other ways that this person has."""

    template_name, title = "accounts/reauthenticate.html", TITLE


class ByCodeView(AuditedCodeMixin, PageMixin, factors.ReauthenticateView):
    """From the authenticator app, or a recovery code."""

    template_name, title = "accounts/reauthenticate.html", TITLE


class ByPasskeyView(PageMixin, passkeys.ReauthenticateWebAuthnView):
    """The device asks."""

    template_name, title = "accounts/reauthenticate.html", TITLE


class ByProviderView(PageMixin, account.BaseReauthenticateView):
    """At the firm's provider, which is told to ask anew; what it answers is judged by the adapter."""

    template_name, title, form_class = "accounts/reauthenticate.html", TITLE, forms.Form

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """How the provider is called."""
        return super().get_context_data(**kwargs) | {"provider": services.active_provider()}

    def form_valid(self, form: Any) -> HttpResponse:
        """A form that was interrupted is shown anew, not sent again behind somebody's back."""
        self.request.session.pop(STATE_SESSION_KEY, None)
        row = services.active_provider()
        assert row is not None  # else this way was not offered
        way_back = self.get_success_url()
        return leave(self.request, row, AuthProcess.REDIRECT, next_url=way_back, prompt="login", max_age="0")


by_password = ByPasswordView.as_view()
by_code = ByCodeView.as_view()
by_passkey = ByPasskeyView.as_view()
by_provider = ByProviderView.as_view()
