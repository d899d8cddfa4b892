"""How allauth works in our houses: who may come in, what is written down, where one lands."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.contrib.auth import authenticate
from django.http import HttpRequest
from django.utils.http import url_has_allowed_host_and_scheme

from apps.accounts.models import User
from apps.tenants.http import recently_authenticated
from apps.tenants.ratelimits import client_address


class AccountAdapter(DefaultAccountAdapter):
    """Signing in and what belongs to it, on an organization's host and on the operators'."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """People are invited, come from the firm's provider, or found the organization."""
        return False

    def is_safe_url(self, url: str | None) -> bool:
        """A page of this very host: a sibling organization is another site."""
        return url_has_allowed_host_and_scheme(
            url, allowed_hosts={self.request.get_host()}, require_https=self.request.is_secure()
        )

    def get_client_ip(self, request: HttpRequest) -> str:
        """The same address that rate limits count by."""
        return client_address(request)

    def is_reauthentication_required(self, *, app: str, **kwargs: Any) -> bool:
        """One rule for allauth's pages and ours."""
        return not recently_authenticated(self.request)

    def reauthenticate(self, user: User, password: str) -> bool:
        """By the e-mail that one signs in with."""
        known = authenticate(self.request, email=user.email, password=password)
        return known is not None and known.pk == user.pk
