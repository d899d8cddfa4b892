"""Who may come in with what, and what is written down and remembered when somebody does."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.auth_backends import AuthenticationBackend
from allauth.core.exceptions import ImmediateHttpResponse
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import authenticate
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django_ratelimit.exceptions import Ratelimited

from apps.accounts import actors, services
from apps.accounts.models import User
from apps.tenants.backend.connections import connection
from apps.tenants.http import recently_authenticated
from apps.tenants.ratelimits import client_address, refund_guess, spend_guess

WORDS = {
    "account/messages/password_changed.txt": "Your password is changed; other devices are signed out.",
    "account/messages/password_set.txt": "Your password is set.",
    "account/messages/email_confirmed.txt": "Your e-mail address is confirmed.",
    "mfa/messages/totp_activated.txt": "Your authenticator app is connected.",
    "mfa/messages/totp_deactivated.txt": "Your authenticator app is no longer asked for.",
    "mfa/messages/webauthn_added.txt": "The passkey is added.",
    "mfa/messages/webauthn_removed.txt": "The passkey is removed.",
    "mfa/messages/recovery_codes_generated.txt": "Your recovery codes are new: keep them where you find them.",
}
NOTICES = {
    "account/email/password_changed": "Your password was changed.",
    "account/email/password_set": "A password was set.",
    "account/email/password_reset": "Your password was changed through a mailed link.",
    "mfa/email/totp_activated": "An authenticator app was connected.",
    "mfa/email/totp_deactivated": "The authenticator app was disconnected.",
    "mfa/email/webauthn_added": "A passkey was added.",
    "mfa/email/webauthn_removed": "A passkey was removed.",
    "mfa/email/recovery_codes_generated": "New recovery codes were made.",
}


class PeopleBackend(AuthenticationBackend):
    """Members by e-mail and password; on the public host, operators alone."""

    def user_can_authenticate(self, user: Any) -> bool:
        """Also asked for every request of a session: who was removed has none from then on."""
        return services.is_welcome(user)

    def _check_password(self, user: Any, password: str) -> Any:
        """A visitor has no password, and nobody is told that an account is closed."""
        found = super()._check_password(user, password)
        self.unstash_authenticated_user()
        return None if found is None or found.is_support else found


class AccountAdapter(DefaultAccountAdapter):
    """Signing in and what belongs to it, on an organization's host and on the operators'."""

    error_messages = DefaultAccountAdapter.error_messages | {
        "email_password_mismatch": "This e-mail and password do not belong together here.",
        "too_many_login_attempts": "That was wrong too often. Wait 15 minutes, or use another way to sign in.",
        "incorrect_code": "This code is not right, or it was used already.",
        "incorrect_password": "This password is not right.",
        "enter_current_password": "This is not your present password.",
    }

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

    def get_login_redirect_url(self, request: HttpRequest) -> str:
        """The dashboard; of operators, their admin."""
        return reverse("admin:index") if connection.schema_name == "public" else reverse("dashboard")

    def authenticate(self, request: HttpRequest, **credentials: Any) -> User | None:
        """Ten guesses an account, in all organizations together; a device that was here before has its own ten."""
        email = str(credentials.get("email", "")).strip().lower()
        device = services.known_device(email=email, token=request.COOKIES.get(settings.DEVICE_COOKIE_NAME, ""))
        account = f"device:{connection.schema_name}:{device.pk}" if device else f"e-mail:{email}"
        if not spend_guess(account):
            raise Ratelimited
        user: User | None = authenticate(request, **credentials)
        if user:
            refund_guess(account)
        else:
            services.record_refusal(email=email, address=client_address(request))
        return user

    def pre_login(self, request: HttpRequest, user: User, **kwargs: Any) -> HttpResponse | None:
        """Whatever was shown: the person must be welcome, from here, in this way."""
        if not services.is_welcome(user):
            raise PermissionDenied
        services.require_operators_network(client_address(request))
        if services.must_use_provider(request, user):
            messages.error(request, "Your organization signs in at its own provider.")
            raise ImmediateHttpResponse(HttpResponseRedirect(reverse("login")))
        return None

    def login(self, request: HttpRequest, user: User) -> None:
        """After all stages: a new session key, an age by the house's policy, an entry in the log."""
        super().login(request, user)
        services.begin_session(request.session, user, address=client_address(request))

    def post_login(self, request: HttpRequest, user: User, **kwargs: Any) -> HttpResponse:
        """The browser is known from now on."""
        response: HttpResponse = super().post_login(request, user, **kwargs)
        if not user.is_support:
            token, mail = services.remember_device(
                user,
                token=request.COOKIES.get(settings.DEVICE_COOKIE_NAME, ""),
                label=request.headers.get("User-Agent", ""),
            )
            if mail:
                actors.send_mail(mail)
            response.set_cookie(
                settings.DEVICE_COOKIE_NAME,
                token,
                max_age=services.DEVICE_DAYS * 24 * 3600,
                secure=settings.HTTPS,
                httponly=True,
                samesite="Lax",
            )
        return response

    def reauthenticate(self, user: User, password: str) -> bool:
        """By the e-mail that one signs in with; ten guesses here, too."""
        account = f"again:{connection.schema_name}:{user.pk}"
        if not spend_guess(account):
            raise Ratelimited
        known = authenticate(self.request, email=user.email, password=password)
        if known is None or known.pk != user.pk:
            return False
        refund_guess(account)
        return True

    def get_reauthentication_methods(self, user: Any) -> list[dict[str, Any]]:
        """Beside what is kept here, the firm's provider for those whom it knows."""
        ways: list[dict[str, Any]] = super().get_reauthentication_methods(user)
        row = services.linked_provider(user) if user.is_authenticated and connection.schema_name != "public" else None
        if row:
            url = reverse("sso_reauthenticate")
            ways.append({"id": "sso_reauthenticate", "description": f"Use {row.name}", "url": url})
        return ways

    def is_reauthentication_required(self, *, app: str, **kwargs: Any) -> bool:
        """One rule for allauth's pages and ours."""
        return not recently_authenticated(self.request)

    def add_message(self, request: HttpRequest, level: int, message_template: str | None = None, *args: Any,
                    message: str | None = None, **kwargs: Any) -> None:  # fmt: skip
        """In our words; that somebody signed in or out is plain to see."""
        if text := message or WORDS.get(message_template or ""):
            messages.add_message(request, level, text)

    def send_notification_mail(self, template_prefix: str, user: User, *args: Any, **kwargs: Any) -> None:
        """Whoever changes how one signs in, the owner of the account hears of it."""
        actors.send_mail(services.queue_notice(user, NOTICES[template_prefix]))

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """What is left of allauth's mail: the link that confirms an address."""
        if template_prefix != "account/email/email_confirmation":
            raise ValueError(f"No mail of ours: {template_prefix}")  # a new kind of mail must be written first
        actors.send_mail(services.queue_confirmation(email, link=context["activate_url"]))
