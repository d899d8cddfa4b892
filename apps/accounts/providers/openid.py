"""OpenID Connect with the firm's provider, where allauth's own is not strict enough."""

import json
from typing import Any

import jwt
from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from allauth.socialaccount.providers.openid_connect.provider import OpenIDConnectProvider
from allauth.socialaccount.providers.openid_connect.views import OpenIDConnectOAuth2Adapter
from allauth.utils import build_absolute_uri
from django.http import HttpRequest
from django.urls import reverse

NUL = json.dumps("\0").strip('"')
ALGORITHMS = frozenset({"RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"})


class FirmConnection(OpenIDConnectOAuth2Adapter):
    """Every token is verified with the provider's key, and both answers must speak of one person."""

    @property
    def openid_config(self) -> dict[str, Any]:
        """The issuer must be the one that the owner wrote."""
        config: dict[str, Any] = super().openid_config
        if str(config.get("issuer", "")).rstrip("/") != self.get_provider().app.settings["server_url"].rstrip("/"):
            raise OAuth2Error("The provider names another issuer.")
        return config

    def complete_login(self, request: HttpRequest, app: Any, token: Any, **kwargs: Any) -> Any:
        """An identity token is asked for always."""
        if not kwargs["response"].get("id_token"):
            raise OAuth2Error("The provider sent no identity token.")
        login = super().complete_login(request, app, token, **kwargs)
        told = login.account.extra_data
        if told["userinfo"].get("sub") != told["id_token"]["sub"]:
            raise OAuth2Error("The provider speaks of two people.")
        if NUL in json.dumps(told):
            raise OAuth2Error("The provider sent what PostgreSQL cannot keep.")
        return login

    def _decode_id_token(self, app: Any, id_token: str) -> dict[str, Any]:
        """allauth trusts the connection and leaves out the signature."""
        try:
            if jwt.get_unverified_header(id_token).get("alg") not in ALGORITHMS:
                raise OAuth2Error("The identity token is not signed with a key pair.")
            self.did_fetch_access_token = False
            claims: dict[str, Any] = super()._decode_id_token(app, id_token)
        except (jwt.PyJWTError, KeyError, TypeError, ValueError) as error:
            raise OAuth2Error("The identity token cannot be read.") from error
        return claims

    def get_callback_url(self, request: HttpRequest, app: Any) -> str:
        """On the organization's own host."""
        return str(build_absolute_uri(request, reverse("sso_callback"), self.redirect_uri_protocol))


class FirmProvider(OpenIDConnectProvider):
    """The provider of the organization in context."""

    oauth2_adapter_class = FirmConnection
