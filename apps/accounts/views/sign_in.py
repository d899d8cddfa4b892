"""Signing in and out of one organization."""

from typing import Any

from allauth.account.internal.flows.login import perform_login, record_authentication
from allauth.account.models import Login
from django.contrib.auth.views import LoginView, LogoutView
from django.http import HttpRequest, HttpResponse
from django.utils.decorators import method_decorator
from django_ratelimit.decorators import ratelimit

from apps.accounts.forms.sign_in import SignInForm
from apps.accounts.models import User
from apps.tenants import live
from apps.tenants.ratelimits import account_key, address_key


@method_decorator(ratelimit(key=account_key, rate="10/15m", method="POST"), name="dispatch")
@method_decorator(ratelimit(key=address_key, rate="100/15m", method="POST"), name="dispatch")
class SignInView(LoginView):
    """Django's own sign-in, by e-mail, in the schema of the host."""

    template_name = "accounts/login.html"
    authentication_form = SignInForm
    redirect_authenticated_user = True
    extra_context: dict[str, Any] = {"title": "Sign in"}


class SignOutView(LogoutView):
    """Ends the session, then the member's open sockets."""

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """The topic is asked for while the member is still known."""
        topic = live.user_topic(request.user) if request.user.is_authenticated else ""
        response = super().post(request, *args, **kwargs)
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
logout = SignOutView.as_view()
