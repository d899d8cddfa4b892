"""Signing in and out of one organization."""

from typing import Any

from django.contrib.auth.views import LoginView, LogoutView
from django.utils.decorators import method_decorator
from django_ratelimit.decorators import ratelimit

from apps.accounts.forms import SignInForm
from apps.tenants.ratelimits import account_key, address_key


@method_decorator(ratelimit(key=account_key, rate="10/15m", method="POST"), name="dispatch")
@method_decorator(ratelimit(key=address_key, rate="100/15m", method="POST"), name="dispatch")
class SignInView(LoginView):
    """Django's own sign-in, by e-mail, in the schema of the host."""

    template_name = "accounts/login.html"
    authentication_form = SignInForm
    redirect_authenticated_user = True
    extra_context: dict[str, Any] = {"title": "Sign in"}


login = SignInView.as_view()
logout = LogoutView.as_view()
