"""A new password, by a mailed link or knowing the old one, and the link that confirms an address."""

from typing import Any

from allauth.account import views as account
from django.contrib.auth.decorators import login_not_required
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.decorators import method_decorator
from django.views.decorators.http import require_http_methods
from django_ratelimit.core import is_ratelimited
from django_ratelimit.decorators import ratelimit

from apps.accounts import actors, services
from apps.accounts.forms.sign_in import ResetForm
from apps.accounts.models import Act
from apps.accounts.views.pages import PageMixin
from apps.accounts.views.sign_in import limited_by_address
from apps.tenants import live
from apps.tenants.http import render_page
from apps.tenants.ratelimits import address_key, client_address, mailbox_key


@login_not_required
@require_http_methods(["GET", "HEAD", "POST", "OPTIONS"])
@ratelimit(key=address_key, rate="20/15m", method="POST")
def reset(request: HttpRequest) -> HttpResponse:
    """One answer for known and unknown addresses, after the same work: a job looks who it is."""
    form = ResetForm(request.POST or None)
    if not form.is_valid():
        ctx = {"title": "Choose a new password", "form": form}
        return render_page(request, "accounts/reset.html", ctx, status=422 if form.is_bound else 200)
    # Somebody else's wish fills no mailbox: after five, the links that were sent are good for an hour.
    if not is_ratelimited(request, group="reset", key=mailbox_key, rate="5/h", method="POST", increment=True):
        actors.mail_reset_link.send(form.cleaned_data["email"])
    return redirect("account_reset_password_done")


@login_not_required
def reset_sent(request: HttpRequest) -> HttpResponse:
    """Whether the address is known is not told."""
    return render_page(request, "accounts/reset_sent.html", {"title": "Look into your mailbox"})


class AuditedPasswordMixin:
    """Every change of a password is in the log, in one transaction with it; open pages sign in again."""

    request: Any

    def form_valid(self, form: Any) -> HttpResponse:
        """Who it was is the form's to say: a mailed link has no session."""
        with transaction.atomic():
            response: HttpResponse = super().form_valid(form)  # type: ignore[misc]
            services.record_audit(
                Act.PASSWORD_CHANGED, by_id=form.user.pk, subject_id=form.user.pk, address=client_address(self.request)
            )
        live.disconnect(live.user_topic(form.user))
        return response


@limited_by_address
@method_decorator(require_http_methods(["GET", "HEAD", "POST", "OPTIONS"]), name="dispatch")
class ResetByLinkView(AuditedPasswordMixin, PageMixin, account.PasswordResetFromKeyView):
    """Where the mailed link leads: its key goes into the session, out of the address."""

    template_name, title = "accounts/reset_by_link.html", "Choose a new password"

    def form_valid(self, form: Any) -> HttpResponse:
        """Somebody else may have known the old one: their browser is forgotten, this one is known from here on."""
        with transaction.atomic():
            services.forget_devices(user=form.user)
            return super().form_valid(form)


@limited_by_address
class ChangePasswordView(AuditedPasswordMixin, PageMixin, account.PasswordChangeView):
    """Knowing the present one."""

    template_name, title = "accounts/password.html", "Change your password"


@limited_by_address
class SetPasswordView(AuditedPasswordMixin, PageMixin, account.PasswordSetView):
    """For somebody who came in by the firm's provider."""

    template_name, title = "accounts/password.html", "Choose a password"


@limited_by_address
class ConfirmEmailView(PageMixin, account.ConfirmEmailView):
    """Looking at the page confirms nothing: its button does."""

    template_name, title = "accounts/confirm_email.html", "Confirm your e-mail address"


reset_by_link = ResetByLinkView.as_view()
change = ChangePasswordView.as_view()
choose = SetPasswordView.as_view()
confirm_email = ConfirmEmailView.as_view()
