"""Who comes in by the firm's provider: a member by verified e-mail, or somebody whose domain is listed."""

import secrets
from typing import Any

import requests
from allauth.account.internal.flows.login import record_authentication
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialApp, SocialLogin
from allauth.socialaccount.providers.base.constants import AuthProcess
from django.http import HttpRequest
from django.shortcuts import render

from apps.accounts import services
from apps.accounts.providers.outside import outside_session
from apps.tenants.ratelimits import client_address

CLOCKS_DIFFER = 60  # seconds that the provider's clock may be behind ours


class FirmAdapter(DefaultSocialAccountAdapter):
    """allauth asks here for the organization's own provider; there is one or none."""

    def list_apps(self, request: Any, provider: str | None = None, client_id: str | None = None) -> list[SocialApp]:
        """Made from the organization's row: allauth's own table stays empty."""
        row = services.active_provider()
        if row is None:
            return []
        app = SocialApp(provider="openid_connect", provider_id=str(row.pk), name=row.name, client_id=row.client_id)
        app.secret = services.secret_of(row)
        app.settings = {"server_url": row.issuer_url, "oauth_pkce_enabled": True}
        return [app]

    def get_requests_session(self) -> requests.Session:
        """The address is a customer's word."""
        return outside_session()

    def is_open_for_signup(self, request: HttpRequest, sociallogin: SocialLogin) -> bool:
        """Who may join is decided below."""
        return False

    def pre_social_login(self, request: HttpRequest, sociallogin: SocialLogin) -> None:
        """Everything that allauth verified is true by now; what it says is judged here."""
        told = sociallogin.account.extra_data["id_token"]
        if not secrets.compare_digest(str(told.get("nonce", "")), sociallogin.state.get("nonce", "-")):
            raise self._refusal(request, "This sign-in was begun in another browser. Begin again.")
        if sociallogin.state.get("process") == AuthProcess.REDIRECT:
            self._require_same_person_now(request, sociallogin)
        elif not sociallogin.is_existing:
            self._require_member(request, sociallogin)

    def _require_member(self, request: HttpRequest, sociallogin: SocialLogin) -> None:
        told = sociallogin.account.extra_data
        person = told["userinfo"] if "email" in told["userinfo"] else told["id_token"]
        if person.get("email_verified") is not True:
            raise self._refusal(request, "Your provider has not verified your e-mail address.")
        try:
            user = services.join_by_provider(
                email=str(person.get("email", "")), name=str(person.get("name", "")), address=client_address(request)
            )
        except services.NotInvitedError as error:
            raise self._refusal(request, str(error)) from error
        sociallogin.connect(request, user)

    def _require_same_person_now(self, request: HttpRequest, sociallogin: SocialLogin) -> None:
        """The same person, who signed in at the provider since they were sent there."""
        if not sociallogin.is_existing or sociallogin.user.pk != request.user.pk:
            raise self._refusal(request, "You are signed in here, and somebody else answered at your provider.")
        signed_in_at = sociallogin.account.extra_data["id_token"].get("auth_time")
        if not isinstance(signed_in_at, int) or signed_in_at < sociallogin.state["began"] - CLOCKS_DIFFER:
            raise self._refusal(request, "Your provider did not ask you anew. Nothing was changed.")
        account = sociallogin.account
        told = {"reauthenticated": True, "provider": account.provider, "uid": account.uid}
        record_authentication(request, request.user, "socialaccount", **told)

    def on_authentication_error(self, request: HttpRequest, provider: Any, *args: Any, **kwargs: Any) -> None:
        """In our words, whatever the provider said."""
        raise self._refusal(request, "The provider's answer could not be verified. Nothing was changed; begin again.")

    def send_notification_mail(self, *args: Any, **kwargs: Any) -> None:
        """Signing in by the firm's own provider is no change of one's account."""

    def _refusal(self, request: HttpRequest, why: str) -> ImmediateHttpResponse:
        services.record_refusal(email="", address=client_address(request))
        title = "It was not confirmed" if request.user.is_authenticated else "You are not signed in"
        ctx = {"title": title, "why": why}
        return ImmediateHttpResponse(render(request, "accounts/sso_refused.html", ctx, status=403))
