"""Signing in and out of one organization; on the public host, operators."""

from typing import Any

from allauth.account import views as account
from allauth.account.internal.flows.login import perform_login, record_authentication
from allauth.account.models import Login
from allauth.account.utils import passthrough_next_redirect_url
from allauth.mfa.base import views as factors
from allauth.mfa.webauthn import views as passkeys
from django.contrib.auth import REDIRECT_FIELD_NAME
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.decorators import method_decorator
from django_ratelimit.decorators import ratelimit

from apps.accounts import services
from apps.accounts.models import House, User
from apps.accounts.views.factors import AuditedCodeMixin
from apps.accounts.views.pages import PageMixin
from apps.tenants import live
from apps.tenants.backend.connections import connection
from apps.tenants.ratelimits import address_key, client_address

limited_by_address = method_decorator(ratelimit(key=address_key, rate="100/15m", method="POST"), name="dispatch")


@limited_by_address
@method_decorator(login_not_required, name="dispatch")
class SignInView(PageMixin, account.LoginView):
    """By e-mail and password, in the schema of the host; the page leads to the other ways."""

    template_name, title = "accounts/login.html", "Sign in"

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """The operators' door is open from their networks only."""
        services.require_operators_network(client_address(request))
        response: HttpResponseBase = super().dispatch(request, *args, **kwargs)
        return response

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """The firm's provider, where there is one."""
        on_public = connection.schema_name == "public"
        provider = None if on_public else services.active_provider()
        return super().get_context_data(**kwargs) | {
            "provider": provider,
            "provider_only": bool(provider) and House.current().sso_required,
            "is_public": on_public,
        }


@limited_by_address
class CodeView(AuditedCodeMixin, PageMixin, factors.AuthenticateView):
    """The second factor, after the password."""

    template_name, title = "accounts/code.html", "Second step"

    def form_invalid(self, form: Any) -> HttpResponse:
        """allauth's own shows both ways again."""
        return self.render_to_response(self.get_context_data(), status=422)


@limited_by_address
class SignInPasskeyView(passkeys.LoginWebAuthnView):
    """With a passkey alone; a GET of the page's script asks for the challenge."""

    def form_invalid(self, form: Any) -> HttpResponse:
        """The page that was asked for is still the one to go to after another try."""
        super().form_invalid(form)
        return redirect(passthrough_next_redirect_url(self.request, reverse("login"), REDIRECT_FIELD_NAME))


@method_decorator(login_not_required, name="dispatch")
class SignOutView(account.LogoutView):
    """Ends the session, then the member's open sockets. Also leaves a sign-in that waits for its second step.

    A link signs nobody out.
    """

    http_method_names = ["post", "options"]

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Who is not signed in and follows such a link is shown the form."""
        if request.method == "GET" and not request.user.is_authenticated:
            return redirect("login")
        response: HttpResponseBase = super().dispatch(request, *args, **kwargs)
        return response

    def post(self, *args: Any, **kwargs: Any) -> HttpResponse:
        """The topic is asked for while the member is still known."""
        user = self.request.user
        topic = live.user_topic(user) if user.is_authenticated else ""
        if topic:
            services.record_sign_out(user, address=client_address(self.request))
        response: HttpResponse = super().post(*args, **kwargs)
        if topic:
            live.disconnect(topic)
        return response


def start_session(request: HttpRequest, user: User, *, redirect_url: str = "/") -> HttpResponse:
    """Signs a person in who showed a mailed link or a hand-over: the answer leads on, by way of a second factor.

    A session for anybody else ends. Whether the person may come in is asked as at the sign-in form.
    """
    request.session.flush()
    record_authentication(request, user, method="link")
    response: HttpResponse = perform_login(request, Login(user=user, redirect_url=redirect_url))
    return response


login = SignInView.as_view()
code = CodeView.as_view()
passkey = SignInPasskeyView.as_view()
logout = SignOutView.as_view()
